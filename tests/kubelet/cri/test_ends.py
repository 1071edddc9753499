"""What ends with a container, with a client and with the cluster."""

from __future__ import annotations

import asyncio
import contextlib
import gc

import pytest
from aiohttp import ClientSession, web

from minikube_py.cluster import Cluster
from minikube_py.images import Container, Program
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.wellknown import PODS
from tests.kubelet.cri.programs import cluster_with, forever, log_of, pod, run_in, state_of


async def hangs(request: web.BaseRequest) -> web.StreamResponse:
    return await asyncio.get_running_loop().create_future()


def hanging_application() -> web.Application:
    application = web.Application()
    application.router.add_get("/", hangs)
    return application


async def serves_coroutine(container: Container) -> None:
    await container.serve_http(80, hangs)
    await container.forever()


async def serves_application(container: Container) -> None:
    await container.serve_http(80, hanging_application())
    await container.forever()


async def serves_streams(container: Container) -> None:
    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await container.forever()

    container.serve(80, never)
    await container.forever()


SERVERS = [
    pytest.param(serves_coroutine, id="http, a coroutine"),
    pytest.param(serves_application, id="http, an application"),
    pytest.param(serves_streams, id="streams"),
]


def asking(heard: list[bytes]) -> Program:
    """Of the pod named "server", without ever closing the connection."""

    async def client(container: Container) -> None:
        reader, writer = await container.connect(container.env["SERVER"], 80)
        writer.write(b"GET / HTTP/1.1\r\nHost: server\r\n\r\n")
        heard.append(await reader.read())
        await container.forever()

    return client


async def connected(cluster: Cluster) -> None:
    """A client that waits for an answer that never comes."""
    await cluster.client.create(PODS, pod("server", "server"))
    await cluster.settle()
    address = (await cluster.client.get(PODS, "default", "server"))["status"]["podIP"]
    await cluster.client.create(PODS, pod("client", "client", env=[{"name": "SERVER", "value": address}]))
    await cluster.settle()


@pytest.mark.parametrize("server", SERVERS)
async def test_connections_end_with_the_container(server: Program) -> None:
    heard: list[bytes] = []
    async with cluster_with(server=server, client=asking(heard)) as cluster:
        await connected(cluster)
        assert heard == []
        await cluster.client.delete(PODS, "default", "server")
        await cluster.settle()
        assert heard == [b""]


@pytest.mark.parametrize("server", SERVERS)
async def test_nothing_is_left_of_unanswered_requests_when_the_cluster_stops(server: Program) -> None:
    before = asyncio.all_tasks()
    async with cluster_with(server=server, client=asking([])) as cluster:
        await connected(cluster)
    await next_turn()
    assert asyncio.all_tasks() == before


async def test_what_catches_every_cancellation_is_killed_all_the_same() -> None:
    async def stubborn(container: Container) -> None:
        while True:
            with contextlib.suppress(asyncio.CancelledError):
                await container.sleep(1000)

    async with cluster_with(stubborn=stubborn) as cluster:
        await cluster.client.create(PODS, pod("a", "stubborn"))
        await cluster.settle()
        await cluster.client.delete(PODS, "default", "a")
        await cluster.advance(29)
        assert "running" in (await state_of(cluster, "a"))["state"]
        await cluster.advance(2)
        assert (await cluster.client.list(PODS, "default")).items == []
        await cluster.client.create(PODS, pod("b", "stubborn"))
        await cluster.settle()


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        pytest.param("trap 'echo bye; exit 7' TERM; sleep 1000 & wait", 7, "bye\n", id="it-exits"),
        pytest.param("trap 'echo bye' TERM; while true; do sleep 1; done", 137, "bye\n", id="it-goes-on"),
        pytest.param("trap '' TERM; sleep 1000", 137, "", id="it-does-not-care"),
        pytest.param("sleep 1000", 143, "", id="no-trap"),
    ],
)
async def test_a_shell_s_trap_runs_when_its_container_is_stopped(script: str, code: int, said: str) -> None:
    async with cluster_with() as cluster:
        made = pod("a", "busybox", command=["sh", "-c", script], restart="Never")
        made["metadata"]["finalizers"] = ["example.com/stay"]
        await cluster.client.create(PODS, made)
        await cluster.settle()
        await cluster.client.delete(PODS, "default", "a")
        await cluster.advance(31)
        assert (await state_of(cluster, "a"))["state"]["terminated"]["exitCode"] == code
        assert await log_of(cluster, "a") == said


async def test_commands_end_with_the_container_that_they_run_in() -> None:
    async with cluster_with(app=forever) as cluster:
        await cluster.client.create(PODS, pod("a", "app"))
        await cluster.settle()
        running = asyncio.ensure_future(run_in(cluster, "a", "sh", "-c", "echo up; sleep 1000"))
        await cluster.settle()
        assert not running.done()
        await cluster.client.delete(PODS, "default", "a")
        await cluster.settle()
        assert await running == (137, "up\n")


async def test_who_hangs_up_on_a_proxied_request_ends_it() -> None:
    asked, ended = asyncio.Event(), asyncio.Event()

    async def server(container: Container) -> None:
        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            asked.set()
            try:
                return await hangs(request)
            finally:
                ended.set()

        await container.serve_http(80, answer)
        await container.forever()

    async with Cluster(port=0, clock="virtual", nodes=1, images={"server": server}) as cluster, ClientSession() as http:
        await cluster.client.create(PODS, pod("a", "server"))
        await cluster.settle()
        url = f"{cluster.url}/api/v1/namespaces/default/pods/a/proxy/"
        asking = asyncio.ensure_future(http.get(url))
        await asked.wait()
        asking.cancel()
        await ended.wait()
        gc.collect()  # a session that is left open would complain


async def test_all_that_is_open_closes_though_something_does_not(caplog: pytest.LogCaptureFixture) -> None:
    closed: list[str] = []

    async def fails(app: web.Application) -> None:
        closed.append("the last")
        raise ValueError("no end")

    async def ends(app: web.Application) -> None:
        closed.append("the first")

    async def serves(container: Container) -> None:
        for port, end in ((80, ends), (81, fails)):
            app = web.Application()
            app.on_cleanup.append(end)
            await container.serve_http(port, app)
        await container.forever()

    async with cluster_with(serves=serves) as cluster:
        await cluster.client.create(PODS, pod("a", "serves"))
        await cluster.settle()
        await cluster.client.delete(PODS, "default", "a")
        await cluster.settle()
        assert closed == ["the last", "the first"]
    assert [record.getMessage() for record in caplog.records] == [
        "what container c had open did not close (1 sub-exception)"
    ]
