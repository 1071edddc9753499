"""Informers: client-go's shared informer over its reflector.

stopped --start--> listing --> synced, watching --410 or gap--> listing again, told as a difference
                      |                |
                      +--- failure ----+--> backing off (a timer of the clock), then listing again
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

from minikube_py.client.indexer import STANDARD_INDEXES, Indexer, IndexFunc, Lister, View
from minikube_py.client.protocol import Client, Watch, WatchEvent
from minikube_py.machinery.clock import Clock
from minikube_py.machinery.errors import StatusError, is_expired, is_not_found
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.meta import key, resource_version

log = logging.getLogger(__name__)

BACKOFF_FIRST = 0.8
BACKOFF_LIMIT = 30.0
"""Seconds between failed lists and watches (client-go reflector.go); doubled from the first to the limit."""


class Handler(NamedTuple):
    """What an informer calls, synchronously and in order of events; it should only enqueue keys.

    `on_add(obj)`, `on_update(old, new)`, `on_delete(last known state)`. After a relist an update may span several
    writes, and a deleted object's last known state may be stale.
    """

    on_add: Callable[[Object], None] | None = None
    on_update: Callable[[Object, Object], None] | None = None
    on_delete: Callable[[Object], None] | None = None


class Informer:
    """A cache of one resource, kept by list and watch, that tells its handlers of every change.

    Every cached state is a state the server had; states may be skipped on a relist, never reordered. The cache
    changes before its handlers are called. Start it once, from a running event loop.
    """

    def __init__(
        self, client: Client, resource: GroupVersionResource, clock: Clock, *, namespace: str | None = None
    ) -> None:
        self.resource = resource
        self.namespace = namespace
        self.indexer = Indexer()
        self.lister = Lister(self.indexer)
        self.revision = ""
        """The resourceVersion up to which everything was handled."""
        self.synced = False
        self.retry_at: float | None = None
        """While it backs off after a failure: the clock's time at which it tries again."""
        self._client = client
        self._clock = clock
        self._handlers: list[Handler] = []
        self._watch: Watch | None = None
        self._task: asyncio.Task[None] | None = None
        self._failures = 0
        self._expired = False
        self._on_synced: list[asyncio.Future[None]] = []

    # Setting up

    def add_handler(
        self,
        on_add: Callable[[Object], None] | None = None,
        on_update: Callable[[Object, Object], None] | None = None,
        on_delete: Callable[[Object], None] | None = None,
    ) -> Handler:
        """What is already cached is added to the new handler within this call."""
        handler = Handler(on_add, on_update, on_delete)
        self._handlers.append(handler)
        if on_add is not None:
            for obj in self.indexer.objects():
                _call(on_add, obj)
        return handler

    def remove_handler(self, handler: Handler) -> None:
        self._handlers = [other for other in self._handlers if other is not handler]

    def add_index(self, name: str, values_of: IndexFunc | None = None, view: View | None = None) -> None:
        """Idempotent by name; the standard indexes (BY_CONTROLLER, BY_OWNER) need no function. With a view, the index
        keeps what it makes of each object, for `Lister.views`."""
        self.indexer.add_index(name, values_of if values_of is not None else STANDARD_INDEXES[name], view)

    # Running

    @property
    def started(self) -> bool:
        return self._task is not None

    @property
    def idle(self) -> bool:
        """Started, synced, nothing under way to it and every event handled."""
        return self.synced and self._watch is not None and not self._watch.pending

    @property
    def waiting(self) -> bool:
        """Whether it backs off, so that only the clock can bring it on."""
        return self.retry_at is not None

    def start(self) -> None:
        """Idempotent."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name=f"informer {self.resource}")

    async def stop(self) -> None:
        """Idempotent; a stopped informer is not started again."""
        if self._watch is not None:
            self._watch.stop()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._resolve_synced()

    async def wait_synced(self) -> None:
        """Until the first list was handled, or the informer stopped."""
        if not self.synced:
            future = asyncio.get_running_loop().create_future()
            self._on_synced.append(future)
            await future

    async def _run(self) -> None:
        while True:
            try:
                await self._list()
                await self._follow()
            except StatusError as error:
                if is_expired(error) and not self._expired:
                    self._expired = True  # list again at once, but not over and over
                    continue
                # A custom resource may be served no more; whoever follows what is served will stop this.
                level = logging.INFO if is_not_found(error) else logging.WARNING
                log.log(level, "list or watch of %s failed: %s", self.resource, error)
                await self._back_off()
            except Exception:
                log.exception("list or watch of %s failed", self.resource)
                await self._back_off()

    async def _list(self) -> None:
        listed = await self._client.list(self.resource, self.namespace)
        items = list(listed.items)
        while listed.continue_token:
            listed = await self._client.list(self.resource, self.namespace, continue_token=listed.continue_token)
            items.extend(listed.items)
        self._replace(items)
        self.revision = listed.resource_version

    async def _follow(self) -> None:
        """Watch on from `revision`; streams that end are taken up again there, at once unless they end over and over
        without an event. Raises StatusError."""
        empty_streams = 0
        while True:
            self._watch = watch = await self._client.watch(
                self.resource, self.namespace, resource_version=self.revision
            )
            if not self.synced:
                self.synced = True
                self._resolve_synced()
            try:
                while batch := await watch.next():
                    empty_streams = self._failures = 0
                    self._expired = False
                    self._handle(batch)
            finally:
                watch.stop()
                self._watch = None
            empty_streams += 1
            if empty_streams > 1:
                await self._back_off()

    async def _back_off(self) -> None:
        delay: float = min(BACKOFF_FIRST * 2**self._failures, BACKOFF_LIMIT)
        self._failures += 1
        self.retry_at = self._clock.now() + delay
        try:
            await self._clock.sleep(delay)
        finally:
            self.retry_at = None

    def _resolve_synced(self) -> None:
        for future in self._on_synced:
            if not future.done():
                future.set_result(None)
        self._on_synced.clear()

    # Handling

    def _handle(self, batch: Sequence[WatchEvent]) -> None:
        for kind, obj in batch:
            if kind == "DELETED":
                self._deleted(obj)
            elif kind != "BOOKMARK":
                self._changed(obj)
        self.revision = resource_version(batch[-1].object)

    def _changed(self, obj: Object) -> None:
        old = self.indexer.put(obj)
        if old is None:
            for handler in self._handlers:
                if handler.on_add is not None:
                    _call(handler.on_add, obj)
        else:
            for handler in self._handlers:
                if handler.on_update is not None:
                    _call(handler.on_update, old, obj)

    def _deleted(self, obj: Object) -> None:
        if self.indexer.remove(key(obj)) is not None:
            for handler in self._handlers:
                if handler.on_delete is not None:
                    _call(handler.on_delete, obj)

    def _replace(self, items: Sequence[Object]) -> None:
        """Make the cache what was listed, and tell the difference."""
        listed: set[NamespacedName] = {key(obj) for obj in items}
        for old in self.indexer.objects():
            if key(old) not in listed:
                self._deleted(old)
        for obj in items:
            before = self.indexer.get(key(obj))
            if before is not None and before["metadata"].get("uid") != obj["metadata"].get("uid"):
                self._deleted(before)  # deleted and made anew while nobody watched
            if before is None or resource_version(before) != resource_version(obj):
                self._changed(obj)


def _call(handler: Callable[..., None], *objects: Object) -> None:
    try:
        handler(*objects)
    except Exception:
        log.exception("an informer's handler failed")


class InformerFactory:
    """Informers shared by resource: whoever asks for the same resource gets the same cache."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self.informers: dict[GroupVersionResource, Informer] = {}

    def informer(self, resource: GroupVersionResource) -> Informer:
        """Of all namespaces; made at the first call, and running after the next `start`."""
        found = self.informers.get(resource)
        if found is None:
            found = self.informers[resource] = Informer(self._client, resource, self._clock)
        return found

    def start(self) -> None:
        """Start those that are not running yet; may be called again."""
        for informer in tuple(self.informers.values()):
            informer.start()

    async def discard(self, resource: GroupVersionResource) -> None:
        """Stop and forget the informer of a resource that is gone (a deleted CRD)."""
        informer = self.informers.pop(resource, None)
        if informer is not None:
            await informer.stop()

    async def stop(self) -> None:
        for informer in tuple(self.informers.values()):
            await informer.stop()

    def busy(self) -> list[str]:
        """The informers that have something yet to handle; those that wait for the clock are not among them."""
        return [
            f"informer of {informer.resource} is behind (at {informer.revision or 'nothing'})"
            for informer in self.informers.values()
            if informer.started and not informer.idle and not informer.waiting
        ]

    def next_retry(self) -> float | None:
        """The clock's time at which the first informer that backs off tries again, None without one."""
        retries = (informer.retry_at for informer in self.informers.values())
        return min((retry for retry in retries if retry is not None), default=None)
