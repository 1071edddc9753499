"""A controller leaves a key alone until its caches show what it wrote for it."""

from __future__ import annotations

from minikube_py.client.informer import InformerFactory
from minikube_py.controllers.runtime import Context, Controller, Descriptor, Result
from minikube_py.controllers.runtime.consistency import LOOK_AGAIN, Consistency
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.wellknown import CONFIG_MAPS, PODS
from tests.controllers.conftest import World

KEY = NamespacedName("default", "web")
OTHER = NamespacedName("default", "other")


class Idle:
    """Notes the keys it was asked to reconcile."""

    def __init__(self) -> None:
        self.seen: list[NamespacedName] = []

    async def reconcile(self, key: NamespacedName) -> Result | None:
        self.seen.append(key)
        return None


async def run(world: World) -> tuple[Consistency, Idle]:
    idle, made = Idle(), []

    def new(context: Context) -> Controller:
        controller = Controller(context, "Thing", idle)
        made.append(Consistency(controller, PODS, CONFIG_MAPS))
        return controller

    world.run(Descriptor("thing-controller", new))
    await world.settle()
    return made[0], idle


def pod(name: str) -> Object:
    return {"metadata": {"name": name, "namespace": "default"}, "spec": {}}


async def test_waits_for_its_own_writes_alone() -> None:
    world = World(lag=3)
    consistency, idle = await run(world)
    assert not consistency.is_behind(KEY)
    consistency.wrote(KEY, PODS, await world.client.create(PODS, pod("a")))
    assert consistency.is_behind(KEY) and not consistency.is_behind(OTHER)
    await world.settle()
    assert idle.seen == [KEY]
    assert not consistency.is_behind(KEY)
    await world.stop()


async def test_waits_for_the_newest_of_all_resources() -> None:
    world = World(lag=3)
    consistency, idle = await run(world)
    newer = await world.client.create(CONFIG_MAPS, {"metadata": {"name": "c", "namespace": "default"}})
    consistency.wrote(KEY, CONFIG_MAPS, newer)
    consistency.wrote(KEY, PODS, await world.client.create(PODS, pod("a")))
    consistency.wrote(KEY, PODS, await world.client.create(PODS, pod("b")))
    consistency.wrote(KEY, CONFIG_MAPS, {**newer, "metadata": {**newer["metadata"], "resourceVersion": "1"}})
    while consistency.is_behind(KEY):
        seen = len(idle.seen)
        await world.settle()
        assert len(idle.seen) == seen + 1
    informers = world.manager.informers if world.manager is not None else InformerFactory(world.client, world.clock)
    assert len(informers.informer(PODS).lister) == 2
    await world.stop()


async def test_an_event_that_is_skipped_is_not_waited_for_forever() -> None:
    world = World(lag=3)
    consistency, idle = await run(world)
    consistency.wrote(KEY, PODS, {"metadata": {"resourceVersion": "1000000"}})
    assert consistency.is_behind(KEY)
    await world.advance(LOOK_AGAIN / 2)
    assert idle.seen == []
    await world.advance(LOOK_AGAIN)
    assert idle.seen == [KEY]
    await world.stop()


async def test_what_is_forgotten_is_not_waited_for() -> None:
    world = World(lag=3)
    consistency, _ = await run(world)
    consistency.wrote(KEY, PODS, await world.client.create(PODS, pod("a")))
    consistency.forget(KEY)
    assert not consistency.is_behind(KEY)
    await world.settle()
    await world.stop()
