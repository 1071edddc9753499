"""Conditions of a Deployment (pkg/controller/deployment/util/deployment_util.go)."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.conditions import find, remove_condition
from minikube_py.machinery.gvr import Object

AVAILABLE = "Available"
PROGRESSING = "Progressing"
REPLICA_FAILURE = "ReplicaFailure"

# Reasons of Progressing.
REPLICA_SET_UPDATED = "ReplicaSetUpdated"
REPLICA_SET_CREATE_ERROR = "ReplicaSetCreateError"
NEW_REPLICA_SET_CREATED = "NewReplicaSetCreated"
FOUND_NEW_REPLICA_SET = "FoundNewReplicaSet"
NEW_REPLICA_SET_AVAILABLE = "NewReplicaSetAvailable"
DEADLINE_EXCEEDED = "ProgressDeadlineExceeded"
PAUSED = "DeploymentPaused"
RESUMED = "DeploymentResumed"

Conditions = Sequence[Object]


def new_condition(type: str, status: str, reason: str, message: str, now: float) -> Object:
    when = rfc3339(now)
    return {
        "type": type,
        "status": status,
        "lastUpdateTime": when,
        "lastTransitionTime": when,
        "reason": reason,
        "message": message,
    }


def with_condition(conditions: Conditions, condition: Object) -> list[Object]:
    """The conditions with this one at the end. One of the same type, status and reason stays as it is; one of the
    same status lends its lastTransitionTime."""
    current = find(conditions, condition["type"])
    if current is not None and current["status"] == condition["status"]:
        if current.get("reason") == condition.get("reason"):
            return list(conditions)
        condition = {**condition, "lastTransitionTime": current.get("lastTransitionTime")}
    return [*remove_condition(conditions, condition["type"]), condition]


def conditions_of(obj: Object) -> list[Object]:
    return (obj.get("status") or {}).get("conditions") or []


def replica_failure(sets: Sequence[Object], new: Object | None) -> Object | None:
    """A ReplicaSet's ReplicaFailure as a condition of the Deployment; the new one's goes before the others'."""
    for replica_set in ([new] if new is not None else []) + list(sets):
        found = find(conditions_of(replica_set), REPLICA_FAILURE)
        if found is not None:
            return {**found, "lastUpdateTime": found.get("lastTransitionTime")}
    return None
