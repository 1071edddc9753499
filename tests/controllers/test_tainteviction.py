"""Pods that do not tolerate their node's NoExecute taints leave it, at once or in time."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from minikube_py.controllers.tainteviction import CONTROLLER, plan
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import NODES, PODS
from tests.controllers.apiworld import LAGS, ApiWorld, add_node, api_world, events, pod

TAINT = {"key": "bad", "effect": "NoExecute"}
OTHER = {"key": "worse", "effect": "NoExecute"}


def tolerating(key: str = "bad", seconds: int | None = None) -> Object:
    toleration: Object = {"key": key, "operator": "Exists", "effect": "NoExecute"}
    return toleration if seconds is None else {**toleration, "tolerationSeconds": seconds}


@pytest.mark.parametrize(
    ("taints", "tolerations", "expected"),
    [
        pytest.param([TAINT], [], 0.0, id="no tolerations"),
        pytest.param([TAINT], [tolerating("worse")], 0.0, id="another's toleration"),
        pytest.param([TAINT], [tolerating()], None, id="for ever"),
        pytest.param([TAINT], [tolerating(seconds=30)], 30.0, id="for a while"),
        pytest.param([TAINT], [tolerating(seconds=-5)], 0.0, id="for less than nothing"),
        pytest.param([TAINT], [tolerating(), tolerating(seconds=30)], None, id="the first that fits counts"),
        pytest.param([TAINT, OTHER], [tolerating()], 0.0, id="one of two"),
        pytest.param([TAINT, OTHER], [tolerating(seconds=9), tolerating("worse", 5)], 5.0, id="the shortest"),
        pytest.param([TAINT, OTHER], [tolerating(), tolerating("worse", 5)], 5.0, id="for ever and for a while"),
        pytest.param([TAINT, OTHER], [{"operator": "Exists"}], None, id="everything"),
    ],
)
def test_plan(taints: list[Object], tolerations: list[Object], expected: float | None) -> None:
    assert plan(taints, tolerations) == expected


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    """With a node, and the controller running."""
    async with api_world(request.param) as world:
        await add_node(world)
        world.run(CONTROLLER)
        await world.settle()
        yield world


async def taint(world: ApiWorld, *taints: Object) -> None:
    await world.client.patch(NODES, "", "node", {"spec": {"taints": list(taints)}})
    await world.settle()


async def create(world: ApiWorld, name: str, *tolerations: Object) -> None:
    await world.client.create(PODS, pod(name, tolerations=list(tolerations)))
    await world.settle()


async def staying(world: ApiWorld) -> set[str]:
    items = (await world.client.list(PODS)).items
    return {each["metadata"]["name"] for each in items if "deletionTimestamp" not in each["metadata"]}


async def test_pods_leave_when_their_time_is_over(world: ApiWorld) -> None:
    await create(world, "at-once")
    await create(world, "soon", tolerating(seconds=30))
    await create(world, "never", tolerating())
    await taint(world, TAINT)
    assert await staying(world) == {"soon", "never"}
    await world.advance(29)
    assert await staying(world) == {"soon", "never"}
    await world.advance(1)
    assert await staying(world) == {"never"}
    assert await events(world) == [
        "Normal TaintManagerEviction: Marking for deletion Pod default/at-once",
        "Normal TaintManagerEviction: Marking for deletion Pod default/soon",
    ]


async def test_what_is_evicted_is_told_why(world: ApiWorld) -> None:
    made = pod("web", tolerations=[])
    made["metadata"]["finalizers"] = ["example.com/hold"]
    await world.client.create(PODS, made)
    await taint(world, TAINT)
    evicted = await world.client.get(PODS, "default", "web")
    [target] = [each for each in evicted["status"]["conditions"] if each["type"] == "DisruptionTarget"]
    assert (target["status"], target["reason"]) == ("True", "DeletionByTaintManager")
    assert target["message"] == "Taint manager: deleting due to NoExecute taint"


async def test_what_is_being_deleted_is_evicted_too(world: ApiWorld) -> None:
    made = pod("web", tolerations=[])
    made["metadata"]["finalizers"] = ["example.com/hold"]
    await world.client.create(PODS, made)
    await world.settle()
    await world.client.delete(PODS, "default", "web")
    await taint(world, TAINT)
    evicted = await world.client.get(PODS, "default", "web")
    assert evicted["status"]["conditions"][-1]["reason"] == "DeletionByTaintManager"
    assert await events(world) == ["Normal TaintManagerEviction: Marking for deletion Pod default/web"]


async def test_pods_that_come_to_a_tainted_node(world: ApiWorld) -> None:
    await taint(world, TAINT)
    await create(world, "late", tolerating(seconds=10))
    await world.advance(10)
    assert await staying(world) == set()


CANCELLED = "Normal TaintManagerEviction: Cancelling deletion of Pod default/web"


async def test_a_taint_that_goes_cancels(world: ApiWorld) -> None:
    await create(world, "web", tolerating(seconds=30))
    await taint(world, TAINT)
    await world.advance(20)
    await taint(world)
    assert await events(world) == [CANCELLED]
    await taint(world, TAINT)
    await world.advance(29)
    assert await staying(world) == {"web"}
    await world.advance(1)
    assert await staying(world) == set()


@pytest.mark.parametrize(
    ("toleration", "after", "left"),
    [
        pytest.param(tolerating(), 100, {"web"}, id="for ever"),
        pytest.param(tolerating(seconds=600), 100, set(), id="longer comes too late"),
    ],
)
async def test_a_toleration_that_comes(world: ApiWorld, toleration: Object, after: float, left: set[str]) -> None:
    await create(world, "web", tolerating(seconds=30))
    await taint(world, TAINT)
    tolerations = [toleration, tolerating(seconds=30)]
    await world.client.patch(PODS, "default", "web", {"spec": {"tolerations": tolerations}})
    await world.advance(after)
    assert await staying(world) == left


async def test_a_taint_that_is_not_tolerated_is_not_waited_out(world: ApiWorld) -> None:
    await create(world, "web", tolerating(seconds=30))
    await taint(world, TAINT)
    await taint(world, TAINT, OTHER)
    assert await staying(world) == set()


async def test_a_namesake_has_its_own_time(world: ApiWorld) -> None:
    await create(world, "web", tolerating(seconds=30))
    await taint(world, TAINT)
    await world.advance(20)
    await world.client.delete(PODS, "default", "web", grace_period=0)
    await create(world, "web", tolerating(seconds=30))
    await world.advance(29)
    assert await staying(world) == {"web"}
    await world.advance(1)
    assert await staying(world) == set()


async def test_what_was_decided_stands_when_the_node_is_deleted(world: ApiWorld) -> None:
    await create(world, "web", tolerating(seconds=30))
    await taint(world, TAINT)
    await world.client.delete(NODES, "", "node")
    await world.advance(30)
    assert await staying(world) == set()


async def test_nothing_is_looked_at_where_nothing_is_tainted(world: ApiWorld) -> None:
    before = len(world.ring.recent)
    await create(world, "web")
    await world.client.patch(NODES, "", "node", {"metadata": {"labels": {"a": "b"}}})
    await world.advance(60)
    assert len(world.ring.recent) == before
