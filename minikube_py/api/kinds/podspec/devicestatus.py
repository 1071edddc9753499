"""What a pod's status says of devices and resource claims, and of the users its containers run as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from minikube_py.api.kinds.podspec.resources import is_native
from minikube_py.machinery.field import (
    ErrorList,
    Path,
    duplicate,
    forbidden,
    invalid,
    invalid_each,
    not_supported,
    required,
    too_long,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import byte_length, dns1123_label, group_id, name_is_dns_subdomain, user_id
from minikube_py.machinery.quantity import parse

_MAPPING = ("containerName", "resourceName", "requestName")
_HEALTH = ("Healthy", "Unhealthy", "Unknown")
_MESSAGE_MAXIMUM = 1024
_NOT_A_CLAIM = (
    "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or "
    "'claim:<claimName>' if request is empty"
)
_NOT_A_REQUEST = (
    "must match the extended resource name of an entry in spec.initContainers.resources.requests or "
    "spec.containers.resources.requests"
)


def claim_status_errors(statuses: Sequence[Object], spec: Object, path: Path) -> ErrorList:
    """`resourceClaimStatuses`."""
    known = {claim.get("name") for claim in spec.get("resourceClaims") or ()}
    seen: set[str] = set()
    errors: ErrorList = []
    for index, status in enumerate(statuses):
        name = status.get("name") or ""
        at = path.index(index).child("name")
        if name not in known:
            errors.append(invalid(at, name, "must match the name of an entry in `spec.resourceClaims`"))
        if name in seen:
            errors.append(duplicate(at, name))
        seen.add(name)
        claim = status.get("resourceClaimName")
        if claim is not None:
            errors += invalid_each(path.index(index).child("resourceClaimName"), claim, name_is_dns_subdomain(claim))
    return errors


def extended_claim_status_errors(status: Object, spec: Object, path: Path) -> ErrorList:
    """`extendedResourceClaimStatus`."""
    mappings: Sequence[Object] = status.get("requestMappings") or ()
    at = path.child("requestMappings")
    errors: ErrorList = []
    if not mappings:
        errors.append(required(at, "at least one request mapping is required"))
    containers = {c.get("name"): c for side in ("initContainers", "containers") for c in spec.get(side) or ()}
    seen: set[tuple[str, ...]] = set()
    for index, mapping in enumerate(mappings):
        key = tuple(mapping.get(field) or "" for field in _MAPPING)
        errors += _mapping_errors(key, containers, at.index(index))
        errors += invalid_each(path.child("requestName"), key[2], dns1123_label(key[2]))
        if key in seen:
            pairs = zip(_MAPPING, key, strict=True)
            errors += [duplicate(at.index(index).child(field), value) for field, value in pairs]
        seen.add(key)
    name = status.get("resourceClaimName") or ""
    if not name:
        return [*errors, required(path.child("resourceClaimName"))]
    return errors + invalid_each(path.child("resourceClaimName"), name, name_is_dns_subdomain(name))


def _mapping_errors(key: tuple[str, ...], containers: Mapping[Any, Object], path: Path) -> ErrorList:
    container, resource, _ = key
    if container not in containers:
        detail = "must match the name of an entry in spec.initContainers.name or spec.containers.name"
        return [invalid(path.child("containerName"), container, detail)]
    if resource not in ((containers[container].get("resources") or {}).get("requests") or ()):
        return [invalid(path.child("resourceName"), resource, _NOT_A_REQUEST)]
    return []


def node_claim_status_errors(status: Object, spec: Object, path: Path) -> ErrorList:
    """`nodeAllocatableResourceClaimStatuses` of a pod's status."""
    listed = [*(spec.get("resourceClaims") or ()), *(status.get("resourceClaimStatuses") or ())]
    known = {claim.get("resourceClaimName") for claim in listed} - {None}
    errors: ErrorList = []
    for index, one in enumerate(status["nodeAllocatableResourceClaimStatuses"]):
        at = path.index(index)
        name = one.get("resourceClaimName") or ""
        if not name:
            errors.append(required(at.child("resourceClaimName"), "must not be empty"))
        if name not in known:
            errors.append(invalid(at.child("resourceClaimName"), name, "no mapping found in pod reference"))
        for field in ("containers", "resources"):
            if not one.get(field):
                errors.append(required(at.child(field), "must not be empty"))
        for resource, text in sorted((one.get("resources") or {}).items()):
            key = at.child("resources").key(resource)
            if not is_native(resource):
                errors.append(invalid(key, resource, "must be a node allocatable resource name"))
            if parse(text).sign() < 0:
                errors.append(invalid(key, text, "must be non-negative"))
    return errors


