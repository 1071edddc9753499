"""The store: etcd's part, in memory.

Synchronous, so every method is atomic and there are no locks. One revision counter for everything; each write
takes the next revision and puts it into the object's metadata.resourceVersion.

    revision  write                            watchers that began at 1 see
    1         create pods default/a            -
    2         update pods default/a (cas 1)    MODIFIED a, at 2
    3         delete pods default/a            DELETED a, at 3
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

import orjson

from minikube_py.machinery import cause
from minikube_py.machinery.clock import Clock
from minikube_py.machinery.gvr import Object
from minikube_py.store.compaction import Compaction
from minikube_py.store.shelf import Shelf
from minikube_py.store.stored import (
    Event,
    EventType,
    Exists,
    Expired,
    FutureRevision,
    Key,
    Mismatch,
    Missing,
    Mutated,
    Stored,
    Write,
)
from minikube_py.store.watcher import Watcher

HISTORY = 4096
"""How many events of a resource are kept for watches that resume and lists that continue. Each holds on to what its
write replaced: 2 KB for a change of a pod's status."""
JOURNAL = 10_000
"""How many writes are told with their causes; they are small."""
FRAMED = 256
"""How many of a resource's last events keep their bytes, for the watchers that follow closely: mostly all there are."""


Listing = list[Stored]
"""Objects in key order; may be shared, so read-only."""


class Snapshot(NamedTuple):
    """All objects at a revision; shares everything with the store it came from."""

    revision: int
    shelves: dict[str, dict[str, Shelf]]


class _Resource:
    """The objects, history and watchers of one resource."""

    __slots__ = ("history", "horizon", "shelves", "watchers")

    def __init__(self, history: int, horizon: int) -> None:
        self.shelves: dict[str, Shelf] = {}
        self.history: deque[Event] = deque(maxlen=history)
        self.horizon = horizon
        """Events after this revision are all in the history."""
        self.watchers: list[Watcher] = []

    def record(self, event: Event) -> None:
        if len(self.history) == self.history.maxlen:
            self.horizon = self.history[0].revision
        self.history.append(event)
        if len(self.history) > FRAMED:
            self.history[-1 - FRAMED].forget()

    def since(self, revision: int) -> Iterator[Event]:
        """The events after `revision`, oldest first. Raises Expired."""
        if revision < self.horizon:
            raise Expired(revision, self.horizon)
        newer: list[Event] = []
        for event in reversed(self.history):
            if event.revision <= revision:
                break
            newer.append(event)
        return reversed(newer)


