"""A registry with the catalog of one version and nothing else, and the words of what it refuses."""

from __future__ import annotations

from typing import Any

from minikube_py.api.admission.chain import Admission
from minikube_py.api.admission.namespacelifecycle import PLUGIN
from minikube_py.api.allocators import Allocators
from minikube_py.api.catalog import Catalog
from minikube_py.api.context import Context
from minikube_py.api.registry import Registry
from minikube_py.api.resource import Resource
from minikube_py.api.schema.decode import decode
from minikube_py.api.schema.schema import Schema
from minikube_py.machinery.clock import VirtualClock
from minikube_py.machinery.field import FieldError
from minikube_py.machinery.gvr import GroupVersionKind, Object
from minikube_py.machinery.random import Random
from minikube_py.store import Store

_catalogs: dict[str, Catalog] = {}


def catalog(version: str = "1.36") -> Catalog:
    """Shared: schemas are compiled once."""
    if version not in _catalogs:
        _catalogs[version] = Catalog(Schema(version))
    return _catalogs[version]


class Api:
    """Objects go in as JSON trees; kinds are found by their apiVersion and kind."""

    def __init__(self, version: str = "1.36", cidrs: str = "10.96.0.0/16", admission: bool = False) -> None:
        self.registry = Registry(
            store=Store(check_mutations=True),
            catalog=catalog(version),
            clock=VirtualClock(),
            random=Random(1),
            admission=Admission([PLUGIN] if admission else []),
            allocators=Allocators(cidrs, random=Random(2)),
        )

    def resource(self, obj: Object) -> Resource:
        found = self.registry.catalog.find_kind(GroupVersionKind.of(obj))
        assert found is not None
        return found

    def context(self, obj: Object, verb: str, *, dry_run: bool = False, subresource: str = "") -> Context:
        resource = self.resource(obj)
        namespace = obj["metadata"].get("namespace", "default") if resource.namespaced else ""
        name = obj["metadata"].get("name", "")
        return Context(self.registry, resource, verb, namespace, name, subresource, dry_run=dry_run)

    def draft(self, obj: Object) -> Object:
        """Decoded, in a namespace, with its defaults."""
        resource = self.resource(obj)
        head = {"kind": resource.kind, "apiVersion": resource.api_version}
        draft = {**head, **decode(resource.type, obj).object}
        if resource.namespaced:
            draft["metadata"].setdefault("namespace", "default")
        resource.strategy.default(draft)
        return draft

    async def create(self, obj: Object, *, dry_run: bool = False) -> Object:
        ctx = self.context(obj, "create", dry_run=dry_run)
        ctx.field_manager = "test"
        return await self.registry.create(ctx, self.draft(obj))

    async def update(self, obj: Object, *, subresource: str = "", dry_run: bool = False) -> Object:
        ctx = self.context(obj, "update", subresource=subresource, dry_run=dry_run)
        ctx.field_manager = "test"
        return (await self.registry.update(ctx, self.draft(obj)))[0]

    def prepared(self, obj: Object) -> tuple[Context, Object]:
        """As far as validation: a context and the draft after prepare_for_create."""
        ctx = self.context(obj, "create")
        draft = self.draft(obj)
        ctx.resource.strategy.prepare_for_create(ctx, draft)
        return ctx, draft

    def errors(self, obj: Object) -> list[str]:
        """What validation says of a new object."""
        ctx, draft = self.prepared(obj)
        return told(ctx.resource.strategy.validate(ctx, draft))

    def warnings(self, obj: Object) -> list[str]:
        ctx, draft = self.prepared(obj)
        return ctx.resource.strategy.warnings_on_create(ctx, draft)

    def update_errors(self, old: Object, new: Object) -> list[str]:
        """What validation says of the change of one into the other."""
        ctx, before = self.prepared(old)
        before["metadata"]["resourceVersion"] = "1"
        draft = self.draft(new)
        draft["metadata"]["resourceVersion"] = "1"
        ctx.resource.strategy.prepare_for_update(ctx, draft, before)
        return told(ctx.resource.strategy.validate_update(ctx, draft, before))

    def cells(self, obj: Object) -> list[Any]:
        return self.resource(obj).cells(self.draft(obj))


def told(errors: list[FieldError]) -> list[str]:
    return [error.message() for error in errors]


def named(api_version: str, kind: str, **fields: Any) -> Object:
    """An object called "a"; `metadata` adds to that."""
    metadata = {"name": "a", **fields.pop("metadata", {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}
