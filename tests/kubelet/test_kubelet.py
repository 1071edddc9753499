"""What kubelets do, seen through a client."""

from __future__ import annotations

from typing import Any

from minikube_py.controllers.kubelet import Behaviour, kubelet_descriptor
from minikube_py.controllers.kubelet.kubelet import Kubelets
from minikube_py.controllers.kubelet.nodes import numbered
from minikube_py.controllers.scheduler import SCHEDULER
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import LEASES, NODES, PODS
from tests.kubelet.lives import behaving
from tests.scheduler.pods import PodWorld, pod


def run(world: PodWorld, nodes: int = 1, **by_container: Behaviour) -> None:
    world.run(kubelet_descriptor(nodes, "1.36", behaving(**by_container)), SCHEDULER)


def writes(world: PodWorld) -> list[tuple[str, str, str]]:
    return [call for call in world.client.calls if call[1].startswith("pods")]


async def exists(world: PodWorld, name: str = "a") -> bool:
    try:
        await world.get(name)
    except StatusError:
        return False
    return True


async def test_nodes_register(world: PodWorld) -> None:
    run(world, 2)
    await world.settle()
    first, second = (await world.client.list(NODES)).items
    assert (first["metadata"]["name"], second["spec"]["podCIDR"]) == ("node-1", "10.244.1.0/24")
    assert first["status"]["addresses"] == [
        {"type": "InternalIP", "address": "172.18.0.2"},
        {"type": "Hostname", "address": "node-1"},
    ]
    ready = next(each for each in first["status"]["conditions"] if each["type"] == "Ready")
    assert (ready["status"], ready["reason"]) == ("True", "KubeletReady")
    lease = await world.client.get(LEASES, "kube-node-lease", "node-1")
    assert lease["spec"]["holderIdentity"] == "node-1"
    assert lease["metadata"]["ownerReferences"][0]["uid"] == first["metadata"]["uid"]
    assert await world.events("Node") == [
        "node-1 Starting: Starting kubelet.",
        "node-1 NodeReady: Node node-1 status is now: NodeReady",
        "node-2 Starting: Starting kubelet.",
        "node-2 NodeReady: Node node-2 status is now: NodeReady",
    ]


async def test_leases_are_renewed_and_heartbeats_reported(world: PodWorld) -> None:
    run(world)
    await world.settle()
    await world.advance(25)
    lease = await world.client.get(LEASES, "kube-node-lease", "node-1")
    assert lease["spec"]["renewTime"] == "2026-01-01T00:00:20.000000Z"
    await world.advance(290)
    [node] = (await world.client.list(NODES)).items
    ready = next(each for each in node["status"]["conditions"] if each["type"] == "Ready")
    assert ready["lastHeartbeatTime"] == "2026-01-01T00:05:00Z"
    assert ready["lastTransitionTime"] == "2026-01-01T00:00:00Z"


async def test_a_lost_lease_is_made_anew(world: PodWorld) -> None:
    run(world)
    await world.settle()
    await world.client.delete(LEASES, "kube-node-lease", "node-1")
    await world.advance(21)
    lease = await world.client.get(LEASES, "kube-node-lease", "node-1")
    assert lease["spec"]["renewTime"].startswith("2026-01-01T00:00:20")


async def test_a_deleted_node_stays_away_and_another_of_its_name_is_taken_on(world: PodWorld) -> None:
    run(world)
    await world.settle()
    await world.client.delete(NODES, "", "node-1")
    await world.client.delete(LEASES, "kube-node-lease", "node-1")
    await world.advance(60)
    assert not (await world.client.list(NODES)).items and not (await world.client.list(LEASES)).items
    await world.client.create(NODES, {"metadata": {"name": "node-1"}})
    await world.advance(20)
    [node] = (await world.client.list(NODES)).items
    [lease] = (await world.client.list(LEASES)).items
    assert node["status"]["capacity"]["cpu"] == "32"
    assert lease["metadata"]["ownerReferences"][0]["uid"] == node["metadata"]["uid"]