class Store:
    """All objects, by resource, namespace and name.

    Objects handed to `create` and `update` belong to the store from then on. With `check_mutations` every object's
    JSON is kept, and `verify` (also called at each write of that object) raises Mutated if it changed in place.
    With a clock what was is compacted away in time, for lists.
    """

    def __init__(self, *, history: int = HISTORY, clock: Clock | None = None, check_mutations: bool = False) -> None:
        self.revision = 0
        self.journal: deque[Write] = deque(maxlen=JOURNAL)
        """The last writes of all resources and their causes."""
        self._history = history
        self._epoch = 0
        self._compacted = 0
        self._compaction = Compaction(clock) if clock is not None else None
        self._resources: dict[str, _Resource] = {}
        self._check = check_mutations

    # Reading

    def get(self, key: Key) -> Stored | None:
        resource = self._resources.get(key.resource)
        shelf = resource.shelves.get(key.namespace) if resource else None
        return shelf.items.get(key.name) if shelf else None

    def list(self, resource: str, namespace: str | None = None, after: Key | None = None) -> Listing:
        """The objects of a resource in key order, of one namespace or of all (None), after a key where one is given."""
        shelves = self._resource(resource).shelves
        if namespace is not None:
            shelf = shelves.get(namespace)
            if shelf is None:
                return []
            return shelf.ready() if after is None else shelf.after(after.name)
        if len(shelves) == 1 and after is None:
            return next(iter(shelves.values())).ready()
        found: Listing = []
        for name in sorted(shelves, key=_namespace_order):
            if after is None or _namespace_order(name) > _namespace_order(after.namespace):
                found.extend(shelves[name].ready())
            elif name == after.namespace:
                found.extend(shelves[name].after(after.name))
        return found

    def list_at(self, revision: int, resource: str, namespace: str | None = None, after: Key | None = None) -> Listing:
        """`list` as it was at an earlier revision, by undoing the history. Raises Expired, FutureRevision."""
        if revision > self.revision:
            raise FutureRevision(revision, self.revision)
        if self._compaction is not None:
            self._compaction.catch_up(self.revision)
            if revision < self._compaction.oldest:
                raise Expired(revision, self._compaction.oldest)
        undone: dict[tuple[str, str], Stored | None] = {}
        for event in self._resource(resource).since(revision):
            undone.setdefault(event.key[1:], event.previous)
        if not undone:
            return self.list(resource, namespace, after)
        now = {_place(stored): stored for stored in self.list(resource, namespace)}
        for place, stored in undone.items():
            if namespace is not None and place[0] != namespace:
                continue
            now.pop(place, None)
            if stored is not None:
                now[place] = stored
        places = sorted(now, key=_place_order)
        start = 0 if after is None else bisect_right([_place_order(p) for p in places], _place_order(after[1:]))
        return [now[place] for place in places[start:]]

    def count(self, resource: str) -> int:
        found = self._resources.get(resource)
        return sum(len(shelf.items) for shelf in found.shelves.values()) if found else 0

    def resources(self) -> tuple[str, ...]:
        """The resources that hold objects."""
        return tuple(name for name, resource in self._resources.items() if resource.shelves)

    # Writing

    def create(self, key: Key, obj: Object) -> Stored:
        """Raises Exists."""
        if self.get(key) is not None:
            raise Exists(key)
        return self._put("ADDED", key, obj, None)

    def update(self, key: Key, obj: Object, expected: int) -> Stored:
        """Replace the object if it still stands at revision `expected`. Raises Missing, Mismatch."""
        return self._put("MODIFIED", key, obj, self._expect(key, expected))

    def delete(self, key: Key, expected: int) -> Stored:
        """Remove the object if it still stands at revision `expected`; returns it as watchers see it: its last state
        with the deletion's revision. Raises Missing, Mismatch."""
        current = self._expect(key, expected)
        if self._check:
            _verify(current)
        resource = self._resource(key.resource)
        shelf = self._own_shelf(resource, key.namespace)
        shelf.pop(key.name)
        if not shelf.items:
            del resource.shelves[key.namespace]
        self._advance()
        metadata = {**current.object["metadata"], "resourceVersion": str(self.revision)}
        last = Stored({**current.object, "metadata": metadata}, self.revision)
        current.forget()
        self._publish(resource, Event("DELETED", key, last, current))
        return last

    # Watching

    def watch(
        self, resource: str, namespace: str | None, wake: Callable[[], None], since: int | None = None
    ) -> Watcher:
        """Register a watcher of one resource, in one namespace or all (None).

        With `since`, what was written after that revision is queued in the same step, so that nothing is missed.
        `wake` is not called for what is queued here. Raises Expired, FutureRevision.
        """
        found = self._resource(resource)
        watcher = Watcher(resource, namespace, wake, found.watchers.remove)
        if since is not None:
            if since > self.revision:
                raise FutureRevision(since, self.revision)
            for event in found.since(since):
                if namespace is None or event.key.namespace == namespace:
                    watcher.events.append(event)
        found.watchers.append(watcher)
        return watcher

    def compact(self) -> None:
        """Forget the history: a watch or list from before now is Expired, as after etcd's compaction."""
        self._compacted = self.revision
        for resource in self._resources.values():
            resource.history.clear()
            resource.horizon = self.revision

    # Snapshots

    def snapshot(self) -> Snapshot:
        """Everything as it is now, without copying objects: shelves are shared until they are next written."""
        self._epoch += 1
        return Snapshot(self.revision, {name: dict(r.shelves) for name, r in self._resources.items() if r.shelves})

    def restore(self, snapshot: Snapshot) -> None:
        """Make the objects those of the snapshot. The difference is written as new revisions, so watchers follow
        and compare-and-set stays sound: a revision never names two states."""
        for name in sorted(set(self._resources) | set(snapshot.shelves)):
            self._restore_resource(name, snapshot.shelves.get(name, {}))

    def _restore_resource(self, resource: str, wanted: dict[str, Shelf]) -> None:
        shelves = self._resource(resource).shelves
        for namespace in sorted(set(shelves) | set(wanted)):
            have = shelves[namespace].items if namespace in shelves else {}
            want = wanted[namespace].items if namespace in wanted else {}
            if have is want:
                continue
            for name in sorted(set(have) - set(want)):
                self.delete(Key(resource, namespace, name), have[name].revision)
            for name in sorted(want):
                current = have.get(name)
                if current is None or not _same(current, want[name]):
                    obj = {**want[name].object, "metadata": dict(want[name].object["metadata"])}
                    self._put("MODIFIED" if current else "ADDED", Key(resource, namespace, name), obj, current)

    # Checking

    def verify(self) -> None:
        """With `check_mutations`: raise Mutated if any stored object changed in place."""
        for resource in self._resources.values():
            for shelf in resource.shelves.values():
                for stored in shelf.items.values():
                    _verify(stored)

    # Inside

    def _resource(self, name: str) -> _Resource:
        found = self._resources.get(name)
        if found is None:
            # Nothing was ever written to it, so its history is whole since the last compaction.
            found = self._resources[name] = _Resource(self._history, self._compacted)
        return found

    def _own_shelf(self, resource: _Resource, namespace: str) -> Shelf:
        shelf = resource.shelves.get(namespace)
        if shelf is None:
            shelf = resource.shelves[namespace] = Shelf(self._epoch)
        elif shelf.epoch < self._epoch:
            shelf = resource.shelves[namespace] = shelf.copy(self._epoch)
        return shelf

    def _expect(self, key: Key, expected: int) -> Stored:
        current = self.get(key)
        if current is None:
            raise Missing(key)
        if current.revision != expected:
            raise Mismatch(current)
        return current

    def _advance(self) -> None:
        if self._compaction is not None:
            self._compaction.catch_up(self.revision)
        self.revision += 1

    def _put(self, type: EventType, key: Key, obj: Object, previous: Stored | None) -> Stored:
        self._advance()
        obj["metadata"]["resourceVersion"] = str(self.revision)
        stored = Stored(obj, self.revision)
        if self._check:
            stored.json  # noqa: B018 - encoded now, so that a later change shows
            if previous is not None:
                _verify(previous)
        if previous is not None:
            previous.forget()
        resource = self._resource(key.resource)
        self._own_shelf(resource, key.namespace).put(key.name, stored)
        self._publish(resource, Event(type, key, stored, previous))
        return stored

    def _publish(self, resource: _Resource, event: Event) -> None:
        resource.record(event)
        why = cause.current()
        if why is not None:
            why.writes.append(event.revision)
        self.journal.append(Write(event.revision, event.type, event.key, why))
        namespace = event.key.namespace
        for watcher in resource.watchers:
            if watcher.namespace is None or watcher.namespace == namespace:
                watcher.push(event)


def _place(stored: Stored) -> tuple[str, str]:
    metadata = stored.object["metadata"]
    return metadata.get("namespace", ""), metadata["name"]


def _place_order(place: tuple[str, str]) -> tuple[str, str]:
    return _namespace_order(place[0]), place[1]


def _namespace_order(namespace: str) -> str:
    """etcd's keys are /registry/pods/<namespace>/<name>: "a-b/x" comes before "a/x"."""
    return namespace + "/"


def _same(one: Stored, other: Stored) -> bool:
    """Whether two states differ in nothing but their revisions."""
    if one.object is other.object:
        return True
    metadata = {**one.object["metadata"], "resourceVersion": other.object["metadata"]["resourceVersion"]}
    return {**one.object, "metadata": metadata} == other.object


def _verify(stored: Stored) -> None:
    if orjson.dumps(stored.object) != stored.json:
        raise Mutated(f"{stored!r} was changed in place: {stored.object['metadata'].get('name')}")
