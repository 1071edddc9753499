"""The queue's order and back-off, and which events have whom tried again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from minikube_py.controllers.scheduler.framework import Event
from minikube_py.controllers.scheduler.profiles import DEFAULT
from minikube_py.controllers.scheduler.queue import Backoff, QueuedPod, SchedulingQueue
from minikube_py.machinery.clock import VirtualClock
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import NODES, PODS, SERVICES
from tests.scheduler.pods import PodWorld, condition, container, node, pod, pod_info


class Queue:
    """A queue by names."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.queue = SchedulingQueue(self.clock, lambda: 0.0, lambda: None)

    def add(self, name: str, priority: int = 0) -> QueuedPod:
        made = pod(name, priority=priority)
        return self.queue.add(made, pod_info(made))

    def pop(self) -> str:
        popped = self.queue.pop()
        return popped.uid if popped is not None else ""

    def wait(self, name: str) -> None:
        queued = self.queue.get(name)
        assert queued is not None
        self.queue.wait(queued, name)

    def help(self, name: str) -> None:
        queued = self.queue.get(name)
        assert queued is not None
        self.queue.activate(queued)

    def advance(self, seconds: float) -> None:
        self.clock.advance_to(self.clock.now() + seconds)


def test_order() -> None:
    queue = Queue()
    for name, priority in (("a", 0), ("b", 5), ("c", 0), ("d", 5)):
        queue.add(name, priority)
    assert [queue.pop() for _ in range(5)] == ["b", "d", "a", "c", ""]


def test_what_backs_off_goes_last() -> None:
    queue = Queue()
    queue.add("tried", 9)
    assert queue.pop() == "tried"
    queue.wait("tried")
    queue.help("tried")
    queue.add("new")
    assert [queue.pop() for _ in range(3)] == ["new", "tried", ""]


def test_what_backed_off_long_enough_goes_in_order() -> None:
    queue = Queue()
    queue.add("tried", 9)
    assert queue.pop() == "tried"
    queue.wait("tried")
    queue.help("tried")
    queue.add("new")
    queue.advance(1)
    assert [queue.pop() for _ in range(3)] == ["tried", "new", ""]


def test_errors_back_off_longer_and_longer() -> None:
    queue = Queue()
    queued = queue.add("a")
    for delay in (1, 2, 4, 8, 10, 10):
        assert queue.pop() == "a"
        queue.queue.back_off(queued)
        queue.advance(delay - 0.5)
        assert queue.pop() == ""
        queue.advance(0.5)
    assert [Backoff(2, 60).after(attempts) for attempts in (1, 2, 9)] == [2, 4, 60]


def test_waiting_ends_by_itself() -> None:
    queue = Queue()
    queue.add("a")
    assert queue.pop() == "a"
    queue.wait("a")
    queue.advance(299)
    assert queue.pop() == ""
    queue.advance(1)
    assert queue.pop() == "a"


def test_removed_pods_are_not_popped() -> None:
    queue = Queue()
    for name in "abc":
        queue.add(name)
    queue.queue.remove("b")
    queue.queue.remove("b")
    assert [queue.pop() for _ in range(3)] == ["a", "c", ""]


def metadata(**labels: str) -> Object:
    return {"labels": labels}


SMALL, BIG = node("n", cpu="1"), node("n", cpu="8")
TAINTED = node("n", taints=[{"key": "k", "effect": "NoSchedule"}])
CORDONED = node("n", unschedulable=True)
SSD = node("n", labels={"disk": "ssd"})
WANTING = pod(requests={"cpu": "4"})
PORT = [container(ports=[{"hostPort": 80}])]
NEAR_DB = {
    "podAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": [
            {"labelSelector": {"matchLabels": {"app": "db"}}, "topologyKey": "zone"}
        ]
    }
}
AWAY_FROM_DB = {"podAntiAffinity": NEAR_DB["podAffinity"]}
SPREAD = [
    {
        "maxSkew": 1,
        "topologyKey": "zone",
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": "db"}},
    }
]
CLAIMING = pod(volumes=[{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}])
CLAIM = {"metadata": {"name": "data", "namespace": "default"}, "spec": {}}
OTHER_CLAIM = {"metadata": {"name": "other", "namespace": "default"}, "spec": {}}
DB = pod("db", metadata=metadata(app="db"))
WEB = pod("web", metadata=metadata(app="web"))

