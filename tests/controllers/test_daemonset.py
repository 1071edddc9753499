"""The DaemonSet controller through the API, with fresh and with lagging informers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from minikube_py.controllers.daemonset import CONTROLLER
from minikube_py.controllers.daemonset.podtemplate import target_node
from minikube_py.machinery import errors
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.meta import controller_of, is_deleting, name
from minikube_py.machinery.random import Random
from minikube_py.machinery.wellknown import CONTROLLER_REVISIONS, DAEMON_SETS, NODES, PODS
from tests.controllers.apiworld import LAGS, ApiWorld, add_node, api_world, events, run_pod
from tests.watched_client import WatchedClient

HASH = "controller-revision-hash"


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    """With three nodes."""
    async with api_world(request.param) as world:
        world.client = WatchedClient(world.client)
        for each in "abc":
            await join(world, each)
        yield world


async def join(world: ApiWorld, node: str) -> None:
    """A node that is ready, and so has lost its first taint."""
    await add_node(world, node)
    await taint(world, node, None)


@pytest.fixture(autouse=True)
async def running(world: ApiWorld) -> None:
    world.run(CONTROLLER)


def watched(world: ApiWorld) -> WatchedClient:
    assert isinstance(world.client, WatchedClient)
    return world.client


def template(image: str = "d:1", **pod_spec: Any) -> Object:
    container = {"name": "d", "image": image}
    return {"metadata": {"labels": {"app": "d"}}, "spec": {"containers": [container], **pod_spec}}


async def create(world: ApiWorld, **spec: Any) -> Object:
    base = {"selector": {"matchLabels": {"app": "d"}}, "template": template()}
    made = {"metadata": {"name": "d", "namespace": "default"}, "spec": {**base, **spec}}
    return await world.client.create(DAEMON_SETS, made)


def rolling(unavailable: int | str = 0, surge: int | str = 0) -> Object:
    limits = {"maxUnavailable": unavailable, "maxSurge": surge}
    return {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": limits}}


async def patch(world: ApiWorld, **spec: Any) -> None:
    await world.client.patch(DAEMON_SETS, "default", "d", {"spec": spec})


async def set_image(world: ApiWorld, image: str) -> None:
    await patch(world, template={"spec": {"containers": [{"name": "d", "image": image}]}})


async def taint(world: ApiWorld, node: str, effect: str | None) -> None:
    taints = [{"key": "mine", "effect": effect}] if effect else None
    await world.client.patch(NODES, "", node, {"spec": {"taints": taints}})


async def status(world: ApiWorld) -> Object:
    found: Object = (await world.client.get(DAEMON_SETS, "default", "d"))["status"]
    return found


async def numbers(world: ApiWorld) -> tuple[int, ...]:
    """Desired, current, misscheduled, updated, available."""
    found = await status(world)
    fields = ("desired", "current"), ("NumberScheduled",) * 2
    names = [*map("".join, zip(*fields, strict=True)), "numberMisscheduled", "updatedNumberScheduled"]
    return tuple(found.get(each, 0) for each in (*names, "numberAvailable"))


async def pods(world: ApiWorld) -> list[Object]:
    return list((await world.client.list(PODS, "default")).items)


async def placed(world: ApiWorld) -> list[str]:
    """The pods' nodes and images: "a d:1"."""
    return sorted(f"{target_node(each)} {each['spec']['containers'][0]['image']}" for each in await pods(world))


async def start(world: ApiWorld, *nodes: str, ready: bool = True) -> None:
    """Bind the pods that wait for these nodes (all without any), and let them run, as scheduler and kubelets do."""
    for pod in await pods(world):
        node = target_node(pod)
        if pod["status"]["phase"] != "Pending" or is_deleting(pod) or (nodes and node not in nodes):
            continue
        if not pod["spec"].get("nodeName"):
            target = {"apiVersion": "v1", "kind": "Node", "name": node}
            binding = {"metadata": {"name": name(pod), "namespace": "default"}, "target": target}
            await world.client.create(PODS, binding, namespace="default", name=name(pod), subresource="binding")
        await run_pod(world, name(pod), ready=ready)


