"""Nodes that wait for their NoExecute taint (pkg/controller/nodelifecycle/scheduler/rate_limited_queue.go)."""

from __future__ import annotations

import math
from collections.abc import Callable

from minikube_py.machinery.clock import Clock, Timer


class TaintQueue:
    """Lets one name through at a time: a token bucket that holds one token.

    rate 0.1    the first at once, the second 10 s later, the third 20 s later
    rate 0      nobody
    """

    def __init__(self, clock: Clock, rate: float, grant: Callable[[str], None]) -> None:
        """`rate` is per second; `grant` is called for each name that is through."""
        self._clock = clock
        self._grant = grant
        self._rate = rate
        self._free_at = -math.inf
        """When there is a token."""
        self._waiting: dict[str, None] = {}
        self._timer: Timer | None = None

    def __contains__(self, name: str) -> bool:
        return name in self._waiting

    def add(self, name: str) -> None:
        """Behind all others, unless it waits already; `run` lets it through."""
        self._waiting.setdefault(name)

    def remove(self, name: str) -> None:
        self._waiting.pop(name, None)

    def set_rate(self, rate: float) -> None:
        """A new bucket is as full or as empty as the old one."""
        if rate == self._rate:
            return
        now = self._clock.now()
        had_token = self._rate > 0 and now >= self._free_at
        self._rate = rate
        self._free_at = now if had_token or rate <= 0 else now + 1 / rate
        self.stop()

    def run(self) -> None:
        """Let through whom the rate allows, and come back for the others."""
        self.stop()
        if self._rate <= 0:
            return
        while self._waiting and (now := self._clock.now()) >= self._free_at:
            self._free_at = now + 1 / self._rate
            name = next(iter(self._waiting))
            del self._waiting[name]
            self._grant(name)
        if self._waiting:
            self._timer = self._clock.call_later(self._free_at - self._clock.now(), self.run)

    def stop(self) -> None:
        """Until it is run again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
