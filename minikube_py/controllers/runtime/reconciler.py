"""What a controller does for one object."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from minikube_py.machinery.gvr import NamespacedName


class Result(NamedTuple):
    """How a reconcile ended well."""

    requeue_after: float | None = None
    """Seconds of the clock after which to look again, whatever happens."""
    requeue: bool = False
    """Look again after the back-off, as if it had failed."""


class NotYet(Exception):
    """Something that was asked for is not done yet: look again after a back-off. Nobody needs to be alarmed."""


class ReconcileFailure(Exception):
    """Something in the world stands in the way: told in one line, and tried again after a back-off."""


class Reconciler(Protocol):
    """Makes the world more like what the object wants.

    Level-based: it is told a key, not what happened, reads the current state (which may be stale) and may be called
    at any time, also for what is gone. The same key is never reconciled twice at once. An exception means: again
    after a back-off; a conflict and NotYet do so quietly.
    """

    async def reconcile(self, key: NamespacedName) -> Result | None:
        """None is the same as Result()."""
        ...
