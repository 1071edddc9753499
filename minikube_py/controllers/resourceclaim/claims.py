"""Claims are given back by pods that do not need them any more."""

from __future__ import annotations

from collections.abc import Container

from minikube_py.controllers.resourceclaim.references import RESOURCE_CLAIMS, is_done, owning_pod
from minikube_py.controllers.resourceclaim.reservations import FINALIZER, consumers, is_pod, release
from minikube_py.controllers.runtime import Context
from minikube_py.controllers.runtime.protection import with_finalizers
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import finalizers, namespace, uid
from minikube_py.machinery.wellknown import PODS


class ClaimReconciler:
    """Its keys are claims. `gone` are the uids of pods that are known to be gone."""

    def __init__(self, context: Context, gone: Container[str]) -> None:
        self._client = context.client
        self._claims = context.lister(RESOURCE_CLAIMS)
        self._pods = context.lister(PODS)
        self._gone = gone

    async def reconcile(self, where: NamespacedName) -> None:
        claim = self._claims.get(*where)
        if claim is None:
            return
        left = [each for each in consumers(claim) if not is_pod(each) or await self._holds(where.namespace, each)]
        todo, written = release(claim, left), claim
        if todo.status is not None:
            # An update, which fails if anything changed meanwhile.
            written = await self._client.update(RESOURCE_CLAIMS, {**claim, "status": todo.status}, subresource="status")
        if todo.unprotect:
            kept = [each for each in finalizers(written) if each != FINALIZER]
            await self._client.update(RESOURCE_CLAIMS, with_finalizers(written, kept))
        if not left and self._is_left_over(claim):
            await self._delete(where)

    async def _holds(self, namespace: str, consumer: Object) -> bool:
        """Whether a pod may still need the claim."""
        if consumer["uid"] in self._gone:
            return False
        pod = self._pods.get(namespace, consumer["name"])
        if pod is not None:
            return uid(pod) == consumer["uid"] and not is_done(pod)
        # The cache may not have it yet, while the scheduler is about to bind it.
        try:
            return uid(await self._client.get(PODS, namespace, consumer["name"])) == str(consumer["uid"])
        except StatusError as error:
            if is_not_found(error):
                return False
            raise

    def _is_left_over(self, claim: Object) -> bool:
        """Whether it was made for a pod that needs it no more. If that pod is not there, or not there yet, garbage
        collection sees to it."""
        owner = owning_pod(claim)
        pod = self._pods.get(namespace(claim), owner["name"]) if owner is not None else None
        return owner is not None and pod is not None and (uid(pod) != owner["uid"] or is_done(pod))

    async def _delete(self, where: NamespacedName) -> None:
        try:
            await self._client.delete(RESOURCE_CLAIMS, *where)
        except StatusError as error:
            if not is_not_found(error):
                raise
