"""The Deployment and ReplicaSet controllers together, with fresh and with lagging informers."""

from __future__ import annotations

import pytest

from minikube_py.controllers.deployment import CONTROLLER as DEPLOYMENT_CONTROLLER
from minikube_py.controllers.deployment.revisions import (
    DESIRED_REPLICAS,
    LAST_APPLIED,
    MAX_REPLICAS,
    REVISION,
    REVISION_HISTORY,
    ROLLBACK_TO,
)
from minikube_py.controllers.replicaset import CONTROLLER as REPLICA_SET_CONTROLLER
from minikube_py.machinery import errors
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import controller_of
from minikube_py.machinery.wellknown import DEPLOYMENTS, PODS, REPLICA_SETS
from tests.controllers.conftest import World
from tests.controllers.workloads import (
    LABELS,
    condition,
    deployment,
    events,
    finish,
    get_deployment,
    make_ready,
    patch_deployment,
    pods,
    replica_sets,
    set_image,
    sizes,
)
from tests.fake_client import FakeClient


@pytest.fixture(autouse=True)
async def running(world: World) -> None:
    world.run(DEPLOYMENT_CONTROLLER, REPLICA_SET_CONTROLLER)


async def create(world: World, made: Object) -> Object:
    return await world.client.create(DEPLOYMENTS, made)


async def test_creates_a_replica_set_and_reports(world: World) -> None:
    made = deployment(3)
    made["metadata"]["annotations"] = {"note": "hello", LAST_APPLIED: "{}"}
    await create(world, made)
    await world.settle()
    (replica_set,) = (await replica_sets(world)).values()
    metadata = replica_set["metadata"]
    hash = metadata["labels"]["pod-template-hash"]
    assert metadata["name"] == f"web-{hash}"
    assert metadata["annotations"] == {"note": "hello", REVISION: "1", DESIRED_REPLICAS: "3", MAX_REPLICAS: "4"}
    assert replica_set["spec"]["selector"] == {"matchLabels": {**LABELS, "pod-template-hash": hash}}
    assert all(pod["metadata"]["labels"] == {**LABELS, "pod-template-hash": hash} for pod in await pods(world))
    found = await get_deployment(world)
    assert found["metadata"]["annotations"][REVISION] == "1"
    status = {name: value for name, value in found["status"].items() if name != "conditions"}
    assert status == {
        "observedGeneration": 1,
        "replicas": 3,
        "updatedReplicas": 3,
        "unavailableReplicas": 3,
        "terminatingReplicas": 0,
    }
    available, progressing = condition(found, "Available"), condition(found, "Progressing")
    assert (available["status"], available["reason"]) == ("False", "MinimumReplicasUnavailable")
    assert (progressing["status"], progressing["reason"]) == ("True", "ReplicaSetUpdated")
    assert progressing["message"] == f'ReplicaSet "{metadata["name"]}" is progressing.'
    assert (await events(world))[0] == (
        f"Normal ScalingReplicaSet: Scaled up replica set {metadata['name']} from 0 to 3"
    )


async def test_becomes_available_and_complete(world: World) -> None:
    await create(world, deployment(3))
    await finish(world)
    found = await get_deployment(world)
    status = {name: value for name, value in found["status"].items() if name != "conditions"}
    assert status == {
        "observedGeneration": 1,
        "replicas": 3,
        "updatedReplicas": 3,
        "readyReplicas": 3,
        "availableReplicas": 3,
        "terminatingReplicas": 0,
    }
    assert [each["type"] for each in found["status"]["conditions"]] == ["Available", "Progressing"]
    progressing = condition(found, "Progressing")
    assert progressing["reason"] == "NewReplicaSetAvailable"
    assert progressing["message"].endswith('" has successfully progressed.')
    assert condition(found, "Available")["message"] == "Deployment has minimum availability."
    world.clock.advance_to(world.clock.now() + 3600)
    await world.settle()
    assert condition(await get_deployment(world), "Progressing") == progressing


