"""How long a Job waits before it replaces failed pods (pkg/controller/job/backoff_utils.go).

The n-th failure in a row is followed by 10 s * 2**(n - 1), at most ten minutes, counted from when the pod ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from minikube_py.controllers.job.indexes import failure_count, ignored_failure_count
from minikube_py.controllers.runtime.pods import condition
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.gvr import Object

FIRST = 10.0
LONGEST = 600.0
"""Seconds."""


class Record(NamedTuple):
    """Of a Job: the failures since its last success."""

    failures: int = 0
    last: float | None = None
    """When the last one ended, in Unix seconds."""


def after(record: Record, succeeded: Sequence[Object], failed: Sequence[Object]) -> Record:
    """The record once these pods are known to have ended."""
    ends = sorted(finished_at(pod) for pod in failed)
    if not succeeded:
        return Record(record.failures + len(ends), ends[-1]) if ends else record
    success = max(finished_at(pod) for pod in succeeded)
    later = [end for end in ends if end > success]
    return Record(len(later), later[-1]) if later else Record()


def remaining(record: Record, now: float) -> float:
    """Seconds until pods may be created again."""
    if not record.failures or record.last is None:
        return 0.0
    delay = min(FIRST * 2.0 ** min(record.failures - 1, 32), LONGEST)
    return max(0.0, record.last + delay - now)


def remaining_of_index(failed: Object | None, now: float) -> float:
    """Seconds until the pod of an index may be replaced; `failed` is the last one of it."""
    if failed is None:
        return 0.0
    failures = failure_count(failed) + ignored_failure_count(failed) + 1
    return remaining(Record(failures, finished_at(failed)), now)


def finished_at(pod: Object) -> float:
    """When a pod ended: when its last container did; else since when it is not ready; else when its deletion was asked
    for; else when it was created."""
    ended = _containers_ended(pod)
    if ended is not None:
        return ended
    ready = condition(pod, "Ready")
    if ready is not None and ready["status"] == "False" and ready.get("lastTransitionTime"):
        return parse_rfc3339(ready["lastTransitionTime"])
    metadata = pod["metadata"]
    if metadata.get("deletionTimestamp"):
        return parse_rfc3339(metadata["deletionTimestamp"]) - (metadata.get("deletionGracePeriodSeconds") or 0)
    return parse_rfc3339(metadata["creationTimestamp"])


def _containers_ended(pod: Object) -> float | None:
    """None as long as one of them, or a sidecar, has not."""
    status = pod.get("status") or {}
    sidecars = {
        each["name"] for each in pod["spec"].get("initContainers") or () if each.get("restartPolicy") == "Always"
    }
    containers = [
        *(status.get("containerStatuses") or ()),
        *(each for each in status.get("initContainerStatuses") or () if each["name"] in sidecars),
    ]
    ends: list[str] = [((each.get("state") or {}).get("terminated") or {}).get("finishedAt", "") for each in containers]
    return max(map(parse_rfc3339, ends)) if ends and all(ends) else None
