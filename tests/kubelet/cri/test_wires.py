"""Connections in memory behave as asyncio's over sockets do."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.controllers.kubelet.cri.network import Network, StreamServer
from minikube_py.controllers.kubelet.cri.wires import HIGH_WATER, Sockets
from minikube_py.machinery.clock import next_turn

SERVER, PORT = "10.244.0.2", 80


class Straight:
    """Implements Router: addresses are what they are."""

    def route(self, source: str, address: str, port: int, protocol: str = "TCP") -> tuple[str, int]:
        return address, port


@pytest.fixture
def network() -> Network:
    return Network(Straight(), lambda address, port: None)


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1000):
        writer.write(data)
        await writer.drain()
    writer.close()


async def test_both_ways_until_each_side_ends(network: Network) -> None:
    network.listen(SERVER, PORT, StreamServer(echo), Sockets())
    reader, writer = await network.open("10.244.1.2", SERVER, PORT)
    writer.write(b"hello")
    writer.write_eof()
    assert await reader.read(-1) == b"hello"
    writer.close()
    await writer.wait_closed()


async def test_addresses_are_told(network: Network) -> None:
    seen: list[tuple[str, int]] = []

    async def look(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.extend((writer.get_extra_info("peername"), writer.get_extra_info("sockname")))
        writer.close()

    network.listen(SERVER, PORT, StreamServer(look), Sockets())
    reader, writer = await network.open("10.244.1.2", SERVER, PORT)
    assert await reader.read() == b""
    assert seen == [("10.244.1.2", 32768), (SERVER, PORT)]
    assert writer.get_extra_info("peername") == (SERVER, PORT)
    writer.close()


async def test_a_writer_waits_for_a_slow_reader(network: Network) -> None:
    release = asyncio.Event()
    got = bytearray()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        while data := await reader.read(10_000):
            got.extend(data)
        writer.close()

    network.listen(SERVER, PORT, StreamServer(slow), Sockets())
    reader, writer = await network.open("a", SERVER, PORT)
    written = 0

    async def write() -> None:
        nonlocal written
        for _ in range(100):
            writer.write(b"x" * 10_000)
            await writer.drain()
            written += 10_000
        writer.write_eof()

    writing = asyncio.ensure_future(write())
    for _ in range(1000):
        await next_turn()
    # What the stream's own buffer takes (twice its limit of 64 KiB), and the wire's.
    assert 0 < written <= 4 * HIGH_WATER
    release.set()
    assert await reader.read() == b""
    await writing
    assert len(got) == 1_000_000
    writer.close()


async def test_nobody_listens(network: Network) -> None:
    with pytest.raises(ConnectionRefusedError, match=r"dial tcp 10.244.0.2:80: connect: connection refused"):
        await network.open("a", SERVER, PORT)
    sockets = Sockets()
    network.listen(SERVER, PORT, StreamServer(echo), sockets)
    with pytest.raises(OSError, match="bind: address already in use"):
        network.listen(SERVER, PORT, StreamServer(echo), Sockets())
    sockets.close()
    with pytest.raises(ConnectionRefusedError):
        await network.open("a", SERVER, PORT)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bytes_come_in_order_and_whole(pieces: list[bytes]) -> None:
    async def run() -> bytes:
        network = Network(Straight(), lambda address, port: None)
        network.listen(SERVER, PORT, StreamServer(echo), Sockets())
        reader, writer = await network.open("a", SERVER, PORT)
        for piece in pieces:
            writer.write(piece)
        writer.write_eof()
        answer = await reader.read(-1)
        writer.close()
        return answer

    assert asyncio.run(run()) == b"".join(pieces)
