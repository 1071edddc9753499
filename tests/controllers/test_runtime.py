"""Controllers, the manager and --controllers."""

from __future__ import annotations

import asyncio

import pytest

from minikube_py.controllers.runtime import Context, Controller, Descriptor, Result
from minikube_py.controllers.runtime.accompanied import AccompaniedController
from minikube_py.controllers.runtime.descriptor import choose
from minikube_py.controllers.runtime.reconciler import ReconcileFailure
from minikube_py.controllers.runtime.whenserved import WhenServed
from minikube_py.machinery import errors
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.gvr import NamespacedName
from minikube_py.machinery.wellknown import CONFIG_MAPS, PODS
from tests.controllers.apiworld import api_world
from tests.controllers.conftest import World
from tests.controllers.workloads import template


class Copier:
    """Gives each ConfigMap a pod of its name."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.client = context.client
        self.config_maps = context.lister(CONFIG_MAPS)
        self.seen: list[str] = []
        self.result = Result()
        self.failures: list[Exception] = []
        self.running = 0

    async def reconcile(self, key: NamespacedName) -> Result:
        self.seen.append(f"{key.name}@{self.context.clock.now() - 1_767_225_600.0:g}")
        self.running += 1
        assert self.running == 1
        await next_turn()
        self.running -= 1
        if self.failures:
            raise self.failures.pop(0)
        result, self.result = self.result, Result()
        config_map = self.config_maps.get(*key)
        if config_map is not None:
            owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": key.name, "uid": "u", "controller": True}
            pod = {"metadata": {"name": key.name, "ownerReferences": [owner]}, "spec": template()["spec"]}
            try:
                await self.client.create(PODS, pod, namespace=key.namespace)
            except errors.StatusError as error:
                if not errors.is_already_exists(error):
                    raise
        return result


def copier(reconcilers: list[Copier]) -> Descriptor:
    def new(context: Context) -> Controller:
        controller = Controller(context, "ConfigMap", workers=1)
        controller.watches_for(CONFIG_MAPS)
        controller.owns(PODS)
        controller.reconciler = reconciler = Copier(context)
        reconcilers.append(reconciler)
        return controller

    return Descriptor("copy-controller", new)


@pytest.fixture
async def reconciler(world: World) -> Copier:
    made: list[Copier] = []
    world.run(copier(made))
    return made[0]


def config_map(name: str) -> dict[str, object]:
    return {"metadata": {"name": name, "namespace": "default"}, "data": {"v": "1"}}


async def test_causes_lead_from_the_write_to_the_reconcile_to_its_writes(world: World, reconciler: Copier) -> None:
    made = await world.client.create(CONFIG_MAPS, config_map("a"))
    await world.settle()
    first, second = world.ring.recent
    assert first.actor == "copy-controller" and first.subject == "ConfigMap default/a"
    assert first.triggers == (int(made["metadata"]["resourceVersion"]),)
    pod = await world.client.get(PODS, "default", "a")
    assert first.writes == [int(pod["metadata"]["resourceVersion"])]
    assert second.triggers == tuple(first.writes)
    assert (first.outcome, first.reason) == ("", "") and first.took > 0


async def test_a_deleted_owned_object_brings_its_owner_back(world: World, reconciler: Copier) -> None:
    await world.client.create(CONFIG_MAPS, config_map("a"))
    await world.settle()
    await world.client.delete(PODS, "default", "a")
    await world.settle()
    assert await world.client.get(PODS, "default", "a")


async def test_requeue_after_is_no_business_until_time_passes(world: World, reconciler: Copier) -> None:
    reconciler.result = Result(requeue_after=10)
    await world.client.create(CONFIG_MAPS, config_map("a"))
    await world.settle()
    count = len(reconciler.seen)
    await world.advance(9.5)
    assert len(reconciler.seen) == count
    await world.advance(0.5)
    assert reconciler.seen[count:] == ["a@10"]
    assert world.ring.recent[-1].reason == "after 10s"


async def test_errors_are_retried_and_told(world: World, reconciler: Copier, caplog: pytest.LogCaptureFixture) -> None:
    conflict = errors.conflict(PODS.group_resource, "a")
    reconciler.failures = [RuntimeError("broken"), conflict, ReconcileFailure("no claim")]
    await world.client.create(CONFIG_MAPS, config_map("a"))
    await world.settle()
    outcomes = [work.outcome for work in world.ring.recent]
    assert outcomes[:3] == ["broken", conflict.message, "no claim"]
    assert world.ring.recent[1].reason == "retry"
    assert await world.client.get(PODS, "default", "a")
    assert [(record.getMessage(), record.exc_info is not None) for record in caplog.records] == [
        ("copy-controller: ConfigMap default/a failed", True),
        ("copy-controller: ConfigMap default/a: no claim", False),
    ]


async def test_busy_names_the_culprit(world: World, reconciler: Copier) -> None:
    assert world.manager is not None
    await world.settle()
    await world.client.create(CONFIG_MAPS, config_map("a"))
    assert world.manager.busy()[0].startswith("informer of configmaps is behind")
    world.manager.controller("copy-controller").enqueue(NamespacedName("default", "x"))  # type: ignore[union-attr]
    assert "copy-controller has 1 queued, first ConfigMap default/x" in world.manager.busy()
    await world.settle()
    assert world.manager.busy() == []


async def test_stopping_leaves_no_tasks(world: World, reconciler: Copier) -> None:
    await world.client.create(CONFIG_MAPS, config_map("a"))
    await next_turn()
    assert world.manager is not None
    await world.manager.stop()
    await world.manager.stop()
    assert asyncio.all_tasks() == {asyncio.current_task()}


def named(*names: str) -> list[Descriptor]:
    def new(context: Context) -> Controller:
        return Controller(context, "X")

    return [Descriptor(name, new, (name.removesuffix("-controller"),), name.startswith("off")) for name in names]


@pytest.mark.parametrize(
    ("selection", "chosen"),
    [
        pytest.param("*", ["a-controller", "b-controller"], id="all that are on"),
        pytest.param("*,-a-controller", ["b-controller"], id="all but one"),
        pytest.param("-a,*", ["b-controller"], id="by alias, before the star"),
        pytest.param("*,off-controller", ["a-controller", "b-controller", "off-controller"], id="and one that is off"),
        pytest.param("a", ["a-controller"], id="one"),
        pytest.param("a,-a", ["a-controller"], id="the first mention counts"),
        pytest.param("", [], id="none"),
        pytest.param("-a", [], id="nothing is on without the star"),
    ],
)
def test_choose(selection: str, chosen: list[str]) -> None:
    found = choose(named("a-controller", "b-controller", "off-controller"), selection)
    assert [each.name for each in found] == chosen


def test_choose_refuses_unknown_names() -> None:
    with pytest.raises(ValueError, match='"c" is not in the list of known controllers'):
        choose(named("a-controller"), "*,-c")


@pytest.mark.parametrize("waits", [pytest.param(False, id="at once"), pytest.param(True, id="when served")])
async def test_a_companions_failure_is_waited_for_too(waits: bool, caplog: pytest.LogCaptureFixture) -> None:
    """`settle` knows of the second queue of a controller, also of one that is made only if a resource is served."""
    reconcilers: list[Copier] = []

    def new(context: Context) -> AccompaniedController:
        controller = AccompaniedController(context, "Pod", workers=1)
        controller.reconciler = Copier(context)
        controller.companions.append(copier(reconcilers).new(context))
        return controller

    async with api_world() as world:
        descriptor = Descriptor("two", lambda context: WhenServed(context, PODS, new) if waits else new(context))
        world.run(descriptor)
        await world.settle()
        (companion,) = reconcilers
        companion.failures = [ReconcileFailure("not now"), ReconcileFailure("nor now")]
        await world.client.create(CONFIG_MAPS, {"metadata": {"name": "web", "namespace": "default"}})
        await world.settle()
        assert companion.failures == []
        assert await world.client.get(PODS, "default", "web")
