"""A StatefulSet's status, counted from its pods (pkg/controller/statefulset/stateful_set_control.go updateStatus)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from minikube_py.controllers.runtime.pods import is_available, is_ready, phase
from minikube_py.controllers.statefulset.identity import pod_revision, replicas
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import generation, is_deleting

Status = dict[str, Any]

COUNTS = ("replicas", "readyReplicas", "availableReplicas", "currentReplicas", "updatedReplicas")
_COMPARED = (*COUNTS, "currentRevision", "updateRevision")


def is_created(pod: Object) -> bool:
    """Whether the server has it; the controller's drafts have no phase yet."""
    return phase(pod) != ""


def is_running_and_ready(pod: Object) -> bool:
    return phase(pod) == "Running" and is_ready(pod)


def is_unavailable(pod: Object, min_ready_seconds: int, now: float) -> bool:
    return not is_available(pod, min_ready_seconds, now) or is_deleting(pod)


def min_ready_seconds(stateful_set: Object) -> int:
    return int(stateful_set["spec"].get("minReadySeconds") or 0)


def count(stateful_set: Object, pods: Iterable[Object], current: str, update: str, now: float) -> Status:
    """The counts; `current` and `update` are the names of the revisions."""
    status: Status = dict.fromkeys(COUNTS, 0)
    min_ready = min_ready_seconds(stateful_set)
    for pod in pods:
        if not is_created(pod):
            continue
        status["replicas"] += 1
        if is_running_and_ready(pod):
            status["readyReplicas"] += 1
            status["availableReplicas"] += is_available(pod, min_ready, now)
        if not is_deleting(pod):
            revision = pod_revision(pod)
            status["currentReplicas"] += revision == current
            status["updatedReplicas"] += revision == update
    return status


def with_completion(stateful_set: Object, status: Status) -> Status:
    """Once all pods are updated and ready, the revision updated to is the current one."""
    wanted = replicas(stateful_set)
    rolling = (stateful_set["spec"].get("updateStrategy") or {}).get("type") == "RollingUpdate"
    if not rolling or any(status[each] != wanted for each in ("updatedReplicas", "readyReplicas", "replicas")):
        return status
    return {**status, "currentReplicas": status["updatedReplicas"], "currentRevision": status["updateRevision"]}


def is_news(stateful_set: Object, status: Status) -> bool:
    """Whether it says anything that the set's own status does not."""
    known: Status = stateful_set.get("status") or {}
    if generation(stateful_set) > (known.get("observedGeneration") or 0):
        return True
    return any((status.get(each) or 0) != (known.get(each) or 0) for each in _COMPARED)


def as_written(status: Status) -> Status:
    """Without the counts that are zero, but for those the server always keeps."""
    return {each: value for each, value in status.items() if value or each not in COUNTS or each in _KEPT}


_KEPT = ("replicas", "availableReplicas")
