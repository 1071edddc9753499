"""Events vanish some time after their last write; watchers see them go."""

from __future__ import annotations

import pytest

from minikube_py.api.expiry import MAX_OBJECTS, Expiry
from minikube_py.cluster import Cluster
from minikube_py.machinery.clock import VirtualClock
from minikube_py.machinery.gvr import GroupVersionResource
from minikube_py.machinery.wellknown import EVENTS
from minikube_py.store import Key, Store
from tests.registry.api import Api

PATH = "/api/v1/namespaces/default/events"
NEW_EVENTS = GroupVersionResource("events.k8s.io", "v1", "events")


class Shelf:
    """Objects and when they vanish, in seconds from the start."""

    def __init__(self, ttl: float = 3600.0) -> None:
        self.store, self.clock = Store(), VirtualClock(0.0)
        self.expiry = Expiry(self.store, self.clock, ttl)

    def write(self, name: str) -> None:
        key = Key("events", "default", name)
        stored = self.store.get(key)
        if stored is None:
            self.store.create(key, {"metadata": {"name": name}})
        else:
            self.store.update(key, {"metadata": {"name": name}}, stored.revision)
        self.expiry.renew(key)

    def ends(self) -> dict[str, float]:
        """Lets all time pass."""
        found: dict[str, float] = {}
        before = self.names()
        while (deadline := self.clock.next_deadline()) is not None:
            self.clock.advance_to(deadline)
            after = self.names()
            found |= {name: deadline for name in before if name not in after}
            before = after
        return found

    def names(self) -> list[str]:
        return [stored.object["metadata"]["name"] for stored in self.store.list("events")]


@pytest.mark.parametrize(
    ("ttl", "writes", "expected"),
    [
        pytest.param(3600, [(0, "a")], {"a": 3660}, id="one"),
        pytest.param(3600, [(0, "a"), (59, "b")], {"a": 3660, "b": 3660}, id="one lease"),
        pytest.param(3600, [(0, "a"), (60, "b")], {"a": 3660, "b": 3720}, id="two leases"),
        pytest.param(3600, [(0, "a"), (3000, "a")], {"a": 6660}, id="renewed"),
        pytest.param(3600, [(0, "a"), (0, "b"), (3000, "b")], {"a": 3660, "b": 6660}, id="one of two renewed"),
        pytest.param(100, [(0, "a"), (4, "b"), (5, "c")], {"a": 105, "b": 105, "c": 110}, id="short"),
        pytest.param(3600, [(0, "a"), (4000, "b")], {"a": 3660, "b": 7660}, id="long after"),
        pytest.param(0, [(0, "a")], {}, id="for ever"),
    ],
)
def test_ends(ttl: float, writes: list[tuple[float, str]], expected: dict[str, float]) -> None:
    shelf = Shelf(ttl)
    ended: dict[str, float] = {}
    for when, name in writes:
        while (deadline := shelf.clock.next_deadline()) is not None and deadline <= when:
            before = shelf.names()
            shelf.clock.advance_to(deadline)
            ended |= {each: deadline for each in before if each not in shelf.names()}
        shelf.clock.advance_to(when)
        shelf.write(name)
    assert ended | shelf.ends() == expected


def test_there_are_few_timers() -> None:
    shelf = Shelf()
    for number in range(2 * MAX_OBJECTS + 1):
        shelf.write(f"e{number}")
    assert len(shelf.clock._timers) == 1 and len(shelf.expiry._leases) == 3
    assert set(shelf.ends().values()) == {3660}


def test_what_is_deleted_and_made_anew_has_a_time_of_its_own() -> None:
    shelf = Shelf()
    for name in ("a", "b"):
        shelf.write(name)
    for name in ("a", "b"):
        stored = shelf.store.get(Key("events", "default", name))
        assert stored is not None
        shelf.store.delete(Key("events", "default", name), stored.revision)
    shelf.clock.advance_to(1000)
    shelf.write("a")
    assert shelf.ends() == {"a": 4660}


def test_a_restart_and_an_end() -> None:
    shelf = Shelf()
    shelf.write("a")
    shelf.clock.advance_to(1000)
    shelf.expiry.restart([Key("events", "default", "a")])
    assert shelf.ends() == {"a": 4660}
    shelf.write("b")
    shelf.expiry.stop()
    assert shelf.ends() == {} and shelf.names() == ["b"]


def event(name: str) -> dict[str, object]:
    involved = {"kind": "Pod", "namespace": "default", "name": "web"}
    return {"metadata": {"name": name}, "involvedObject": involved, "reason": "Test", "message": "hello"}


async def names(api: Api) -> list[str]:
    return (await api.ask("GET", PATH)).names


async def test_events_vanish_an_hour_after_their_last_change(api: Api) -> None:
    for name in ("once", "again", "same"):
        await api.ask("POST", PATH, event(name))
    await api.cluster.advance(3000)
    stream = await api.watch(PATH)
    patch = {"message": "hello again"}
    await api.ask("PATCH", f"{PATH}/again", patch, content_type="application/merge-patch+json")
    await api.ask("PATCH", f"{PATH}/same", {"message": "hello"}, content_type="application/merge-patch+json")
    await api.cluster.advance(660)
    assert await names(api) == ["again"]
    gone = [tree["metadata"]["name"] for type, tree in stream.sent if type == "DELETED"]
    assert gone == ["once", "same"]
    await api.cluster.advance(3000)
    assert await names(api) == []


async def test_events_of_the_other_group_too() -> None:
    async with Cluster(port=None, nodes=0, controllers="", clock="virtual", event_ttl="2m") as cluster:
        body = {
            "metadata": {"name": "e", "namespace": "default"},
            "eventTime": "2026-01-01T00:00:00.000000Z",
            "reportingController": "example.com/test",
            "reportingInstance": "one",
            "action": "Testing",
            "reason": "Test",
            "type": "Normal",
            "regarding": {"kind": "Pod", "namespace": "default", "name": "web"},
        }
        await cluster.client.create(NEW_EVENTS, body)
        await cluster.advance(126)
        assert not (await cluster.client.list(EVENTS)).items
        await cluster.client.create(NEW_EVENTS, body)
        snapshot = cluster.snapshot()
        await cluster.advance(200)
        await cluster.restore(snapshot)
        assert len((await cluster.client.list(EVENTS)).items) == 1
        await cluster.advance(126)
        assert not (await cluster.client.list(EVENTS)).items
