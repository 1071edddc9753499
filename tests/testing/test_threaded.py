"""A cluster in a thread of its own, as plain code has it."""

from __future__ import annotations

import socket
import threading

import pytest

from minikube_py.cluster import Cluster
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.wellknown import CONFIG_MAPS, NODES
from minikube_py.threaded import ThreadedCluster


def config_map(name: str) -> dict[str, object]:
    return {"metadata": {"name": name, "namespace": "default"}, "data": {"a": "1"}}


def test_verbs_block(cluster: ThreadedCluster) -> None:
    created = cluster.client.create(CONFIG_MAPS, config_map("settings"))
    assert cluster.client.get(CONFIG_MAPS, "default", "settings") == created
    with pytest.raises(StatusError, match='configmaps "gone" not found'):
        cluster.client.get(CONFIG_MAPS, "default", "gone")


def test_under_another_name(cluster: ThreadedCluster) -> None:
    created = cluster.client.as_user_agent("somebody").create(CONFIG_MAPS, config_map("settings"))
    assert created["metadata"]["managedFields"][0]["manager"] == "somebody"


def test_watch(cluster: ThreadedCluster) -> None:
    cluster.settle()
    start = cluster.client.list(CONFIG_MAPS, "default").resource_version
    watch = cluster.client.watch(CONFIG_MAPS, "default", resource_version=start)
    for name in ("one", "two"):
        cluster.client.create(CONFIG_MAPS, config_map(name))
    events = iter(watch)
    assert [next(events).object["metadata"]["name"] for _ in range(2)] == ["one", "two"]
    watch.stop()
    assert list(events) == []


def test_snapshots(cluster: ThreadedCluster) -> None:
    before = cluster.snapshot()
    cluster.client.create(CONFIG_MAPS, config_map("settings"))
    cluster.restore(before)
    names = [each["metadata"]["name"] for each in cluster.client.list(CONFIG_MAPS, "default").items]
    assert "settings" not in names


def test_a_real_clock_is_not_moved(cluster: ThreadedCluster) -> None:
    with pytest.raises(TypeError, match='only a cluster with clock="virtual" can be advanced'):
        cluster.advance(1)


def test_nothing_stays() -> None:
    before = threading.active_count()
    with Cluster.start(nodes=1) as cluster:
        assert len(cluster.client.list(NODES).items) <= 1
        url = cluster.url
    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 1)


def test_a_start_that_fails() -> None:
    before = threading.active_count()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        starting = Cluster.start(port=taken.getsockname()[1])
        with pytest.raises(OSError, match="address already in use"):
            starting.__enter__()
    assert threading.active_count() == before


def test_before_it_is_entered() -> None:
    with pytest.raises(RuntimeError, match="enter Cluster"):
        ThreadedCluster(Cluster, {}).url  # noqa: B018


@pytest.mark.cluster(nodes=1)
async def test_in_the_test_s_own_loop(async_cluster: Cluster) -> None:
    await async_cluster.settle()
    assert len((await async_cluster.client.list(NODES)).items) == 1
