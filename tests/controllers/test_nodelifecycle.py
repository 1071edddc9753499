"""node-lifecycle-controller: conditions become NoSchedule taints."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.cluster import Cluster
from minikube_py.controllers.nodelifecycle.health import Health, observed, unknown_conditions
from minikube_py.controllers.nodelifecycle.taintqueue import TaintQueue
from minikube_py.controllers.nodelifecycle.taints import plan, plan_evicting, plan_labels
from minikube_py.controllers.nodelifecycle.zones import Change, ZoneState, change, eviction_rate, zone_of, zone_state
from minikube_py.machinery.clock import VirtualClock
from minikube_py.machinery.wellknown import NODES

NOT_READY = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
UNREACHABLE = {"key": "node.kubernetes.io/unreachable", "effect": "NoSchedule"}
CORDONED = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
OWN = {"key": "gpu", "value": "yes", "effect": "NoSchedule"}
EVICTING = {"key": "node.kubernetes.io/not-ready", "effect": "NoExecute"}


def node(*taints: Any, unschedulable: bool = False, **conditions: str) -> Any:
    listed = [{"type": type, "status": status} for type, status in conditions.items()]
    spec = {"taints": list(taints), **({"unschedulable": True} if unschedulable else {})}
    return {"spec": spec, "status": {"conditions": listed}}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(node(Ready="True"), None, id="ready and untainted"),
        pytest.param(node(NOT_READY, Ready="True"), [], id="ready at last"),
        pytest.param(node(NOT_READY), [], id="nothing is known"),
        pytest.param(node(Ready="False"), [NOT_READY], id="not ready"),
        pytest.param(node(NOT_READY, Ready="False"), None, id="not ready, tainted already"),
        pytest.param(node(NOT_READY, Ready="Unknown"), [UNREACHABLE], id="lost"),
        pytest.param(node(OWN, NOT_READY, EVICTING, Ready="True"), [OWN, EVICTING], id="others' taints stay"),
        pytest.param(node(Ready="True", unschedulable=True), [CORDONED], id="cordoned"),
        pytest.param(node(CORDONED, Ready="True"), [], id="uncordoned"),
        pytest.param(
            node(Ready="True", MemoryPressure="True", DiskPressure="False"),
            [{"key": "node.kubernetes.io/memory-pressure", "effect": "NoSchedule"}],
            id="short of memory",
        ),
    ],
)
def test_plan(given: Any, expected: Any) -> None:
    added = plan(given, "now")
    assert (added and [{k: v for k, v in each.items() if k != "timeAdded"} for each in added]) == expected
    former = given["spec"]["taints"]
    assert all(each in former or each["timeAdded"] == "now" for each in added or ())


async def test_nodes_lose_the_taint_they_are_created_with() -> None:
    async with Cluster(port=None, nodes=2, clock="virtual") as cluster:
        await cluster.settle()
        for each in (await cluster.client.list(NODES)).items:
            assert "taints" not in each["spec"]
        await cluster.client.patch(NODES, "", "node-1", {"spec": {"unschedulable": True}})
        await cluster.settle()
        cordoned = await cluster.client.get(NODES, "", "node-1")
        assert [each["key"] for each in cordoned["spec"]["taints"]] == [CORDONED["key"]]


@pytest.mark.parametrize(
    ("taints", "wanted", "expected"),
    [
        pytest.param([], None, None, id="none"),
        pytest.param([OWN], "node.kubernetes.io/not-ready", [OWN, {**EVICTING, "timeAdded": "now"}], id="one more"),
        pytest.param([EVICTING, OWN], "node.kubernetes.io/not-ready", None, id="it is there"),
        pytest.param([EVICTING, OWN, NOT_READY], None, [OWN, NOT_READY], id="well again"),
        pytest.param(
            [EVICTING],
            "node.kubernetes.io/unreachable",
            [{**UNREACHABLE, "effect": "NoExecute", "timeAdded": "now"}],
            id="swap",
        ),
    ],
)
def test_the_taint_that_drives_pods_out(taints: Any, wanted: str | None, expected: Any) -> None:
    assert plan_evicting(node(*taints), wanted, "now") == expected


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        pytest.param({}, {}, id="none"),
        pytest.param({"kubernetes.io/os": "linux"}, {"beta.kubernetes.io/os": "linux"}, id="the older name"),
        pytest.param({"kubernetes.io/os": "linux", "beta.kubernetes.io/os": "linux"}, {}, id="both"),
        pytest.param(
            {"kubernetes.io/arch": "arm64", "beta.kubernetes.io/arch": "amd64"},
            {"beta.kubernetes.io/arch": "arm64"},
            id="not the same",
        ),
        pytest.param({"beta.kubernetes.io/os": "linux"}, {}, id="the older one alone"),
    ],
)
def test_labels(labels: dict[str, str], expected: dict[str, str]) -> None:
    assert plan_labels({"metadata": {"labels": labels}}) == expected


# Health

CREATED = 1_767_225_600.0


def posted(heartbeat: str | None, status: str = "True") -> Any:
    made: Any = {"metadata": {"name": "n", "creationTimestamp": "2026-01-01T00:00:00Z"}, "status": {}}
    if heartbeat is not None:
        made["status"]["conditions"] = [{"type": "Ready", "status": status, "lastHeartbeatTime": heartbeat}]
    return made


def lease(renewed: str) -> Any:
    return {"spec": {"renewTime": renewed}}


def lives(*moments: tuple[float, Any, Any]) -> Health:
    """Of a node and its lease, seen so many seconds after the node's creation."""
    health: Health | None = None
    for after, node, its_lease in moments:
        health = observed(health, node, its_lease, CREATED + after, 50.0)
    assert health is not None
    return health


