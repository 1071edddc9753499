"""The Scale subresource: a workload seen as a number of replicas (autoscaling/v1 Scale).

    workload -> scale_for_update -> [update, patch or apply on the Scale] -> with_scale -> workload

Reading and writing go through a Resource's `Scale` paths, so that built-in kinds and CRDs share one way. Upstream: the
ScaleREST of pkg/registry/apps/deployment/storage, and apimachinery's managedfields/scalehandler.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minikube_py.api.apply import scale as managers
from minikube_py.api.customresources.columns import SCALE_TABLE
from minikube_py.api.customresources.nesting import dotted, nested
from minikube_py.api.resource import AGE, Cells, Column, Resource, Scale, age
from minikube_py.machinery import errors, labels, labelselector
from minikube_py.machinery.field import ErrorList, Path, invalid
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import GroupResource, GroupVersionKind, Object
from minikube_py.machinery.names import name_is_dns_subdomain
from minikube_py.machinery.objectmeta import validate_kube_object_meta

KIND = GroupVersionKind("autoscaling", "v1", "Scale")

COLUMNS = (
    Column("Name", doc="io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta#name"),
    Column("Desired", type="integer", doc="io.k8s.api.autoscaling.v1.ScaleSpec#replicas"),
    Column("Available", type="integer", doc="io.k8s.api.autoscaling.v1.ScaleStatus#replicas"),
    AGE,
)

_UNSET = -(2**31)
"""Stands, until it is written, for replicas that a custom object does not have."""
_KEPT = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
_REPLACED = frozenset({"resourceVersion", "managedFields"})


def scale_of(resource: Resource, obj: Object) -> Object:
    """The Scale of a workload. Raises StatusError (400) where its selector makes no sense."""
    where = _scale(resource)
    if resource.custom:
        _check_types(where, obj)
    metadata = obj["metadata"]
    status: Object = {"replicas": _at(obj, where.status_replicas) or 0}
    if selector := _selector_text(_at(obj, where.selector)):
        status["selector"] = selector
    replicas = _at(obj, where.spec_replicas)
    return {
        "kind": KIND.kind,
        "apiVersion": KIND.api_version,
        "metadata": {name: metadata[name] for name in _KEPT if name in metadata},
        "spec": {"replicas": replicas} if replicas else {},
        "status": status,
    }


def _check_types(where: Scale, obj: Object) -> None:
    """Raises StatusError 500 where a custom object has something else than numbers and a text at the paths."""
    for path, kind in ((where.spec_replicas, int), (where.status_replicas, int), (where.selector, str)):
        problem = nested(obj, path, kind)[1] if path else ""
        if problem:
            raise errors.unknown(problem)


def read_scale(resource: Resource, obj: Object) -> Object:
    """The Scale as it is read by itself: a custom object must have replicas. Raises StatusError."""
    if resource.custom and _at(obj, path := _scale(resource).spec_replicas) is None:
        raise errors.internal_error(f"the spec replicas field {quote(dotted(path))} does not exist")
    return scale_of(resource, obj)


def table(resource: Resource) -> tuple[Sequence[Column], Cells]:
    """How `kubectl get` prints a resource's Scale."""
    return SCALE_TABLE if resource.custom else (COLUMNS, cells)


def cells(scale: Object) -> list[Any]:
    """The cells of COLUMNS."""
    replicas = (scale.get("spec") or {}).get("replicas", 0)
    return [scale["metadata"].get("name", ""), replicas, (scale.get("status") or {}).get("replicas", 0), age(scale)]


def scale_for_update(resource: Resource, obj: Object) -> Object:
    """The Scale that an update, patch or apply starts from: it also says who manages the replicas."""
    scale = scale_of(resource, obj)
    if resource.custom and _at(obj, _scale(resource).spec_replicas) is None:
        scale["spec"] = {"replicas": _UNSET}
    if entries := managers.to_scale(obj["metadata"].get("managedFields"), _replicas_paths(resource)):
        scale["metadata"]["managedFields"] = entries
    return scale


def validate_scale(scale: Object) -> ErrorList:
    """Errors of a Scale that is to be taken (pkg/apis/autoscaling/validation ValidateScale)."""
    found = validate_kube_object_meta(scale["metadata"], True, name_is_dns_subdomain, Path("metadata"))
    replicas = (scale.get("spec") or {}).get("replicas") or 0
    if replicas < 0:
        path = Path("spec", "replicas")
        found.append(invalid(path, replicas, "must be greater than or equal to 0", "minimum"))
    return found


def with_scale(resource: Resource, obj: Object, scale: Object) -> Object:
    """A new tree of the workload with a Scale's replicas, resourceVersion and managers; `obj` stays as it is.

    Raises StatusError: 422 for an invalid Scale, 409 for one with another uid.
    """
    metadata = obj["metadata"]
    name = metadata.get("name", "")
    if resource.custom:
        # What replicas may be, the custom kind's own validation says.
        if (scale.get("spec") or {}).get("replicas") == _UNSET:
            path = quote(dotted(_scale(resource).spec_replicas))
            raise errors.bad_request(f"the spec replicas field {path} cannot be empty")
    elif found := validate_scale(scale):
        raise errors.invalid(KIND.group, KIND.kind, name, found)
    wanted = scale["metadata"]
    uid = wanted.get("uid")
    if uid and uid != metadata.get("uid"):
        scales = GroupResource(resource.group, f"{resource.plural}/scale")
        text = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {metadata.get('uid', '')}"
        raise errors.conflict(scales, name, text)
    replicas = (scale.get("spec") or {}).get("replicas") or 0
    changed = _with(obj, _scale(resource).spec_replicas, replicas)
    changed["metadata"] = {key: value for key, value in metadata.items() if key not in _REPLACED}
    changed["metadata"]["resourceVersion"] = wanted.get("resourceVersion", "")
    entries = managers.from_scale(
        metadata.get("managedFields"), wanted.get("managedFields"), resource.api_version, _replicas_paths(resource)
    )
    if entries:
        changed["metadata"]["managedFields"] = entries
    return changed


def _scale(resource: Resource) -> Scale:
    where = resource.subresource_by_name["scale"].scale
    if where is None:
        raise LookupError(f"{resource.gvk} has no scale")
    return where


def _at(obj: Any, path: tuple[str, ...]) -> Any:
    """What stands at a path; None where it leads nowhere, or is empty."""
    if not path:
        return None
    for key in path:
        obj = obj.get(key) if isinstance(obj, dict) else None
    return obj


def _with(obj: Object, path: tuple[str, ...], value: Any) -> Object:
    """A tree with `value` at `path` that shares the rest."""
    key, *below = path
    return {**obj, key: _with(obj.get(key) or {}, tuple(below), value) if below else value}


def _selector_text(selector: Any) -> str:
    """A LabelSelector, a map of labels, or the text a custom resource keeps in its status."""
    if selector is None or isinstance(selector, str):
        return selector or ""
    if not selector or isinstance(next(iter(selector.values())), str):
        return str(labels.from_set(selector))
    try:
        return str(labelselector.as_selector(selector))
    except ValueError as error:
        raise errors.bad_request(str(error)) from None


def _replicas_paths(resource: Resource) -> managers.ReplicasPaths:
    return {resource.api_version: tuple(f"f:{key}" for key in _scale(resource).spec_replicas)}