HINTS: list[Any] = [
    ("NodeResourcesFit", WANTING, Event("Node", None, BIG), True, "a-node-with-room"),
    ("NodeResourcesFit", WANTING, Event("Node", None, SMALL), False, "a-node-that-is-too-small"),
    ("NodeResourcesFit", WANTING, Event("Node", SMALL, BIG), True, "a-node-that-grew"),
    ("NodeResourcesFit", WANTING, Event("Node", BIG, {**BIG, "spec": {}}), False, "a-node-as-big-as-before"),
    ("NodeResourcesFit", WANTING, Event("AssignedPod", pod(), None), True, "a-pod-that-goes"),
    ("NodeResourcesFit", WANTING, Event("AssignedPod", None, pod()), False, "a-pod-that-comes"),
    ("NodeResourcesFit", WANTING, Event("AssignedPod", pod(requests={"cpu": "2"}), pod()), True, "a-pod-that-shrinks"),
    ("NodeResourcesFit", WANTING, Event("PersistentVolume", None, {}), False, "a-volume-is-no-room"),
    ("TaintToleration", pod(), Event("Node", TAINTED, SMALL), True, "a-taint-is-gone"),
    ("TaintToleration", pod(), Event("Node", None, TAINTED), False, "another-tainted-node"),
    ("TaintToleration", pod(), Event("Node", SMALL, BIG), False, "it-was-tolerated-before"),
    ("NodeUnschedulable", pod(), Event("Node", CORDONED, SMALL), True, "uncordoned"),
    ("NodeUnschedulable", pod(), Event("Node", None, CORDONED), False, "another-cordoned-node"),
    ("NodeAffinity", pod(nodeSelector={"disk": "ssd"}), Event("Node", SMALL, SSD), True, "the-label-comes"),
    ("NodeAffinity", pod(nodeSelector={"disk": "ssd"}), Event("Node", SSD, {**SSD, "spec": {}}), False, "it-was-there"),
    ("NodeAffinity", pod(nodeSelector={"disk": "ssd"}), Event("Node", None, SMALL), False, "a-node-without-it"),
    ("NodeName", pod(nodeName="n"), Event("Node", None, SMALL), True, "another-node"),
    ("NodePorts", pod(containers=PORT), Event("AssignedPod", pod(containers=PORT), None), True, "the-port-is-free"),
    ("NodePorts", pod(containers=PORT), Event("AssignedPod", pod(), None), False, "a-pod-without-ports-goes"),
    ("InterPodAffinity", pod(affinity=NEAR_DB), Event("AssignedPod", None, DB), True, "who-is-wanted-comes"),
    ("InterPodAffinity", pod(affinity=NEAR_DB), Event("AssignedPod", None, WEB), False, "another-comes"),
    ("InterPodAffinity", pod(affinity=AWAY_FROM_DB), Event("AssignedPod", DB, None), True, "who-is-avoided-goes"),
    ("InterPodAffinity", pod(affinity=AWAY_FROM_DB), Event("AssignedPod", DB, WEB), True, "or-changes-its-labels"),
    ("InterPodAffinity", pod(affinity=AWAY_FROM_DB), Event("Node", None, SMALL), True, "a-node-to-be-alone-on"),
    ("InterPodAffinity", pod(affinity=NEAR_DB), Event("Node", None, SMALL), False, "a-node-without-the-zone"),
    ("PodTopologySpread", pod(topologySpreadConstraints=SPREAD), Event("AssignedPod", None, DB), True, "one-comes"),
    ("PodTopologySpread", pod(topologySpreadConstraints=SPREAD), Event("AssignedPod", None, WEB), False, "other"),
    ("PodTopologySpread", pod(topologySpreadConstraints=SPREAD), Event("Node", SMALL, None), False, "no-zone-goes"),
    ("VolumeBinding", CLAIMING, Event("PersistentVolumeClaim", None, CLAIM), True, "the-claim-comes"),
    ("VolumeBinding", CLAIMING, Event("PersistentVolumeClaim", None, OTHER_CLAIM), False, "another-claim-comes"),
    ("VolumeBinding", CLAIMING, Event("PersistentVolume", None, {}), True, "a-volume-comes"),
    ("VolumeRestrictions", CLAIMING, Event("AssignedPod", CLAIMING, None), True, "the-claim's-user-goes"),
    ("VolumeRestrictions", CLAIMING, Event("AssignedPod", pod(), None), False, "another-pod-goes"),
    ("NodeVolumeLimits", CLAIMING, Event("AssignedPod", CLAIMING, None), True, "a-pod-with-volumes-goes"),
]


