"""SPDY frames: streams open, carry and end; what is no SPDY ends the connection."""

from __future__ import annotations

import asyncio
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.api.streaming.spdy import SpdyConnection, Stream
from minikube_py.api.streaming.spdydictionary import DICTIONARY
from minikube_py.machinery.clock import VirtualClock
from minikube_py.machinery.streams import read_all
from tests.streaming.wires import Frame, SpdyClient, TestWire


def test_dictionary_is_that_of_the_draft() -> None:
    assert len(DICTIONARY) == 1423
    assert zlib.adler32(DICTIONARY) == 0xE3C6A7C2  # the draft's own checksum of it


async def serve(wire: TestWire, *messages: bytes) -> list[Stream]:
    """A connection that is given all messages, and its streams once it has ended."""
    streams: list[Stream] = []
    for message in messages:
        wire.push(message)
    wire.push(None)
    await SpdyConnection(wire, streams.append, VirtualClock()).run()
    return streams


async def test_a_stream_is_answered_and_read() -> None:
    wire = TestWire()
    client = SpdyClient(wire)
    opened = client.open(1, {"streamType": "data", "port": "80"})
    (stream,) = await serve(wire, opened + client.data(1, b"ab"), client.data(1, b"c", fin=True))
    assert stream.headers == {"streamtype": "data", "port": "80"}
    assert client.frames() == [Frame("reply", 1)]
    assert stream.reader.closed


async def test_what_is_read_ends_with_the_other_side() -> None:
    wire = TestWire()
    client = SpdyClient(wire)
    streams: list[Stream] = []
    running = asyncio.ensure_future(SpdyConnection(wire, streams.append, VirtualClock()).run())
    wire.push(client.open(1, {"streamType": "stdin"}) + client.data(1, b"abc", fin=True))
    while not streams:
        await asyncio.sleep(0)
    assert await read_all(streams[0].reader) == b"abc"
    wire.push(client.goaway())
    await running


async def test_a_stream_is_written_and_finished_once() -> None:
    wire = TestWire()
    client = SpdyClient(wire)
    streams: list[Stream] = []
    running = asyncio.ensure_future(SpdyConnection(wire, streams.append, VirtualClock()).run())
    wire.push(client.open(1, {}))
    while not streams:
        await asyncio.sleep(0)
    await streams[0].write(b"hello")
    await streams[0].finish()
    await streams[0].finish()
    with pytest.raises(BrokenPipeError):
        await streams[0].write(b"more")
    wire.push(None)
    await running
    assert client.frames() == [Frame("reply", 1), Frame("data", 1, b"hello"), Frame("data", 1, b"", True)]


async def test_large_data_takes_several_frames() -> None:
    wire = TestWire()
    (stream,) = await serve(wire, SpdyClient(wire).open(1, {}))
    stream._finished = False
    wire.sent.clear()
    await stream.write(bytes(2**24 + 5))
    frames = SpdyClient(wire).frames()
    assert [len(frame.data) for frame in frames] == [2**24 - 1, 6]


async def test_refused_reset_and_ping() -> None:
    wire = TestWire()
    client = SpdyClient(wire)

    def refuse(stream: Stream) -> None:
        raise ValueError("no")

    wire.push(client.open(1, {}) + client.data(1, b"lost") + client.ping(7) + client.reset(9))
    wire.push(None)
    await SpdyConnection(wire, refuse, VirtualClock()).run()
    assert client.frames() == [Frame("reset", 1), Frame("ping", 7)]


@pytest.mark.parametrize(
    "garbage",
    [
        pytest.param(b"\x80\x02\x00\x01\x00\x00\x00\x00", id="another version"),
        pytest.param(b"\x80\x03\x00\x01\x00\x00\x00\x04\x00\x00\x00\x01", id="short"),
        pytest.param(b"\x80\x03\x00\x01\x00\x00\x00\x0c\x00\x00\x00\x01" + bytes(6) + b"xx", id="no headers"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", id="HTTP"),
    ],
)
async def test_what_is_no_spdy_ends_quietly(garbage: bytes) -> None:
    wire = TestWire()
    assert await serve(wire, garbage) == []


async def test_numbers_must_grow() -> None:
    wire = TestWire()
    client = SpdyClient(wire)
    assert len(await serve(wire, client.open(3, {}), client.open(1, {}), client.open(5, {}))) == 1


@given(st.lists(st.integers(1, 40), max_size=30), st.binary(max_size=200))
def test_it_does_not_matter_how_bytes_are_cut(cuts: list[int], data: bytes) -> None:
    async def run() -> bytes:
        wire = TestWire()
        client = SpdyClient(wire)
        whole = client.open(1, {"a": "b"}) + client.data(1, data) + client.data(1, b"", fin=True)
        pieces = []
        for cut in cuts:
            pieces.append(whole[:cut])
            whole = whole[cut:]
        streams: list[Stream] = []
        running = asyncio.ensure_future(SpdyConnection(wire, streams.append, VirtualClock()).run())
        for piece in (*pieces, whole):
            wire.push(piece)
        while not streams:
            await asyncio.sleep(0)
        read = await read_all(streams[0].reader)
        wire.push(None)
        await running
        return read

    assert asyncio.run(run()) == data
