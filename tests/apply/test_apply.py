"""FieldManager.apply: merging, pruning, conflicts and ownership."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.api.apply.fieldmanager import FieldManager
from minikube_py.api.schema.schema import Schema
from minikube_py.api.schema.types import Type
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import GroupVersionKind, Object
from tests.apply.shapes import GVK, INT, METADATA, STRING, THING, struct, thing

T0, T1, T2 = (f"2026-01-01T00:00:0{second}Z" for second in range(3))
FIELDS = FieldManager(THING, GVK)


def applied(live: Object | None, spec: Any, manager: str = "alice", force: bool = False, now: str = T1) -> Object:
    obj = FIELDS.apply(live, thing(spec or None), manager, force, now)
    return {**obj, "metadata": {**obj["metadata"], "uid": "u"}}


def owned(obj: Object) -> dict[str, Any]:
    """By manager, what it owns of the spec; "Update" entries are starred."""
    return {
        e["manager"] + ("*" if e["operation"] == "Update" else ""): e["fieldsV1"].get("f:spec", {})
        for e in obj["metadata"].get("managedFields", ())
    }


def times(obj: Object) -> dict[str, str | None]:
    return {e["manager"]: e.get("time") for e in obj["metadata"].get("managedFields", ())}


def test_applying_what_is_not_there_creates_it() -> None:
    made = FIELDS.apply(None, thing({"replicas": 1}), "alice", False, T0)
    assert made["spec"] == {"replicas": 1, "items": None, "strategy": {}}
    assert made["metadata"]["managedFields"] == [
        {
            "manager": "alice",
            "operation": "Apply",
            "apiVersion": "example.com/v1",
            "time": T0,
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:spec": {"f:replicas": {}}},
        }
    ]


def test_applying_the_same_again_changes_nothing() -> None:
    live = applied(None, {"replicas": 1, "items": [{"name": "a", "ports": [{"port": 1}]}]})
    patch = thing({"replicas": 1, "items": [{"name": "a", "ports": [{"port": 1}]}]})
    assert FIELDS.apply(live, patch, "alice", False, T2) is live


def test_what_is_no_longer_applied_goes() -> None:
    live = applied(None, {"replicas": 1, "limits": {"a": "1", "b": "2"}, "tags": ["x", "y"]})
    after = applied(live, {"limits": {"a": "1"}, "tags": ["y"]})
    assert {key: value for key, value in after["spec"].items() if value} == {"limits": {"a": "1"}, "tags": ["y"]}
    assert owned(after) == {"alice": {"f:limits": {"f:a": {}}, "f:tags": {'v:"y"': {}}}}


def test_a_map_goes_with_its_last_key() -> None:
    live = applied(None, {"limits": {"a": "1"}, "replicas": 1})
    assert "limits" not in applied(live, {"replicas": 1})["spec"]


def test_what_another_owns_too_stays() -> None:
    live = applied(applied(None, {"replicas": 1}), {"replicas": 1, "paused": True}, "bob")
    after = applied(live, {})
    assert after["spec"]["replicas"] == 1
    assert owned(after) == {"bob": {"f:paused": {}, "f:replicas": {}}}


def test_a_list_item_stays_while_another_owns_part_of_it() -> None:
    live = applied(None, {"items": [{"name": "a", "image": "x"}]})
    live = applied(live, {"items": [{"name": "a", "args": ["1"]}]}, "bob")
    after = applied(live, {"replicas": 1})
    assert after["spec"]["items"] == [{"name": "a", "args": ["1"]}]
    assert "items" not in applied(after, {}, "bob")["spec"]


def test_what_an_updater_set_stays() -> None:
    live = applied(None, {"items": [{"name": "a", "image": "x"}]})
    new = copy.deepcopy(live)
    new["spec"]["items"][0]["args"] = ["1"]
    new["spec"]["items"].append({"name": "b"})
    live = FIELDS.update(live, new, "editor", T1)
    after = applied(live, {"replicas": 1})
    assert after["spec"]["items"] == [{"name": "b"}]  # the args go with their item, which was alice's alone
    assert owned(after)["editor*"] == {"f:items": {'k:{"name":"b"}': {".": {}, "f:name": {}}}}


def test_defaulted_fields_go_with_the_item_that_is_pruned() -> None:
    live = applied(None, {"items": [{"name": "a", "image": "x"}, {"name": "b"}]})
    defaulted = copy.deepcopy(live)
    defaulted["spec"]["items"][0]["args"] = ["default"]  # nobody's: set after ownership was computed
    assert applied(defaulted, {"items": [{"name": "b"}]})["spec"]["items"] == [{"name": "b"}]


def test_pruning_metadata_leaves_name_and_uid() -> None:
    live = FIELDS.apply(None, thing({"replicas": 1}, labels={"a": "b"}, finalizers=["x"]), "alice", False, T0)
    live = {**live, "metadata": {**live["metadata"], "uid": "u"}}
    metadata = FIELDS.apply(live, thing({"replicas": 1}), "alice", False, T1)["metadata"]
    assert {key: value for key, value in metadata.items() if key != "managedFields"} == {"name": "t", "uid": "u"}


def test_an_item_whose_key_nobody_owns_is_no_error() -> None:
    """Halfway through pruning the item has lost its name."""
    live = applied(None, {"items": [{"name": "a", "image": "x"}], "replicas": 1})
    item = {**live["metadata"]["managedFields"][0], "manager": "bob"}
    item["fieldsV1"] = {"f:spec": {"f:items": {'k:{"name":"a"}': {}}}}
    entry = {**item, "manager": "alice", "fieldsV1": {"f:spec": {"f:replicas": {}}}}
    live = {**live, "metadata": {**live["metadata"], "managedFields": [entry, item]}}
    after = applied(live, {"paused": True})
    assert after["spec"]["items"] == [{"name": "a", "image": "x"}]
    assert "replicas" not in after["spec"]


def test_conflict() -> None:
    live = applied(None, {"replicas": 1})
    with pytest.raises(StatusError) as raised:
        applied(live, {"replicas": 2}, "bob")
    assert raised.value.status() == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'Apply failed with 1 conflict: conflict with "alice": .spec.replicas',
        "reason": "Conflict",
        "details": {
            "causes": [
                {
                    "reason": "FieldManagerConflict",
                    "message": 'conflict with "alice"',
                    "field": ".spec.replicas",
                }
            ]
        },
        "code": 409,
    }


def test_conflicts_with_several() -> None:
    live = applied(None, {"replicas": 1, "items": [{"name": "a", "image": "x"}]})
    new = {**live, "spec": {**live["spec"], "paused": True}}
    live = FieldManager(THING, GVK, "scale").update(live, new, "editor", T1)
    with pytest.raises(StatusError) as raised:
        applied(live, {"replicas": 2, "paused": False, "items": [{"name": "a", "image": "y"}]}, "bob")
    assert raised.value.message == (
        'Apply failed with 3 conflicts: conflicts with "alice":\n'
        "- .spec.replicas\n"
        '- .spec.items[name="a"].image\n'
        'conflicts with "editor" with subresource "scale" using example.com/v1:\n'
        "- .spec.paused"
    )


def test_force_takes_over() -> None:
    live = applied(None, {"replicas": 1, "paused": True})
    after = applied(live, {"replicas": 2}, "bob", force=True, now=T2)
    assert after["spec"]["replicas"] == 2
    assert owned(after) == {"alice": {"f:paused": {}}, "bob": {"f:replicas": {}}}
    assert times(after) == {"alice": T1, "bob": T2}


def test_the_same_value_is_shared_without_conflict_or_time() -> None:
    live = applied(None, {"replicas": 1})
    after = applied(live, {"replicas": 1}, "bob", now=T2)
    assert owned(after) == {"alice": {"f:replicas": {}}, "bob": {"f:replicas": {}}}
    assert times(after) == {"alice": T1, "bob": None}
    assert [entry["manager"] for entry in after["metadata"]["managedFields"]] == ["bob", "alice"]


def test_what_was_there_before_the_first_apply_is_owned() -> None:
    live = thing({"replicas": 1}, uid="u")
    after = applied(live, {"paused": True})
    assert owned(after) == {"alice": {"f:paused": {}}, "before-first-apply*": {"f:replicas": {}}}
    with pytest.raises(StatusError, match=r'conflict with "before-first-apply" using example.com/v1: .spec.replicas'):
        applied(live, {"replicas": 2})


def test_applying_is_not_updating() -> None:
    live = FIELDS.update(None, thing({"replicas": 1}, {}), "alice", T0)
    live = {**live, "metadata": {**live["metadata"], "uid": "u"}}
    with pytest.raises(StatusError, match=r'conflict with "alice" using example.com/v1'):
        applied(live, {"replicas": 2}, "alice")


@pytest.mark.parametrize(
    ("patch", "code", "message"),
    [
        pytest.param({"apiVersion": "v2", "kind": "Thing"}, 400, "invalid object type: /v2, Kind=Thing", id="version"),
        pytest.param({"kind": "Thing"}, 400, "invalid object type: /, Kind=Thing", id="no version"),
        pytest.param({"apiVersion": "a/b/c", "kind": "X"}, 400, "invalid object type: /, Kind=X", id="bad version"),
        pytest.param({}, 400, "invalid object type: /, Kind=", id="nothing"),
        pytest.param(thing(managedFields=[]), 400, "metadata.managedFields must be nil", id="managedFields"),
        pytest.param(
            thing({"replicaz": 1}),
            500,
            "failed to create typed patch object (/t; example.com/v1, Kind=Thing): "
            ".spec.replicaz: field not declared in schema",
            id="unknown field",
        ),
        pytest.param(
            thing({"replicas": "x", "paused": 1}, namespace="ns"),
            500,
            "failed to create typed patch object (ns/t; example.com/v1, Kind=Thing): errors:\n"
            "  .spec.replicas: expected numeric (int or float), got string\n"
            "  .spec.paused: expected boolean, got &{1}",
            id="several",
        ),
    ],
)
def test_refusals(patch: Object, code: int, message: str) -> None:
    with pytest.raises(StatusError) as raised:
        FIELDS.apply(None, patch, "alice", False, T0)
    assert (raised.value.code, raised.value.message) == (code, message)


# -- kubectl -----------------------------------------------------------------------------------------------------

LAST = "kubectl.kubernetes.io/last-applied-configuration"


def client_side(spec_text: str, **spec: Any) -> Object:
    text = f'{{"apiVersion":"example.com/v1","kind":"Thing","metadata":{{"name":"t"}},"spec":{spec_text}}}'
    obj = FIELDS.update(None, thing(spec, {}, annotations={LAST: text}), "kubectl-client-side-apply", T0)
    return {**obj, "metadata": {**obj["metadata"], "uid": "u"}}


def test_kubectl_takes_over_from_client_side_apply() -> None:
    live = client_side('{"replicas":1}', replicas=1)
    after = applied(live, {"replicas": 2}, "kubectl")
    assert owned(after)["kubectl"] == {"f:replicas": {}}
    assert "f:spec" not in after["metadata"]["managedFields"][1]["fieldsV1"]
    assert after["metadata"]["annotations"][LAST] == (
        '{"apiVersion":"example.com/v1","kind":"Thing","metadata":{"name":"t"},"spec":{"replicas":2}}\n'
    )


@pytest.mark.parametrize(
    ("live", "manager"),
    [
        pytest.param(client_side('{"replicas":1}', replicas=1), "other", id="another manager"),
        pytest.param(client_side('{"replicas":7}', replicas=1), "kubectl", id="changed since"),
        pytest.param(client_side("{}", replicas=1), "kubectl", id="not applied"),
        pytest.param(client_side("{", replicas=1), "kubectl", id="broken"),
        pytest.param(client_side('{"replicas":"x"}', replicas=1), "kubectl", id="of a wrong type"),
    ],
)
def test_others_conflict_with_client_side_apply(live: Object, manager: str) -> None:
    with pytest.raises(StatusError, match=r'conflict with "kubectl-client-side-apply" using example.com/v1'):
        applied(live, {"replicas": 2}, manager)


def test_a_large_annotation_is_dropped() -> None:
    live = client_side('{"replicas":1}', replicas=1)
    after = applied(live, {"replicas": 1, "tags": ["x" * 262144]}, "kubectl")
    assert LAST not in after["metadata"]["annotations"]


# -- versions ----------------------------------------------------------------------------------------------------

GVK2 = GVK._replace(version="v2")
THING2 = struct(
    {"apiVersion": STRING, "kind": STRING, "metadata": METADATA, "spec": struct({"count": INT, "on": STRING})},
    always=("metadata", "spec"),
)


class Renamed:
    """Thing v2 calls replicas count."""

    def type_at(self, api_version: str) -> Type | None:
        return {"example.com/v1": THING, "example.com/v2": THING2}.get(api_version)

    def convert(self, obj: Object, api_version: str) -> Object:
        names = {"replicas": "count", "count": "replicas"}
        spec = {names.get(key, key): value for key, value in obj.get("spec", {}).items() if key in names}
        return {**obj, "apiVersion": api_version, "spec": spec}


V1 = FieldManager(THING, GVK, versions=Renamed())
V2 = FieldManager(THING2, GVK2, versions=Renamed())


def v2(**spec: Any) -> Object:
    return {"apiVersion": "example.com/v2", "kind": "Thing", "metadata": {"name": "t"}, "spec": spec}


def as_v2(obj: Object) -> Object:
    return Renamed().convert(obj, "example.com/v2")


def test_conflicts_are_told_in_the_owners_version() -> None:
    live = as_v2(V1.apply(None, thing({"replicas": 1}), "alice", False, T0))
    with pytest.raises(StatusError, match=r'conflict with "alice": .spec.replicas'):
        V2.apply(live, v2(count=2), "bob", False, T1)


def test_an_applier_that_changes_versions_keeps_one_entry() -> None:
    live = as_v2(V1.apply(None, thing({"replicas": 1}), "alice", False, T0))
    after = V2.apply(live, v2(count=2), "alice", False, T1)
    assert [entry["apiVersion"] for entry in after["metadata"]["managedFields"]] == ["example.com/v2"]
    assert owned(after) == {"alice": {"f:count": {}}}


def test_what_was_applied_in_another_version_is_pruned() -> None:
    live = as_v2(V1.apply(None, thing({"replicas": 1}), "alice", False, T0))
    after = V2.apply(live, v2(), "alice", False, T1)
    assert after["apiVersion"] == "example.com/v2"
    assert after["spec"] == {}


def test_updates_take_fields_in_other_versions() -> None:
    live = V1.apply(None, thing({"replicas": 1}), "alice", False, T0)
    live = as_v2({**live, "metadata": {**live["metadata"], "uid": "u"}})
    after = V2.update(live, {**live, "spec": {"count": 5}}, "editor", T1)
    assert owned(after) == {"editor*": {"f:count": {}}}


# -- laws --------------------------------------------------------------------------------------------------------

ITEMS = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from("abc")},
        optional={"image": st.sampled_from("xy"), "args": st.lists(st.sampled_from("12"), max_size=2)},
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda item: item["name"],
)
# an empty list or map is a special case: nobody owns what is in it
SPECS = st.fixed_dictionaries(
    {},
    optional={
        "replicas": st.integers(0, 2),
        "items": ITEMS,
        "tags": st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True),
        "limits": st.dictionaries(st.sampled_from("ab"), st.sampled_from("12"), min_size=1),
        "selector": st.dictionaries(st.sampled_from("ab"), st.sampled_from("12"), min_size=1),
        "raw": st.recursive(
            st.integers(0, 1), lambda below: st.dictionaries(st.sampled_from("ab"), below, min_size=1), max_leaves=4
        ),
    },
)


@given(SPECS, SPECS)
def test_apply_is_idempotent(first: Any, second: Any) -> None:
    live = applied(applied(None, first), second)
    assert applied(live, second, now=T2) == live


@given(SPECS, SPECS)
def test_the_last_apply_alone_decides(first: Any, second: Any) -> None:
    """Of one manager's applies only the last one shows, but for emptied lists and maps."""
    after, alone = applied(applied(None, first), second), applied(None, second)
    assert owned(after) == owned(alone)
    assert _filled(after.get("spec", {})) == _filled(alone["spec"])


