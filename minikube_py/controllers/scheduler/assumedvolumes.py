"""Claims and volumes as they will be: those that the scheduler has taken for a pod count as taken before that is
written and seen (plugins/volumebinding/passive_assume_cache.go)."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.client.indexer import IndexFunc
from minikube_py.controllers.persistentvolume.storageclass import class_name
from minikube_py.controllers.runtime import Context
from minikube_py.controllers.scheduler.waiting import Waiting
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.meta import key, resource_version
from minikube_py.machinery.wellknown import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES

BY_CLASS = "class"
"""Index of volumes, by the name of their StorageClass."""


def class_index(volume: Object) -> Sequence[str]:
    return (class_name(volume),)


def revision(obj: Object) -> int:
    text = resource_version(obj)
    return int(text) if text.isdigit() else 0


class Assumed:
    """One resource's objects: an assumed state hides the cached one until a newer one is seen."""

    def __init__(self, context: Context, resource: GroupVersionResource) -> None:
        self._informer = context.informer(resource)
        self.lister = self._informer.lister
        self._assumed: dict[NamespacedName, Object] = {}
        self._informer.add_handler(self._seen, lambda old, new: self._seen(new), self._gone)

    def add_index(self, name: str, values_of: IndexFunc) -> None:
        self._informer.add_index(name, values_of)

    def get(self, where: NamespacedName) -> Object | None:
        return self._assumed.get(where) or self.lister.get(*where)

    def by_index(self, index: str, value: str) -> list[Object]:
        return [self._assumed.get(key(obj), obj) for obj in self.lister.by_index(index, value)]

    def assume(self, obj: Object) -> None:
        self._assumed[key(obj)] = obj

    def restore(self, obj: Object) -> None:
        """Take back what was assumed, if it is still this."""
        if self._assumed.get(key(obj)) is obj:
            del self._assumed[key(obj)]

    def _seen(self, obj: Object) -> None:
        assumed = self._assumed.get(key(obj))
        if assumed is not None and revision(obj) > revision(assumed):
            del self._assumed[key(obj)]

    def _gone(self, obj: Object) -> None:
        self._assumed.pop(key(obj), None)


class AssumedVolumes:
    """Claims and volumes, and whoever waits for them."""

    def __init__(self, context: Context) -> None:
        self.claims = Assumed(context, PERSISTENT_VOLUME_CLAIMS)
        self.volumes = Assumed(context, PERSISTENT_VOLUMES)
        self.volumes.add_index(BY_CLASS, class_index)
        self.waiting = Waiting()
        """For a change of any."""
        for resource in (PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES):
            wake = lambda *objects: self.waiting.wake()  # noqa: E731
            context.informer(resource).add_handler(wake, wake, wake)
