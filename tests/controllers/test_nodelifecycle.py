"""node-lifecycle-controller: conditions become NoSchedule taints."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.cluster import Cluster
from minikube_py.controllers.nodelifecycle.taints import plan
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
    assert (None if added is None else [{k: v for k, v in each.items() if k != "timeAdded"} for each in added]) == expected
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
