"""Commands and ports over WebSocket channels and over SPDY streams, with every protocol there is."""

from __future__ import annotations

import asyncio
import base64
import json

import pytest

from minikube_py.api.streaming import portforward, remotecommand
from minikube_py.api.streaming.remotecommand import Wanted
from minikube_py.api.streaming.wire import SPDY, WEBSOCKET
from minikube_py.machinery.clock import VirtualClock, next_turn
from minikube_py.machinery.streams import LIMIT, CommandFailed, Reader, Streams, Writer, read_all
from tests.streaming.wires import Frame, SpdyClient, TestWire


async def echo(streams: Streams) -> int:
    """Says what it reads in capitals, complains, and ends with 3."""
    assert streams.stdin is not None and streams.stdout is not None and streams.stderr is not None
    await streams.stdout.write((await read_all(streams.stdin)).upper())
    await streams.stderr.write(b"oh")
    return 3


CLOCK = VirtualClock()
ALL = Wanted(stdin=True, stdout=True, stderr=True, tty=False)
FAILED = {
    "metadata": {},
    "status": "Failure",
    "message": "command terminated with non-zero exit code: exit status 3",
    "reason": "NonZeroExitCode",
    "details": {"causes": [{"reason": "ExitCode", "message": "3"}]},
}


async def test_v5_tells_the_end_of_input() -> None:
    wire = TestWire()
    wire.push(b"\x00abc")
    wire.push(b"\xff\x00")
    await remotecommand.upgrade(WEBSOCKET, "v5.channel.k8s.io", ALL, echo, CLOCK).run(wire)
    assert wire.sent[:3] == [b"\x01", b"\x01ABC", b"\x02oh"]
    last = wire.sent[3]
    assert isinstance(last, bytes)
    assert last[:1] == b"\x03" and json.loads(last[1:]) == FAILED


async def test_base64() -> None:
    wire = TestWire()
    wire.push("0" + base64.b64encode(b"abc").decode())
    wire.push("0not base64!")
    wire.push(None)
    await remotecommand.upgrade(WEBSOCKET, "v4.base64.channel.k8s.io", ALL, echo, CLOCK).run(wire)
    assert wire.sent[:2] == ["1", "1" + base64.b64encode(b"ABC").decode()]


async def test_before_version_4_the_status_is_text() -> None:
    wire = TestWire()
    wire.push(None)
    await remotecommand.upgrade(WEBSOCKET, "channel.k8s.io", ALL, echo, CLOCK).run(wire)
    assert wire.sent[-1] == b"\x03command terminated with non-zero exit code: exit status 3"


async def test_a_command_that_cannot_run() -> None:
    async def fail(streams: Streams) -> int:
        raise CommandFailed("no such program")

    wire = TestWire()
    wanted = Wanted(stdin=False, stdout=True, stderr=False, tty=False)
    await remotecommand.upgrade(WEBSOCKET, "v4.channel.k8s.io", wanted, fail, CLOCK).run(wire)
    last = wire.sent[-1]
    assert isinstance(last, bytes)
    told = json.loads(last[1:])
    assert (told["reason"], told["code"]) == ("InternalError", 500)
    assert told["message"] == "Internal error occurred: no such program"


async def test_who_hangs_up_ends_the_command() -> None:
    ended = asyncio.Event()

    async def forever(streams: Streams) -> int:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.set()
        return 0

    wire = TestWire()
    wire.push(None)
    wanted = Wanted(stdin=False, stdout=True, stderr=True, tty=False)
    await remotecommand.upgrade(WEBSOCKET, "v5.channel.k8s.io", wanted, forever, CLOCK).run(wire)
    assert ended.is_set()


@pytest.mark.parametrize("kind", [WEBSOCKET, SPDY])
async def test_who_vanishes_while_nothing_is_read_is_missed(kind: str) -> None:
    ended = asyncio.Event()

    async def deaf(streams: Streams) -> int:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.set()
        return 0

    wire, clock = TestWire(), VirtualClock()
    client = SpdyClient(wire)
    for number, stream in ((1, "error"), (3, "stdin"), (5, "stdout"), (7, "stderr")):
        if kind == SPDY:
            wire.push(client.open(number, {"streamType": stream}))
    wire.push(client.data(3, bytes(LIMIT + 1)) if kind == SPDY else bytes(LIMIT + 2))
    running = asyncio.ensure_future(remotecommand.upgrade(kind, "v4.channel.k8s.io", ALL, deaf, clock).run(wire))
    for _ in range(2):
        for _ in range(20):
            await next_turn()
        assert not ended.is_set()
        clock.advance_to(clock.now() + 5)
    wire.lost = True
    await asyncio.gather(running, return_exceptions=True)
    assert ended.is_set()


