"""What every Client promises, on each of them: in process and over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from minikube_py.client.http import HTTPClient
from minikube_py.client.protocol import APPLY_PATCH, Client
from minikube_py.cluster import Cluster
from minikube_py.machinery.errors import StatusError, is_already_exists, is_conflict, is_expired, is_not_found
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.wellknown import CONFIG_MAPS, DEPLOYMENTS, NAMESPACES, PODS


@pytest.fixture(params=["local", "http"])
async def client(request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    port = None if request.param == "local" else 0
    async with Cluster(port=port, controllers="serviceaccount-controller", seed=1, clock="virtual") as cluster:
        await cluster.settle()
        if request.param == "local":
            yield cluster.client
        else:
            async with HTTPClient(cluster.url) as client:
                yield client


def config_map(name: str, **data: str) -> Object:
    meta = {"name": name, "namespace": "default"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}


async def test_create_get_update_delete(client: Client) -> None:
    created = await client.create(CONFIG_MAPS, config_map("a", k="v"))
    assert created["kind"] == "ConfigMap"
    assert created == await client.get(CONFIG_MAPS, "default", "a")
    updated = await client.update(CONFIG_MAPS, {**created, "data": {"k": "w"}})
    assert updated["data"] == {"k": "w"}
    await client.delete(CONFIG_MAPS, "default", "a", uid=created["metadata"]["uid"])
    with pytest.raises(StatusError) as gone:
        await client.get(CONFIG_MAPS, "default", "a")
    assert is_not_found(gone.value)
    assert str(gone.value) == 'configmaps "a" not found'


async def test_errors_are_the_servers(client: Client) -> None:
    created = await client.create(CONFIG_MAPS, config_map("a"))
    with pytest.raises(StatusError) as exists:
        await client.create(CONFIG_MAPS, config_map("a"))
    assert is_already_exists(exists.value)
    await client.patch(CONFIG_MAPS, "default", "a", {"data": {"x": "y"}})
    with pytest.raises(StatusError) as stale:
        await client.update(CONFIG_MAPS, created)
    assert is_conflict(stale.value)
    with pytest.raises(StatusError) as unknown:
        await client.list(GroupVersionResource("nosuch.example.com", "v1", "things"))
    assert unknown.value.code == 404


async def test_lists_have_pages_and_selectors(client: Client) -> None:
    for name in "abc":
        labelled = config_map(name)
        labelled["metadata"]["labels"] = {"odd": "yes" if name != "b" else "no"}
        await client.create(CONFIG_MAPS, labelled)
    page = await client.list(CONFIG_MAPS, "default", limit=2)
    assert [item["metadata"]["name"] for item in page.items] == ["a", "b"]
    assert page.items[0]["kind"] == "ConfigMap"
    rest = await client.list(CONFIG_MAPS, "default", limit=2, continue_token=page.continue_token)
    assert [item["metadata"]["name"] for item in rest.items] == ["c"]
    odd = await client.list(CONFIG_MAPS, label_selector="odd=yes")
    assert [item["metadata"]["name"] for item in odd.items] == ["a", "c"]
    one = await client.list(CONFIG_MAPS, "default", field_selector="metadata.name=b")
    assert len(one.items) == 1


async def test_watch_follows_a_list(client: Client) -> None:
    listed = await client.list(CONFIG_MAPS, "default")
    watch = await client.watch(CONFIG_MAPS, "default", resource_version=listed.resource_version)
    await client.create(CONFIG_MAPS, config_map("a"))
    await client.patch(CONFIG_MAPS, "default", "a", {"data": {"k": "v"}})
    await client.delete(CONFIG_MAPS, "default", "a")
    seen: list[str] = []
    while len(seen) < 3:
        seen += [event.type for event in await watch.next()]
    assert seen == ["ADDED", "MODIFIED", "DELETED"]
    watch.stop()
    assert await watch.next() == ()


async def test_a_watch_from_too_long_ago_is_expired(client: Client) -> None:
    watch = await client.watch(CONFIG_MAPS, resource_version="1")
    with pytest.raises(StatusError) as expired:
        await watch.next()
    assert is_expired(expired.value)
    watch.stop()


async def test_apply_and_dry_run(client: Client) -> None:
    applied = config_map("a", k="v")
    made = await client.patch(
        CONFIG_MAPS, "default", "a", applied, patch_type=APPLY_PATCH, field_manager="me", force=True
    )
    assert made["metadata"]["managedFields"][0]["manager"] == "me"
    tried = await client.create(NAMESPACES, {"metadata": {"name": "tried"}}, dry_run=True)
    assert tried["status"]["phase"] == "Active"
    with pytest.raises(StatusError):
        await client.get(NAMESPACES, "", "tried")


async def test_subresources(client: Client) -> None:
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    meta = {"name": "web", "namespace": "default"}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    await client.create(DEPLOYMENTS, {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec})
    scale = await client.get(DEPLOYMENTS, "default", "web", subresource="scale")
    assert scale["spec"] == {"replicas": 1}
    scaled = await client.patch(DEPLOYMENTS, "default", "web", {"spec": {"replicas": 3}}, subresource="scale")
    assert scaled["kind"] == "Scale"
    pod = {"metadata": {"name": "p", "namespace": "default"}, "spec": template["spec"]}
    await client.create(PODS, pod)
    binding = {"metadata": {"name": "p"}, "target": {"kind": "Node", "name": "n"}}
    await client.create(PODS, binding, namespace="default", name="p", subresource="binding")
    bound = await client.get(PODS, "default", "p")
    assert bound["spec"]["nodeName"] == "n"


async def test_delete_collection_and_discovery(client: Client) -> None:
    for name in "ab":
        await client.create(CONFIG_MAPS, config_map(name))
    await client.delete_collection(CONFIG_MAPS, "default", field_selector="metadata.name=a")
    left = await client.list(CONFIG_MAPS, "default")
    assert [item["metadata"]["name"] for item in left.items] == ["b"]
    found = {each.resource: each for each in await client.discover()}
    assert found[DEPLOYMENTS].kind == "Deployment"
    assert found[DEPLOYMENTS].namespaced
    assert not found[NAMESPACES].namespaced
    assert found[GroupVersionResource("autoscaling", "v2", "horizontalpodautoscalers")].preferred
    assert not found[GroupVersionResource("autoscaling", "v1", "horizontalpodautoscalers")].preferred


async def test_a_user_agent_names_the_manager(client: Client) -> None:
    made = await client.as_user_agent("somebody/1.0").create(CONFIG_MAPS, config_map("a", k="v"))
    assert made["metadata"]["managedFields"][0]["manager"] == "somebody"
