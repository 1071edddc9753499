"""CustomResourceDefinitions as JSON trees: their conditions and names (apiextensions-apiserver/pkg/apihelpers)."""

from __future__ import annotations

from minikube_py.machinery import conditions
from minikube_py.machinery.gvr import GroupVersionResource, Object

CRDS = GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions")
CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
"""The finalizer that holds a CRD until its instances are gone."""


def condition(crd: Object, type: str) -> Object | None:
    return conditions.find((crd.get("status") or {}).get("conditions"), type)


def is_true(crd: Object, type: str) -> bool:
    return conditions.is_true((crd.get("status") or {}).get("conditions"), type)


def with_condition(crd: Object, type: str, status: str, reason: str, message: str, now: str) -> Object:
    """The CRD's status with a condition; nothing given is changed."""
    before: Object = crd.get("status") or {}
    new = {"type": type, "status": status, "reason": reason, "message": message}
    return {**before, "conditions": conditions.set_condition(before.get("conditions"), new, now)}
