"""SPDY/3.1 as Go clients speak it to the kubelet: many streams on one connection, each with headers and two ways
(github.com/moby/spdystream; flow control is left out, as there).

    SYN_STREAM 1 {streamType: data}  ->  SYN_REPLY 1, a Stream for `accept`
    data 1, ... data 1 FIN           ->  stream.reader ends
    data 1 FIN                       <-  stream.close()
    RST_STREAM 1                    <->  stream.reset(): both ways end at once
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Mapping

from minikube_py.api.streaming.patience import feed
from minikube_py.api.streaming.spdydictionary import DICTIONARY
from minikube_py.api.streaming.wire import Wire
from minikube_py.machinery.clock import Clock
from minikube_py.machinery.streams import Pipe

log = logging.getLogger(__name__)

CONTROL = 0x8000
VERSION = 3
SYN_STREAM, SYN_REPLY, RST_STREAM, PING, GOAWAY = 1, 2, 3, 6, 7
FIN = 0x01
PROTOCOL_ERROR, REFUSED, CANCEL = 1, 3, 5
OWN_PING = (2).to_bytes(4, "big")
"""An even number: the client's are odd, and are answered."""
HEADER = 8
"""Bytes before each frame's body."""
LARGEST = 2**24 - 1
"""Bytes of a frame's body, which its 24 bits of length can tell."""
MAX_HEADERS = 64 * 1024
"""Bytes that a block of headers may unpack to."""


class BadFrame(ConnectionError):
    """What came is not SPDY: the connection ends."""


class Stream:
    """One of a connection's streams, opened by the other side. `reader` is what it sends."""

    def __init__(self, connection: SpdyConnection, number: int, headers: Mapping[str, str]) -> None:
        self.number = number
        self.headers = headers
        """By names in lower case."""
        self.reader = Pipe()
        self._connection = connection
        self._finished = False

    async def write(self, data: bytes) -> None:
        """Raises BrokenPipeError once it is finished or reset."""
        if self._finished:
            raise BrokenPipeError("the stream is closed")
        await self._connection.send_data(self.number, data, 0)

    async def finish(self) -> None:
        """Nothing more is written; idempotent."""
        if not self._finished:
            self._finished = True
            await self._connection.send_data(self.number, b"", FIN)

    async def reset(self) -> None:
        """Both ways end at once; idempotent."""
        self.reader.abandon()
        if not self._finished:
            self._finished = True
            await self._connection.send_reset(self.number, CANCEL)

    def end(self) -> None:
        """The other side has reset it, or is gone."""
        self._finished = True
        self.reader.abandon()


