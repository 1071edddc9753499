"""Pods leave devices that are tainted with NoExecute."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from minikube_py.cluster import Cluster
from minikube_py.controllers.devicetainteviction import CONTROLLER, SOONEST, due, taints
from minikube_py.controllers.resourceclaim.references import RESOURCE_CLAIMS
from minikube_py.controllers.runtime import Descriptor
from minikube_py.controllers.runtime.features import Features
from minikube_py.controllers.runtime.settings import Settings
from minikube_py.controllers.scheduler.assumeddevices import RESOURCE_SLICES
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import PODS
from tests.controllers.apiworld import LAGS, ApiWorld, add_node, api_world, events, pod

NOW = "2026-01-01T00:00:00Z"
BROKEN: Object = {"key": "broken", "value": "yes", "effect": "NoExecute", "timeAdded": NOW}


def tolerating(key: str = "broken", seconds: int | None = None, effect: str = "NoExecute") -> Object:
    toleration: Object = {"key": key, "operator": "Exists", "effect": effect}
    return toleration if seconds is None else {**toleration, "tolerationSeconds": seconds}


@pytest.mark.parametrize(
    ("tolerations", "expected"),
    [
        pytest.param([], 0, id="no tolerations"),
        pytest.param([tolerating("other")], 0, id="another's"),
        pytest.param([tolerating()], None, id="for ever"),
        pytest.param([tolerating(seconds=9)], 9, id="for a while"),
        pytest.param([tolerating(seconds=-9)], 0, id="for less than nothing"),
        pytest.param([tolerating(seconds=9), tolerating(seconds=5)], 5, id="the shortest"),
        pytest.param([tolerating(seconds=9), tolerating()], None, id="for a while and for ever"),
        pytest.param([tolerating(effect="")], 0, id="of no effect by name"),
    ],
)
def test_due(tolerations: list[Object], expected: float | None) -> None:
    assert due(tolerations, BROKEN) == (None if expected is None else parse_rfc3339(NOW) + expected)


def slice(*found: Object, generation: int = 1, device: str = "gpu-0", name: str = "s") -> Object:
    spec = {
        "driver": "gpu.example.com",
        "pool": {"name": "node", "generation": generation, "resourceSliceCount": 1},
        "nodeName": "node",
        "devices": [{"name": device, **({"taints": list(found)} if found else {})}],
    }
    return {"metadata": {"name": name}, "spec": spec}


@pytest.mark.parametrize(
    ("slices", "expected"),
    [
        pytest.param([], [], id="no slices"),
        pytest.param([slice(BROKEN, {**BROKEN, "effect": "NoSchedule"})], [BROKEN], id="only NoExecute"),
        pytest.param([slice(BROKEN, device="gpu-1")], [], id="of another device"),
        pytest.param([slice(BROKEN), slice(generation=2)], [], id="of an older generation"),
        pytest.param([slice(), slice(BROKEN, generation=2)], [BROKEN], id="of a newer generation"),
    ],
)
def test_taints(slices: list[Object], expected: list[Object]) -> None:
    assert list(taints(slices, "gpu-0")) == expected


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    """With a node, its device, and the controller running."""
    async with api_world(request.param) as world:
        await add_node(world)
        await world.client.create(RESOURCE_SLICES, slice())
        world.run(CONTROLLER)
        await world.settle()
        yield world


async def use(world: ApiWorld, name: str, *tolerations: Object) -> None:
    """A pod with a claim of its own, which has been given the device."""
    spec = {"devices": {"requests": [{"name": "r", "exactly": {"deviceClassName": "gpu.example.com"}}]}}
    await world.client.create(RESOURCE_CLAIMS, {"metadata": {"name": name, "namespace": "default"}, "spec": spec})
    made = pod(name, resourceClaims=[{"name": "gpu", "resourceClaimName": name}])
    made["metadata"]["finalizers"] = ["example.com/hold"]
    made = await world.client.create(PODS, made)
    result: Object = {"request": "r", "driver": "gpu.example.com", "pool": "node", "device": "gpu-0"}
    if tolerations:
        result["tolerations"] = list(tolerations)
    status = {
        "allocation": {"devices": {"results": [result]}},
        "reservedFor": [{"resource": "pods", "name": name, "uid": made["metadata"]["uid"]}],
    }
    await world.client.patch(RESOURCE_CLAIMS, "default", name, {"status": status}, subresource="status")


async def taint(world: ApiWorld, *found: Object) -> None:
    await world.client.patch(
        RESOURCE_SLICES, "", "s", {"spec": {"devices": [{"name": "gpu-0", "taints": list(found)}]}}
    )
    await world.settle()


async def staying(world: ApiWorld) -> set[str]:
    await world.settle()
    items = (await world.client.list(PODS)).items
    return {each["metadata"]["name"] for each in items if "deletionTimestamp" not in each["metadata"]}


MARKED = "Normal DeviceTaintManagerEviction: Marking for deletion"
CANCELLED = "Normal DeviceTaintManagerEviction: Cancelling deletion"
OLDER = Settings(features=Features(device_taints=False))
FRESH = {field: value for field, value in BROKEN.items() if field != "timeAdded"}


async def test_pods_leave_when_their_time_is_over(world: ApiWorld) -> None:
    await use(world, "at-once")
    await use(world, "soon", tolerating(seconds=30))
    await use(world, "never", tolerating())
    await world.client.create(PODS, pod("without"))
    await world.advance(SOONEST)
    assert await staying(world) == {"at-once", "soon", "never", "without"}
    await taint(world, FRESH)
    assert await staying(world) == {"soon", "never", "without"}
    await world.advance(29)
    assert await staying(world) == {"soon", "never", "without"}
    await world.advance(1)
    assert await staying(world) == {"never", "without"}
    assert await events(world) == [MARKED, MARKED]
    evicted = await world.client.get(PODS, "default", "at-once")
    [target] = [each for each in evicted["status"]["conditions"] if each["type"] == "DisruptionTarget"]
    assert (target["status"], target["reason"]) == ("True", "DeletionByDeviceTaintManager")
    assert target["message"] == "Device Taint manager: deleting due to NoExecute taint"
    assert "observedGeneration" not in target


async def test_a_taint_that_goes_cancels(world: ApiWorld) -> None:
    await use(world, "web", tolerating(seconds=30))
    await taint(world, FRESH)
    await world.advance(20)
    await taint(world)
    await world.advance(60)
    assert await staying(world) == {"web"}
    assert await events(world) == [CANCELLED]


async def test_a_claim_that_is_given_a_tainted_device(world: ApiWorld) -> None:
    await taint(world, FRESH)
    await use(world, "web")
    await world.advance(SOONEST)
    assert await staying(world) == set()


async def test_a_slice_that_goes_takes_its_taints_along(world: ApiWorld) -> None:
    await use(world, "web", tolerating(seconds=30))
    await taint(world, FRESH)
    await world.client.delete(RESOURCE_SLICES, "", "s")
    await world.advance(60)
    assert await staying(world) == {"web"}
    assert await events(world) == [CANCELLED]


async def test_older_versions_let_pods_stay() -> None:
    async with api_world() as world:
        await add_node(world)
        await world.client.create(RESOURCE_SLICES, slice(BROKEN))
        world.run(Descriptor(CONTROLLER.name, lambda context: CONTROLLER.new(replace(context, settings=OLDER))))
        await use(world, "web")
        await world.advance(SOONEST)
        assert await staying(world) == {"web"}


async def test_where_claims_are_not_served_nothing_waits_for_them() -> None:
    async with Cluster(port=None, kubernetes_version="1.33", clock="virtual", seed=1, nodes=0) as cluster:
        await cluster.settle()
        assert cluster.busy() == []
