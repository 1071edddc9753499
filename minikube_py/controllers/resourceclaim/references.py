"""Which claims a pod names: staging/src/k8s.io/dynamic-resource-allocation/resourceclaim.

spec.resourceClaims            status.resourceClaimStatuses                         its claim
- name: gpu
  resourceClaimName: shared                                                         "shared"
- name: gpu
  resourceClaimTemplateName: t                                                      None: not made yet
  resourceClaimTemplateName: t - {name: gpu}                                        "": found not to be needed
  resourceClaimTemplateName: t - {name: gpu, resourceClaimName: web-gpu-x7z2q}      "web-gpu-x7z2q"
"""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.client.indexer import Lister
from minikube_py.controllers.runtime import Context
from minikube_py.controllers.runtime.pods import is_terminal, node_name
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.meta import controller_of, is_controlled_by, is_deleting, key, namespace
from minikube_py.machinery.wellknown import POD, PODS

RESOURCE_CLAIMS = GroupVersionResource("resource.k8s.io", "v1", "resourceclaims")
RESOURCE_CLAIM_TEMPLATES = GroupVersionResource("resource.k8s.io", "v1", "resourceclaimtemplates")

BY_RESOURCE_CLAIM = "resource claim"
"""Index of pods: the "namespace/name" of the claims they name."""

BY_TEMPLATE = "resource claim template"
"""Index of pods: the "namespace/name" of the templates they name."""

BY_POD = "pod"
"""Index of claims: the uid of the pod that controls them."""


def entries(pod: Object) -> Sequence[Object]:
    return pod["spec"].get("resourceClaims") or ()


def template_name(entry: Object) -> str:
    """ "" without one: the claim is the user's."""
    return entry.get("resourceClaimTemplateName") or ""


def claim_name(pod: Object, entry: Object) -> str | None:
    """Of the claim that an entry of the pod's spec means: see above."""
    if entry.get("resourceClaimName"):
        return str(entry["resourceClaimName"])
    for status in (pod.get("status") or {}).get("resourceClaimStatuses") or ():
        if status["name"] == entry["name"]:
            return status.get("resourceClaimName") or ""
    return None


def extended_claim_name(pod: Object) -> str:
    """Of the claim that the scheduler made for extended resources that devices back; "" without one."""
    return ((pod.get("status") or {}).get("extendedResourceClaimStatus") or {}).get("resourceClaimName") or ""


def claim_names(pod: Object) -> list[str]:
    """Those that are known, in order."""
    return list(dict.fromkeys(name for entry in entries(pod) if (name := claim_name(pod, entry))))


def is_for_pod(pod: Object, claim: Object) -> bool:
    """Whether a claim was made for the pod, rather than being somebody's of the same name."""
    return namespace(claim) == namespace(pod) and is_controlled_by(claim, pod)


def owning_pod(claim: Object) -> Object | None:
    """The reference to the pod that a claim was made for."""
    reference = controller_of(claim)
    if reference is None or reference["kind"] != POD.kind or reference["apiVersion"] != POD.api_version:
        return None
    return reference


def is_done(pod: Object) -> bool:
    """Whether it is certain that none of its containers runs or ever will."""
    return is_terminal(pod) or (is_deleting(pod) and not node_name(pod))


def _claim_index(pod: Object) -> Sequence[str]:
    if not entries(pod):
        return ()
    return [f"{namespace(pod)}/{each}" for each in claim_names(pod)]


def _template_index(pod: Object) -> Sequence[str]:
    if not entries(pod):
        return ()
    named = dict.fromkeys(template_name(entry) for entry in entries(pod))
    return [f"{namespace(pod)}/{each}" for each in named if each]


def _pod_index(claim: Object) -> Sequence[str]:
    owner = owning_pod(claim)
    return (owner["uid"],) if owner is not None else ()


def pods_by_claim(context: Context) -> Lister:
    """The lister of pods, with the indexes BY_RESOURCE_CLAIM and BY_TEMPLATE."""
    context.informer(PODS).add_index(BY_RESOURCE_CLAIM, _claim_index)
    context.informer(PODS).add_index(BY_TEMPLATE, _template_index)
    return context.lister(PODS)


def claims_by_pod(context: Context) -> Lister:
    """The lister of claims, with the index BY_POD."""
    context.informer(RESOURCE_CLAIMS).add_index(BY_POD, _pod_index)
    return context.lister(RESOURCE_CLAIMS)


def users(pods: Lister, claim: Object) -> list[Object]:
    """The cached pods that name the claim."""
    return pods.by_index(BY_RESOURCE_CLAIM, str(key(claim)))
