"""Metrics of a HorizontalPodAutoscaler in their two forms (pkg/apis/autoscaling/v1/conversion.go).

    v2   {"type": "Resource", "resource": {"name": "memory", "target": {"type": "AverageValue", "averageValue": "1Gi"}}}
    v1   {"type": "Resource", "resource": {"name": "memory", "targetAverageValue": "1Gi"}}

v1 has no field for them: they live in its annotations, as JSON whose keys stand in Go's order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from minikube_py.machinery import quantity
from minikube_py.machinery.gvr import Object

SOURCES = ("object", "pods", "resource", "containerResource", "external")
"""The fields of a metric that say where it comes from, in Go's order."""

_Form = Callable[[Object], Object]


def spec_to_v1(metric: Object) -> Object:
    return _converted(metric, _SPEC_TO_V1)


def spec_from_v1(metric: Object) -> Object:
    """Raises ValueError, TypeError or AttributeError for what is no metric."""
    return _converted(metric, _SPEC_FROM_V1)


def status_to_v1(metric: Object) -> Object:
    return _converted(metric, _STATUS_TO_V1)


def status_from_v1(metric: Object) -> Object:
    """Raises ValueError, TypeError or AttributeError for what is no metric."""
    return _converted(metric, _STATUS_FROM_V1)


def _converted(metric: Object, forms: Mapping[str, _Form]) -> Object:
    found: Object = {"type": metric.get("type") or ""}
    for source in SOURCES:
        if metric.get(source) is not None:
            found[source] = forms[source](metric[source])
    return found


def _given(**fields: Any) -> Object:
    """Without what is None."""
    return {name: value for name, value in fields.items() if value is not None}


def _quantity(value: Any) -> str | None:
    return None if value is None else quantity.canonicalize(value)


def _reference(reference: Object | None) -> Object:
    found = reference or {}
    ordered: Object = {"kind": found.get("kind") or "", "name": found.get("name") or ""}
    return {**ordered, "apiVersion": found["apiVersion"]} if found.get("apiVersion") else ordered


def _metric(v1: Object, selector: str) -> Object:
    return _given(name=v1.get("metricName") or "", selector=v1.get(selector))


def _object_to_v1(value: str) -> _Form:
    """`value`: the v1 field of the raw value, which is there even if it is 0."""

    def convert(source: Object) -> Object:
        amounts = source.get("target") or source.get("current") or {}
        metric = source.get("metric") or {}
        return _given(
            target=_reference(source.get("describedObject")),
            metricName=metric.get("name") or "",
            **{value: amounts.get("value", "0")},
            selector=metric.get("selector"),
            averageValue=amounts.get("averageValue"),
        )

    return convert


def _object_spec_from_v1(v1: Object) -> Object:
    average, value = _quantity(v1.get("averageValue")), _quantity(v1.get("targetValue", "0"))
    if average is not None and value == "0":
        value = None  # v1 cannot leave it out
    target = _given(type="Value" if average is None else "AverageValue", value=value, averageValue=average)
    return {"describedObject": _reference(v1.get("target")), "target": target, "metric": _metric(v1, "selector")}


def _object_status_from_v1(v1: Object) -> Object:
    current = _given(value=_quantity(v1.get("currentValue", "0")), averageValue=_quantity(v1.get("averageValue")))
    return {
        "metric": _metric(v1, "selector"),
        "current": current,
        "describedObject": _reference(v1.get("target")),
    }


def _pods_to_v1(average: str) -> _Form:
    def convert(source: Object) -> Object:
        amounts = source.get("target") or source.get("current") or {}
        metric = source.get("metric") or {}
        return _given(
            metricName=metric.get("name") or "",
            **{average: amounts.get("averageValue", "0")},
            selector=metric.get("selector"),
        )

    return convert


def _pods_spec_from_v1(v1: Object) -> Object:
    average = _quantity(v1.get("targetAverageValue", "0"))
    return {"metric": _metric(v1, "selector"), "target": {"type": "AverageValue", "averageValue": average}}


