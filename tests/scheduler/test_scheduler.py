"""What the scheduler does, seen through a client."""

from __future__ import annotations

from collections import Counter

from minikube_py.machinery import errors
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.wellknown import NODES, PODS
from tests.scheduler.pods import PodWorld, condition, node, pod


async def test_pods_are_bound_and_told_of(world: PodWorld) -> None:
    await world.nodes(node("node-1"))
    await world.create(pod("a"))
    await world.settle()
    assert await world.placed() == {"a": "node-1"}
    assert await world.events() == ["a Scheduled: Successfully assigned default/a to node-1"]
    [work] = [each for each in world.ring.recent if each.writes]
    created = next(int(each.object["metadata"]["resourceVersion"]) for each in world.store.list("pods", None))
    assert (work.actor, work.subject, work.outcome) == ("default-scheduler", "Pod default/a", "")
    assert work.triggers and work.triggers[0] < created and created in work.writes


async def test_equal_nodes_take_turns(world: PodWorld) -> None:
    await world.nodes(*(node(f"node-{number}") for number in (1, 2, 3)))
    await world.create(*(pod(f"p{number}", requests={"cpu": "1m"}) for number in range(9)))
    await world.settle()
    assert Counter((await world.placed()).values()) == {"node-1": 3, "node-2": 3, "node-3": 3}


async def test_the_emptier_node_is_taken(world: PodWorld) -> None:
    await world.nodes(node("big", cpu="16", memory="64Gi"), node("small", cpu="2", memory="4Gi"))
    await world.create(*(pod(f"p{number}", requests={"cpu": "1", "memory": "1Gi"}) for number in range(3)))
    await world.settle()
    assert set((await world.placed()).values()) == {"big"}


async def test_round_robin(world: PodWorld) -> None:
    await world.nodes(node("big", cpu="64"), node("small", cpu="8"))
    for number in range(4):
        await world.create(pod(f"p{number}", requests={"cpu": "1"}, schedulerName="round-robin-scheduler"))
    await world.settle()
    assert list((await world.placed()).values()) == ["big", "small", "big", "small"]
    assert {each.actor for each in world.ring.recent} == {"round-robin-scheduler"}


async def test_other_schedulers_pods_are_left_alone(world: PodWorld) -> None:
    await world.nodes(node("node-1"))
    await world.create(pod("a", schedulerName="mine"))
    await world.settle()
    assert await world.placed() == {"a": ""}


async def test_preferences_and_taints_weigh(world: PodWorld) -> None:
    soft = [{"key": "k", "effect": "PreferNoSchedule"}]
    await world.nodes(node("avoided", taints=soft), node("plain"), node("preferred", labels={"disk": "ssd"}))
    term = {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]}
    preference = {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 10, "preference": term}]}
    await world.create(*(pod(f"p{number}") for number in range(4)))
    await world.create(pod("q", affinity={"nodeAffinity": preference}))
    await world.settle()
    placed = await world.placed()
    assert placed.pop("q") == "preferred"
    assert Counter(placed.values()) == {"plain": 2, "preferred": 2}


async def test_a_pod_that_fits_nowhere_says_why_and_goes_when_there_is_room(world: PodWorld) -> None:
    await world.nodes(node("node-1", cpu="2"))
    await world.create(pod("first", requests={"cpu": "2"}), pod("second", requests={"cpu": "1"}))
    await world.settle()
    message = (
        "0/1 nodes are available: 1 Insufficient cpu. "
        "no new claims to deallocate, "
        "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."
    )
    told = condition(await world.get("second"), "PodScheduled")
    assert (told["status"], told["reason"], told["message"]) == ("False", "Unschedulable", message)
    assert f"second FailedScheduling: {message}" in await world.events()
    await world.client.delete(PODS, "default", "first", grace_period=0)
    await world.settle()
    assert await world.placed() == {"second": "node-1"}


async def test_a_new_node_is_room(world: PodWorld) -> None:
    await world.create(pod("a"), pod("b"))
    await world.settle()
    assert condition(await world.get("a"), "PodScheduled")["message"] == "no nodes available to schedule pods"
    await world.nodes(node("node-1"))
    await world.settle()
    assert await world.placed() == {"a": "node-1", "b": "node-1"}
    assert [each.outcome for each in world.ring.recent][-2:] == ["", ""]


async def test_uncordoning_is_room_and_heartbeats_are_not(world: PodWorld) -> None:
    await world.nodes(node("node-1", unschedulable=True))
    await world.create(pod("a"))
    await world.settle()
    tries = len(world.ring.recent)
    await world.client.patch(NODES, "", "node-1", {"status": {"conditions": []}}, subresource="status")
    await world.settle()
    assert len(world.ring.recent) == tries
    await world.client.patch(NODES, "", "node-1", {"spec": {"unschedulable": None}})
    await world.settle()
    assert await world.placed() == {"a": "node-1"}


