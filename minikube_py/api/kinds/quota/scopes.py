"""Scopes: which objects a ResourceQuota counts (pkg/apis/core/validation)."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from minikube_py.api.kinds.quota.resources import is_quota_resource
from minikube_py.machinery.field import ErrorList, Path, as_json, invalid, required
from minikube_py.machinery.gvr import Object

_COMPUTE = ("pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory")
_RESOURCES: dict[str, Collection[str]] = {
    "Terminating": _COMPUTE,
    "NotTerminating": _COMPUTE,
    "BestEffort": ("pods",),
    "NotBestEffort": _COMPUTE,
    "PriorityClass": _COMPUTE,
    "CrossNamespacePodAffinity": _COMPUTE,
    "VolumeAttributesClass": ("persistentvolumeclaims", "requests.storage"),
}
"""The scopes, and the resources that each can count."""
_PLAIN = ("BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity")
"""Scopes that exist or do not, and have no values."""
_CONFLICTS = (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"))
_NOT_EXISTS = (
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
    "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)


def validate_scopes(spec: Object, path: Path) -> ErrorList:
    """`path` is the spec's."""
    scopes = spec.get("scopes") or []
    at = path.child("scopes")
    errors: ErrorList = []
    for scope in scopes:
        if scope not in _RESOURCES:
            errors.append(invalid(at, scopes, "unsupported scope"))
        errors += [invalid(at, scopes, "unsupported scope applied to resource") for _ in _uncountable(scope, spec)]
    return errors + _conflicts(set(scopes), spec, at)


def validate_scope_selector(spec: Object, path: Path) -> ErrorList:
    """`path` is the spec's. Upstream names neither the expression's place nor its own scopes."""
    selector = spec.get("scopeSelector")
    if selector is None:
        return []
    at = path.child("scopeSelector", "matchExpressions")
    errors: ErrorList = []
    expressions = selector.get("matchExpressions") or []
    for expression in expressions:
        scope = expression.get("scopeName") or ""
        if scope not in _RESOURCES:
            errors.append(invalid(at.child("scopeName"), as_json(scope), "unsupported scope"))
        errors += [
            invalid(at, _internal(expressions), "unsupported scope applied to resource")
            for _ in _uncountable(scope, spec)
        ]
        errors += _operator_errors(expression, at)
    return errors + _conflicts({expression.get("scopeName") for expression in expressions}, spec, at)


def _uncountable(scope: str, spec: Object) -> Iterator[str]:
    """Resources of the quota that the scope cannot count."""
    countable = _RESOURCES.get(scope)
    for resource in sorted(spec.get("hard") or ()):
        if countable is not None and is_quota_resource(resource) and resource not in countable:
            yield resource


def _operator_errors(expression: Object, path: Path) -> ErrorList:
    operator, values = expression.get("operator") or "", expression.get("values") or []
    errors: ErrorList = []
    if expression.get("scopeName") in _PLAIN and operator != "Exists":
        errors.append(invalid(path.child("operator"), as_json(operator), _NOT_EXISTS))
    if operator in ("In", "NotIn"):
        if not values:
            detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
            errors.append(required(path.child("values"), detail))
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
            errors.append(invalid(path.child("values"), values, detail))
    else:
        errors.append(invalid(path.child("operator"), as_json(operator), "not a valid selector operator"))
    return errors


def _conflicts(scopes: set[str | None], spec: Object, path: Path) -> ErrorList:
    shown = spec.get("scopes") or None
    return [invalid(path, shown, "conflicting scopes") for pair in _CONFLICTS if scopes.issuperset(pair)]


def _internal(expressions: list[Object]) -> Object:
    """The selector as upstream's internal type prints it."""
    return {
        "MatchExpressions": [
            {
                "ScopeName": expression.get("scopeName") or "",
                "Operator": expression.get("operator") or "",
                "Values": expression.get("values"),
            }
            for expression in expressions
        ]
    }
