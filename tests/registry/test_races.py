"""Writers that meet: whoever was slower looks again, and nothing is lost. And the client in process."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from minikube_py.api.context import Context
from minikube_py.api.local import LocalClient
from minikube_py.client.protocol import APPLY_PATCH, JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.errors import StatusError, is_conflict, is_expired
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.wellknown import CONFIG_MAPS, DEPLOYMENTS, NODES
from tests.registry.api import Api, turns

A_MAP: Object = {"metadata": {"name": "a", "namespace": "default"}, "data": {"v": "1"}}


@pytest.fixture
def slow(api: Api, monkeypatch: pytest.MonkeyPatch) -> Api:
    """Admission takes its time, as webhooks do, so that writes overlap."""
    admission = api.cluster.registry.admission
    admit, validate = admission.admit, admission.validate

    async def slow_admit(ctx: Context, obj: Object | None, old: Object | None) -> None:
        await turns(1 + len(api.cluster.store.journal) % 3)
        await admit(ctx, obj, old)

    async def slow_validate(ctx: Context, obj: Object | None, old: Object | None) -> None:
        await next_turn()
        await validate(ctx, obj, old)

    monkeypatch.setattr(admission, "admit", slow_admit)
    monkeypatch.setattr(admission, "validate", slow_validate)
    return api


@pytest.mark.parametrize("patch_type", [MERGE_PATCH, STRATEGIC_MERGE_PATCH, JSON_PATCH, APPLY_PATCH])
async def test_no_patch_is_lost(slow: Api, patch_type: str) -> None:
    client = slow.cluster.client
    await client.create(CONFIG_MAPS, A_MAP)

    def patch(key: str) -> Any:
        if patch_type == JSON_PATCH:
            return [{"op": "add", "path": f"/data/{key}", "value": "1"}]
        head = {"apiVersion": "v1", "kind": "ConfigMap"} if patch_type == APPLY_PATCH else {}
        return {**head, "data": {key: "1"}}

    keys = [f"k{number}" for number in range(12)]
    jobs = [
        client.patch(CONFIG_MAPS, "default", "a", patch(key), patch_type=patch_type, field_manager=key) for key in keys
    ]
    await asyncio.gather(*jobs)
    found = await client.get(CONFIG_MAPS, "default", "a")
    assert found["data"] == {"v": "1", **dict.fromkeys(keys, "1")}


async def test_of_updates_of_one_version_one_wins(slow: Api) -> None:
    client = slow.cluster.client
    made = await client.create(CONFIG_MAPS, A_MAP)
    jobs = [client.update(CONFIG_MAPS, {**made, "data": {"v": str(number)}}) for number in range(2, 8)]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    won = [result for result in results if isinstance(result, dict)]
    assert len(won) == 1
    assert all(is_conflict(result) for result in results if isinstance(result, StatusError))
    assert await client.get(CONFIG_MAPS, "default", "a") == won[0]


async def test_of_creates_of_one_name_one_wins(slow: Api) -> None:
    client = slow.cluster.client
    jobs = [client.create(CONFIG_MAPS, A_MAP) for _ in range(5)]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert [result.reason for result in results if isinstance(result, StatusError)] == ["AlreadyExists"] * 4


async def test_deletes_meet_updates(slow: Api) -> None:
    client = slow.cluster.client
    await client.create(CONFIG_MAPS, A_MAP)
    patches = [client.patch(CONFIG_MAPS, "default", "a", {"data": {f"k{number}": "1"}}) for number in range(4)]
    results = await asyncio.gather(*patches, client.delete(CONFIG_MAPS, "default", "a"), return_exceptions=True)
    assert not isinstance(results[-1], Exception)
    assert {result.reason for result in results if isinstance(result, StatusError)} <= {"NotFound"}
    assert slow.cluster.store.count("configmaps") == 0


# The client in process


async def test_objects_are_given_by_reference_and_those_taken_stay_as_they_are(api: Api) -> None:
    client = api.cluster.client
    given: Object = {"metadata": {"name": "a", "namespace": "default"}, "data": {"v": "1"}}
    made = await client.create(CONFIG_MAPS, given)
    assert given == A_MAP
    assert await client.get(CONFIG_MAPS, "default", "a") is made
    assert (await client.list(CONFIG_MAPS, "default")).items[0] is made


@pytest.mark.parametrize(
    ("resource", "obj", "status"),
    [
        pytest.param(GroupVersionResource("", "v1", "things"), {"metadata": {"name": "a"}}, 404, id="resource"),
        pytest.param(CONFIG_MAPS, {"kind": "Pod", "apiVersion": "v1", **A_MAP}, 400, id="kind"),
        pytest.param(CONFIG_MAPS, {"metadata": {"name": "a"}, "data": 5}, 400, id="type"),
        pytest.param(CONFIG_MAPS, {"metadata": {"name": "A", "namespace": "default"}}, 422, id="name"),
    ],
)
async def test_the_client_refuses_as_the_server_does(
    api: Api, resource: GroupVersionResource, obj: Object, status: int
) -> None:
    with pytest.raises(StatusError) as error:
        await api.cluster.client.create(resource, obj)
    assert error.value.code == status


async def test_the_user_agent_is_the_field_manager(api: Api) -> None:
    client = api.cluster.client.as_user_agent("kube-controller-manager/deployment-controller")
    made = await client.create(CONFIG_MAPS, A_MAP)
    assert made["metadata"]["managedFields"][0]["manager"] == "kube-controller-manager"


async def test_discovery_prefers_the_newest_version(api: Api) -> None:
    found = await api.cluster.client.discover()
    assert {each.resource for each in found} >= {CONFIG_MAPS, DEPLOYMENTS, NODES}
    preferred = [each.resource.group_resource for each in found if each.preferred]
    assert len(preferred) == len(set(preferred)) == len({each.resource.group_resource for each in found})
    scalers = [each for each in found if each.resource.resource == "horizontalpodautoscalers"]
    assert [(each.resource.version, each.preferred) for each in scalers] == [("v2", True), ("v1", False)]


@pytest.mark.parametrize("lag", [0, 5])
async def test_a_lagging_watch_tells_the_same_later(api: Api, lag: int) -> None:
    client = LocalClient(api.cluster.registry, lag=lambda: lag)
    watch = await client.watch(CONFIG_MAPS, "default", resource_version=str(api.revision))
    assert not watch.pending
    reading = asyncio.ensure_future(watch.next())
    await next_turn()
    await client.create(CONFIG_MAPS, A_MAP)
    assert watch.pending
    await turns(3)
    assert reading.done() is (lag == 0)
    await client.patch(CONFIG_MAPS, "default", "a", {"data": {"v": "2"}})
    told = list(await reading)
    while len(told) < 2:
        told += await watch.next()
    assert [(event.type, event.object["data"]["v"]) for event in told] == [("ADDED", "1"), ("MODIFIED", "2")]
    assert not watch.pending


async def test_a_stopped_watch_ends(api: Api) -> None:
    watch = await api.cluster.client.watch(CONFIG_MAPS)
    await watch.next() if watch.pending else None
    reading = asyncio.ensure_future(watch.next())
    await next_turn()
    watch.stop()
    watch.stop()
    assert await reading == ()
    assert not watch.pending
    await api.cluster.client.create(CONFIG_MAPS, A_MAP)
    assert await watch.next() == ()


async def test_an_expired_watch_says_so(api: Api) -> None:
    watch = await api.cluster.client.watch(CONFIG_MAPS, resource_version="1")
    assert watch.pending
    with pytest.raises(StatusError) as error:
        await watch.next()
    assert is_expired(error.value)
