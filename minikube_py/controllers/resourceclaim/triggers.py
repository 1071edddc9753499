"""Which changes have a pod or a claim reconciled."""

from __future__ import annotations

from minikube_py.client.indexer import Lister
from minikube_py.controllers.resourceclaim.generating import needs_work
from minikube_py.controllers.resourceclaim.references import (
    BY_POD,
    BY_TEMPLATE,
    RESOURCE_CLAIM_TEMPLATES,
    RESOURCE_CLAIMS,
    claim_names,
    claims_by_pod,
    entries,
    extended_claim_name,
    is_done,
    pods_by_claim,
    users,
)
from minikube_py.controllers.runtime import Context, Controller
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import key, name, namespace, uid
from minikube_py.machinery.wellknown import PODS

MOST_GONE = 500
"""How many pods that are gone are remembered."""


class Gone:
    """The uids of the pods last seen to go, which spares asking the server for them."""

    def __init__(self) -> None:
        self._uids: dict[str, None] = {}

    def add(self, uid: str) -> None:
        self._uids[uid] = None
        if len(self._uids) > MOST_GONE:
            del self._uids[next(iter(self._uids))]

    def __contains__(self, uid: object) -> bool:
        return uid in self._uids


class Triggers:
    """Pods are enqueued when there is something to do for them; claims when they change, or when a pod may let go."""

    def __init__(self, context: Context, pods: Controller, claims: Controller) -> None:
        self.gone = Gone()
        self._pods = pods
        self._claims = claims
        self._known_pods: Lister = pods_by_claim(context)
        self._known_claims: Lister = claims_by_pod(context)
        context.informer(PODS).add_handler(self._pod, lambda old, new: self._pod(new), self._pod_gone)
        context.informer(RESOURCE_CLAIMS).add_handler(self._claim, lambda old, new: self._claim(new), self._claim_gone)
        context.informer(RESOURCE_CLAIM_TEMPLATES).add_handler(self._template, lambda old, new: self._template(new))

    def _pod(self, pod: Object) -> None:
        extended = extended_claim_name(pod)
        if not entries(pod) and not extended:
            return
        if is_done(pod):
            self._let_go(pod)
        if needs_work(pod, lambda claim: self._known_claims.get(namespace(pod), claim)):
            self._pods.enqueue(key(pod), pod)

    def _pod_gone(self, pod: Object) -> None:
        if entries(pod) or extended_claim_name(pod):
            self.gone.add(uid(pod))
            self._let_go(pod)
            self._pods.enqueue(key(pod), pod)

    def _let_go(self, pod: Object) -> None:
        # Those made for it too: the pod may have ended before its status could tell of them.
        made = (name(claim) for claim in self._known_claims.by_index(BY_POD, uid(pod)))
        for claim in dict.fromkeys((*claim_names(pod), extended_claim_name(pod), *made)):
            if claim:
                self._claims.enqueue(NamespacedName(namespace(pod), claim), pod)

    def _claim(self, claim: Object) -> None:
        self._claims.enqueue(key(claim), claim)
        self._claim_gone(claim)

    def _claim_gone(self, claim: Object) -> None:
        for pod in users(self._known_pods, claim):
            self._pod(pod)

    def _template(self, template: Object) -> None:
        for pod in self._known_pods.by_index(BY_TEMPLATE, str(key(template))):
            self._pod(pod)
