"""Settling, time, snapshots, life and death of clusters."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import threading
from itertools import pairwise
from typing import Any

import pytest

from minikube_py.cluster import Cluster, Unsettled
from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.machinery import meta
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import NamespacedName
from minikube_py.machinery.wellknown import CONFIG_MAPS, DEPLOYMENTS, NAMESPACES, PODS, SERVICES
from tests.cluster.workloads import deployment, service

A_MAP = {"metadata": {"name": "a", "namespace": "default"}}


def virtual(**options: Any) -> Cluster:
    return Cluster(**{"port": None, "seed": 1, "clock": "virtual", "check_mutations": True, **options})


def stub(reconcile: Any) -> Descriptor:
    """A controller of config maps in namespace default that does as told."""

    class Stub:
        async def reconcile(self, key: NamespacedName) -> None:
            await reconcile(key)

    def new(context: Context) -> Controller:
        controller = Controller(context, "ConfigMap", Stub())
        controller.watches(CONFIG_MAPS, lambda obj: [meta.key(obj)] if meta.namespace(obj) == "default" else [])
        return controller

    return Descriptor("stub-controller", new)


# Settling


async def test_settled_is_settled() -> None:
    async with virtual() as cluster:
        await cluster.settle()
        assert cluster.busy() == []
        revision = cluster.store.revision
        await cluster.settle()
        assert cluster.store.revision == revision


async def test_settle_waits_for_everything_that_follows() -> None:
    async with virtual() as cluster:
        await cluster.client.create(DEPLOYMENTS, deployment("web", 4))
        assert cluster.busy()
        await cluster.settle()
        status = (await cluster.client.get(DEPLOYMENTS, "default", "web"))["status"]
        assert status["observedGeneration"] == 1
        assert len((await cluster.client.list(PODS)).items) == 4


async def test_settle_names_who_never_finishes() -> None:
    async with virtual(controllers="") as cluster:
        cluster.managers[0].add(stub(lambda key: asyncio.Event().wait()))
        await cluster.client.create(CONFIG_MAPS, A_MAP)
        with pytest.raises(Unsettled, match=r"after 0.05 s: stub-controller is reconciling ConfigMap default/a$"):
            await cluster.settle(0.05)


async def test_settle_names_who_never_rests() -> None:
    async with virtual(controllers="") as cluster:

        async def write(key: NamespacedName) -> None:
            number = (await cluster.client.get(CONFIG_MAPS, *key)).get("data", {}).get("n", "0")
            await cluster.client.patch(CONFIG_MAPS, *key, {"data": {"n": str(int(number) + 1)}})

        cluster.managers[0].add(stub(write))
        await cluster.client.create(CONFIG_MAPS, A_MAP)
        with pytest.raises(Unsettled, match=r"stub-controller|informer"):
            await cluster.settle(0.1)


async def test_settle_waits_out_short_back_offs_only() -> None:
    times: list[float] = []
    async with virtual(controllers="") as cluster:
        begin = cluster.clock.now()

        async def fail(key: NamespacedName) -> None:
            times.append(cluster.clock.now() - begin)
            raise StatusError(500, "InternalError", "again")

        cluster.managers[0].add(stub(fail))
        await cluster.client.create(CONFIG_MAPS, A_MAP)
        logging.getLogger("minikube_py").setLevel(logging.CRITICAL)
        await cluster.settle()
        logging.getLogger("minikube_py").setLevel(logging.NOTSET)
        # 5 ms, doubled each time; the next wait would be more than a second.
        waits = [round(after - before, 6) for before, after in pairwise(times)]
        assert waits == [0.005 * 2**number for number in range(8)]


# Time


async def test_advance_goes_deadline_by_deadline_and_settles_at_each() -> None:
    async with virtual() as cluster:
        await cluster.settle()
        begin = cluster.clock.now()
        seen: list[tuple[float, int]] = []

        def due(name: str) -> None:
            seen.append((cluster.clock.now() - begin, len(cluster.store.list("pods"))))
            tasks.append(asyncio.ensure_future(cluster.client.create(DEPLOYMENTS, deployment(name, 1))))

        tasks: list[asyncio.Future[Any]] = []
        for delay, name in ((5.5, "c"), (1.5, "a"), (3.5, "b"), (99.0, "never")):
            cluster.clock.call_later(delay, lambda name=name: due(name))  # type: ignore[misc]
        await cluster.advance(10)
        assert seen == [(1.5, 0), (3.5, 1), (5.5, 2)]
        assert cluster.clock.now() == begin + 10
        await asyncio.gather(*tasks)


async def test_advance_by_nothing_settles() -> None:
    async with virtual() as cluster:
        await cluster.client.create(DEPLOYMENTS, deployment("web", 1))
        before = cluster.clock.now()
        await cluster.advance(0)
        assert cluster.busy() == []
        assert cluster.clock.now() == before


async def test_pods_take_their_time_on_a_virtual_clock() -> None:
    async with virtual() as cluster:
        spec = {"containers": [{"name": "c", "image": "i"}]}
        await cluster.client.create(PODS, {"metadata": {"name": "p", "namespace": "default"}, "spec": spec})
        await cluster.advance(30)
        assert (await cluster.client.get(PODS, "default", "p"))["status"]["phase"] == "Running"
        await cluster.client.delete(PODS, "default", "p")
        await cluster.advance(120)
        with pytest.raises(StatusError, match="not found"):
            await cluster.client.get(PODS, "default", "p")


async def test_a_real_clock_is_not_advanced() -> None:
    async with Cluster(port=None) as cluster:
        with pytest.raises(TypeError, match="virtual"):
            await cluster.advance(1)


# Snapshots


async def test_what_was_restored_lives_on() -> None:
    async with virtual() as cluster:
        client = cluster.client
        await client.create(DEPLOYMENTS, deployment("web", 3))
        kept = await client.create(SERVICES, service("web", type="NodePort"))
        await cluster.advance(30)
        snapshot = cluster.snapshot()
        await client.delete(DEPLOYMENTS, "default", "web")
        await client.delete(SERVICES, "default", "web")
        await client.create(NAMESPACES, {"metadata": {"name": "later"}})
        await cluster.advance(60)
        assert (await client.list(PODS)).items == []

        await cluster.restore(snapshot)
        with pytest.raises(StatusError, match="not found"):
            await client.get(NAMESPACES, "", "later")
        assert (await client.get(SERVICES, "default", "web"))["spec"] == kept["spec"]
        await client.patch(DEPLOYMENTS, "default", "web", {"spec": {"replicas": 5}})
        await cluster.advance(30)
        pods = (await client.list(PODS)).items
        assert [pod["status"]["phase"] for pod in pods] == ["Running"] * 5
        assert len({pod["status"]["podIP"] for pod in pods}) == 5
        status = (await client.get(DEPLOYMENTS, "default", "web"))["status"]
        assert status["readyReplicas"] == 5


async def test_allocators_know_what_was_restored() -> None:
    async with virtual() as cluster:
        client = cluster.client
        empty = cluster.snapshot()
        address, port = "10.96.0.77", 30077
        fixed = {"clusterIP": address, "type": "NodePort", "ports": [{"port": 80, "nodePort": port}]}
        await client.create(SERVICES, service("one", **fixed))
        full = cluster.snapshot()
        await cluster.restore(empty)
        await client.create(SERVICES, service("two", **fixed))
        await cluster.restore(full)
        with pytest.raises(StatusError, match="already allocated"):
            await client.create(SERVICES, service("three", clusterIP=address))
        ports = [{"port": 80, "nodePort": port}]
        with pytest.raises(StatusError, match="already allocated"):
            await client.create(SERVICES, service("three", type="NodePort", ports=ports))
        await client.delete(SERVICES, "default", "one")
        await client.create(SERVICES, service("three", **fixed))


async def test_a_snapshot_can_be_restored_again_and_again() -> None:
    async with virtual() as cluster:
        await cluster.client.create(DEPLOYMENTS, deployment("web", 2))
        await cluster.advance(10)
        snapshot = cluster.snapshot()
        names = {pod["metadata"]["name"] for pod in (await cluster.client.list(PODS)).items}
        for _ in range(3):
            await cluster.client.delete_collection(PODS, "default")
            await cluster.advance(60)
            await cluster.restore(snapshot)
            found = {pod["metadata"]["name"] for pod in (await cluster.client.list(PODS)).items}
            assert found == names


# Life and death


async def test_two_clusters_know_nothing_of_each_other() -> None:
    async with virtual(port=0, kubernetes_version="1.30") as one, virtual(port=0, seed=2, nodes=1) as other:
        assert one.url != other.url
        await one.client.create(DEPLOYMENTS, deployment("web", 2))
        await one.advance(10)
        await other.settle()
        assert len((await one.client.list(PODS)).items) == 2
        assert (await other.client.list(PODS)).items == []
        assert one.clock.now() != other.clock.now()
        assert other.busy() == []
        await one.stop()
        await other.client.create(DEPLOYMENTS, deployment("web", 3))
        await other.advance(10)
        assert len((await other.client.list(PODS)).items) == 3


async def test_nothing_runs_on_once_it_has_stopped() -> None:
    before = asyncio.all_tasks()
    cluster = virtual(port=0)
    async with cluster:
        await cluster.client.create(DEPLOYMENTS, deployment("web", 2))
        await cluster.settle()
        assert asyncio.all_tasks() != before
    assert asyncio.all_tasks() == before
    assert all(not resource.watchers for resource in cluster.store._resources.values())
    await cluster.stop()


async def test_a_stop_in_the_middle_of_everything() -> None:
    before = asyncio.all_tasks()
    async with virtual() as cluster:
        await cluster.client.create(DEPLOYMENTS, deployment("web", 50))
        for _ in range(7):
            await next_turn()
        assert cluster.busy()
    assert asyncio.all_tasks() == before


async def test_a_port_that_is_taken() -> None:
    before = asyncio.all_tasks()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        cluster = Cluster(port=taken.getsockname()[1])
        with pytest.raises(OSError, match="address already in use"):
            await cluster.__aenter__()
    assert asyncio.all_tasks() == before
    assert not cluster.ready


async def test_what_does_not_listen_has_no_url() -> None:
    async with virtual() as cluster:
        with pytest.raises(RuntimeError, match="does not listen"):
            _ = cluster.url


# In a thread


def test_a_cluster_in_a_thread_leaves_nothing_behind() -> None:
    before = set(threading.enumerate())
    with Cluster.start(clock="virtual", seed=1) as cluster:
        assert set(threading.enumerate()) != before
        cluster.client.create(DEPLOYMENTS, deployment("web", 2))
        cluster.settle()
        snapshot = cluster.snapshot()
        cluster.client.delete(DEPLOYMENTS, "default", "web")
        cluster.advance(60)
        cluster.restore(snapshot)
        assert cluster.client.get(DEPLOYMENTS, "default", "web")["spec"]["replicas"] == 2
    assert set(threading.enumerate()) == before
    gc.collect()


def test_one_that_is_never_entered_leaves_nothing_behind() -> None:
    before = set(threading.enumerate())
    started = Cluster.start()
    with pytest.raises(RuntimeError, match="enter"):
        _ = started.url
    del started
    gc.collect()
    assert set(threading.enumerate()) == before


def test_one_that_cannot_start_leaves_nothing_behind() -> None:
    before = set(threading.enumerate())
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OSError, match="in use"),
        Cluster.start(port=taken.getsockname()[1]),
    ):
        pass
    with pytest.raises(ValueError, match="clock"), Cluster.start(clock="sundial"):
        pass
    assert set(threading.enumerate()) == before
    gc.collect()


def test_errors_come_through_the_thread() -> None:
    with Cluster.start(port=None, nodes=0) as cluster:
        with pytest.raises(StatusError, match='configmaps "a" not found'):
            cluster.client.get(CONFIG_MAPS, "default", "a")
        with pytest.raises(TypeError, match="virtual"):
            cluster.advance(1)
