"""Connections of the simulated network: pairs of asyncio transports that hand each other their bytes, in memory.

client: protocol  <- transport ==== transport ->  server: protocol
"""

from __future__ import annotations

import asyncio
import collections
from collections.abc import Callable
from typing import Any

HIGH_WATER, LOW_WATER = 64 * 1024, 16 * 1024
"""Bytes that the other side has not read: above, the writer is asked to pause; below, to go on."""


def connect(
    client: asyncio.BaseProtocol,
    server: asyncio.BaseProtocol,
    here: tuple[str, int],
    there: tuple[str, int],
    traffic: Callable[[], None],
) -> tuple[Wire, Wire]:
    """Join two protocols; each finds itself connected at once. Addresses are (host, port). `traffic` is called whenever
    something is delivered. Returns the client's end and the server's."""
    near, far = Wire(client, here, there, traffic), Wire(server, there, here, traffic)
    near.peer, far.peer = far, near
    server.connection_made(far)
    client.connection_made(near)
    return near, far


class Sockets:
    """What somebody listens on and has connections by: all of it ends with it."""

    def __init__(self) -> None:
        self.listening: list[Callable[[], object]] = []
        """What ends it."""
        self._open: dict[Wire, None] = {}

    def add(self, wire: Wire) -> None:
        self._open[wire] = None
        wire.holder = self

    def lost(self, wire: Wire) -> None:
        self._open.pop(wire, None)

    def close(self) -> None:
        """Both ends of each connection learn of it in the event loop's next turns; idempotent."""
        for stop in self.listening:
            stop()
        self.listening.clear()
        for wire in tuple(self._open):
            wire.abort()


class Wire(asyncio.Transport):
    """One end. What is written reaches the other end's protocol in a later turn of the event loop, in order."""

    peer: Wire

    def __init__(
        self,
        protocol: asyncio.BaseProtocol,
        own: tuple[str, int],
        other: tuple[str, int],
        traffic: Callable[[], None],
    ) -> None:
        super().__init__({"sockname": own, "peername": other})
        self._traffic = traffic
        traffic()
        self.holder: Sockets | None = None
        """Who is told when it is lost."""
        self._loop = asyncio.get_running_loop()
        self._protocol: Any = protocol
        self._inbox: collections.deque[bytes | None] = collections.deque()
        """What is yet to be given to the protocol; None is the end."""
        self._unread = 0
        self._reading = True
        self._scheduled = False
        self._closing = False
        self._ended = False
        """Whether the end is written."""
        self._lost = False
        self._pausing = False
        """Whether the protocol was asked to write no more."""

    # asyncio.Transport

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        protocol: asyncio.BaseProtocol = self._protocol
        return protocol

    def is_closing(self) -> bool:
        return self._closing

    @property
    def abandoned(self) -> bool:
        """Whether nobody is at the other end any more, who could read what is written."""
        return self.peer._closing

    def is_reading(self) -> bool:
        return self._reading and not self._closing

    def pause_reading(self) -> None:
        self._reading = False

    def resume_reading(self) -> None:
        self._reading = True
        self._schedule()

    def get_write_buffer_size(self) -> int:
        return self.peer._unread

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return LOW_WATER, HIGH_WATER

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """They are what they are."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._closing or self._ended or not data:
            return
        self.peer._receive(bytes(data))
        if self.peer._unread > HIGH_WATER and not self._pausing:
            self._pausing = True
            self._protocol.pause_writing()

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        if not self._ended:
            self._ended = True
            self.peer._receive(None)

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self.write_eof()
            self._loop.call_soon(self._lose, None)

    def abort(self) -> None:
        self.close()

    # Receiving

    def _receive(self, data: bytes | None) -> None:
        if self._closing:
            return  # nobody reads it any more
        self._inbox.append(data)
        self._unread += len(data or b"")
        self._schedule()

    def _schedule(self) -> None:
        if self._inbox and self._reading and not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._deliver)

    def _deliver(self) -> None:
        self._scheduled = False
        self._traffic()
        while self._inbox and self._reading and not self._closing:
            data = self._inbox.popleft()
            if data is None:
                if not self._protocol.eof_received():
                    self.close()
                return
            self._unread -= len(data)
            self._protocol.data_received(data)
        self._relieve()

    def _relieve(self) -> None:
        """Let the other side go on."""
        if self.peer._pausing and (self._unread <= LOW_WATER or self._closing):
            self.peer._pausing = False
            self.peer._protocol.resume_writing()

    def _lose(self, error: Exception | None) -> None:
        if not self._lost:
            self._lost = True
            self._inbox.clear()
            self._unread = 0
            self._relieve()
            if self.holder is not None:
                self.holder.lost(self)
            self._protocol.connection_lost(error)
