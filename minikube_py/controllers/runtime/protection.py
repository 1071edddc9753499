"""Protection: a finalizer that stays while an object is in use (pkg/controller/util/protectionutil).

not being deleted    without the finalizer    gets it: made before the admission plugin, or taken off by hand
being deleted        in use                   keeps it
being deleted        not in use               loses it, and is gone
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from minikube_py.client.indexer import Lister
from minikube_py.controllers.runtime import Context
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.meta import finalizers, is_deleting

IsUsed = Callable[[Object], Awaitable[bool]]


def is_deletion_candidate(obj: Object, finalizer: str) -> bool:
    """Whether it waits for the finalizer to go."""
    return is_deleting(obj) and finalizer in finalizers(obj)


def needs_finalizer(obj: Object, finalizer: str) -> bool:
    return not is_deleting(obj) and finalizer not in finalizers(obj)


def concerns(obj: Object, finalizer: str) -> bool:
    """Whether there may be something to do."""
    return is_deleting(obj) == (finalizer in finalizers(obj))


def with_finalizers(obj: Object, wanted: list[str]) -> Object:
    """A new tree with these finalizers."""
    metadata = {field: value for field, value in obj["metadata"].items() if field != "finalizers"}
    return {**obj, "metadata": {**metadata, "finalizers": wanted} if wanted else metadata}


class ProtectionReconciler:
    """Puts one finalizer on all objects of a resource and takes it off when they are not in use any more."""

    def __init__(self, context: Context, resource: GroupVersionResource, finalizer: str, is_used: IsUsed) -> None:
        self._client = context.client
        self._objects: Lister = context.lister(resource)
        self._resource = resource
        self._finalizer = finalizer
        self._is_used = is_used

    async def reconcile(self, where: NamespacedName) -> None:
        obj = self._objects.get(*where)
        if obj is None:
            return
        present = finalizers(obj)
        if needs_finalizer(obj, self._finalizer):
            await self._client.update(self._resource, with_finalizers(obj, [*present, self._finalizer]))
        elif is_deletion_candidate(obj, self._finalizer) and not await self._is_used(obj):
            left = [each for each in present if each != self._finalizer]
            await self._client.update(self._resource, with_finalizers(obj, left))
