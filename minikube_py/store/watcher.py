"""One watch of the store."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from minikube_py.store.stored import Event

MEASURED_TOGETHER = 64
"""So many queued events are measured at once."""


class Watcher:
    """A queue of events that its reader drains.

    The store calls `push` within the write; `wake` is called when the queue turns from empty to not empty, and
    must only schedule work, not do it.
    """

    __slots__ = ("_close", "_limit", "_overflow", "_unread", "events", "namespace", "resource", "stopped", "wake")

    def __init__(
        self, resource: str, namespace: str | None, wake: Callable[[], None], close: Callable[[Watcher], None]
    ) -> None:
        self.resource = resource
        self.namespace = namespace
        self.events: deque[Event] = deque()
        self.wake = wake
        self.stopped = False
        self._close = close
        self._limit = 0
        self._overflow: Callable[[], None] | None = None
        self._unread = 0
        """Bytes of the events queued, as of the last time they were measured."""

    def bound(self, limit: int, overflow: Callable[[], None]) -> None:
        """Call `overflow` (once, within a write: it must only schedule) when about `limit` bytes of JSON are queued."""
        self._limit, self._overflow = limit, overflow

    def push(self, event: Event) -> None:
        self.events.append(event)
        count = len(self.events)
        if count == 1:
            self.wake()
        elif self._overflow is not None and count % MEASURED_TOGETHER == 0:
            self._measure()

    def _measure(self) -> None:
        """Add up what came since the last time, so that a reader who keeps up costs nothing."""
        self._unread += sum(len(self.events[-1 - back].stored.json) for back in range(MEASURED_TOGETHER))
        if self._unread > self._limit and self._overflow is not None:
            overflow, self._overflow = self._overflow, None
            overflow()

    def take(self) -> list[Event]:
        """Everything queued, oldest first."""
        events = list(self.events)
        self.events.clear()
        self._unread = 0
        return events

    def stop(self) -> None:
        """No more events come; idempotent."""
        if not self.stopped:
            self.stopped = True
            self.events.clear()
            self._close(self)
