"""The store against a naive model: any order of writes, lists, watches, compactions, snapshots and restores."""

from __future__ import annotations

from typing import NamedTuple

import orjson
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from minikube_py.store import Exists, Expired, FutureRevision, Key, Mismatch, Missing, Snapshot, Store, Stored, Watcher
from tests.store.model import Model, Told, thing

HISTORY = 12
RESOURCES = st.sampled_from(["pods", "nodes"])
PLACES = st.sampled_from(["", "a", "a-b", "a0", "b"])
NAMES = st.sampled_from(["x", "x-1", "x.1", "x1", "y"])
KEYS = st.builds(Key, RESOURCES, PLACES, NAMES)
VALUES = st.sampled_from(["one", "two", "three"])


class Watching(NamedTuple):
    watcher: Watcher
    wakes: list[int]
    """The store's revision at each wake."""
    told: list[Told]
    """What was taken so far."""
    since: int
    resource: str
    namespace: str | None


class Kept(NamedTuple):
    snapshot: Snapshot
    json: dict[Key, bytes]


def rows(listing: list[Stored], resource: str) -> list[tuple[Key, int, str]]:
    return [
        (
            Key(resource, item.object["metadata"].get("namespace", ""), item.object["metadata"]["name"]),
            item.revision,
            item.object["spec"]["value"],
        )
        for item in listing
    ]


def contents(snapshot: Snapshot) -> dict[Key, bytes]:
    return {
        Key(resource, namespace, name): orjson.dumps(stored.object)
        for resource, shelves in snapshot.shelves.items()
        for namespace, shelf in shelves.items()
        for name, stored in shelf.items.items()
    }


class StoreMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.store = Store(history=HISTORY, check_mutations=True)
        self.model = Model()
        self.open: list[Watching] = []
        self.kept: list[Kept] = []

    # Writing

    @initialize(keys=st.sets(KEYS, max_size=12))
    def begin(self, keys: set[Key]) -> None:
        for key in sorted(keys):
            self.create(key, "one")

    @rule(key=KEYS, value=VALUES)
    def create(self, key: Key, value: str) -> None:
        if key in self.model.objects:
            with pytest.raises(Exists):
                self.store.create(key, thing(key, value))
            return
        stored = self.store.create(key, thing(key, value))
        self.model.put(key, value)
        assert stored.revision == self.model.revision
        assert stored.object["metadata"]["resourceVersion"] == str(self.model.revision)

    @rule(picks=st.lists(st.tuples(st.integers(0, 9), VALUES), min_size=1, max_size=5))
    def update(self, picks: list[tuple[int, str]]) -> None:
        for index, value in picks:
            if (key := self._present(index)) is not None:
                self.store.update(key, thing(key, value), self.model.objects[key][0])
                self.model.put(key, value)

    @rule(index=st.integers(0, 9))
    def delete(self, index: int) -> None:
        if (key := self._present(index)) is not None:
            last = self.store.delete(key, self.model.objects[key][0])
            self.model.delete(key)
            assert last.object["metadata"]["resourceVersion"] == str(self.model.revision)

    @rule(key=KEYS)
    def what_is_not_there_is_missing(self, key: Key) -> None:
        if key not in self.model.objects:
            with pytest.raises(Missing):
                self.store.delete(key, 1)
            with pytest.raises(Missing):
                self.store.update(key, thing(key, "one"), 1)

    def _present(self, index: int) -> Key | None:
        keys = sorted(self.model.objects)
        return keys[index % len(keys)] if keys else None

    @precondition(lambda self: self.model.objects)
    @rule(data=st.data(), off=st.sampled_from([-1, 1]))
    def stale_writes_change_nothing(self, data: st.DataObject, off: int) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.objects)))
        revision, value = self.model.objects[key]
        with pytest.raises(Mismatch) as error:
            self.store.update(key, thing(key, "stale"), revision + off)
        assert error.value.current.object["spec"]["value"] == value
        with pytest.raises(Mismatch):
            self.store.delete(key, revision + off)

    @rule()
    def compact(self) -> None:
        self.store.compact()
        self.model.compacted = self.model.revision

    # Reading

    @rule(resource=RESOURCES, namespace=st.none() | PLACES, after=st.none() | KEYS)
    def list(self, resource: str, namespace: str | None, after: Key | None) -> None:
        after = _within(after, resource, namespace)
        listed = self.store.list(resource, namespace, after)
        assert rows(listed, resource) == self.model.listed(self.model.revision, resource, namespace, after)

    @rule(resource=RESOURCES, namespace=st.none() | PLACES, back=st.integers(-1, 20), after=st.none() | KEYS)
    def list_at(self, resource: str, namespace: str | None, back: int, after: Key | None) -> None:
        after = _within(after, resource, namespace)
        revision = self.model.revision - back
        if revision > self.model.revision:
            with pytest.raises(FutureRevision):
                self.store.list_at(revision, resource, namespace, after)
        elif revision < self.model.horizon(resource, HISTORY):
            with pytest.raises(Expired):
                self.store.list_at(revision, resource, namespace, after)
        elif revision >= 0:
            listed = self.store.list_at(revision, resource, namespace, after)
            assert rows(listed, resource) == self.model.listed(revision, resource, namespace, after)

    # Watching

    @rule(resource=RESOURCES, namespace=st.none() | PLACES, back=st.integers(-1, 20) | st.none())
    def watch(self, resource: str, namespace: str | None, back: int | None) -> None:
        since = None if back is None else max(0, self.model.revision - back)
        wakes: list[int] = []

        def wake() -> None:
            wakes.append(self.store.revision)

        if since is not None and since > self.model.revision:
            with pytest.raises(FutureRevision):
                self.store.watch(resource, namespace, wake, since)
            return
        if since is not None and since < self.model.horizon(resource, HISTORY):
            with pytest.raises(Expired):
                self.store.watch(resource, namespace, wake, since)
            return
        watcher = self.store.watch(resource, namespace, wake, since)
        assert not wakes
        begin = self.model.revision if since is None else since
        self.open.append(Watching(watcher, wakes, [], begin, resource, namespace))

    @precondition(lambda self: self.open)
    @rule(index=st.integers(0, 9))
    def take(self, index: int) -> None:
        watching = self.open[index % len(self.open)]
        for event in watching.watcher.take():
            assert event.stored.revision == event.revision
            value = event.stored.object["spec"]["value"]
            watching.told.append(Told(event.type, event.key, event.revision, value))
        assert watching.told == self.model.since(watching.since, watching.resource, watching.namespace)

    @precondition(lambda self: self.open)
    @rule(index=st.integers(0, 9))
    def stop(self, index: int) -> None:
        watching = self.open.pop(index % len(self.open))
        watching.watcher.stop()
        watching.watcher.stop()
        assert not watching.watcher.events

    # Snapshots

    @rule()
    def snapshot(self) -> None:
        snapshot = self.store.snapshot()
        kept = Kept(snapshot, contents(snapshot))
        assert kept.json.keys() == self.model.objects.keys()
        self.kept.append(kept)

    @precondition(lambda self: self.kept)
    @rule(index=st.integers(0, 9))
    def restore(self, index: int) -> None:
        kept = self.kept[index % len(self.kept)]
        before = self.store.revision
        self.store.restore(kept.snapshot)
        wanted = {key: orjson.loads(json)["spec"]["value"] for key, json in kept.json.items()}
        for write in [write for write in self.store.journal if write.revision > before]:
            if write.type == "DELETED":
                assert write.key not in wanted
                self.model.delete(write.key)
            else:
                assert wanted[write.key] != self.model.objects.get(write.key, (0, ""))[1]
                self.model.put(write.key, wanted[write.key])
        assert {key: value for key, (_, value) in self.model.objects.items()} == wanted

    # Always

    @invariant()
    def snapshots_stay_what_they_were(self) -> None:
        for kept in self.kept:
            assert contents(kept.snapshot) == kept.json

    @invariant()
    def nobody_is_left_asleep(self) -> None:
        assert self.store.revision == self.model.revision
        for watching in self.open:
            pending = self.model.since(watching.since, watching.resource, watching.namespace)[len(watching.told) :]
            assert len(watching.watcher.events) == len(pending)
        watchers = [watcher for resource in self.store._resources.values() for watcher in resource.watchers]
        assert len(watchers) == len(self.open)

    @invariant()
    def single_objects_are_as_listed(self) -> None:
        for resource in ("pods", "nodes"):
            assert self.store.count(resource) == len(self.model.listed(self.model.revision, resource, None))
        for key, (revision, value) in self.model.objects.items():
            stored = self.store.get(key)
            assert stored is not None
            assert (stored.revision, stored.object["spec"]["value"]) == (revision, value)
        self.store.verify()


def _within(after: Key | None, resource: str, namespace: str | None) -> Key | None:
    """Where a page ended is a key of what is listed."""
    return None if after is None else Key(resource, after.namespace if namespace is None else namespace, after.name)


TestStore = StoreMachine.TestCase
TestStore.settings = settings(max_examples=150, stateful_step_count=50, deadline=None, derandomize=True)
