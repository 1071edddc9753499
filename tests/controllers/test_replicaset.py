"""The ReplicaSet controller against the store, with fresh and with lagging informers."""

from __future__ import annotations

import pytest

from minikube_py.controllers.replicaset import CONTROLLER
from minikube_py.machinery import errors
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.meta import controller_of
from minikube_py.machinery.wellknown import PODS, REPLICA_SETS
from tests.controllers.conftest import World
from tests.controllers.workloads import LABELS, condition, events, make_ready, pods, replica_set, template


@pytest.fixture(autouse=True)
async def running(world: World) -> None:
    world.run(CONTROLLER)


async def get(world: World) -> Object:
    return await world.client.get(REPLICA_SETS, "default", "web")


async def scale(world: World, replicas: int) -> None:
    await world.client.patch(REPLICA_SETS, "default", "web", {"spec": {"replicas": replicas}})


def bare_pod(name: str, labels: dict[str, str]) -> Object:
    return {"metadata": {"name": name, "namespace": "default", "labels": labels}, "spec": template()["spec"]}


async def test_creates_exactly_the_pods_wanted(world: World) -> None:
    made = await world.client.create(REPLICA_SETS, replica_set(20))
    await world.settle()
    found = await pods(world)
    assert len(found) == 20
    assert sum(verb == "create" and target == "pods" for verb, target, _ in world.client.calls) == 20
    pod = found[0]
    assert pod["metadata"]["name"].startswith("web-") and pod["metadata"]["generateName"] == "web-"
    assert pod["metadata"]["labels"] == LABELS
    assert [(each["name"], each["image"]) for each in pod["spec"]["containers"]] == [("web", "web:1")]
    assert controller_of(pod) == {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "name": "web",
        "uid": made["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
    assert (await get(world))["status"] == {
        "replicas": 20,
        "fullyLabeledReplicas": 20,
        "observedGeneration": 1,
        "terminatingReplicas": 0,
    }


async def test_tells_what_it_creates_and_deletes(world: World) -> None:
    await world.client.create(REPLICA_SETS, replica_set(2))
    await world.settle()
    one, two = sorted(pod["metadata"]["name"] for pod in await pods(world))
    await scale(world, 0)
    await world.settle()
    assert sorted(await events(world)) == sorted(
        f"Normal {reason}: {verb} pod: {name}"
        for reason, verb in (("SuccessfulCreate", "Created"), ("SuccessfulDelete", "Deleted"))
        for name in (one, two)
    )


async def test_status_follows_pods(world: World) -> None:
    await world.client.create(REPLICA_SETS, replica_set(3))
    await world.settle()
    names = [pod["metadata"]["name"] for pod in await pods(world)]
    await make_ready(world, *names[:2])
    await world.settle()
    status = (await get(world))["status"]
    assert (status["replicas"], status["readyReplicas"], status["availableReplicas"]) == (3, 2, 2)


async def test_replaces_deleted_and_finished_pods(world: World) -> None:
    await world.client.create(REPLICA_SETS, replica_set(3))
    await world.settle()
    gone, failed, kept = await pods(world)
    await world.client.delete(PODS, "default", gone["metadata"]["name"])
    await world.client.update(PODS, {**failed, "status": {"phase": "Failed"}}, subresource="status")
    await world.settle()
    found = {pod["metadata"]["name"]: pod for pod in await pods(world)}
    assert len(found) == 4 and kept["metadata"]["name"] in found  # the failed one stays to be looked at
    assert (await get(world))["status"]["replicas"] == 3


async def test_pods_being_deleted_are_replaced_at_once_and_counted_as_terminating(world: World) -> None:
    await world.client.create(REPLICA_SETS, replica_set(1))
    await world.settle()
    (pod,) = await pods(world)
    await world.client.patch(PODS, "default", pod["metadata"]["name"], {"metadata": {"finalizers": ["test/hold"]}})
    await world.client.delete(PODS, "default", pod["metadata"]["name"])
    await world.settle()
    assert len(await pods(world)) == 2
    status = (await get(world))["status"]
    assert (status["replicas"], status["terminatingReplicas"]) == (1, 1)


async def test_scales_down_unready_pods_first(world: World) -> None:
    await world.client.create(REPLICA_SETS, replica_set(4))
    await world.settle()
    names = [pod["metadata"]["name"] for pod in await pods(world)]
    await make_ready(world, names[0], names[2])
    await world.settle()
    await scale(world, 2)
    await world.settle()
    assert {pod["metadata"]["name"] for pod in await pods(world)} == {names[0], names[2]}


async def test_min_ready_seconds_delay_availability(world: World) -> None:
    await world.client.create(REPLICA_SETS, replica_set(2, minReadySeconds=30))
    await world.settle()
    one, two = [pod["metadata"]["name"] for pod in await pods(world)]
    await make_ready(world, one)
    await world.advance(20)
    await make_ready(world, two)
    await world.advance(9)
    assert "availableReplicas" not in (await get(world))["status"]
    await world.advance(2)
    assert (await get(world))["status"]["availableReplicas"] == 1
    await world.advance(20)
    assert (await get(world))["status"]["availableReplicas"] == 2


async def test_adopts_orphans_and_removes_surplus(world: World) -> None:
    for number in range(3):
        await world.client.create(PODS, bare_pod(f"orphan-{number}", LABELS))
    await world.client.create(PODS, bare_pod("stranger", {"app": "other"}))
    await world.client.create(REPLICA_SETS, replica_set(2))
    await world.settle()
    found = {pod["metadata"]["name"]: controller_of(pod) for pod in await pods(world)}
    assert found.pop("stranger") is None
    assert len(found) == 2 and all(reference is not None for reference in found.values())


async def test_adopts_a_pod_whose_labels_come_to_match(world: World) -> None:
    await world.client.create(REPLICA_SETS, replica_set(1))
    await world.settle()
    assert len(await pods(world)) == 1
    await world.client.create(PODS, bare_pod("stranger", {"app": "other"}))
    await make_ready(world)
    await world.settle()
    await world.client.patch(PODS, "default", "stranger", {"metadata": {"labels": LABELS}})
    await world.settle()
    assert len(await pods(world)) == 1


async def test_releases_a_pod_whose_labels_stop_matching(world: World) -> None:
    await world.client.create(REPLICA_SETS, replica_set(1))
    await world.settle()
    (pod,) = await pods(world)
    name = pod["metadata"]["name"]
    await world.client.patch(PODS, "default", name, {"metadata": {"labels": {"app": "debug"}}})
    await world.settle()
    found = {each["metadata"]["name"]: each for each in await pods(world)}
    assert len(found) == 2 and controller_of(found[name]) is None


async def test_a_set_being_deleted_does_nothing(world: World) -> None:
    made = replica_set(2)
    made["metadata"]["finalizers"] = ["test/hold"]
    await world.client.create(REPLICA_SETS, made)
    await world.settle()
    await world.client.delete(REPLICA_SETS, "default", "web")
    await world.settle()
    (one, _) = await pods(world)
    await world.client.delete(PODS, "default", one["metadata"]["name"])
    await world.settle()
    assert len(await pods(world)) == 1
    assert (await get(world))["status"]["replicas"] == 1


async def test_a_failing_creation_is_told_and_tried_little(world: World, caplog: pytest.LogCaptureFixture) -> None:
    refused = errors.forbidden(PODS.group_resource, "web-x", "exceeded quota: small")
    failing = True
    tries = 0

    def refuse(verb: str, resource: GroupVersionResource, obj: Object) -> Exception | None:
        nonlocal tries
        if failing and verb == "create" and resource == PODS:
            tries += 1
            return refused
        return None

    world.client.reaction = refuse
    await world.client.create(REPLICA_SETS, replica_set(10))
    await world.settle(retries=False)
    # Slow start: one failed, so the other nine were not tried; the status that says so brought one more attempt.
    assert tries == 2
    failing = False
    await world.settle()
    assert len(await pods(world)) == 10
    assert "conditions" not in (await get(world))["status"]
    assert "Warning FailedCreate: Error creating: " + refused.message in await events(world)


async def test_a_lasting_failure_becomes_a_condition(world: World, caplog: pytest.LogCaptureFixture) -> None:
    refused = errors.forbidden(PODS.group_resource, "web-x", "exceeded quota: small")
    world.client.reaction = lambda verb, resource, obj: refused if (verb, resource) == ("create", PODS) else None
    await world.client.create(REPLICA_SETS, replica_set(10))
    await world.settle()
    failure = condition(await get(world), "ReplicaFailure")
    assert (failure["status"], failure["reason"]) == ("True", "FailedCreate")
    assert failure["message"] == refused.message
