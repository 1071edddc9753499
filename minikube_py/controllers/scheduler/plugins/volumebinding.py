"""VolumeBinding: nodes where a pod's claims have volumes, or can get them (plugins/volumebinding).

Claims of a class with volumeBindingMode WaitForFirstConsumer are bound for the node that the pod is to have, before
the pod is bound itself: the volume that was found gets the claim as its claimRef, or the claim the annotation
volume.kubernetes.io/selected-node, which has a volume made. The persistentvolume-binder-controller does the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

from minikube_py.controllers.persistentvolume.binding import LOST, annotated, bound_volume, claim_ref, phase
from minikube_py.controllers.persistentvolume.matching import reaches
from minikube_py.controllers.persistentvolume.storageclass import SELECTED_NODE
from minikube_py.controllers.runtime.podclaims import ephemeral_claim_name, is_for_pod
from minikube_py.controllers.scheduler.assumedvolumes import revision
from minikube_py.controllers.scheduler.framework import NODE, Claim, Event, NotPrepared, Plugin, Rejection, Reservation
from minikube_py.controllers.scheduler.handle import Handle
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.plugins.volumerestrictions import claims_it, not_found
from minikube_py.controllers.scheduler.volumesearch import Claims, Found, as_node, find, is_bound, sort_claims
from minikube_py.machinery import meta
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import is_deleting, key, labels, name, namespace
from minikube_py.machinery.wellknown import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES

UNBOUND_IMMEDIATE = Rejection(("pod has unbound immediate PersistentVolumeClaims",))


@dataclass(frozen=True)
class Arguments:
    """VolumeBindingArgs."""

    bind_timeout: float = 600.0
    """Seconds that claims may take to be bound."""


def _claims(pod: Object, handle: Handle) -> list[Object] | str:
    """The claims of the pod's volumes, or what is wrong with one."""
    found = []
    for volume in pod["spec"].get("volumes") or ():
        ephemeral = volume.get("ephemeral") is not None
        if ephemeral:
            wanted = ephemeral_claim_name(pod, volume)
        elif (source := volume.get("persistentVolumeClaim")) is not None:
            wanted = source.get("claimName") or ""
        else:
            continue
        claim = handle.volumes.claims.get(NamespacedName(namespace(pod), wanted))
        if claim is None:
            waiting = f'waiting for ephemeral volume controller to create the persistentvolumeclaim "{wanted}"'
            return waiting if ephemeral else not_found(wanted)
        if problem := _problem(pod, claim, ephemeral=ephemeral):
            return problem
        found.append(claim)
    return found


def _problem(pod: Object, claim: Object, *, ephemeral: bool) -> str:
    if phase(claim) == LOST:
        lost = claim["spec"].get("volumeName") or ""
        return f'persistentvolumeclaim "{name(claim)}" bound to non-existent persistentvolume "{lost}"'
    if is_deleting(claim):
        return f'persistentvolumeclaim "{name(claim)}" is being deleted'
    if ephemeral and not is_for_pod(pod, claim):
        return f"PVC {key(claim)} was not created for pod {key(pod)} (pod is not owner)"
    return ""


def volume_binding(arguments: Arguments) -> Plugin:
    def claim(pod: Object, handle: Handle) -> Claim | Rejection | None:
        found = _claims(pod, handle)
        if isinstance(found, str):
            return Rejection((found,))
        if not found:
            return None
        claims = sort_claims(found, handle)
        if claims.immediate:
            return UNBOUND_IMMEDIATE
        search = Search(pod, claims, handle, arguments)
        return Claim(search.check, reserve=search.reserve if claims.delayed else None)

    return Plugin("VolumeBinding", claim=claim, hint=may_help, arguments=arguments)


class Search:
    """For one pod, at one try to schedule it."""

    def __init__(self, pod: Object, claims: Claims, handle: Handle, arguments: Arguments) -> None:
        self._pod = pod
        self._claims = claims
        self._handle = handle
        self._arguments = arguments
        self._found: dict[str, Found] = {}

    def check(self, node: NodeInfo) -> Rejection | None:
        found = self._found[node.name] = find(self._claims, node, self._handle)
        return Rejection(found.reasons) if found.reasons else None

    def reserve(self, node: str) -> Reservation:
        found = self._found[node]
        return VolumeReservation(self._pod, node, found, self._handle, self._arguments.bind_timeout)


