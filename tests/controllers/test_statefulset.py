"""The StatefulSet controller through the API, with fresh and with lagging informers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from minikube_py.controllers.garbagecollector import CONTROLLER as GARBAGE_COLLECTOR
from minikube_py.controllers.statefulset import CONTROLLER
from minikube_py.machinery import errors
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.meta import controller_of, name
from minikube_py.machinery.random import Random
from minikube_py.machinery.wellknown import CONTROLLER_REVISIONS, PERSISTENT_VOLUME_CLAIMS, PODS, STATEFUL_SETS
from tests.controllers.apiworld import LAGS, ApiWorld, api_world, events, run_pod
from tests.watched_client import WatchedClient

HOLD = {"metadata": {"finalizers": ["test/hold"]}}
LET_GO = {"metadata": {"finalizers": None}}
CLAIM = {
    "metadata": {"name": "data"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    async with api_world(request.param) as world:
        world.client = WatchedClient(world.client)
        yield world


@pytest.fixture(autouse=True)
async def running(world: ApiWorld) -> None:
    world.run(CONTROLLER, GARBAGE_COLLECTOR)


def watched(world: ApiWorld) -> WatchedClient:
    assert isinstance(world.client, WatchedClient)
    return world.client


def template(image: str = "web:1") -> Object:
    return {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": image}]}}


async def create(world: ApiWorld, replicas: int = 3, **spec: Any) -> Object:
    base = {
        "replicas": replicas,
        "serviceName": "web",
        "selector": {"matchLabels": {"app": "web"}},
        "template": template(),
    }
    made = {"metadata": {"name": "web", "namespace": "default"}, "spec": {**base, **spec}}
    return await world.client.create(STATEFUL_SETS, made)


async def patch(world: ApiWorld, **spec: Any) -> None:
    await world.client.patch(STATEFUL_SETS, "default", "web", {"spec": spec})


async def status(world: ApiWorld) -> Object:
    found: Object = (await world.client.get(STATEFUL_SETS, "default", "web"))["status"]
    return found


async def pods(world: ApiWorld) -> dict[str, str]:
    """Images by name."""
    items = (await world.client.list(PODS, "default")).items
    return {name(each): each["spec"]["containers"][0]["image"] for each in items}


async def revisions(world: ApiWorld) -> dict[str, int]:
    """Numbers by image."""
    items = (await world.client.list(CONTROLLER_REVISIONS, "default")).items
    return {each["data"]["spec"]["template"]["spec"]["containers"][0]["image"]: each["revision"] for each in items}


async def claims(world: ApiWorld) -> dict[str, list[str]]:
    """The kinds of owners by name."""
    items = (await world.client.list(PERSISTENT_VOLUME_CLAIMS, "default")).items
    return {name(each): [owner["kind"] for owner in each["metadata"].get("ownerReferences", ())] for each in items}


async def release_claims(world: ApiWorld) -> None:
    """Take the protection off claims that are to go, as their controller does once no pod uses them."""
    for claim in (await world.client.list(PERSISTENT_VOLUME_CLAIMS, "default")).items:
        if "deletionTimestamp" in claim["metadata"]:
            await world.client.patch(PERSISTENT_VOLUME_CLAIMS, "default", name(claim), LET_GO)


async def finish(world: ApiWorld, rounds: int = 40) -> None:
    """Make pods ready, round by round, until nothing changes any more."""
    for _ in range(rounds):
        await world.settle()
        before = world.store.revision
        await release_claims(world)
        for pod in (await world.client.list(PODS, "default")).items:
            if pod["status"]["phase"] == "Pending" and "deletionTimestamp" not in pod["metadata"]:
                await run_pod(world, name(pod))
        await world.settle()
        if world.store.revision == before:
            return
    raise AssertionError("the rollout does not end")


async def test_makes_pods_one_after_the_other(world: ApiWorld) -> None:
    made = await create(world)
    for count in range(1, 4):
        await world.settle()
        assert list(await pods(world)) == [f"web-{ordinal}" for ordinal in range(count)]
        await run_pod(world, f"web-{count - 1}")
    await world.settle()
    pod = await world.client.get(PODS, "default", "web-1")
    reference = controller_of(pod)
    assert reference is not None and reference["uid"] == made["metadata"]["uid"]
    assert (pod["spec"]["hostname"], pod["spec"]["subdomain"]) == ("web-1", "web")
    (revision,) = (await world.client.list(CONTROLLER_REVISIONS, "default")).items
    assert pod["metadata"]["labels"] == {
        "app": "web",
        "apps.kubernetes.io/pod-index": "1",
        "controller-revision-hash": name(revision),
        "statefulset.kubernetes.io/pod-name": "web-1",
    }
    assert await status(world) == {
        "observedGeneration": 1,
        "replicas": 3,
        "readyReplicas": 3,
        "availableReplicas": 3,
        "currentReplicas": 3,
        "updatedReplicas": 3,
        "currentRevision": name(revision),
        "updateRevision": name(revision),
        "collisionCount": 0,
    }


async def test_parallel_makes_and_removes_all_at_once(world: ApiWorld) -> None:
    await create(world, 5, podManagementPolicy="Parallel")
    await world.settle()
    assert len(await pods(world)) == 5
    await patch(world, replicas=1)
    await world.settle()
    assert list(await pods(world)) == ["web-0"]


async def test_tells_what_it_does(world: ApiWorld) -> None:
    await create(world, 1, volumeClaimTemplates=[CLAIM])
    await finish(world)
    await patch(world, replicas=0)
    await finish(world)
    assert await events(world) == [
        "Normal SuccessfulCreate: Create Claim data-web-0 Pod web-0 in StatefulSet web success",
        "Normal SuccessfulCreate: Create Pod web-0 in StatefulSet web successful",
        "Normal SuccessfulDelete: Delete Pod web-0 in StatefulSet web successful",
    ]


async def test_scales_down_from_the_highest_waiting_for_each(world: ApiWorld) -> None:
    await create(world, 3)
    await finish(world)
    await world.client.patch(PODS, "default", "web-2", HOLD)
    await patch(world, replicas=1)
    await world.settle()
    assert list(await pods(world)) == ["web-0", "web-1", "web-2"]
    assert (await status(world))["replicas"] == 3
    await world.client.patch(PODS, "default", "web-2", LET_GO)
    await world.settle()
    assert list(await pods(world)) == ["web-0"]
    assert (await status(world))["currentReplicas"] == 1


async def test_replaces_lost_and_failed_pods_under_their_names(world: ApiWorld) -> None:
    await create(world, 2)
    await finish(world)
    before = {name(each): each["metadata"]["uid"] for each in (await world.client.list(PODS, "default")).items}
    await world.client.delete(PODS, "default", "web-0")
    await run_pod(world, "web-1", ready=False, phase="Failed")
    await finish(world)
    after = {name(each): each["metadata"]["uid"] for each in (await world.client.list(PODS, "default")).items}
    assert after.keys() == before.keys() and not set(after.values()) & set(before.values())


async def test_ordinals_move(world: ApiWorld) -> None:
    await create(world, 2, ordinals={"start": 3})
    await finish(world)
    assert list(await pods(world)) == ["web-3", "web-4"]
    await patch(world, ordinals={"start": 4})
    await finish(world)
    assert list(await pods(world)) == ["web-4", "web-5"]


async def test_min_ready_seconds(world: ApiWorld) -> None:
    await create(world, 2, minReadySeconds=30)
    await world.settle()
    await run_pod(world, "web-0")
    await world.advance(29)
    assert list(await pods(world)) == ["web-0"]
    assert (await status(world))["availableReplicas"] == 0
    await world.advance(2)
    assert list(await pods(world)) == ["web-0", "web-1"]
    assert (await status(world))["availableReplicas"] == 1


# Updating


async def test_updates_from_the_highest_waiting_for_each(world: ApiWorld) -> None:
    await create(world, 3)
    await finish(world)
    before = (await status(world))["currentRevision"]
    await patch(world, template=template("web:2"))
    seen = []
    for _ in range(4):
        await world.settle()
        seen.append(" ".join(image[-1] for image in (await pods(world)).values()))
        found = await status(world)
        if seen[-1] != "2 2 2":
            assert found["currentRevision"] == before != found["updateRevision"]
        for pod in (await world.client.list(PODS, "default")).items:
            if pod["status"]["phase"] == "Pending":
                await run_pod(world, name(pod))
    assert seen == ["1 1 2", "1 2 2", "2 2 2", "2 2 2"]
    await world.settle()
    found = await status(world)
    assert found["currentRevision"] == found["updateRevision"] != before
    assert (found["currentReplicas"], found["updatedReplicas"]) == (3, 3)
    assert await revisions(world) == {"web:1": 1, "web:2": 2}


async def test_partition_holds_the_update_back(world: ApiWorld) -> None:
    await create(world, 3, updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": 2}})
    await finish(world)
    await patch(world, template=template("web:2"))
    await finish(world)
    assert await pods(world) == {"web-0": "web:1", "web-1": "web:1", "web-2": "web:2"}
    await world.client.delete(PODS, "default", "web-0")
    await finish(world)
    assert (await pods(world))["web-0"] == "web:1"
    found = await status(world)
    assert (found["currentReplicas"], found["updatedReplicas"]) == (2, 1)
    await patch(world, updateStrategy={"rollingUpdate": {"partition": 0}})
    await finish(world)
    assert set((await pods(world)).values()) == {"web:2"}


async def test_on_delete_waits_for_deletion(world: ApiWorld) -> None:
    await create(world, 2, updateStrategy={"type": "OnDelete"})
    await finish(world)
    await patch(world, template=template("web:2"))
    await finish(world)
    assert set((await pods(world)).values()) == {"web:1"}
    await world.client.delete(PODS, "default", "web-0")
    await finish(world)
    assert await pods(world) == {"web-0": "web:2", "web-1": "web:1"}


async def test_going_back_reuses_the_revision(world: ApiWorld) -> None:
    await create(world, 1)
    await finish(world)
    for image in ("web:2", "web:1"):
        await patch(world, template=template(image))
        await finish(world)
    assert await revisions(world) == {"web:1": 3, "web:2": 2}
    assert await pods(world) == {"web-0": "web:1"}


async def test_keeps_so_many_old_revisions(world: ApiWorld) -> None:
    await create(world, 1, revisionHistoryLimit=1)
    for number in range(2, 6):
        await finish(world)
        await patch(world, template=template(f"web:{number}"))
    await finish(world)
    await world.client.delete(PODS, "default", "web-0")  # whatever comes next, revisions are looked at again
    await finish(world)
    assert await revisions(world) == {"web:4": 4, "web:5": 5}


async def test_names_that_collide_are_counted(world: ApiWorld) -> None:
    await create(world, 1)
    await finish(world)
    (mine,) = (await world.client.list(CONTROLLER_REVISIONS, "default")).items
    await world.client.delete(STATEFUL_SETS, "default", "web")
    await world.client.delete(CONTROLLER_REVISIONS, "default", name(mine))
    stranger = {"metadata": {"name": name(mine), "namespace": "default"}, "data": {}, "revision": 1}
    await world.client.create(CONTROLLER_REVISIONS, stranger)
    await create(world, 1)
    await world.settle()
    found = await status(world)
    assert found["collisionCount"] == 1 and found["updateRevision"] != name(mine)


# Claims


async def test_claims_stay_by_default(world: ApiWorld) -> None:
    await create(world, 2, volumeClaimTemplates=[CLAIM])
    await finish(world)
    assert await claims(world) == {"data-web-0": [], "data-web-1": []}
    pod = await world.client.get(PODS, "default", "web-1")
    assert pod["spec"]["volumes"][0] == {"name": "data", "persistentVolumeClaim": {"claimName": "data-web-1"}}
    await patch(world, replicas=0)
    await finish(world)
    assert await claims(world) == {"data-web-0": [], "data-web-1": []}


def retention(scaled: str, deleted: str) -> Object:
    return {"whenScaled": scaled, "whenDeleted": deleted}


async def test_claims_go_with_scaled_away_pods(world: ApiWorld) -> None:
    policy = retention("Delete", "Retain")
    await create(world, 2, volumeClaimTemplates=[CLAIM], persistentVolumeClaimRetentionPolicy=policy)
    await finish(world)
    await patch(world, replicas=1)
    await world.settle()
    assert await claims(world) == {"data-web-0": [], "data-web-1": ["Pod"]}  # it goes, but is still protected
    await patch(world, replicas=2)
    await world.settle()
    assert list(await pods(world)) == ["web-0"]  # the pod is not to find the former one's claim
    await finish(world)
    assert list(await pods(world)) == ["web-0", "web-1"]
    assert await claims(world) == {"data-web-0": [], "data-web-1": []}
    await world.client.delete(PODS, "default", "web-1")
    await finish(world)
    assert await claims(world) == {"data-web-0": [], "data-web-1": []}


async def test_claims_go_with_the_set(world: ApiWorld) -> None:
    await create(world, 2, volumeClaimTemplates=[CLAIM])
    await finish(world)
    await patch(world, persistentVolumeClaimRetentionPolicy=retention("Retain", "Delete"))
    await finish(world)
    assert await claims(world) == {"data-web-0": ["StatefulSet"], "data-web-1": ["StatefulSet"]}
    await world.client.delete(STATEFUL_SETS, "default", "web", propagation="Background")
    await finish(world)
    assert (await claims(world), await pods(world), await revisions(world)) == ({}, {}, {})


async def test_missing_claims_of_pending_pods_are_made_again(world: ApiWorld) -> None:
    await create(world, 1, volumeClaimTemplates=[CLAIM])
    await world.settle()
    before = await world.client.get(PERSISTENT_VOLUME_CLAIMS, "default", "data-web-0")
    await world.client.delete(PERSISTENT_VOLUME_CLAIMS, "default", "data-web-0")
    await release_claims(world)
    await world.settle()
    after = await world.client.get(PERSISTENT_VOLUME_CLAIMS, "default", "data-web-0")
    assert after["metadata"]["uid"] != before["metadata"]["uid"]


async def test_a_claim_that_cannot_be_made_is_told(world: ApiWorld, caplog: pytest.LogCaptureFixture) -> None:
    refused = errors.forbidden(PERSISTENT_VOLUME_CLAIMS.group_resource, "data-web-0", "exceeded quota: small")

    def refuse(verb: str, resource: GroupVersionResource, obj: Object) -> Exception | None:
        return refused if (verb, resource) == ("create", PERSISTENT_VOLUME_CLAIMS) else None

    watched(world).reaction = refuse
    await create(world, 1, volumeClaimTemplates=[CLAIM])
    await world.settle(retries=False)
    assert await pods(world) == {}
    found = await events(world)
    assert found[:2] == [
        "Warning FailedCreate: Create Claim data-web-0 for Pod web-0 in StatefulSet web failed error: "
        f"{refused.message}",
        "Warning FailedCreate: Create Pod web-0 in StatefulSet web failed error: failed to create PVC data-web-0: "
        f"{refused.message}",
    ]
    watched(world).reaction = None
    await world.settle()
    assert list(await pods(world)) == ["web-0"]


# Belonging


async def test_adopts_only_pods_of_its_names(world: ApiWorld) -> None:
    for pod_name in ("web-0", "web-x", "other-1"):
        metadata = {"name": pod_name, "namespace": "default", "labels": {"app": "web"}}
        await world.client.create(PODS, {"metadata": metadata, "spec": template()["spec"]})
    await create(world, 1)
    await finish(world)
    owners = {
        name(each): (controller_of(each) or {}).get("name") for each in (await world.client.list(PODS, "default")).items
    }
    assert owners == {"web-0": "web", "web-x": None, "other-1": None}
    pod = await world.client.get(PODS, "default", "web-0")
    assert pod["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] == "web-0"
    assert "Normal SuccessfulUpdate: Update Pod web-0 in StatefulSet web successful" in await events(world)


async def test_releases_pods_that_match_no_more(world: ApiWorld) -> None:
    await create(world, 1)
    await finish(world)
    await world.client.patch(PODS, "default", "web-0", {"metadata": {"labels": {"app": "debug"}}})
    await world.settle(retries=False)
    assert controller_of(await world.client.get(PODS, "default", "web-0")) is None


async def test_takes_over_what_a_former_set_left(world: ApiWorld) -> None:
    """kubectl delete --cascade=orphan, then the same set again: the same pods, revisions and claims."""
    await create(world, 2, volumeClaimTemplates=[CLAIM])
    await finish(world)
    before = {name(each): each["metadata"]["uid"] for each in (await world.client.list(PODS, "default")).items}
    await world.client.delete(STATEFUL_SETS, "default", "web", propagation="Orphan")
    await finish(world)
    assert list(await pods(world)) == ["web-0", "web-1"]
    again = await create(world, 2, volumeClaimTemplates=[CLAIM])
    await finish(world)
    found = (await world.client.list(PODS, "default")).items
    assert {name(each): each["metadata"]["uid"] for each in found} == before
    owned = [*found, *(await world.client.list(CONTROLLER_REVISIONS, "default")).items]
    assert {(controller_of(each) or {}).get("uid") for each in owned} == {again["metadata"]["uid"]}
    assert await revisions(world) == {"web:1": 1}
    assert (await status(world))["updatedReplicas"] == 2


async def test_a_set_being_deleted_makes_nothing(world: ApiWorld) -> None:
    await create(world, 2)
    await finish(world)
    await world.client.patch(STATEFUL_SETS, "default", "web", HOLD)
    await world.client.delete(STATEFUL_SETS, "default", "web")
    await world.settle()
    await world.client.delete(PODS, "default", "web-1")
    await finish(world)
    assert list(await pods(world)) == ["web-0"]
    assert (await status(world))["replicas"] == 1


# Stale caches


@pytest.mark.parametrize("policy", ["OrderedReady", "Parallel"])
async def test_nothing_is_done_twice(world: ApiWorld, policy: str) -> None:
    """Asked again and again before its caches show what it did, the controller waits."""
    assert world.manager is not None
    controller = world.manager.controller("statefulset-controller")
    assert controller is not None
    await create(world, 3, podManagementPolicy=policy, volumeClaimTemplates=[CLAIM])
    for turn in range(60):
        controller.enqueue(NamespacedName("default", "web"))
        await next_turn()
        if turn == 30:
            await patch(world, replicas=0)
    await world.settle()
    writes = [call for call in watched(world).calls if call[:2] in (("create", "pods"), ("delete", "pods"))]
    assert len(writes) == len(set(writes))
    assert await pods(world) == {}


@pytest.mark.parametrize("seed", range(6))
async def test_converges(world: ApiWorld, seed: int, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever happens meanwhile, the set ends up as asked for."""
    random = Random(seed)
    over = False

    def conflict(verb: str, resource: GroupVersionResource, obj: Object) -> Exception | None:
        if over or verb != "update" or random.below(8):
            return None
        return errors.conflict(resource.group_resource, obj["metadata"]["name"])

    watched(world).reaction = conflict
    await create(world, 3, podManagementPolicy=("OrderedReady", "Parallel")[seed % 2], volumeClaimTemplates=[CLAIM])
    replicas, image = 3, "web:1"
    for _ in range(60):
        choice = random.below(5)
        if choice == 0:
            replicas = random.below(6)
            await patch(world, replicas=replicas)
        elif choice == 1:
            image = f"web:{random.below(3)}"
            await patch(world, template=template(image))
        elif found := list(await pods(world)):
            pod_name = found[random.below(len(found))]
            if choice == 2:
                await world.client.delete(PODS, "default", pod_name)
            else:
                fails = random.below(8) == 0
                await run_pod(world, pod_name, ready=not fails, phase="Failed" if fails else "Running")
        for _ in range(random.below(12)):
            await next_turn()
    over = True
    await world.advance(30)
    await finish(world)
    assert await pods(world) == {f"web-{ordinal}": image for ordinal in range(replicas)}
    found_status = await status(world)
    assert found_status["updatedReplicas" if replicas else "replicas"] == replicas
    assert found_status["currentRevision"] == found_status["updateRevision"]
