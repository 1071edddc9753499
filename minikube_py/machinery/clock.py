"""The only source of time, sleeps and timers.

    RealClock                          VirtualClock
    now() is the wall's                now() stands still until advance_to(t)
    timers run on the event loop       timers run in deadline order while time is advanced

Times are Unix seconds as floats; durations are seconds.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol


class Timer(Protocol):
    """A callback that is due once."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    def now(self) -> float:
        """Unix seconds."""
        ...

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Run `callback` on the event loop once `delay` seconds have passed; never within this call."""
        ...

    async def sleep(self, delay: float) -> None: ...


def stopwatch() -> float:
    """A monotonic reading in real seconds: for how long work took, never for when something is due."""
    return time.perf_counter()


async def next_turn() -> None:
    """Let everything else on the event loop that is ready run once."""
    await asyncio.sleep(0)


class Turns:
    """For those who do many small pieces of work in a row: after every `every` of them the others have their turn,
    so that whoever asks for something meanwhile waits milliseconds for it."""

    __slots__ = ("_done", "_every")

    def __init__(self, every: int = 32) -> None:
        self._every = every
        self._done = 0

    async def step(self) -> None:
        """One piece is done."""
        self._done += 1
        if self._done % self._every == 0:
            await next_turn()


def rfc3339(when: float) -> str:
    """As metav1.Time is written: whole seconds, UTC ("2026-11-23T08:00:00Z")."""
    return _second(math.floor(when))


@lru_cache(maxsize=16)
def _second(when: int) -> str:
    """One text for all that is written within a second: a pod with its events holds fifteen times."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when))


def rfc3339_micro(when: float) -> str:
    """As metav1.MicroTime is written ("2026-11-23T08:00:00.000000Z")."""
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_rfc3339(text: str) -> float:
    """Unix seconds of a time as metav1.Time or MicroTime writes it. Raises ValueError."""
    return datetime.fromisoformat(text).timestamp()


class RealClock:
    """The wall clock and the running event loop's timers."""

    def now(self) -> float:
        return time.time()

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        return asyncio.get_running_loop().call_later(max(0.0, delay), callback)

    async def sleep(self, delay: float) -> None:
        await asyncio.sleep(delay)


class _VirtualTimer:
    __slots__ = ("callback", "deadline")

    def __init__(self, deadline: float, callback: Callable[[], None]) -> None:
        self.deadline = deadline
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class VirtualClock:
    """Time that only its driver moves.

    Timers of the same deadline run in the order they were set. The driver (Cluster.advance) asks for
    `next_deadline()`, moves there with `advance_to`, lets the world settle, and goes on.
    """

    def __init__(self, start: float = 1_767_225_600.0) -> None:  # 2026-01-01T00:00:00Z
        self._now = start
        self._order = itertools.count()
        self._timers: list[tuple[float, int, _VirtualTimer]] = []

    def now(self) -> float:
        return self._now

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        timer = _VirtualTimer(self._now + max(0.0, delay), callback)
        heapq.heappush(self._timers, (timer.deadline, next(self._order), timer))
        return timer

    async def sleep(self, delay: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def wake() -> None:
            if not woken.done():
                woken.set_result(None)

        timer = self.call_later(delay, wake)
        try:
            await woken
        finally:
            timer.cancel()

    def next_deadline(self) -> float | None:
        """When the next live timer is due; None without one."""
        while self._timers and self._timers[0][2].callback is None:
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def advance_to(self, when: float) -> None:
        """Move to `when` and run what is due by then. Time never goes back."""
        self._now = max(self._now, when)
        while (deadline := self.next_deadline()) is not None and deadline <= self._now:
            timer = heapq.heappop(self._timers)[2]
            callback, timer.callback = timer.callback, None
            if callback is not None:
                callback()
