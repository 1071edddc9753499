"""Reconciling volumes: acting on the volume's plan, and reclaiming what is released."""

from __future__ import annotations

from collections.abc import Callable

from minikube_py.client.protocol import Client
from minikube_py.controllers.persistentvolume.binder import Binder
from minikube_py.controllers.persistentvolume.binding import FAILED, RELEASED, claim_key, claim_ref, phase
from minikube_py.controllers.persistentvolume.claimplan import Event
from minikube_py.controllers.persistentvolume.claims import RESYNC
from minikube_py.controllers.persistentvolume.migration import MIGRATED_TO, migrated_volume
from minikube_py.controllers.persistentvolume.provisioner import is_simulated
from minikube_py.controllers.persistentvolume.volumeplan import (
    IN_TREE_FINALIZER,
    Mismatch,
    NudgeClaim,
    Phase,
    Release,
    Unbind,
    deletion,
    is_claims,
    is_recyclable,
    plan,
    reclaim_policy,
)
from minikube_py.controllers.runtime import Context, Result
from minikube_py.controllers.runtime.podclaims import pods_by_claim, users
from minikube_py.controllers.runtime.pods import is_terminal
from minikube_py.controllers.runtime.protection import with_finalizers
from minikube_py.machinery import meta
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import finalizers, is_deleting, key, name, uid
from minikube_py.machinery.wellknown import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES


def wanted_finalizers(volume: Object) -> list[str]:
    """Those of a simulated volume follow its reclaim policy, which may be changed (modifyDeletionFinalizers). One that
    is deleted while it is nobody's has nothing behind it that must go first; upstream's would stay for ever."""
    present = finalizers(volume)
    if not is_simulated(volume):
        return present
    if reclaim_policy(volume) != "Delete" or (is_deleting(volume) and claim_ref(volume) is None):
        return [each for each in present if each != IN_TREE_FINALIZER]
    if IN_TREE_FINALIZER in present or is_deleting(volume):
        return present
    return [*present, IN_TREE_FINALIZER]


class VolumeReconciler:
    def __init__(self, context: Context, binder: Binder, nudge: Callable[[NamespacedName], None]) -> None:
        """`nudge` has a claim reconciled."""
        self._client: Client = context.client
        self._binder = binder
        self._nudge = nudge
        self._pods = pods_by_claim(context)

    async def reconcile(self, where: NamespacedName) -> Result | None:
        volume = self._binder.volumes.get(where)
        if volume is None:
            return None
        wanted = volume if is_simulated(volume) else migrated_volume(volume)
        if (kept := wanted_finalizers(volume)) != finalizers(volume):
            wanted = with_finalizers(wanted, kept)
        if wanted is not volume:
            volume = await self._binder.update_volume(wanted)
        claim = await self._claim(volume)
        match plan(volume, claim):
            case Phase(name):
                await self._binder.set_volume_phase(volume, name)
            case NudgeClaim() if claim is not None:
                self._nudge(key(claim))
            case Mismatch(of_volume, of_claim) if claim is not None:
                self._binder.tell(volume, of_volume)
                self._binder.tell(claim, of_claim)
            case Unbind():
                await self._binder.unbind(volume)
            case Release():
                return await self._release(volume)
        return None

    async def _claim(self, volume: Object) -> Object | None:
        """The claim of the name that the volume has, by the server before believing that it is gone: releasing a
        volume cannot be taken back."""
        reference = claim_ref(volume)
        if reference is None or not reference.get("uid"):
            return None
        where = claim_key(reference)
        cached = self._binder.claims.get(where)
        if is_claims(volume, cached) or (cached is None and phase(volume) in (RELEASED, FAILED)):
            return cached
        try:
            return await self._client.get(PERSISTENT_VOLUME_CLAIMS, *where)
        except StatusError as error:
            if is_not_found(error):
                return None
            raise

    async def _release(self, volume: Object) -> Result | None:
        # A failure stays to be seen while it is tried again.
        if phase(volume) != FAILED:
            volume = await self._binder.set_volume_phase(volume, RELEASED)
        if MIGRATED_TO in meta.annotations(volume):
            return None  # the driver's provisioner sees to it
        policy = reclaim_policy(volume)
        if policy == "Delete":
            return await self._delete(volume)
        if policy == "Recycle":
            return await self._recycle(volume)
        return None

    async def _delete(self, volume: Object) -> Result | None:
        by, problem = deletion(volume, is_simulated(volume))
        if by == "nobody":
            await self._binder.set_volume_phase(volume, FAILED, Event("Warning", "VolumeFailedDelete", problem))
            return Result(requeue_after=RESYNC)
        if by == "elsewhere":
            return None
        if IN_TREE_FINALIZER in finalizers(volume):
            left = [each for each in finalizers(volume) if each != IN_TREE_FINALIZER]
            volume = await self._binder.update_volume(with_finalizers(volume, left))
        if is_deleting(volume):
            return None
        try:
            await self._client.delete(PERSISTENT_VOLUMES, "", name(volume), uid=uid(volume))
        except StatusError as error:
            if not is_not_found(error):
                raise
        return None

    async def _recycle(self, volume: Object) -> Result | None:
        where = claim_key(volume["spec"]["claimRef"])
        pods = sorted(str(key(pod)) for pod in users(self._pods, where) if not is_terminal(pod))
        if pods and self._binder.claims.get(where) is None:
            said = f"Volume is used by pods: {','.join(pods)}"
            self._binder.tell(volume, Event("Normal", "VolumeFailedRecycle", said))
            return Result(requeue_after=RESYNC)
        if not is_recyclable(volume):
            said = "No recycler plugin found for the volume!"
            await self._binder.set_volume_phase(volume, FAILED, Event("Warning", "VolumeFailedRecycle", said))
            return Result(requeue_after=RESYNC)
        self._binder.tell(volume, Event("Normal", "VolumeRecycled", "Volume recycled"))
        await self._binder.unbind(volume)
        return None
