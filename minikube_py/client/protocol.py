"""The Client protocol: the only door through which controllers see the cluster.

Two implementations: api/local.py (in process, objects by reference) and client/http.py (any API server).
All errors are machinery.errors.StatusError, as the API server words them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, Protocol

from minikube_py.machinery.gvr import GroupVersionResource, Object

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_MERGE_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"

WatchEventType = Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]


class WatchEvent(NamedTuple):
    """One event of a watch; `object` is read-only. A BOOKMARK's object has only its resourceVersion."""

    type: WatchEventType
    object: Object


class ObjectList(NamedTuple):
    """One page of a list: items in key order, the revision it was read at, and how to go on ("" at the end)."""

    items: Sequence[Object]
    resource_version: str
    continue_token: str = ""
    remaining: int | None = None


class DiscoveredResource(NamedTuple):
    """One resource in one version, as discovery tells of it; subresources are not told of."""

    resource: GroupVersionResource
    kind: str
    namespaced: bool
    verbs: frozenset[str]
    preferred: bool
    """Whether this is the version of it to use: the first of its group's that has it."""


class Watch(Protocol):
    """A stream of events. Batches, so that a burst of writes costs one wake-up.

    while events := await watch.next(): ...
    """

    @property
    def pending(self) -> bool:
        """Whether events are known to be under way to the reader that it has not got yet."""
        ...

    async def next(self) -> Sequence[WatchEvent]:
        """The next events, at least one; empty once the stream has ended. Raises StatusError (410 Expired)."""
        ...

    def stop(self) -> None:
        """End the stream; idempotent."""
        ...


class Client(Protocol):
    """The API server's verbs. `namespace` is "" for cluster-scoped resources; None lists all namespaces.

    Objects returned are read-only; objects given are not changed. `field_manager` is the name in managedFields.
    """

    def as_user_agent(self, user_agent: str) -> Client:
        """The same client under another name: the default field manager and what causes show."""
        ...

    async def discover(self) -> Sequence[DiscoveredResource]:
        """All that is served now."""
        ...

    async def get(
        self, resource: GroupVersionResource, namespace: str, name: str, *, subresource: str = ""
    ) -> Object: ...

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
    ) -> ObjectList: ...

    async def watch(
        self,
        resource: GroupVersionResource,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        field_selector: str = "",
        resource_version: str = "",
    ) -> Watch:
        """Events after `resource_version`. Raises StatusError, 410 Expired past the history."""
        ...

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
        """With a subresource (binding, eviction, token), `name` is that of the object it belongs to."""
        ...

    async def update(
        self, resource: GroupVersionResource, obj: Object, *, subresource: str = "", dry_run: bool = False
    ) -> Object:
        """Replaces the object named in its metadata; compare-and-set if it carries a resourceVersion."""
        ...

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
        """`patch` is the patch as a JSON tree (a list of operations for JSON_PATCH)."""
        ...

    async def delete(
        self,
        resource: GroupVersionResource,
        namespace: str,
        name: str,
        *,
        grace_period: int | None = None,
        propagation: Literal["", "Background", "Foreground", "Orphan"] = "",
        uid: str = "",
        resource_version: str = "",
        dry_run: bool = False,
    ) -> Object:
        """`uid` and `resource_version` are preconditions (409 Conflict if they fail). The object or a Status."""
        ...

    async def delete_collection(
        self,
        resource: GroupVersionResource,
        namespace: str | None,
        *,
        label_selector: str = "",
        field_selector: str = "",
        propagation: Literal["", "Background", "Foreground", "Orphan"] = "",
    ) -> Object: ...
