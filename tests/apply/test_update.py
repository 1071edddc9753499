"""FieldManager.update: who owns what after a create, an update or a patch."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from minikube_py.api.apply import fieldset
from minikube_py.api.apply.fieldmanager import FieldManager
from minikube_py.api.apply.managed import ignoring_times
from minikube_py.api.schema.schema import Schema
from minikube_py.machinery.gvr import GroupVersionKind, Object
from tests.apply.shapes import GVK, THING, thing

T0, T1, T2 = (f"2026-01-01T00:00:0{second}Z" for second in range(3))


def manager(subresource: str = "", **reset: tuple[str, ...]) -> FieldManager:
    resets = {GVK.api_version: fieldset.of(*reset.values())} if reset else None
    return FieldManager(THING, GVK, subresource, resets)


def entries(obj: Object) -> list[tuple[Any, ...]]:
    """(manager, operation, subresource, time, fields) of each."""
    return [
        (e["manager"], e["operation"], e.get("subresource", ""), e.get("time"), e["fieldsV1"])
        for e in obj["metadata"].get("managedFields", ())
    ]


def created(**spec: Any) -> Object:
    obj = manager().update(None, thing(spec, {}), "creator", T0)
    return {**obj, "metadata": {**obj["metadata"], "uid": "u"}}


def test_create_owns_what_is_set() -> None:
    new = thing({"replicas": 1, "items": [{"name": "a"}], "strategy": {}}, {}, labels={"x": "y"})
    before = copy.deepcopy(new)
    made = manager().update(None, new, "creator", T0)
    assert made["metadata"]["managedFields"] == [
        {
            "manager": "creator",
            "operation": "Update",
            "apiVersion": "example.com/v1",
            "time": T0,
            "fieldsType": "FieldsV1",
            "fieldsV1": {
                "f:metadata": {"f:labels": {".": {}, "f:x": {}}},
                "f:spec": {"f:items": {'k:{"name":"a"}': {".": {}, "f:name": {}}}, "f:replicas": {}},
            },
        }
    ]
    assert new == before


def test_manager_without_a_name_is_unknown() -> None:
    assert entries(manager().update(None, thing({"replicas": 1}), "", T0))[0][0] == "unknown"


def test_nothing_owned_leaves_no_managed_fields() -> None:
    assert "managedFields" not in manager().update(None, thing({}, {}), "creator", T0)["metadata"]


def test_an_update_takes_what_it_changes() -> None:
    live = created(replicas=1, paused=True)
    new = {**live, "spec": {"replicas": 2, "paused": True}}
    assert entries(manager().update(live, new, "editor", T1)) == [
        ("creator", "Update", "", T0, {"f:spec": {"f:paused": {}}}),
        ("editor", "Update", "", T1, {"f:spec": {"f:replicas": {}}}),
    ]


def test_what_is_removed_is_nobodys_and_leaves_times() -> None:
    live = created(replicas=1, paused=True)
    assert entries(manager().update(live, {**live, "spec": {"replicas": 1}}, "editor", T1)) == [
        ("creator", "Update", "", T0, {"f:spec": {"f:replicas": {}}})
    ]


def test_the_same_manager_adds_to_its_entry() -> None:
    live = created(replicas=1)
    new = {**live, "spec": {"replicas": 1, "paused": True}}
    assert entries(manager().update(live, new, "creator", T1)) == [
        ("creator", "Update", "", T1, {"f:spec": {"f:paused": {}, "f:replicas": {}}})
    ]


def test_no_change_keeps_the_very_entries() -> None:
    live = created(replicas=1)
    same = manager().update(live, copy.deepcopy(live), "editor", T1)
    assert same["metadata"]["managedFields"] is live["metadata"]["managedFields"]
    assert manager().update(live, live, "editor", T1) is live


def test_a_change_of_a_value_by_its_owner_moves_the_time_alone() -> None:
    live = created(replicas=1)
    after = manager().update(live, {**live, "spec": {"replicas": 5}}, "creator", T1)
    assert entries(after) == [("creator", "Update", "", T1, {"f:spec": {"f:replicas": {}}})]


def test_a_subresource_is_another_entry_and_ignores_what_is_reset() -> None:
    live = created(replicas=1)
    status = manager("status", spec=("f:spec",))
    new = {**live, "spec": {"replicas": 9}, "status": {"phase": "Up"}}
    assert entries(status.update(live, new, "creator", T1)) == [
        ("creator", "Update", "", T0, {"f:spec": {"f:replicas": {}}}),
        ("creator", "Update", "status", T1, {"f:status": {"f:phase": {}}}),
    ]


def test_what_nobody_tracks_stays_untracked_until_applied() -> None:
    live = thing({"replicas": 1}, uid="u")
    after = manager().update(live, {**live, "spec": {"replicas": 2}}, "editor", T1)
    assert "managedFields" not in after["metadata"]


SENT = {"manager": "m", "operation": "Apply", "apiVersion": "example.com/v1", "fieldsType": "FieldsV1"}
VALID = {**SENT, "fieldsV1": {"f:spec": {"f:paused": {}}}}


@pytest.mark.parametrize(
    ("sent", "owners"),
    [
        pytest.param(None, ["creator"], id="left out"),
        pytest.param([], [], id="empty resets"),
        pytest.param([{}], [], id="one empty entry resets"),
        pytest.param([VALID], ["m"], id="replaced"),
        pytest.param([{**VALID, "operation": "Delete"}], ["creator"], id="bad operation"),
        pytest.param([{**VALID, "fieldsType": ""}], ["creator"], id="no fieldsType"),
        pytest.param([{**VALID, "fieldsType": "V2"}], ["creator"], id="bad fieldsType"),
        pytest.param([{**VALID, "apiVersion": ""}], ["creator"], id="no version"),
        pytest.param([{**VALID, "fieldsV1": {"bad": {}}}], ["creator"], id="bad fields"),
        pytest.param([{**VALID, "apiVersion": "example.com/v0"}], [], id="a version that is gone"),
    ],
)
def test_clients_may_send_managed_fields(sent: Any, owners: list[str]) -> None:
    live = created(replicas=1, paused=True)
    metadata = {key: value for key, value in live["metadata"].items() if key != "managedFields"}
    if sent is not None:
        metadata["managedFields"] = sent
    after = manager().update(live, {**live, "metadata": metadata}, "editor", T1)
    assert [entry[0] for entry in entries(after)] == owners
    kept = manager("status").update(live, {**live, "metadata": metadata}, "editor", T1)
    assert [entry[0] for entry in entries(kept)] == ["creator"]


def test_sent_fields_are_stored_canonically() -> None:
    live = created(items=[{"name": "a", "ports": [{"port": 1, "protocol": "UDP"}]}])
    ports = {'k:{"protocol":"UDP", "port":1}': {"f:title": {}, ".": {}}}
    sent = {**SENT, "fieldsV1": {"f:spec": {"f:items": {'k:{"name":"a"}': {"f:ports": ports}}}}}
    after = manager().update(live, {**live, "metadata": {**live["metadata"], "managedFields": [sent]}}, "editor", T1)
    kept = after["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]["f:items"]['k:{"name":"a"}']["f:ports"]
    assert kept == {'k:{"port":1,"protocol":"UDP"}': {".": {}, "f:title": {}}}


def test_atomic_now_is_owned_as_a_whole() -> None:
    live = created(selector={"a": "b"})
    sent = {**SENT, "fieldsV1": {"f:spec": {"f:selector": {".": {}, "f:a": {}}}}}
    after = manager().update(live, {**live, "metadata": {**live["metadata"], "managedFields": [sent]}}, "editor", T1)
    assert entries(after) == [("m", "Apply", "", None, {"f:spec": {"f:selector": {}}})]


def test_the_oldest_of_many_updaters_are_merged() -> None:
    live = created(replicas=0)
    for number in range(12):
        limits = {**live["spec"].get("limits", {}), f"r{number:02}": "1"}
        new = {**live, "spec": {**live["spec"], "limits": limits}}
        live = manager().update(live, new, f"m{number:02}", f"2026-01-01T00:01:{number:02}Z")
    found = entries(live)
    assert len(found) == 10
    assert found[0][0] == "ancient-changes"
    assert found[0][3] == "2026-01-01T00:01:02Z"
    assert found[0][4] == {"f:spec": {"f:limits": {".": {}, "f:r00": {}, "f:r01": {}, "f:r02": {}}, "f:replicas": {}}}
    assert [entry[0] for entry in found[1:]] == [f"m{number:02}" for number in range(3, 12)]


def test_what_does_not_fit_its_type_loses_managed_fields() -> None:
    live = created(items=[{"name": "a"}])
    after = manager().update(live, {**live, "spec": {"items": [{"image": "x"}]}}, "editor", T1)
    assert "managedFields" not in after["metadata"]


def test_entries_are_sorted() -> None:
    live = created(replicas=1, paused=False, tags=["x"])
    fields = manager()
    live = fields.update(live, {**live, "spec": {**live["spec"], "replicas": 2}}, "b", T1)
    live = fields.update(live, {**live, "spec": {**live["spec"], "paused": True}}, "a", T1)
    live = fields.apply(live, thing({"rule": {"a": "x"}}), "z", False, T2)
    assert [entry[:2] for entry in entries(live)] == [
        ("z", "Apply"), ("creator", "Update"), ("a", "Update"), ("b", "Update"),
    ]  # fmt: skip


def test_times_alone_are_no_change() -> None:
    old = created(replicas=1)
    newer = copy.deepcopy(old)
    newer["metadata"]["managedFields"][0]["time"] = T2
    assert ignoring_times(newer, old)["metadata"]["managedFields"] is old["metadata"]["managedFields"]
    other = {**newer, "spec": {"replicas": 2}}
    assert ignoring_times(other, old) is other


DEPLOYMENT = GroupVersionKind("apps", "v1", "Deployment")


def test_structs_that_are_always_there_are_nobodys() -> None:
    """The ownership that kubectl create deployment leaves on a real server."""
    type = Schema("1.36").type_for(DEPLOYMENT)
    assert type is not None
    container = {"name": "web", "image": "nginx", "resources": {}, "imagePullPolicy": "Always"}
    spec = {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "web"}},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [container], "securityContext": {}, "volumes": [{"name": "v", "emptyDir": {}}]},
        },
    }
    new = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec, "status": {}}
    made = FieldManager(type, DEPLOYMENT).update(None, new, "kubectl-create", T0)
    assert made["metadata"]["managedFields"][0]["fieldsV1"] == {
        "f:spec": {
            "f:replicas": {},
            "f:selector": {},
            "f:strategy": {"f:rollingUpdate": {".": {}, "f:maxSurge": {}}, "f:type": {}},
            "f:template": {
                "f:metadata": {"f:labels": {".": {}, "f:app": {}}},
                "f:spec": {
                    "f:containers": {
                        'k:{"name":"web"}': {
                            ".": {}, "f:image": {}, "f:imagePullPolicy": {}, "f:name": {}, "f:resources": {},
                        }
                    },
                    "f:securityContext": {},
                    "f:volumes": {".": {}, 'k:{"name":"v"}': {".": {}, "f:emptyDir": {}, "f:name": {}}},
                },
            },
        }
    }  # fmt: skip