async def test_a_node_that_is_there_already_is_taken_over(world: PodWorld) -> None:
    await world.client.create(NODES, {"metadata": {"name": "node-1", "labels": {"mine": "yes"}}})
    run(world)
    await world.settle()
    [node] = (await world.client.list(NODES)).items
    assert node["metadata"]["labels"].items() >= {"mine": "yes", "kubernetes.io/hostname": "node-1"}.items()
    assert node["status"]["nodeInfo"]["kubeletVersion"] == "v1.36.0"


async def test_a_pod_is_ready_after_one_write_of_its_status(world: PodWorld) -> None:
    run(world)
    await world.settle()
    world.client.calls.clear()
    await world.create(pod())
    await world.settle()
    assert (await world.get())["status"]["phase"] == "Running"
    assert writes(world) == [("create", "pods", "a"), ("create", "pods/binding", "a"), ("patch", "pods/status", "a")]
    assert (await world.events())[-1] == "a Started: Container started"


async def test_why(world: PodWorld) -> None:
    run(world)
    await world.settle()
    await world.create(pod())
    await world.settle()
    revision = int((await world.get())["metadata"]["resourceVersion"])
    [kubelet] = [work for work in world.ring.recent if revision in work.writes]
    [scheduler] = [work for work in world.ring.recent if kubelet.triggers[0] in work.writes]
    assert (kubelet.actor, kubelet.subject) == ("kubelet node-1", "Pod default/a")
    assert scheduler.actor == "default-scheduler"


async def test_deletion_is_graceful(world: PodWorld) -> None:
    run(world, web=Behaviour(stop=5))
    await world.settle()
    await world.create(pod())
    await world.settle()
    await world.client.delete(PODS, "default", "a")
    await world.advance(4)
    assert (await world.get())["status"]["phase"] == "Running"
    assert "a Killing: Stopping container web" in await world.events()
    await world.advance(1)
    assert not await exists(world)


async def test_finalizers_keep_a_stopped_pod(world: PodWorld) -> None:
    run(world)
    await world.settle()
    await world.create(pod(metadata={"finalizers": ["example.com/hold"]}))
    await world.settle()
    await world.client.delete(PODS, "default", "a")
    await world.settle()
    assert (await world.get())["status"]["phase"] == "Succeeded"
    await world.client.patch(PODS, "default", "a", {"metadata": {"finalizers": None}})
    await world.settle()
    assert not await exists(world)


async def test_forced_deletion_stops_too(world: PodWorld) -> None:
    run(world)
    await world.settle()
    await world.create(pod())
    await world.settle()
    await world.client.delete(PODS, "default", "a", grace_period=0)
    await world.settle()
    assert not await exists(world)
    assert (await world.events())[-1] == "a Killing: Stopping container web"


async def test_addresses_are_free_again_once_pods_are_gone(world: PodWorld) -> None:
    run(world)
    await world.settle()
    await world.create(pod())
    await world.settle()
    assert (await world.get())["status"]["podIP"] == "10.244.0.2"
    await world.client.delete(PODS, "default", "a")
    await world.settle()
    await world.create(*(pod(f"p{number}") for number in range(240)))
    await world.settle()
    await world.create(*(pod(f"q{number}") for number in range(10)))
    await world.settle()
    addresses = {each["status"].get("podIP") for each in (await world.client.list(PODS)).items}
    assert len(addresses) == 250


async def test_a_namesake_is_a_pod_of_its_own(world: PodWorld) -> None:
    run(world)
    await world.settle()
    await world.create(pod())
    await world.settle()
    [first] = (await world.get())["status"]["containerStatuses"]
    await world.client.delete(PODS, "default", "a", grace_period=0)
    await world.create(pod())
    await world.settle()
    [second] = (await world.get())["status"]["containerStatuses"]
    assert second["ready"] and first["containerID"] != second["containerID"]


