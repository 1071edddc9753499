"""Informers: what handlers are told, after lists, watches, relists and failures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from minikube_py.client.indexer import BY_CONTROLLER, BY_OWNER
from minikube_py.client.informer import BACKOFF_FIRST, Informer, InformerFactory
from minikube_py.machinery import errors
from minikube_py.machinery.clock import VirtualClock
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.random import Random
from minikube_py.machinery.wellknown import CONFIG_MAPS
from minikube_py.store import Store
from tests.fake_client import FakeClient


class Told:
    """Handlers that note what they were told."""

    def __init__(self) -> None:
        self.log: list[str] = []

    def added(self, obj: Object) -> None:
        self.log.append(f"+{obj['metadata']['name']}")

    def updated(self, old: Object, new: Object) -> None:
        self.log.append(f"{old['data']['v']}>{new['data']['v']}")

    def deleted(self, obj: Object) -> None:
        self.log.append(f"-{obj['metadata']['name']}")

    def take(self) -> list[str]:
        log, self.log = self.log, []
        return log


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def client(clock: VirtualClock) -> FakeClient:
    return FakeClient(Store(history=5), clock, Random(1))


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def informer(client: FakeClient, clock: VirtualClock, told: Told) -> AsyncIterator[Informer]:
    informer = Informer(client, CONFIG_MAPS, clock)
    informer.add_handler(told.added, told.updated, told.deleted)
    yield informer
    await informer.stop()


async def idle(informer: Informer) -> None:
    for _ in range(100):
        await asyncio.sleep(0)
        if informer.idle:
            return
    raise AssertionError("the informer never became idle")


def config_map(name: str, v: str = "1", **metadata: object) -> Object:
    return {"metadata": {"name": name, "namespace": "default", **metadata}, "data": {"v": v}}


async def test_list_then_watch(informer: Informer, client: FakeClient, told: Told) -> None:
    await client.create(CONFIG_MAPS, config_map("a"))
    assert not informer.idle
    informer.start()
    await informer.wait_synced()
    assert told.take() == ["+a"]
    await client.update(CONFIG_MAPS, config_map("a", "2"))
    await client.create(CONFIG_MAPS, config_map("b"))
    await client.delete(CONFIG_MAPS, "default", "a")
    assert not informer.idle
    await idle(informer)
    assert told.take() == ["1>2", "+b", "-a"]
    assert informer.revision == str(client.store.revision)
    assert informer.lister.get("default", "a") is None
    assert [obj["metadata"]["name"] for obj in informer.lister.list()] == ["b"]


async def test_a_late_handler_is_told_what_is_there(informer: Informer, client: FakeClient) -> None:
    await client.create(CONFIG_MAPS, config_map("a"))
    informer.start()
    await informer.wait_synced()
    late = Told()
    informer.add_handler(late.added)
    assert late.take() == ["+a"]


async def test_expired_watch_relists_and_tells_the_difference(
    informer: Informer, client: FakeClient, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("changed", "gone", "same", "replaced"):
        await client.create(CONFIG_MAPS, config_map(name))
    informer.start()
    await idle(informer)
    told.take()
    assert informer._watch is not None
    informer._watch.stop()  # the stream breaks, and more is written than the history keeps
    for v in "23456":
        await client.update(CONFIG_MAPS, config_map("changed", v))
    await client.delete(CONFIG_MAPS, "default", "gone")
    await client.delete(CONFIG_MAPS, "default", "replaced")
    await client.create(CONFIG_MAPS, config_map("replaced"))
    await idle(informer)
    assert told.take() == ["-gone", "1>6", "-replaced", "+replaced"]
    assert caplog.records == []  # it is what happens, not a failure


async def test_a_broken_stream_is_taken_up_again(informer: Informer, client: FakeClient, told: Told) -> None:
    informer.start()
    await idle(informer)
    assert informer._watch is not None
    informer._watch.stop()
    await client.create(CONFIG_MAPS, config_map("a"))
    await idle(informer)
    assert told.take() == ["+a"]


async def test_streams_that_end_over_and_over_back_off(
    informer: Informer, client: FakeClient, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = client.watch
    opened = 0

    async def ending(*args: object, **kwargs: object) -> object:
        nonlocal opened
        opened += 1
        watch = await original(*args, **kwargs)  # type: ignore[arg-type]
        watch.stop()
        return watch

    monkeypatch.setattr(client, "watch", ending)
    informer.start()
    for _ in range(10):
        await asyncio.sleep(0)
    assert opened == 2 and informer.retry_at == clock.now() + BACKOFF_FIRST
    monkeypatch.setattr(client, "watch", original)
    clock.advance_to(informer.retry_at)
    await idle(informer)


async def test_failures_back_off_on_the_clock(
    informer: Informer, client: FakeClient, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, failing = client.list, True

    async def unreliable(*args: object, **kwargs: object) -> object:
        if failing:
            raise errors.internal_error("etcd is away")
        return await original(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(client, "list", unreliable)
    informer.start()
    for expected in (0.8, 1.6, 3.2):
        for _ in range(3):
            await asyncio.sleep(0)
        assert informer.waiting and not informer.idle
        deadline = clock.next_deadline()
        assert deadline is not None and deadline - clock.now() == pytest.approx(expected)
        failing = expected < 3
        clock.advance_to(deadline)
    await idle(informer)
    assert informer.synced


async def test_indexes_follow_updates(informer: Informer, client: FakeClient) -> None:
    owner = {"kind": "X", "name": "x", "uid": "u1", "controller": True}
    informer.add_index(BY_CONTROLLER)
    informer.add_index(BY_OWNER)
    informer.start()
    await client.create(CONFIG_MAPS, config_map("a", ownerReferences=[owner]))
    await client.create(CONFIG_MAPS, config_map("b"))
    await idle(informer)
    lister = informer.lister
    assert [obj["metadata"]["name"] for obj in lister.controlled_by("u1")] == ["a"]
    assert [obj["metadata"]["name"] for obj in lister.orphans("default")] == ["b"]
    await client.update(CONFIG_MAPS, config_map("a", "2"))
    await client.update(CONFIG_MAPS, config_map("b", "2", ownerReferences=[{**owner, "controller": False}]))
    await idle(informer)
    assert lister.controlled_by("u1") == []
    assert [obj["metadata"]["name"] for obj in lister.by_index(BY_OWNER, "u1")] == ["b"]
    assert {obj["metadata"]["name"] for obj in lister.orphans("default")} == {"a", "b"}


async def test_a_failing_handler_does_not_stop_the_others(informer: Informer, client: FakeClient, told: Told) -> None:
    def broken(obj: Object) -> None:
        raise RuntimeError("broken")

    informer.add_handler(broken)
    informer.start()
    await client.create(CONFIG_MAPS, config_map("a"))
    await client.create(CONFIG_MAPS, config_map("b"))
    await idle(informer)
    assert told.take() == ["+a", "+b"]


async def test_a_factory_shares_informers(client: FakeClient, clock: VirtualClock) -> None:
    factory = InformerFactory(client, clock)
    assert factory.informer(CONFIG_MAPS) is factory.informer(CONFIG_MAPS)
    assert factory.busy() == []
    factory.start()
    assert factory.busy() == ["informer of configmaps is behind (at nothing)"]
    await factory.informer(CONFIG_MAPS).wait_synced()
    assert factory.busy() == []
    await factory.stop()