async def stop(world: ApiWorld) -> None:
    """Let pods that are being deleted be gone, as kubelets do."""
    for pod in await pods(world):
        if is_deleting(pod):
            await world.client.delete(PODS, "default", name(pod), grace_period=0)


async def finish(world: ApiWorld, rounds: int = 60) -> None:
    for _ in range(rounds):
        await world.settle()
        before = world.store.revision
        await stop(world)
        await start(world)
        await world.settle()
        if world.store.revision == before:
            return
    raise AssertionError("the rollout does not end")


async def test_makes_a_pod_for_each_node(world: ApiWorld) -> None:
    made = await create(world)
    await world.settle()
    assert await placed(world) == ["a d:1", "b d:1", "c d:1"]
    (revision,) = (await world.client.list(CONTROLLER_REVISIONS, "default")).items
    pod = (await pods(world))[0]
    reference = controller_of(pod)
    assert reference is not None and reference["uid"] == made["metadata"]["uid"]
    assert pod["metadata"]["labels"] == {
        "app": "d",
        HASH: revision["metadata"]["labels"][HASH],
        "pod-template-generation": "1",
    }
    assert name(revision) == f"d-{revision['metadata']['labels'][HASH]}" and revision["revision"] == 1
    assert list(revision["data"]["spec"]["template"]) == ["$patch", "metadata", "spec"], "as Go writes a map"
    assert await status(world) == {
        "currentNumberScheduled": 3,
        "desiredNumberScheduled": 3,
        "numberMisscheduled": 0,
        "numberReady": 0,
        "numberUnavailable": 3,
        "observedGeneration": 1,
        "updatedNumberScheduled": 3,
    }
    await finish(world)
    assert await numbers(world) == (3, 3, 0, 3, 3)


async def test_tells_what_it_does(world: ApiWorld) -> None:
    await create(world, template=template(nodeName="b"))
    await world.settle()
    (pod,) = await pods(world)
    await taint(world, "b", "NoExecute")
    await world.settle()
    assert await events(world) == [
        f"Normal SuccessfulCreate: Created pod: {name(pod)}",
        f"Normal SuccessfulDelete: Deleted pod: {name(pod)}",
    ]


async def test_follows_nodes_that_come_and_go(world: ApiWorld) -> None:
    await create(world)
    await finish(world)
    await join(world, "d")
    await finish(world)
    assert await placed(world) == ["a d:1", "b d:1", "c d:1", "d d:1"]
    await world.client.delete(NODES, "", "a")
    await world.settle()
    assert await numbers(world) == (3, 3, 0, 3, 3)
    assert len(await pods(world)) == 4  # a running one is the pod garbage collector's


async def test_pods_that_wait_for_a_node_that_is_gone_are_deleted(world: ApiWorld) -> None:
    await create(world)
    await world.settle()
    await world.client.delete(NODES, "", "a")
    await world.settle()
    assert await placed(world) == ["b d:1", "c d:1"]


async def test_follows_labels(world: ApiWorld) -> None:
    await create(world, template=template(nodeSelector={"disk": "ssd"}))
    await world.settle()
    assert (await placed(world), await numbers(world)) == ([], (0, 0, 0, 0, 0))
    await world.client.patch(NODES, "", "b", {"metadata": {"labels": {"disk": "ssd"}}})
    await finish(world)
    assert await placed(world) == ["b d:1"]
    await world.client.patch(NODES, "", "b", {"metadata": {"labels": {"disk": "hdd"}}})
    await finish(world)
    assert await placed(world) == []


