"""A CronJob's status against the Jobs there are, and what it keeps of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from minikube_py.machinery.conditions import is_true
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import name, namespace, resource_version, uid

COMPLETE, FAILED = "Complete", "Failed"


def outcome(job: Object) -> str:
    """Complete or Failed; "" of one that goes on."""
    conditions = (job.get("status") or {}).get("conditions")
    return next((type for type in (COMPLETE, FAILED) if is_true(conditions, type)), "")


def reference(job: Object) -> Object:
    """As status.active has it."""
    return {
        "kind": "Job",
        "namespace": namespace(job),
        "name": name(job),
        "uid": uid(job),
        "apiVersion": "batch/v1",
        "resourceVersion": resource_version(job),
    }


def is_active(status: Object, job_uid: str) -> bool:
    return any(each.get("uid") == job_uid for each in status.get("active") or ())


def drop(status: Object, job_uid: str) -> None:
    """Take a Job off the draft's list."""
    left = [each for each in status.get("active") or () if each.get("uid") != job_uid]
    if left:
        status["active"] = left
    else:
        status.pop("active", None)


def latest_success(status: Object, jobs: Iterable[Object]) -> str | None:
    """status.lastSuccessfulTime as it should be."""
    times = [job["status"].get("completionTime") for job in jobs if outcome(job) == COMPLETE]
    return max((when for when in (status.get("lastSuccessfulTime"), *times) if when), default=None)


def superfluous(jobs: Sequence[Object], limit: int | None) -> list[Object]:
    """The oldest of finished Jobs, so that `limit` are left (None: all)."""
    if limit is None or len(jobs) <= limit:
        return []
    return sorted(jobs, key=_age)[: len(jobs) - limit]


def _age(job: Object) -> tuple[bool, str, str]:
    started = (job.get("status") or {}).get("startTime")
    return started is None, started or "", name(job)
