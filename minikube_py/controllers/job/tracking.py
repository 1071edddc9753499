"""Counting pods that have ended, each once, whatever goes wrong in between.

A pod carries the tracking finalizer until it is counted. Its uid is first written to status.uncountedTerminatedPods,
then its finalizer is taken off, and then the uid becomes one more of status.succeeded or failed. Whoever takes over in
between sees by the uid and the finalizer how far it is (pkg/controller/job trackJobStatusAndRemoveFinalizers).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from minikube_py.controllers.job import conditions, indexes
from minikube_py.controllers.job.indexes import UNKNOWN, completion_index
from minikube_py.controllers.job.policies import match_failure
from minikube_py.controllers.job.survey import Survey, is_failed
from minikube_py.controllers.runtime.pods import phase
from minikube_py.machinery.conditions import is_true
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import is_deleting, uid

MOST = 500
"""How many pods are counted in one sync, so that status keeps below 20 KB (MaxUncountedPods)."""


class Counted(NamedTuple):
    done: list[Object]
    """Pods whose finalizer may go."""
    changed: bool
    """Whether the status changed."""
    full: bool
    """Whether there may be more."""


def put(status: Object, field: str, count: int) -> None:
    """A counter that is left out at 0."""
    if count:
        status[field] = count
    else:
        status.pop(field, None)


def count(survey: Survey, status: Object, finished: Object | None) -> Counted:
    """Enter pods that have ended into `status`, a draft. `finished` is the condition by which the Job ends."""
    pods = sorted(survey.uncounted, key=completion_index) if survey.indexed else survey.uncounted
    listed = status["uncountedTerminatedPods"]
    succeeded, failed = list(listed.get("succeeded") or ()), list(listed.get("failed") or ())
    before = len(succeeded) + len(failed)
    new_indexes: list[int] = []
    done: list[Object] = []
    full = False
    for pod in pods:
        if not _may_go(survey, pod, finished):
            continue
        done.append(pod)
        if phase(pod) == "Succeeded" and uid(pod) not in survey.listed_failed:
            if not survey.indexed:
                if uid(pod) not in survey.listed_succeeded:
                    succeeded.append(uid(pod))
            elif survey.index(pod) != UNKNOWN and not indexes.has(survey.counted_indexes, survey.index(pod)):
                new_indexes.append(survey.index(pod))
        elif _counts_as_failed(survey, pod, finished):
            failed.append(uid(pod))
        if len(new_indexes) + len(succeeded) + len(failed) >= MOST:
            full = True
            break
    status["uncountedTerminatedPods"] = _uncounted(succeeded, failed)
    changed = bool(new_indexes) or len(succeeded) + len(failed) > before
    if survey.indexed:
        changed = _enter_indexes(survey, status, new_indexes) or changed
    return Counted(done, changed, full)


def _uncounted(succeeded: list[str], failed: list[str]) -> Object:
    return {name: uids for name, uids in (("succeeded", succeeded), ("failed", failed)) if uids}


def _may_go(survey: Survey, pod: Object, finished: Object | None) -> bool:
    if is_deleting(survey.job) or finished is not None or phase(pod) == "Succeeded":
        return True
    if not is_failed(pod, survey.job):
        return False
    awaiting = survey.awaiting_replacement.get(completion_index(pod))
    return awaiting is None or uid(awaiting) != uid(pod)


def _counts_as_failed(survey: Survey, pod: Object, finished: Object | None) -> bool:
    """When the Job has failed, so has every pod that has not ended."""
    succeeding = finished is not None and finished["type"] == conditions.SUCCESS_CRITERIA_MET
    if not is_failed(pod, survey.job) and (finished is None or succeeding):
        return False
    if uid(pod) in survey.listed_failed or (survey.indexed and survey.index(pod) == UNKNOWN):
        return False
    return match_failure(survey.spec.get("podFailurePolicy"), pod).counts


def _enter_indexes(survey: Survey, status: Object, new: list[int]) -> bool:
    succeeded = indexes.with_indexes(survey.succeeded_indexes, new)
    put(status, "succeeded", indexes.total(succeeded))
    before = status.get("completedIndexes") or "", status.get("failedIndexes")
    completed = indexes.text(succeeded)
    failed = None if survey.failed_indexes is None else indexes.text(survey.failed_indexes)
    status.pop("completedIndexes", None)
    status.pop("failedIndexes", None)
    if completed:
        status["completedIndexes"] = completed
    if failed is not None:
        status["failedIndexes"] = failed
    return before != (completed, failed)


def count_released(status: Object, tracked: Collection[str]) -> bool:
    """Of the uids in the draft's uncountedTerminatedPods, those of pods that are no longer tracked become numbers.
    Whether there were any."""
    listed = status.get("uncountedTerminatedPods") or {}
    left: dict[str, list[str]] = {}
    changed = False
    for name in ("succeeded", "failed"):
        uids = listed.get(name) or []
        left[name] = [each for each in uids if each in tracked]
        if len(left[name]) < len(uids):
            changed = True
            put(status, name, status.get(name, 0) + len(uids) - len(left[name]))
    status["uncountedTerminatedPods"] = _uncounted(left["succeeded"], left["failed"])
    return changed


def announce(status: Object, finished: Object | None, now: float) -> tuple[Object | None, bool]:
    """Enter the interim condition, FailureTarget or SuccessCriteriaMet, into the draft. The final condition that is to
    follow once all pods are counted, and whether the draft changed."""
    if finished is None or finished["type"] in (conditions.FAILED, conditions.COMPLETE):
        return finished, False
    known = status.get("conditions") or []
    failing = finished["type"] == conditions.FAILURE_TARGET
    final = conditions.FAILED if failing else conditions.COMPLETE
    follow = conditions.new(final, finished.get("reason", ""), finished.get("message", ""), now)
    if is_true(known, finished["type"]):
        return follow, False
    status["conditions"] = [*known, finished]
    return follow, True


def finish(status: Object, final: Object | None, now: float, *, patient: bool = True) -> bool:
    """Enter the final condition into the draft, unless pods are still uncounted or, if it is patient, terminating."""
    if final is None or status.get("uncountedTerminatedPods") or (patient and status.get("terminating")):
        return False
    changed = conditions.ensured(status.get("conditions") or [], {**final, **_times(now)})
    if changed is not None:
        status["conditions"] = changed
    if final["type"] == conditions.COMPLETE:
        status["completionTime"] = final["lastTransitionTime"]
    return True


def _times(now: float) -> Object:
    stamped = conditions.new("", "", "", now)
    return {field: stamped[field] for field in ("lastProbeTime", "lastTransitionTime")}
