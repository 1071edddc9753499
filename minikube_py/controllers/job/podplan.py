"""Which pods a Job that goes on creates or deletes (pkg/controller/job manageJob)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cmp_to_key
from itertools import groupby
from typing import NamedTuple

from minikube_py.controllers.job import backoff, indexes
from minikube_py.controllers.job.indexes import UNKNOWN, completion_index, first_missing, indexes_of
from minikube_py.controllers.job.survey import Survey, is_suspended, replaces_only_failed
from minikube_py.controllers.runtime.pods import is_ready, is_terminating, node_name, phase, ready_since
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.gvr import Object

BURST = 500
"""How many pods one sync creates or deletes at most (MaxPodCreateDeletePerSync)."""


class Delete(NamedTuple):
    pods: list[Object]


class Create(NamedTuple):
    number: int
    indexes: list[int]
    """Of Indexed Jobs, as many as `number`."""


class Wait(NamedTuple):
    """Pods are wanted, but not yet."""

    seconds: float


Plan = Delete | Create | Wait | None


def plan(survey: Survey) -> Plan:
    """Deletions come before creations, and a sync does one of them only."""
    active = len(survey.active)
    if is_suspended(survey.job):
        return Delete(removals(survey, active))
    wanted = _wanted(survey)
    doomed = removals(survey, max(0, active - wanted))[:BURST]
    if doomed:
        return Delete(doomed)
    terminating = survey.terminating if replaces_only_failed(survey.job) else 0
    missing = wanted - terminating - active
    return _creation(survey, missing) if missing > 0 else None


def _wanted(survey: Survey) -> int:
    """How many pods ought to be active."""
    parallelism: int = survey.spec["parallelism"]
    if survey.completions is None:
        return len(survey.active) if survey.succeeded else parallelism
    return max(0, min(int(survey.completions - survey.succeeded), parallelism))


def _creation(survey: Survey, missing: int) -> Plan:
    if not survey.per_index:
        wait = backoff.remaining(survey.record, survey.now)
        if wait > 0:
            return Wait(wait)
    count = min(missing, BURST)
    if not survey.indexed:
        return Create(count, [])
    pending = pending_indexes(survey, count)
    if survey.per_index:
        waits = {i: backoff.remaining_of_index(survey.awaiting_replacement.get(i), survey.now) for i in pending}
        due = [index for index in pending if waits[index] == 0]
        if pending and not due:
            return Wait(min(waits.values()))
        pending = due
    return Create(len(pending), pending) if pending else None


def pending_indexes(survey: Survey, count: int) -> list[int]:
    """The first indexes that nobody works on, has done, or has given up."""
    taken = indexes.with_indexes(survey.succeeded_indexes, indexes_of(survey.active))
    if replaces_only_failed(survey.job):
        terminating = [pod for pod in survey.pods if is_terminating(pod)]
        taken = indexes.with_indexes(taken, indexes_of(terminating))
    taken = indexes.merge(taken, survey.failed_indexes or ())
    return first_missing(taken, count, survey.limit)


# Which to delete


def removals(survey: Survey, at_least: int) -> list[Object]:
    """The active pods to be deleted: those without a valid index, all but one of each index, and more until it is
    enough, the least advanced first."""
    doomed: list[Object] = []
    left: Sequence[Object] = survey.active
    if survey.indexed:
        doomed, left = _superfluous(survey)
    if len(doomed) < at_least:
        doomed = doomed + least_advanced(left)[: at_least - len(doomed)]
    return doomed


def _superfluous(survey: Survey) -> tuple[list[Object], list[Object]]:
    """Those that Indexed Jobs never want, and the others."""
    doomed: list[Object] = []
    left: list[Object] = []
    for index, group in groupby(sorted(survey.active, key=completion_index), key=completion_index):
        pods = list(group)
        if index == UNKNOWN or index >= survey.limit:
            doomed += pods
        else:
            *others, best = least_advanced(pods)
            doomed += others
            left.append(best)
    return doomed, left


_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}


def least_advanced(pods: Sequence[Object]) -> list[Object]:
    """Sorted (controller.ActivePods): not assigned, not running, not ready, ready for a short time, often restarted,
    young."""
    return sorted(pods, key=cmp_to_key(_compare))


def _compare(one: Object, other: Object) -> int:
    stage, other_stage = _stage(one), _stage(other)
    if stage != other_stage:
        return -1 if stage < other_stage else 1
    if is_ready(one) and (order := _newer_first(ready_since(one), ready_since(other))):
        return order
    restarts, other_restarts = _restarts(one), _restarts(other)
    if restarts != other_restarts:
        return -1 if restarts > other_restarts else 1
    return _newer_first(_created(one), _created(other))


def _stage(pod: Object) -> tuple[bool, int, bool]:
    return bool(node_name(pod)), _PHASES.get(phase(pod), 0), is_ready(pod)


def _restarts(pod: Object) -> int:
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    return max((each.get("restartCount", 0) for each in statuses), default=0)


def _created(pod: Object) -> float | None:
    created = pod["metadata"].get("creationTimestamp")
    return parse_rfc3339(created) if created else None


def _newer_first(one: float | None, other: float | None) -> int:
    """What is unknown counts as the newest."""
    if one == other:
        return 0
    if one is None or other is None:
        return -1 if one is None else 1
    return -1 if one > other else 1
