"""A Deployment's status and progress (pkg/controller/deployment/sync.go calculateStatus, progress.go)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minikube_py.controllers.deployment.conditions import (
    AVAILABLE,
    DEADLINE_EXCEEDED,
    NEW_REPLICA_SET_AVAILABLE,
    PROGRESSING,
    REPLICA_FAILURE,
    REPLICA_SET_UPDATED,
    Conditions,
    conditions_of,
    new_condition,
    replica_failure,
    with_condition,
)
from minikube_py.controllers.deployment.counts import (
    NO_LIMIT,
    max_unavailable,
    observed,
    replicas,
    total,
    total_observed,
)
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.conditions import find, remove_condition
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import generation, name

Status = dict[str, Any]


def calculate_status(
    deployment: Object, sets: Sequence[Object], new: Object | None, now: float, *, terminating: bool = True
) -> Status:
    """Counts, and the condition Available; `sets` are all, the new one included. Zeros are left out, as the server
    does. `terminating`: whether pods on their way out are counted."""
    available = total_observed(sets, "availableReplicas")
    counts = {
        "observedGeneration": generation(deployment),
        "replicas": total_observed(sets, "replicas"),
        "updatedReplicas": observed(new, "replicas") if new is not None else 0,
        "readyReplicas": total_observed(sets, "readyReplicas"),
        "availableReplicas": available,
        "unavailableReplicas": max(0, total(sets) - available),
    }
    status: Status = {key: count for key, count in counts.items() if count}
    leaving = _terminating(sets) if terminating else None
    if leaving is not None:
        status["terminatingReplicas"] = leaving
    if available >= replicas(deployment) - max_unavailable(deployment):
        reason, message = "MinimumReplicasAvailable", "Deployment has minimum availability."
        condition = new_condition(AVAILABLE, "True", reason, message, now)
    else:
        reason, message = "MinimumReplicasUnavailable", "Deployment does not have minimum availability."
        condition = new_condition(AVAILABLE, "False", reason, message, now)
    status["conditions"] = with_condition(conditions_of(deployment), condition)
    collisions = (deployment.get("status") or {}).get("collisionCount")
    if collisions is not None:
        status["collisionCount"] = collisions
    return status


def _terminating(sets: Sequence[Object]) -> int | None:
    """The pods on their way out; None if a ReplicaSet that was looked at does not tell."""
    count = 0
    for replica_set in sets:
        status = replica_set.get("status") or {}
        if status.get("terminatingReplicas") is not None:
            count += status["terminatingReplicas"]
        elif status.get("observedGeneration"):
            return None
    return count


def rollout_status(
    deployment: Object, sets: Sequence[Object], new: Object | None, now: float, *, terminating: bool = True
) -> Status:
    """`calculate_status` with the conditions Progressing and ReplicaFailure."""
    status = calculate_status(deployment, sets, new, now, terminating=terminating)
    conditions: Conditions = status["conditions"]
    if not has_deadline(deployment):
        conditions = remove_condition(conditions, PROGRESSING)
    elif not _was_complete(deployment, status):
        conditions = _with_progress(deployment, status, new, now)
    failure = replica_failure(sets, new)
    if failure is None:
        return {**status, "conditions": remove_condition(conditions, REPLICA_FAILURE)}
    return {**status, "conditions": with_condition(conditions, failure)}


def _was_complete(deployment: Object, status: Status) -> bool:
    """Nothing is being rolled out, so no progress is to be estimated."""
    current = find(conditions_of(deployment), PROGRESSING)
    return (
        status.get("replicas", 0) == status.get("updatedReplicas", 0)
        and current is not None
        and current.get("reason") == NEW_REPLICA_SET_AVAILABLE
    )


def _with_progress(deployment: Object, status: Status, new: Object | None, now: float) -> Conditions:
    conditions: Conditions = status["conditions"]
    what = f'ReplicaSet "{name(new)}"' if new is not None else f'Deployment "{name(deployment)}"'
    if is_complete(deployment, status):
        message = f"{what} has successfully progressed."
        condition = new_condition(PROGRESSING, "True", NEW_REPLICA_SET_AVAILABLE, message, now)
        return with_condition(conditions, condition)
    if is_progressing(deployment, status):
        condition = new_condition(PROGRESSING, "True", REPLICA_SET_UPDATED, f"{what} is progressing.", now)
        current = find(conditions, PROGRESSING)
        if current is not None and current["status"] == "True":
            condition["lastTransitionTime"] = current["lastTransitionTime"]
        # Unlike elsewhere lastUpdateTime moves although the reason stays: the deadline counts from it.
        return [*remove_condition(conditions, PROGRESSING), condition]
    if has_timed_out(deployment, conditions, now):
        message = f"{what} has timed out progressing."
        return with_condition(conditions, new_condition(PROGRESSING, "False", DEADLINE_EXCEEDED, message, now))
    return conditions


def is_complete(deployment: Object, status: Status) -> bool:
    """All replicas are updated and available, and no others are left."""
    wanted = replicas(deployment)
    counts = ("updatedReplicas", "replicas", "availableReplicas")
    if any(status.get(count, 0) != wanted for count in counts):
        return False
    return int(status.get("observedGeneration", 0)) >= generation(deployment)


def is_progressing(deployment: Object, status: Status) -> bool:
    """Whether there are more updated, ready or available pods than last observed, or fewer old ones."""
    before: Status = deployment.get("status") or {}

    def grew(count: str) -> bool:
        return int(status.get(count, 0)) > int(before.get(count, 0))

    def outdated(each: Status) -> int:
        return int(each.get("replicas", 0)) - int(each.get("updatedReplicas", 0))

    return (
        grew("updatedReplicas")
        or outdated(status) < outdated(before)
        or grew("readyReplicas")
        or grew("availableReplicas")
    )


def has_deadline(deployment: Object) -> bool:
    return deployment["spec"].get("progressDeadlineSeconds") not in (None, NO_LIMIT)


def has_timed_out(deployment: Object, conditions: Conditions, now: float) -> bool:
    """Whether the last progress is longer ago than progressDeadlineSeconds, or was found to be."""
    current = find(conditions, PROGRESSING)
    if current is None or current.get("reason") == NEW_REPLICA_SET_AVAILABLE:
        return False
    if current.get("reason") == DEADLINE_EXCEEDED:
        return True
    return _deadline(deployment, current) < now


def until_deadline(deployment: Object, status: Status, now: float) -> float | None:
    """Seconds until the progress of a rollout that shows none now is to be checked again; None if there is nothing
    to check."""
    current = find(conditions_of(deployment), PROGRESSING)
    if not has_deadline(deployment) or current is None:
        return None
    if is_complete(deployment, status) or current.get("reason") == DEADLINE_EXCEEDED:
        return None
    return _deadline(deployment, current) - now


def _deadline(deployment: Object, progressing: Object) -> float:
    seconds: int = deployment["spec"]["progressDeadlineSeconds"]
    return parse_rfc3339(progressing["lastUpdateTime"]) + seconds
