"""Resource requirements: what containers and pods ask for, and may have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from minikube_py.api.kinds.podspec.resources import (
    HUGE_PAGES,
    aggregate,
    is_native,
    is_overcommit_allowed,
    is_pod_level,
)
from minikube_py.machinery.field import (
    ErrorList,
    FieldError,
    Path,
    duplicate,
    forbidden,
    invalid,
    invalid_each,
    not_supported,
    required,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import dns1123_label, qualified_name
from minikube_py.machinery.quantity import Quantity, parse

_CONTAINER_RESOURCES = frozenset({"cpu", "memory", "ephemeral-storage"})
_INTEGER_RESOURCES = frozenset(
    {
        "pods",
        "resourcequotas",
        "services",
        "replicationcontrollers",
        "secrets",
        "configmaps",
        "persistentvolumeclaims",
        "services.nodeports",
        "services.loadbalancers",
    }
)
_STANDARD_RESOURCES = (
    _CONTAINER_RESOURCES
    | _INTEGER_RESOURCES
    | {f"{side}.{name}" for side in ("requests", "limits") for name in _CONTAINER_RESOURCES}
    | {"storage", "requests.storage"}
)
_POD_LEVEL = ("cpu", HUGE_PAGES, "memory")
_QUOTA_PREFIX = "requests."
_HUGE_PAGES_OF_QUOTAS = (HUGE_PAGES, _QUOTA_PREFIX + HUGE_PAGES)
_NOT_AN_INTEGER = "must be an integer"

NameCheck = Callable[[str, Path], ErrorList]


def is_extended(resource: str) -> bool:
    """A device's resource: "example.com/gpu"."""
    if is_native(resource) or resource.startswith(_QUOTA_PREFIX):
        return False
    return not qualified_name(_QUOTA_PREFIX + resource)


def resource_name_errors(resource: str, path: Path) -> ErrorList:
    """What any resource's name must be."""
    if problems := qualified_name(resource):
        return invalid_each(path, resource, problems)
    if "/" in resource or resource in _STANDARD_RESOURCES or resource.startswith(_HUGE_PAGES_OF_QUOTAS):
        return []
    return [invalid(path, resource, "must be a standard resource type or fully qualified")]


def container_resource_name_errors(resource: str, path: Path) -> ErrorList:
    if resource in _CONTAINER_RESOURCES:
        return []
    errors = resource_name_errors(resource, path)
    if "/" not in resource:
        if not resource.startswith(HUGE_PAGES):
            errors.append(invalid(path, resource, "must be a standard resource for containers"))
    elif not is_native(resource) and not is_extended(resource):
        errors.append(invalid(path, resource, "doesn't follow extended resource name standard"))
    return errors


def _pod_resource_name_errors(resource: str, path: Path) -> ErrorList:
    errors = resource_name_errors(resource, path)
    if not errors and not is_pod_level(resource):
        errors.append(not_supported(path, resource, _POD_LEVEL))
    return errors


def quantity_errors(resource: str, quantity: Quantity, path: Path) -> ErrorList:
    """Not negative, and whole where it counts things (ValidateResourceQuantityValue)."""
    errors: ErrorList = []
    if quantity.sign() < 0:
        errors.append(invalid(path, str(quantity), "must be greater than or equal to 0"))
    if resource in _CONTAINER_RESOURCES:
        return errors
    if (resource in _INTEGER_RESOURCES or is_extended(resource)) and quantity.milli_value() % 1000:
        errors.append(invalid(path, str(quantity), _NOT_AN_INTEGER))
    return errors


def container_requirement_errors(requirements: Object, claims: Collection[str], path: Path) -> ErrorList:
    """A container's `resources`; `claims` are the names in the pod's resourceClaims."""
    return _requirement_errors(requirements, container_resource_name_errors, claims, path)


def _requirement_errors(requirements: Object, check_name: NameCheck, claims: Collection[str], path: Path) -> ErrorList:
    limits: dict[str, str] = requirements.get("limits") or {}
    requests: dict[str, str] = requirements.get("requests") or {}
    errors: ErrorList = []
    for resource in sorted(limits):
        if not _is_plain(resource, limits[resource]):
            errors += _listed_errors(resource, limits[resource], check_name, path.child("limits").key(resource))
    for resource in sorted(requests):
        if not _is_plain(resource, requests[resource]):
            errors += _listed_errors(resource, requests[resource], check_name, path.child("requests").key(resource))
        if error := _against_limit(resource, requests[resource], limits.get(resource), path):
            errors.append(error)
    named = limits.keys() | requests.keys()
    if "cpu" not in named and "memory" not in named and any(name.startswith(HUGE_PAGES) for name in named):
        errors.append(forbidden(path, "HugePages require cpu or memory"))
    if listed := requirements.get("claims"):
        errors += _claim_name_errors(listed, claims, path.child("claims"))
    return errors


