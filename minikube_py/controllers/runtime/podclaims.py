"""Which claims pods use (pkg/controller/volume/common, component-helpers storage/ephemeral).

volumes:                                     the pod "web" uses
- name: data
  persistentVolumeClaim: {claimName: db}     db
- name: scratch
  ephemeral: {volumeClaimTemplate: {...}}    web-scratch, if the pod controls that claim
"""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.client.indexer import Lister
from minikube_py.controllers.runtime import Context
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import is_controlled_by, name, namespace
from minikube_py.machinery.wellknown import PODS

BY_CLAIM = "claim"
"""Index of pods: the "namespace/name" of the claims they use, ephemeral volumes' included."""


def ephemeral_claim_name(pod: Object, volume: Object) -> str:
    """Of the claim that is made for a generic ephemeral volume."""
    return f"{name(pod)}-{volume['name']}"


def is_for_pod(pod: Object, claim: Object) -> bool:
    """Whether a claim was made for a pod's ephemeral volume, rather than being somebody's of the same name."""
    return namespace(claim) == namespace(pod) and is_controlled_by(claim, pod)


def claim_names(pod: Object) -> list[str]:
    """In the order of its volumes."""
    names = []
    for volume in pod["spec"].get("volumes") or ():
        if (source := volume.get("persistentVolumeClaim")) is not None:
            names.append(source.get("claimName") or "")
        elif volume.get("ephemeral") is not None:
            names.append(ephemeral_claim_name(pod, volume))
    return [each for each in names if each]


def claim_keys(pod: Object) -> list[NamespacedName]:
    return [NamespacedName(namespace(pod), each) for each in claim_names(pod)]


def claim_index(pod: Object) -> Sequence[str]:
    if not pod["spec"].get("volumes"):
        return ()
    return [str(each) for each in claim_keys(pod)]


def pods_by_claim(context: Context) -> Lister:
    """The lister of pods, with the index BY_CLAIM."""
    context.informer(PODS).add_index(BY_CLAIM, claim_index)
    return context.lister(PODS)


def users(pods: Lister, claim: NamespacedName) -> list[Object]:
    """The cached pods that name the claim; of ephemeral volumes' claims, it may be another's."""
    return pods.by_index(BY_CLAIM, str(claim))