async def test_follows_taints(world: ApiWorld) -> None:
    await taint(world, "a", "NoSchedule")
    await world.settle()
    await create(world)
    await finish(world)
    assert await placed(world) == ["b d:1", "c d:1"]
    await taint(world, "b", "NoSchedule")
    await finish(world)
    assert await placed(world) == ["b d:1", "c d:1"]
    assert await numbers(world) == (1, 1, 1, 1, 1)
    await taint(world, "b", "NoExecute")
    await finish(world)
    assert await placed(world) == ["c d:1"]
    for each in "ab":
        await taint(world, each, None)
    await finish(world)
    assert await placed(world) == ["a d:1", "b d:1", "c d:1"]
    assert await numbers(world) == (3, 3, 0, 3, 3)


async def test_heartbeats_are_nothing_to_it(world: ApiWorld) -> None:
    await create(world)
    await finish(world)
    before = len(world.ring.recent)
    condition = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": ""}
    await world.client.patch(NODES, "", "a", {"status": {"conditions": [condition]}}, subresource="status")
    await world.settle()
    assert len(world.ring.recent) == before


async def test_replaces_failed_pods_after_a_while(world: ApiWorld) -> None:
    await create(world, template=template(nodeName="a"))
    told = []
    for _ in range(2):
        await world.settle()
        (pod,) = await pods(world)
        what = f"Found failed daemon pod default/{name(pod)} on node a, will try to kill it"
        told.append(f"Warning FailedDaemonPod: {what}")
        await run_pod(world, name(pod), ready=False, phase="Failed")
        await world.settle(retries=False)
        if len(told) == 2:
            assert await pods(world)  # the second is left for a second
            await world.advance(1.5)
        await stop(world)
        await world.settle()
    assert [each for each in await events(world) if "FailedDaemonPod" in each] == told
    (again,) = await pods(world)
    assert again["status"]["phase"] == "Pending"


async def test_min_ready_seconds(world: ApiWorld) -> None:
    await create(world, minReadySeconds=30)
    await world.settle()
    await start(world)
    await world.advance(29)
    found = await status(world)
    assert (found["numberReady"], found.get("numberAvailable", 0)) == (3, 0)
    await world.advance(2)
    assert (await status(world))["numberAvailable"] == 3


async def test_a_set_that_selects_all_is_told_so(world: ApiWorld) -> None:
    with pytest.raises(errors.StatusError, match="empty selector is invalid"):
        await create(world, selector={})


async def test_a_set_being_deleted_does_nothing(world: ApiWorld) -> None:
    await create(world)
    await finish(world)
    await world.client.patch(DAEMON_SETS, "default", "d", {"metadata": {"finalizers": ["test/hold"]}})
    await world.client.delete(DAEMON_SETS, "default", "d")
    await world.settle()
    await world.client.delete(PODS, "default", name((await pods(world))[0]))
    await stop(world)
    await world.settle()
    assert len(await pods(world)) == 2


async def test_adopts_and_releases(world: ApiWorld) -> None:
    metadata = {"name": "orphan", "namespace": "default", "labels": {"app": "d"}}
    await world.client.create(PODS, {"metadata": metadata, "spec": template(nodeName="a")["spec"]})
    await create(world, updateStrategy={"type": "OnDelete"})
    await finish(world)
    assert len(await pods(world)) == 3
    reference = controller_of(await world.client.get(PODS, "default", "orphan"))
    assert reference is not None and reference["kind"] == "DaemonSet"
    await world.client.patch(PODS, "default", "orphan", {"metadata": {"labels": {"app": "debug"}}})
    await finish(world)
    assert len(await pods(world)) == 4
    assert controller_of(await world.client.get(PODS, "default", "orphan")) is None


# Updating


async def test_updates_within_max_unavailable(world: ApiWorld) -> None:
    await create(world, **rolling(unavailable=2))
    await finish(world)
    await set_image(world, "d:2")
    await world.settle()
    assert sum(map(is_deleting, await pods(world))) == 2
    await stop(world)
    await world.settle()
    assert sorted(each[-1] for each in await placed(world)) == ["1", "2", "2"]
    await finish(world)
    assert await placed(world) == ["a d:2", "b d:2", "c d:2"]
    assert await numbers(world) == (3, 3, 0, 3, 3)