@pytest.mark.parametrize(
    ("plugin", "waiting", "event", "expected"), [pytest.param(*row, id=f"{row[0]}-{name}") for *row, name in HINTS]
)
def test_hints(plugin: str, waiting: Object, event: Event, expected: bool) -> None:
    found = DEFAULT.plugin(plugin)
    assert found is not None and found.hint is not None
    assert found.hint(waiting, event) is expected


async def message(world: PodWorld, name: str = "a") -> str:
    return str(condition(await world.get(name), "PodScheduled")["message"]).partition(" no new claims")[0]


async def test_the_message_follows_new_nodes(world: PodWorld) -> None:
    await world.create(pod("a", requests={"cpu": "4"}))
    await world.settle()
    assert await message(world) == "no nodes available to schedule pods"
    await world.nodes(node("node-1", taints=[{"key": "k", "effect": "NoSchedule"}]))
    await world.settle()
    assert await message(world) == "0/1 nodes are available: 1 node(s) had untolerated taint(s)."
    await world.client.patch(NODES, "", "node-1", {"spec": {"taints": None}})
    await world.nodes(node("node-2", cpu="1"))
    await world.settle()
    assert await world.placed() == {"a": "node-1"}


async def test_what_no_plugin_waits_for_has_nobody_tried(world: PodWorld) -> None:
    await world.nodes(node("node-1", labels={"zone": "a"}))
    await world.create(pod("a", nodeSelector={"disk": "ssd"}))
    await world.settle()
    tries = len(world.ring.recent)
    await world.nodes(node("node-2"))
    await world.create(pod("b"))
    await world.client.delete(PODS, "default", "b", grace_period=0)
    await world.settle()
    assert len([each for each in world.ring.recent if each.subject == "Pod default/a"]) == tries
    await world.client.patch(NODES, "", "node-2", {"metadata": {"labels": {"disk": "ssd"}}})
    await world.settle()
    assert (await world.placed())["a"] == "node-2"


async def test_the_first_of_a_group_tells_for_all(world: PodWorld) -> None:
    await world.nodes(node("node-1", pods="1"))
    await world.create(*(pod(f"p{number}", metadata=metadata(app=f"{number}")) for number in range(5)))
    await world.settle()
    tries = len(world.ring.recent)
    await world.nodes(node("node-2", pods="1"))
    await world.settle()
    assert [name for name, where in (await world.placed()).items() if where == "node-2"] == ["p1"]
    assert len(world.ring.recent) == tries + 1


@pytest.mark.parametrize(
    ("affinity", "comes", "waits"),
    [
        pytest.param(NEAR_DB, lambda: pod("db", metadata=metadata(app="db")), True, id="near"),
        pytest.param(AWAY_FROM_DB, lambda: pod("db", metadata=metadata(app="db")), False, id="away"),
    ],
)
async def test_pods_wait_for_each_other(
    world: PodWorld, affinity: Object, comes: Callable[[], Object], waits: bool
) -> None:
    await world.nodes(node("node-1", labels={"zone": "a"}))
    if not waits:
        await world.create(comes())
        await world.settle()
    await world.create(pod("a", affinity=affinity))
    await world.settle()
    assert (await world.placed())["a"] == ""
    if waits:
        assert await message(world) == "0/1 nodes are available: 1 node(s) didn't match pod affinity rules."
        await world.create(comes())
    else:
        assert await message(world) == "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules."
        await world.client.delete(PODS, "default", "db", grace_period=0)
    await world.settle()
    assert (await world.placed())["a"] == "node-1"


async def test_a_service_spreads_its_pods(world: PodWorld) -> None:
    zones = {"node-1": "a", "node-2": "a", "node-3": "b"}
    await world.nodes(*(node(name, labels={"topology.kubernetes.io/zone": zone}) for name, zone in zones.items()))
    ports = [{"port": 80}]
    await world.client.create(
        SERVICES,
        {"metadata": {"name": "s", "namespace": "default"}, "spec": {"selector": {"app": "web"}, "ports": ports}},
    )
    await world.settle()
    for number in range(4):
        await world.create(pod(f"p{number}", requests={"cpu": "1m"}, metadata=metadata(app="web")))
        await world.settle()
    placed = list((await world.placed()).values())
    assert sorted(placed) == ["node-1", "node-2", "node-3", "node-3"]
