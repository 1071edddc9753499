"""What keeps controllers right while their caches lag: expectations, deterministic names, uncached rechecks."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from minikube_py.controllers.deployment import CONTROLLER as DEPLOYMENT_CONTROLLER
from minikube_py.controllers.replicaset import CONTROLLER as REPLICA_SET_CONTROLLER
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.gvr import NamespacedName
from minikube_py.machinery.meta import controller_of
from minikube_py.machinery.wellknown import DEPLOYMENTS, PODS, REPLICA_SETS
from tests.controllers.conftest import World
from tests.controllers.workloads import LABELS, deployment, pods, replica_set, replica_sets

WEB = NamespacedName("default", "web")
LAG = 40


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Watches trail the store by many turns of the event loop."""
    world = World(lag=LAG)
    world.run(REPLICA_SET_CONTROLLER, DEPLOYMENT_CONTROLLER)
    yield world
    await world.stop()


async def run_until_written(world: World, verb: str, target: str, count: int) -> None:
    for _ in range(20 * LAG):
        await next_turn()
        if written(world, verb, target) == count:
            return
    raise AssertionError(f"{verb} {target}: {world.client.calls}")


def written(world: World, verb: str, target: str) -> int:
    return sum((verb, target) == call[:2] for call in world.client.calls)


async def reconcile_again(world: World, controller: str) -> None:
    """Before the watches tell what was done."""
    assert world.manager is not None
    found = world.manager.controller(controller)
    assert found is not None
    before = len(world.ring.recent)
    found.enqueue(WEB)
    for _ in range(LAG // 4):
        await next_turn()
    assert len(world.ring.recent) > before


async def test_pods_yet_to_be_seen_are_not_created_again(world: World) -> None:
    await world.client.create(REPLICA_SETS, replica_set(3))
    await run_until_written(world, "create", "pods", 3)
    await reconcile_again(world, "replicaset-controller")
    assert written(world, "create", "pods") == 3
    await world.settle()
    assert len(await pods(world)) == 3


async def test_pods_on_their_way_out_are_not_deleted_again(world: World) -> None:
    await world.client.create(REPLICA_SETS, replica_set(6))
    await world.settle()
    await world.client.patch(REPLICA_SETS, "default", "web", {"spec": {"replicas": 4}})
    await run_until_written(world, "delete", "pods", 2)
    await reconcile_again(world, "replicaset-controller")
    assert written(world, "delete", "pods") == 2
    await world.settle()
    assert len(await pods(world)) == 4


async def test_a_replica_set_yet_to_be_seen_is_not_created_twice(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.client.create(DEPLOYMENTS, deployment(2))
    await run_until_written(world, "create", "replicasets", 1)
    await reconcile_again(world, "deployment-controller")
    await world.settle()
    assert len(await replica_sets(world)) == 1
    assert "collisionCount" not in (await world.client.get(DEPLOYMENTS, "default", "web"))["status"]
    assert len(await pods(world)) == 2


async def test_a_namesake_adopts_nothing_for_the_one_that_is_gone(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """The cache still shows the first ReplicaSet when an orphan appears; the server knows that it is gone."""
    await world.client.create(REPLICA_SETS, replica_set(0))
    await world.settle()
    orphan = {"metadata": {"name": "orphan", "namespace": "default", "labels": LABELS}, "spec": {}}
    await world.client.create(PODS, orphan)
    for _ in range(LAG // 2):
        await next_turn()
    await world.client.delete(REPLICA_SETS, "default", "web")
    again = await world.client.create(REPLICA_SETS, replica_set(1))
    await world.settle()
    reference = controller_of(await world.client.get(PODS, "default", "orphan"))
    assert reference is not None and reference["uid"] == again["metadata"]["uid"]
    refusals = [work.outcome for work in world.ring.recent if "can't adopt Pod default/orphan" in work.outcome]
    assert len(refusals) >= 1 and "original ReplicaSet default/web is gone" in refusals[0]
