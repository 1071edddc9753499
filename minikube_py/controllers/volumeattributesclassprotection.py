"""volumeattributesclass-protection-controller: a VolumeAttributesClass that is deleted stays while a volume or claim
names it (pkg/controller/volume/vacprotection)."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.client.indexer import Lister
from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.controllers.runtime.protection import ProtectionReconciler, concerns
from minikube_py.controllers.runtime.whenserved import WhenServed
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.meta import key, name
from minikube_py.machinery.wellknown import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES

FINALIZER = "kubernetes.io/vac-protection"
VOLUME_ATTRIBUTES_CLASSES = GroupVersionResource("storage.k8s.io", "v1", "volumeattributesclasses")
BY_ATTRIBUTES_CLASS = "volume attributes class"
"""Index of volumes and claims: the classes they name."""


def classes_of(obj: Object) -> Sequence[str]:
    """What a volume or claim wants, has, and is being changed to."""
    status = obj.get("status") or {}
    named = (
        obj["spec"].get("volumeAttributesClassName"),
        status.get("currentVolumeAttributesClassName"),
        (status.get("modifyVolumeStatus") or {}).get("targetVolumeAttributesClassName"),
    )
    return list(dict.fromkeys(each for each in named if each))


def new(context: Context) -> Controller:
    listers: list[Lister] = []

    async def is_used(obj: Object) -> bool:
        return any(lister.by_index(BY_ATTRIBUTES_CLASS, name(obj)) for lister in listers)

    reconciler = ProtectionReconciler(context, VOLUME_ATTRIBUTES_CLASSES, FINALIZER, is_used)
    controller = Controller(context, "VolumeAttributesClass", reconciler)
    controller.watches(
        VOLUME_ATTRIBUTES_CLASSES,
        lambda obj: (key(obj),),
        when=lambda old, new: new is not None and concerns(new, FINALIZER),
    )
    for resource in (PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES):
        context.informer(resource).add_index(BY_ATTRIBUTES_CLASS, classes_of)
        listers.append(context.lister(resource))
        controller.watches(
            resource,
            lambda obj: [NamespacedName("", each) for each in classes_of(obj)],
            when=lambda old, new: old is not None,
        )
    return controller


def new_when_served(context: Context) -> WhenServed:
    """The feature VolumeAttributesClass, on by default since Kubernetes 1.34."""
    return WhenServed(context, VOLUME_ATTRIBUTES_CLASSES, new)


CONTROLLER = Descriptor("volumeattributesclass-protection-controller", new_when_served)
