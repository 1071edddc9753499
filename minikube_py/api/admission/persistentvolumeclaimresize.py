"""PersistentVolumeClaimResize: only bound claims of a class that allows it may grow
(plugin/pkg/admission/storage/persistentvolume/resize)."""

from __future__ import annotations

from minikube_py.api.admission.refusal import forbidden
from minikube_py.api.context import Context
from minikube_py.api.kinds.storage.classes import STORAGE_CLASSES, class_name
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.quantity import Quantity, parse
from minikube_py.store import Key

_UNBOUND = "Only bound persistent volume claims can be expanded"
_FIXED = (
    "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize"
)


class PersistentVolumeClaimResize:
    name = "PersistentVolumeClaimResize"
    handles = frozenset({("persistentvolumeclaims", "")})
    verbs = frozenset({"update"})

    async def validate(self, ctx: Context, obj: Object, old: Object) -> None:
        """Raises StatusError 403."""
        if _requested(obj) <= _requested(old):
            return
        if (old.get("status") or {}).get("phase") != "Bound":
            raise forbidden(ctx, obj, _UNBOUND)
        name = class_name(obj)
        stored = ctx.registry.store.get(Key(STORAGE_CLASSES, "", name)) if name and name == class_name(old) else None
        if stored is None or not stored.object.get("allowVolumeExpansion"):
            raise forbidden(ctx, obj, _FIXED)


def _requested(claim: Object) -> Quantity:
    requests = (claim["spec"].get("resources") or {}).get("requests") or {}
    return parse(requests.get("storage", "0"))


PLUGIN = PersistentVolumeClaimResize()
