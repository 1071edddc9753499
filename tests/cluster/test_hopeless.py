"""Workloads whose pods fail as soon as they are made: they are made again, but not without end."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.cluster import Cluster
from minikube_py.controllers.kubelet.pace import BURST
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.wellknown import PODS, REPLICA_SETS, STATEFUL_SETS
from tests.cluster.workloads import deployment

PORTS = {"ports": [{"containerPort": 80, "hostPort": 8080}]}
SETS = [pytest.param(REPLICA_SETS, id="ReplicaSet"), pytest.param(STATEFUL_SETS, id="StatefulSet")]


def hopeless(resource: GroupVersionResource, annotations: Object, **pod_spec: Any) -> Object:
    made = deployment("web", 1)
    spec, template = made["spec"], made["spec"]["template"]
    template["metadata"]["annotations"] = annotations
    template["spec"] |= {"nodeName": "node-1", "terminationGracePeriodSeconds": 0, **pod_spec}
    return {**made, "spec": {**spec, "serviceName": "web"} if resource == STATEFUL_SETS else spec}


def made_so_far(cluster: Cluster) -> int:
    """Pods of the set."""
    return sum(
        write.type == "ADDED" and write.key.resource == "pods" and write.key.name.startswith("web-")
        for write in cluster.store.journal
    )


@pytest.mark.parametrize("resource", SETS)
async def test_refused_pods_until_there_is_room(resource: GroupVersionResource) -> None:
    async with Cluster(port=None, seed=1, clock="virtual", nodes=1) as cluster:
        there = {"nodeName": "node-1", "containers": [{"name": "c", "image": "app:1", **PORTS}]}
        await cluster.client.create(PODS, {"metadata": {"name": "there", "namespace": "default"}, "spec": there})
        containers = [{"name": "c", "image": "app:1", **PORTS}]
        await cluster.client.create(resource, hopeless(resource, {}, containers=containers))
        await cluster.settle()
        assert made_so_far(cluster) == BURST + 1
        await cluster.advance(10)
        assert made_so_far(cluster) == BURST + 11
        await cluster.client.delete(PODS, "default", "there", grace_period=0)
        await cluster.advance(10)
        assert (await cluster.client.get(resource, "default", "web"))["status"]["readyReplicas"] == 1


@pytest.mark.parametrize("resource", SETS)
async def test_evicted_pods(resource: GroupVersionResource) -> None:
    async with Cluster(port=None, seed=1, clock="virtual", nodes=1) as cluster:
        await cluster.client.create(resource, hopeless(resource, {"minikube-py/evicted": "memory"}))
        await cluster.settle()
        assert made_so_far(cluster) == BURST + 1
        await cluster.advance(10)
        assert made_so_far(cluster) == BURST + 11
