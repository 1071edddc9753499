"""Ownership of replicas between an object and its scale."""

from __future__ import annotations

from typing import Any

from minikube_py.api.apply import fieldset
from minikube_py.api.apply.fieldmanager import FieldManager
from minikube_py.api.apply.scale import REPLICAS, from_scale, to_scale
from minikube_py.api.schema.schema import Schema
from minikube_py.machinery.gvr import GroupVersionKind, Object

T0, T1 = "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"
PATHS = {"apps/v1": ("f:spec", "f:replicas")}
SCALE = GroupVersionKind("autoscaling", "v1", "Scale")


def entry(manager: str, operation: str, fields: Any, version: str = "apps/v1", **more: Any) -> Object:
    return {
        "manager": manager, "operation": operation, "apiVersion": version, "time": T0,
        "fieldsType": "FieldsV1", "fieldsV1": fields, **more,
    }  # fmt: skip


APPLIED = entry("kubectl", "Apply", {"f:spec": {"f:replicas": {}, "f:selector": {}}})
OTHER = entry("other", "Update", {"f:status": {"f:replicas": {}}}, subresource="status")


def scaled(scale_entries: list[Object], manager: str, replicas: int) -> list[Object]:
    type = Schema("1.36").type_for(SCALE)
    assert type is not None
    old = {
        "apiVersion": "autoscaling/v1", "kind": "Scale", "spec": {"replicas": 1}, "status": {"replicas": 0},
        "metadata": {"name": "d", "uid": "u", "managedFields": scale_entries},
    }  # fmt: skip
    new = FieldManager(type, SCALE, "scale").update(old, {**old, "spec": {"replicas": replicas}}, manager, T1)
    entries: list[Object] = new["metadata"]["managedFields"]
    return entries


def test_the_scale_has_the_owners_of_replicas() -> None:
    assert to_scale([APPLIED, OTHER], PATHS) == [
        entry("kubectl", "Apply", {"f:spec": {"f:replicas": {}}}, "autoscaling/v1")
    ]


def test_scaling_takes_the_replicas() -> None:
    after = from_scale([APPLIED, OTHER], scaled(to_scale([APPLIED, OTHER], PATHS), "hpa", 4), "apps/v1", PATHS)
    taken = entry("hpa", "Update", {"f:spec": {"f:replicas": {}}}, subresource="scale")
    del taken["time"]  # as upstream: the parent knows no time of a manager that comes by its scale
    assert after == [entry("kubectl", "Apply", {"f:spec": {"f:selector": {}}}), taken, OTHER]


def test_scaling_to_the_same_keeps_the_owner() -> None:
    after = from_scale([APPLIED, OTHER], scaled(to_scale([APPLIED, OTHER], PATHS), "hpa", 1), "apps/v1", PATHS)
    assert after == [APPLIED, OTHER]


def test_entries_of_unknown_versions_are_dropped() -> None:
    assert from_scale([entry("old", "Update", {"f:spec": {"f:x": {}}}, "apps/v1beta1")], [], "apps/v1", PATHS) == []
    assert fieldset.has(fieldset.of(REPLICAS), REPLICAS)
