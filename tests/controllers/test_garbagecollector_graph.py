"""The garbage collector's graph: what each event asks for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.controllers.garbagecollector.graph import (
    FOREGROUND,
    ORPHAN,
    Graph,
    Node,
    alternate_identity,
    partition,
)
from minikube_py.controllers.garbagecollector.identity import AbsentOwners, Identity
from minikube_py.machinery.gvr import Object

DELETING = {"deletionTimestamp": "2026-01-01T00:00:00Z"}


def obj(name: str, *owners: Object, namespace: str = "ns", **metadata: Any) -> Object:
    made: Object = {"name": name, "uid": f"u-{name}", "ownerReferences": list(owners), **metadata}
    if namespace:
        made["namespace"] = namespace
    return {"metadata": made}


def ref(name: str, *, kind: str = "ConfigMap", block: bool = False, owner: str = "") -> Object:
    return {
        "apiVersion": "v1",
        "kind": kind,
        "name": owner or name,
        "uid": f"u-{name}",
        "blockOwnerDeletion": block,
    }


class Told:
    """A graph, and what it asked for since it was last looked at."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.graph = Graph(
            lambda node: self._note("delete", node),
            lambda node: self._note("orphan", node),
            lambda node, reference: self.asked.append(f"invalid {node.identity.name} of {reference['name']}"),
            lambda node: self._note("later", node),
        )

    def _note(self, what: str, node: Node) -> None:
        self.asked.append(f"{what} {node.identity.name}")

    def see(self, new: Object, old: Object | None = None) -> list[str]:
        self.graph.observe(new, old, "v1", "ConfigMap")
        return self.take()

    def gone(self, obj: Object) -> list[str]:
        self.graph.deleted(obj, "v1", "ConfigMap")
        return self.take()

    def absent(self, name: str, kind: str = "ConfigMap", namespace: str = "ns", uid: str = "") -> list[str]:
        self.graph.said_absent(Identity("v1", kind, namespace, name, uid or f"u-{name}"))
        return self.take()

    def take(self) -> list[str]:
        asked, self.asked = self.asked, []
        return asked


def test_an_unknown_owner_is_virtual_until_seen() -> None:
    told = Told()
    assert told.see(obj("child", ref("owner"))) == ["delete owner"]
    assert told.graph.nodes["u-owner"].virtual
    assert told.see(obj("owner")) == []
    assert not told.graph.nodes["u-owner"].virtual
    assert list(told.graph.nodes["u-owner"].dependents) == [told.graph.nodes["u-child"]]


def test_an_absent_owner_goes_and_its_dependents_are_looked_at() -> None:
    told = Told()
    told.see(obj("child", ref("owner")))
    told.take()
    assert told.absent("owner") == ["delete child"]
    assert "u-owner" not in told.graph.nodes
    assert Identity("v1", "ConfigMap", "ns", "owner", "u-owner") in told.graph.absent


def test_deletion_asks_for_dependents_and_waiting_owners() -> None:
    told = Told()
    owner = obj("owner")
    told.see(owner)
    told.see(obj("child", ref("owner", block=True)))
    told.see({"metadata": {**owner["metadata"], **DELETING, "finalizers": [FOREGROUND]}}, owner)
    told.take()
    assert told.gone(obj("child", ref("owner", block=True))) == ["delete owner"]
    assert told.graph.nodes["u-owner"].blocking() == []


@pytest.mark.parametrize(
    ("old", "new", "asked"),
    [
        pytest.param({}, {}, [], id="alive"),
        pytest.param({}, DELETING, [], id="deleting"),
        pytest.param({}, {"finalizers": [ORPHAN]}, [], id="finalizer-alone"),
        pytest.param({}, {**DELETING, "finalizers": [ORPHAN]}, ["orphan owner"], id="orphan"),
        pytest.param({}, {**DELETING, "finalizers": [FOREGROUND]}, ["delete child", "delete owner"], id="foreground"),
        pytest.param({}, {**DELETING, "finalizers": ["x/y"]}, [], id="other-finalizer"),
        pytest.param(
            {**DELETING, "finalizers": [ORPHAN]}, {**DELETING, "finalizers": [ORPHAN]}, [], id="already-orphaning"
        ),
        pytest.param(
            {"finalizers": [FOREGROUND]},
            {**DELETING, "finalizers": [FOREGROUND]},
            ["delete child", "delete owner"],
            id="finalizer-before-deletion",
        ),
    ],
)
def test_deletion_begins_once(old: Object, new: Object, asked: list[str]) -> None:
    told = Told()
    before = obj("owner", **old)
    told.see(before)
    told.see(obj("child", ref("owner", block=True)))
    told.take()
    assert told.see(obj("owner", **new), before) == asked


