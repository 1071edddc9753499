"""Watch: the store's events as one watcher asked for them (apiserver's storage/cacher).

    resourceVersion      begins with
    none, "0"            what is, as ADDED; with bookmarks then the bookmark that ends the initial events
    N                    what was written after N; Expired where the history does not reach back
    sendInitialEvents    what is, as ADDED, then that bookmark

With selectors an object that begins to match is ADDED, one that ceases to is DELETED.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from minikube_py.api.context import Context
from minikube_py.api.options import ListOptions
from minikube_py.api.registry.reading import version_error
from minikube_py.api.registry.selection import Selection, compile_selection
from minikube_py.api.schema.zero import zero
from minikube_py.machinery import errors
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import Object
from minikube_py.store import Event, Expired, Key, Stored, Watcher

if TYPE_CHECKING:
    from minikube_py.api.registry import Registry

INITIAL_EVENTS_END = "k8s.io/initial-events-end"


class Sent(NamedTuple):
    """One event of the stream. `event` is the store's, where its bytes may be shared with other watchers."""

    type: str
    stored: Stored
    event: Event | None = None


class ObjectWatch:
    """The events of one watch, drained with `take`. `wake` is called, within a write, when there are new ones."""

    def __init__(self, registry: Registry, ctx: Context, options: ListOptions, wake: Callable[[], None]) -> None:
        """Raises StatusError: 400 for selectors, 500 for what is no version. An expired version is the stream's first
        event, as upstream tells it."""
        self._registry = registry
        self._ctx = ctx
        self._selection: Selection = compile_selection(ctx, options)
        self._bookmarks = options.allow_bookmarks
        self._begin: list[Sent] = []
        self._after = 0
        self.error: StatusError | None = None
        """Set once the stream has to end with it."""
        self.ended = False
        """Whether nothing comes after what is pending: the custom resource is served another way now, or no more."""
        self._wake = wake
        version = options.resource_version
        if version and (why := version_error(version)):
            raise errors.unknown(why)
        namespace = ctx.namespace or None if ctx.resource.namespaced else ""
        initial = options.send_initial_events
        from_now = version in ("", "0")
        since: int | None = None
        if not from_now and not initial:
            # A version that is yet to come: wait for what comes after it.
            self._after = int(version)
            since = min(self._after, registry.store.revision)
        try:
            self._watcher: Watcher = registry.store.watch(ctx.resource.key, namespace, wake, since)
        except Expired as error:
            self._watcher = registry.store.watch(ctx.resource.key, namespace, wake)
            self._watcher.stop()
            self.error = errors.expired(str(error))
            return
        if initial and not from_now and int(version) > registry.store.revision:
            self._watcher.stop()
            self.error = errors.resource_version_too_large(int(version), registry.store.revision)
            return
        if initial or (from_now and initial is None):
            self._start(namespace, bool(initial))
        if ctx.resource.custom:
            registry.catalog.listeners.append(self._catalog_changed)

    def _start(self, namespace: str | None, asked: bool) -> None:
        matches = self._selection.matches
        store = self._registry.store
        if self._selection.name and namespace is not None:
            found = store.get(Key(self._ctx.resource.key, namespace, self._selection.name))
            items = [found] if found is not None else []
        else:
            items = store.list(self._ctx.resource.key, namespace)
        self._begin = [Sent("ADDED", item) for item in items if matches is None or matches(item.object)]
        if self._bookmarks:
            self._begin.append(Sent("BOOKMARK", self.bookmark(ending=True)))

    @property
    def pending(self) -> bool:
        """Whether `take` would return events."""
        return bool(self._begin or self._watcher.events)

    def bookmark(self, ending: bool = False) -> Stored:
        """How far this watch has come, as an object of its kind with nothing but that."""
        revision = self._registry.store.revision
        metadata: Object = {"resourceVersion": str(revision)}
        if ending:
            metadata["annotations"] = {INITIAL_EVENTS_END: "true"}
        resource = self._ctx.resource
        head = {"kind": resource.kind, "apiVersion": resource.api_version}
        return Stored({**head, **(zero(resource.type) or {}), **head, "metadata": metadata}, revision)

    def take(self) -> list[Sent]:
        """The next events; empty if there are none now."""
        begin, self._begin = self._begin, []
        begin.extend(self._selected(self._watcher.take()))
        return begin

    def bound(self, limit: int, overflow: Callable[[], None]) -> None:
        """See Watcher.bound."""
        self._watcher.bound(limit, overflow)

    def stop(self) -> None:
        self._watcher.stop()
        listeners = self._registry.catalog.listeners
        if self._ctx.resource.custom and self._catalog_changed in listeners:
            listeners.remove(self._catalog_changed)

    def _catalog_changed(self) -> None:
        served = self._registry.catalog.find(self._ctx.resource.gvr)
        if not self.ended and (served is None or served.hub is not self._ctx.resource.hub):
            self.ended = True
            self._wake()

    def _selected(self, events: list[Event]) -> Iterator[Sent]:
        matches = self._selection.matches
        for event in events:
            if event.revision <= self._after:
                continue
            if matches is None:
                yield Sent(event.type, event.stored, event)
                continue
            now = event.type != "DELETED" and matches(event.stored.object)
            before = event.previous is not None and matches(event.previous.object)
            if now and before:
                yield Sent("MODIFIED", event.stored, event)
            elif now:
                yield Sent("ADDED", event.stored)
            elif before:
                yield Sent("DELETED", event.stored if event.type == "DELETED" else _as_of(event))


def _as_of(event: Event) -> Stored:
    """What ceased to match: its last matching state, at the revision of the event."""
    assert event.previous is not None
    obj = event.previous.object
    metadata = {**obj["metadata"], "resourceVersion": str(event.revision)}
    return Stored({**obj, "metadata": metadata}, event.revision)
