"""Resizing a pod's containers while they run: ValidatePodResize, and what a resize may change at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minikube_py.api.kinds.podspec.annotations import MIRROR
from minikube_py.api.kinds.podspec.podchecks import SPEC, pod_errors
from minikube_py.api.kinds.podspec.resources import qos_class
from minikube_py.machinery.field import ErrorList, Path, forbidden, invalid
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.podresources import is_sidecar

_RESIZABLE = ("cpu", "memory")
_RESTART = "RestartContainer"
_SIDES = ("limits", "requests")


def resized_spec(new: Object, old: Object) -> Object:
    """The old spec with the new one's resources and resize policies (dropNonResizeUpdates); the new one as it is
    where its containers are others, for validation to refuse."""
    for side in ("containers", "initContainers"):
        if len(new.get(side) or ()) != len(old.get(side) or ()):
            return new
    spec = dict(old)
    spec.pop("resources", None)
    if "resources" in new:
        spec["resources"] = new["resources"]
    for side in ("containers", "initContainers"):
        if new.get(side):
            spec[side] = _resized_containers(new[side], old[side])
    return spec


def _resized_containers(new: list[Object], old: list[Object]) -> list[Object]:
    if any(container.get("name") != before.get("name") for container, before in zip(new, old, strict=True)):
        return new
    made = []
    for container, before in zip(new, old, strict=True):
        one = {key: value for key, value in before.items() if key not in ("resources", "resizePolicy")}
        one.update((key, container[key]) for key in ("resources", "resizePolicy") if key in container)
        made.append(one)
    return made


def resize_errors(pod: Object, old: Object) -> ErrorList:
    """Of pods that differ in resources and resize policies alone."""
    if MIRROR in (old["metadata"].get("annotations") or ()):
        return [forbidden(Path(""), "static pods cannot be resized")]
    if (old["spec"].get("os") or {}).get("name") == "windows":
        return [forbidden(Path(""), "windows pods cannot be resized")]
    errors = pod_errors(pod)
    spec, old_spec, status = pod["spec"], old["spec"], old.get("status") or {}
    if (status.get("qosClass") or qos_class(old_spec)) != qos_class(spec):
        shown = (pod.get("status") or {}).get("qosClass") or ""
        errors.append(invalid(SPEC, shown, "Pod QOS Class may not change as a result of resizing"))
    if not _node_can_resize(status):
        errors.append(forbidden(SPEC, "Pod running on node without support for resize"))
    errors += _pod_level_errors(spec.get("resources"), old_spec.get("resources"))
    if status.get("nodeAllocatableResourceClaimStatuses"):
        errors.append(forbidden(SPEC, "pods with node allocatable resource claims cannot be resized"))
    if other_containers := _order_errors(spec, old_spec):
        return errors + other_containers
    errors += _removal_errors(spec, old_spec)
    errors += _other_resource_errors(spec, old_spec)
    if not errors and resized_spec(spec, old_spec) != spec:
        errors.append(forbidden(SPEC, "only cpu and memory resources are mutable"))
    return errors


def _node_can_resize(status: Object) -> bool:
    """Nodes that can tell a running container's resources."""
    for container in status.get("containerStatuses") or ():
        if (container.get("state") or {}).get("running") is not None:
            return "resources" in container
    return True


def _pod_level_errors(new: Object | None, old: Object | None) -> ErrorList:
    if not _listed(new) and not _listed(old):
        return []
    path = SPEC.child("resources")
    if old is not None and new is None:
        return [forbidden(path, "pod-level resources cannot be removed")]
    errors: ErrorList = []
    for side in ("requests", "limits"):
        if old is not None and _is_removed(new, old, side):
            errors.append(forbidden(path.child(side), f"pod-level resource {side} cannot be removed"))
    if _immutable_part(new) != _immutable_part(old):
        errors.append(forbidden(SPEC, "only cpu and memory resources are mutable at pod-level"))
    return errors


def _listed(requirements: Object | None) -> bool:
    return bool(requirements) and any((requirements or {}).get(side) for side in _SIDES)


def _is_removed(new: Object | None, old: Object, side: str) -> bool:
    before: Mapping[str, str] = old.get(side) or {}
    after: Mapping[str, str] = (new or {}).get(side) or {}
    return any(resource not in after for resource in before)


def _immutable_part(requirements: Object | None) -> dict[str, Any]:
    """Requirements without cpu and memory."""
    part: dict[str, Any] = {}
    for side, listed in (requirements or {}).items():
        kept = listed
        if side in _SIDES:
            kept = {resource: value for resource, value in listed.items() if resource not in _RESIZABLE}
        if kept:
            part[side] = kept
    return part


def _order_errors(spec: Object, old: Object) -> ErrorList:
    errors: ErrorList = []
    for side in ("containers", "initContainers"):
        containers, before = spec.get(side) or (), old.get(side) or ()
        if len(containers) != len(before):
            errors.append(forbidden(SPEC.child(side), f"{side} may not be added or removed on resize"))
            continue
        for index, container in enumerate(containers):
            if container.get("name") != before[index].get("name"):
                at = SPEC.child(side).index(index).child("name")
                errors.append(forbidden(at, f"{side} may not be renamed or reordered on resize"))
    return errors


def _removal_errors(spec: Object, old: Object) -> ErrorList:
    errors: ErrorList = []
    for side in ("initContainers", "containers"):
        for index, before in enumerate(old.get(side) or ()):
            requirements = spec[side][index].get("resources") or {}
            for kind in ("requests", "limits"):
                if _is_removed(requirements, before.get("resources") or {}, kind):
                    at = SPEC.child(side).index(index).child("resources", kind)
                    errors.append(forbidden(at, f"resource {kind} cannot be removed"))
    return errors


def _other_resource_errors(spec: Object, old: Object) -> ErrorList:
    """Of each container that changed in more than its cpu and memory."""
    errors: ErrorList = []
    for container, before in zip(spec.get("containers") or (), old.get("containers") or (), strict=True):
        if _fixed_part(container) != _fixed_part(before):
            errors.append(forbidden(SPEC, "only cpu and memory resources are mutable"))
    pairs = zip(spec.get("initContainers") or (), old.get("initContainers") or (), strict=True)
    for index, (container, before) in enumerate(pairs):
        at = SPEC.child("initContainers").index(index)
        if _fixed_part(container) != _fixed_part(before):
            detail = "only cpu and memory resources for init or sidecar containers are mutable"
            errors.append(forbidden(at, detail))
        if container != before and not is_sidecar(container):
            detail = "non-sidecar init containers with a resize policy of RestartContainer cannot be resized"
            restarting = [p for p in container.get("resizePolicy") or () if p.get("restartPolicy") == _RESTART]
            errors += [forbidden(at, detail) for _ in restarting]
    return errors


def _fixed_part(container: Object) -> Object:
    return {**container, "resources": _immutable_part(container.get("resources"))}
