"""persistentvolumeclaim-protection-controller: a claim that is deleted stays until no scheduled pod uses it
(pkg/controller/volume/pvcprotection)."""

from __future__ import annotations

from typing import NamedTuple

from minikube_py.client.protocol import Client
from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.controllers.runtime.podclaims import claim_keys, claim_names, is_for_pod, pods_by_claim, users
from minikube_py.controllers.runtime.pods import is_terminal, node_name
from minikube_py.controllers.runtime.protection import ProtectionReconciler, concerns
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import key, name, namespace, resource_version
from minikube_py.machinery.wellknown import PERSISTENT_VOLUME_CLAIMS, PODS

FINALIZER = "kubernetes.io/pvc-protection"


def uses(pod: Object, claim: Object) -> bool:
    """Whether a pod holds a claim back. One without a node does not: a kubelet starts no pod whose claim is being
    deleted. Finished pods do, until they are gone."""
    if not node_name(pod):
        return False
    wanted = name(claim)
    for volume in pod["spec"].get("volumes") or ():
        if (volume.get("persistentVolumeClaim") or {}).get("claimName") == wanted:
            return True
        if volume.get("ephemeral") is not None and not _is_shut_down(pod) and is_for_pod(pod, claim):
            return wanted in claim_names(pod)
    return False


def _is_shut_down(pod: Object) -> bool:
    """Stopped by its kubelet, or deleted by force; it may itself wait for its claims, which must not wait for it."""
    metadata = pod["metadata"]
    return bool(metadata.get("deletionTimestamp")) and metadata.get("deletionGracePeriodSeconds") == 0


def may_release(old: Object | None, new: Object | None) -> bool:
    """Whether a change of a pod may leave a claim without users."""
    if old is not None and new is not None and old["metadata"].get("uid") != new["metadata"].get("uid"):
        return True
    return new is None or is_terminal(new) or not node_name(new)


class _Listed(NamedTuple):
    """The pods with claims in a namespace, as of a revision."""

    revision: int
    pods: list[Object]


class Usage:
    """Who uses a claim, by the cache and, since that may be behind, by the server before saying nobody."""

    def __init__(self, context: Context) -> None:
        self._client: Client = context.client
        self._pods = pods_by_claim(context)
        self._listed: dict[str, _Listed] = {}

    async def is_used(self, claim: Object) -> bool:
        if any(uses(pod, claim) for pod in users(self._pods, key(claim))):
            return True
        # A list that is not older than the claim's deletion shows every pod that could ever use it, so many claims
        # that are deleted at once need one. That it is in use must be looked up anew: those pods may be gone.
        listed = self._listed.get(namespace(claim))
        if listed is None or listed.revision < _revision(resource_version(claim)) or _any_uses(listed, claim):
            listed = self._listed[namespace(claim)] = await self._list(namespace(claim))
        return _any_uses(listed, claim)

    async def _list(self, namespace: str) -> _Listed:
        found = await self._client.list(PODS, namespace)
        return _Listed(_revision(found.resource_version), [pod for pod in found.items if pod["spec"].get("volumes")])


def _any_uses(listed: _Listed, claim: Object) -> bool:
    return any(uses(pod, claim) for pod in listed.pods)


def _revision(text: str) -> int:
    return int(text) if text.isdigit() else 0


def new(context: Context) -> Controller:
    reconciler = ProtectionReconciler(context, PERSISTENT_VOLUME_CLAIMS, FINALIZER, Usage(context).is_used)
    controller = Controller(context, "PersistentVolumeClaim", reconciler)
    controller.watches(
        PERSISTENT_VOLUME_CLAIMS,
        lambda claim: (key(claim),),
        when=lambda old, new: new is not None and concerns(new, FINALIZER),
    )
    controller.watches(PODS, claim_keys, when=may_release)
    return controller


CONTROLLER = Descriptor("persistentvolumeclaim-protection-controller", new, ("pvc-protection",))
