"""The informer's cache and its named indexes: client-go's tools/cache Indexer and Lister."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import controller_of, key, owner_references

IndexFunc = Callable[[Object], Sequence[str]]
"""The values under which an object is found in one index; none leaves it out."""

View = Callable[[Object], Any]
"""What an index keeps of an object instead of the object, computed once per state of it."""

Selector = Callable[[Object], bool]
"""Whether an object is meant. A predicate over the whole object, so that labels, fields and anything else serve."""

Objects = list[Object]

BY_CONTROLLER = "controller"
"""Index: the uid of the controlling owner, or `orphans(namespace)` without one (controller.PodControllerIndex)."""

BY_OWNER = "owner"
"""Index: the uids of all owners, controlling or not."""


def orphans(namespace: str) -> str:
    """The BY_CONTROLLER value of a namespace's objects that have no controller."""
    return f"orphans/{namespace}"


def controller_index(obj: Object) -> Sequence[str]:
    reference = controller_of(obj)
    return (reference["uid"] if reference is not None else orphans(obj["metadata"].get("namespace", "")),)


def owner_index(obj: Object) -> Sequence[str]:
    return [reference["uid"] for reference in owner_references(obj)]


STANDARD_INDEXES: dict[str, IndexFunc] = {BY_CONTROLLER: controller_index, BY_OWNER: owner_index}


class Lister:
    """Reading side of a cache. Answers may be stale; objects are read-only; order is that of arrival, so the
    same history gives the same order."""

    def __init__(self, indexer: Indexer) -> None:
        self._indexer = indexer

    def get(self, namespace: str, name: str) -> Object | None:
        objects = self._indexer.namespaces.get(namespace)
        return objects.get(name) if objects is not None else None

    def list(self, namespace: str | None = None, selector: Selector | None = None) -> Objects:
        """Of one namespace ("" for cluster-scoped resources) or of all (None)."""
        if namespace is None:
            found: Iterable[Object] = (obj for objects in self._indexer.namespaces.values() for obj in objects.values())
        else:
            found = self._indexer.namespaces.get(namespace, {}).values()
        return list(found) if selector is None else [obj for obj in found if selector(obj)]

    def by_index(self, index: str, value: str) -> Objects:
        """The objects under `value` of an index added with Informer.add_index. Raises KeyError for an unknown index."""
        return list(self._indexer.indexes[index].buckets.get(value, {}).values())

    def views(self, index: str, value: str) -> Sequence[Any]:
        """Like `by_index`, of an index that was added with a view."""
        return tuple(self._indexer.indexes[index].buckets.get(value, {}).values())

    def controlled_by(self, uid: str) -> Objects:
        """The objects whose controller has this uid; needs the index BY_CONTROLLER."""
        return self.by_index(BY_CONTROLLER, uid)

    def orphans(self, namespace: str) -> Objects:
        """The namespace's objects that no controller owns; needs the index BY_CONTROLLER."""
        return self.by_index(BY_CONTROLLER, orphans(namespace))

    def __len__(self) -> int:
        return sum(len(objects) for objects in self._indexer.namespaces.values())


class Index:
    """Objects, or views of them, by value of one index function."""

    __slots__ = ("buckets", "values_of", "view")

    def __init__(self, values_of: IndexFunc, view: View | None) -> None:
        self.values_of = values_of
        self.view = view
        self.buckets: dict[str, dict[NamespacedName, Any]] = {}

    def put(self, where: NamespacedName, old: Object | None, new: Object) -> None:
        wanted = self.values_of(new)
        if old is not None:
            for value in self.values_of(old):
                if value not in wanted:
                    self._remove(value, where)
        if not wanted:
            return  # a view need not know how to look at what the index leaves out
        kept = new if self.view is None else self.view(new)
        for value in wanted:
            self.buckets.setdefault(value, {})[where] = kept

    def remove(self, where: NamespacedName, old: Object) -> None:
        for value in self.values_of(old):
            self._remove(value, where)

    def _remove(self, value: str, where: NamespacedName) -> None:
        bucket = self.buckets.get(value)
        if bucket is not None:
            bucket.pop(where, None)
            if not bucket:
                del self.buckets[value]


class Indexer:
    """Objects by namespace and name, and by each index. Only the informer writes it."""

    def __init__(self) -> None:
        self.namespaces: dict[str, dict[str, Object]] = {}
        self.indexes: dict[str, Index] = {}

    def add_index(self, name: str, values_of: IndexFunc, view: View | None = None) -> None:
        """Idempotent by name; what is already cached is indexed at once."""
        if name in self.indexes:
            return
        index = self.indexes[name] = Index(values_of, view)
        for obj in self.objects():
            index.put(key(obj), None, obj)

    def objects(self) -> Objects:
        return [obj for objects in self.namespaces.values() for obj in objects.values()]

    def get(self, where: NamespacedName) -> Object | None:
        objects = self.namespaces.get(where.namespace)
        return objects.get(where.name) if objects is not None else None

    def put(self, obj: Object) -> Object | None:
        """Returns what was there before."""
        where = key(obj)
        objects = self.namespaces.get(where.namespace)
        if objects is None:
            objects = self.namespaces[where.namespace] = {}
        old = objects.get(where.name)
        objects[where.name] = obj
        for index in self.indexes.values():
            index.put(where, old, obj)
        return old

    def remove(self, where: NamespacedName) -> Object | None:
        """Returns what was there."""
        objects = self.namespaces.get(where.namespace)
        old = objects.pop(where.name, None) if objects is not None else None
        if objects is not None and not objects:
            del self.namespaces[where.namespace]
        if old is not None:
            for index in self.indexes.values():
                index.remove(where, old)
        return old
