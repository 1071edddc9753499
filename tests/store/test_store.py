"""What the model cannot tell: order across namespaces, sharing, mutations, causes, wake-ups."""

from __future__ import annotations

import pytest

from minikube_py.machinery.cause import Cause, because
from minikube_py.machinery.clock import VirtualClock
from minikube_py.store import Expired, Key, Mutated, Store
from tests.store.model import thing


def key(name: str, namespace: str = "a", resource: str = "pods") -> Key:
    return Key(resource, namespace, name)


def put(store: Store, *keys: Key) -> None:
    for each in keys:
        store.create(each, thing(each, "v"))


def test_namespaces_are_ordered_as_etcd_orders_paths() -> None:
    store = Store()
    put(store, key("x", "a"), key("x", "a-b"), key("x", "a0"), key("x", "aa"))
    order = [item.object["metadata"]["namespace"] for item in store.list("pods")]
    assert order == ["a-b", "a", "a0", "aa"]
    revision = store.revision
    put(store, key("z", "a"))
    assert [item.object["metadata"]["namespace"] for item in store.list_at(revision, "pods")] == order
    after = store.list_at(revision, "pods", None, key("x", "a-b"))
    assert [item.object["metadata"]["namespace"] for item in after] == order[1:]


def test_lists_are_shared_until_the_next_write() -> None:
    store = Store()
    put(store, key("x"), key("y"))
    first = store.list("pods", "a")
    assert store.list("pods", "a") is first
    assert store.list("pods") is first
    put(store, key("z"))
    assert len(first) == 2
    assert len(store.list("pods", "a")) == 3


def test_a_snapshot_costs_nothing_until_a_write() -> None:
    store = Store()
    put(store, key("x"), key("x", "b"))
    shelf = store._resources["pods"].shelves["a"]
    store.snapshot()
    assert store._resources["pods"].shelves["a"] is shelf
    put(store, key("y"))
    copied = store._resources["pods"].shelves["a"]
    assert copied is not shelf
    put(store, key("z"))
    assert store._resources["pods"].shelves["a"] is copied


def test_restoring_what_is_writes_nothing() -> None:
    store = Store()
    put(store, key("x"), key("y"))
    snapshot = store.snapshot()
    current = store.get(key("x"))
    assert current is not None
    store.update(key("x"), thing(key("x"), "w"), current.revision)
    store.restore(snapshot)
    revision = store.revision
    assert revision == 4
    store.restore(snapshot)
    assert store.revision == revision


def test_a_restored_object_gets_a_new_revision() -> None:
    store = Store()
    put(store, key("x"))
    snapshot = store.snapshot()
    store.delete(key("x"), 1)
    store.restore(snapshot)
    restored = store.get(key("x"))
    assert restored is not None and restored.revision == 3
    assert snapshot.shelves["pods"]["a"].items["x"].object["metadata"]["resourceVersion"] == "1"


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda store: store.verify(), id="verify"),
        pytest.param(lambda store: store.update(key("x"), thing(key("x"), "w"), 1), id="update"),
        pytest.param(lambda store: store.delete(key("x"), 1), id="delete"),
    ],
)
def test_who_changes_a_stored_object_is_found(write: object) -> None:
    store = Store(check_mutations=True)
    stored = store.create(key("x"), thing(key("x"), "v"))
    stored.object["spec"]["value"] = "changed"
    with pytest.raises(Mutated, match="changed in place: x"):
        write(store)  # type: ignore[operator]


def test_mutations_are_not_looked_for_unasked() -> None:
    store = Store()
    stored = store.create(key("x"), thing(key("x"), "v"))
    stored.object["spec"]["value"] = "changed"
    store.verify()
    assert b"changed" in stored.json


def test_a_reader_is_woken_once_per_drain() -> None:
    store = Store()
    wakes: list[None] = []
    watcher = store.watch("pods", None, lambda: wakes.append(None))
    put(store, key("x"), key("y"))
    assert len(wakes) == 1
    assert [event.key.name for event in watcher.take()] == ["x", "y"]
    put(store, key("z"))
    assert len(wakes) == 2


def test_the_history_of_a_resource_nobody_wrote_reaches_back_to_the_compaction() -> None:
    store = Store()
    put(store, key("x"))
    store.watch("nodes", None, lambda: None, 0)
    store.compact()
    with pytest.raises(Expired, match=r"too old resource version: 0 \(1\)"):
        store.watch("nodes", None, lambda: None, 0)
    with pytest.raises(Expired):
        store.watch("leases", None, lambda: None, 0)
    store.watch("leases", None, lambda: None, 1)


def test_busy_resources_do_not_age_quiet_ones() -> None:
    store = Store(history=2)
    put(store, key("n", "", "nodes"), *(key(f"x{number}") for number in range(5)))
    assert len(store.watch("nodes", None, lambda: None, 0).events) == 1
    with pytest.raises(Expired):
        store.watch("pods", None, lambda: None, 3)
    assert len(store.watch("pods", None, lambda: None, 4).events) == 2


def test_lists_go_back_five_to_ten_minutes() -> None:
    clock = VirtualClock(0)
    store = Store(clock=clock)
    put(store, key("w"))
    listed: dict[int, list[str]] = {}
    for minute, name in ((3, "x"), (6, "y"), (9, ""), (10, ""), (15, ""), (31, "z"), (40, "")):
        clock.advance_to(minute * 60)
        if name:
            put(store, key(name))
        listed[minute] = [str(revision) for revision in range(1, store.revision + 1) if lists(store, revision)]
    assert {minute: ",".join(revisions) for minute, revisions in listed.items()} == {
        3: "1,2", 6: "1,2,3", 9: "1,2,3", 10: "2,3", 15: "3", 31: "3,4", 40: "4",
    }  # fmt: skip
    assert len(store.watch("pods", None, lambda: None, 0).events) == 4
    assert clock.next_deadline() is None


def lists(store: Store, revision: int) -> bool:
    try:
        return len(store.list_at(revision, "pods")) == revision
    except Expired:
        return False


def test_writes_are_put_down_to_their_cause() -> None:
    store = Store()
    cause = Cause("request", "me", "POST /pods")
    with because(cause):
        put(store, key("x"), key("y"))
    put(store, key("z"))
    assert cause.writes == [1, 2]
    assert [write.cause for write in store.journal] == [cause, cause, None]


def test_an_event_of_a_deletion_has_the_last_state_at_the_deletions_revision() -> None:
    store = Store()
    put(store, key("x"))
    watcher = store.watch("pods", "a", lambda: None)
    store.delete(key("x"), 1)
    (event,) = watcher.take()
    assert (event.type, event.revision) == ("DELETED", 2)
    assert event.stored.object["metadata"]["resourceVersion"] == "2"
    assert event.previous is not None and event.previous.revision == 1


def test_resources_are_those_with_objects() -> None:
    store = Store()
    put(store, key("x"), key("n", "", "nodes"))
    store.delete(key("x"), 1)
    store.list("leases")
    assert store.resources() == ("nodes",)