@pytest.mark.parametrize(
    ("before", "after", "asked"),
    [
        pytest.param([ref("owner", block=True)], [], ["delete owner"], id="removed"),
        pytest.param([ref("owner", block=True)], [ref("owner")], ["delete owner"], id="unblocked"),
        pytest.param([ref("owner")], [], [], id="removed-that-did-not-block"),
        pytest.param([ref("owner")], [ref("owner", block=True)], [], id="blocks-now"),
        pytest.param([], [ref("owner")], [], id="added"),
        pytest.param([], [ref("ghost")], ["delete ghost"], id="added-unknown"),
    ],
)
def test_changes_of_references(before: list[Object], after: list[Object], asked: list[str]) -> None:
    told = Told()
    told.see(obj("owner"))
    old = obj("child", *before)
    told.see(old)
    assert told.see(obj("child", *after), old) == asked
    owner = told.graph.nodes["u-owner"]
    assert (told.graph.nodes["u-child"] in owner.dependents) == any(each["uid"] == "u-owner" for each in after)


def test_a_reference_across_namespaces_is_told_whichever_comes_first() -> None:
    told = Told()
    told.see(obj("owner", namespace="other"))
    assert told.see(obj("child", ref("owner"))) == ["invalid child of owner", "delete child"]
    told = Told()
    told.see(obj("child", ref("owner")))
    assert told.see(obj("owner", namespace="other")) == ["invalid child of owner", "delete child"]


def test_a_wrong_reference_does_not_take_a_real_owner_down() -> None:
    told = Told()
    told.see(obj("owner"))
    assert told.see(obj("bad", ref("owner", kind="Secret"))) == ["delete bad"]
    assert told.see(obj("good", ref("owner"))) == []
    assert told.absent("owner", kind="Secret") == ["delete bad"]
    assert "u-owner" in told.graph.nodes


def test_dependents_that_disagree_about_a_virtual_owner_each_get_their_turn() -> None:
    told = Told()
    told.see(obj("bad", ref("owner", kind="Secret")))
    told.see(obj("good", ref("owner")))
    told.take()
    assert told.absent("owner", kind="Secret") == ["delete bad", "later owner"]
    assert told.graph.nodes["u-owner"].identity.kind == "ConfigMap"
    assert told.see(obj("owner")) == []


def test_partition() -> None:
    owner = Identity("v1", "ConfigMap", "ns", "o", "u-o")
    nodes = [
        Node(Identity("v1", "ConfigMap", namespace, name, name), references)
        for name, namespace, references in (
            ("same", "ns", [ref("o")]),
            ("kind", "ns", [ref("o", kind="Secret")]),
            ("both", "ns", [ref("o"), ref("o", kind="Secret")]),
            ("elsewhere", "other", [ref("o")]),
        )
    ]
    matching, differing = partition(nodes, owner)
    assert [node.identity.name for node in matching] == ["same", "both"]
    assert [node.identity.name for node in differing] == ["kind", "both", "elsewhere"]


def test_alternates_go_round() -> None:
    nodes = [
        Node(Identity("v1", "ConfigMap", "ns", f"d{index}", f"d{index}"), [ref("o", kind=kind)])
        for index, kind in enumerate(("B", "A", "C"))
    ]
    seen, current = [], Identity("v1", "A", "ns", "o", "u-o")
    for _ in range(3):
        found = alternate_identity(nodes, current)
        assert found is not None
        seen.append(found.kind)
        current = found
    assert seen == ["B", "C", "A"]


def test_absent_owners_forget_the_longest_unused() -> None:
    absent = AbsentOwners()
    every = [Identity("v1", "ConfigMap", "ns", str(number), str(number)) for number in range(AbsentOwners.SIZE + 1)]
    for identity in every[:-1]:
        absent.add(identity)
    assert every[0] in absent
    absent.add(every[-1])
    assert every[0] in absent and every[1] not in absent


@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.lists(st.sampled_from("abcd"), max_size=3, unique=True), st.booleans()),
        max_size=12,
    )
)
def test_the_graph_mirrors_the_objects(events: list[tuple[str, list[str], bool]]) -> None:
    """Whatever happens, dependents are those whose references say so, and nothing is left of what is gone. A uid may
    come back, as a restored snapshot's do."""
    told, live = Told(), dict[str, Object]()
    for name, owners, deleted in events:
        if deleted and name in live:
            told.gone(live.pop(name))
        elif not deleted:
            new = obj(name, *(ref(owner) for owner in owners))
            told.see(new, live.get(name))
            live[name] = new
    for node in [node for node in told.graph.nodes.values() if node.virtual]:
        told.graph.said_absent(node.identity)
    assert {node.identity.name for node in told.graph.nodes.values()} == set(live)
    for name in tuple(live):
        dependents = {node.identity.name for node in told.graph.nodes[f"u-{name}"].dependents}
        assert dependents == {
            other
            for other, child in live.items()
            if any(reference["name"] == name for reference in child["metadata"]["ownerReferences"])
        }
    for name in tuple(live):
        told.gone(live.pop(name))
    assert not told.graph.nodes and not told.graph._bereaved
