"""Writing bindings and phases, and remembering what was written (pv_controller.go bind, updateClaimStatus,
updateVolumePhase, unbindVolume)."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.controllers.persistentvolume.binding import (
    AVAILABLE,
    BOUND,
    bound_claim,
    bound_volume,
    claim_key,
    claim_ref,
    claim_status,
    phase,
    unbound_volume,
)
from minikube_py.controllers.persistentvolume.claimplan import Event
from minikube_py.controllers.persistentvolume.latest import Latest
from minikube_py.controllers.persistentvolume.storageclass import class_name
from minikube_py.controllers.runtime import Context
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.wellknown import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES

COMPONENT = "persistentvolume-controller"
"""The source of its events."""

CANDIDATES = "candidates"
"""Index of volumes: "free/CLASS" for those that name no claim, else "for/NAMESPACE/NAME"."""


def candidate_index(volume: Object) -> Sequence[str]:
    reference = claim_ref(volume)
    return (f"free/{class_name(volume)}" if reference is None else f"for/{claim_key(reference)}",)


class Binder:
    """What the reconcilers of claims and of volumes share. All methods that write raise StatusError, and answer the
    object as it is then."""

    def __init__(self, context: Context) -> None:
        self.client = context.client
        self.claims = Latest(context, PERSISTENT_VOLUME_CLAIMS)
        self.volumes = Latest(context, PERSISTENT_VOLUMES)
        self.volumes.add_index(CANDIDATES, candidate_index)
        self._recorder = context.recorder(COMPONENT)

    def candidates(self, claim: Object, where: NamespacedName) -> list[Object]:
        """The volumes that the claim might get."""
        free = self.volumes.by_index(CANDIDATES, f"free/{class_name(claim)}")
        return [*self.volumes.by_index(CANDIDATES, f"for/{where}"), *free]

    def tell(self, obj: Object, event: Event | None) -> None:
        if event is not None:
            self._recorder.event(obj, event.type, event.reason, event.message)

    async def update_claim(self, claim: Object, subresource: str = "") -> Object:
        written = await self.client.update(PERSISTENT_VOLUME_CLAIMS, claim, subresource=subresource)
        self.claims.wrote(written)
        return written

    async def update_volume(self, volume: Object, subresource: str = "") -> Object:
        written = await self.client.update(PERSISTENT_VOLUMES, volume, subresource=subresource)
        self.volumes.wrote(written)
        return written

    async def bind(self, volume: Object, claim: Object) -> None:
        """Four writes, less those made before."""
        if (bound := bound_volume(volume, claim)) is not None:
            volume = await self.update_volume(bound)
        volume = await self.set_volume_phase(volume, BOUND)
        if (bound := bound_claim(claim, volume)) is not None:
            claim = await self.update_claim(bound)
        await self.set_claim_phase(claim, BOUND, volume)

    async def unbind(self, volume: Object) -> None:
        await self.set_volume_phase(await self.update_volume(unbound_volume(volume)), AVAILABLE)

    async def set_claim_phase(self, claim: Object, wanted: str, volume: Object | None = None) -> Object:
        status = claim_status(claim, wanted, volume)
        return claim if status is None else await self.update_claim({**claim, "status": status}, "status")

    async def set_volume_phase(self, volume: Object, wanted: str, event: Event | None = None) -> Object:
        """The event is told, and its message kept, only if the phase changes."""
        if phase(volume) == wanted:
            return volume
        status = {**(volume.get("status") or {}), "phase": wanted, "message": event.message if event else ""}
        if not status["message"]:
            del status["message"]
        written = await self.update_volume({**volume, "status": status}, "status")
        self.tell(written, event)
        return written