def user_errors(statuses: Sequence[Object], os: str, path: Path) -> ErrorList:
    """`user` of container statuses; `os` is the pod's."""
    errors: ErrorList = []
    for index, status in enumerate(statuses):
        user = (status.get("user") or {}).get("linux")
        if user is None:
            continue
        at = path.index(index).child("user", "linux")
        if os == "windows":
            errors.append(forbidden(at, "cannot be set for a windows pod"))
        elif os == "linux":
            errors += _linux_user_errors(user, at)
    return errors


def _linux_user_errors(user: Object, path: Path) -> ErrorList:
    uid, gid = user.get("uid") or 0, user.get("gid") or 0
    errors = invalid_each(path.child("uid"), uid, user_id(uid))
    errors += invalid_each(path.child("gid"), gid, group_id(gid))
    for index, group in enumerate(user.get("supplementalGroups") or ()):
        errors += invalid_each(path.child("supplementalGroups").index(index), group, group_id(group))
    return errors


def device_errors(statuses: Sequence[Object], containers: Sequence[Object], path: Path) -> ErrorList:
    """`allocatedResourcesStatus` of container statuses; one of a container that is not there is let be."""
    by_name = {container.get("name"): container for container in containers}
    errors: ErrorList = []
    for index, status in enumerate(statuses):
        container = by_name.get(status.get("name"))
        for position, allocated in enumerate(status.get("allocatedResourcesStatus") or ()):
            at = path.index(index).child("allocatedResourcesStatus").index(position)
            if container is not None:
                errors += _allocated_name_errors(allocated.get("name") or "", container, at.child("name"))
            errors += _health_errors(allocated.get("resources") or (), at.child("resources"))
    return errors


def _allocated_name_errors(name: str, container: Object, path: Path) -> ErrorList:
    requirements = container.get("resources") or {}
    if not name.startswith("claim:"):
        detail = "must match one of the container's resource requests"
        return [] if name in (requirements.get("requests") or ()) else [invalid(path, name, detail)]
    for claim in requirements.get("claims") or ():
        request = claim.get("request")
        if name == f"claim:{claim.get('name', '')}" + (f"/{request}" if request else ""):
            return []
    return [invalid(path, name, _NOT_A_CLAIM)]


def _health_errors(resources: Sequence[Object], path: Path) -> ErrorList:
    errors: ErrorList = []
    seen: set[str] = set()
    for index, resource in enumerate(resources):
        at = path.index(index)
        if (health := resource.get("health") or "") not in _HEALTH:
            errors.append(not_supported(at.child("health"), health, _HEALTH))
        message = resource.get("message")
        if message == "":
            errors.append(required(at.child("message"), "must be non-empty if specified"))
        elif message is not None and byte_length(message) > _MESSAGE_MAXIMUM:
            errors.append(too_long(at.child("message"), _MESSAGE_MAXIMUM))
        identity = resource.get("resourceID") or ""
        if identity in seen:
            errors.append(duplicate(at.child("resourceID"), identity))
        seen.add(identity)
    return errors


def no_device_errors(statuses: Sequence[Object], path: Path) -> ErrorList:
    """Ephemeral containers get no devices."""
    return [
        forbidden(path.index(index).child("allocatedResourcesStatus"), "must not be specified in container status")
        for index, status in enumerate(statuses)
        if status.get("allocatedResourcesStatus")
    ]