class StreamWriter:
    """Implements Writer."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    async def write(self, data: bytes) -> None:
        await self._stream.write(data)

    def close(self) -> None:
        """Whoever opened the stream finishes it."""


class SpdyConnection:
    """The server's side. `accept` is given each new stream; it raises ValueError for one to be refused."""

    def __init__(self, wire: Wire, accept: Callable[[Stream], None], clock: Clock) -> None:
        self._wire = wire
        self._clock = clock
        self._accept = accept
        self._streams: dict[int, Stream] = {}
        self._last = 0
        self._received = bytearray()
        self._packer = zlib.compressobj(zdict=DICTIONARY)
        self._unpacker = zlib.decompressobj(zdict=DICTIONARY)

    async def run(self) -> None:
        """Until the other side ends. All streams end with it."""
        try:
            while (message := await self._wire.receive()) is not None:
                self._received += message.encode() if isinstance(message, str) else message
                while frame := self._next_frame():
                    if not await self._handle(*frame):
                        return
        except (BadFrame, zlib.error) as error:
            log.debug("SPDY: %s", error)
        finally:
            for stream in self._streams.values():
                stream.end()

    def remove(self, stream: Stream) -> None:
        """It is of no more interest."""
        self._streams.pop(stream.number, None)

    # Reading

    def _next_frame(self) -> tuple[int, int, bytes] | None:
        """The first four bytes as a number, the flags and the body of the next whole frame."""
        received = self._received
        if len(received) < HEADER:
            return None
        length = int.from_bytes(received[5:8], "big")
        if len(received) < HEADER + length:
            return None
        word, flags = int.from_bytes(received[:4], "big"), received[4]
        body = bytes(received[HEADER : HEADER + length])
        del received[: HEADER + length]
        return word, flags, body

    async def _handle(self, word: int, flags: int, body: bytes) -> bool:
        """Whether to go on. Raises BadFrame."""
        if not word >> 31:
            await self._data(word, flags, body)
            return True
        if (word >> 16) != (CONTROL | VERSION):
            raise BadFrame(f"version {(word >> 16) & 0x7FFF}")
        kind = word & 0xFFFF
        if kind == SYN_STREAM:
            await self._open(flags, body)
        elif kind == RST_STREAM and len(body) >= 4:
            stream = self._streams.pop(int.from_bytes(body[:4], "big"), None)
            if stream is not None:
                stream.end()
        elif kind == PING and body != OWN_PING:
            await self._send_control(PING, 0, body)
        return kind != GOAWAY

    async def _data(self, number: int, flags: int, body: bytes) -> None:
        stream = self._streams.get(number)
        if stream is None:
            return  # it was reset meanwhile
        if body and not stream.reader.closed:
            await feed(stream.reader, body, self._clock, self._ask)
        if flags & FIN:
            stream.reader.close()

    async def _ask(self) -> None:
        """Whether the other side is still there."""
        await self._send_control(PING, 0, OWN_PING)

    async def _open(self, flags: int, body: bytes) -> None:
        if len(body) < 10:
            raise BadFrame("a short SYN_STREAM")
        number = int.from_bytes(body[:4], "big")
        headers = self._unpack(body[10:])
        if number <= self._last or not number % 2:
            raise BadFrame(f"stream {number} after {self._last}")
        self._last = number
        stream = Stream(self, number, headers)
        try:
            self._accept(stream)
        except ValueError as error:
            log.debug("SPDY stream %d: %s", number, error)
            await self.send_reset(number, REFUSED)
            return
        self._streams[number] = stream
        if flags & FIN:
            stream.reader.close()
        await self._send_control(SYN_REPLY, 0, number.to_bytes(4, "big") + self._pack({}))

    def _unpack(self, packed: bytes) -> dict[str, str]:
        """Headers; of several values of a name the first. Raises BadFrame, zlib.error."""
        block = self._unpacker.decompress(packed, MAX_HEADERS)
        count, at = int.from_bytes(block[:4], "big"), 4
        texts: list[str] = []
        for _ in range(2 * count):
            length = int.from_bytes(block[at : at + 4], "big")
            if at + 4 + length > len(block):
                raise BadFrame("headers that end too soon")
            texts.append(block[at + 4 : at + 4 + length].decode("utf-8", "replace"))
            at += 4 + length
        pairs = zip(texts[::2], texts[1::2], strict=True)
        return {name.lower(): value.partition("\0")[0] for name, value in pairs}

    # Writing

    def _pack(self, headers: Mapping[str, str]) -> bytes:
        block = len(headers).to_bytes(4, "big")
        for text in (text for pair in headers.items() for text in pair):
            block += len(text).to_bytes(4, "big") + text.encode()
        return self._packer.compress(block) + self._packer.flush(zlib.Z_SYNC_FLUSH)

    async def send_data(self, number: int, data: bytes, flags: int) -> None:
        """A stream's data, in as many frames as it takes."""
        while len(data) > LARGEST:
            await self._send(number, 0, data[:LARGEST])
            data = data[LARGEST:]
        await self._send(number, flags, data)

    async def send_reset(self, number: int, status: int) -> None:
        await self._send_control(RST_STREAM, 0, number.to_bytes(4, "big") + status.to_bytes(4, "big"))

    async def _send_control(self, kind: int, flags: int, body: bytes) -> None:
        await self._send((CONTROL | VERSION) << 16 | kind, flags, body)

    async def _send(self, word: int, flags: int, body: bytes) -> None:
        head = word.to_bytes(4, "big") + bytes((flags,)) + len(body).to_bytes(3, "big")
        await self._wire.send(head + body)