async def test_rolls_an_update_within_surge_and_unavailability(world: World) -> None:
    await create(world, deployment(10, surge=3, unavailable=2))
    await finish(world)
    await set_image(world, "web:2")
    seen: list[dict[str, int]] = []
    for _ in range(20):
        await world.settle()
        current = await sizes(world)
        if seen and current == seen[-1]:
            break
        seen.append(current)
        available = sum(each["status"].get("availableReplicas", 0) for each in (await replica_sets(world)).values())
        assert available >= 8 and sum(current.values()) <= 13
        await make_ready(world)
    assert seen[0] == {"web:1": 8, "web:2": 5}
    assert seen[-1] == {"web:1": 0, "web:2": 10}
    assert len(seen) > 2
    found = await get_deployment(world)
    assert found["metadata"]["annotations"][REVISION] == "2"
    assert condition(found, "Progressing")["reason"] == "NewReplicaSetAvailable"


async def test_a_broken_update_stops_and_can_be_undone(world: World) -> None:
    await create(world, deployment(4, surge=1, unavailable=1))
    await finish(world)
    await set_image(world, "web:broken")
    await world.settle()
    await world.advance(60)
    assert await sizes(world) == {"web:1": 3, "web:broken": 2}
    await set_image(world, "web:1")
    await finish(world)
    assert await sizes(world) == {"web:1": 4, "web:broken": 0}
    annotations = (await replica_sets(world))["web:1"]["metadata"]["annotations"]
    assert (annotations[REVISION], annotations[REVISION_HISTORY]) == ("3", "1")
    assert (await get_deployment(world))["metadata"]["annotations"][REVISION] == "3"


async def test_rollout_restart_rolls_all_pods(world: World) -> None:
    await create(world, deployment(3))
    await finish(world)
    before = {pod["metadata"]["uid"] for pod in await pods(world)}
    restarted = {"kubectl.kubernetes.io/restartedAt": rfc3339(world.clock.now())}
    await patch_deployment(world, template={"metadata": {"annotations": restarted}})
    await finish(world)
    after = await pods(world)
    assert len(after) == 3 and not before & {pod["metadata"]["uid"] for pod in after}
    assert all(pod["metadata"]["annotations"] == restarted for pod in after)


async def test_recreate_waits_for_old_pods_to_be_gone(world: World) -> None:
    await create(world, deployment(2, strategy={"type": "Recreate"}))
    await finish(world)
    old = [pod["metadata"]["name"] for pod in await pods(world)]
    for name in old:
        await world.client.patch(PODS, "default", name, {"metadata": {"finalizers": ["test/hold"]}})
    await set_image(world, "web:2")
    await world.settle()
    assert await sizes(world) == {"web:1": 0}
    await world.client.patch(PODS, "default", old[0], {"metadata": {"finalizers": None}})
    await world.settle()
    assert await sizes(world) == {"web:1": 0}
    await world.client.patch(PODS, "default", old[1], {"metadata": {"finalizers": None}})
    await finish(world)
    assert await sizes(world) == {"web:1": 0, "web:2": 2}
    assert condition(await get_deployment(world), "Progressing")["reason"] == "NewReplicaSetAvailable"


async def test_scales_without_a_new_revision(world: World) -> None:
    await create(world, deployment(2))
    await finish(world)
    await patch_deployment(world, replicas=5)
    await finish(world)
    (replica_set,) = (await replica_sets(world)).values()
    assert replica_set["spec"]["replicas"] == 5
    assert replica_set["metadata"]["annotations"][DESIRED_REPLICAS] == "5"
    assert replica_set["metadata"]["annotations"][REVISION] == "1"
    assert any(each.endswith(f"{replica_set['metadata']['name']} from 2 to 5") for each in await events(world))
    await patch_deployment(world, replicas=0)
    await finish(world)
    assert await pods(world) == []
    assert "replicas" not in (await get_deployment(world))["status"]


async def test_scales_proportionally_in_the_middle_of_a_rollout(world: World) -> None:
    await create(world, deployment(10, surge=3, unavailable=2))
    await finish(world)
    await set_image(world, "web:broken")
    await world.settle()
    assert await sizes(world) == {"web:1": 8, "web:broken": 5}
    await patch_deployment(world, replicas=15)
    await world.settle()
    assert await sizes(world) == {"web:1": 11, "web:broken": 7}