async def test_updates_with_surge(world: ApiWorld) -> None:
    await create(world, **rolling(surge=1))
    await finish(world)
    await set_image(world, "d:2")
    await world.settle()
    assert len(await pods(world)) == 4 and not any(map(is_deleting, await pods(world)))
    await start(world, ready=False)
    await world.settle()
    assert len(await pods(world)) == 4
    for pod in await pods(world):
        await run_pod(world, name(pod))
    await finish(world)
    assert await placed(world) == ["a d:2", "b d:2", "c d:2"]


async def test_a_broken_update_stops_and_can_be_undone(world: ApiWorld) -> None:
    await create(world, **rolling(unavailable=1))
    await finish(world)
    first = (await pods(world))[0]["metadata"]["labels"][HASH]
    await set_image(world, "d:broken")
    for _ in range(4):
        await world.settle()
        await stop(world)
        await start(world, ready=False)
    assert sorted(each[2:] for each in await placed(world)) == ["d:1", "d:1", "d:broken"]
    await set_image(world, "d:1")
    await finish(world)
    assert sorted(each[2:] for each in await placed(world)) == ["d:1"] * 3
    assert {each["metadata"]["labels"][HASH] for each in await pods(world)} == {first}
    found = (await world.client.list(CONTROLLER_REVISIONS, "default")).items
    numbers = {each["metadata"]["labels"][HASH] == first: each["revision"] for each in found}
    assert numbers == {True: 3, False: 2}


async def test_on_delete_waits_for_deletion(world: ApiWorld) -> None:
    await create(world, updateStrategy={"type": "OnDelete"})
    await finish(world)
    await set_image(world, "d:2")
    await finish(world)
    assert await placed(world) == ["a d:1", "b d:1", "c d:1"]
    assert await numbers(world) == (3, 3, 0, 0, 3)
    (doomed,) = [each for each in await pods(world) if target_node(each) == "b"]
    await world.client.delete(PODS, "default", name(doomed))
    await finish(world)
    assert await placed(world) == ["a d:1", "b d:2", "c d:1"]


async def test_keeps_so_many_old_revisions(world: ApiWorld) -> None:
    await create(world, revisionHistoryLimit=1)
    for number in range(2, 6):
        await finish(world)
        await set_image(world, f"d:{number}")
    await finish(world)
    found = (await world.client.list(CONTROLLER_REVISIONS, "default")).items
    assert sorted(each["revision"] for each in found) == [4, 5]


async def test_equal_revisions_become_one(world: ApiWorld) -> None:
    await create(world)
    await finish(world)
    (revision,) = (await world.client.list(CONTROLLER_REVISIONS, "default")).items
    metadata = {key: revision["metadata"][key] for key in ("namespace", "ownerReferences")}
    labels = {"app": "d", HASH: "twin"}
    twin = {**revision, "metadata": {**metadata, "name": "d-twin", "labels": labels}, "revision": 2}
    await world.client.create(CONTROLLER_REVISIONS, twin)
    await world.settle()
    assert len((await world.client.list(CONTROLLER_REVISIONS, "default")).items) == 2, "a new one is no news"
    await world.client.patch(CONTROLLER_REVISIONS, "default", "d-twin", {"metadata": {"annotations": {"a": "b"}}})
    await finish(world)
    (kept,) = (await world.client.list(CONTROLLER_REVISIONS, "default")).items
    assert name(kept) == "d-twin"
    assert {each["metadata"]["labels"][HASH] for each in await pods(world)} == {"twin"}


