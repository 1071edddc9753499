"""Between events.k8s.io/v1 and v1 (pkg/apis/events/v1/conversion.go): the same fields under other names.

v1                    events.k8s.io/v1
involvedObject        regarding
message               note
source                deprecatedSource
firstTimestamp        deprecatedFirstTimestamp
lastTimestamp         deprecatedLastTimestamp
count                 deprecatedCount
reportingComponent    reportingController
"""

from __future__ import annotations

from typing import Any

from minikube_py.machinery.gvr import Object

_TO_CORE = {
    "regarding": "involvedObject",
    "note": "message",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
    "reportingController": "reportingComponent",
}
_FROM_CORE = {core: name for name, core in _TO_CORE.items()}

_CORE_ZEROS: dict[str, Any] = {
    "involvedObject": {},
    "source": {},
    "firstTimestamp": None,
    "lastTimestamp": None,
    "eventTime": None,
    "reportingComponent": "",
    "reportingInstance": "",
}
"""What v1 always shows."""
_NEW_ZEROS: dict[str, Any] = {
    "regarding": {},
    "deprecatedSource": {},
    "deprecatedFirstTimestamp": None,
    "deprecatedLastTimestamp": None,
    "eventTime": None,
}
"""What events.k8s.io/v1 always shows."""
_NEW_OMITTED_IF_EMPTY = ("reportingController", "reportingInstance")


def to_core(event: Object) -> Object:
    return {**_head(event, "v1"), **_CORE_ZEROS, **_renamed(event, _TO_CORE)}


def from_core(event: Object) -> Object:
    found = {**_head(event, "events.k8s.io/v1"), **_NEW_ZEROS, **_renamed(event, _FROM_CORE)}
    for name in _NEW_OMITTED_IF_EMPTY:
        if not found.get(name):
            found.pop(name, None)
    return found


def _head(event: Object, api_version: str) -> Object:
    """Kind and apiVersion come first in every stored tree."""
    return {"kind": event["kind"], "apiVersion": api_version, "metadata": event["metadata"]}


def _renamed(event: Object, names: dict[str, str]) -> Object:
    return {names.get(name, name): value for name, value in event.items() if name not in ("kind", "apiVersion")}