@pytest.mark.parametrize(
    ("moments", "probed", "grace"),
    [
        pytest.param([(7, posted(None), None)], 0, 60, id="never posted"),
        pytest.param([(7, posted(None), lease("b"))], 7, 60, id="never posted, but renews"),
        pytest.param([(7, posted("a"), None)], 7, 50, id="first seen"),
        pytest.param([(7, posted("a"), lease("b")), (9, posted("a"), lease("b"))], 7, 50, id="silent"),
        pytest.param([(7, posted("a"), None), (9, posted("b"), None)], 9, 50, id="heartbeat"),
        pytest.param([(7, posted("a"), lease("b")), (9, posted("a"), lease("c"))], 9, 50, id="renewal"),
        pytest.param([(7, posted("a"), lease("b")), (9, posted("a"), lease("a"))], 7, 50, id="an older lease"),
        pytest.param([(7, posted("a"), lease("b")), (9, posted("a"), None)], 7, 50, id="the lease is gone"),
        pytest.param([(7, posted(None), None), (9, posted("a"), None)], 9, 50, id="first post"),
        pytest.param([(7, posted("a"), None), (9, posted("a", "Unknown"), None)], 7, 50, id="given up"),
        pytest.param([(7, posted("a"), None), (9, posted(None), None)], 9, 60, id="the condition is taken off"),
    ],
)
def test_signs_of_life(moments: Any, probed: float, grace: float) -> None:
    health = lives(*moments)
    assert (health.probed - CREATED, health.grace_period) == (probed, grace)
    assert not health.is_silent(health.probed + grace)
    assert health.verdict(health.probed + grace + 1) == "Unknown"


def test_what_is_said_of_the_lost() -> None:
    assert {each["reason"] for each in unknown_conditions(posted(None), CREATED + 90)} == {"NodeStatusNeverUpdated"}
    given = {**posted(None), "status": node(Ready="True", NetworkUnavailable="False")["status"]}
    ready, network, *others = unknown_conditions(given, CREATED + 90)
    assert ready == {
        "type": "Ready",
        "status": "Unknown",
        "reason": "NodeStatusUnknown",
        "message": "Kubelet stopped posting node status.",
        "lastTransitionTime": "2026-01-01T00:01:30Z",
    }
    assert network == {"type": "NetworkUnavailable", "status": "False"}
    assert [each["type"] for each in others] == ["MemoryPressure", "DiskPressure", "PIDPressure"]


# Zones


@pytest.mark.parametrize(
    ("ready", "lost", "state"),
    [
        pytest.param(0, 0, ZoneState.NORMAL, id="no nodes"),
        pytest.param(1, 2, ZoneState.NORMAL, id="two are not many"),
        pytest.param(0, 1, ZoneState.FULL, id="the only one"),
        pytest.param(2, 3, ZoneState.PARTIAL, id="three of five"),
        pytest.param(3, 3, ZoneState.NORMAL, id="half"),
        pytest.param(9, 11, ZoneState.PARTIAL, id="55 percent"),
    ],
)
def test_zone_states(ready: int, lost: int, state: ZoneState) -> None:
    assert zone_state(["True"] * ready + ["Unknown"] * lost) is state


def test_rates() -> None:
    assert eviction_rate(ZoneState.NORMAL, 5) == eviction_rate(ZoneState.FULL, 5) == 0.1
    assert (eviction_rate(ZoneState.PARTIAL, 50), eviction_rate(ZoneState.PARTIAL, 51)) == (0, 0.01)


FULL, NORMAL = ZoneState.FULL, ZoneState.NORMAL


@pytest.mark.parametrize(
    ("former", "current", "expected"),
    [
        pytest.param({}, {}, Change.NONE, id="no nodes"),
        pytest.param({}, {"": FULL}, Change.ALL_LOST, id="lost from the start"),
        pytest.param({"": NORMAL}, {"": FULL}, Change.ALL_LOST, id="lost"),
        pytest.param({"": FULL}, {"": FULL}, Change.NONE, id="still lost"),
        pytest.param({"": FULL}, {"": NORMAL}, Change.BACK, id="back"),
        pytest.param({"a": NORMAL, "b": NORMAL}, {"a": NORMAL, "b": FULL}, Change.NONE, id="one of two"),
        pytest.param({"a": NORMAL, "b": FULL}, {"b": FULL}, Change.NONE, id="the good one is removed"),
    ],
)
def test_changes_of_the_whole(former: Any, current: Any, expected: Change) -> None:
    assert change(former, current) is expected


def test_zones_of_nodes() -> None:
    zoned = {"topology.kubernetes.io/region": "r", "topology.kubernetes.io/zone": "z"}
    assert zone_of({"metadata": {}}) == ""
    assert zone_of({"metadata": {"labels": zoned}}) == "r/z"
    assert zone_of({"metadata": {"labels": {**zoned, "failure-domain.beta.kubernetes.io/zone": "old"}}}) == "r/old"


def test_the_queue_keeps_to_its_rate() -> None:
    clock, granted = VirtualClock(0.0), []
    queue = TaintQueue(clock, 0.1, lambda name: granted.append((name, clock.now())))

    def pass_until(end: float) -> None:
        while (deadline := clock.next_deadline()) is not None and deadline <= end:
            clock.advance_to(deadline)
        clock.advance_to(end)

    for name in ("a", "b", "c", "d", "b"):
        queue.add(name)
    queue.run()
    queue.remove("c")
    pass_until(15)
    assert granted == [("a", 0.0), ("b", 10.0)]
    queue.set_rate(0)
    queue.run()
    pass_until(100)
    queue.set_rate(0.01)
    queue.run()
    pass_until(199)
    assert len(granted) == 2 and clock.now() == 199
    pass_until(300)
    assert granted[2:] == [("d", 200.0)]
