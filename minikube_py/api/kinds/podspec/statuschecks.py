"""Validation of a pod's status: ValidatePodStatusUpdate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minikube_py.api.kinds.podspec import devicestatus
from minikube_py.api.kinds.podspec.addresses import address_errors, address_warnings, parse_sloppily
from minikube_py.api.kinds.podspec.annotations import annotation_update_errors
from minikube_py.api.kinds.podspec.gostructs import all_as_go
from minikube_py.api.kinds.podspec.podchecks import ANNOTATIONS
from minikube_py.api.kinds.podspec.restarts import all_could_restart, should_restart
from minikube_py.machinery.field import (
    ErrorList,
    Path,
    as_json,
    forbidden,
    internal,
    invalid,
    invalid_each,
)
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import name_is_dns_subdomain, qualified_name
from minikube_py.machinery.objectmeta import FIELD_IMMUTABLE

_STATUS = Path("status")
_STATUSES = {
    "containers": "containerStatuses",
    "initContainers": "initContainerStatuses",
    "ephemeralContainers": "ephemeralContainerStatuses",
}
_OWN_CONDITIONS = ("PodScheduled", "Ready", "Initialized")
_NEGATIVE = "must be a non-negative integer"
_NOT_BACK = "may not be transitioned to non-terminated state"


def status_errors(pod: Object, old: Object) -> ErrorList:
    """What follows the errors of metadata."""
    status, old_status = pod.get("status") or {}, old.get("status") or {}
    spec = old["spec"]
    errors = annotation_update_errors(pod, old, ANNOTATIONS)
    if conditions := status.get("conditions"):
        errors += _condition_errors(conditions, _STATUS.child("conditions"))
    errors += _nomination_errors(status, old_status, bool(spec.get("nodeName")))
    if (generation := status.get("observedGeneration") or 0) < 0:
        errors.append(invalid(_STATUS.child("observedGeneration"), generation, _NEGATIVE))
    if (qos := status.get("qosClass") or "") != (old_status.get("qosClass") or ""):
        errors.append(invalid(_STATUS.child("qosClass"), as_json(qos), FIELD_IMMUTABLE))
    errors += _transition_errors(status, old_status, spec)
    errors += _claim_errors(status, spec)
    errors += _pod_ip_errors(status, old_status)
    errors += _host_ip_errors(status, old_status)
    return errors + _container_errors(status, spec)


def _condition_errors(conditions: Sequence[Object], path: Path) -> ErrorList:
    errors: ErrorList = []
    for index, condition in enumerate(conditions):
        if (generation := condition.get("observedGeneration") or 0) < 0:
            errors.append(invalid(path.index(index).child("observedGeneration"), generation, _NEGATIVE))
        type = condition.get("type") or ""
        if type not in _OWN_CONDITIONS and (problems := qualified_name(type)):
            errors += invalid_each(path.index(index).child("Type"), type, problems)
    return errors


def _nomination_errors(status: Object, old: Object, bound: bool) -> ErrorList:
    name = status.get("nominatedNodeName")
    if not name or name == old.get("nominatedNodeName"):
        return []
    at = _STATUS.child("nominatedNodeName")
    errors = invalid_each(at, name, name_is_dns_subdomain(name))
    if bound:
        errors.append(forbidden(at, "may not be set on pods that are already bound to a node"))
    return errors


def _transition_errors(status: Object, old: Object, spec: Object) -> ErrorList:
    """A container that has ended does not run again where nothing may restart it."""
    errors: ErrorList = []
    for side, field in _STATUSES.items():
        if not old.get(field) or (side != "ephemeralContainers" and all_could_restart(spec)):
            continue
        containers = {} if side == "ephemeralContainers" else {c.get("name"): c for c in spec.get(side) or ()}
        now_running = {new.get("name") for new in status.get(field) or () if _terminated(new) is None}
        for index, before in enumerate(old[field]):
            terminated, name = _terminated(before), before.get("name")
            if terminated is None or name not in now_running:
                continue
            container = containers.get(name)
            if container is None or not should_restart(container, spec, terminated.get("exitCode") or 0):
                errors.append(forbidden(_STATUS.child(field).index(index).child("state"), _NOT_BACK))
    return errors


def _terminated(status: Object) -> Any:
    return (status.get("state") or {}).get("terminated")


def _claim_errors(status: Object, spec: Object) -> ErrorList:
    errors: ErrorList = []
    if statuses := status.get("resourceClaimStatuses"):
        errors += devicestatus.claim_status_errors(statuses, spec, _STATUS.child("resourceClaimStatuses"))
    if (extended := status.get("extendedResourceClaimStatus")) is not None:
        at = _STATUS.child("extendedResourceClaimStatus")
        errors += devicestatus.extended_claim_status_errors(extended, spec, at)
    if status.get("nodeAllocatableResourceClaimStatuses"):
        at = _STATUS.child("nodeAllocatableResourceClaimStatuses")
        errors += devicestatus.node_claim_status_errors(status, spec, at)
    return errors


def _container_errors(status: Object, spec: Object) -> ErrorList:
    """Users first, then devices."""
    os = (spec.get("os") or {}).get("name", "linux")
    errors: ErrorList = []
    for field in _STATUSES.values():
        if statuses := status.get(field):
            errors += devicestatus.user_errors(statuses, os, _STATUS.child(field))
    for side, field in _STATUSES.items():
        statuses = status.get(field)
        if not statuses:
            continue
        if side == "ephemeralContainers":
            errors += devicestatus.no_device_errors(statuses, _STATUS.child(field))
        else:
            errors += devicestatus.device_errors(statuses, spec.get(side) or (), _STATUS.child(field))
    return errors


def _pod_ip_errors(status: Object, old: Object) -> ErrorList:
    ips: Sequence[Object] = status.get("podIPs") or ()
    return _ip_errors(ips, old.get("podIPs") or (), "PodIP", _STATUS.child("podIPs")) if ips else []


def _host_ip_errors(status: Object, old: Object) -> ErrorList:
    ips: Sequence[Object] = status.get("hostIPs") or ()
    if not ips:
        return []
    path = _STATUS.child("hostIPs")
    errors: ErrorList = []
    first = ips[0].get("ip") or ""
    if (status.get("hostIP") or "") != first:
        errors.append(invalid(path.index(0).child("ip"), first, "must be equal to `hostIP`"))
    return errors + _ip_errors(ips, old.get("hostIPs") or (), "HostIP", path)


def _ip_errors(ips: Sequence[Object], old: Sequence[Object], struct: str, path: Path) -> ErrorList:
    """At most one address of each family; those that are there already may be kept."""
    kept = {ip.get("ip") for ip in old}
    errors: ErrorList = []
    for index, ip in enumerate(ips):
        if (text := ip.get("ip") or "") not in kept:
            errors += address_errors(text, path.index(index))
    if len(ips) < 2:
        return errors
    families = set()
    for ip in ips:
        address = parse_sloppily(ip.get("ip") or "")
        if address is None:
            text = f"failed to check for dual stack with error:invalid IP: {quote(ip.get('ip') or '')}"
            errors.append(internal(path, text))
            break
        families.add(address.version)
    if len(families) != 2 or len(ips) > 2:
        detail = "may specify no more than one IP for each IP family"
        errors.append(invalid(path, all_as_go(struct, list(ips)), detail))
    return errors


def status_warnings(pod: Object) -> list[str]:
    """Against addresses that are not canonical."""
    status = pod.get("status") or {}
    return [
        warning
        for field in ("podIPs", "hostIPs")
        for index, ip in enumerate(status.get(field) or ())
        for warning in address_warnings(ip.get("ip") or "", _STATUS.child(field).index(index).child("ip"))
    ]