@given(SPECS, SPECS)
def test_disjoint_applies_commute(one: Any, other: Any) -> None:
    other = {key: value for key, value in other.items() if key not in one}
    alice_first = applied(applied(None, one, "alice"), other, "bob")
    bob_first = applied(applied(None, other, "bob"), one, "alice")
    assert _filled(alice_first["spec"]) == _filled(bob_first["spec"])
    assert owned(alice_first) == owned(bob_first)


@given(SPECS, SPECS)
def test_force_never_conflicts_and_wins(one: Any, other: Any) -> None:
    after = applied(applied(None, one, "alice"), other, "bob", force=True)
    again = applied(after, other, "bob")
    assert again["spec"] == after["spec"]


@given(SPECS, SPECS)
def test_nothing_given_is_changed(one: Any, other: Any) -> None:
    live, patch = applied(None, one), thing(other)
    before = copy.deepcopy((live, patch))
    FIELDS.apply(live, patch, "bob", True, T1)
    FIELDS.update(live, {**live, "spec": other}, "bob", T1)
    assert (live, patch) == before


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: kept for key, item in value.items() if (kept := _filled(item)) not in (None, {}, [])}
    return [_filled(item) for item in value] if isinstance(value, list) else value


# -- real kinds --------------------------------------------------------------------------------------------------


def test_ports_without_protocol_are_keyed_by_its_default() -> None:
    gvk = GroupVersionKind("", "v1", "Service")
    type = Schema("1.36").type_for(gvk)
    assert type is not None
    patch = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]}}
    made = FieldManager(type, gvk).apply(None, patch, "alice", False, T0)
    assert owned(made) == {"alice": {"f:ports": {'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:port": {}}}}}
