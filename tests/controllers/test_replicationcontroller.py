"""The ReplicationController controller through the API: a ReplicaSet controller for an older kind."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from minikube_py.controllers.replicationcontroller import CONTROLLER
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import controller_of
from minikube_py.machinery.wellknown import EVENTS, PODS, REPLICATION_CONTROLLERS
from tests.controllers.apiworld import LAGS, ApiWorld, api_world, events, pod, run_pod

pytestmark = pytest.mark.parametrize("lag", LAGS)


@pytest.fixture
async def world(lag: int) -> AsyncIterator[ApiWorld]:
    async with api_world(lag) as world:
        world.run(CONTROLLER)
        yield world


async def create(world: ApiWorld, replicas: int, **spec: object) -> Object:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    metadata = {"name": "web", "namespace": "default"}
    made = {"metadata": metadata, "spec": {"replicas": replicas, "template": template, **spec}}
    return await world.client.create(REPLICATION_CONTROLLERS, made)


async def pods(world: ApiWorld) -> list[Object]:
    return list((await world.client.list(PODS, "default")).items)


async def test_keeps_the_number_of_pods(world: ApiWorld) -> None:
    made = await create(world, 3)
    await world.settle()
    found = await pods(world)
    assert len(found) == 3
    assert controller_of(found[0]) == {
        "apiVersion": "v1",
        "kind": "ReplicationController",
        "name": "web",
        "uid": made["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
    await world.client.delete(PODS, "default", found[0]["metadata"]["name"])
    await world.settle()
    assert len(await pods(world)) == 3
    await world.client.patch(REPLICATION_CONTROLLERS, "default", "web", {"spec": {"replicas": 1}})
    await world.settle()
    assert len(await pods(world)) == 1


async def test_status_has_no_terminating_replicas(world: ApiWorld) -> None:
    await create(world, 2)
    await world.settle()
    await run_pod(world, (await pods(world))[0]["metadata"]["name"])
    await world.settle()
    found = await world.client.get(REPLICATION_CONTROLLERS, "default", "web")
    assert found["status"] == {
        "replicas": 2,
        "fullyLabeledReplicas": 2,
        "readyReplicas": 1,
        "availableReplicas": 1,
        "observedGeneration": 1,
    }


async def test_its_events_are_from_the_older_component(world: ApiWorld) -> None:
    await create(world, 1)
    await world.settle()
    (event,) = (await world.client.list(EVENTS)).items
    assert event["source"] == {"component": "replication-controller"}
    (made,) = await pods(world)
    assert await events(world) == [f"Normal SuccessfulCreate: Created pod: {made['metadata']['name']}"]


async def test_adopts_by_its_plain_selector(world: ApiWorld) -> None:
    await world.client.create(PODS, pod("orphan"))
    await world.client.create(PODS, pod("stranger", {"app": "other"}))
    await create(world, 1)
    await world.settle()
    found = {each["metadata"]["name"]: controller_of(each) for each in await pods(world)}
    assert found["stranger"] is None and found["orphan"] is not None and len(found) == 2
