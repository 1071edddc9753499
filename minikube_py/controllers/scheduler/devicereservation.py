"""Devices that were taken for a pod, on their way into its claims (plugins/dynamicresources: Reserve, Unreserve and
bindClaim)."""

from __future__ import annotations

import logging

from minikube_py.client.protocol import STRATEGIC_MERGE_PATCH
from minikube_py.controllers.resourceclaim.references import RESOURCE_CLAIMS
from minikube_py.controllers.resourceclaim.reservations import FINALIZER, consumers, reserved
from minikube_py.controllers.runtime.protection import with_finalizers
from minikube_py.controllers.scheduler.assumeddevices import AssumedDevices, allocation_of
from minikube_py.controllers.scheduler.bindingconditions import (
    BINDING_TIMEOUT,
    TIMED_OUT,
    conditional,
    is_late,
    is_ready,
)
from minikube_py.controllers.scheduler.framework import NotPrepared
from minikube_py.controllers.scheduler.handle import Handle
from minikube_py.controllers.scheduler.podclass import DEFAULT_SCHEDULER
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.errors import StatusError, is_conflict
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import finalizers, is_deleting, key, name, uid

log = logging.getLogger(__name__)

ATTEMPTS = 5
"""How often a write is tried that others may get in the way of (client-go retry.DefaultRetry)."""

TIMESTAMPS_SINCE = 36
"""The minor version of Kubernetes that notes when it allocated (DRADeviceBindingConditions)."""


def is_reserved(claim: Object, pod: Object) -> bool:
    return any(each["uid"] == uid(pod) for each in consumers(claim))


class DeviceReservation:
    """The devices of one pod, taken when made. `allocations` are those of claims that have none yet, by uid."""

    plugin = "DynamicResources"

    def __init__(
        self,
        pod: Object,
        node: str,
        claims: list[Object],
        allocations: dict[str, Object],
        handle: Handle,
        devices: AssumedDevices,
    ) -> None:
        self._node = node
        self._recorder = handle.context.recorder(pod["spec"].get("schedulerName") or DEFAULT_SCHEDULER)
        self.is_writing = False
        self._pod = pod
        self._claims = list(claims)
        self._allocations = allocations
        self._client = handle.context.client
        self._clock = handle.context.clock
        self._devices = devices
        self._notes_times = handle.minor >= TIMESTAMPS_SINCE
        for claim in claims:
            if uid(claim) in allocations:
                devices.take(claim, allocations[uid(claim)])

    def release(self) -> None:
        for claim in self._claims:
            if (allocation := self._allocations.get(uid(claim))) is not None:
                self._devices.give_back(claim, allocation)

    async def withdraw(self) -> None:
        """The pod holds its claims no more; they stay allocated, for the next try."""
        for claim in self._claims:
            if not is_reserved(claim, self._pod):
                continue
            entry = {"$patch": "delete", "uid": uid(self._pod)}
            patch = {"metadata": {"uid": uid(claim)}, "status": {"reservedFor": [entry]}}
            try:
                await self._client.patch(
                    RESOURCE_CLAIMS, *key(claim), patch, patch_type=STRATEGIC_MERGE_PATCH, subresource="status"
                )
            except StatusError as error:
                log.debug("unreserving ResourceClaim %s: %s", key(claim), error)

    async def prepare(self) -> None:
        self.is_writing = True
        try:
            for index, claim in enumerate(self._claims):
                if not is_reserved(claim, self._pod):
                    self._claims[index] = await self._bind(claim)
        finally:
            self.is_writing = False
        if self._notes_times and any(map(conditional, self._claims)):
            await self._until_ready()

    async def _until_ready(self) -> None:
        """Until drivers have made all devices ready. Raises NotPrepared."""
        message = f"waiting for binding conditions for device on node {self._node}"
        self._recorder.event(self._pod, "Normal", "BindingConditionsPending", message)
        deadline = self._clock.now() + BINDING_TIMEOUT
        timer = self._clock.call_later(BINDING_TIMEOUT, self._devices.waiting.wake)
        try:
            while not self._is_ready():
                if self._clock.now() >= deadline:
                    raise NotPrepared(f"{TIMED_OUT}: context deadline exceeded")
                await self._devices.waiting.changed()
        finally:
            timer.cancel()

    def _is_ready(self) -> bool:
        """Raises NotPrepared."""
        for claim in self._claims:
            found = self._devices.claims.get(key(claim))
            if found is None:
                raise NotPrepared(f'could not find ResourceClaim "{key(claim)}"')
            if not is_ready(found):
                if is_late(found, self._clock.now()):
                    raise NotPrepared(f"{TIMED_OUT}: claim={name(claim)}")
                return False
        return True

    async def _bind(self, claim: Object) -> Object:
        """Allocate it, unless it is, and reserve it. Raises NotPrepared."""
        allocation = self._allocations.get(uid(claim))
        for attempt in range(ATTEMPTS):
            if attempt:
                claim = await self._read_again(claim)
            try:
                written = await self._write(claim, allocation)
            except StatusError as error:
                if is_conflict(error) and attempt + 1 < ATTEMPTS:
                    continue
                to = "allocation and reservation" if allocation is not None else "reservation"
                raise NotPrepared(f"add {to} to claim {key(claim)}: {error}") from error
            self._devices.wrote(written)
            return written
        raise AssertionError("the last attempt succeeds or raises")

    async def _read_again(self, claim: Object) -> Object:
        try:
            found = await self._client.get(RESOURCE_CLAIMS, *key(claim))
            if uid(found) != uid(claim):
                raise NotPrepared(f"claim {key(claim)} got deleted in the meantime")
            return found
        except StatusError as error:
            raise NotPrepared(f"get updated claim {key(claim)} after conflict: {error}") from error

    async def _write(self, claim: Object, allocation: Object | None) -> Object:
        """Raises NotPrepared and StatusError."""
        if is_deleting(claim):
            raise NotPrepared(f"claim {key(claim)} got deleted in the meantime")
        before = allocation_of(claim)
        if allocation is None:
            if before is None:
                raise NotPrepared(f"claim {key(claim)} got deallocated elsewhere in the meantime")
        elif before is not None:
            raise NotPrepared(f"claim {key(claim)} got allocated elsewhere in the meantime")
        else:
            claim = await self._protect(claim)
            if self._notes_times:
                allocation = {**allocation, "allocationTimestamp": rfc3339(self._clock.now())}
            claim = {**claim, "status": {**(claim.get("status") or {}), "allocation": allocation}}
        return await self._client.update(RESOURCE_CLAIMS, reserved(claim, self._pod), subresource="status")

    async def _protect(self, claim: Object) -> Object:
        """With the finalizer, which goes only when it is deallocated."""
        if FINALIZER in finalizers(claim):
            return claim
        try:
            return await self._client.update(RESOURCE_CLAIMS, with_finalizers(claim, [*finalizers(claim), FINALIZER]))
        except StatusError as error:
            if is_conflict(error):
                raise
            raise NotPrepared(f"add finalizer to claim {key(claim)}: {error}") from error
