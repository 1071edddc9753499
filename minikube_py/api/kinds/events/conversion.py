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
    renamed = {_TO_CORE.get(name, name): value for name, value in event.items()}
    return {**_CORE_ZEROS, **renamed, "apiVersion": "v1"}


def from_core(event: Object) -> Object:
    renamed = {_FROM_CORE.get(name, name): value for name, value in event.items()}
    found = {**_NEW_ZEROS, **renamed, "apiVersion": "events.k8s.io/v1"}
    for name in _NEW_OMITTED_IF_EMPTY:
        if not found.get(name):
            found.pop(name, None)
    return found
