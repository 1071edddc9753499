"""The namespace controller: conditions and estimates as tables, the end of namespaces through the API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from minikube_py.controllers.namespace import CONTROLLER
from minikube_py.controllers.namespace.conditions import told, updated
from minikube_py.controllers.namespace.content import grace_of
from minikube_py.controllers.namespace.staleness import stale_versions
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.wellknown import API_SERVICES, CONFIG_MAPS, DEPLOYMENTS, NAMESPACES, PODS, SECRETS
from tests.controllers.apiworld import LAGS, ApiWorld, api_world, pod

NOW, LATER = "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"


def by_type(conditions: list[Object]) -> dict[str, tuple[str, str, str]]:
    return {each["type"]: (each["status"], each["reason"], each["message"]) for each in conditions}


def test_conditions_when_all_is_well() -> None:
    assert list(by_type(updated(None, told(), NOW)).items()) == [
        (
            "NamespaceDeletionDiscoveryFailure",
            ("False", "ResourcesDiscovered", "All resources successfully discovered"),
        ),
        (
            "NamespaceDeletionGroupVersionParsingFailure",
            ("False", "ParsedGroupVersions", "All legacy kube types successfully parsed"),
        ),
        (
            "NamespaceDeletionContentFailure",
            ("False", "ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
        ),
        ("NamespaceContentRemaining", ("False", "ContentRemoved", "All content successfully removed")),
        (
            "NamespaceFinalizersRemaining",
            ("False", "ContentHasNoFinalizers", "All content-preserving finalizers finished"),
        ),
    ]


@pytest.mark.parametrize(
    ("bad", "type", "reason", "message"),
    [
        pytest.param(
            told("no answer"), "NamespaceDeletionDiscoveryFailure", "DiscoveryFailed", "no answer", id="discovery"
        ),
        pytest.param(
            told("", ["b", "a"]),
            "NamespaceDeletionContentFailure",
            "ContentDeletionFailed",
            "Failed to delete all resource types, 2 remaining: a, b",
            id="content",
        ),
        pytest.param(
            told(remaining={PODS: 2, DEPLOYMENTS: 1}),
            "NamespaceContentRemaining",
            "SomeResourcesRemain",
            "Some resources are remaining: deployments.apps has 1 resource instances, pods. has 2 resource instances",
            id="remaining",
        ),
        pytest.param(
            told(finalizers={"x/b": 1, "x/a": 3}),
            "NamespaceFinalizersRemaining",
            "SomeFinalizersRemain",
            "Some content in the namespace has finalizers remaining: "
            "x/a in 3 resource instances, x/b in 1 resource instances",
            id="finalizers",
        ),
    ],
)
def test_conditions_that_are_true(bad: dict[str, tuple[str, str]], type: str, reason: str, message: str) -> None:
    made = updated(None, bad, NOW)
    assert by_type(made)[type] == ("True", reason, message)
    assert sum(each["status"] == "True" for each in made) == 1
    again = updated(made, {}, LATER)
    times = {each["type"]: each["lastTransitionTime"] for each in again}
    assert times.pop(type) == LATER and set(times.values()) == {NOW}
    assert updated(again, {}, LATER) == again


@pytest.mark.parametrize(
    ("graces", "age", "estimate"),
    [
        pytest.param([], 0, 0, id="no-pods"),
        pytest.param([30, 60], 5, 60, id="the-slowest"),
        pytest.param([30], 30, 0, id="over"),
    ],
)
def test_grace(graces: list[int], age: float, estimate: int) -> None:
    pods: list[Object] = [{"spec": {"terminationGracePeriodSeconds": grace}} for grace in graces]
    finished: Object = {"spec": {"terminationGracePeriodSeconds": 999}, "status": {"phase": "Failed"}}
    assert grace_of([*pods, finished], age) == estimate


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    async with api_world(request.param) as world:
        await world.begin("team")
        world.run(CONTROLLER)
        await world.settle()
        yield world


async def get(world: ApiWorld) -> Object:
    return await world.client.get(NAMESPACES, "", "team")


async def is_gone(world: ApiWorld) -> bool:
    try:
        await get(world)
    except StatusError as error:
        return error.code == 404
    return False


async def add(world: ApiWorld, resource: GroupVersionResource, name: str, *finalizers: str) -> None:
    metadata = {"name": name, "namespace": "team", "finalizers": list(finalizers)}
    await world.client.create(resource, {"metadata": metadata})


async def test_an_emptied_namespace_goes_after_its_grace(world: ApiWorld) -> None:
    await add(world, CONFIG_MAPS, "c")
    await add(world, SECRETS, "s")
    await world.client.delete(NAMESPACES, "", "team")
    await world.settle()
    assert (await get(world))["status"]["phase"] == "Terminating"
    await world.advance(4)
    assert not await is_gone(world)
    await world.advance(1)
    assert await is_gone(world)
    assert list((await world.client.list(CONFIG_MAPS, "team")).items) == []


async def test_active_namespaces_are_left_alone(world: ApiWorld) -> None:
    await add(world, CONFIG_MAPS, "c")
    await world.advance(60)
    assert (await get(world))["status"] == {"phase": "Active"}
    assert len((await world.client.list(CONFIG_MAPS, "team")).items) == 1


async def test_finalizers_hold_it_and_are_told(world: ApiWorld) -> None:
    await add(world, CONFIG_MAPS, "c", "example.com/block")
    await world.client.delete(NAMESPACES, "", "team")
    await world.advance(5)
    conditions = by_type((await get(world))["status"]["conditions"])
    assert [status for status, _, _ in conditions.values()] == ["False", "False", "False", "True", "True"]
    assert conditions["NamespaceContentRemaining"][2] == (
        "Some resources are remaining: configmaps. has 1 resource instances"
    )
    assert conditions["NamespaceFinalizersRemaining"][2] == (
        "Some content in the namespace has finalizers remaining: example.com/block in 1 resource instances"
    )
    await world.client.patch(CONFIG_MAPS, "team", "c", {"metadata": {"finalizers": None}})
    await world.advance(10)
    assert await is_gone(world)


async def test_pods_end_before_anything_else_is_deleted(world: ApiWorld) -> None:
    await add(world, CONFIG_MAPS, "c")
    running = pod("web", node="node")
    await world.client.create(PODS, {**running, "metadata": {"name": "web", "namespace": "team"}})
    await world.client.delete(NAMESPACES, "", "team")
    await world.advance(6)
    assert (await world.client.get(PODS, "team", "web"))["metadata"]["deletionTimestamp"]
    assert len((await world.client.list(CONFIG_MAPS, "team")).items) == 1
    await world.client.delete(PODS, "team", "web", grace_period=0)
    await world.advance(20)
    assert await is_gone(world)


async def test_a_foreign_finalizer_of_the_namespace_stays(world: ApiWorld) -> None:
    namespace = await get(world)
    held = {**namespace, "spec": {"finalizers": ["kubernetes", "example.com/mine"]}}
    await world.client.update(NAMESPACES, held, subresource="finalize")
    await world.client.delete(NAMESPACES, "", "team")
    await world.advance(6)
    assert (await get(world))["spec"]["finalizers"] == ["example.com/mine"]


def api_service(reason: str, **spec: Any) -> Object:
    condition = {"type": "Available", "status": str(reason == "Passed"), "reason": reason, "message": ""}
    base = {"group": "g.io", "version": "v1", "service": {"name": "s", "namespace": "n"}}
    return {"spec": {**base, **spec}, "status": {"conditions": [condition]}}


@pytest.mark.parametrize(
    ("given", "stale"),
    [
        pytest.param([], [], id="none"),
        pytest.param([api_service("ServiceNotFound")], ["g.io/v1"], id="without-its-service"),
        pytest.param(
            [api_service("MissingEndpoints"), api_service("ServiceNotFound", group="a.io")],
            ["a.io/v1", "g.io/v1"],
            id="two",
        ),
        pytest.param([api_service("FailedDiscoveryCheck")], [], id="simulated"),
        pytest.param([api_service("Passed"), api_service("Local", service=None)], [], id="served"),
    ],
)
def test_stale_versions(given: list[Object], stale: list[str]) -> None:
    assert stale_versions(given) == stale


async def test_what_cannot_be_discovered_holds_up_namespaces(world: ApiWorld) -> None:
    await add(world, CONFIG_MAPS, "c")
    made = api_service("ServiceNotFound", groupPriorityMinimum=1, versionPriority=1, insecureSkipTLSVerify=True)
    metadata = {"metadata": {"name": "v1.g.io"}}
    await world.client.create(API_SERVICES, {**made, **metadata})
    await world.client.patch(API_SERVICES, "", "v1.g.io", {"status": made["status"]}, subresource="status")
    await world.client.delete(NAMESPACES, "", "team")
    await world.advance(6)
    assert (await world.client.list(CONFIG_MAPS, "team")).items == []
    conditions = by_type((await get(world))["status"]["conditions"])
    assert conditions["NamespaceDeletionDiscoveryFailure"] == (
        "True",
        "DiscoveryFailed",
        "Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: "
        "g.io/v1: stale GroupVersion discovery: g.io/v1",
    )
    await world.client.delete(API_SERVICES, "", "v1.g.io")
    await world.advance(60)
    assert await is_gone(world)
