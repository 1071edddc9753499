"""The Client in process: the registry's verbs by reference, without bytes in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Literal

import orjson

from minikube_py.api import body, scale
from minikube_py.api.context import ADMIN, Context, User
from minikube_py.api.discovery import version_order
from minikube_py.api.endpoints import manager_of
from minikube_py.api.options import DeleteOptions, ListOptions, WriteOptions
from minikube_py.api.registry import Registry
from minikube_py.api.registry.patching import Patch
from minikube_py.api.registry.served import served
from minikube_py.api.watch import ObjectWatch
from minikube_py.client.protocol import MERGE_PATCH, STRATEGIC_MERGE_PATCH, DiscoveredResource, ObjectList, WatchEvent
from minikube_py.machinery import errors
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import GroupResource, GroupVersionKind, GroupVersionResource, Object

Propagation = Literal["", "Background", "Foreground", "Orphan"]

Lag = Callable[[], int]
"""How many loop turns the next batch of watch events is held back."""


class LocalWatch:
    """A watch by reference. With a lag, its reader is as far behind the store as an informer over a network is."""

    def __init__(self, ctx: Context, options: ListOptions, lag: Lag | None) -> None:
        self._woken = asyncio.Event()
        self._resource = ctx.resource
        self._lag = lag
        self._stopped = False
        self._watch = ObjectWatch(ctx.registry, ctx, options, self._woken.set)

    @property
    def pending(self) -> bool:
        return not self._stopped and (self._watch.pending or self._watch.error is not None)

    async def next(self) -> Sequence[WatchEvent]:
        while not self._stopped:
            if self._watch.error is not None:
                raise self._watch.error
            if self._watch.pending:
                for _ in range(self._lag() if self._lag is not None else 0):
                    await next_turn()
                batch = [
                    WatchEvent(sent.type, served(self._resource, sent.stored).object)  # type: ignore[arg-type]
                    for sent in self._watch.take()
                ]
                if batch:
                    return batch
            if self._watch.ended and not self._watch.pending:
                return ()
            self._woken.clear()
            if not self._watch.pending:
                await self._woken.wait()
        return ()

    def stop(self) -> None:
        self._stopped = True
        self._watch.stop()
        self._woken.set()


class LocalClient:
    """Implements client.protocol.Client on a Registry, for one user and user agent."""

    def __init__(
        self, registry: Registry, user_agent: str = "minikube-py", user: User = ADMIN, lag: Lag | None = None
    ) -> None:
        self._registry = registry
        self._user_agent = user_agent
        self._field_manager = manager_of(user_agent)
        self._user = user
        self._lag = lag

    def as_user_agent(self, user_agent: str) -> LocalClient:
        return LocalClient(self._registry, user_agent, self._user, self._lag)

    async def discover(self) -> Sequence[DiscoveredResource]:
        preferred: set[GroupResource] = set()
        found: list[DiscoveredResource] = []
        for each in sorted(self._registry.catalog, key=lambda each: version_order(each.version)):
            first = each.group_resource not in preferred
            preferred.add(each.group_resource)
            found.append(DiscoveredResource(each.gvr, each.kind, each.namespaced, frozenset(each.verbs), first))
        return found

    async def get(self, resource: GroupVersionResource, namespace: str, name: str, *, subresource: str = "") -> Object:
        ctx = self._context(resource, "get", namespace, name, subresource)
        stored = await self._registry.get(ctx)
        if ctx.scaling:
            return scale.read_scale(ctx.resource, served(ctx.resource, stored).object)
        return served(ctx.resource, stored).object

    async def list(
        self,
        resource: GroupVersionResource,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        field_selector: str = "",
        resource_version: str = "",
        limit: int = 0,
        continue_token: str = "",
    ) -> ObjectList:
        ctx = self._context(resource, "list", namespace or "")
        options = ListOptions(
            label_selector,
            field_selector,
            resource_version=resource_version,
            limit=limit,
            continue_token=continue_token,
        )
        page = await self._registry.list(ctx, options)
        items = [served(ctx.resource, stored).object for stored in page.items]
        revision = str(page.revision) if page.revision else ""
        return ObjectList(items, revision, page.continue_token, page.remaining)

    async def watch(
        self,
        resource: GroupVersionResource,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        field_selector: str = "",
        resource_version: str = "",
    ) -> LocalWatch:
        ctx = self._context(resource, "watch", namespace or "")
        options = ListOptions(label_selector, field_selector, resource_version=resource_version, watch=True)
        return LocalWatch(ctx, options, self._lag)

    async def create(
        self,
        resource: GroupVersionResource,
        obj: Object,
        *,
        namespace: str = "",
        name: str = "",
        subresource: str = "",
        dry_run: bool = False,
    ) -> Object:
        ctx = self._context(resource, "create", namespace or _namespace(obj), name, subresource)
        ctx.dry_run = dry_run
        found = ctx.resource.subresource_by_name.get(subresource)
        expected = found.kind if found is not None and found.kind else ctx.resource.gvk
        draft = self._draft(ctx, obj, expected)
        action = found.action if found is not None else ctx.resource.create
        if action is not None:
            return await action(ctx, draft)
        ctx.resource.strategy.default(draft)
        return await self._registry.create(ctx, draft)

    async def update(
        self, resource: GroupVersionResource, obj: Object, *, subresource: str = "", dry_run: bool = False
    ) -> Object:
        ctx = self._context(resource, "update", _namespace(obj), obj["metadata"].get("name", ""), subresource)
        ctx.dry_run = dry_run
        draft = self._draft(ctx, obj, scale.KIND if ctx.scaling else ctx.resource.gvk)
        if not ctx.scaling:
            found = ctx.resource.subresource_by_name.get(subresource)
            policy = found.strategy if found is not None else None
            (policy or ctx.resource.strategy).default(draft)
        return (await self._registry.update(ctx, draft))[0]

    async def patch(
        self,
        resource: GroupVersionResource,
        namespace: str,
        name: str,
        patch: Any,
        *,
        patch_type: str = MERGE_PATCH,
        subresource: str = "",
        field_manager: str = "",
        force: bool = False,
        dry_run: bool = False,
    ) -> Object:
        ctx = self._context(resource, "patch", namespace, name, subresource)
        ctx.dry_run = dry_run
        ctx.field_manager = field_manager or ctx.field_manager
        options = WriteOptions(dry_run, field_manager, "Ignore", force or None)
        if isinstance(patch, dict) and patch_type in (MERGE_PATCH, STRATEGIC_MERGE_PATCH):
            given = Patch(patch_type, b"", options, patch)
        else:
            given = Patch(patch_type, orjson.dumps(patch), options)
        return (await self._registry.patch(ctx, given))[0]

    async def delete(
        self,
        resource: GroupVersionResource,
        namespace: str,
        name: str,
        *,
        grace_period: int | None = None,
        propagation: Propagation = "",
        uid: str = "",
        resource_version: str = "",
        dry_run: bool = False,
    ) -> Object:
        ctx = self._context(resource, "delete", namespace, name)
        ctx.dry_run = dry_run
        options = DeleteOptions(grace_period, propagation, None, uid, resource_version, dry_run)
        return (await self._registry.delete(ctx, options))[0]

    async def delete_collection(
        self,
        resource: GroupVersionResource,
        namespace: str | None,
        *,
        label_selector: str = "",
        field_selector: str = "",
        propagation: Propagation = "",
    ) -> Object:
        ctx = self._context(resource, "deletecollection", namespace or "")
        selection = ListOptions(label_selector, field_selector)
        page = await self._registry.delete_collection(ctx, DeleteOptions(propagation=propagation), selection)
        return {
            "kind": ctx.resource.list_kind,
            "apiVersion": ctx.resource.api_version,
            "metadata": {"resourceVersion": str(page.revision)},
            "items": [served(ctx.resource, stored).object for stored in page.items],
        }

    def _context(
        self, resource: GroupVersionResource, verb: str, namespace: str, name: str = "", subresource: str = ""
    ) -> Context:
        """Raises StatusError 404 for what is not served."""
        found = self._registry.catalog.find(resource)
        if found is None or (subresource and subresource not in found.subresource_by_name):
            raise errors.unknown_resource()
        return Context(
            self._registry,
            found,
            verb,
            namespace if found.namespaced else "",
            name,
            subresource,
            self._user,
            self._user_agent,
            field_manager=self._field_manager,
            field_validation="Ignore",
            heard=False,
        )

    def _draft(self, ctx: Context, obj: Object, expected: GroupVersionKind) -> Object:
        schema = self._registry.catalog.schema
        type = ctx.resource.type if expected == ctx.resource.gvk else schema.type_for(expected)
        given = GroupVersionKind.of(obj)
        if ctx.resource.custom and expected == ctx.resource.gvk:
            said = {"apiVersion": expected.api_version, "kind": expected.kind, **obj}
            body.check_custom_kind(said, expected)
        elif given.kind and given.version:
            body.check_kind(obj, given, expected, schema)
        if type is None:
            raise StatusError(404, "NotFound", f"no kind {expected.kind}")
        return body.canonical(ctx, obj, [], expected, type)


def _namespace(obj: Object) -> str:
    return str((obj.get("metadata") or {}).get("namespace", ""))
