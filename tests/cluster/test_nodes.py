"""Nodes that fail, leave, come back and join, under load."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from minikube_py.cluster import Cluster
from minikube_py.machinery.conditions import find
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.meta import is_deleting, name
from minikube_py.machinery.wellknown import DEPLOYMENTS, EVENTS, LEASES, NODES, PODS
from tests.cluster.moments import Moments, is_available
from tests.cluster.workloads import deployment

BUDGETS = GroupVersionResource("policy", "v1", "poddisruptionbudgets")
LAGS = [pytest.param(0, id="fresh"), pytest.param(6, id="lagging")]


def virtual(**options: Any) -> Cluster:
    return Cluster(**{"port": None, "seed": 1, "clock": "virtual", "check_mutations": True, **options})


async def node(cluster: Cluster, name: str = "node-1") -> Object:
    return await cluster.client.get(NODES, "", name)


async def ready(cluster: Cluster, name: str = "node-1") -> Object:
    found = find((await node(cluster, name))["status"]["conditions"], "Ready")
    assert found is not None
    return found


async def taints(cluster: Cluster, name: str = "node-1") -> list[tuple[str, str]]:
    listed = (await node(cluster, name))["spec"].get("taints") or []
    return [(each["key"].removeprefix("node.kubernetes.io/"), each["effect"]) for each in listed]


async def pods(cluster: Cluster) -> list[Object]:
    return list((await cluster.client.list(PODS, "default")).items)


async def placed(cluster: Cluster) -> Counter[str]:
    """How many pods that are not being deleted each node has."""
    return Counter(each["spec"].get("nodeName", "") for each in await pods(cluster) if not is_deleting(each))


async def ready_replicas(cluster: Cluster) -> int:
    return int((await cluster.client.get(DEPLOYMENTS, "default", "web"))["status"].get("readyReplicas", 0))


async def reasons(cluster: Cluster, source: str) -> Counter[str]:
    items = (await cluster.client.list(EVENTS)).items
    return Counter(each["reason"] for each in items if each["source"]["component"] == source)


async def loaded(cluster: Cluster, replicas: int) -> None:
    await cluster.client.create(DEPLOYMENTS, deployment("web", replicas))
    await cluster.advance(30)
    assert await ready_replicas(cluster) == replicas


@pytest.mark.parametrize(("version", "status"), [("1.31", "Unknown"), ("1.32", "True")])
async def test_older_versions_give_nodes_up_earlier(version: str, status: str) -> None:
    async with virtual(nodes=2, kubernetes_version=version) as cluster:
        await cluster.advance(30)
        await cluster.nodes.stop("node-1")
        await cluster.advance(50)
        assert (await ready(cluster))["status"] == status


@pytest.mark.parametrize("lag", LAGS)
async def test_a_node_is_stopped_under_load(lag: int) -> None:
    async with virtual(nodes=6, lag=lag) as cluster:
        await loaded(cluster, 60)
        there = (await placed(cluster))["node-1"]
        assert 5 < there < 15
        await cluster.nodes.stop("node-1")
        await cluster.advance(50)
        assert (await ready(cluster))["status"] == "True"
        await cluster.advance(15)
        lost = await ready(cluster)
        assert (lost["status"], lost["reason"]) == ("Unknown", "NodeStatusUnknown")
        assert await taints(cluster) == [("unreachable", "NoSchedule"), ("unreachable", "NoExecute")]
        assert (len(await pods(cluster)), await ready_replicas(cluster)) == (60, 60 - there)
        await cluster.advance(280)
        assert (await placed(cluster))["node-1"] == there
        await cluster.advance(20)
        assert set(await placed(cluster)) == {f"node-{number}" for number in range(2, 7)}
        assert (len(await pods(cluster)), await ready_replicas(cluster)) == (60 + there, 60)
        assert (await reasons(cluster, "taint-eviction-controller")) == {"TaintManagerEviction": there}
        assert (await reasons(cluster, "node-controller"))["NodeNotReady"] == 1 + there
        await cluster.nodes.start("node-1")
        await cluster.advance(10)
        assert ((await ready(cluster))["status"], await taints(cluster)) == ("True", [])
        assert (len(await pods(cluster)), await ready_replicas(cluster)) == (60, 60)
        assert (await placed(cluster))["node-1"] == 0


class Tally:
    """By app: the pods that serve and those that are wanted, after each write."""

    def __init__(self) -> None:
        self.serving: Counter[str] = Counter()
        self.staying: Counter[str] = Counter()

    def count(self, pod: Object | None, sign: int) -> None:
        if pod is not None and not is_deleting(pod):
            app = pod["metadata"]["labels"]["app"]
            self.staying[app] += sign
            self.serving[app] += sign * is_available(pod)


APPS, REPLICAS, MISSING = 10, 100, 10
"""A thousand pods, and how many of an app's a budget lets be missing."""


