"""Objects that vanish some time after their last write: Events, after --event-ttl.

They are attached to leases as in etcd (apiserver/pkg/storage/etcd3/lease_manager.go). A lease lasts a little longer
than asked and takes all that is written meanwhile, so that there are few of them, and one timer:

    ttl 3600 s    written at 0 and 50    lease that ends at 3660    both are gone at 3660
                  written at 61          lease that ends at 3721
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from minikube_py.machinery.cause import Cause, because
from minikube_py.machinery.clock import Clock, Timer
from minikube_py.store import Key, Store

EVENT_TTL = 3600.0
"""Seconds."""
REUSE, REUSE_SHARE = 60.0, 0.05
"""Seconds that a lease takes objects, and the most of that as a part of what it lasts."""
MAX_OBJECTS = 1000
"""Of one lease."""


class _Lease:
    __slots__ = ("attached", "deadline", "keys")

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.keys: dict[Key, None] = {}
        self.attached = 0
        """How often something was."""


class Expiry:
    """What is expired is deleted in the store; watchers see it go, and no admission is asked."""

    def __init__(self, store: Store, clock: Clock, ttl: float = EVENT_TTL) -> None:
        """`ttl` in seconds; 0 is for ever."""
        self._store = store
        self._clock = clock
        self._ttl = ttl
        self._extra = min(REUSE, REUSE_SHARE * ttl)
        self._leases: deque[_Lease] = deque()
        """In the order in which they end."""
        self._held: dict[Key, _Lease] = {}
        self._timer: Timer | None = None

    def renew(self, key: Key) -> None:
        """The object was written: its time begins anew."""
        if not self._ttl:
            return
        end = self._clock.now() + self._ttl
        lease = self._leases[-1] if self._leases else None
        if lease is None or end >= lease.deadline or lease.attached >= MAX_OBJECTS:
            lease = self._grant(end + self._extra)
        lease.attached += 1
        former = self._held.get(key)
        if former is not lease:
            if former is not None:
                del former.keys[key]
            lease.keys[key] = None
            self._held[key] = lease

    def restart(self, keys: Iterable[Key]) -> None:
        """These objects are all there are, as if written now."""
        self.stop()
        for key in keys:
            self.renew(key)

    def stop(self) -> None:
        """Forget all; idempotent."""
        self._leases.clear()
        self._held.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _grant(self, deadline: float) -> _Lease:
        lease = _Lease(deadline)
        self._leases.append(lease)
        if self._timer is None:
            self._timer = self._clock.call_later(deadline - self._clock.now(), self._due)
        return lease

    def _due(self) -> None:
        now, self._timer = self._clock.now(), None
        while self._leases and self._leases[0].deadline <= now:
            self._end(self._leases.popleft(), now)
        if self._leases:
            self._timer = self._clock.call_later(self._leases[0].deadline - now, self._due)

    def _end(self, lease: _Lease, now: float) -> None:
        subject = f"lease of {len(lease.keys)} objects"
        with because(Cause("reconcile", "kube-apiserver", subject, started=now, reason="expired")):
            for key in lease.keys:
                del self._held[key]
                stored = self._store.get(key)
                if stored is not None:
                    self._store.delete(key, stored.revision)