async def test_only_as_many_are_tried_again_as_there_is_room_for(world: PodWorld) -> None:
    await world.nodes(node("node-1", pods="1"))
    await world.create(*(pod(f"p{number}") for number in range(4)))
    await world.settle()
    tries = len(world.ring.recent)
    await world.client.delete(PODS, "default", "p0", grace_period=0)
    await world.settle()
    assert await world.placed() == {"p1": "node-1", "p2": "", "p3": ""}
    assert len(world.ring.recent) == tries + 1


async def test_waiting_pods_are_tried_every_five_minutes(world: PodWorld) -> None:
    await world.create(pod("a"))
    await world.settle()
    await world.advance(299)
    assert len(world.ring.recent) == 1
    await world.advance(2)
    assert [each.reason for each in world.ring.recent] == ["", "after 5m"]


async def test_finished_pods_take_no_room(world: PodWorld) -> None:
    await world.nodes(node("node-1", cpu="2"))
    await world.create(pod("first", requests={"cpu": "2"}))
    await world.settle()
    await world.create(pod("second", requests={"cpu": "2"}))
    await world.client.patch(PODS, "default", "first", {"status": {"phase": "Succeeded"}}, subresource="status")
    await world.settle()
    assert (await world.placed())["second"] == "node-1"


async def test_priority_goes_before_age(world: PodWorld) -> None:
    await world.create(pod("low"), pod("high", priority=1000))
    await world.settle()
    await world.nodes(node("node-1", pods="1"))
    await world.settle()
    assert await world.placed() == {"low": "", "high": "node-1"}


async def test_gates_hold_a_pod_back(world: PodWorld) -> None:
    await world.nodes(node("node-1"))
    await world.create(pod("a", schedulingGates=[{"name": "example.com/wait"}]))
    await world.settle()
    assert await world.placed() == {"a": ""} and not world.ring.recent
    assert condition(await world.get(), "PodScheduled")["reason"] == "SchedulingGated"
    await world.client.patch(PODS, "default", "a", {"spec": {"schedulingGates": None}})
    await world.settle()
    assert await world.placed() == {"a": "node-1"}


async def test_a_changed_spec_is_tried_anew(world: PodWorld) -> None:
    await world.nodes(node("node-1", taints=[{"key": "k", "effect": "NoSchedule"}]))
    await world.create(pod("a"))
    await world.settle()
    await world.client.patch(PODS, "default", "a", {"spec": {"tolerations": [{"operator": "Exists"}]}})
    await world.settle()
    assert await world.placed() == {"a": "node-1"}


async def test_a_failed_binding_gives_the_room_back_and_is_tried_again(world: PodWorld) -> None:
    failures = [errors.internal_error("no quorum")]

    def refuse(verb: str, resource: GroupVersionResource, obj: Object) -> Exception | None:
        return failures.pop() if obj.get("kind") == "Binding" and failures else None

    world.client.reaction = refuse
    await world.nodes(node("node-1", pods="1"))
    await world.create(pod("a"))
    await world.settle()
    told = condition(await world.get(), "PodScheduled")
    assert told["reason"] == "SchedulerError" and "no quorum" in told["message"]
    await world.advance(1)
    assert await world.placed() == {"a": "node-1"}


async def test_pods_that_others_placed_count(world: PodWorld) -> None:
    await world.nodes(node("node-1", cpu="2"), node("node-2", cpu="2"))
    await world.create(pod("placed", requests={"cpu": "2"}, nodeName="node-1"))
    await world.settle()
    await world.create(pod("a", requests={"cpu": "1"}))
    await world.settle()
    assert (await world.placed())["a"] == "node-2"


async def test_a_daemon_sets_pod_is_asked_of_its_node_only(world: PodWorld) -> None:
    await world.nodes(*(node(f"node-{number}", pods="1") for number in (1, 2, 3)))
    field = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["node-2"]}]}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [field]}}
    spec = {"affinity": {"nodeAffinity": required}}
    await world.create(pod("first", **spec), pod("second", **spec))
    await world.settle()
    assert await world.placed() == {"first": "node-2", "second": ""}
    assert condition(await world.get("second"), "PodScheduled")["message"].startswith(
        "0/3 nodes are available: 1 Too many pods, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]."
    )


async def test_a_deleted_node_is_nobodys_choice(world: PodWorld) -> None:
    await world.nodes(node("node-1"), node("node-2"))
    await world.create(pod("a"))
    await world.settle()
    await world.client.delete(NODES, "", "node-2")
    await world.settle()
    await world.create(pod("b"), pod("c"))
    await world.settle()
    assert set((await world.placed()).values()) == {"node-1"}
