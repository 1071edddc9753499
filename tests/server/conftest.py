"""A control plane without controllers, on a real port, in the test's event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from minikube_py.cluster import Cluster
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.gvr import GroupVersionResource
from tests.server.http11 import Connection

CONFIG_MAPS = GroupVersionResource("", "v1", "configmaps")
MAPS = "/api/v1/namespaces/default/configmaps"

Open = Callable[..., Awaitable[Connection]]


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    async with Cluster(nodes=0, controllers="", clock="virtual", seed=1, check_mutations=True) as started:
        yield started


@pytest.fixture
async def open_connection(cluster: Cluster) -> AsyncIterator[Open]:
    opened: list[Connection] = []

    async def open_one(limit: int = 1024 * 1024) -> Connection:
        assert cluster.port is not None
        opened.append(await Connection.open(cluster.port, limit))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()


@pytest.fixture
async def http(open_connection: Open) -> Connection:
    return await open_connection()


def watchers(cluster: Cluster, resource: str = "configmaps") -> int:
    """How many watch a resource."""
    return len(cluster.store._resource(resource).watchers)


async def until(holds: Callable[[], bool], turns: int = 20_000) -> None:
    """Let the loop turn until something holds that only the loop brings about."""
    for _ in range(turns):
        if holds():
            return
        await next_turn()
    raise AssertionError("it never came")
