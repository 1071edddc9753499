"""ephemeral-volume-controller: pods' generic ephemeral volumes get their claims (pkg/controller/volume/ephemeral).

A claim goes with its pod, by garbage collection; one that is deleted before is made again.
"""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.controllers.runtime import Context, Controller, Descriptor, Result
from minikube_py.controllers.runtime.podclaims import ephemeral_claim_name, is_for_pod, pods_by_claim, users
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import controller_reference, is_deleting, key, namespace
from minikube_py.machinery.wellknown import PERSISTENT_VOLUME_CLAIMS, POD, PODS

COMPONENT = "ephemeral_volume"
"""The source of its events."""


def ephemeral_volumes(pod: Object) -> list[Object]:
    return [volume for volume in pod["spec"].get("volumes") or () if volume.get("ephemeral") is not None]


def claim_for(pod: Object, volume: Object) -> Object:
    """The claim to be created; shares the template's parts, so read-only."""
    template = volume["ephemeral"].get("volumeClaimTemplate") or {}
    given = template.get("metadata") or {}
    metadata = {field: given[field] for field in ("annotations", "labels") if given.get(field)}
    metadata |= {"name": ephemeral_claim_name(pod, volume), "ownerReferences": [controller_reference(pod, POD)]}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": template.get("spec")}


class EphemeralVolumeReconciler:
    """Its keys are pods."""

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._pods = context.lister(PODS)
        self._claims = context.lister(PERSISTENT_VOLUME_CLAIMS)
        self._recorder = context.recorder(COMPONENT)

    async def reconcile(self, where: NamespacedName) -> Result | None:
        pod = self._pods.get(*where)
        if pod is None or is_deleting(pod):
            return None
        for volume in ephemeral_volumes(pod):
            problem = await self._ensure(pod, volume)
            if problem:
                self._recorder.event(pod, "Warning", "FailedBinding", f"ephemeral volume {volume['name']}: {problem}")
                return Result(requeue=True)
        return None

    async def _ensure(self, pod: Object, volume: Object) -> str:
        """Why the volume has no claim, "" if it has: it could not be created, or there is another's of its name."""
        called = ephemeral_claim_name(pod, volume)
        claim = self._claims.get(namespace(pod), called)
        if claim is None:
            try:
                await self._client.create(PERSISTENT_VOLUME_CLAIMS, claim_for(pod, volume), namespace=namespace(pod))
            except StatusError as error:
                return f"create PVC {called}: {error}"
        elif not is_for_pod(pod, claim):
            return f"PVC {key(claim)} was not created for pod {key(pod)} (pod is not owner)"
        return ""


def new(context: Context) -> Controller:
    controller = Controller(context, "Pod", EphemeralVolumeReconciler(context))
    pods = pods_by_claim(context)

    def concerned(found: Iterable[Object]) -> list[NamespacedName]:
        return [key(pod) for pod in found if not is_deleting(pod) and ephemeral_volumes(pod)]

    controller.watches(PODS, lambda pod: concerned((pod,)), when=lambda old, new: old is None)
    controller.watches(
        PERSISTENT_VOLUME_CLAIMS,
        lambda claim: concerned(users(pods, key(claim))),
        when=lambda old, new: new is None,
    )
    return controller


CONTROLLER = Descriptor("ephemeral-volume-controller", new, ("ephemeral-volume",))
