"""A cache with one's own writes: what the binder has written and its informer does not show yet.

Binding a claim makes four writes. Without this, the first event would show a claim whose other writes are missing, and
they would be made again, in vain (pv_controller.go's `volumes` and `claims`).
"""

from __future__ import annotations

from minikube_py.client.indexer import IndexFunc
from minikube_py.controllers.runtime import Context
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.meta import key, resource_version, uid


class Latest:
    """Reads one resource; the newer of what was cached and what was written."""

    def __init__(self, context: Context, resource: GroupVersionResource) -> None:
        self._informer = context.informer(resource)
        self._lister = self._informer.lister
        self._written: dict[NamespacedName, Object] = {}
        self._indexes: dict[str, IndexFunc] = {}
        self._informer.add_handler(self._seen, lambda old, new: self._seen(new), self._gone)

    def add_index(self, name: str, values_of: IndexFunc) -> None:
        self._indexes[name] = values_of
        self._informer.add_index(name, values_of)

    def wrote(self, obj: Object) -> None:
        """`obj` is what the server answered."""
        # What the cache has passed already it may even have removed.
        if _revision(self._informer.revision) < _revision(resource_version(obj)):
            self._written[key(obj)] = obj

    def get(self, where: NamespacedName) -> Object | None:
        written = self._written.get(where)
        return written if written is not None else self._lister.get(*where)

    def by_index(self, index: str, value: str) -> list[Object]:
        cached = self._lister.by_index(index, value)
        if not self._written:
            return cached
        values_of = self._indexes[index]
        newer = [obj for obj in self._written.values() if value in values_of(obj)]
        return [obj for obj in cached if key(obj) not in self._written] + newer

    def _seen(self, obj: Object) -> None:
        if self._written:
            written = self._written.get(key(obj))
            if written is not None and _revision(resource_version(written)) <= _revision(resource_version(obj)):
                del self._written[key(obj)]

    def _gone(self, obj: Object) -> None:
        written = self._written.get(key(obj))
        if written is not None and uid(written) == uid(obj):
            del self._written[key(obj)]


def _revision(text: str) -> int:
    return int(text) if text.isdigit() else 0
