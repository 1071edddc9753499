"""persistentvolume-binder-controller: claims get volumes, and give them back
(pkg/controller/volume/persistentvolume).

    matching       which volume suits a claim
    binding        what claim and volume say of each other
    claimplan      what to do for a claim              claims     doing it
    volumeplan     what to do for a volume             volumes    doing it
    provisioner    the simulated provisioner           provisioning
    migration      in-tree plugins that became CSI drivers
    binder, latest writes, and a cache that shows them at once

Besides upstream's doing, it makes the default StorageClass "standard", whose volumes are simulated, when it starts in
a cluster that has no class.
"""

from __future__ import annotations

from minikube_py.controllers.persistentvolume.binder import Binder
from minikube_py.controllers.persistentvolume.claims import ClaimReconciler
from minikube_py.controllers.persistentvolume.provisioner import STANDARD
from minikube_py.controllers.persistentvolume.triggers import watch_for_claims, watch_for_volumes
from minikube_py.controllers.persistentvolume.volumes import VolumeReconciler
from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.controllers.runtime.accompanied import AccompaniedController
from minikube_py.machinery.errors import StatusError, is_already_exists
from minikube_py.machinery.gvr import NamespacedName
from minikube_py.machinery.meta import key
from minikube_py.machinery.wellknown import STORAGE_CLASSES


class StandardClassReconciler:
    """Makes the class that it is told by name, if there is none at all."""

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._classes = context.lister(STORAGE_CLASSES)

    async def reconcile(self, where: NamespacedName) -> None:
        if len(self._classes):
            return
        try:
            await self._client.create(STORAGE_CLASSES, STANDARD)
        except StatusError as error:
            if not is_already_exists(error):
                raise


def new(context: Context) -> AccompaniedController:
    """Each queue has one worker, as two claims reconciled at once could choose the same volume."""
    binder = Binder(context)
    controller = AccompaniedController(context, "PersistentVolumeClaim", workers=1)
    controller.reconciler = ClaimReconciler(context, binder)
    watch_for_claims(controller, binder)

    volumes = Controller(context, "PersistentVolume", workers=1)
    volumes.reconciler = VolumeReconciler(context, binder, controller.enqueue)
    watch_for_volumes(volumes, binder)

    classes = Controller(context, "StorageClass", StandardClassReconciler(context), workers=1)
    classes.enqueue(key(STANDARD), reason="start")
    controller.companions += [volumes, classes]
    return controller


CONTROLLER = Descriptor("persistentvolume-binder-controller", new, ("persistentvolume-binder",))
