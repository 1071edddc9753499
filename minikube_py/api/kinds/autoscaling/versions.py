"""autoscaling/v1 and v2 of HorizontalPodAutoscaler. v2 is what is stored; v1 keeps what it has no field for in
annotations (pkg/apis/autoscaling/v1/conversion.go)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from minikube_py.api.kinds.autoscaling.metricforms import (
    spec_from_v1,
    spec_to_v1,
    status_from_v1,
    status_to_v1,
)
from minikube_py.api.kinds.autoscaling.scalingrules import behavior_text, parse_behavior
from minikube_py.machinery.gotext import json_text, sorted_map
from minikube_py.machinery.gvr import Object

V1 = "autoscaling/v1"
V2 = "autoscaling/v2"
DEFAULT_UTILIZATION = 80
"""Percent of the CPU that pods ask for."""

_METRICS = "autoscaling.alpha.kubernetes.io/metrics"
_BEHAVIOR = "autoscaling.alpha.kubernetes.io/behavior"
_CURRENT_METRICS = "autoscaling.alpha.kubernetes.io/current-metrics"
_CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions"
_ROUND_TRIP = frozenset(
    {
        _METRICS,
        _BEHAVIOR,
        _CURRENT_METRICS,
        _CONDITIONS,
        "autoscaling.alpha.kubernetes.io/scale-down-tolerance",
        "autoscaling.alpha.kubernetes.io/scale-up-tolerance",
    }
)
_CONDITION = ("type", "status", "lastTransitionTime", "reason", "message")


def cpu_utilization(percent: int) -> Object:
    """The metric that v1's targetCPUUtilizationPercentage stands for."""
    return {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": percent}},
    }


def drop_round_trip_annotations(obj: Object) -> Object:
    """The object without the annotations that are v1's alone; itself if it has none."""
    metadata = obj["metadata"]
    annotations = metadata.get("annotations") or {}
    if _ROUND_TRIP.isdisjoint(annotations):
        return obj
    return {**obj, "metadata": _with_annotations(metadata, _kept(annotations))}


def _kept(annotations: Object) -> Object:
    return {key: value for key, value in annotations.items() if key not in _ROUND_TRIP}


def _with_annotations(metadata: Object, annotations: Object) -> Object:
    changed = {key: value for key, value in metadata.items() if key != "annotations"}
    if annotations:
        changed["annotations"] = sorted_map(annotations)
    return changed


def to_v1(obj: Object) -> Object:
    """A v2 tree as v1 shows it."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    metrics, current = spec.get("metrics") or [], status.get("currentMetrics") or []
    annotations = _kept(obj["metadata"].get("annotations") or {})
    others = [spec_to_v1(metric) for metric in metrics if _utilization(metric, "target") is None]
    if others:
        annotations[_METRICS] = json_text(others)
    if current:
        annotations[_CURRENT_METRICS] = json_text([status_to_v1(metric) for metric in current])
    if spec.get("behavior") is not None:
        annotations[_BEHAVIOR] = behavior_text(spec["behavior"])
    if status.get("conditions"):
        annotations[_CONDITIONS] = json_text([_ordered_condition(each) for each in status["conditions"]])
    return {
        "kind": "HorizontalPodAutoscaler",
        "apiVersion": V1,
        "metadata": _with_annotations(obj["metadata"], annotations),
        "spec": _v1_spec(spec, metrics),
        "status": _v1_status(status, current),
    }


def _utilization(metric: Object, amounts: str) -> Any:
    """A CPU metric's percentage, the only metric that v1 has a field for."""
    resource = metric.get("resource") or {}
    if metric.get("type") != "Resource" or resource.get("name") != "cpu":
        return None
    return (resource.get(amounts) or {}).get("averageUtilization")


def _ordered_condition(condition: Object) -> Object:
    ordered = {name: condition.get(name) for name in _CONDITION}
    return {name: value for name, value in ordered.items() if value or name == "lastTransitionTime"}


def _v1_spec(spec: Object, metrics: list[Object]) -> Object:
    found: Object = {"scaleTargetRef": spec.get("scaleTargetRef") or {"kind": "", "name": ""}}
    if spec.get("minReplicas") is not None:
        found["minReplicas"] = spec["minReplicas"]
    found["maxReplicas"] = spec.get("maxReplicas") or 0
    percentages = [percent for metric in metrics if (percent := _utilization(metric, "target")) is not None]
    if percentages:
        found["targetCPUUtilizationPercentage"] = percentages[0]
    return found


def _v1_status(status: Object, current: list[Object]) -> Object:
    found: Object = {name: status[name] for name in ("observedGeneration", "lastScaleTime") if name in status}
    for name in ("currentReplicas", "desiredReplicas"):
        found[name] = status.get(name) or 0
    percentages = [percent for metric in current if (percent := _utilization(metric, "current")) is not None]
    if percentages:
        found["currentCPUUtilizationPercentage"] = percentages[-1]
    return found


def to_v2(obj: Object) -> Object:
    """A v1 tree as it is stored. Annotations that make no sense are lost, as upstream loses them."""
    annotations = obj["metadata"].get("annotations") or {}
    return {
        "kind": "HorizontalPodAutoscaler",
        "apiVersion": V2,
        "metadata": _with_annotations(obj["metadata"], _kept(annotations)),
        "spec": _v2_spec(obj.get("spec") or {}, annotations),
        "status": _v2_status(obj.get("status") or {}, annotations),
    }


def _v2_spec(spec: Object, annotations: Object) -> Object:
    found: Object = {"scaleTargetRef": spec.get("scaleTargetRef") or {"kind": "", "name": ""}}
    if spec.get("minReplicas") is not None:
        found["minReplicas"] = spec["minReplicas"]
    found["maxReplicas"] = spec.get("maxReplicas") or 0
    metrics = _listed(annotations.get(_METRICS), spec_from_v1) or []
    percent = spec.get("targetCPUUtilizationPercentage")
    if percent is not None:
        metrics.append(cpu_utilization(percent))
    found["metrics"] = metrics or [cpu_utilization(DEFAULT_UTILIZATION)]
    behavior = parse_behavior(annotations[_BEHAVIOR]) if _BEHAVIOR in annotations else None
    if behavior is not None:
        found["behavior"] = behavior
    return found


def _v2_status(status: Object, annotations: Object) -> Object:
    found: Object = {name: status[name] for name in ("observedGeneration", "lastScaleTime") if name in status}
    if status.get("currentReplicas"):
        found["currentReplicas"] = status["currentReplicas"]
    found["desiredReplicas"] = status.get("desiredReplicas") or 0
    percent = status.get("currentCPUUtilizationPercentage")
    cpu = None
    if percent is not None:
        cpu = [{"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": percent}}}]
    current = _listed(annotations.get(_CURRENT_METRICS), status_from_v1)
    found["currentMetrics"] = (cpu if current is None else current) or None
    conditions = _listed(annotations.get(_CONDITIONS), _ordered_condition)
    if conditions:
        found["conditions"] = conditions
    return found


def _listed(text: str | None, convert: Callable[[Object], Object]) -> list[Object] | None:
    """The converted items of an annotation; None where it is missing or malformed."""
    if text is None:
        return None
    try:
        return [convert(item) for item in json.loads(text) or ()]
    except (ValueError, TypeError, AttributeError):
        return None
