"""InterPodAffinity: nodes near some pods and away from others."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.controllers.scheduler.plugins.interpodaffinity import (
    INTER_POD_AFFINITY,
    Arguments,
    inter_pod_affinity,
)
from minikube_py.machinery.gvr import Object
from tests.scheduler.board import Board
from tests.scheduler.pods import pod

ZONE, HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
NODES = {"a1": {ZONE: "a"}, "a2": {ZONE: "a"}, "b1": {ZONE: "b"}}

NEAR = "node(s) didn't match pod affinity rules"
AWAY = "node(s) didn't match pod anti-affinity rules"
EXISTING = "node(s) didn't satisfy existing pods anti-affinity rules"


def term(app: str, key: str = ZONE, **more: Any) -> Object:
    return {"labelSelector": {"matchLabels": {"app": app}}, "topologyKey": key, **more}


def labelled(app: str, *, namespace: str = "default", **affinity: Any) -> Object:
    """`near`, `away`: required terms; `likes`, `dislikes`: weights and terms."""
    made: Object = {}
    for kind, required, preferred in (("podAffinity", "near", "likes"), ("podAntiAffinity", "away", "dislikes")):
        part: Object = {}
        if required in affinity:
            part["requiredDuringSchedulingIgnoredDuringExecution"] = affinity[required]
        if preferred in affinity:
            part["preferredDuringSchedulingIgnoredDuringExecution"] = [
                {"weight": weight, "podAffinityTerm": each} for weight, each in affinity[preferred]
            ]
        if part:
            made[kind] = part
    metadata = {"labels": {"app": app}, "namespace": namespace}
    return pod(metadata=metadata, **({"affinity": made} if made else {}))


@pytest.mark.parametrize(
    ("wanted", "placed", "expected"),
    [
        pytest.param(labelled("web"), [("a1", labelled("db"))], {}, id="nothing-asked"),
        pytest.param(labelled("web", near=[term("db")]), [("a1", labelled("db"))], {"b1": NEAR}, id="near"),
        pytest.param(
            labelled("web", near=[term("db", HOST)]), [("a1", labelled("db"))], {"a2": NEAR, "b1": NEAR}, id="same-node"
        ),
        pytest.param(labelled("web", near=[term("db")]), [], dict.fromkeys(NODES, NEAR), id="nobody-to-be-near"),
        pytest.param(labelled("web", near=[term("web")]), [], {}, id="the-first-of-its-kind"),
        pytest.param(
            labelled("web", near=[term("web"), term("db")]),
            [("a1", labelled("db"))],
            dict.fromkeys(NODES, NEAR),
            id="one-pod-must-match-all-terms",
        ),
        pytest.param(
            labelled("web", near=[term("db")]),
            [("a1", labelled("db", namespace="other"))],
            dict.fromkeys(NODES, NEAR),
            id="other-namespace",
        ),
        pytest.param(
            labelled("web", near=[term("db", namespaces=["other"])]),
            [("a1", labelled("db", namespace="other"))],
            {"b1": NEAR},
            id="named-namespace",
        ),
        pytest.param(
            labelled("web", near=[term("db", namespaceSelector={"matchLabels": {"team": "x"}})]),
            [("a1", labelled("db", namespace="other"))],
            {"b1": NEAR},
            id="selected-namespace",
        ),
        pytest.param(
            labelled("web", near=[term("db", namespaceSelector={})]),
            [("a1", labelled("db", namespace="third"))],
            {"b1": NEAR},
            id="all-namespaces",
        ),
        pytest.param(labelled("web", away=[term("db")]), [("a1", labelled("db"))], {"a1": AWAY, "a2": AWAY}, id="away"),
        pytest.param(labelled("web", away=[term("web", "rack")]), [("a1", labelled("web"))], {}, id="no-such-label"),
        pytest.param(
            labelled("web"),
            [("a1", labelled("db", away=[term("web", HOST)]))],
            {"a1": EXISTING},
            id="those-there-want-it-away",
        ),
        pytest.param(
            labelled("web", namespace="other"),
            [("a1", labelled("db", away=[term("web", HOST)]))],
            {},
            id="they-mean-their-own-namespace",
        ),
        pytest.param(
            labelled("web", away=[term("web", HOST)]),
            [("a1", labelled("web", away=[term("web", HOST)]))],
            {"a1": AWAY},
            id="its-own-rules-come-first",
        ),
    ],
)
def test_filter(wanted: Object, placed: list[tuple[str, Object]], expected: dict[str, str]) -> None:
    board = Board(NODES, placed, namespaces={"other": {"team": "x"}})
    assert board.refusals(wanted, INTER_POD_AFFINITY) == dict(sorted(expected.items()))


def test_a_node_without_the_label_is_not_near() -> None:
    board = Board({"plain": {}}, [("plain", labelled("db"))])
    assert board.refusals(labelled("web", near=[term("db")]), INTER_POD_AFFINITY) == {"plain": NEAR}
    assert board.refusals(labelled("web", near=[term("web")]), INTER_POD_AFFINITY) == {"plain": NEAR}


@pytest.mark.parametrize(
    ("wanted", "placed", "expected"),
    [
        pytest.param(labelled("web"), [("a1", labelled("db"))], None, id="nothing-asked"),
        pytest.param(
            labelled("web", likes=[(10, term("db"))]),
            [("a1", labelled("db"))],
            {"a1": 100, "a2": 100, "b1": 0},
            id="likes",
        ),
        pytest.param(
            labelled("web", dislikes=[(10, term("db", HOST))]),
            [("a1", labelled("db")), ("a1", labelled("db")), ("a2", labelled("db"))],
            {"a1": 0, "a2": 50, "b1": 100},
            id="dislikes-by-number",
        ),
        pytest.param(
            labelled("web", likes=[(3, term("db"))], dislikes=[(1, term("web", HOST))]),
            [("a1", labelled("db")), ("a1", labelled("web"))],
            {"a1": 66, "a2": 100, "b1": 0},
            id="both",
        ),
        pytest.param(
            labelled("web"),
            [("a1", labelled("db", likes=[(5, term("web", HOST))]))],
            {"a1": 100, "a2": 0, "b1": 0},
            id="is-liked",
        ),
        pytest.param(
            labelled("web"),
            [("a1", labelled("db", dislikes=[(5, term("web", HOST))]))],
            {"a1": 0, "a2": 100, "b1": 100},
            id="is-disliked",
        ),
        pytest.param(
            labelled("web"),
            [("a1", labelled("db", near=[term("web", HOST)]))],
            {"a1": 100, "a2": 0, "b1": 0},
            id="is-required",
        ),
        pytest.param(labelled("web", likes=[(1, term("db"))]), [], dict.fromkeys(NODES, 0), id="nobody-there"),
    ],
)
def test_score(wanted: Object, placed: list[tuple[str, Object]], expected: dict[str, int] | None) -> None:
    assert Board(NODES, placed).scores(wanted, INTER_POD_AFFINITY) == expected


def test_arguments() -> None:
    placed = [("a1", labelled("db", near=[term("web", HOST)])), ("b1", labelled("db", likes=[(2, term("web", HOST))]))]
    heavy = inter_pod_affinity(Arguments(hard_pod_affinity_weight=4))
    assert Board(NODES, placed).scores(labelled("web"), heavy) == {"a1": 100, "a2": 0, "b1": 50}
    none = inter_pod_affinity(Arguments(hard_pod_affinity_weight=0))
    assert Board(NODES, placed).scores(labelled("web"), none) == {"a1": 0, "a2": 0, "b1": 100}
    ignoring = inter_pod_affinity(Arguments(ignore_preferred_terms_of_existing_pods=True))
    assert Board(NODES, placed).scores(labelled("web"), ignoring) is None
