"""Why things are as they are, what was reconciled, and time, over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from minikube_py.api.context import ADMIN
from minikube_py.api.reply import Reply, Request
from minikube_py.cluster import Cluster, Unsettled
from minikube_py.explorer.causes import DEPTH, chain, explanation_text
from minikube_py.explorer.pages import BACKLOG, ExplorerPages
from minikube_py.machinery.cause import Cause, Ring, because
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import DEPLOYMENTS
from minikube_py.store import Key, Store

PATH = "/apis/apps/v1/namespaces/default/deployments/web"
WEB: Object = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "default"},
    "spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}},
    },
}


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    async with Cluster(nodes=2, clock="virtual", seed=1) as started:
        started.mount(ExplorerPages(started))
        yield started


async def ask(
    cluster: Cluster, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None, **query: str
) -> Reply:
    assert cluster.server is not None
    return await cluster.server.answer(Request(method, path, query, headers or {}, body, ADMIN))


async def applied(cluster: Cluster) -> str:
    """Apply the deployment as kubectl does; the name of its pod."""
    headers = {"Content-Type": "application/apply-patch+yaml", "User-Agent": "kubectl/v1.36.0 (linux/amd64)"}
    reply = await ask(cluster, "PATCH", PATH, json.dumps(WEB).encode(), headers, fieldManager="kubectl")
    assert reply.status == 201
    await cluster.settle()
    (pod,) = cluster.store.list("pods")
    return str(pod.object["metadata"]["name"])


def links(history: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """What was written, how, and by whom."""
    return [(link["resource"], link["type"], link["cause"]["actor"]) for link in history]


# Why


async def test_a_pod_goes_back_to_who_applied_its_deployment(cluster: Cluster) -> None:
    pod = await applied(cluster)
    reply = await ask(cluster, "GET", "/minikube-py/why", object=f"pod/{pod}")
    history = json.loads(reply.body)["history"]
    user = ("deployments.apps", "ADDED", "system:admin (kubectl/v1.36.0)")
    made = [("pods", "ADDED", "replicaset-controller"), ("replicasets.apps", "ADDED", "deployment-controller"), user]
    bound = [("pods", "MODIFIED", "default-scheduler"), *made]
    node = cluster.store.list("pods")[0].object["spec"]["nodeName"]
    started = [("pods", "MODIFIED", f"kubelet {node}"), *bound]
    assert [links(each) for each in history][:3] == [made, bound, started]
    origin = history[0][-1]["cause"]
    assert (origin["kind"], origin["subject"]) == ("request", f"PATCH {PATH}")
    assert origin["writes"] == [history[0][-1]["revision"]]
    assert history[0][0]["cause"]["triggers"][0] == history[0][1]["revision"]


async def test_what_is_gone_is_still_explained(cluster: Cluster) -> None:
    pod = await applied(cluster)
    await cluster.client.delete(DEPLOYMENTS, "default", "web", propagation="Foreground")
    await cluster.advance(120)
    assert cluster.store.list("pods") == []
    reply = await ask(cluster, "GET", "/minikube-py/why", object=f"po/{pod}")
    last = json.loads(reply.body)["history"][-1]
    assert (last[0]["type"], last[0]["resource"]) == ("DELETED", "pods")


@pytest.mark.parametrize(
    "word", ["deployment/web", "deployments/web", "deploy/web", "Deployment/web", "deployments.apps/web"]
)
async def test_kinds_go_by_the_names_kubectl_knows(cluster: Cluster, word: str) -> None:
    await applied(cluster)
    assert (await ask(cluster, "GET", "/minikube-py/why", object=word)).status == 200


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        pytest.param({}, 400, "object must be KIND/NAME", id="nothing"),
        pytest.param({"object": "pod"}, 400, "object must be KIND/NAME", id="no name"),
        pytest.param({"object": "/web"}, 400, "object must be KIND/NAME", id="no kind"),
        pytest.param({"object": "thing/web"}, 404, "the server doesn't have a resource type 'thing'", id="kind"),
        pytest.param({"object": "pod/none"}, 404, 'pods "none" not found', id="name"),
        pytest.param(
            {"object": "deploy/web", "namespace": "x"}, 404, 'deployments.apps "web" not found', id="namespace"
        ),
    ],
)
async def test_what_cannot_be_explained(cluster: Cluster, query: dict[str, str], status: int, message: str) -> None:
    reply = await ask(cluster, "GET", "/minikube-py/why", **query)
    assert (reply.status, json.loads(reply.body)["message"]) == (status, message)


async def test_the_explanation_in_words(cluster: Cluster) -> None:
    pod = await applied(cluster)
    reply = await ask(cluster, "GET", "/minikube-py/why", object=f"pod/{pod}")
    first, because_set, because_deployment, second, *_ = explanation_text(json.loads(reply.body)["history"])
    assert first.startswith("created at ") and "by replicaset-controller on ReplicaSet default/web-" in first
    assert because_set.startswith("  because replicasets.apps default/web-")
    assert because_deployment.endswith(f"by PATCH {PATH} by system:admin (kubectl/v1.36.0)")
    assert second.startswith("changed at ") and "by default-scheduler on Pod" in second


def test_chains_end_however_long_they_are_and_whatever_they_meet() -> None:
    store = Store()
    key = Key("things", "", "x")
    stored = store.create(key, {"metadata": {"name": "x"}})
    for _ in range(DEPTH * 2):
        with because(Cause("reconcile", "c", "x", triggers=(stored.revision,))):
            stored = store.update(key, {"metadata": {"name": "x"}}, stored.revision)
    assert len(chain(store, store.journal[-1])) == DEPTH
    with because(Cause("reconcile", "c", "x", triggers=(stored.revision + 1,))):
        store.update(key, {"metadata": {"name": "x"}}, stored.revision)
    assert len(chain(store, store.journal[-1])) == 1


# Trace


def test_the_ring_is_bounded_and_tells_its_listeners() -> None:
    ring = Ring(size=3)
    told: list[Cause] = []
    ring.listeners.append(told.append)
    causes = [Cause("reconcile", "c", str(number)) for number in range(5)]
    for cause in causes:
        ring.add(cause)
    assert list(ring.recent) == causes[2:]
    assert told == causes


async def test_the_trace_lists_reconciles(cluster: Cluster) -> None:
    await applied(cluster)
    lines = (await ask(cluster, "GET", "/minikube-py/trace")).body.splitlines()
    traced = [json.loads(line) for line in lines]
    told = {"kind", "actor", "subject", "triggers", "writes", "waitedSeconds", "tookSeconds", "outcome"}
    assert told <= set(traced[0])
    actors = {each["actor"] for each in traced if each["subject"] == "Deployment default/web"}
    assert actors == {"deployment-controller"}
    assert all(each["tookSeconds"] > 0 for each in traced)


class Follower:
    """Reads, or lets itself be waited for."""

    def __init__(self) -> None:
        self.lines: list[Any] = []
        self.room = asyncio.Event()
        self.room.set()

    async def __call__(self, chunk: bytes) -> None:
        await self.room.wait()
        self.lines += [json.loads(line) for line in chunk.splitlines() if line]

    def abort(self) -> None:
        raise AssertionError("nobody is cut off here")


async def test_whoever_follows_the_trace_gets_what_was_and_what_comes(cluster: Cluster) -> None:
    await cluster.settle()
    reply = await ask(cluster, "GET", "/minikube-py/trace", follow="true")
    assert reply.stream is not None
    follower = Follower()
    following = asyncio.ensure_future(reply.stream(follower))
    await next_turn()
    before = len(follower.lines)
    assert before == len(cluster.ring.recent)
    await applied(cluster)
    await next_turn()
    assert len(follower.lines) == len(cluster.ring.recent) > before
    assert "Deployment default/web" in [line["subject"] for line in follower.lines[before:]]
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert cluster.ring.listeners == []


async def test_a_slow_follower_misses_the_oldest(cluster: Cluster) -> None:
    await cluster.settle()
    reply = await ask(cluster, "GET", "/minikube-py/trace", follow="1")
    assert reply.stream is not None
    follower = Follower()
    following = asyncio.ensure_future(reply.stream(follower))
    await next_turn()
    follower.lines.clear()
    for number in range(BACKLOG + 5):
        cluster.ring.add(Cause("reconcile", "c", str(number)))
    await next_turn()
    assert [line["subject"] for line in follower.lines] == [str(number) for number in range(5, BACKLOG + 5)]
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


# Time


async def test_settle_answers_with_the_revision(cluster: Cluster) -> None:
    await cluster.client.create(DEPLOYMENTS, WEB)
    reply = await ask(cluster, "POST", "/minikube-py/settle")
    assert (reply.status, json.loads(reply.body)) == (200, {"revision": cluster.store.revision})
    assert cluster.busy() == []


async def test_settle_tells_who_is_busy(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    async def settle(timeout: float = 30.0) -> None:
        raise Unsettled("after 30 s: somebody is busy")

    monkeypatch.setattr(cluster, "settle", settle)
    for path, body in (("settle", b""), ("advance", b'{"seconds": 1}')):
        reply = await ask(cluster, "POST", f"/minikube-py/{path}", body)
        assert reply.status == 504
        assert "somebody is busy" in json.loads(reply.body)["message"]


@pytest.mark.parametrize("seconds", [0, 1, 2.5, 3600])
async def test_advance_moves_the_clock(cluster: Cluster, seconds: float) -> None:
    before = cluster.clock.now()
    reply = await ask(cluster, "POST", "/minikube-py/advance", json.dumps({"seconds": seconds}).encode())
    assert (reply.status, json.loads(reply.body)) == (200, {"now": before + seconds})


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{}", id="empty"),
        pytest.param(b"[1]", id="list"),
        pytest.param(b"{", id="half"),
        pytest.param(b"\xff", id="bytes"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b'{"seconds": -1}', id="back"),
        pytest.param(b'{"seconds": "x"}', id="text"),
        pytest.param(b'{"seconds": true}', id="true"),
        pytest.param(b'{"seconds": NaN}', id="NaN"),
        pytest.param(b'{"seconds": 1e400}', id="infinite"),
        pytest.param(b'{"seconds": 1e12}', id="far"),
        pytest.param(b'{"seconds": 1, "minutes": 1}', id="more"),
    ],
)
async def test_what_is_no_way_to_advance(cluster: Cluster, body: bytes) -> None:
    before = cluster.clock.now()
    reply = await ask(cluster, "POST", "/minikube-py/advance", body)
    assert (reply.status, json.loads(reply.body)["reason"]) == (400, "BadRequest")
    assert cluster.clock.now() == before


async def test_a_real_clock_cannot_be_moved() -> None:
    async with Cluster(nodes=0) as cluster:
        cluster.mount(ExplorerPages(cluster))
        reply = await ask(cluster, "POST", "/minikube-py/advance", b'{"seconds": 1}')
        assert (reply.status, json.loads(reply.body)["reason"]) == (400, "BadRequest")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/minikube-py/settle", 405),
        ("GET", "/minikube-py/advance", 405),
        ("POST", "/minikube-py/why", 405),
        ("DELETE", "/minikube-py/trace", 405),
        ("GET", "/minikube-py/nothing", 404),
        ("GET", "/minikube-pyx", 404),
    ],
)
async def test_other_paths_and_methods(cluster: Cluster, method: str, path: str, status: int) -> None:
    assert (await ask(cluster, method, path)).status == status
