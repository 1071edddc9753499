"""The items of a LimitRange (pkg/apis/core/validation ValidateLimitRange)."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.api.kinds.podspec.requirements import container_resource_name_errors, resource_name_errors
from minikube_py.api.kinds.podspec.resources import is_overcommit_allowed
from minikube_py.machinery.field import ErrorList, FieldError, Path, as_json, forbidden, invalid, invalid_each, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.integers import INT64_MAXIMUM
from minikube_py.machinery.names import qualified_name
from minikube_py.machinery.quantity import Quantity, of, parse

AMOUNTS = ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")
_TYPES = ("Container", "PersistentVolumeClaim", "Pod")
_MAXIMUM_MILLI = INT64_MAXIMUM // 1000
"""The largest value that upstream counts in thousandths."""

Amounts = dict[str, Quantity]


def default_limit(limit: Object) -> None:
    """Of containers: max is the default limit, which is the default request, for which else min stands in."""
    if limit.get("type") != "Container":
        return
    limits = {**(limit.get("max") or {}), **(limit.get("default") or {})}
    requests = {**(limit.get("min") or {}), **limits, **(limit.get("defaultRequest") or {})}
    for name, amounts in (("default", limits), ("defaultRequest", requests)):
        if amounts:
            limit[name] = dict(sorted(amounts.items()))


def validate_limits(limits: Sequence[Object], path: Path) -> ErrorList:
    errors: ErrorList = []
    seen: set[str] = set()
    for index, limit in enumerate(limits):
        at, kind = path.index(index), limit.get("type") or ""
        errors += _type_errors(kind, at.child("type"))
        if kind in seen:
            errors.append(FieldError("FieldValueDuplicate", at.child("type"), as_json(kind), ""))
        seen.add(kind)
        errors += _limit_errors(limit, kind, at)
    return errors


def _type_errors(kind: str, path: Path) -> ErrorList:
    if problems := qualified_name(kind):
        return invalid_each(path, as_json(kind), problems)
    if "/" in kind or kind in _TYPES:
        return []
    return [invalid(path, as_json(kind), "must be a standard limit type or fully qualified")]


def _limit_errors(limit: Object, kind: str, path: Path) -> ErrorList:
    errors: ErrorList = []
    amounts: dict[str, Amounts] = {name: {} for name in AMOUNTS}
    check = container_resource_name_errors if kind in ("Pod", "Container") else resource_name_errors
    for name in AMOUNTS:
        listed = limit.get(name) or {}
        if kind == "Pod" and name in ("default", "defaultRequest"):
            if listed:
                errors.append(forbidden(path.child(name), "may not be specified when `type` is 'Pod'"))
            continue
        if name == "maxLimitRequestRatio" and kind == "PersistentVolumeClaim":
            errors += _storage_errors(limit, path)
        for resource in sorted(listed):
            errors += check(resource, path.child(name).key(resource))
            amounts[name][resource] = parse(listed[resource])
    for resource in sorted({resource for listed in amounts.values() for resource in listed}):
        errors += _order_errors(amounts, resource, path)
    return errors


def _storage_errors(limit: Object, path: Path) -> ErrorList:
    if "storage" in (limit.get("min") or ()) or "storage" in (limit.get("max") or ()):
        return []
    detail = "either minimum or maximum storage value is required, but neither was provided"
    return [required(path.child("limits"), detail)]


def _order_errors(amounts: dict[str, Amounts], resource: str, path: Path) -> ErrorList:
    """min <= defaultRequest <= default <= max, as far as they are given."""
    most, least, limit, request, ratio = (amounts[name].get(resource) for name in AMOUNTS)
    errors: ErrorList = []

    def compare(name: str, shown: Quantity | None, low: Quantity | None, high: Quantity | None, words: str) -> None:
        if low is not None and high is not None and low > high:
            below, above = words.split("|")
            detail = f"{below} value {low} is greater than {above} value {high}"
            errors.append(invalid(path.child(name).key(resource), str(shown), detail))

    compare("min", least, least, most, "min|max")
    compare("defaultRequest", request, least, request, "min|default request")
    compare("defaultRequest", request, request, most, "default request|max")
    compare("defaultRequest", request, request, limit, "default request|default limit")
    compare("default", least, least, limit, "min|default")
    compare("default", most, limit, most, "default|max")
    if ratio is not None:
        errors += _ratio_errors(ratio, least, most, path.child("maxLimitRequestRatio").key(resource))
    if limit is not None and request is not None and limit != request and not is_overcommit_allowed(resource):
        detail = f"default value {limit} must equal to defaultRequest value {request} in {resource}"
        errors.append(invalid(path.child("defaultRequest").key(resource), str(request), detail))
    return errors


def _ratio_errors(ratio: Quantity, least: Quantity | None, most: Quantity | None, path: Path) -> ErrorList:
    errors: ErrorList = []
    if ratio < of(1):
        errors.append(invalid(path, str(ratio), f"ratio {ratio} is less than 1"))
    if least is None or most is None:
        return errors
    value, low, high = float(ratio.value()), least.value(), most.value()
    if max(ratio.value(), low, high) < _MAXIMUM_MILLI:
        value, low, high = ratio.milli_value() / 1000, least.milli_value(), most.milli_value()
    if low and value > high / low:
        errors.append(invalid(path, str(ratio), f"ratio {ratio} is greater than max/min = {high / low:f}"))
    return errors
