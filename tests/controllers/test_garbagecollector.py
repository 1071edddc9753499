"""The garbage collector through the API, with fresh and lagging informers."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minikube_py.controllers.garbagecollector import CONTROLLER
from minikube_py.controllers.garbagecollector.collector import GarbageCollector, is_collectable
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.wellknown import CONFIG_MAPS, NODES, SECRETS
from tests.controllers.apiworld import LAGS, ApiWorld, api_world, events


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    async with api_world(request.param) as world:
        world.run(CONTROLLER)
        await world.settle()
        yield world


def owned_by(*owners: Object, block: bool = False, **changes: Any) -> list[Object]:
    return [
        {
            "apiVersion": owner["apiVersion"],
            "kind": owner["kind"],
            "name": owner["metadata"]["name"],
            "uid": owner["metadata"]["uid"],
            "blockOwnerDeletion": block,
            **changes,
        }
        for owner in owners
    ]


async def add(
    world: ApiWorld,
    name: str,
    owners: list[Object] | None = None,
    *finalizers: str,
    resource: GroupVersionResource = CONFIG_MAPS,
    namespace: str = "default",
) -> Object:
    metadata: Object = {"name": name, "ownerReferences": owners or [], "finalizers": list(finalizers)}
    if namespace:
        metadata["namespace"] = namespace
    return await world.client.create(resource, {"metadata": metadata})


async def names(world: ApiWorld, resource: GroupVersionResource = CONFIG_MAPS) -> list[str]:
    return [each["metadata"]["name"] for each in (await world.client.list(resource)).items]


async def get(world: ApiWorld, name: str) -> Object:
    return await world.client.get(CONFIG_MAPS, "default", name)


def graph_size(world: ApiWorld) -> int:
    assert world.manager is not None
    (collector,) = world.manager.runnables
    assert isinstance(collector, GarbageCollector)
    return len(collector.graph.nodes)


async def test_background_takes_the_owner_then_its_dependents(world: ApiWorld) -> None:
    before = graph_size(world)
    owner = await add(world, "owner")
    child = await add(world, "child", owned_by(owner))
    await add(world, "grandchild", owned_by(child), resource=SECRETS)
    await add(world, "other")
    await world.settle()
    await world.client.delete(CONFIG_MAPS, "default", "owner", propagation="Background")
    assert await names(world) == ["child", "other"]
    await world.settle()
    assert (await names(world), await names(world, SECRETS)) == (["other"], [])
    assert graph_size(world) == before + 1


async def test_an_object_stays_while_it_has_an_owner_left(world: ApiWorld) -> None:
    one, other = await add(world, "one"), await add(world, "other")
    await add(world, "child", owned_by(one, other))
    await world.settle()
    await world.client.delete(CONFIG_MAPS, "default", "one", propagation="Background")
    await world.settle()
    assert [each["name"] for each in (await get(world, "child"))["metadata"]["ownerReferences"]] == ["other"]
    await world.client.delete(CONFIG_MAPS, "default", "other", propagation="Background")
    await world.settle()
    assert await names(world) == []


async def test_orphan_releases_the_dependents(world: ApiWorld) -> None:
    owner, other = await add(world, "owner"), await add(world, "other")
    await add(world, "a", owned_by(owner))
    await add(world, "b", owned_by(owner, other))
    await world.settle()
    await world.client.delete(CONFIG_MAPS, "default", "owner", propagation="Orphan")
    assert (await get(world, "owner"))["metadata"]["finalizers"] == ["orphan"]
    await world.settle()
    assert await names(world) == ["a", "b", "other"]
    assert "ownerReferences" not in (await get(world, "a"))["metadata"]
    assert [each["name"] for each in (await get(world, "b"))["metadata"]["ownerReferences"]] == ["other"]


async def test_foreground_waits_for_blocking_dependents(world: ApiWorld) -> None:
    owner = await add(world, "owner")
    await add(world, "held", owned_by(owner, block=True), "test/hold")
    await add(world, "free", owned_by(owner), "test/hold")
    await world.settle()
    await world.client.delete(CONFIG_MAPS, "default", "owner", propagation="Foreground")
    await world.settle()
    assert (await get(world, "owner"))["metadata"]["finalizers"] == ["foregroundDeletion"]
    assert all([(await get(world, name))["metadata"]["deletionTimestamp"] for name in ("held", "free")])
    await world.client.patch(CONFIG_MAPS, "default", "held", {"metadata": {"finalizers": None}})
    await world.settle()
    assert await names(world) == ["free"]  # which nobody waited for


async def test_foreground_reaches_all_generations(world: ApiWorld) -> None:
    owner = await add(world, "owner")
    child = await add(world, "child", owned_by(owner, block=True))
    await add(world, "grandchild", owned_by(child, block=True), "test/hold")
    await world.settle()
    await world.client.delete(CONFIG_MAPS, "default", "owner", propagation="Foreground")
    await world.settle()
    assert await names(world) == ["child", "grandchild", "owner"]
    assert (await get(world, "child"))["metadata"]["finalizers"] == ["foregroundDeletion"]
    await world.client.patch(CONFIG_MAPS, "default", "grandchild", {"metadata": {"finalizers": None}})
    await world.settle()
    assert await names(world) == []


async def test_foreground_ends_when_a_dependent_no_longer_blocks(world: ApiWorld) -> None:
    owner = await add(world, "owner")
    await add(world, "held", owned_by(owner, block=True), "test/hold")
    await world.settle()
    await world.client.delete(CONFIG_MAPS, "default", "owner", propagation="Foreground")
    await world.settle()
    unblocked = {"metadata": {"ownerReferences": owned_by(owner, block=False)}}
    await world.client.patch(CONFIG_MAPS, "default", "held", unblocked)
    await world.settle()
    assert await names(world) == ["held"]


async def test_foreground_of_a_circle_ends(world: ApiWorld) -> None:
    one = await add(world, "one")
    other = await add(world, "other", owned_by(one, block=True))
    await world.client.patch(
        CONFIG_MAPS, "default", "one", {"metadata": {"ownerReferences": owned_by(other, block=True)}}
    )
    await world.settle()
    await world.client.delete(CONFIG_MAPS, "default", "one", propagation="Foreground")
    await world.settle()
    assert await names(world) == []


async def test_an_owner_that_never_was_is_noticed(world: ApiWorld) -> None:
    ghost = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "ghost", "uid": "no-such-uid"}}
    await add(world, "child", owned_by(ghost))
    await world.settle()
    assert await names(world) == []


async def test_a_namesake_of_the_owner_is_no_owner(world: ApiWorld) -> None:
    owner = await add(world, "owner")
    await add(world, "child", owned_by(owner, uid="former-uid"))
    await world.settle()
    assert await names(world) == ["owner"]


async def test_a_wrong_kind_in_the_reference_makes_it_dangle(world: ApiWorld) -> None:
    owner = await add(world, "owner")
    await add(world, "good", owned_by(owner))
    await add(world, "bad", owned_by(owner, kind="Secret"))
    await world.settle()
    assert await names(world) == ["good", "owner"]


async def test_owners_in_other_namespaces_are_told_of(world: ApiWorld) -> None:
    await world.begin("other")
    owner = await add(world, "owner", namespace="other")
    await world.settle()
    await add(world, "child", owned_by(owner))
    await world.settle()
    uid = owner["metadata"]["uid"]
    assert await names(world) == ["owner"]
    assert await events(world) == [
        "Warning OwnerRefInvalidNamespace: "
        f"ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: {uid}] does not exist in namespace "
        '"default"'
    ]


async def test_a_cluster_scoped_object_with_a_namespaced_owner_stays(world: ApiWorld) -> None:
    owner = await add(world, "owner")
    await add(world, "node", owned_by(owner), resource=NODES, namespace="")
    await world.settle()
    await world.client.delete(CONFIG_MAPS, "default", "owner", propagation="Background")
    await world.settle()
    assert await names(world, NODES) == ["node"]


async def test_a_cluster_scoped_owner_owns_in_namespaces(world: ApiWorld) -> None:
    owner = await add(world, "node", resource=NODES, namespace="")
    await add(world, "child", owned_by(owner))
    await world.settle()
    assert await names(world) == ["child"]
    await world.client.delete(NODES, "", "node", propagation="Background")
    await world.settle()
    assert await names(world) == []


async def test_references_may_come_later(world: ApiWorld) -> None:
    owner = await add(world, "owner")
    await add(world, "child")
    await world.settle()
    await world.client.patch(CONFIG_MAPS, "default", "child", {"metadata": {"ownerReferences": owned_by(owner)}})
    await world.settle()
    await world.client.delete(CONFIG_MAPS, "default", "owner", propagation="Background")
    await world.settle()
    assert await names(world) == []


async def test_finalizers_of_the_dependent_are_honoured(world: ApiWorld) -> None:
    owner = await add(world, "owner")
    child = await add(world, "child", owned_by(owner), "orphan")
    await add(world, "grandchild", owned_by(child))
    await world.settle()
    await world.client.delete(CONFIG_MAPS, "default", "owner", propagation="Background")
    await world.settle()
    assert await names(world) == ["grandchild"]
    assert "ownerReferences" not in (await get(world, "grandchild"))["metadata"]


async def test_what_was_there_before_is_collected(world: ApiWorld) -> None:
    assert world.manager is not None
    await world.manager.stop()
    ghost = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "ghost", "uid": "no-such-uid"}}
    await add(world, "child", owned_by(ghost))
    owner = await add(world, "owner", None, "foregroundDeletion")
    await add(world, "blocking", owned_by(owner, block=True))
    await world.client.delete(CONFIG_MAPS, "default", "owner", propagation="Foreground")
    world.run(CONTROLLER)
    await world.settle()
    assert await names(world) == []


async def test_an_unknown_kind_is_tried_again(world: ApiWorld) -> None:
    ghost = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "ghost", "uid": "no-such-uid"}}
    await add(world, "child", owned_by(ghost))
    await world.settle()
    assert await names(world) == ["child"]
    assert world.manager is not None and world.manager.next_retry() is not None


async def test_a_busy_object_is_deleted_all_the_same(world: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = await add(world, "owner")
    await add(world, "child", owned_by(owner))
    await world.settle()
    assert world.manager is not None
    (collector,) = world.manager.runnables
    client = collector._operations._client  # type: ignore[attr-defined]
    original = client.delete

    async def rival(*given: Any, **options: Any) -> Object:
        if options.get("resource_version"):
            await world.client.patch(CONFIG_MAPS, "default", "child", {"data": {"now": "changed"}})
        return await original(*given, **options)  # type: ignore[no-any-return]

    monkeypatch.setattr(client, "delete", rival)
    await world.client.delete(CONFIG_MAPS, "default", "owner", propagation="Background")
    await world.settle(retries=False)
    assert await names(world) == []


async def test_each_object_is_followed_in_one_version(world: ApiWorld) -> None:
    followed = [each.resource for each in await world.client.discover() if is_collectable(each)]
    assert len({resource.group_resource for resource in followed}) == len(followed)
    assert not any(resource.resource == "events" for resource in followed)


async def test_a_restored_owner_owns_again(world: ApiWorld) -> None:
    owner = await add(world, "owner")
    await add(world, "child", owned_by(owner))
    await add(world, "held", owned_by(owner), "test/hold")
    await world.settle()
    snapshot = world.store.snapshot()
    await world.client.delete(CONFIG_MAPS, "default", "owner", propagation="Background")
    await world.settle()
    assert await names(world) == ["held"]
    world.store.restore(snapshot)
    await world.settle()
    assert await names(world) == ["child", "held", "owner"]
    assert "deletionTimestamp" not in (await get(world, "held"))["metadata"]
    await world.client.delete(CONFIG_MAPS, "default", "owner", propagation="Background")
    await world.settle()
    assert await names(world) == ["held"]
    assert (await get(world, "held"))["metadata"]["deletionTimestamp"]


async def test_a_namesake_in_a_restored_snapshot_owns_nothing(world: ApiWorld) -> None:
    await add(world, "owner")
    await world.settle()
    size = graph_size(world)
    snapshot = world.store.snapshot()
    await world.client.delete(CONFIG_MAPS, "default", "owner", propagation="Background")
    owner = await add(world, "owner")
    await add(world, "child", owned_by(owner), resource=SECRETS)
    await world.settle()
    world.store.restore(snapshot)
    await world.settle()
    assert (await names(world), await names(world, SECRETS)) == (["owner"], [])
    assert graph_size(world) == size


THINGS = GroupVersionResource("example.com", "v1", "things")


def serve_things(world: ApiWorld) -> None:
    """As after a CRD was created: a custom resource, shaped like a ConfigMap."""
    model = world.registry.catalog.find(CONFIG_MAPS)
    assert model is not None
    things = dataclasses.replace(model, group="example.com", plural="things", kind="Thing", short_names=(), custom=True)
    world.registry.catalog.add(things)
    discover_again(world)


def discover_again(world: ApiWorld) -> None:
    assert world.manager is not None
    (collector,) = world.manager.runnables
    assert isinstance(collector, GarbageCollector)
    collector._definition_changed({})


async def test_custom_resources_come_and_go(world: ApiWorld) -> None:
    serve_things(world)
    await world.settle()
    owner = await add(world, "owner", resource=THINGS)
    await add(world, "child", owned_by(owner))
    kept = await add(world, "kept", resource=THINGS)
    await add(world, "grown", owned_by(kept))
    await world.settle()
    await world.client.delete(THINGS, "default", "owner", propagation="Background")
    await world.settle()
    assert await names(world) == ["grown"]
    await world.client.delete(THINGS, "default", "kept", propagation="Background")
    world.registry.catalog.remove(THINGS)
    discover_again(world)
    await world.settle()
    assert await names(world) == []
    assert world.manager is not None and THINGS not in world.manager.informers.informers


async def test_owners_of_custom_resources_are_removed_by_merge_patches(world: ApiWorld) -> None:
    serve_things(world)
    await world.settle()
    owner, other = await add(world, "owner"), await add(world, "other")
    await add(world, "thing", owned_by(owner, other), resource=THINGS)
    await world.settle()
    await world.client.delete(CONFIG_MAPS, "default", "owner", propagation="Orphan")
    await world.settle()
    thing = await world.client.get(THINGS, "default", "thing")
    assert [each["name"] for each in thing["metadata"]["ownerReferences"]] == ["other"]


NAMES = st.sampled_from("abcde")
DEEDS = st.one_of(
    st.tuples(st.just("create"), NAMES, st.lists(NAMES, max_size=2, unique=True), st.booleans()),
    st.tuples(st.just("delete"), NAMES, st.sampled_from(["Background", "Foreground", "Orphan"]), st.booleans()),
)


async def do(world: ApiWorld, deed: tuple[Any, ...]) -> None:
    what, name, detail, flag = deed
    try:
        if what == "create":
            every = {each["metadata"]["name"]: each for each in (await world.client.list(CONFIG_MAPS)).items}
            owners = [every[each] for each in detail if each in every]
            await add(world, name, owned_by(*owners, block=flag))
        else:
            await world.client.delete(CONFIG_MAPS, "default", name, propagation=detail)
    except StatusError as error:
        assert is_not_found(error) or error.reason in ("AlreadyExists", "Forbidden")
    if flag:
        await world.settle()


@settings(max_examples=60, deadline=None)
@given(st.lists(DEEDS, max_size=14), st.sampled_from([0, 2]))
def test_nothing_outlives_all_its_owners_and_no_deletion_gets_stuck(deeds: list[tuple[Any, ...]], lag: int) -> None:
    async def history() -> None:
        async with api_world(lag) as world:
            world.run(CONTROLLER)
            for deed in deeds:
                await do(world, deed)
            await world.settle()
            every = [each["metadata"] for each in (await world.client.list(CONFIG_MAPS)).items]
            live = {each["uid"] for each in every}
            for each in every:
                assert "deletionTimestamp" not in each
                owners = {reference["uid"] for reference in each.get("ownerReferences") or ()}
                assert not owners or owners & live

    asyncio.run(history())
