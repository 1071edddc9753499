"""One watch of the store."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from minikube_py.store.stored import Event


class Watcher:
    """A queue of events that its reader drains.

    The store calls `push` within the write; `wake` is called when the queue turns from empty to not empty, and
    must only schedule work, not do it. `seen` is the revision up to which the reader has taken everything.
    """

    __slots__ = ("_close", "events", "namespace", "resource", "stopped", "wake")

    def __init__(
        self, resource: str, namespace: str | None, wake: Callable[[], None], close: Callable[[Watcher], None]
    ) -> None:
        self.resource = resource
        self.namespace = namespace
        self.events: deque[Event] = deque()
        self.wake = wake
        self.stopped = False
        self._close = close

    def push(self, event: Event) -> None:
        self.events.append(event)
        if len(self.events) == 1:
            self.wake()

    def take(self) -> list[Event]:
        """Everything queued, oldest first."""
        events = list(self.events)
        self.events.clear()
        return events

    def stop(self) -> None:
        """No more events come; idempotent."""
        if not self.stopped:
            self.stopped = True
            self.events.clear()
            self._close(self)
