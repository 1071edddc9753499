"""The "Targets" of `kubectl get hpa`: "cpu: 40%/50%, memory: <unknown>/1Gi" (internalversion printers)."""

from __future__ import annotations

from minikube_py.machinery.gvr import Object

_SHOWN = 2
_UNKNOWN = "<unknown>"
_NIL = "<nil>"
"""A quantity that is not there, as Go prints it."""
_FIELDS = {
    "External": "external",
    "Pods": "pods",
    "Object": "object",
    "Resource": "resource",
    "ContainerResource": "containerResource",
}


def metrics_text(metrics: list[Object], current: list[Object]) -> str:
    """`current` are the metrics of the status, at the same places."""
    if not metrics:
        return "<none>"
    texts = [
        _metric_text(metric, current[index] if index < len(current) else {})
        for index, metric in enumerate(metrics[:_SHOWN])
    ]
    more = len(metrics) - _SHOWN
    return ", ".join(texts) + (f" + {more} more..." if more > 0 else "")


def _metric_text(metric: Object, status: Object) -> str:
    field = _FIELDS.get(metric.get("type") or "")
    if field is None:
        return "<unknown type>"
    source = metric.get(field) or {}
    target = source.get("target") or {}
    now = (status.get(field) or {}).get("current") if status.get(field) is not None else None
    if field in ("resource", "containerResource"):
        return f"{source.get('name', '')}: {_resource_text(target, now)}"
    if field == "pods":
        return f"{_amount(now, 'averageValue')}/{target.get('averageValue', _NIL)}"
    if target.get("averageValue") is not None:
        shown = (now or {}).get("averageValue", _UNKNOWN)
        return f"{shown}/{target['averageValue']} (avg)"
    return f"{_amount(now, 'value')}/{target.get('value', _NIL)}"


def _amount(now: Object | None, name: str) -> str:
    return _UNKNOWN if now is None else str(now.get(name, _NIL))


def _resource_text(target: Object, now: Object | None) -> str:
    if target.get("averageValue") is not None:
        return f"{_amount(now, 'averageValue')}/{target['averageValue']}"
    return f"{_percent((now or {}).get('averageUtilization'), _UNKNOWN)}/" + _percent(
        target.get("averageUtilization"), "<auto>"
    )


def _percent(utilization: int | None, otherwise: str) -> str:
    return otherwise if utilization is None else f"{utilization}%"
