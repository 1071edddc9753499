"""StorageObjectInUseProtection: volumes, claims and their classes stay until nobody uses them
(plugin/pkg/admission/storage/storageobjectinuseprotection)."""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.machinery.gvr import Object

FINALIZERS = {
    "persistentvolumes": "kubernetes.io/pv-protection",
    "persistentvolumeclaims": "kubernetes.io/pvc-protection",
    "volumeattributesclasses.storage.k8s.io": "kubernetes.io/vac-protection",
}
"""By the store's name of the resource; the protection controllers take them off again."""


class StorageObjectInUseProtection:
    name = "StorageObjectInUseProtection"
    handles = frozenset((resource, "") for resource in FINALIZERS)
    verbs = frozenset({"create"})

    async def admit(self, ctx: Context, obj: Object, old: Object | None) -> None:
        finalizer, metadata = FINALIZERS[ctx.resource.key], obj["metadata"]
        present = metadata.get("finalizers") or []
        if finalizer not in present:
            metadata["finalizers"] = [*present, finalizer]


PLUGIN = StorageObjectInUseProtection()