async def drain(cluster: Cluster, nodes: set[str]) -> int:
    """As `kubectl drain` does it: again and again until none is left. How many times a budget forbade."""
    for each in nodes:
        await cluster.client.patch(NODES, "", each, {"spec": {"unschedulable": True}})
    refused = 0
    for _ in range(20):
        left = [each for each in await pods(cluster) if each["spec"]["nodeName"] in nodes and not is_deleting(each)]
        if not left:
            return refused
        for each in left:
            metadata = {"name": name(each), "namespace": "default"}
            eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata}
            try:
                await cluster.client.create(PODS, eviction, **metadata, subresource="eviction")
            except StatusError as error:
                assert error.code == 429, error
                refused += 1
        await cluster.advance(5)
    raise AssertionError(f"{len(left)} pods are still there")


async def test_a_thousand_pods_outlive_their_nodes() -> None:
    """One node is stopped and others are drained meanwhile: budgets hold at every moment, no pod is lost or doubled."""
    async with virtual(nodes=50, lag=6, check_mutations=False) as cluster:
        for app in range(APPS):
            budget = {"selector": {"matchLabels": {"app": f"app-{app}"}}, "maxUnavailable": MISSING}
            metadata = {"name": f"app-{app}", "namespace": "default"}
            await cluster.client.create(BUDGETS, {"metadata": metadata, "spec": budget})
            await cluster.client.create(DEPLOYMENTS, deployment(f"app-{app}", REPLICAS))
        await cluster.advance(30)
        tally, moments = Tally(), Moments(cluster)
        for pod in moments.pods:
            tally.count(pod, 1)
        assert set(tally.serving.values()) == {REPLICAS}
        before = await placed(cluster)
        assert len(before) == 50 and 10 < before["node-1"] < 30

        await cluster.nodes.stop("node-1")
        await cluster.advance(60)
        assert await drain(cluster, {f"node-{number}" for number in range(2, 14)}) > 100
        await cluster.advance(400)
        assert set(await placed(cluster)) == {f"node-{number}" for number in range(14, 51)}
        await cluster.nodes.start("node-1")
        await cluster.advance(60)

        for old, new in moments:
            tally.count(old, -1)
            tally.count(new, 1)
            assert min(tally.serving.values()) >= REPLICAS - MISSING
            assert max(tally.staying.values()) <= REPLICAS
        assert set(tally.serving.values()) == set(tally.staying.values()) == {REPLICAS}
        assert len(await pods(cluster)) == APPS * REPLICAS
        assert len({each["status"]["podIP"] for each in await pods(cluster)}) == APPS * REPLICAS


async def test_pods_of_a_node_that_is_back_in_time_stay() -> None:
    async with virtual(nodes=3) as cluster:
        await loaded(cluster, 6)
        before = {name(each) for each in await pods(cluster)}
        await cluster.nodes.stop("node-1")
        await cluster.advance(200)
        assert await ready_replicas(cluster) == 4
        await cluster.nodes.start("node-1")
        await cluster.advance(600)
        assert {name(each) for each in await pods(cluster)} == before
        assert (await ready_replicas(cluster), await taints(cluster)) == (6, [])


async def test_nobody_is_evicted_when_all_nodes_are_lost() -> None:
    async with virtual(nodes=3) as cluster:
        await loaded(cluster, 6)
        for each in cluster.nodes.names:
            await cluster.nodes.stop(each)
        await cluster.advance(1000)
        assert await taints(cluster) == [("unreachable", "NoSchedule")]
        assert sum((await placed(cluster)).values()) == 6
        await cluster.nodes.start("node-2")
        await cluster.advance(30)
        assert ("unreachable", "NoExecute") in await taints(cluster)
        await cluster.advance(330)
        assert await placed(cluster) == {"node-2": 6}


async def test_taints_are_given_one_after_the_other() -> None:
    async with virtual(nodes=8) as cluster:
        await cluster.advance(30)
        for number in (1, 2, 3):
            await cluster.nodes.stop(f"node-{number}")
        seen = []
        for _ in range(12):
            await cluster.advance(10)
            tainted = [each for each in ("node-1", "node-2", "node-3") if len(await taints(cluster, each)) == 2]
            seen.append(len(tainted))
        assert seen[-1] == 3 and {1, 2} <= set(seen)