class VolumeReservation:
    """The volumes of one pod, taken when made."""

    plugin = "VolumeBinding"
    is_writing = False
    """What is written counts as taken until it is seen otherwise."""

    def __init__(self, pod: Object, node: str, found: Found, handle: Handle, timeout: float) -> None:
        self._pod_key = key(pod)
        self._node = node
        self._handle = handle
        self._timeout = timeout
        self._volumes = [bound_volume(volume, claim) or volume for volume, claim in found.bindings]
        self._bound = [key(claim) for _, claim in found.bindings]
        self._provisioned = [annotated(claim, {SELECTED_NODE: node}) for claim in found.provisions]
        for volume in self._volumes:
            handle.volumes.volumes.assume(volume)
        for claim in self._provisioned:
            handle.volumes.claims.assume(claim)

    def release(self) -> None:
        for volume in self._volumes:
            self._handle.volumes.volumes.restore(volume)
        for claim in self._provisioned:
            self._handle.volumes.claims.restore(claim)

    async def withdraw(self) -> None:
        """What was written stays: the next try finds it."""

    async def prepare(self) -> None:
        client, clock = self._handle.context.client, self._handle.context.clock
        written_volumes = [await client.update(PERSISTENT_VOLUMES, volume) for volume in self._volumes]
        written_claims = [await client.update(PERSISTENT_VOLUME_CLAIMS, claim) for claim in self._provisioned]
        deadline = clock.now() + self._timeout
        timer = clock.call_later(self._timeout, self._handle.volumes.waiting.wake)
        try:
            while not self._ready(written_volumes, written_claims):
                if clock.now() >= deadline:
                    raise NotPrepared("binding volumes: context deadline exceeded")
                await self._handle.volumes.waiting.changed()
        finally:
            timer.cancel()

    def _ready(self, volumes: list[Object], claims: list[Object]) -> bool:
        """Whether all is bound, by what the informers have seen. Raises NotPrepared if it will not be."""
        bindings = zip(volumes, self._bound, strict=True)
        volumes_ready = all(self._volume_ready(volume, claim) for volume, claim in bindings)
        return volumes_ready and all(self._claim_ready(claim) for claim in claims)

    def _volume_ready(self, written: Object, where: NamespacedName) -> bool:
        volume = self._handle.volumes.volumes.lister.get("", name(written))
        claim = self._handle.volumes.claims.lister.get(*where)
        if volume is None or claim is None:
            missing = (
                f'persistentvolume "{name(written)}"' if volume is None else f'persistentvolumeclaim "{where.name}"'
            )
            raise NotPrepared(f"binding volumes: failed to check binding: {missing} not found")
        if revision(volume) < revision(written):
            return False
        self._check_node(volume)
        reference = claim_ref(volume)
        if reference is None or not reference.get("uid"):
            raise NotPrepared(f'binding volumes: ClaimRef got reset for pv "{name(volume)}"')
        return is_bound(claim)

    def _claim_ready(self, written: Object) -> bool:
        claim = self._handle.volumes.claims.lister.get(*key(written))
        if claim is None:
            missing = f'persistentvolumeclaim "{name(written)}" not found'
            raise NotPrepared(f"binding volumes: failed to check provisioning pvc: {missing}")
        if revision(claim) < revision(written):
            return False
        if meta.annotations(claim).get(SELECTED_NODE) != self._node:
            raise NotPrepared(f'binding volumes: provisioning failed for PVC "{name(claim)}"')
        named = claim["spec"].get("volumeName")
        volume = self._handle.volumes.volumes.lister.get("", named) if named else None
        if volume is not None:
            self._check_node(volume)
        return volume is not None and is_bound(claim)

    def _check_node(self, volume: Object) -> None:
        node = self._handle.cache.nodes.get(self._node)
        if node is None or not node.known:
            raise NotPrepared(f'binding volumes: failed to get node "{self._node}": node "{self._node}" not found')
        if not reaches(volume, as_node(node)):
            mismatch = f'pv "{name(volume)}" node affinity doesn\'t match node "{self._node}"'
            raise NotPrepared(f"binding volumes: {mismatch}: no matching NodeSelectorTerms")


def may_help(pod: Object, event: Event) -> bool:
    if event.new is None:
        return False
    match event.resource:
        case "PersistentVolumeClaim":
            return claims_it(pod, event.new)
        case "PersistentVolume" | "CSIStorageCapacity":
            return True
        case "StorageClass":
            return event.old is None or event.old.get("allowedTopologies") != event.new.get("allowedTopologies")
        case "CSIDriver":
            return event.old is not None and event.old["spec"] != event.new["spec"]
        case _:
            return event.resource == NODE and (event.old is None or labels(event.old) != labels(event.new))


VOLUME_BINDING = volume_binding(Arguments())
