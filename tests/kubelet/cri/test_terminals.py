"""Terminals: their sizes, as shells and programs see them."""

from __future__ import annotations

import asyncio

import pytest

from minikube_py.images import Container
from minikube_py.machinery.streams import Command, Pipe, Streams
from minikube_py.machinery.wellknown import PODS
from tests.kubelet.cri.programs import cluster_with, pod
from tests.kubelet.shellsession import turns


class Client:
    """Types, and reads what is shown."""

    def __init__(self, command: Command) -> None:
        self.keyboard, self.shown = Pipe(), Pipe()
        self.streams = Streams(self.keyboard, self.shown, tty=True)
        self.running = asyncio.ensure_future(command(self.streams))

    def resize(self, columns: int, rows: int) -> None:
        self.streams.size = (columns, rows)
        self.streams.resized()

    async def type(self, text: str) -> str:
        self.keyboard.feed(text.encode())
        await turns(60)
        return (await self.shown.read()).decode()


async def test_a_shell_sees_its_terminal_change() -> None:
    async with cluster_with() as cluster:
        await cluster.client.create(PODS, pod("a", "busybox", command=["sleep", "infinity"]))
        await cluster.settle()
        found = await cluster.client.get(PODS, "default", "a")
        client = Client(await cluster.registry.nodes.exec(found, "c", ["bash"]))
        await client.type("trap 'echo changed' WINCH\r")
        assert "24 80\r\n" in await client.type("stty size\r")
        client.resize(100, 30)
        said = await client.type("stty size; echo $COLUMNS-$LINES\r")
        assert "30 100\r\n" in said
        assert "changed\r\n" in said
        assert "100-30\r\n" in await client.type("echo $COLUMNS-$LINES\r")
        assert "pts/0" in await client.type("ps aux | grep [b]ash\r")
        await client.type("exit\r")
        assert await client.running == 0


async def test_a_program_sees_the_terminal_that_is_attached() -> None:
    seen: list[tuple[int, int] | None] = []

    async def looks(container: Container) -> None:
        while await container.stdin.read():
            seen.append(container.screen and container.screen())

    async with cluster_with(looks=looks) as cluster:
        await cluster.client.create(PODS, pod("a", "looks", stdin=True, tty=True))
        await cluster.settle()
        found = await cluster.client.get(PODS, "default", "a")
        client = Client(await cluster.registry.nodes.attach(found, "c"))
        await client.type("a\r")
        client.resize(132, 43)
        await client.type("b\r")
        assert seen == [(80, 24), (132, 43)]
        client.running.cancel()


@pytest.mark.parametrize(
    ("once", "leaves"),
    [
        pytest.param(True, False, id="its input ends too"),
        pytest.param(False, True, id="its input stays open"),
    ],
)
async def test_a_client_without_more_input_leaves_what_goes_on_without_it(once: bool, leaves: bool) -> None:
    async with cluster_with() as cluster:
        command = ["sh", "-c", "cat && sleep infinity"]
        await cluster.client.create(PODS, pod("a", "busybox", command=command, stdin=True, stdinOnce=once))
        await cluster.settle()
        found = await cluster.client.get(PODS, "default", "a")
        attach = await cluster.registry.nodes.attach(found, "c")
        keyboard, shown = Pipe(), Pipe()
        running = asyncio.ensure_future(attach(Streams(keyboard, shown)))
        keyboard.feed(b"typed\n")
        await turns(60)
        keyboard.close()
        await turns(60)
        assert (await shown.read(), running.done()) == (b"typed\n", leaves)
        running.cancel()
