"""When a CronJob is due: the last time it should have run, and the next (pkg/controller/cronjob/utils.go)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from minikube_py.machinery import cron
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.gvr import Object

MANY = 100
"""So many missed runs are too many to be told apart from a clock that is wrong."""

PADDING = 0.1
"""Seconds by which a run is looked for late, so that clocks may differ."""

Next = Callable[[float], float | None]
"""The first time after another; None if there is none."""


class InvalidSchedule(Exception):
    """It parses, and never comes."""

    def __init__(self) -> None:
        super().__init__("time difference between two schedules is less than 1 second")


class Recent(NamedTuple):
    since: float
    """From when on runs may have been missed."""
    due: float | None
    """The last time up to now at which it should have run."""
    missed: int = 0
    """About how many runs were missed before that."""


def next_of(cron_job: Object) -> Next:
    """Raises ValueError in the cron library's words."""
    text, zone_name = cron_job["spec"]["schedule"], cron_job["spec"].get("timeZone")
    schedule = cron.parse(text)
    # What the schedule itself says of a zone goes first.
    zone = cron.load_zone(zone_name if zone_name is not None and "TZ" not in text else "")
    return lambda after: schedule.next(after, zone)


def recent(cron_job: Object, now: float, following: Next, *, with_deadline: bool) -> Recent:
    """`with_deadline`: what is past startingDeadlineSeconds does not count. Raises InvalidSchedule.

    A run every hour from 9:00 on, the last one at 9:00, and now it is 12:10: due at 12:00, about 3 missed.
    """
    since = parse_rfc3339((cron_job.get("status") or {}).get("lastScheduleTime") or _created(cron_job))
    deadline = cron_job["spec"].get("startingDeadlineSeconds")
    if with_deadline and deadline is not None:
        since = max(since, now - deadline)
    first = following(since)
    if first is None:
        raise InvalidSchedule
    if now < first:
        return Recent(since, None)
    second = following(first)
    if second is None:
        raise InvalidSchedule
    if now < second:
        return Recent(since, first)
    distance = round(second - first)
    if distance < 1:
        raise InvalidSchedule
    missed = int(now - first) // distance + 1
    # Near the end at a guess, and from there on step by step: the distance need not be constant.
    due: float | None = None
    step = following(first + (missed - 2) * distance)
    while step is not None and step <= now:
        due = step
        step = following(step)
    return Recent(since, due, missed)


def _created(cron_job: Object) -> str:
    return str(cron_job["metadata"]["creationTimestamp"])


def until_next(cron_job: Object, now: float, following: Next) -> float | None:
    """Seconds until it should be looked at again."""
    try:
        last = recent(cron_job, now, following, with_deadline=False)
        base = last.due if last.due is not None else now if last.missed else last.since
    except InvalidSchedule:
        base = now
    upcoming = following(base)
    return None if upcoming is None else upcoming + PADDING - now