async def test_names_that_collide_are_counted(world: ApiWorld, caplog: pytest.LogCaptureFixture) -> None:
    await create(world)
    await finish(world)
    (mine,) = (await world.client.list(CONTROLLER_REVISIONS, "default")).items
    await world.client.delete(DAEMON_SETS, "default", "d")
    await world.client.delete(CONTROLLER_REVISIONS, "default", name(mine))
    stranger = {"metadata": {"name": name(mine), "namespace": "default"}, "data": {}, "revision": 1}
    await world.client.create(CONTROLLER_REVISIONS, stranger)
    await create(world)
    await finish(world)
    assert (await status(world))["collisionCount"] == 1
    assert len((await world.client.list(CONTROLLER_REVISIONS, "default")).items) == 2


# Stale caches and trouble


async def test_nothing_is_done_twice(world: ApiWorld) -> None:
    """Asked again and again before its caches show what it did, the controller waits."""
    assert world.manager is not None
    controller = world.manager.controller("daemonset-controller")
    assert controller is not None
    await create(world)
    for turn in range(60):
        controller.enqueue(NamespacedName("default", "d"))
        await next_turn()
        if turn == 30:
            for each in "abc":
                await taint(world, each, "NoExecute")
    await world.settle()
    assert await pods(world) == []
    writes = [call for call in watched(world).calls if call[:2] in (("create", "pods"), ("delete", "pods"))]
    assert sorted(verb for verb, _, _ in writes) == ["create"] * 3 + ["delete"] * 3


async def test_a_failing_creation_is_tried_little(world: ApiWorld, caplog: pytest.LogCaptureFixture) -> None:
    refused = errors.forbidden(PODS.group_resource, "d-x", "exceeded quota: small")
    watched(world).reaction = lambda verb, resource, obj: refused if (verb, resource) == ("create", PODS) else None
    await create(world)
    await world.settle(retries=False)
    tries = sum(call[:2] == ("create", "pods") for call in watched(world).calls)
    assert 1 <= tries <= 3 and await pods(world) == []
    assert await numbers(world) == (3, 0, 0, 0, 0)
    watched(world).reaction = None
    await finish(world)
    assert await numbers(world) == (3, 3, 0, 3, 3)


@pytest.mark.parametrize("seed", range(6))
async def test_converges(world: ApiWorld, seed: int, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever happens meanwhile, each node ends up with its pod."""
    random = Random(seed)
    over = False

    def conflict(verb: str, resource: GroupVersionResource, obj: Object) -> Exception | None:
        if over or verb != "update" or random.below(8):
            return None
        return errors.conflict(resource.group_resource, obj["metadata"]["name"])

    watched(world).reaction = conflict
    await create(world, **(rolling(surge=1) if seed % 2 else rolling(unavailable=1)))
    image, tainted = "d:1", dict.fromkeys("abc", False)
    for _ in range(60):
        choice = random.below(6)
        if choice == 0:
            image = f"d:{random.below(3)}"
            await set_image(world, image)
        elif choice == 1:
            node = "abc"[random.below(3)]
            tainted[node] = not tainted[node]
            await taint(world, node, "NoExecute" if tainted[node] else None)
        elif choice == 2 and (found := await pods(world)):
            await world.client.delete(PODS, "default", name(found[random.below(len(found))]))
        elif choice == 3:
            await stop(world)
        elif choice == 4:
            await start(world, "abc"[random.below(3)])
        elif found := [each for each in await pods(world) if each["status"]["phase"] == "Running"]:
            await run_pod(world, name(found[random.below(len(found))]), ready=False, phase="Failed")
        for _ in range(random.below(12)):
            await next_turn()
    over = True
    for _ in range(4):
        await finish(world)
        await world.advance(1000)  # longer than any failed pod is left
    await finish(world)
    free = [node for node in "abc" if not tainted[node]]
    assert await placed(world) == [f"{node} {image}" for node in free]
    assert await numbers(world) == (len(free), len(free), 0, len(free), len(free))