def _is_plain(resource: str, text: str) -> bool:
    """What most listings are, for which no path is made."""
    return resource in ("cpu", "memory") and parse(text).sign() >= 0


def _listed_errors(resource: str, text: str, check_name: NameCheck, path: Path) -> ErrorList:
    quantity = parse(text)
    errors = check_name(resource, path) + quantity_errors(resource, quantity, path)
    if resource.startswith(HUGE_PAGES) and not _is_divisible(resource, quantity):
        errors.append(invalid(path, str(quantity), f"{quantity} is not positive integer multiple of {resource}"))
    return errors


def _is_divisible(resource: str, quantity: Quantity) -> bool:
    try:
        page = parse(resource[len(HUGE_PAGES) :])
    except ValueError:
        return False
    return page.sign() > 0 and page.milli_value() % 1000 == 0 and quantity.value() % page.value() == 0


def _against_limit(resource: str, request: str, limit: str | None, path: Path) -> FieldError | None:
    """A request is at most its limit, and equal to it where there is no overcommitting."""
    if limit is None:
        if is_overcommit_allowed(resource):
            return None
        return required(path.child("limits"), "Limit must be set for non overcommitable resources")
    if request == limit:
        return None
    mine, most = parse(request), parse(limit)
    if mine != most and not is_overcommit_allowed(resource):
        return invalid(path.child("requests"), str(mine), f"must be equal to {resource} limit of {most}")
    if mine > most:
        return invalid(path.child("requests"), str(mine), f"must be less than or equal to {resource} limit of {most}")
    return None


def _claim_name_errors(listed: Sequence[Object], claims: Collection[str], path: Path) -> ErrorList:
    errors: ErrorList = []
    seen: set[str] = set()
    for index, claim in enumerate(listed):
        at = path.index(index)
        name, request = claim.get("name") or "", claim.get("request") or ""
        if not name:
            errors.append(required(at))
            continue
        if name in seen:
            errors.append(duplicate(at, name))
        else:
            errors += _claim_request_errors(name, request, seen, at)
        if name not in claims:
            errors.append(_unknown_claim(name, claims, at))
    return errors


def _claim_request_errors(name: str, request: str, seen: set[str], path: Path) -> ErrorList:
    errors: ErrorList = []
    key = f"{name}/{request}" if request else name
    if request:
        errors += invalid_each(path.child("request"), request, dns1123_label(request))
    if key in seen:
        errors.append(duplicate(path, key))
    elif not request:
        errors += [duplicate(path, name) for other in sorted(seen) if other.startswith(f"{name}/")]
    seen.add(key)
    return errors


def _unknown_claim(name: str, claims: Collection[str], path: Path) -> FieldError:
    detail = "must be one of the names in pod.spec.resourceClaims"
    detail += f": {', '.join(sorted(claims))}" if claims else " which is empty"
    return FieldError("FieldValueNotFound", path, name, detail)


def pod_requirement_errors(spec: Object, claims: Collection[str], path: Path) -> ErrorList:
    """`resources` of a pod spec, which its containers share; `path` is that field's."""
    requirements = spec["resources"]
    if (spec.get("os") or {}).get("name") == "windows":
        return [forbidden(path, "may not be set for a windows pod")]
    errors: ErrorList = []
    if requirements.get("claims"):
        errors.append(forbidden(path.child("claims"), "claims may not be set for Resources at pod-level"))
    errors += _requirement_errors(requirements, _pod_resource_name_errors, claims, path)
    return errors + _consistency_errors(spec, path)


def _consistency_errors(spec: Object, path: Path) -> ErrorList:
    """The pod's requests hold all containers' together, its limits each container's."""
    limits, requests = spec["resources"].get("limits") or {}, spec["resources"].get("requests") or {}
    errors: ErrorList = []
    for resource, total in sorted(aggregate(spec, "requests").items()):
        if resource in requests and total > parse(requests[resource]):
            detail = f"must be greater than or equal to aggregate container requests of {total}"
            errors.append(invalid(path.child("requests").key(resource), requests[resource], detail))
    for resource, total in sorted(aggregate(spec, "limits").items()):
        if resource.startswith(HUGE_PAGES) and resource in limits and total > parse(limits[resource]):
            detail = f"must be greater than or equal to aggregate container limits of {total}"
            errors.append(invalid(path.child("limits").key(resource), limits[resource], detail))
    for index, container in enumerate(spec.get("containers") or ()):
        own = (container.get("resources") or {}).get("limits") or {}
        for resource in sorted(own):
            if resource in limits and parse(own[resource]) > parse(limits[resource]):
                at = path.child("containers").index(index).key(resource).child("limits")
                detail = f"must be less than or equal to pod limits of {limits[resource]}"
                errors.append(invalid(at, own[resource], detail))
    return errors
