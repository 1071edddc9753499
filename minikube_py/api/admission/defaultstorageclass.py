"""DefaultStorageClass: a claim that names no class gets the default one
(plugin/pkg/admission/storage/storageclass/setdefault)."""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.api.kinds.storage.classes import CLASS_ANNOTATION, STORAGE_CLASSES, is_default_class
from minikube_py.machinery import meta
from minikube_py.machinery.gvr import Object


class DefaultStorageClass:
    name = "DefaultStorageClass"
    handles = frozenset({("persistentvolumeclaims", "")})
    verbs = frozenset({"create"})

    async def admit(self, ctx: Context, obj: Object, old: Object | None) -> None:
        spec = obj["spec"]
        if spec.get("storageClassName") is None and CLASS_ANNOTATION not in meta.annotations(obj):
            default = default_class(ctx)
            if default is not None:
                spec["storageClassName"] = meta.name(default)


def default_class(ctx: Context) -> Object | None:
    """The youngest of the classes marked so; of equally old ones the first by name."""
    marked = [stored.object for stored in ctx.registry.store.list(STORAGE_CLASSES) if is_default_class(stored.object)]
    marked.sort(key=meta.name)
    marked.sort(key=lambda each: each["metadata"].get("creationTimestamp") or "", reverse=True)
    return marked[0] if marked else None


PLUGIN = DefaultStorageClass()
