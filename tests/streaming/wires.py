"""A wire whose other end the test holds, and a client that speaks SPDY over it."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping
from typing import NamedTuple

from minikube_py.api.streaming.spdydictionary import DICTIONARY


class TestWire:
    """Implements Wire. `sent` is what the server has sent, `push` what it receives, None for the client's end; `lost`
    that it is gone without one."""

    __test__ = False

    def __init__(self) -> None:
        self.sent: list[bytes | str] = []
        self.lost = False
        self._inbox: asyncio.Queue[bytes | str | None] = asyncio.Queue()

    def push(self, message: bytes | str | None) -> None:
        self._inbox.put_nowait(message)

    async def receive(self) -> bytes | str | None:
        return await self._inbox.get()

    async def send(self, message: bytes | str) -> None:
        if self.lost:
            raise ConnectionResetError
        self.sent.append(message)

    async def ping(self) -> None:
        if self.lost:
            raise ConnectionResetError


class Frame(NamedTuple):
    kind: str
    """"reply", "reset", "ping", "data"."""
    stream: int
    data: bytes = b""
    fin: bool = False


class SpdyClient:
    """Makes frames as Go's clients do, and reads those that the server sends."""

    def __init__(self, wire: TestWire) -> None:
        self._wire = wire
        self._packer = zlib.compressobj(zdict=DICTIONARY)
        self._unpacker = zlib.decompressobj(zdict=DICTIONARY)

    def open(self, number: int, headers: Mapping[str, str], *, fin: bool = False) -> bytes:
        block = len(headers).to_bytes(4, "big")
        for text in (text for pair in headers.items() for text in pair):
            block += len(text).to_bytes(4, "big") + text.encode()
        packed = self._packer.compress(block) + self._packer.flush(zlib.Z_SYNC_FLUSH)
        body = number.to_bytes(4, "big") + bytes(6) + packed
        return self._control(1, 1 if fin else 0, body)

    def data(self, number: int, data: bytes, *, fin: bool = False) -> bytes:
        return number.to_bytes(4, "big") + bytes((int(fin),)) + len(data).to_bytes(3, "big") + data

    def reset(self, number: int) -> bytes:
        return self._control(3, 0, number.to_bytes(4, "big") + (5).to_bytes(4, "big"))

    def ping(self, number: int) -> bytes:
        return self._control(6, 0, number.to_bytes(4, "big"))

    def goaway(self) -> bytes:
        return self._control(7, 0, bytes(8))

    def _control(self, kind: int, flags: int, body: bytes) -> bytes:
        return (0x80030000 | kind).to_bytes(4, "big") + bytes((flags,)) + len(body).to_bytes(3, "big") + body

    def frames(self) -> list[Frame]:
        """All that the server has sent since this was last asked."""
        received = b"".join(each if isinstance(each, bytes) else each.encode() for each in self._wire.sent)
        self._wire.sent.clear()
        found: list[Frame] = []
        while received:
            length = int.from_bytes(received[5:8], "big")
            head, flags, body = received[:4], received[4], received[8 : 8 + length]
            received = received[8 + length :]
            found.append(self._frame(int.from_bytes(head, "big"), flags, body))
        return found

    def _frame(self, word: int, flags: int, body: bytes) -> Frame:
        if not word >> 31:
            return Frame("data", word, body, bool(flags & 1))
        kind = {2: "reply", 3: "reset", 6: "ping"}[word & 0xFFFF]
        if kind == "reply":
            assert self._unpacker.decompress(body[4:]) == bytes(4)
        return Frame(kind, int.from_bytes(body[:4], "big"))
