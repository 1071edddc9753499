"""Reading, deleting and patching objects of any kind (garbagecollector/operations.go, patch.go)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Literal

from minikube_py.client.protocol import MERGE_PATCH, STRATEGIC_MERGE_PATCH, Client, DiscoveredResource
from minikube_py.controllers.garbagecollector.identity import Identity
from minikube_py.machinery.errors import StatusError, is_conflict, is_not_found
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import finalizers, owner_references, resource_version, uid

TRIES = 4
"""How often a finalizer's removal is tried while others write the object."""

Propagation = Literal["Background", "Foreground", "Orphan"]
Merged = Callable[[Object], list[Object]]
"""The ownerReferences an object should have, from its live state."""


class UnknownKind(Exception):
    """No such kind is served, maybe not yet."""


class NamespacedOwner(Exception):
    """An object without a namespace refers to an owner of a kind that has one, which can never be right."""


class Operations:
    def __init__(self, client: Client) -> None:
        self._client = client
        self._kinds: dict[tuple[str, str], DiscoveredResource] = {}

    async def discover(self) -> list[DiscoveredResource]:
        """What is served now; kinds are known by it from then on. Raises StatusError."""
        found = list(await self._client.discover())
        self._kinds = {(each.resource.api_version, each.kind): each for each in found}
        return found

    async def kind(self, api_version: str, kind: str) -> DiscoveredResource:
        """Raises UnknownKind."""
        known = self._kinds.get((api_version, kind))
        if known is None:
            await self.discover()
            known = self._kinds.get((api_version, kind))
        if known is None:
            raise UnknownKind(f'unable to get REST mapping for "{kind}" in version "{api_version}"')
        return known

    async def _locate(self, identity: Identity) -> tuple[DiscoveredResource, str]:
        """The resource, and the namespace that it has, if any. Raises UnknownKind."""
        found = await self.kind(identity.api_version, identity.kind)
        return found, identity.namespace if found.namespaced else ""

    async def get(self, identity: Identity) -> Object:
        """Raises StatusError, UnknownKind, NamespacedOwner."""
        found, namespace = await self._locate(identity)
        if found.namespaced and not namespace:
            raise NamespacedOwner(f"cluster-scoped objects cannot refer to namespaced owners: {identity}")
        return await self._client.get(found.resource, namespace, identity.name)

    async def delete(self, identity: Identity, latest: Object, propagation: Propagation) -> None:
        """Delete the object unless it has other owners than `latest`, its last read state. Raises StatusError."""
        found, namespace = await self._locate(identity)
        resource, name, version = found.resource, identity.name, resource_version(latest)
        try:
            await self._client.delete(
                resource, namespace, name, propagation=propagation, uid=identity.uid, resource_version=version
            )
        except StatusError as error:
            if not is_conflict(error):
                raise
            live = await self._client.get(resource, namespace, name)
            unchanged = uid(live) != identity.uid or resource_version(live) == version
            if unchanged or owner_references(live) != owner_references(latest):
                raise
            # Only something else has changed: what is written often must be deletable, too.
            await self._client.delete(resource, namespace, name, propagation=propagation, uid=identity.uid)

    async def remove_owners(self, identity: Identity, uids: Collection[str]) -> None:
        """Raises StatusError."""
        gone = [{"$patch": "delete", "uid": each} for each in uids]

        def kept(live: Object) -> list[Object]:
            return [each for each in owner_references(live) if each["uid"] not in uids]

        await self._patch_owners(identity, gone, kept)

    async def unblock(self, identity: Identity, owners: list[Object]) -> None:
        """Let none of the owners wait for it any more. Raises StatusError."""
        changed = [{**each, "blockOwnerDeletion": False} for each in owners if each.get("blockOwnerDeletion")]
        every = [{**each, "blockOwnerDeletion": False} for each in owners]
        await self._patch_owners(identity, changed, lambda live: every)

    async def _patch_owners(self, identity: Identity, strategic: list[Object], merged: Merged) -> None:
        """With a strategic patch, or with a merge patch for custom resources, which know no strategic ones."""
        found, namespace = await self._locate(identity)
        patch: Object = {"metadata": {"uid": identity.uid, "ownerReferences": strategic}}
        try:
            await self._client.patch(found.resource, namespace, identity.name, patch, patch_type=STRATEGIC_MERGE_PATCH)
        except StatusError as error:
            if error.reason != "UnsupportedMediaType":
                raise
            live = await self._client.get(found.resource, namespace, identity.name)
            patch = {"metadata": {"resourceVersion": resource_version(live), "ownerReferences": merged(live)}}
            await self._client.patch(found.resource, namespace, identity.name, patch, patch_type=MERGE_PATCH)

    async def remove_finalizer(self, identity: Identity, finalizer: str) -> None:
        """Raises StatusError, a conflict after several tries."""
        for attempt in range(1, TRIES + 1):
            try:
                live = await self.get(identity)
                if uid(live) != identity.uid or finalizer not in finalizers(live):
                    return
                kept = [each for each in finalizers(live) if each != finalizer]
                patch = {"metadata": {"resourceVersion": resource_version(live), "finalizers": kept or None}}
                found, namespace = await self._locate(identity)
                await self._client.patch(found.resource, namespace, identity.name, patch, patch_type=MERGE_PATCH)
                return
            except StatusError as error:
                if is_not_found(error):
                    return
                if not is_conflict(error) or attempt == TRIES:
                    raise
