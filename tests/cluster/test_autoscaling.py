"""A load that comes and goes, in a whole cluster: the autoscaler, the deployment, its pods and what they use."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.cluster import Cluster
from minikube_py.controllers.horizontalpodautoscaler.reconciler import AUTOSCALERS
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import DEPLOYMENTS, PODS
from tests.cluster.workloads import deployment

LAGS = [pytest.param(0, id="fresh"), pytest.param(6, id="lagging")]


def virtual(**options: Any) -> Cluster:
    return Cluster(**{"port": None, "seed": 1, "clock": "virtual", "check_mutations": True, **options})


def requesting(cpu: str) -> Object:
    made = deployment("web", 2)
    made["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": cpu}}
    return made


async def autoscale(cluster: Cluster, **spec: Any) -> None:
    target = {"type": "Utilization", "averageUtilization": 50}
    spec = {
        "minReplicas": 2,
        "maxReplicas": 8,
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        **spec,
    }
    await cluster.client.create(AUTOSCALERS, {"metadata": {"name": "web", "namespace": "default"}, "spec": spec})


async def use(cluster: Cluster, cpu: str) -> None:
    """Each pod uses so much."""
    for pod in (await cluster.client.list(PODS, "default")).items:
        annotations = {"metadata": {"annotations": {"minikube-py/cpu": cpu}}}
        await cluster.client.patch(PODS, "default", pod["metadata"]["name"], annotations)


async def ready(cluster: Cluster) -> int:
    return int((await cluster.client.get(DEPLOYMENTS, "default", "web"))["status"].get("readyReplicas", 0))


async def sizes(cluster: Cluster, looks: int) -> list[int]:
    """Ready replicas after each look."""
    found = []
    for _ in range(looks):
        await cluster.advance(15)
        found.append(await ready(cluster))
    return found


@pytest.mark.parametrize("lag", LAGS)
async def test_a_load_comes_and_goes(lag: int) -> None:
    async with virtual(lag=lag) as cluster:
        await cluster.client.create(DEPLOYMENTS, requesting("100m"))
        await autoscale(cluster)
        await cluster.advance(60)
        assert await ready(cluster) == 2
        await use(cluster, "150m")  # 150% where 50% is wanted; new pods are idle
        assert await sizes(cluster, 3) == [4, 7, 7]
        await use(cluster, "50m")
        assert set(await sizes(cluster, 8)) == {7}
        await use(cluster, "5m")
        falling = await sizes(cluster, 22)
        assert falling[:20] == [7] * 20
        assert falling[20:] == [2, 2]
        found = (await cluster.client.get(AUTOSCALERS, "default", "web"))["status"]
        assert (found["currentReplicas"], found["desiredReplicas"]) == (2, 2)
        limited = next(each for each in found["conditions"] if each["type"] == "ScalingLimited")
        assert (limited["status"], limited["reason"]) == ("True", "TooFewReplicas")


async def test_a_rollout_that_uses_more_is_scaled() -> None:
    async with virtual() as cluster:
        made = requesting("100m")
        await cluster.client.create(DEPLOYMENTS, made)
        await autoscale(cluster)
        await cluster.advance(30)
        heavier = {"metadata": {"annotations": {"minikube-py/cpu": "75m"}}}
        await cluster.client.patch(DEPLOYMENTS, "default", "web", {"spec": {"template": heavier}})
        await cluster.advance(180)
        assert await ready(cluster) == 8


async def test_idle_workloads_shrink_to_the_minimum() -> None:
    async with virtual() as cluster:
        await cluster.client.create(DEPLOYMENTS, requesting("100m"))
        await cluster.client.patch(DEPLOYMENTS, "default", "web", {"spec": {"replicas": 5}})
        await autoscale(cluster, minReplicas=1)
        await cluster.advance(400)
        assert await ready(cluster) == 1
