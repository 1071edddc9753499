"""The scheduling queue (pkg/scheduler/backend/queue).

active --pop--> in flight --bound--> gone
  ^                 +--no node fits--> waiting --a node or room appears, its spec changes, 5 min--> active
  |                 +--error---------> backing off --1 s, 2 s, 4 s, ... 10 s----------------------> active
gated: not here at all until its gates are gone
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator

from minikube_py.controllers.scheduler.podclass import DEFAULT_SCHEDULER, PodClass
from minikube_py.machinery.clock import Clock, Timer
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import key

FIRST_BACKOFF = 1.0
MAX_BACKOFF = 10.0
MAX_WAITING = 300.0
"""Seconds after which a waiting pod is tried again whatever happened (podMaxInUnschedulablePodsDuration)."""


class QueuedPod:
    __slots__ = ("attempts", "key", "order", "pod", "pod_class", "reason", "since", "state", "timer", "trigger", "uid")

    def __init__(self, pod: Object, pod_class: PodClass, arrival: int, since: float) -> None:
        self.pod = pod
        self.pod_class = pod_class
        self.key: NamespacedName = key(pod)
        self.uid: str = pod["metadata"]["uid"]
        self.order = (-pod_class.priority, arrival)
        self.state = ""
        self.attempts = 0
        self.timer: Timer | None = None
        self.trigger = 0
        """The revision whose event made it active."""
        self.reason = ""
        """What else did."""
        self.since = since

    @property
    def scheduler_name(self) -> str:
        return self.pod["spec"].get("schedulerName") or DEFAULT_SCHEDULER


class SchedulingQueue:
    """By priority, then in the order of arrival. `wake` is called when something becomes active."""

    def __init__(self, clock: Clock, stopwatch: Callable[[], float], wake: Callable[[], None]) -> None:
        self._clock = clock
        self._stopwatch = stopwatch
        self._wake = wake
        self._arrivals = 0
        self._pods: dict[str, QueuedPod] = {}
        self._heap: list[tuple[tuple[int, int], QueuedPod]] = []
        self._waiting: dict[PodClass, dict[str, QueuedPod]] = {}

    def get(self, uid: str) -> QueuedPod | None:
        return self._pods.get(uid)

    def add(self, pod: Object, pod_class: PodClass) -> QueuedPod:
        self._arrivals += 1
        queued = QueuedPod(pod, pod_class, self._arrivals, self._stopwatch())
        self._pods[queued.uid] = queued
        self.activate(queued, pod)
        return queued

    def activate(self, queued: QueuedPod, cause: Object | None = None, reason: str = "") -> None:
        """Try it next, in its order; of one in flight, remember that it is to be tried again."""
        if queued.state == "active":
            return
        self._leave(queued)
        revision = cause["metadata"].get("resourceVersion", "") if cause is not None else ""
        queued.trigger = int(revision) if revision.isdigit() else 0
        queued.reason = reason
        queued.since = self._stopwatch()
        queued.state = "active"
        heapq.heappush(self._heap, (queued.order, queued))
        self._wake()

    def reclassify(self, queued: QueuedPod, pod_class: PodClass) -> None:
        """Its spec changed. What is in the heap keeps its place."""
        if queued.state == "waiting":
            self._leave(queued)
        queued.pod_class = pod_class

    def pop(self) -> QueuedPod | None:
        while self._heap:
            queued = heapq.heappop(self._heap)[1]
            if queued.state == "active" and self._pods.get(queued.uid) is queued:
                queued.state = "in flight"
                queued.attempts += 1
                return queued
        return None

    def wait(self, queued: QueuedPod) -> None:
        """No node fits. Ignored for one that is not in flight any more."""
        if queued.state != "in flight":
            return
        queued.state = "waiting"
        self._waiting.setdefault(queued.pod_class, {})[queued.uid] = queued
        queued.timer = self._clock.call_later(MAX_WAITING, lambda: self.activate(queued, reason="after 5m"))

    def back_off(self, queued: QueuedPod) -> None:
        """Trying it failed. Ignored for one that is not in flight any more."""
        if queued.state != "in flight":
            return
        queued.state = "backing off"
        delay: float = min(FIRST_BACKOFF * 2 ** min(queued.attempts - 1, 16), MAX_BACKOFF)
        queued.timer = self._clock.call_later(delay, lambda: self.activate(queued, reason="retry"))

    def remove(self, uid: str) -> None:
        """Idempotent."""
        queued = self._pods.pop(uid, None)
        if queued is not None:
            self._leave(queued)
            queued.state = "gone"

    def _leave(self, queued: QueuedPod) -> None:
        if queued.timer is not None:
            queued.timer.cancel()
            queued.timer = None
        pods = self._waiting.get(queued.pod_class)
        if pods is not None and pods.pop(queued.uid, None) is not None and not pods:
            del self._waiting[queued.pod_class]

    def shut_down(self) -> None:
        for uid in tuple(self._pods):
            self.remove(uid)

    # Looking in

    def first(self) -> QueuedPod | None:
        """The pod that is next, None if none is active."""
        while self._heap and self._heap[0][1].state != "active":
            heapq.heappop(self._heap)
        return self._heap[0][1] if self._heap else None

    @property
    def any_waiting(self) -> bool:
        return bool(self._waiting)

    def waiting(self) -> Iterator[QueuedPod]:
        """The first in order of each class that waits."""
        for pods in tuple(self._waiting.values()):
            yield min(pods.values(), key=lambda queued: queued.order)
