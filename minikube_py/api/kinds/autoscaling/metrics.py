"""spec.metrics of a HorizontalPodAutoscaler: what it scales by (pkg/apis/autoscaling/validation)."""

from __future__ import annotations

from collections.abc import Callable

from minikube_py.api.kinds.autoscaling.reference import ReferenceOptions, validate_reference
from minikube_py.api.kinds.podspec.requirements import container_resource_name_errors
from minikube_py.machinery import quantity
from minikube_py.machinery.field import (
    ErrorList,
    Path,
    as_json,
    forbidden,
    invalid,
    invalid_each,
    not_supported,
    required,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import dns1123_label, path_segment_name

_TYPES = ("ContainerResource", "External", "Object", "Pods", "Resource")
_FIELDS = {
    "Object": "object",
    "External": "external",
    "Pods": "pods",
    "Resource": "resource",
    "ContainerResource": "containerResource",
}
"""The field that each type of metric fills, in the order in which upstream looks at them."""


def validate_metrics(
    metrics: list[Object], path: Path, min_replicas: int | None, options: ReferenceOptions
) -> ErrorList:
    errors: ErrorList = []
    for index, metric in enumerate(metrics):
        errors += _metric_errors(metric, path.index(index), options)
    idle = {"Object", "External"}
    if min_replicas == 0 and not any(metric.get("type") in idle for metric in metrics):
        detail = "must specify at least one Object or External metric to support scaling to zero replicas"
        errors.append(forbidden(path, detail))
    return errors


def _metric_errors(metric: Object, path: Path, options: ReferenceOptions) -> ErrorList:
    """One source, the one that the type names. Of several, upstream looks into the first only; a type that it does not
    know it says twice."""
    kind = metric.get("type") or ""
    at = path.child("type")
    errors: ErrorList = []
    if not kind:
        errors.append(required(at, "must specify a metric source type"))
    if kind not in _TYPES:
        errors.append(not_supported(at, as_json(kind), _TYPES))
    present = [field for field in _FIELDS.values() if metric.get(field) is not None]
    if present:
        errors += _source_errors(present[0], metric[present[0]], path.child(present[0]), options)
    expected = _FIELDS.get(kind)
    if expected is None:
        errors.append(not_supported(at, as_json(kind), _TYPES))
    elif expected not in present:
        errors.append(required(path.child(expected), "must populate information for the given metric source"))
    if len(present) != 1:
        errors += [
            forbidden(path.child(field), "must populate the given metric source only")
            for field in present
            if field != expected
        ]
    return errors


def _source_errors(field: str, source: Object, path: Path, options: ReferenceOptions) -> ErrorList:
    if field == "object":
        errors = validate_reference(source.get("describedObject") or {}, path.child("describedObject"), options)
        return errors + _VALIDATORS[field](source, path)
    return _VALIDATORS[field](source, path)


def _object_errors(source: Object, path: Path) -> ErrorList:
    target = source.get("target") or {}
    errors = _identified_target_errors(source, path)
    if target.get("value") is None and target.get("averageValue") is None:
        detail = "must set either a target value or averageValue"
        errors.append(required(path.child("target", "averageValue"), detail))
    return errors


def _external_errors(source: Object, path: Path) -> ErrorList:
    target = source.get("target") or {}
    errors = _identified_target_errors(source, path)
    value, average = target.get("value"), target.get("averageValue")
    if value is None and average is None:
        detail = "must set either a target value for metric or a per-pod target"
        errors.append(required(path.child("target", "averageValue"), detail))
    if value is not None and average is not None:
        detail = "may not set both a target value for metric and a per-pod target"
        errors.append(forbidden(path.child("target", "value"), detail))
    return errors


def _pods_errors(source: Object, path: Path) -> ErrorList:
    errors = _identified_target_errors(source, path)
    if (source.get("target") or {}).get("averageValue") is None:
        errors.append(required(path.child("target", "averageValue"), "must specify a positive target averageValue"))
    return errors


def _container_resource_errors(source: Object, path: Path) -> ErrorList:
    name, container = source.get("name") or "", source.get("container") or ""
    at = path.child("name")
    errors = container_resource_name_errors(name, at) if name else [required(at, "must specify a resource name")]
    at = path.child("container")
    if container:
        errors += invalid_each(at, container, dns1123_label(container))
    else:
        errors.append(required(at, "must specify a container"))
    return errors + _resource_target_errors(source, path)


def _resource_errors(source: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    if not source.get("name"):
        errors.append(required(path.child("name"), "must specify a resource name"))
    return errors + _resource_target_errors(source, path)


def _resource_target_errors(source: Object, path: Path) -> ErrorList:
    target = source.get("target") or {}
    errors = _target_errors(target, path.child("target"))
    utilization, average = target.get("averageUtilization"), target.get("averageValue")
    if utilization is None and average is None:
        detail = "must set either a target raw value or a target utilization"
        errors.append(required(path.child("target", "averageUtilization"), detail))
    if utilization is not None and average is not None:
        detail = "may not set both a target raw value and a target utilization"
        errors.append(forbidden(path.child("target", "averageValue"), detail))
    return errors


def _identified_target_errors(source: Object, path: Path) -> ErrorList:
    name = (source.get("metric") or {}).get("name") or ""
    at = path.child("metric", "name")
    errors = invalid_each(at, name, path_segment_name(name)) if name else [required(at, "must specify a metric name")]
    return errors + _target_errors(source.get("target") or {}, path.child("target"))


def _target_errors(target: Object, path: Path) -> ErrorList:
    kind = target.get("type") or ""
    errors: ErrorList = []
    if not kind:
        errors.append(required(path.child("type"), "must specify a metric target type"))
    if kind not in ("Utilization", "Value", "AverageValue"):
        detail = "must be either Utilization, Value, or AverageValue"
        errors.append(invalid(path.child("type"), as_json(kind), detail))
    for name in ("value", "averageValue"):
        amount = target.get(name)
        if amount is not None and quantity.parse(amount).sign() != 1:
            errors.append(invalid(path.child(name), as_json(amount), "must be positive"))
    utilization = target.get("averageUtilization")
    if utilization is not None and utilization < 1:
        errors.append(invalid(path.child("averageUtilization"), utilization, "must be greater than 0"))
    return errors


_VALIDATORS: dict[str, Callable[[Object, Path], ErrorList]] = {
    "object": _object_errors,
    "external": _external_errors,
    "pods": _pods_errors,
    "resource": _resource_errors,
    "containerResource": _container_resource_errors,
}
