"""Since when endpoints are out of date (k8s.io/endpointslice/util trigger_time_tracker.go)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from minikube_py.controllers.endpointslice.pods import EndpointPod
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import key

ANNOTATION = "endpoints.kubernetes.io/last-change-trigger-time"


class _State(NamedTuple):
    service: str
    pods: dict[str, str]


class TriggerTimes:
    """Remembers, by Service, the times seen at its last reconcile. Times are RFC 3339 in UTC, so their order is that
    of texts; "" is none."""

    def __init__(self) -> None:
        self._states: dict[NamespacedName, _State] = {}

    def next(self, service: Object, pods: Iterable[EndpointPod]) -> str:
        """The earliest change since the last call: of a pod's readiness, or the making of the Service. "" if nothing
        that tells a time has changed, and the annotation is to be removed."""
        where, created = key(service), service["metadata"].get("creationTimestamp") or ""
        before = self._states.get(where)
        seen = {pod.pod["metadata"]["name"]: pod.ready_changed for pod in pods if pod.ready_changed}
        self._states[where] = _State(created, seen)
        if before is None:
            return created
        last = before.pods
        changed = [when for name, when in seen.items() if when > last.get(name, "")]
        if created > before.service:
            changed.append(created)
        return min(changed, default="")

    def forget(self, service: NamespacedName) -> None:
        self._states.pop(service, None)


def annotated(obj: Object, when: str) -> Object:
    """The object with the annotation set, or without it for ""."""
    metadata = obj["metadata"]
    before = metadata.get("annotations") or {}
    if before.get(ANNOTATION, "") == when:
        return obj
    after = {name: value for name, value in before.items() if name != ANNOTATION}
    if when:
        after[ANNOTATION] = when
    rest = {name: value for name, value in metadata.items() if name != "annotations"}
    return {**obj, "metadata": {**rest, "annotations": after} if after else rest}
