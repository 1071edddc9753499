"""Pods get the claims that their templates ask for, and hold those that were allocated."""

from __future__ import annotations

from minikube_py.client.protocol import APPLY_PATCH
from minikube_py.controllers.resourceclaim.generating import claim_from, made_before, statuses, to_be_made
from minikube_py.controllers.resourceclaim.references import (
    BY_POD,
    RESOURCE_CLAIM_TEMPLATES,
    RESOURCE_CLAIMS,
    claim_name,
    claims_by_pod,
    entries,
    is_done,
    is_for_pod,
    template_name,
)
from minikube_py.controllers.resourceclaim.reservations import may_reserve, reserved
from minikube_py.controllers.runtime import Context, Controller
from minikube_py.controllers.runtime.consistency import Consistency
from minikube_py.controllers.runtime.pods import node_name
from minikube_py.controllers.runtime.reconciler import ReconcileFailure
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import is_deleting, key, name, namespace, uid
from minikube_py.machinery.wellknown import PODS

COMPONENT = "resource_claim"
"""The source of its events."""

FIELD_MANAGER = "ResourceClaimController"
"""Of pods' status.resourceClaimStatuses."""


class PodReconciler:
    """Its keys are pods."""

    def __init__(self, context: Context, controller: Controller) -> None:
        self._client = context.client
        self._pods = context.lister(PODS)
        self._claims = claims_by_pod(context)
        self._templates = context.lister(RESOURCE_CLAIM_TEMPLATES)
        self._recorder = context.recorder(COMPONENT)
        self._consistency = Consistency(controller, RESOURCE_CLAIMS, PODS)

    async def reconcile(self, where: NamespacedName) -> None:
        pod = self._pods.get(*where)
        if pod is None or is_deleting(pod) or is_done(pod):
            self._consistency.forget(where)
            return
        # A claim that was made and is not seen yet would be made twice.
        if self._consistency.is_behind(where):
            return
        made: dict[str, str] = {}
        for entry in to_be_made(pod, lambda each: self._claims.get(where.namespace, each)):
            made[entry["name"]] = await self._make(pod, entry)
        if made:
            await self._tell(pod, made)
        elif node_name(pod):
            await self._reserve(pod)

    async def _make(self, pod: Object, entry: Object) -> str:
        """The name of the claim, made now unless it was before. Raises ReconcileFailure."""
        before = made_before(entry, self._claims.by_index(BY_POD, uid(pod)))
        if before is not None:
            return name(before)
        template = self._templates.get(namespace(pod), template_name(entry))
        if template is None:
            named = quote(template_name(entry))
            missing = f"resourceclaimtemplate.resource.k8s.io {named} not found"
            raise self._failure(pod, entry, f"resource claim template {named}: {missing}")
        claim = claim_from(template, pod, entry)
        try:
            created = await self._client.create(RESOURCE_CLAIMS, claim, namespace=namespace(pod))
        except StatusError as error:
            # Upstream would name the claim, which has no name yet.
            raise self._failure(pod, entry, f"create ResourceClaim : {error}") from error
        self._consistency.wrote(key(pod), RESOURCE_CLAIMS, created)
        return name(created)

    def _failure(self, pod: Object, entry: Object, problem: str) -> ReconcileFailure:
        problem = f"PodResourceClaim {entry['name']}: {problem}"
        self._recorder.event(pod, "Warning", "FailedResourceClaimCreation", problem)
        return ReconcileFailure(f"pod {key(pod)}, {problem}")

    async def _tell(self, pod: Object, made: dict[str, str]) -> None:
        """Which claims are its own. The pod's event will have them reserved, if need be."""
        patch = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name(pod), "namespace": namespace(pod), "uid": uid(pod)},
            "status": {"resourceClaimStatuses": statuses(pod, made)},
        }
        written = await self._client.patch(
            PODS,
            *key(pod),
            patch,
            patch_type=APPLY_PATCH,
            subresource="status",
            field_manager=FIELD_MANAGER,
            force=True,
        )
        self._consistency.wrote(key(pod), PODS, written)

    async def _reserve(self, pod: Object) -> None:
        """What the scheduler does before it binds; this pod may have been bound by another."""
        for entry in entries(pod):
            claim = self._claims.get(namespace(pod), claim_name(pod, entry) or "")
            if claim is None or (template_name(entry) and not is_for_pod(pod, claim)):
                continue
            if may_reserve(claim, pod):
                written = await self._client.update(RESOURCE_CLAIMS, reserved(claim, pod), subresource="status")
                self._consistency.wrote(key(pod), RESOURCE_CLAIMS, written)
