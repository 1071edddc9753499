"""KWOK's Stages that are posted to a cluster."""

from __future__ import annotations

from minikube_py.cluster import Cluster
from minikube_py.controllers.kubelet.kwok import CRD, STAGES
from minikube_py.machinery.wellknown import CUSTOM_RESOURCE_DEFINITIONS, NODES, PODS
from tests.kubelet.test_kwok import ENDS
from tests.scheduler.pods import pod


async def phase(cluster: Cluster, name: str) -> str:
    return str((await cluster.client.get(PODS, "default", name))["status"]["phase"])


async def test_stages_may_be_posted_at_any_time() -> None:
    async with Cluster(port=None, clock="virtual", seed=1, nodes=1) as cluster:
        await cluster.client.create(PODS, pod())
        await cluster.settle()
        assert await phase(cluster, "a") == "Running"
        await cluster.client.create(CUSTOM_RESOURCE_DEFINITIONS, CRD)
        await cluster.settle()
        await cluster.client.create(STAGES, ENDS)
        await cluster.advance(10)
        assert await phase(cluster, "a") == "Succeeded"
        await cluster.client.delete(STAGES, "", "ends")
        await cluster.client.create(PODS, pod("b"))
        await cluster.advance(60)
        assert await phase(cluster, "b") == "Running"
        await cluster.client.delete(CUSTOM_RESOURCE_DEFINITIONS, "", CRD["metadata"]["name"])
        await cluster.settle()


async def test_stages_may_be_given() -> None:
    async with Cluster(port=None, clock="virtual", seed=1, nodes=1, stages=[ENDS]) as cluster:
        await cluster.client.create(PODS, pod())
        await cluster.advance(10)
        assert await phase(cluster, "a") == "Succeeded"


async def test_all_nodes_may_be_simulated() -> None:
    async with Cluster(port=None, clock="virtual", seed=1, nodes=0, manage_all_nodes=True) as cluster:
        await cluster.client.create(NODES, {"metadata": {"name": "mine"}})
        await cluster.client.create(PODS, pod())
        await cluster.advance(30)
        assert await phase(cluster, "a") == "Running"
        assert cluster.nodes.names == ["mine"]
        await cluster.nodes.add("more", capacity={"cpu": "7"})
        await cluster.settle()
        assert cluster.nodes.names == ["mine", "more"]
        assert (await cluster.client.get(NODES, "", "more"))["status"]["capacity"]["cpu"] == "7"