def _pods_status_from_v1(v1: Object) -> Object:
    average = _quantity(v1.get("currentAverageValue", "0"))
    return {"metric": _metric(v1, "selector"), "current": {"averageValue": average}}


def _resource_spec_to_v1(source: Object) -> Object:
    target = source.get("target") or {}
    return _given(
        name=source.get("name") or "",
        targetAverageUtilization=target.get("averageUtilization"),
        targetAverageValue=target.get("averageValue"),
        container=source.get("container"),
    )


def _resource_spec_from_v1(v1: Object) -> Object:
    utilization = v1.get("targetAverageUtilization")
    target = _given(
        type="AverageValue" if utilization is None else "Utilization",
        averageValue=_quantity(v1.get("targetAverageValue")),
        averageUtilization=utilization,
    )
    return _given(name=v1.get("name") or "", target=target, container=v1.get("container"))


def _resource_status_to_v1(source: Object) -> Object:
    current = source.get("current") or {}
    return _given(
        name=source.get("name") or "",
        currentAverageUtilization=current.get("averageUtilization"),
        currentAverageValue=current.get("averageValue", "0"),
        container=source.get("container"),
    )


def _resource_status_from_v1(v1: Object) -> Object:
    current = _given(
        averageValue=_quantity(v1.get("currentAverageValue", "0")),
        averageUtilization=v1.get("currentAverageUtilization"),
    )
    return _given(name=v1.get("name") or "", current=current, container=v1.get("container"))


def _external_spec_to_v1(source: Object) -> Object:
    target, metric = source.get("target") or {}, source.get("metric") or {}
    return _given(
        metricName=metric.get("name") or "",
        metricSelector=metric.get("selector"),
        targetValue=target.get("value"),
        targetAverageValue=target.get("averageValue"),
    )


def _external_spec_from_v1(v1: Object) -> Object:
    value = _quantity(v1.get("targetValue"))
    average = _quantity(v1.get("targetAverageValue"))
    target = _given(type="AverageValue" if value is None else "Value", value=value, averageValue=average)
    return {"metric": _metric(v1, "metricSelector"), "target": target}


def _external_status_to_v1(source: Object) -> Object:
    current, metric = source.get("current") or {}, source.get("metric") or {}
    return _given(
        metricName=metric.get("name") or "",
        metricSelector=metric.get("selector"),
        currentValue=current.get("value", "0"),
        currentAverageValue=current.get("averageValue"),
    )


def _external_status_from_v1(v1: Object) -> Object:
    value, average = _quantity(v1.get("currentValue", "0")), _quantity(v1.get("currentAverageValue"))
    return {"metric": _metric(v1, "metricSelector"), "current": _given(value=value, averageValue=average)}


_SPEC_TO_V1: dict[str, _Form] = {
    "object": _object_to_v1("targetValue"),
    "pods": _pods_to_v1("targetAverageValue"),
    "resource": _resource_spec_to_v1,
    "containerResource": _resource_spec_to_v1,
    "external": _external_spec_to_v1,
}
_SPEC_FROM_V1: dict[str, _Form] = {
    "object": _object_spec_from_v1,
    "pods": _pods_spec_from_v1,
    "resource": _resource_spec_from_v1,
    "containerResource": _resource_spec_from_v1,
    "external": _external_spec_from_v1,
}
_STATUS_TO_V1: dict[str, _Form] = {
    "object": _object_to_v1("currentValue"),
    "pods": _pods_to_v1("currentAverageValue"),
    "resource": _resource_status_to_v1,
    "containerResource": _resource_status_to_v1,
    "external": _external_status_to_v1,
}
_STATUS_FROM_V1: dict[str, _Form] = {
    "object": _object_status_from_v1,
    "pods": _pods_status_from_v1,
    "resource": _resource_status_from_v1,
    "containerResource": _resource_status_from_v1,
    "external": _external_status_from_v1,
}