async def test_paused_rolls_nothing_out_but_scales(world: World) -> None:
    await create(world, deployment(2))
    await finish(world)
    await patch_deployment(world, paused=True)
    await set_image(world, "web:2")
    await patch_deployment(world, replicas=3)
    await finish(world)
    assert await sizes(world) == {"web:1": 3}
    found = await get_deployment(world)
    paused = condition(found, "Progressing")
    assert (paused["status"], paused["reason"], paused["message"]) == (
        "Unknown",
        "DeploymentPaused",
        "Deployment is paused",
    )
    assert found["status"]["observedGeneration"] == found["metadata"]["generation"]
    await patch_deployment(world, paused=False)
    await finish(world)
    assert await sizes(world) == {"web:1": 0, "web:2": 3}


async def test_the_progress_deadline_passes(world: World) -> None:
    await create(world, deployment(2, progressDeadlineSeconds=60))
    await world.settle()
    await world.advance(59)
    assert condition(await get_deployment(world), "Progressing")["status"] == "True"
    await world.advance(3)
    late = condition(await get_deployment(world), "Progressing")
    assert (late["status"], late["reason"]) == ("False", "ProgressDeadlineExceeded")
    assert late["message"].endswith('" has timed out progressing.')
    await finish(world)
    assert condition(await get_deployment(world), "Progressing")["reason"] == "NewReplicaSetAvailable"


async def test_progress_moves_the_deadline(world: World) -> None:
    await create(world, deployment(2, progressDeadlineSeconds=60))
    await world.settle()
    await world.advance(50)
    await make_ready(world, (await pods(world))[0]["metadata"]["name"])
    await world.advance(50)
    assert condition(await get_deployment(world), "Progressing")["status"] == "True"
    await world.advance(20)
    assert condition(await get_deployment(world), "Progressing")["status"] == "False"


async def test_without_a_deadline_there_is_no_progress(world: World) -> None:
    await create(world, deployment(1, progressDeadlineSeconds=2**31 - 1))
    await finish(world)
    assert [each["type"] for each in (await get_deployment(world))["status"]["conditions"]] == ["Available"]


async def test_keeps_as_many_revisions_as_asked_for(world: World) -> None:
    await create(world, deployment(1, revisionHistoryLimit=2))
    await finish(world)
    for number in range(2, 6):
        await set_image(world, f"web:{number}")
        await finish(world)
    assert set(await sizes(world)) == {"web:3", "web:4", "web:5"}


async def test_a_replica_failure_is_taken_over(world: World, caplog: pytest.LogCaptureFixture) -> None:
    refused = errors.forbidden(PODS.group_resource, "web-x", "exceeded quota: small")
    world.client.reaction = lambda verb, resource, obj: refused if (verb, resource) == ("create", PODS) else None
    await create(world, deployment(2))
    await world.settle()
    failure = condition(await get_deployment(world), "ReplicaFailure")
    assert (failure["status"], failure["reason"], failure["message"]) == ("True", "FailedCreate", refused.message)
    world.client.reaction = None
    await world.advance(1000)
    await finish(world)
    assert {each["type"] for each in (await get_deployment(world))["status"]["conditions"]} == {
        "Available",
        "Progressing",
    }


async def test_a_refused_replica_set_is_told(world: World, caplog: pytest.LogCaptureFixture) -> None:
    refused = errors.forbidden(REPLICA_SETS.group_resource, "web", "no")
    world.client.reaction = lambda verb, resource, obj: (
        refused if (verb, resource) == ("create", REPLICA_SETS) else None
    )
    await create(world, deployment(2))
    await world.settle()
    progressing = condition(await get_deployment(world), "Progressing")
    assert (progressing["status"], progressing["reason"]) == ("False", "ReplicaSetCreateError")
    assert progressing["message"].startswith('Failed to create new replica set "web-')
    assert progressing["message"].endswith(refused.message)


