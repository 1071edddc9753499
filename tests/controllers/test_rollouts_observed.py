"""Rollouts of Deployments, StatefulSets and DaemonSets in a whole cluster with seeded lag: bounds hold after every
single write, not only at the end, and the end is the same for every lag."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from minikube_py.cluster import Cluster
from minikube_py.controllers.runtime.pods import node_name
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import is_deleting, name
from minikube_py.machinery.wellknown import DAEMON_SETS, DEPLOYMENTS, PODS, STATEFUL_SETS
from minikube_py.machinery.wellknown import NODES as NODES_RESOURCE
from tests.cluster.moments import Moments, is_available

SEEDS = [pytest.param(0, 0, id="fresh"), *(pytest.param(seed, 6, id=f"lagging {seed}") for seed in range(1, 5))]
NODES = 5


def template(image: str) -> Object:
    return {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": image}]}}


def workload(**spec: Any) -> Object:
    base = {"selector": {"matchLabels": {"app": "web"}}, "template": template("web:1")}
    return {"metadata": {"name": "web", "namespace": "default"}, "spec": {**base, **spec}}


def new_cluster(seed: int, lag: int) -> Cluster:
    return Cluster(clock="virtual", port=None, nodes=NODES, seed=seed, lag=lag)


def check(moments: Moments, holds: Callable[[list[Object]], bool]) -> int:
    """How many moments there were."""
    count = 0
    for _ in moments:
        count += 1
        pods = moments.pods
        assert holds(pods), [(name(pod), node_name(pod), is_available(pod)) for pod in pods]
    return count


async def images(cluster: Cluster) -> dict[str, str]:
    items = (await cluster.client.list(PODS, "default")).items
    return {name(each): each["spec"]["containers"][0]["image"] for each in items}


@pytest.mark.parametrize(("seed", "lag"), SEEDS)
@pytest.mark.parametrize(
    ("unavailable", "surge"),
    [
        pytest.param(0, 1, id="one surging"),
        pytest.param(2, 0, id="two unavailable"),
        pytest.param("30%", "30%", id="both"),
    ],
)
async def test_deployment_update_keeps_its_limits(
    seed: int, lag: int, unavailable: int | str, surge: int | str
) -> None:
    """Pods surge and drain, and do so again when another update comes in the midst of it."""
    replicas = 8
    async with new_cluster(seed, lag) as cluster:
        limits = {"maxUnavailable": unavailable, "maxSurge": surge}
        strategy = {"type": "RollingUpdate", "rollingUpdate": limits}
        await cluster.client.create(DEPLOYMENTS, workload(replicas=replicas, strategy=strategy))
        await cluster.advance(60)
        moments = Moments(cluster)
        for image, seconds in (("web:2", 3), ("web:3", 200)):
            await cluster.client.patch(DEPLOYMENTS, "default", "web", {"spec": {"template": template(image)}})
            await cluster.advance(seconds)
        # 30% of 8 is rounded down for those that may be missing, and up for those too many.
        least = replicas - (2 if unavailable == "30%" else int(unavailable))
        most = replicas + (3 if surge == "30%" else int(surge))

        def within(pods: list[Object]) -> bool:
            return sum(map(is_available, pods)) >= least and sum(not is_deleting(pod) for pod in pods) <= most

        assert check(moments, within) > 60
        found = await images(cluster)
        assert len(found) == replicas and set(found.values()) == {"web:3"}


@pytest.mark.parametrize(("seed", "lag"), SEEDS)
async def test_ordered_pods_come_and_go_in_order(seed: int, lag: int) -> None:
    async with new_cluster(seed, lag) as cluster:
        moments = Moments(cluster)
        await cluster.client.create(STATEFUL_SETS, workload(replicas=4, serviceName="web"))
        await cluster.advance(120)
        await cluster.client.patch(STATEFUL_SETS, "default", "web", {"spec": {"replicas": 1}})
        await cluster.advance(300)

        def in_order(pods: list[Object]) -> bool:
            names = sorted(map(name, pods))
            return names == [f"web-{ordinal}" for ordinal in range(len(names))] and (
                sum(not is_available(pod) for pod in pods) <= 1
            )

        assert check(moments, in_order) > 20
        assert list(await images(cluster)) == ["web-0"]


@pytest.mark.parametrize(("seed", "lag"), SEEDS)
@pytest.mark.parametrize("policy", ["OrderedReady", "Parallel"])
async def test_stateful_update_takes_one_at_a_time(seed: int, lag: int, policy: str) -> None:
    async with new_cluster(seed, lag) as cluster:
        made = workload(replicas=4, serviceName="web", podManagementPolicy=policy)
        await cluster.client.create(STATEFUL_SETS, made)
        await cluster.advance(120)
        moments = Moments(cluster)
        await cluster.client.patch(STATEFUL_SETS, "default", "web", {"spec": {"template": template("web:2")}})
        await cluster.advance(400)
        assert check(moments, lambda pods: sum(map(is_available, pods)) >= 3) > 20
        assert await images(cluster) == {f"web-{ordinal}": "web:2" for ordinal in range(4)}


@pytest.mark.parametrize(("seed", "lag"), SEEDS)
@pytest.mark.parametrize(
    ("unavailable", "surge"),
    [
        pytest.param(1, 0, id="one unavailable"),
        pytest.param("40%", 0, id="two unavailable"),
        pytest.param(0, 2, id="two surging"),
    ],
)
async def test_daemon_update_keeps_its_limits(seed: int, lag: int, unavailable: int | str, surge: int) -> None:
    async with new_cluster(seed, lag) as cluster:
        limits = {"maxUnavailable": unavailable, "maxSurge": surge}
        strategy = {"type": "RollingUpdate", "rollingUpdate": limits}
        await cluster.client.create(DAEMON_SETS, workload(updateStrategy=strategy))
        await cluster.advance(60)
        moments = Moments(cluster)
        await cluster.client.patch(DAEMON_SETS, "default", "web", {"spec": {"template": template("web:2")}})
        await cluster.advance(400)
        served = NODES - (2 if unavailable == "40%" else int(unavailable))

        def within(pods: list[Object]) -> bool:
            there = [pod for pod in pods if not is_deleting(pod)]
            return len({node_name(pod) for pod in pods if is_available(pod)}) >= served and len(there) <= NODES + surge

        assert check(moments, within) > 20
        found = await images(cluster)
        assert len(found) == NODES and set(found.values()) == {"web:2"}
        status = (await cluster.client.get(DAEMON_SETS, "default", "web"))["status"]
        assert status["updatedNumberScheduled"] == status["numberAvailable"] == NODES


@pytest.mark.parametrize(("seed", "lag"), SEEDS)
async def test_no_node_ever_has_two_daemons(seed: int, lag: int) -> None:
    """While nodes are tainted, freed and joined by others."""
    async with new_cluster(seed, lag) as cluster:
        moments = Moments(cluster)
        await cluster.client.create(DAEMON_SETS, workload())
        await cluster.advance(10)
        nodes = [name(each) for each in (await cluster.client.list(NODES_RESOURCE)).items]
        for effect in ("NoExecute", None):
            for node in nodes[:3]:
                taints = [{"key": "mine", "effect": effect}] if effect else None
                await cluster.client.patch(NODES_RESOURCE, "", node, {"spec": {"taints": taints}})
            await cluster.advance(60)

        def at_most_one(pods: list[Object]) -> bool:
            hosts = [node_name(pod) for pod in pods if node_name(pod)]
            return len(hosts) == len(set(hosts))

        assert check(moments, at_most_one) > 20
        assert len(await images(cluster)) == NODES


@pytest.mark.parametrize(("seed", "lag"), [*SEEDS, pytest.param(16, 12, id="lagging far")])
async def test_a_restored_snapshot_is_gone_on_from(seed: int, lag: int) -> None:
    """In the midst of rollouts all is put back to what it was, each pod by its name; later rollouts end as ever."""
    async with new_cluster(seed, lag) as cluster:
        await cluster.client.create(STATEFUL_SETS, workload(replicas=3, serviceName="web"))
        daemons = workload(selector={"matchLabels": {"app": "d"}}, template=relabelled("web:1"))
        await cluster.client.create(DAEMON_SETS, daemons)
        await cluster.advance(60)
        snapshot = cluster.snapshot()
        before = await images(cluster)
        await update_both(cluster, "web:2")
        await cluster.advance(5)
        assert await images(cluster) != before
        await cluster.restore(snapshot)
        await cluster.advance(100)
        assert await images(cluster) == before
        await update_both(cluster, "web:3")
        await cluster.advance(400)
        assert set((await images(cluster)).values()) == {"web:3"} and len(await images(cluster)) == 3 + NODES


def relabelled(image: str) -> Object:
    return {**template(image), "metadata": {"labels": {"app": "d"}}}


async def update_both(cluster: Cluster, image: str) -> None:
    await cluster.client.patch(STATEFUL_SETS, "default", "web", {"spec": {"template": template(image)}})
    await cluster.client.patch(DAEMON_SETS, "default", "web", {"spec": {"template": relabelled(image)}})
