"""device-taint-eviction-controller: deletes the pods whose devices are tainted with NoExecute
(pkg/controller/devicetainteviction).

    a device's taint, since timeAdded         then the pods that hold a claim with the device
    is not tolerated                          are deleted now
    is tolerated for so many seconds          are deleted so long after timeAdded
    is tolerated for ever                     stay
    goes while they wait to be deleted        stay, and are told so

Taints are those in the ResourceSlices of a pool's newest generation, and tolerations those in the allocations, as the
scheduler took them over from the claims. DeviceTaintRules are left out, as long as upstream's DRADeviceTaintRules is
off by default.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from minikube_py.client.protocol import STRATEGIC_MERGE_PATCH
from minikube_py.controllers.resourceallocation import DeviceID
from minikube_py.controllers.resourceclaim.references import (
    RESOURCE_CLAIMS,
    claim_name,
    entries,
    is_for_pod,
    template_name,
)
from minikube_py.controllers.resourceclaim.reservations import consumers, is_pod
from minikube_py.controllers.runtime import Context, Controller, Descriptor, Result
from minikube_py.controllers.runtime.pods import condition, node_name
from minikube_py.controllers.runtime.whenserved import WhenServed
from minikube_py.controllers.scheduler.assumeddevices import RESOURCE_SLICES, allocation_of
from minikube_py.controllers.scheduler.plugins.tainttoleration import NO_EXECUTE, tolerates
from minikube_py.machinery.clock import parse_rfc3339, rfc3339
from minikube_py.machinery.errors import StatusError, is_conflict, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import is_deleting, key, namespace, uid
from minikube_py.machinery.wellknown import PODS

SOONEST = 1.0
"""Seconds after its creation before which no pod is deleted. A pod that tolerates a taint for a while is scheduled to
its device even when that while is over, and deleted again. Real ones take their time for that; here it would go on for
ever in one and the same moment."""

BY_POOL = "pool"
"""Index of slices, "driver/pool", and of claims: those that their devices are of."""


def results(claim: Object) -> Sequence[Object]:
    """The devices that it has been given."""
    return ((allocation_of(claim) or {}).get("devices") or {}).get("results") or ()


def due(tolerations: Iterable[Object], taint: Object) -> float | None:
    """When a pod must let go of a device (Unix seconds); None: never. Only tolerations that name the effect count."""
    used = [each for each in tolerations if each.get("effect") == NO_EXECUTE and tolerates(each, taint)]
    seconds = [max(0, each["tolerationSeconds"]) for each in used if each.get("tolerationSeconds") is not None]
    if len(seconds) < len(used):
        return None
    return parse_rfc3339(taint["timeAdded"]) + min(seconds, default=0)


def taints(slices: Sequence[Object], device: str) -> Iterator[Object]:
    """Those with NoExecute of a device, by the slices of its pool."""
    newest = max((each["spec"]["pool"]["generation"] for each in slices), default=0)
    current = (each["spec"] for each in slices if each["spec"]["pool"]["generation"] == newest)
    devices = (each for spec in current for each in spec.get("devices") or ())
    found: Object = next((each for each in devices if each["name"] == device), {})
    return (each for each in found.get("taints") or () if each["effect"] == NO_EXECUTE)


def _pools_of_claim(claim: Object) -> Sequence[str]:
    return list(dict.fromkeys(f"{each['driver']}/{each['pool']}" for each in results(claim)))


def _pool_of_slice(slice: Object) -> str:
    return f"{slice['spec']['driver']}/{slice['spec']['pool']['name']}"


def _users(claim: Object) -> Iterator[NamespacedName]:
    return (NamespacedName(namespace(claim), each["name"]) for each in consumers(claim) if is_pod(each))


def _moves(old: Object | None, new: Object | None) -> bool:
    """Whether a pod may have got a claim."""
    if new is None or not entries(new):
        return old is not None and bool(entries(old))
    return old is None or node_name(old) != node_name(new) or _statuses(old) != _statuses(new)


def _statuses(pod: Object) -> object:
    return (pod.get("status") or {}).get("resourceClaimStatuses")


def _is_tainted(old: Object | None, new: Object | None) -> bool:
    """Whether a slice has, or had, a device with taints."""
    specs = (each["spec"] for each in (old, new) if each is not None)
    return any(device.get("taints") for spec in specs for device in spec.get("devices") or ())


class DeviceTaintReconciler:
    """Its keys are pods."""

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._clock = context.clock
        self._pods = context.lister(PODS)
        context.informer(RESOURCE_CLAIMS).add_index(BY_POOL, _pools_of_claim)
        context.informer(RESOURCE_SLICES).add_index(BY_POOL, lambda each: (_pool_of_slice(each),))
        self.claims = context.lister(RESOURCE_CLAIMS)
        self._slices = context.lister(RESOURCE_SLICES)
        self._recorder = context.recorder()
        self._waiting: dict[NamespacedName, str] = {}
        """Pods that are to be deleted, and their uids."""

    def of_slice(self, slice: Object) -> Iterator[NamespacedName]:
        for claim in self.claims.by_index(BY_POOL, _pool_of_slice(slice)):
            yield from _users(claim)

    async def reconcile(self, where: NamespacedName) -> Result | None:
        pod = self._pods.get(*where)
        if pod is None or is_deleting(pod):
            self._waiting.pop(where, None)
            return None
        when = self._due(pod)
        if when is None:
            if self._waiting.pop(where, None) == uid(pod):
                self._tell(pod, "Cancelling deletion")
            return None
        self._waiting[where] = uid(pod)
        if (left := when - self._clock.now()) > 0:
            return Result(requeue_after=left)
        await self._evict(pod)
        del self._waiting[where]
        return None

    def _due(self, pod: Object) -> float | None:
        if not node_name(pod):
            return None
        times = (
            due(result.get("tolerations") or (), taint)
            for claim in self._held(pod)
            for result in results(claim)
            for taint in self._taints(DeviceID.of(result))
        )
        first = min((each for each in times if each is not None), default=None)
        return None if first is None else max(first, parse_rfc3339(pod["metadata"]["creationTimestamp"]) + SOONEST)

    def _held(self, pod: Object) -> Iterator[Object]:
        """The claims that are reserved for the pod."""
        for entry in entries(pod):
            claim = self.claims.get(namespace(pod), claim_name(pod, entry) or "")
            if claim is None or (template_name(entry) and not is_for_pod(pod, claim)):
                continue
            if any(each["uid"] == uid(pod) for each in consumers(claim)):
                yield claim

    def _taints(self, device: DeviceID) -> Iterator[Object]:
        return taints(self._slices.by_index(BY_POOL, f"{device.driver}/{device.pool}"), device.device)

    async def _evict(self, pod: Object) -> None:
        """Raises StatusError."""
        try:
            fresh = await self._client.get(PODS, *key(pod))
            if uid(fresh) != uid(pod) or is_deleting(fresh):
                return
            self._tell(pod, "Marking for deletion")
            await self._mark(fresh)
            await self._client.delete(PODS, *key(pod), uid=uid(pod))
        except StatusError as error:
            # Gone, or made anew under its name.
            if not (is_not_found(error) or is_conflict(error)):
                raise

    async def _mark(self, pod: Object) -> None:
        former = condition(pod, "DisruptionTarget")
        target = {
            "type": "DisruptionTarget",
            "status": "True",
            "lastProbeTime": None,
            "lastTransitionTime": rfc3339(self._clock.now()),
            "reason": "DeletionByDeviceTaintManager",
            "message": "Device Taint manager: deleting due to NoExecute taint",
        }
        if former is not None and former["status"] == "True":
            target["lastTransitionTime"] = former.get("lastTransitionTime")
        patch = {"metadata": {"uid": uid(pod)}, "status": {"conditions": [target]}}
        await self._client.patch(PODS, *key(pod), patch, patch_type=STRATEGIC_MERGE_PATCH, subresource="status")

    def _tell(self, pod: Object, message: str) -> None:
        where = key(pod)
        reference = {"apiVersion": "v1", "kind": "Pod", "namespace": where.namespace, "name": where.name}
        self._recorder.event({**reference, "uid": uid(pod)}, "Normal", "DeviceTaintManagerEviction", message)


def new(context: Context) -> Controller:
    reconciler = DeviceTaintReconciler(context)
    controller = Controller(context, "Pod", reconciler)
    if context.settings.features.device_taints:
        controller.watches(PODS, lambda pod: (key(pod),), when=_moves)
        controller.watches(RESOURCE_CLAIMS, _users)
        controller.watches(RESOURCE_SLICES, reconciler.of_slice, when=_is_tainted)
    return controller


def new_when_served(context: Context) -> WhenServed:
    """The feature DRADeviceTaints, on by default since Kubernetes 1.36."""
    return WhenServed(context, RESOURCE_CLAIMS, new)


CONTROLLER = Descriptor("device-taint-eviction-controller", new_when_served)
