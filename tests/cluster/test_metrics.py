"""metrics.k8s.io in a whole cluster: what the simulated kubelets tell is served as metrics-server serves it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from minikube_py.client.http import HTTPClient
from minikube_py.cluster import Cluster
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.conditions import find, is_true
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.wellknown import API_SERVICES, NAMESPACES, PODS, SERVICES

POD_METRICS = GroupVersionResource("metrics.k8s.io", "v1beta1", "pods")
NODE_METRICS = GroupVersionResource("metrics.k8s.io", "v1beta1", "nodes")


def virtual(**options: Any) -> Cluster:
    return Cluster(**{"port": None, "seed": 1, "clock": "virtual", "check_mutations": True, "nodes": 2, **options})


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    async with virtual() as started:
        yield started


async def run(cluster: Cluster, name: str, namespace: str = "default", node: str = "node-1", **spec: Any) -> None:
    container = {"name": "c", "image": "i", "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}}}
    pod = {
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": name}},
        "spec": {"nodeName": node, "containers": [container], **spec},
    }
    await cluster.client.create(PODS, pod)
    await cluster.settle()


async def annotate(cluster: Cluster, name: str, **said: str | None) -> None:
    annotations = {f"minikube-py/{key}": text for key, text in said.items()}
    await cluster.client.patch(PODS, "default", name, {"metadata": {"annotations": annotations}})


def told(items: Sequence[Object]) -> dict[str, dict[str, str]]:
    """CPU by pod and container."""
    return {
        each["metadata"]["name"]: {container["name"]: container["usage"]["cpu"] for container in each["containers"]}
        for each in items
    }


async def cpu_of_nodes(cluster: Cluster) -> dict[str, str]:
    items = (await cluster.client.list(NODE_METRICS)).items
    return {each["metadata"]["name"]: each["usage"]["cpu"] for each in items}


async def test_a_running_pod_has_metrics_at_once(cluster: Cluster) -> None:
    await cluster.advance(3600)
    await run(cluster, "web")
    now = rfc3339(cluster.clock.now())
    assert await cluster.client.get(POD_METRICS, "default", "web") == {
        "kind": "PodMetrics",
        "apiVersion": "metrics.k8s.io/v1beta1",
        "metadata": {"name": "web", "namespace": "default", "creationTimestamp": now, "labels": {"app": "web"}},
        "timestamp": now,
        "window": "15s",
        "containers": [{"name": "c", "usage": {"cpu": "10m", "memory": "32Mi"}}],
    }
    node = await cluster.client.get(NODE_METRICS, "", "node-1")
    assert (node["kind"], node["timestamp"], node["window"]) == ("NodeMetrics", now, "15s")
    assert node["metadata"]["labels"]["kubernetes.io/hostname"] == "node-1"
    assert node["usage"] == {"cpu": "60m", "memory": "288Mi"}


async def test_usage_follows_annotations(cluster: Cluster) -> None:
    await run(cluster, "web")
    await annotate(cluster, "web", cpu="1")
    assert told([await cluster.client.get(POD_METRICS, "default", "web")]) == {"web": {"c": "1"}}
    assert await cpu_of_nodes(cluster) == {"node-1": "1050m", "node-2": "50m"}
    await annotate(cluster, "web", cpu=None)
    assert await cpu_of_nodes(cluster) == {"node-1": "60m", "node-2": "50m"}


@pytest.mark.parametrize(
    ("namespace", "selectors", "expected"),
    [
        pytest.param(None, {}, ["a", "b", "c"], id="all"),
        pytest.param("default", {}, ["a", "b"], id="one namespace"),
        pytest.param("empty", {}, [], id="nothing there"),
        pytest.param(None, {"label_selector": "app in (a, c)"}, ["a", "c"], id="by label"),
        pytest.param("default", {"label_selector": "app!=a"}, ["b"], id="by label in a namespace"),
        pytest.param(None, {"field_selector": "metadata.name=b"}, ["b"], id="by name"),
        pytest.param(None, {"field_selector": "metadata.namespace!=default"}, ["c"], id="by namespace"),
    ],
)
async def test_lists(cluster: Cluster, namespace: str | None, selectors: Any, expected: list[str]) -> None:
    await cluster.client.create(NAMESPACES, {"metadata": {"name": "other"}})
    await cluster.settle()
    for name, where in (("b", "default"), ("c", "other"), ("a", "default")):
        await run(cluster, name, where)
    found = await cluster.client.list(POD_METRICS, namespace, **selectors)
    assert list(told(found.items)) == expected
    assert found.resource_version == ""


async def test_nodes_are_selected_too(cluster: Cluster) -> None:
    async def names(**selectors: str) -> list[str]:
        return [each["metadata"]["name"] for each in (await cluster.client.list(NODE_METRICS, **selectors)).items]

    assert await names(label_selector="kubernetes.io/hostname=node-2") == ["node-2"]
    assert await names(field_selector="metadata.name!=node-2") == ["node-1"]


async def test_what_does_not_run_has_none(cluster: Cluster) -> None:
    await run(cluster, "done", restartPolicy="Never", containers=[{"name": "c", "image": "i", "command": ["true"]}])
    await run(cluster, "gated", node="", schedulingGates=[{"name": "example.com/wait"}])
    assert (await cluster.client.list(POD_METRICS)).items == []
    with pytest.raises(StatusError) as error:
        await cluster.client.get(POD_METRICS, "default", "done")
    assert str(error.value) == 'podmetrics.metrics.k8s.io "default/done" not found'
    with pytest.raises(StatusError) as error:
        await cluster.client.get(POD_METRICS, "default", "none")
    assert str(error.value) == 'pods "none" not found'
    with pytest.raises(StatusError) as error:
        await cluster.client.get(NODE_METRICS, "", "none")
    assert str(error.value) == 'nodes "none" not found'


async def test_a_node_that_falls_silent_has_none(cluster: Cluster) -> None:
    await run(cluster, "web", tolerations=[{"operator": "Exists"}])
    await cluster.nodes.stop("node-1")
    await cluster.advance(90)
    assert list(await cpu_of_nodes(cluster)) == ["node-2"]
    assert (await cluster.client.list(POD_METRICS)).items == []
    with pytest.raises(StatusError) as error:
        await cluster.client.get(NODE_METRICS, "", "node-1")
    assert str(error.value) == 'nodemetrics.metrics.k8s.io "node-1" not found'
    await cluster.nodes.start("node-1")
    await cluster.advance(30)
    assert list(await cpu_of_nodes(cluster)) == ["node-1", "node-2"]


async def test_over_http() -> None:
    async with virtual(port=0) as cluster:
        await run(cluster, "web")
        async with HTTPClient(cluster.url) as client:
            found = await client.list(POD_METRICS, "default", label_selector="app=web")
            assert found == await cluster.client.list(POD_METRICS, "default")
            assert await client.get(NODE_METRICS, "", "node-1") == await cluster.client.get(NODE_METRICS, "", "node-1")


async def test_its_api_service_is_available(cluster: Cluster) -> None:
    service = await cluster.client.get(API_SERVICES, "", "v1beta1.metrics.k8s.io")
    assert is_true(service["status"]["conditions"], "Available")
    served = {each.resource: each.verbs for each in await cluster.client.discover()}
    assert served[POD_METRICS] == served[NODE_METRICS] == {"get", "list"}


async def test_one_that_somebody_installs_is_available_too(cluster: Cluster) -> None:
    """As metrics-server's own manifests do: a workload, its Service, and the APIService that names it."""

    async def available() -> tuple[str, str]:
        await cluster.settle()
        service = await cluster.client.get(API_SERVICES, "", "v1beta1.metrics.k8s.io")
        condition = find(service["status"]["conditions"], "Available")
        assert condition is not None
        return condition["status"], condition["reason"]

    reference = {"service": {"namespace": "default", "name": "metrics-server"}, "insecureSkipTLSVerify": True}
    await cluster.client.patch(API_SERVICES, "", "v1beta1.metrics.k8s.io", {"spec": reference})
    assert await available() == ("False", "ServiceNotFound")
    await run(cluster, "metrics-server")
    ports = [{"name": "https", "port": 443, "targetPort": 10250}]
    spec = {"selector": {"app": "metrics-server"}, "ports": ports}
    await cluster.client.create(
        SERVICES, {"metadata": {"name": "metrics-server", "namespace": "default"}, "spec": spec}
    )
    assert await available() == ("True", "Passed")
    assert list(await cpu_of_nodes(cluster)) == ["node-1", "node-2"]


@pytest.mark.parametrize("controllers", ["*,-metrics-server", "kubelet", ""])
async def test_a_cluster_without_metrics_server(controllers: str) -> None:
    async with virtual(controllers=controllers) as cluster:
        assert POD_METRICS not in [each.resource for each in await cluster.client.discover()]
        for request in (
            cluster.client.list(POD_METRICS),
            cluster.client.get(API_SERVICES, "", "v1beta1.metrics.k8s.io"),
        ):
            with pytest.raises(StatusError) as error:
                await request
            assert error.value.code == 404