async def test_the_terminal_is_resized() -> None:
    async def sized(streams: Streams) -> int:
        while streams.size == (80, 24):
            await asyncio.sleep(0)
        assert streams.stdout is not None
        await streams.stdout.write(str(streams.size).encode())
        return 0

    wire = TestWire()
    wire.push(b'\x04{"Width":120,"Height":40}')
    wanted = Wanted(stdin=True, stdout=True, stderr=False, tty=True)
    await remotecommand.upgrade(WEBSOCKET, "v5.channel.k8s.io", wanted, sized, CLOCK).run(wire)
    assert b"\x01(120, 40)" in wire.sent


@pytest.mark.parametrize("protocol", ["v4.channel.k8s.io", "v3.channel.k8s.io", "channel.k8s.io"])
async def test_over_spdy(protocol: str) -> None:
    wire = TestWire()
    client = SpdyClient(wire)
    for number, kind in ((1, "error"), (3, "stdin"), (5, "stdout"), (7, "stderr")):
        wire.push(client.open(number, {"streamType": kind}))
    wire.push(client.data(3, b"abc", fin=True))
    running = asyncio.ensure_future(remotecommand.upgrade(SPDY, protocol, ALL, echo, CLOCK).run(wire))
    frames: list[Frame] = []
    while len([frame for frame in frames if frame.fin]) < 4:
        await asyncio.sleep(0)
        frames += client.frames()
    wire.push(client.goaway())
    await running
    said = {frame.stream: frame.data for frame in frames if frame.kind == "data" and frame.data}
    assert said[5] == b"ABC" and said[7] == b"oh"
    if protocol.startswith("v4."):
        assert json.loads(said[1]) == FAILED
    else:
        assert said[1] == b"command terminated with non-zero exit code: exit status 3"


# Ports


async def double(port: int, reader: Reader, writer: Writer) -> None:
    if port == 81:
        raise CommandFailed("connection refused")
    await writer.write(f"{port}:".encode() + await read_all(reader))


async def test_ports_over_spdy_in_a_websocket() -> None:
    wire = TestWire()
    client = SpdyClient(wire)
    running = asyncio.ensure_future(portforward.upgrade(WEBSOCKET, portforward.TUNNELLED, (), double, CLOCK).run(wire))
    for request, (error, data, port) in enumerate(((1, 3, "80"), (5, 7, "81"))):
        headers = {"port": port, "requestID": str(request)}
        wire.push(client.open(error, {**headers, "streamType": "error"}))
        wire.push(client.open(data, {**headers, "streamType": "data"}))
        wire.push(client.data(data, b"hi", fin=True))
    frames: list[Frame] = []
    while Frame("data", 3, b"", True) not in frames or Frame("reset", 5) not in frames:
        await asyncio.sleep(0)
        frames += client.frames()
    wire.push(None)
    await running
    assert Frame("data", 3, b"80:hi") in frames
    assert Frame("data", 5, b"connection refused") in frames
    assert Frame("reset", 7) in frames


async def test_ports_over_channels() -> None:
    wire = TestWire()
    running = asyncio.ensure_future(
        portforward.upgrade(WEBSOCKET, "v4.channel.k8s.io", (80, 81), double, CLOCK).run(wire)
    )
    wire.push(b"\x00hi")
    while b"\x03connection refused" not in wire.sent:
        await asyncio.sleep(0)
    assert wire.sent[:4] == [b"\x00P\x00", b"\x01P\x00", b"\x02Q\x00", b"\x03Q\x00"]
    wire.push(None)
    await running


async def test_streams_that_are_no_pair_are_refused() -> None:
    wire = TestWire()
    client = SpdyClient(wire)
    wire.push(client.open(1, {"port": "0", "streamType": "data"}))
    wire.push(client.open(3, {"port": "80", "streamType": "other"}))
    wire.push(client.open(5, {"port": "80", "streamType": "data", "requestID": "a"}))
    wire.push(client.open(7, {"port": "80", "streamType": "data", "requestID": "a"}))
    wire.push(None)
    await portforward.upgrade(SPDY, portforward.PROTOCOL, (), double, CLOCK).run(wire)
    assert [frame.stream for frame in client.frames() if frame.kind == "reset"] == [1, 3, 7]
