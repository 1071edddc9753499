"""Claims of devices as they will be, and which devices are taken (plugins/dynamicresources/dra_manager.go).

A device is taken from the moment that a pod is to have it: first by an allocation in flight, then by the claim as it
was written, then by the claim as it was seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from minikube_py.controllers.resourceallocation import DeviceID, Pool, Share, gather
from minikube_py.controllers.resourceclaim.references import RESOURCE_CLAIMS
from minikube_py.controllers.runtime import Context
from minikube_py.controllers.scheduler.assumedvolumes import Assumed
from minikube_py.controllers.scheduler.waiting import Waiting
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.meta import key, name, uid

RESOURCE_SLICES = GroupVersionResource("resource.k8s.io", "v1", "resourceslices")
DEVICE_CLASSES = GroupVersionResource("resource.k8s.io", "v1", "deviceclasses")


def allocation_of(claim: Object) -> Object | None:
    found: Object | None = (claim.get("status") or {}).get("allocation")
    return found


class _Held(NamedTuple):
    """By a claim: not what it was given for a look at it."""

    devices: tuple[DeviceID, ...] = ()
    """Those that nobody else can have."""
    shares: tuple[Share, ...] = ()

    @staticmethod
    def of(allocation: Object | None) -> _Held:
        results = ((allocation or {}).get("devices") or {}).get("results") or ()
        held = [each for each in results if not each.get("adminAccess")]
        return _Held(
            tuple(DeviceID.of(each) for each in held if not each.get("shareID")),
            tuple(Share.of(each) for each in held if each.get("shareID")),
        )


_NOTHING = _Held()


class AssumedDevices:
    def __init__(self, context: Context) -> None:
        self.claims = Assumed(context, RESOURCE_CLAIMS)
        self._classes = context.lister(DEVICE_CLASSES)
        self._slices = context.lister(RESOURCE_SLICES)
        self._pools: list[Pool] | None = None
        """None: to be gathered anew."""
        self._in_flight: dict[str, Object] = {}
        """Allocations that are yet to be written, by the claim's uid."""
        self._taken: dict[NamespacedName, _Held] = {}
        self._users: Counter[DeviceID] = Counter()
        self.waiting = Waiting()
        """For a change of claims."""
        context.informer(RESOURCE_CLAIMS).add_handler(self._seen, lambda old, new: self._seen(new), self._seen)
        forget = lambda *objects: self._forget_pools()  # noqa: E731
        context.informer(RESOURCE_SLICES).add_handler(forget, forget, forget)

    @property
    def pools(self) -> Sequence[Pool]:
        if self._pools is None:
            self._pools = gather(self._slices.list())
        return self._pools

    @property
    def classes(self) -> dict[str, Object]:
        """By name."""
        return {name(each): each for each in self._classes.list()}

    @property
    def taken(self) -> Collection[DeviceID]:
        return self._users.keys()

    @property
    def shares(self) -> list[Share]:
        """What is taken of devices that several claims may have."""
        return [share for held in self._taken.values() for share in held.shares]

    def is_in_flight(self, claim: Object) -> bool:
        return uid(claim) in self._in_flight

    def take(self, claim: Object, allocation: Object) -> None:
        """The claim is to be allocated."""
        self._in_flight[uid(claim)] = allocation
        self._count(key(claim))

    def wrote(self, claim: Object) -> None:
        """The claim has been allocated, or reserved."""
        self._in_flight.pop(uid(claim), None)
        self.claims.assume(claim)
        self._count(key(claim))

    def give_back(self, claim: Object, allocation: Object) -> None:
        """The claim was not allocated after all. Idempotent."""
        if self._in_flight.get(uid(claim)) is allocation:
            del self._in_flight[uid(claim)]
            self._count(key(claim))

    def _seen(self, claim: Object) -> None:
        self._count(key(claim))
        self.waiting.wake()

    def _count(self, where: NamespacedName) -> None:
        claim = self.claims.get(where)
        allocation = (allocation_of(claim) or self._in_flight.get(uid(claim))) if claim is not None else None
        before, now = self._taken.pop(where, _NOTHING), _Held.of(allocation)
        if now != _NOTHING:
            self._taken[where] = now
        self._users.update(now.devices)
        for device in before.devices:
            self._users[device] -= 1
            if not self._users[device]:
                del self._users[device]

    def _forget_pools(self) -> None:
        self._pools = None
