"""What containers leave when they end, and host ports that lead to them."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from aiohttp import web

from minikube_py.images import Container
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import PODS
from tests.kubelet.cri.programs import cluster_with, pod, state_of


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({}, "the disk is full", id="what it wrote"),
        pytest.param({"args": ["3", "x" * 5000]}, "x" * 4096, id="as much as is kept"),
        pytest.param({"args": ["0", "all is well"]}, "all is well", id="of one that ended well"),
        pytest.param({"args": ["3", ""]}, None, id="nothing"),
        pytest.param(
            {"args": ["3", ""], "terminationMessagePolicy": "FallbackToLogsOnError"}, "working\n", id="its log instead"
        ),
        pytest.param(
            {"args": ["0", ""], "terminationMessagePolicy": "FallbackToLogsOnError"}, None, id="which is not of those"
        ),
        pytest.param({"terminationMessagePath": "/tmp/last"}, "the disk is full", id="elsewhere"),
    ],
)
async def test_its_last_words(more: Object, expected: str | None) -> None:
    async def fails(container: Container) -> int:
        container.print("working")
        code, words = container.argv or ("3", "the disk is full")
        if words:
            path = container.spec["terminationMessagePath"]
            assert await container.files.read(path) == b""
            await container.files.write(path, words.encode())
        return int(code)

    async with cluster_with(worker=fails) as cluster:
        await cluster.client.create(PODS, pod("a", "worker", restart="Never", **more))
        await cluster.settle()
        assert (await state_of(cluster, "a"))["state"]["terminated"].get("message") == expected


async def test_last_words_of_a_command() -> None:
    script = 'echo "out of $1" > /dev/termination-log; exit 1'
    async with cluster_with() as cluster:
        made = pod("a", "busybox", restart="Never", command=["sh", "-c", script, "sh", "paper"])
        await cluster.client.create(PODS, made)
        await cluster.settle()
        assert (await state_of(cluster, "a"))["state"]["terminated"]["message"] == "out of paper\n"


async def test_last_words_of_one_that_is_killed() -> None:
    async def stubborn(container: Container) -> None:
        await container.files.write("/dev/termination-log", b"never")
        with contextlib.suppress(asyncio.CancelledError):
            await container.forever()
        await container.forever()

    async with cluster_with(server=stubborn) as cluster:
        probe = {"exec": {"command": ["false"]}, "periodSeconds": 1, "failureThreshold": 1}
        await cluster.client.create(PODS, pod("a", "server", livenessProbe=probe))
        await cluster.advance(40)
        assert (await state_of(cluster, "a"))["lastState"]["terminated"]["message"] == "never"


@pytest.mark.parametrize(
    ("image", "port", "host_network", "expected"),
    [
        pytest.param("server", {"containerPort": 8080, "hostPort": 80}, False, "from a", id="of a program"),
        pytest.param("nginx", {"containerPort": 80, "hostPort": 80}, False, "", id="of a container without one"),
        pytest.param("nginx", {"containerPort": 80, "hostPort": 80}, True, "", id="on the node's own network"),
        pytest.param("server", {"containerPort": 8080}, False, None, id="of nobody"),
        pytest.param(
            "server", {"containerPort": 8080, "hostPort": 80, "hostIP": "127.0.0.1"}, False, None, id="within the node"
        ),
        pytest.param(
            "server", {"containerPort": 8080, "hostPort": 80, "protocol": "UDP"}, False, None, id="of another protocol"
        ),
    ],
)
async def test_ports_of_its_node(image: str, port: Object, host_network: bool, expected: str | None) -> None:
    async def serves(container: Container) -> None:
        async def hello(request: web.BaseRequest) -> web.Response:
            return web.Response(text=f"from {container.hostname}")

        await container.serve_http(8080, hello)
        await container.forever()

    answers: list[str | None] = []

    async def asks(container: Container) -> None:
        async with container.http() as http:
            try:
                async with http.get(f"http://{container.argv[0]}/") as response:
                    answers.append(await response.text())
            except OSError:
                answers.append(None)
        await container.forever()

    async with cluster_with(server=serves, client=asks) as cluster:
        made = pod("a", image, ports=[port])
        made["spec"]["hostNetwork"] = host_network
        await cluster.client.create(PODS, made)
        await cluster.settle()
        address = (await cluster.client.get(PODS, "default", "a"))["status"]["hostIP"]
        await cluster.client.create(PODS, pod("b", "client", args=[address]))
        await cluster.settle()
    [answer] = answers
    assert (answer is None) == (expected is None) and (expected or "") in (answer or "")
