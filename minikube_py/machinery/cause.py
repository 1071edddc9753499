"""Why a write happened: the request or the reconcile that made it.

A cause is set in a context variable by whoever starts work (the server per request, a controller per
reconcile) and is read by the store at each write. A chain is followed backwards by revisions: a write's
cause names the revisions that triggered it, each of which was a write with a cause of its own.

    apply deployment (request)  ->  revision 40
    deployment-controller default/web, triggered by 40  ->  revision 41, the ReplicaSet
    replicaset-controller default/web-5d4f, triggered by 41  ->  revisions 42, 43, 44, the pods
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(slots=True)
class Cause:
    """One piece of work. Times are Unix seconds of the cluster's clock; durations are real seconds."""

    kind: Literal["request", "reconcile", "start"]
    actor: str
    """A user and its agent for a request, the controller's name for a reconcile."""
    subject: str
    """"PATCH /apis/apps/v1/..." or "Deployment default/web"."""
    started: float = 0.0
    triggers: tuple[int, ...] = ()
    """Revisions of the writes this work answers to; empty when time or a user triggered it."""
    reason: str = ""
    """What else triggered it: "retry", "after 10s", "resync"."""
    waited: float = 0.0
    """Seconds between the first trigger and the start, real time."""
    took: float = 0.0
    outcome: str = ""
    """Empty for success, else the error's message."""
    writes: list[int] = field(default_factory=list)
    """Revisions this work has written."""

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "actor": self.actor,
            "subject": self.subject,
            "started": self.started,
            "triggers": list(self.triggers),
            "reason": self.reason,
            "waitedSeconds": self.waited,
            "tookSeconds": self.took,
            "outcome": self.outcome,
            "writes": list(self.writes),
        }


_current: ContextVar[Cause | None] = ContextVar("minikube_py_cause", default=None)


def current() -> Cause | None:
    """The work under way in this context, or None."""
    return _current.get()


class because:
    """Everything written inside is put down to this cause; to nothing, for None."""

    __slots__ = ("_cause", "_token")

    def __init__(self, cause: Cause | None) -> None:
        self._cause = cause

    def __enter__(self) -> None:
        self._token = _current.set(self._cause)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


class Ring:
    """The last reconciles, bounded, with listeners for those who follow."""

    def __init__(self, size: int = 10_000) -> None:
        self.recent: deque[Cause] = deque(maxlen=size)
        self.listeners: list[Callable[[Cause], None]] = []

    def add(self, cause: Cause) -> None:
        self.recent.append(cause)
        for listener in tuple(self.listeners):
            listener(cause)
