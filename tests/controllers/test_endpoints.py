"""The Endpoints controller: subsets as tables, and behaviour through the API with fresh and lagging informers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.controllers.endpoints import CONTROLLER
from minikube_py.controllers.endpoints.subsets import Subset, count, expand, pack, truncate
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import ENDPOINTS, PODS, SERVICES
from tests.controllers.apiworld import LAGS, ApiWorld, api_world, events, pod, run_pod


def address(number: int) -> Object:
    return {"ip": f"10.0.0.{number}", "targetRef": {"uid": f"u{number}"}}


def port(number: int) -> Object:
    return {"name": f"p{number}", "port": number, "protocol": "TCP"}


def subset(ready: list[int], unready: list[int] | None = None, ports: list[int] | None = None) -> Subset:
    made: Subset = {}
    if ready:
        made["addresses"] = [address(number) for number in ready]
    if unready:
        made["notReadyAddresses"] = [address(number) for number in unready]
    if ports:
        made["ports"] = [port(number) for number in ports]
    return made


@pytest.mark.parametrize(
    ("given", "packed"),
    [
        pytest.param([], [], id="empty"),
        pytest.param([subset([2]), subset([1])], [subset([1, 2])], id="no-ports"),
        pytest.param([subset([2], ports=[80]), subset([1], ports=[80])], [subset([1, 2], ports=[80])], id="same-port"),
        pytest.param([subset([1], ports=[80]), subset([1], ports=[443])], [subset([1], ports=[443, 80])], id="one-pod"),
        pytest.param(
            [subset([1], ports=[80, 443]), subset([2], ports=[80])],
            [subset([1], ports=[443]), subset([1, 2], ports=[80])],
            id="some-lack-a-port",
        ),
        pytest.param(
            [subset([1], ports=[80]), subset([], [2], ports=[80])], [subset([1], [2], ports=[80])], id="not-ready"
        ),
        pytest.param([subset([1], [1], ports=[80])], [subset([], [1], ports=[80])], id="not-ready-trumps-ready"),
    ],
)
def test_pack(given: list[Subset], packed: list[Subset]) -> None:
    ordered = [
        {**each, "ports": sorted(each["ports"], key=lambda port: str(port["name"]))} if "ports" in each else each
        for each in packed
    ]
    assert pack(expand(given)) == ordered


@given(
    st.lists(
        st.builds(
            subset,
            st.lists(st.integers(1, 6), max_size=3),
            st.lists(st.integers(1, 6), max_size=3),
            st.lists(st.sampled_from([80, 443, 8080]), max_size=2, unique=True),
        ),
        max_size=4,
    )
)
def test_pack_is_idempotent_and_ignores_order(subsets: list[Subset]) -> None:
    packed = pack(expand(subsets))
    assert pack(expand(packed)) == packed
    assert pack(reversed(list(expand(subsets)))) == packed


@pytest.mark.parametrize(
    ("sizes", "kept"),
    [
        pytest.param([(6, 4)], [(6, 4)], id="fits"),
        pytest.param([(6, 6)], [(6, 4)], id="not-ready-go-first"),
        pytest.param([(6, 1), (6, 0)], [(5, 0), (5, 0)], id="ready-are-shared"),
        pytest.param([(9, 0), (0, 3), (0, 1)], [(9, 0), (0, 1), (0, 0)], id="rounded-up"),
    ],
)
def test_truncate(sizes: list[tuple[int, int]], kept: list[tuple[int, int]]) -> None:
    made = truncate([subset(list(range(ready)), list(range(20, 20 + unready))) for ready, unready in sizes], 10)
    assert [(len(each.get("addresses", ())), len(each.get("notReadyAddresses", ()))) for each in made] == kept
    assert count(made) <= 10


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    async with api_world(request.param) as world:
        world.run(CONTROLLER)
        yield world


async def new_service(world: ApiWorld, **spec: Any) -> Object:
    base = {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80, "targetPort": "web"}]}
    metadata = {"name": "web", "namespace": "default", "labels": {"team": "a"}}
    return await world.client.create(SERVICES, {"metadata": metadata, "spec": {**base, **spec}})


async def new_pods(world: ApiWorld, *numbers: int, ready: bool = True) -> None:
    for number in numbers:
        await world.client.create(PODS, pod(f"web-{number}"))
        await run_pod(world, f"web-{number}", f"10.244.0.{number + 1}", ready=ready)


async def endpoints(world: ApiWorld) -> Object:
    return await world.client.get(ENDPOINTS, "default", "web")


def names(made: Object, field: str = "addresses") -> list[str]:
    return [each["targetRef"]["name"] for each in made["subsets"][0].get(field, ())]


async def test_endpoints_show_the_pods(world: ApiWorld) -> None:
    await new_pods(world, 0)
    await new_pods(world, 1, ready=False)
    await world.settle()
    await new_service(world)
    await world.settle()
    made = await endpoints(world)
    assert made["metadata"]["labels"] == {"team": "a", "endpoints.kubernetes.io/managed-by": "endpoint-controller"}
    trigger = "endpoints.kubernetes.io/last-change-trigger-time"
    assert made["metadata"]["annotations"] == {trigger: "2026-01-01T00:00:00Z"}
    uid = (await world.client.get(PODS, "default", "web-0"))["metadata"]["uid"]
    target = {"kind": "Pod", "namespace": "default", "name": "web-0", "uid": uid}
    (made_subset,) = made["subsets"]
    assert made_subset["addresses"] == [{"ip": "10.244.0.1", "nodeName": "node", "targetRef": target}]
    assert names(made, "notReadyAddresses") == ["web-1"]
    assert made_subset["ports"] == [{"name": "http", "port": 8080, "protocol": "TCP"}]
    assert await events(world) == []


async def test_pods_come_and_go(world: ApiWorld) -> None:
    await new_service(world)
    await new_pods(world, 0, 1, 2)
    await world.settle()
    await run_pod(world, "web-0", "10.244.0.1", ready=False)
    await world.client.patch(PODS, "default", "web-1", {"metadata": {"labels": {"app": "other"}}})
    await world.settle()
    made = await endpoints(world)
    assert (names(made), names(made, "notReadyAddresses")) == (["web-2"], ["web-0"])
    await world.client.delete(PODS, "default", "web-0", grace_period=0)
    await world.client.delete(PODS, "default", "web-2", grace_period=0)
    await world.settle()
    assert "subsets" not in await endpoints(world)
    assert await events(world) == []


async def test_unready_pods_are_published_if_asked(world: ApiWorld) -> None:
    await new_service(world, publishNotReadyAddresses=True, clusterIP="None", ports=None)
    await new_pods(world, 0, ready=False)
    await world.settle()
    made = await endpoints(world)
    assert made["metadata"]["labels"]["service.kubernetes.io/headless"] == ""
    assert names(made) == ["web-0"] and "ports" not in made["subsets"][0]


async def test_endpoints_go_with_their_service(world: ApiWorld) -> None:
    await new_service(world)
    await world.settle()
    await world.client.delete(SERVICES, "default", "web")
    await world.settle()
    with pytest.raises(StatusError, match="not found"):
        await endpoints(world)


async def test_deleted_endpoints_are_made_again(world: ApiWorld) -> None:
    await new_service(world)
    await new_pods(world, 0)
    await world.settle()
    await world.client.delete(ENDPOINTS, "default", "web")
    await world.settle()
    assert names(await endpoints(world)) == ["web-0"]


async def test_foreign_changes_are_put_right_when_the_service_changes(world: ApiWorld) -> None:
    await new_service(world)
    await new_pods(world, 0)
    await world.settle()
    await world.client.patch(ENDPOINTS, "default", "web", {"subsets": None})
    await world.client.patch(SERVICES, "default", "web", {"metadata": {"labels": {"team": "b"}}})
    await world.settle()
    made = await endpoints(world)
    assert names(made) == ["web-0"] and made["metadata"]["labels"]["team"] == "b"


async def test_endpoints_of_services_without_a_selector_are_their_makers(world: ApiWorld) -> None:
    await new_service(world, selector=None)
    manual = {"metadata": {"name": "web", "namespace": "default"}, "subsets": [{"addresses": [{"ip": "1.2.3.4"}]}]}
    await world.client.create(ENDPOINTS, manual)
    await world.settle()
    assert (await endpoints(world))["subsets"][0]["addresses"] == [{"ip": "1.2.3.4"}]


async def test_a_restored_snapshot_is_followed(world: ApiWorld) -> None:
    await new_service(world)
    await new_pods(world, 0)
    await world.settle()
    snapshot = world.store.snapshot()
    await new_pods(world, 1)
    await world.settle()
    world.store.restore(snapshot)
    await world.settle()
    assert names(await endpoints(world)) == ["web-0"]
    await new_pods(world, 2)
    await world.settle()
    assert names(await endpoints(world)) == ["web-0", "web-2"]
