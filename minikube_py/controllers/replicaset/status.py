"""A ReplicaSet's status, computed from its pods (pkg/controller/replicaset/replica_set_utils.go)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minikube_py.controllers.runtime.pods import Answers, PodView, is_available
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import generation

REPLICA_FAILURE = "ReplicaFailure"


def calculate_status(
    replica_set: Object,
    active: Sequence[PodView],
    terminating: int | None,
    failure: Exception | None,
    now: float,
) -> dict[str, Any]:
    """The new status; counts that are zero are left out, as the server does. `terminating` is None where the kind
    does not report it; `failure` is why pods could not be made or removed."""
    spec = replica_set["spec"]
    wanted_labels = frozenset(template_labels(replica_set).items())
    fully_labeled = Answers(lambda labels: wanted_labels <= labels.items())
    min_ready = spec.get("minReadySeconds") or 0
    labeled = ready = available = 0
    for view in active:
        if fully_labeled[view.label_set]:
            labeled += 1
        if view.ready:
            ready += 1
            if min_ready == 0 or is_available(view.pod, min_ready, now):
                available += 1
    counts = {
        "fullyLabeledReplicas": labeled,
        "readyReplicas": ready,
        "availableReplicas": available,
        "observedGeneration": generation(replica_set),
    }
    status: dict[str, Any] = {"replicas": len(active)}
    status.update((name, count) for name, count in counts.items() if count)
    if terminating is not None:
        status["terminatingReplicas"] = terminating
    conditions = _conditions(replica_set, len(active), failure, now)
    if conditions:
        status["conditions"] = conditions
    return status


def template_labels(replica_set: Object) -> dict[str, str]:
    template: Object = replica_set["spec"].get("template") or {}
    return (template.get("metadata") or {}).get("labels") or {}


def _conditions(replica_set: Object, active: int, failure: Exception | None, now: float) -> list[Object]:
    old: list[Object] = (replica_set.get("status") or {}).get("conditions") or []
    failed = any(each["type"] == REPLICA_FAILURE for each in old)
    if failure is None:
        return [each for each in old if each["type"] != REPLICA_FAILURE] if failed else old
    if failed:
        return old
    difference = active - (replica_set["spec"].get("replicas") or 0)
    condition: Object = {"type": REPLICA_FAILURE, "status": "True", "lastTransitionTime": rfc3339(now)}
    if difference:
        condition["reason"] = "FailedCreate" if difference < 0 else "FailedDelete"
    return [*old, {**condition, "message": str(failure)}]
