"""A Job's conditions: their reasons and words."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.conditions import find, is_true
from minikube_py.machinery.gvr import Object

COMPLETE, FAILED, SUSPENDED = "Complete", "Failed", "Suspended"
SUCCESS_CRITERIA_MET, FAILURE_TARGET = "SuccessCriteriaMet", "FailureTarget"

POD_FAILURE_POLICY = "PodFailurePolicy"
SUCCESS_POLICY = "SuccessPolicy"

BACKOFF_LIMIT_EXCEEDED = ("BackoffLimitExceeded", "Job has reached the specified backoff limit")
DEADLINE_EXCEEDED = ("DeadlineExceeded", "Job was active longer than specified deadline")
MAX_FAILED_INDEXES_EXCEEDED = (
    "MaxFailedIndexesExceeded",
    "Job has exceeded the specified maximal number of failed indexes",
)
FAILED_INDEXES = ("FailedIndexes", "Job has failed indexes")
COMPLETIONS_REACHED = ("CompletionsReached", "Reached expected number of succeeded pods")
"""Reasons with their messages."""


def new(type: str, reason: str, message: str, now: float, status: str = "True") -> Object:
    when = rfc3339(now)
    made: Object = {"type": type, "status": status, "lastProbeTime": when, "lastTransitionTime": when}
    if reason:
        made["reason"] = reason
    if message:
        made["message"] = message
    return made


def is_finished(job: Object) -> bool:
    conditions = (job.get("status") or {}).get("conditions")
    return is_true(conditions, COMPLETE) or is_true(conditions, FAILED)


def ensured(conditions: Sequence[Object], wanted: Object) -> list[Object] | None:
    """The conditions with this one in its type's place or at the end, None if nothing changes. What was never there is
    not made False."""
    present = find(conditions, wanted["type"])
    if present is None:
        return [*conditions, wanted] if wanted["status"] != "False" else None
    if all(present.get(field) == wanted.get(field) for field in ("status", "reason", "message")):
        return None
    return [wanted if each is present else each for each in conditions]
