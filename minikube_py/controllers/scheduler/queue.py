"""The scheduling queue (pkg/scheduler/backend/queue).

active --pop--> in flight --bound--> gone
  ^                 +--no node fits--> waiting --something happens that may help, its spec changes, 5 min--> active
  |                 +--error---------> backing off --1 s, 2 s, 4 s, ... 10 s-------------------------------> active
gated: not here at all until its gates are gone

A waiting pod that is helped before its back-off is over goes behind all that are active.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Hashable, Iterator
from typing import NamedTuple

from minikube_py.controllers.scheduler.podclass import DEFAULT_SCHEDULER
from minikube_py.controllers.scheduler.podinfo import PodInfo
from minikube_py.machinery.clock import Clock, Timer
from minikube_py.machinery.gvr import NamespacedName, Object

MAX_WAITING = 300.0
"""Seconds after which a waiting pod is tried again whatever happened (podMaxInUnschedulablePodsDuration)."""

Order = tuple[int, int, int]
"""0, or 1 while it should back off; minus its priority; its arrival. The least is next."""


class Backoff(NamedTuple):
    """Seconds: the n-th failure waits first * 2 ** (n - 1), at most `most`."""

    first: float = 1.0
    most: float = 10.0

    def after(self, attempts: int) -> float:
        return min(self.first * float(2 ** min(attempts - 1, 16)), self.most)


BACKOFF = Backoff()


class QueuedPod:
    __slots__ = (
        "arrival",
        "attempts",
        "group",
        "info",
        "order",
        "pod",
        "reason",
        "since",
        "state",
        "timer",
        "trigger",
        "uid",
        "until",
    )

    def __init__(self, pod: Object, info: PodInfo, arrival: int, since: float) -> None:
        self.pod = pod
        self.info = info
        self.uid = info.uid
        self.arrival = arrival
        self.order: Order = (0, -info.priority, arrival)
        self.state = ""
        self.attempts = 0
        self.until = 0.0
        """When its back-off is over."""
        self.group: Hashable = None
        """Whose fate it shares as long as it waits."""
        self.timer: Timer | None = None
        self.trigger = 0
        """The revision whose event made it active."""
        self.reason = ""
        """What else did."""
        self.since = since

    @property
    def key(self) -> NamespacedName:
        return self.info.key

    @property
    def scheduler_name(self) -> str:
        return self.pod["spec"].get("schedulerName") or DEFAULT_SCHEDULER


class WaitingGroup:
    """Pods that are alike to the scheduler: what helps one may help each, and what refuses one refuses all."""

    __slots__ = ("pods", "rejectors")

    def __init__(self) -> None:
        self.pods: dict[str, QueuedPod] = {}
        self.rejectors: frozenset[str] = frozenset()
        """The plugins that refused them last."""

    @property
    def first(self) -> QueuedPod:
        return min(self.pods.values(), key=lambda queued: queued.order)


class SchedulingQueue:
    """By priority, then in the order of arrival. `wake` is called when something becomes active."""

    def __init__(
        self,
        clock: Clock,
        stopwatch: Callable[[], float],
        wake: Callable[[], None],
        backoff: Backoff = BACKOFF,
    ) -> None:
        self._clock = clock
        self._stopwatch = stopwatch
        self._wake = wake
        self._backoff = backoff
        self._arrivals = 0
        self._pods: dict[str, QueuedPod] = {}
        self._heap: list[tuple[Order, QueuedPod]] = []
        self.waiting: dict[Hashable, WaitingGroup] = {}

    def get(self, uid: str) -> QueuedPod | None:
        return self._pods.get(uid)

    def add(self, pod: Object, info: PodInfo) -> QueuedPod:
        self._arrivals += 1
        queued = QueuedPod(pod, info, self._arrivals, self._stopwatch())
        self._pods[queued.uid] = queued
        self.activate(queued, pod)
        return queued

    def activate(self, queued: QueuedPod, cause: Object | None = None, reason: str = "") -> None:
        """Try it next, in its order; of one in flight, remember that it is to be tried again."""
        if queued.state == "active" or queued.state == "gone":
            return
        self._leave(queued)
        revision = cause["metadata"].get("resourceVersion", "") if cause is not None else ""
        queued.trigger = int(revision) if revision.isdigit() else 0
        queued.reason = reason
        queued.since = self._stopwatch()
        queued.state = "active"
        early = queued.until > self._clock.now()
        if early:
            queued.timer = self._clock.call_later(queued.until - self._clock.now(), lambda: self._promote(queued))
        self._push(queued, early=early)
        self._wake()

    def _push(self, queued: QueuedPod, *, early: bool) -> None:
        queued.order = (int(early), -queued.info.priority, queued.arrival)
        heapq.heappush(self._heap, (queued.order, queued))

    def _promote(self, queued: QueuedPod) -> None:
        """Its back-off is over."""
        queued.timer = None
        if queued.state == "active":
            self._push(queued, early=False)

    def update(self, queued: QueuedPod, pod: Object, info: PodInfo) -> None:
        """It is another pod to the scheduler now. What is in the heap keeps its place."""
        if queued.state == "waiting":
            self._leave(queued)
        queued.pod, queued.info = pod, info

    def pop(self) -> QueuedPod | None:
        queued = self.first()
        if queued is not None:
            heapq.heappop(self._heap)
            self._stop_timer(queued)
            queued.state = "in flight"
            queued.attempts += 1
        return queued

    def wait(self, queued: QueuedPod, group: Hashable, rejectors: frozenset[str] = frozenset()) -> None:
        """No node fits. Ignored for one that is not in flight any more."""
        if queued.state != "in flight":
            return
        queued.until = self._clock.now() + self._backoff.after(queued.attempts)
        self._enter(queued, group, rejectors)

    def _enter(self, queued: QueuedPod, group: Hashable, rejectors: frozenset[str]) -> None:
        queued.state = "waiting"
        queued.group = group
        waiting = self.waiting.get(group)
        if waiting is None:
            waiting = self.waiting[group] = WaitingGroup()
        waiting.pods[queued.uid] = queued
        waiting.rejectors = rejectors
        queued.timer = self._clock.call_later(MAX_WAITING, lambda: self.activate(queued, reason="after 5m"))

    def hold(self, queued: QueuedPod, rejectors: frozenset[str]) -> None:
        """It was not even tried, and waits without a back-off for what may help it."""
        if queued.state == "in flight":
            queued.attempts -= 1
            self._enter(queued, queued.uid, rejectors)

    def back_off(self, queued: QueuedPod) -> None:
        """Trying it failed. Ignored for one that is not in flight any more."""
        if queued.state != "in flight":
            return
        queued.state = "backing off"
        delay = self._backoff.after(queued.attempts)
        queued.timer = self._clock.call_later(delay, lambda: self.activate(queued, reason="retry"))

    def remove(self, uid: str) -> None:
        """Idempotent."""
        queued = self._pods.pop(uid, None)
        if queued is not None:
            self._leave(queued)
            queued.state = "gone"

    def _stop_timer(self, queued: QueuedPod) -> None:
        if queued.timer is not None:
            queued.timer.cancel()
            queued.timer = None

    def _leave(self, queued: QueuedPod) -> None:
        self._stop_timer(queued)
        group = self.waiting.get(queued.group) if queued.group is not None else None
        if group is not None and group.pods.pop(queued.uid, None) is not None and not group.pods:
            del self.waiting[queued.group]
        queued.group = None

    def shut_down(self) -> None:
        for uid in tuple(self._pods):
            self.remove(uid)

    # Looking in

    def first(self) -> QueuedPod | None:
        """The pod that is next, None if none is active."""
        while self._heap:
            order, queued = self._heap[0]
            if queued.state == "active" and queued.order == order:
                return queued
            heapq.heappop(self._heap)
        return None

    @property
    def any_waiting(self) -> bool:
        return bool(self.waiting)

    def groups(self) -> Iterator[tuple[Hashable, WaitingGroup]]:
        yield from tuple(self.waiting.items())
