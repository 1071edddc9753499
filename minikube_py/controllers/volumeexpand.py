"""persistentvolume-expander-controller: volumes grow with what their claims ask
(pkg/controller/volume/expand, pkg/volume/util/operationexecutor expandAndRecoverFunction).

    claim asks 1Gi -> 2Gi    allocatedResources 2Gi, ControllerResizeInProgress, condition Resizing
    volume                   capacity 2Gi
    claim                    capacity 2Gi, the progress taken off; allocatedResources stays

Simulated volumes grow at once, and have no file system that a node must grow after them; all others wait for a resizer
of their own. Whether a claim may ask for more is up to its class (PersistentVolumeClaimResize).
"""

from __future__ import annotations

from minikube_py.controllers.persistentvolume.binding import BOUND, PROVISIONED_BY, annotated, claim_ref, phase
from minikube_py.controllers.persistentvolume.matching import capacity, requested
from minikube_py.controllers.persistentvolume.migration import CSI_MIGRATED, migrated_plugin
from minikube_py.controllers.persistentvolume.provisioner import is_simulated
from minikube_py.controllers.runtime import Context, Controller, Descriptor, Result
from minikube_py.machinery import meta
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import key, uid
from minikube_py.machinery.quantity import Quantity, parse
from minikube_py.machinery.wellknown import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES

COMPONENT = "volume_expand"
"""The source of its events."""
RESIZER = "volume.kubernetes.io/storage-resizer"
"""The annotation of claims that tells who grows their volumes."""
IN_PROGRESS = "ControllerResizeInProgress"
_RESIZE_CONDITIONS = frozenset({"Resizing", "FileSystemResizePending", "ControllerResizeError", "NodeResizeError"})


def granted(claim: Object) -> Quantity:
    """What the claim has by its status."""
    return parse(((claim.get("status") or {}).get("capacity") or {}).get("storage", "0"))


def _without_conditions(status: Object) -> list[Object]:
    return [each for each in status.get("conditions") or () if each.get("type") not in _RESIZE_CONDITIONS]


def in_progress(claim: Object, resizer: str, now: str) -> Object:
    """The claim while its volume grows."""
    status: Object = claim["status"]
    size = claim["spec"]["resources"]["requests"]["storage"]
    begun = {"type": "Resizing", "status": "True", "lastProbeTime": None, "lastTransitionTime": now}
    new = {
        **status,
        "conditions": [*_without_conditions(status), begun],
        "allocatedResources": {**(status.get("allocatedResources") or {}), "storage": size},
        "allocatedResourceStatuses": {**(status.get("allocatedResourceStatuses") or {}), "storage": IN_PROGRESS},
    }
    return {**annotated(claim, {RESIZER: resizer}), "status": new}


def grown(volume: Object, size: str) -> Object:
    """The volume with the size, if that is more than it has."""
    if capacity(volume) >= parse(size):
        return volume
    spec = volume["spec"]
    return {**volume, "spec": {**spec, "capacity": {**(spec.get("capacity") or {}), "storage": size}}}


def finished(claim: Object, volume: Object) -> Object:
    """The claim once its volume has grown."""
    status: Object = claim["status"]
    new = {**status, "capacity": {**(status.get("capacity") or {}), "storage": volume["spec"]["capacity"]["storage"]}}
    for field, value in (
        ("conditions", _without_conditions(status)),
        ("allocatedResourceStatuses", _without_storage(status.get("allocatedResourceStatuses"))),
    ):
        new.pop(field, None)
        if value:
            new[field] = value
    return {**claim, "status": new}


def _without_storage(amounts: Object | None) -> Object:
    return {resource: value for resource, value in (amounts or {}).items() if resource != "storage"}


def resizer_of(volume: Object) -> str:
    """Who grows it here; "" if somebody else must."""
    return meta.annotations(volume).get(PROVISIONED_BY, "") if is_simulated(volume) else ""


def wants_more(old: Object | None, new: Object | None) -> bool:
    """Whether a change of a bound claim is one of its size."""
    if new is None or phase(new) != BOUND:
        return False
    # Upstream leaves out a claim that became bound with a request that was raised before; here it is seen.
    return old is None or phase(old) != BOUND or requested(new) > requested(old) or granted(new) > granted(old)


class ExpandReconciler:
    """Its keys are claims."""

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._clock = context.clock
        self._claims = context.lister(PERSISTENT_VOLUME_CLAIMS)
        self._recorder = context.recorder(COMPONENT)

    async def reconcile(self, where: NamespacedName) -> Result | None:
        claim = self._claims.get(*where)
        if claim is None or requested(claim) <= granted(claim):
            return None
        volume = await self._client.get(PERSISTENT_VOLUMES, "", claim["spec"]["volumeName"])
        if (claim_ref(volume) or {}).get("uid") != uid(claim):
            return Result(requeue=True)  # not the claim's, or not yet
        resizer = resizer_of(volume)
        if resizer:
            await self._grow(claim, volume, resizer)
        elif plugin := migrated_plugin(volume):
            message = f"CSI migration enabled for {plugin}; waiting for external resizer to expand the pvc"
            self._recorder.event(claim, "Normal", "ExternalExpanding", message)
            await self._leave_to(claim, CSI_MIGRATED[plugin])
        else:
            message = "waiting for an external controller to expand this PVC"
            self._recorder.event(claim, "Normal", "ExternalExpanding", message)
        return None

    async def _leave_to(self, claim: Object, resizer: str) -> None:
        if meta.annotations(claim).get(RESIZER) != resizer:
            wanted = annotated(claim, {RESIZER: resizer})
            await self._client.update(PERSISTENT_VOLUME_CLAIMS, wanted, subresource="status")

    async def _grow(self, claim: Object, volume: Object, resizer: str) -> None:
        update = self._client.update
        now = rfc3339(self._clock.now())
        claim = await update(PERSISTENT_VOLUME_CLAIMS, in_progress(claim, resizer, now), subresource="status")
        wanted = grown(volume, claim["spec"]["resources"]["requests"]["storage"])
        if wanted is not volume:
            volume = await update(PERSISTENT_VOLUMES, wanted)
        claim = await update(PERSISTENT_VOLUME_CLAIMS, finished(claim, volume), subresource="status")
        message = f"ExpandVolume succeeded for volume {key(claim)}"
        self._recorder.event(claim, "Normal", "VolumeResizeSuccessful", message)


def new(context: Context) -> Controller:
    controller = Controller(context, "PersistentVolumeClaim", ExpandReconciler(context))
    controller.watches(PERSISTENT_VOLUME_CLAIMS, lambda claim: (key(claim),), when=wants_more)
    return controller


CONTROLLER = Descriptor("persistentvolume-expander-controller", new, ("persistentvolume-expander",))
