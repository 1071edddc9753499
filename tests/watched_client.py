"""A Client that notes what is written through it and fails on demand: a wrapper around any Client."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from minikube_py.client.protocol import Client, DiscoveredResource, ObjectList, Watch
from minikube_py.machinery.gvr import GroupVersionResource, Object

Reaction = Callable[[str, GroupVersionResource, Object], Exception | None]
"""Called with the verb, the resource and the object (or its metadata.name alone) before a write; what it returns is
raised."""


class WatchedClient:
    def __init__(self, client: Client) -> None:
        self._client = client
        self.reaction: Reaction | None = None
        self.calls: list[tuple[str, str, str]] = []
        """Writes: verb, resource (with subresource), name."""

    def as_user_agent(self, user_agent: str) -> Client:
        clone = _Named(self._client.as_user_agent(user_agent))
        clone.parent = self
        return clone

    def called(self, verb: str, resource: GroupVersionResource, subresource: str, obj: Object) -> None:
        target = f"{resource.resource}/{subresource}" if subresource else resource.resource
        self.calls.append((verb, target, obj["metadata"].get("name", "")))
        error = self.reaction(verb, resource, obj) if self.reaction is not None else None
        if error is not None:
            raise error

    async def discover(self) -> Sequence[DiscoveredResource]:
        return await self._client.discover()

    async def get(self, resource: GroupVersionResource, namespace: str, name: str, *, subresource: str = "") -> Object:
        return await self._client.get(resource, namespace, name, subresource=subresource)

    async def list(self, resource: GroupVersionResource, namespace: str | None = None, **options: Any) -> ObjectList:
        return await self._client.list(resource, namespace, **options)

    async def watch(self, resource: GroupVersionResource, namespace: str | None = None, **options: Any) -> Watch:
        return await self._client.watch(resource, namespace, **options)

    async def create(
        self, resource: GroupVersionResource, obj: Object, *, subresource: str = "", **options: Any
    ) -> Object:
        self.called("create", resource, subresource, obj)
        return await self._client.create(resource, obj, subresource=subresource, **options)

    async def update(
        self, resource: GroupVersionResource, obj: Object, *, subresource: str = "", dry_run: bool = False
    ) -> Object:
        self.called("update", resource, subresource, obj)
        return await self._client.update(resource, obj, subresource=subresource, dry_run=dry_run)

    async def patch(
        self,
        resource: GroupVersionResource,
        namespace: str,
        name: str,
        patch: Any,
        *,
        subresource: str = "",
        **options: Any,
    ) -> Object:
        self.called("patch", resource, subresource, {"metadata": {"name": name}})
        return await self._client.patch(resource, namespace, name, patch, subresource=subresource, **options)

    async def delete(self, resource: GroupVersionResource, namespace: str, name: str, **options: Any) -> Object:
        self.called("delete", resource, "", {"metadata": {"name": name}})
        return await self._client.delete(resource, namespace, name, **options)

    async def delete_collection(self, resource: GroupVersionResource, namespace: str | None, **options: Any) -> Object:
        return await self._client.delete_collection(resource, namespace, **options)


class _Named(WatchedClient):
    """The same client under another user agent: notes and fails as its parent does."""

    parent: WatchedClient

    def called(self, verb: str, resource: GroupVersionResource, subresource: str, obj: Object) -> None:
        self.parent.called(verb, resource, subresource, obj)
