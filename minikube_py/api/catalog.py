"""Catalog: what is served. Built-in kinds are found by walking api/kinds; CRDs come and go while it runs."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from minikube_py.api import kinds
from minikube_py.api.resource import Resource
from minikube_py.api.schema.schema import Schema
from minikube_py.api.schema.types import Type
from minikube_py.machinery.gvr import GroupVersionKind, GroupVersionResource


@cache
def builtin_resources() -> tuple[Resource, ...]:
    """Every Resource that a module of api/kinds exports in RESOURCES, in order of modules."""
    found: list[Resource] = []
    for module in pkgutil.iter_modules(kinds.__path__):
        if not module.ispkg:
            found.extend(importlib.import_module(f"{kinds.__name__}.{module.name}").RESOURCES)
    return tuple(found)


@cache
def _served(schema: Schema) -> tuple[Resource, ...]:
    """The built-in resources that a version has, with their types."""
    known = set(schema.kinds())
    minor = int(schema.version.partition(".")[2])
    return tuple(
        resource.as_of(minor).with_type(_loader(schema, resource.gvk))
        for resource in builtin_resources()
        if resource.gvk in known and resource.is_served(minor)
    )


def _loader(schema: Schema, kind: GroupVersionKind) -> Callable[[], Type]:
    def load() -> Type:
        found = schema.type_for(kind)
        if found is None:
            raise LookupError(f"{kind} is not in the schema")
        return found

    return load


class Catalog:
    """GroupVersionResource -> Resource, for one version of Kubernetes.

    A built-in is served if the version's API has its kind. `aggregated` are served besides: upstream, what other API
    servers answer. `listeners` are told when what is served changes.
    """

    def __init__(self, schema: Schema, aggregated: Iterable[Resource] = ()) -> None:
        self.schema = schema
        self.listeners: list[Callable[[], None]] = []
        self._resources: dict[GroupVersionResource, Resource] = {}
        self._kinds: dict[GroupVersionKind, Resource] = {}
        self._groups: dict[str, int] = {}
        """How many resources each group has."""
        for resource in _served(schema):
            self._insert(resource)
        for resource in aggregated:
            self._insert(resource.with_type(_loader(schema, resource.gvk)))
        self._builtin_groups = frozenset(self._groups)

    def find(self, resource: GroupVersionResource) -> Resource | None:
        return self._resources.get(resource)

    def find_kind(self, kind: GroupVersionKind) -> Resource | None:
        return self._kinds.get(kind)

    def has_builtin_group(self, group: str) -> bool:
        """Whether a group is Kubernetes' own: what is not found in others is answered by nobody."""
        return group in self._builtin_groups

    def has_group(self, group: str) -> bool:
        """Whether any version of a group is served."""
        return group in self._groups

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._resources.values())

    def add(self, resource: Resource) -> None:
        """Serve one more, or another in place of the one of that name."""
        self._insert(resource)
        self._changed()

    def remove(self, resource: GroupVersionResource) -> None:
        removed = self._resources.pop(resource)
        self._kinds.pop(removed.gvk, None)
        self._groups[removed.group] -= 1
        if not self._groups[removed.group]:
            del self._groups[removed.group]
        self._changed()

    def _insert(self, resource: Resource) -> None:
        replaced = self._resources.get(resource.gvr)
        if replaced is not None:
            self._kinds.pop(replaced.gvk, None)
        else:
            self._groups[resource.group] = self._groups.get(resource.group, 0) + 1
        self._resources[resource.gvr] = resource
        self._kinds[resource.gvk] = resource

    def _changed(self) -> None:
        for listener in tuple(self.listeners):
            listener()