async def test_a_node_that_nobody_simulates_is_given_up() -> None:
    async with virtual(nodes=1) as cluster:
        await cluster.client.create(NODES, {"metadata": {"name": "alien"}})
        await cluster.advance(55)
        assert "conditions" not in (await node(cluster, "alien"))["status"]
        await cluster.advance(15)
        lost = await ready(cluster, "alien")
        assert (lost["status"], lost["reason"]) == ("Unknown", "NodeStatusNeverUpdated")


# Joining and leaving


async def test_nodes_join() -> None:
    async with virtual(nodes=2) as cluster:
        await cluster.settle()
        made = await cluster.nodes.add()
        assert (name(made), made["spec"]["podCIDR"]) == ("node-3", "10.244.2.0/24")
        taint = {"key": "gpu", "effect": "NoSchedule"}
        await cluster.nodes.add("big", labels={"size": "big"}, taints=[taint], capacity={"cpu": "64"})
        await cluster.settle()
        big = await node(cluster, "big")
        assert big["metadata"]["labels"]["size"] == "big"
        assert big["spec"]["taints"] == [taint] and big["spec"]["podCIDR"] == "10.244.3.0/24"
        assert (big["status"]["allocatable"]["cpu"], big["status"]["allocatable"]["pods"]) == ("64", "250")
        await cluster.client.create(DEPLOYMENTS, deployment("web", 6))
        await cluster.advance(300)
        assert await placed(cluster) == {"node-1": 2, "node-2": 2, "node-3": 2}
        assert (await ready(cluster, "big"))["status"] == "True"


async def test_nodes_share_the_range_with_those_that_nobody_simulates() -> None:
    async with virtual(nodes=2, cluster_cidr="10.1.0.0/22") as cluster:
        await cluster.client.create(NODES, {"metadata": {"name": "alien"}})
        await cluster.settle()
        await cluster.nodes.add("mine")
        await cluster.settle()
        nodes = (await cluster.client.list(NODES)).items
        assert {name(each): each["spec"]["podCIDR"] for each in nodes} == {
            "node-1": "10.1.0.0/24",
            "node-2": "10.1.1.0/24",
            "alien": "10.1.2.0/24",
            "mine": "10.1.3.0/24",
        }
        assert {each["metadata"]["annotations"]["node.alpha.kubernetes.io/ttl"] for each in nodes} == {"0"}


async def test_nodes_leave() -> None:
    async with virtual(nodes=3) as cluster:
        await loaded(cluster, 6)
        await cluster.nodes.remove("node-1")
        await cluster.advance(10)
        assert [name(each) for each in (await cluster.client.list(NODES)).items] == ["node-2", "node-3"]
        assert {name(each) for each in (await cluster.client.list(LEASES)).items} >= {"node-2", "node-3"}
        assert (await reasons(cluster, "node-controller"))["RemovingNode"] == 1
        await cluster.advance(120)
        assert await placed(cluster) == {"node-2": 3, "node-3": 3}
        assert len(await pods(cluster)) == 6
        assert name(await cluster.nodes.add()) == "node-1"


async def test_a_deleted_node_is_made_anew_when_its_kubelet_starts() -> None:
    async with virtual(nodes=2) as cluster:
        await cluster.settle()
        await cluster.nodes.stop("node-1")
        await cluster.client.delete(NODES, "", "node-1")
        await cluster.nodes.start("node-1")
        await cluster.advance(20)
        assert (await ready(cluster))["status"] == "True"
        assert cluster.nodes.stopped == []


async def test_what_cannot_be_done() -> None:
    async with virtual(nodes=1) as cluster:
        await cluster.settle()
        for verb in (cluster.nodes.stop, cluster.nodes.start, cluster.nodes.remove):
            with pytest.raises(StatusError, match='nodes "none" not found'):
                await verb("none")
        with pytest.raises(StatusError, match='nodes "node-1" already exists'):
            await cluster.nodes.add("node-1")
        with pytest.raises(StatusError, match="Invalid value"):
            await cluster.nodes.add("Not A Name")
        assert cluster.nodes.names == ["node-1"]
    async with virtual(controllers="*,-kubelet") as cluster:
        with pytest.raises(StatusError, match="no kubelets run here"):
            await cluster.nodes.add()
