"""persistentvolume-protection-controller: a volume that is deleted stays while it is bound
(pkg/controller/volume/pvprotection)."""

from __future__ import annotations

from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.controllers.runtime.protection import ProtectionReconciler, concerns
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import key
from minikube_py.machinery.wellknown import PERSISTENT_VOLUMES

FINALIZER = "kubernetes.io/pv-protection"


async def is_used(volume: Object) -> bool:
    return (volume.get("status") or {}).get("phase") == "Bound"


def new(context: Context) -> Controller:
    reconciler = ProtectionReconciler(context, PERSISTENT_VOLUMES, FINALIZER, is_used)
    controller = Controller(context, "PersistentVolume", reconciler)
    controller.watches(
        PERSISTENT_VOLUMES,
        lambda volume: (key(volume),),
        when=lambda old, new: new is not None and concerns(new, FINALIZER),
    )
    return controller


CONTROLLER = Descriptor("persistentvolume-protection-controller", new, ("pv-protection",))