async def test_others_changes_to_a_pod_are_taken_in(world: PodWorld) -> None:
    run(world, web=Behaviour(start=5))
    await world.settle()
    await world.create(pod(readinessGates=[{"conditionType": "example.com/up"}]))
    await world.settle()
    await world.client.patch(PODS, "default", "a", {"metadata": {"labels": {"new": "label"}}})
    gate = {"type": "example.com/up", "status": "True"}
    old = (await world.get())["status"]["conditions"]
    await world.client.patch(PODS, "default", "a", {"status": {"conditions": [*old, gate]}}, subresource="status")
    await world.advance(5)
    found = await world.get()
    ready = {each["type"]: each["status"] for each in found["status"]["conditions"]}
    assert ready["Ready"] == ready["example.com/up"] == "True"
    assert found["metadata"]["labels"] == {"new": "label"}


async def test_crashing_goes_on_by_the_clock(world: PodWorld) -> None:
    run(world, web=Behaviour(run=1, exit_code=1))
    await world.settle()
    await world.create(pod())
    await world.advance(60)
    [status] = (await world.get())["status"]["containerStatuses"]
    # 1 s; 1 s, 10 s; 1 s, 20 s; 1 s, 40 s: waits for its fourth restart
    assert (status["restartCount"], status["state"]["waiting"]["reason"]) == (3, "CrashLoopBackOff")


async def test_a_settled_pod_costs_nothing(world: PodWorld) -> None:
    run(world)
    await world.settle()
    await world.create(pod())
    await world.settle()
    world.client.calls.clear()
    await world.advance(3600)
    assert writes(world) == []


def snapshot(pods: list[Object]) -> list[Any]:
    return [(each["metadata"]["name"], each["spec"]["nodeName"], each["status"]) for each in pods]


async def test_the_same_seed_gives_the_same_history() -> None:
    found = []
    for _ in range(2):
        world = PodWorld()
        await world.begin()
        run(world, 3)
        await world.settle()
        await world.create(*(pod(f"p{number}") for number in range(7)))
        await world.settle()
        found.append(snapshot(list((await world.client.list(PODS)).items)))
        await world.stop()
    assert found[0] == found[1]


async def test_a_restored_world_lives_on(world: PodWorld) -> None:
    run(world)
    await world.settle()
    await world.create(pod("unbound", schedulingGates=[{"name": "example.com/wait"}]), pod("running"))
    await world.settle()
    before = world.store.snapshot()
    await world.client.patch(PODS, "default", "unbound", {"spec": {"schedulingGates": None}})
    await world.client.delete(PODS, "default", "running")
    await world.create(pod("later"))
    await world.settle()
    await world.client.delete(PODS, "default", "unbound")
    await world.create(pod("running"))
    await world.settle()
    world.store.restore(before)
    await world.settle()
    assert await world.placed() == {"unbound": "", "running": "node-1"}
    await world.client.patch(PODS, "default", "unbound", {"spec": {"schedulingGates": None}})
    await world.create(pod("new"))
    await world.advance(30)
    pods = (await world.client.list(PODS)).items
    assert [each["status"]["phase"] for each in pods] == ["Running"] * 3
    assert len({each["status"]["podIP"] for each in pods}) == 3
    lease = await world.client.get(LEASES, "kube-node-lease", "node-1")
    assert lease["spec"]["renewTime"] == "2026-01-01T00:00:30.000000Z"


async def test_nodes_can_be_added_at_any_time(world: PodWorld) -> None:
    run(world, 0)
    await world.settle()
    await world.create(pod("a", nodeName="node-7"), pod("b"))
    await world.settle()
    assert world.manager is not None
    [kubelets] = [each for each in world.manager.runnables if isinstance(each, Kubelets)]
    kubelets.add_node(numbered(7, "1.36"))
    await world.advance(10)
    pods = (await world.client.list(PODS)).items
    assert [each["status"].get("podIP") for each in pods] == ["10.244.6.2", "10.244.6.3"]
    lease = await world.client.get(LEASES, "kube-node-lease", "node-7")
    assert lease["spec"]["renewTime"] == "2026-01-01T00:00:10.000000Z"
