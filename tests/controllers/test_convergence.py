"""Whatever happens meanwhile, the world ends up as asked for, and promises hold on the way: random edits, deletions,
conflicts and lags, by seed."""

from __future__ import annotations

import pytest

from minikube_py.controllers.deployment import CONTROLLER as DEPLOYMENT_CONTROLLER
from minikube_py.controllers.deployment.counts import fenceposts
from minikube_py.controllers.replicaset import CONTROLLER as REPLICA_SET_CONTROLLER
from minikube_py.controllers.runtime.pods import is_active
from minikube_py.machinery import errors
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.random import Random
from minikube_py.machinery.wellknown import DEPLOYMENTS, PODS
from tests.controllers.conftest import World
from tests.controllers.workloads import (
    deployment,
    finish,
    get_deployment,
    make_ready,
    patch_deployment,
    pods,
    replica_sets,
    set_image,
)


class Trouble:
    """Does one random thing after the other to a Deployment, and lets some of the controllers' writes conflict."""

    def __init__(self, world: World, random: Random) -> None:
        self.world = world
        self.random = random
        self.replicas = 5
        self.image = "web:1"
        self.over = False
        world.client.reaction = self.conflict

    def conflict(self, verb: str, resource: GroupVersionResource, obj: Object) -> Exception | None:
        if self.over or verb != "update" or self.random.below(8):
            return None
        return errors.conflict(resource.group_resource, obj["metadata"]["name"])

    async def cause(self) -> None:
        choice = self.random.below(5)
        if choice == 0:
            self.replicas = self.random.below(9)
            await patch_deployment(self.world, replicas=self.replicas)
        elif choice == 1:
            self.image = f"web:{self.random.below(4)}"
            await set_image(self.world, self.image)
        elif choice == 2 and (found := await pods(self.world)):
            name = found[self.random.below(len(found))]["metadata"]["name"]
            await self.world.client.delete(PODS, "default", name)
        elif choice == 3 and (found := await pods(self.world)):
            await make_ready(self.world, found[self.random.below(len(found))]["metadata"]["name"])
        for _ in range(self.random.below(12)):
            await next_turn()
        if choice == 4:
            self.world.clock.advance_to(self.world.clock.now() + 0.05)


@pytest.mark.parametrize("world", [pytest.param((lag, None), id=f"lag {lag}") for lag in (0, 1, 5)], indirect=True)
@pytest.mark.parametrize("seed", range(6))
async def test_converges(world: World, seed: int, caplog: pytest.LogCaptureFixture) -> None:
    world.run(DEPLOYMENT_CONTROLLER, REPLICA_SET_CONTROLLER)
    await world.client.create(DEPLOYMENTS, deployment(5))
    trouble = Trouble(world, Random(seed))
    for _ in range(60):
        try:
            await trouble.cause()
        except errors.StatusError as error:
            assert errors.is_conflict(error) or errors.is_not_found(error)
        await no_set_has_too_many_pods(world)
    trouble.over = True
    # Were this the size of the old set, scaled while the new one has no room, the rollout would hang, as upstream's
    # does (kubernetes/kubernetes#102551).
    trouble.replicas = 9
    await patch_deployment(world, replicas=trouble.replicas)
    await world.advance(30)
    await finish(world)
    sets = await replica_sets(world)
    assert {image: each["spec"]["replicas"] for image, each in sets.items() if each["spec"]["replicas"]} == (
        {trouble.image: trouble.replicas}
    )
    found = await pods(world)
    assert len(found) == trouble.replicas
    assert {pod["spec"]["containers"][0]["image"] for pod in found} <= {trouble.image}
    status = (await get_deployment(world))["status"]
    assert status.get("availableReplicas", 0) == status.get("updatedReplicas", 0) == trouble.replicas
    assert world.manager is not None and not world.manager.busy()


async def no_set_has_too_many_pods(world: World) -> None:
    """No ReplicaSet ever has more active pods than it was ever asked for: expectations hold off double creation."""
    limit = 8 + fenceposts(deployment(8))[0]
    counts: dict[str, int] = {}
    for pod in await pods(world):
        if is_active(pod):
            owner = pod["metadata"]["ownerReferences"][0]["uid"]
            counts[owner] = counts.get(owner, 0) + 1
    assert all(count <= limit for count in counts.values())
