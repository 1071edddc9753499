"""Nodes that are added, removed, stopped and started over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from minikube_py.api.context import ADMIN
from minikube_py.api.reply import Reply, Request
from minikube_py.cluster import Cluster
from minikube_py.explorer.pages import ExplorerPages
from minikube_py.machinery.wellknown import NODES


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    async with Cluster(nodes=2, clock="virtual", seed=1) as started:
        started.mount(ExplorerPages(started))
        await started.settle()
        yield started


async def post(cluster: Cluster, verb: str, body: Any, method: str = "POST") -> Reply:
    assert cluster.server is not None
    given = json.dumps(body).encode()
    return await cluster.server.answer(Request(method, f"/minikube-py/nodes/{verb}", {}, {}, given, ADMIN))


async def test_a_node_is_added(cluster: Cluster) -> None:
    taints = [{"key": "gpu", "effect": "NoSchedule"}]
    reply = await post(cluster, "add", {"labels": {"a": "b"}, "taints": taints, "capacity": {"cpu": "4"}})
    assert (reply.status, json.loads(reply.body)) == (201, {"name": "node-3"})
    await cluster.settle()
    node = await cluster.client.get(NODES, "", "node-3")
    assert (node["metadata"]["labels"]["a"], node["status"]["capacity"]["cpu"]) == ("b", "4")
    assert node["spec"]["taints"] == taints


async def test_a_node_is_stopped_started_and_removed(cluster: Cluster) -> None:
    for verb, stopped, left in (
        ("stop", ["node-1"], 2),
        ("stop", ["node-1"], 2),
        ("start", [], 2),
        ("start", [], 2),
        ("remove", [], 1),
    ):
        reply = await post(cluster, verb, {"name": "node-1"})
        assert (reply.status, json.loads(reply.body)) == (200, {"name": "node-1"})
        await cluster.settle()
        assert cluster.nodes.stopped == stopped
        assert len((await cluster.client.list(NODES)).items) == left


@pytest.mark.parametrize(
    ("verb", "body", "status", "message"),
    [
        pytest.param("stop", {}, 400, "name: Field required", id="no name"),
        pytest.param("stop", {"name": ""}, 400, "name: String should have at least 1 character", id="empty name"),
        pytest.param("stop", {"name": "x"}, 404, 'nodes "x" not found', id="none of that name"),
        pytest.param("remove", {"name": "x"}, 404, 'nodes "x" not found', id="nothing to remove"),
        pytest.param("add", {"name": "node-1"}, 409, 'nodes "node-1" already exists', id="there is one"),
        pytest.param("add", {"nome": "x"}, 400, "nome: Extra inputs are not permitted", id="misspelt"),
        pytest.param("add", {"taints": [{"key": "a"}]}, 400, "taints.0.effect: Field required", id="no effect"),
        pytest.param("add", {"labels": {"a b": "c"}}, 422, "metadata.labels: Invalid value", id="no label"),
        pytest.param("add", {"taints": [{"key": "a", "effect": "x"}]}, 422, "Unsupported value", id="unknown effect"),
        pytest.param("add", {"capacity": {"cpu": "much"}}, 400, "quantities must match", id="no quantity"),
    ],
)
async def test_what_is_refused(cluster: Cluster, verb: str, body: Any, status: int, message: str) -> None:
    before = cluster.store.revision
    reply = await post(cluster, verb, body)
    assert (reply.status, cluster.store.revision, cluster.nodes.names) == (status, before, ["node-1", "node-2"])
    assert message in json.loads(reply.body)["message"]


async def test_other_verbs_and_methods(cluster: Cluster) -> None:
    assert (await post(cluster, "paint", {"name": "node-1"})).status == 404
    assert (await post(cluster, "stop", {"name": "node-1"}, "GET")).status == 405