async def test_adopts_a_matching_orphan_as_its_new_replica_set(world: World) -> None:
    await create(world, deployment(2))
    await finish(world)
    (replica_set,) = (await replica_sets(world)).values()
    name = replica_set["metadata"]["name"]
    await world.client.delete(DEPLOYMENTS, "default", "web")
    await world.client.patch(REPLICA_SETS, "default", name, {"metadata": {"ownerReferences": None}})
    await world.settle()
    assert controller_of((await replica_sets(world))["web:1"]) is None
    again = await create(world, deployment(2))
    await finish(world)
    (adopted,) = (await replica_sets(world)).values()
    assert adopted["metadata"]["name"] == name
    reference = controller_of(adopted)
    assert reference is not None and reference["uid"] == again["metadata"]["uid"]
    assert len(await pods(world)) == 2


async def test_releases_a_replica_set_that_stops_matching(world: World) -> None:
    await create(world, deployment(1))
    await finish(world)
    (replica_set,) = (await replica_sets(world)).values()
    released = replica_set["metadata"]["name"]
    await world.client.patch(REPLICA_SETS, "default", released, {"metadata": {"labels": {"app": "debug"}}})
    await world.settle()
    there = await world.client.get(REPLICA_SETS, "default", released)
    assert controller_of(there) is None


async def test_a_hash_collision_is_counted_and_avoided(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await create(world, deployment(1))
    await world.settle()
    (replica_set,) = (await replica_sets(world)).values()
    await world.client.delete(DEPLOYMENTS, "default", "web")
    await world.client.delete(REPLICA_SETS, "default", replica_set["metadata"]["name"])
    squatter = {**replica_set, "metadata": {"name": replica_set["metadata"]["name"], "namespace": "default"}}
    squatter["spec"] = {**squatter["spec"], "replicas": 0}
    await world.client.create(REPLICA_SETS, squatter)
    await world.settle()
    await create(world, deployment(1))
    await finish(world)
    found = await get_deployment(world)
    assert found["status"]["collisionCount"] == 1
    assert found["status"]["availableReplicas"] == 1


async def test_rolls_back_by_the_old_annotation(world: World) -> None:
    await create(world, deployment(1))
    await finish(world)
    await set_image(world, "web:2")
    await finish(world)
    await world.client.patch(DEPLOYMENTS, "default", "web", {"metadata": {"annotations": {ROLLBACK_TO: "0"}}})
    await finish(world)
    found = await get_deployment(world)
    assert found["spec"]["template"]["spec"]["containers"][0]["image"] == "web:1"
    assert ROLLBACK_TO not in found["metadata"]["annotations"]
    assert found["spec"]["template"]["metadata"]["labels"] == LABELS
    assert 'Normal DeploymentRollback: Rolled back deployment "web" to revision 1' in await events(world)


@pytest.mark.parametrize("world", [pytest.param((0, FakeClient), id="fresh")], indirect=True)
async def test_refuses_to_select_all(world: World) -> None:
    """The server itself would refuse such a one."""
    await create(world, deployment(1, selector={}))
    await world.settle()
    assert await pods(world) == []
    assert (await get_deployment(world))["status"] == {"observedGeneration": 1}
    message = "This deployment is selecting all pods. A non-empty selector is required."
    assert f"Warning SelectingAll: {message}" in await events(world)


async def test_min_ready_seconds_reach_the_replica_set(world: World) -> None:
    await create(world, deployment(1))
    await finish(world)
    await patch_deployment(world, minReadySeconds=10)
    await world.settle()
    (replica_set,) = (await replica_sets(world)).values()
    assert replica_set["spec"]["minReadySeconds"] == 10


async def test_the_same_seed_gives_the_same_history() -> None:
    histories = []
    for _ in range(2):
        world = World(lag=2)
        world.run(DEPLOYMENT_CONTROLLER, REPLICA_SET_CONTROLLER)
        await create(world, deployment(5))
        await finish(world)
        await set_image(world, "web:2")
        await finish(world)
        histories.append([(write.type, write.key) for write in world.store.journal])
        await world.stop()
    assert histories[0] == histories[1]
