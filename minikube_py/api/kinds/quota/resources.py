"""Resources that quotas and limit ranges name (pkg/apis/core/helper)."""

from __future__ import annotations

from collections.abc import Mapping

from minikube_py.api.kinds.podspec.requirements import quantity_errors, resource_name_errors
from minikube_py.machinery.field import ErrorList, Path, as_json, invalid
from minikube_py.machinery.quantity import parse

_QUOTA_RESOURCES = frozenset(
    {
        "cpu",
        "memory",
        "ephemeral-storage",
        "requests.cpu",
        "requests.memory",
        "requests.storage",
        "requests.ephemeral-storage",
        "limits.cpu",
        "limits.memory",
        "limits.ephemeral-storage",
        "pods",
        "resourcequotas",
        "services",
        "replicationcontrollers",
        "secrets",
        "persistentvolumeclaims",
        "configmaps",
        "services.nodeports",
        "services.loadbalancers",
    }
)
_HUGE_PAGES = ("hugepages-", "requests.hugepages-")


def is_quota_resource(resource: str) -> bool:
    return resource in _QUOTA_RESOURCES or resource.startswith(_HUGE_PAGES)


def validate_quota_amounts(amounts: Mapping[str, str] | None, path: Path) -> ErrorList:
    """Names and quantities of `hard` or `used`."""
    errors: ErrorList = []
    for resource, text in sorted((amounts or {}).items()):
        at = path.key(resource)
        errors += resource_name_errors(resource, at)
        if "/" not in resource and not is_quota_resource(resource):
            errors.append(invalid(at, as_json(resource), "must be a standard resource for quota"))
        errors += quantity_errors(resource, parse(text), at)
    return errors
