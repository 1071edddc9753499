"""The work queue: client-go's util/workqueue, its delaying and rate-limiting queues in one.

A key is in at most one of these states, and `add` moves it so:

    absent --add--> queued --get--> processing --done--> absent
                    add: stays      add: dirty --done--> queued

so one key is never processed twice at once, and no change made while it was processed is lost.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Hashable
from typing import Generic, NamedTuple, TypeVar

from minikube_py.machinery.clock import Clock, Timer
from minikube_py.machinery.gvr import Object

K = TypeVar("K", bound=Hashable)

BASE_DELAY = 0.005
MAX_DELAY = 1000.0
"""Seconds: the n-th failure in a row waits BASE_DELAY * 2**n, at most MAX_DELAY (DefaultTypedControllerRateLimiter)."""

MAX_TRIGGERS = 16
"""How many triggering revisions a queued key remembers: the first ones."""


class Item(NamedTuple, Generic[K]):
    """A key to be processed and why."""

    key: K
    triggers: tuple[int, ...]
    """Revisions of the objects whose events enqueued it, oldest first."""
    reason: str
    """What else did: "after 10s", "retry", "resync", or ""."""
    waited: float
    """Real seconds since it was first enqueued."""


class _Origin:
    """Why a key is queued, gathered until it is taken."""

    __slots__ = ("reason", "since", "triggers")

    def __init__(self, since: float) -> None:
        self.since = since
        self.triggers: list[int] = []
        self.reason = ""


class WorkQueue(Generic[K]):
    """Keys in order of arrival, each at most once.

    `stopwatch` is a monotonic reading in real seconds; the clock times `add_after` and back-off.
    """

    def __init__(
        self,
        clock: Clock,
        stopwatch: Callable[[], float],
        *,
        base_delay: float = BASE_DELAY,
        max_delay: float = MAX_DELAY,
    ) -> None:
        self._clock = clock
        self._stopwatch = stopwatch
        self._base_delay = base_delay
        self._max_delay = max_delay
        self._ready: deque[K] = deque()
        self._origins: dict[K, _Origin] = {}
        """The keys that are queued, or dirty while processing."""
        self._processing: dict[K, None] = {}
        self._delayed: dict[K, tuple[float, Timer]] = {}
        self._retries: dict[K, float] = {}
        """When the keys that failed are tried again."""
        self._failures: dict[K, int] = {}
        self._getters: deque[asyncio.Future[None]] = deque()
        self._closed = False

    # Adding

    def add(self, key: K, *, trigger: Object | None = None, reason: str = "") -> None:
        """Enqueue; no-op but for the added trigger when it already is. `trigger` is the object whose event it was."""
        if self._closed:
            return
        origin = self._origins.get(key)
        if origin is None:
            origin = self._origins[key] = _Origin(self._stopwatch())
            if key not in self._processing:
                self._ready.append(key)
                self._wake()
        if trigger is not None and len(origin.triggers) < MAX_TRIGGERS:
            revision = trigger["metadata"].get("resourceVersion", "")
            if revision.isdigit() and (not origin.triggers or origin.triggers[-1] != int(revision)):
                origin.triggers.append(int(revision))
        if reason and not origin.reason:
            origin.reason = reason

    def add_after(self, key: K, delay: float, *, reason: str = "") -> None:
        """Enqueue in `delay` seconds of the clock; of several delays of one key the earliest counts."""
        if delay <= 0:
            self.add(key, reason=reason)
            return
        if self._closed:
            return
        deadline = self._clock.now() + delay
        earlier = self._delayed.get(key)
        if earlier is not None:
            if earlier[0] <= deadline:
                return
            earlier[1].cancel()
        why = reason or f"after {delay:.3g}s"
        timer = self._clock.call_later(delay, lambda: self._due(key, why))
        self._delayed[key] = (deadline, timer)

    def add_rate_limited(self, key: K, *, reason: str = "retry") -> None:
        """Enqueue after the back-off that the key's failures in a row have earned, and count one more."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        delay = min(self._base_delay * 2 ** min(failures, 64), self._max_delay)
        self.add_after(key, delay, reason=reason)
        if key in self._delayed:
            self._retries[key] = self._delayed[key][0]

    def forget(self, key: K) -> None:
        """It went well: the next failure is the first again."""
        self._failures.pop(key, None)

    def num_requeues(self, key: K) -> int:
        return self._failures.get(key, 0)

    def _due(self, key: K, reason: str) -> None:
        self._delayed.pop(key, None)
        self._retries.pop(key, None)
        self.add(key, reason=reason)

    # Taking

    async def get(self) -> Item[K] | None:
        """The next key, which `done` must follow; None once the queue is shut down and drained."""
        while not self._ready:
            if self._closed:
                return None
            getter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._getters.append(getter)
            try:
                await getter
            except asyncio.CancelledError:
                self._wake()  # the wake-up may have been this getter's
                raise
        return self._take()

    def _take(self) -> Item[K]:
        key = self._ready.popleft()
        self._processing[key] = None
        origin = self._origins.pop(key)
        return Item(key, tuple(origin.triggers), origin.reason, self._stopwatch() - origin.since)

    def done(self, key: K) -> None:
        """Processing ended; the key is queued again if it was added meanwhile."""
        del self._processing[key]
        if key in self._origins:
            self._ready.append(key)
            self._wake()

    def shut_down(self) -> None:
        """Nothing is added any more and timers are cancelled; what is queued can still be got."""
        self._closed = True
        for _, timer in self._delayed.values():
            timer.cancel()
        self._delayed.clear()
        self._retries.clear()
        while self._getters:
            getter = self._getters.popleft()
            if not getter.done():
                getter.set_result(None)

    def _wake(self) -> None:
        while self._ready and self._getters:
            getter = self._getters.popleft()
            if not getter.done():
                getter.set_result(None)
                return

    # Looking in

    def __len__(self) -> int:
        """Keys queued, not those processing."""
        return len(self._ready)

    @property
    def idle(self) -> bool:
        """Nothing queued and nothing processing; keys that wait for the clock do not count."""
        return not self._ready and not self._processing

    def queued(self) -> tuple[K, ...]:
        return tuple(self._ready)

    def processing(self) -> tuple[K, ...]:
        return tuple(self._processing)

    def next_retry(self) -> float | None:
        """The clock's time at which the next failed key is tried again, None without one."""
        return min(self._retries.values(), default=None)
