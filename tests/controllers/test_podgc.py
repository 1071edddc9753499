"""Pods that nobody else removes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from minikube_py.controllers.podgc import CONTROLLER
from minikube_py.controllers.podgc.reconciler import new_controller
from minikube_py.controllers.podgc.verdicts import failing_patch, is_out_of_service, surplus
from minikube_py.controllers.runtime import Descriptor
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.errors import forbidden
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import NODES, PODS
from tests.controllers.apiworld import LAGS, ApiWorld, add_node, api_world, pod, run_pod
from tests.watched_client import WatchedClient

NOW = parse_rfc3339("2026-01-01T00:00:00Z")


def ended(name: str, created: str, **status: str) -> Object:
    metadata = {"name": name, "creationTimestamp": f"2026-01-01T00:00:{created}Z"}
    return {"metadata": metadata, "status": {"phase": "Failed", **status}}


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [
        pytest.param(4, [], id="room for all"),
        pytest.param(2, ["evicted", "b"], id="the evicted first, then the oldest"),
        pytest.param(0, ["evicted", "b", "a", "c"], id="by name where of an age"),
    ],
)
def test_surplus(threshold: int, expected: list[str]) -> None:
    pods = [ended("c", "05"), ended("a", "05"), ended("b", "01"), ended("evicted", "09", reason="Evicted")]
    assert [each["metadata"]["name"] for each in surplus(pods, threshold)] == expected


@pytest.mark.parametrize(
    ("taint", "ready", "expected"),
    [
        pytest.param("node.kubernetes.io/out-of-service", "False", True, id="out of service"),
        pytest.param("node.kubernetes.io/out-of-service", "True", False, id="still ready"),
        pytest.param("node.kubernetes.io/unreachable", "Unknown", False, id="another taint"),
    ],
)
def test_out_of_service(taint: str, ready: str, expected: bool) -> None:
    node = {"spec": {"taints": [{"key": taint}]}, "status": {"conditions": [{"type": "Ready", "status": ready}]}}
    assert is_out_of_service(node) is expected


def test_failing_patch() -> None:
    running: Object = {"metadata": {"name": "p", "uid": "u", "generation": 2}, "status": {"phase": "Running"}}
    assert failing_patch(running, False, NOW) == {
        "metadata": {"uid": "u"},
        "status": {"phase": "Failed", "observedGeneration": 2},
    }
    orphaned = failing_patch(running, True, NOW)
    assert orphaned is not None
    assert orphaned["status"]["conditions"] == [
        {
            "type": "DisruptionTarget",
            "observedGeneration": 2,
            "status": "True",
            "lastProbeTime": None,
            "lastTransitionTime": "2026-01-01T00:00:00Z",
            "reason": "DeletionByPodGC",
            "message": "PodGC: node no longer exists",
        }
    ]
    assert failing_patch({**running, "status": {"phase": "Succeeded"}}, True, NOW) is None


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    async with api_world(request.param) as world:
        await add_node(world)
        yield world


async def names(world: ApiWorld) -> list[str]:
    return [each["metadata"]["name"] for each in (await world.client.list(PODS, "default")).items]


async def test_pods_of_a_node_that_is_gone(world: ApiWorld) -> None:
    world.run(CONTROLLER)
    await add_node(world, "other")
    finalized = pod("held")
    finalized["metadata"]["finalizers"] = ["example.com/hold"]
    for made in (pod("a"), pod("b", node="other"), finalized):
        await world.client.create(PODS, made)
    for name in ("a", "b", "held"):
        await run_pod(world, name)
    await world.settle()
    await world.client.delete(NODES, "", "node")
    await world.advance(39)
    assert await names(world) == ["a", "b", "held"]
    await world.advance(1)
    assert await names(world) == ["b", "held"]
    held = (await world.client.get(PODS, "default", "held"))["status"]
    assert held["phase"] == "Failed"
    assert held["conditions"][-1]["reason"] == "DeletionByPodGC"


async def test_a_node_that_comes_back(world: ApiWorld) -> None:
    world.run(CONTROLLER)
    await world.client.create(PODS, pod("a"))
    await world.settle()
    await world.client.delete(NODES, "", "node")
    await world.advance(30)
    await add_node(world)
    await world.advance(60)
    assert await names(world) == ["a"]


async def test_a_node_that_never_was(world: ApiWorld) -> None:
    world.run(CONTROLLER)
    await world.client.create(PODS, pod("a", node="nowhere"))
    await world.advance(41)
    assert await names(world) == []


async def test_terminating_pods_without_a_node(world: ApiWorld) -> None:
    world.run(CONTROLLER)
    made = pod("a", node="")
    made["metadata"]["finalizers"] = ["example.com/hold"]
    await world.client.create(PODS, made)
    await world.client.delete(PODS, "default", "a")
    await world.advance(20)
    assert (await world.client.get(PODS, "default", "a"))["status"]["phase"] == "Failed"


async def test_terminating_pods_of_a_node_out_of_service(world: ApiWorld) -> None:
    world.run(CONTROLLER)
    for name in ("a", "b"):
        await world.client.create(PODS, pod(name))
        await run_pod(world, name)
    await world.client.delete(PODS, "default", "a")
    await world.advance(60)
    assert await names(world) == ["a", "b"]
    taints = [{"key": "node.kubernetes.io/out-of-service", "value": "nodeshutdown", "effect": "NoExecute"}]
    await world.client.patch(NODES, "", "node", {"spec": {"taints": taints}})
    await world.advance(20)
    assert await names(world) == ["b"]


async def test_more_ended_pods_than_may_stay(world: ApiWorld) -> None:
    world.run(Descriptor("podgc", lambda context: new_controller(context, threshold=2)))
    for number in range(5):
        await world.client.create(PODS, pod(f"p{number}"))
        await run_pod(world, f"p{number}", phase="Succeeded" if number else "Running")
        await world.advance(1)
    await world.advance(30)
    assert await names(world) == ["p0", "p3", "p4"]


async def test_one_that_cannot_be_removed_does_not_keep_the_others(world: ApiWorld) -> None:
    refused = forbidden(PODS.group_resource, "b", "not today")
    world.client = client = WatchedClient(world.client)
    client.reaction = lambda verb, _, obj: refused if verb == "delete" and obj["metadata"]["name"] == "b" else None
    world.run(CONTROLLER)
    for each in ("a", "b", "c"):
        await world.client.create(PODS, pod(each, node="nowhere"))
    await world.advance(41)
    assert await names(world) == ["b"]
