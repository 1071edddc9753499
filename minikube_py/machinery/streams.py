"""Byte streams between coroutines of one process: what containers read and write, and connections carry.

writer: await pipe.write(b"...") ... pipe.close()      reader: await pipe.read() -> b"..." ... b"" at the end
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

LIMIT = 64 * 1024
"""Bytes that wait for the reader before the writer waits for it."""


class Reader(Protocol):
    """The end of a stream that is read."""

    async def read(self, limit: int = LIMIT) -> bytes:
        """At most so many bytes, as soon as there are any; b"" at the end."""
        ...


class Writer(Protocol):
    """The end of a stream that is written."""

    async def write(self, data: bytes) -> None:
        """Returns once there is room for more. Raises BrokenPipeError when nobody reads any more."""
        ...

    def close(self) -> None:
        """Nothing more comes; idempotent."""
        ...


class Pipe:
    """One way, one reader, any number of writers. Implements Reader and Writer."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._data = bytearray()
        self._closed = False
        self._taken = 0
        """Bytes that were read so far."""
        self._pauses: deque[int] = deque()
        """After how many bytes a reader is to find an end."""
        self._changed: list[asyncio.Future[None]] = []

    async def read(self, limit: int = LIMIT) -> bytes:
        while not self._data and not self._closed and not self._pauses:
            await self._change()
        if self._pauses:
            limit = min(limit, self._pauses[0] - self._taken)
            if not limit:
                self._pauses.popleft()
                return b""
        return self._take(min(limit, len(self._data)))

    async def readline(self) -> bytes:
        """A line with its end, or what comes before the end of all."""
        searched = 0
        while (end := self._data.find(b"\n", searched)) < 0 and not self._closed:
            searched = len(self._data)
            await self._change()
        return self._take(end + 1 if end >= 0 else len(self._data))

    def feed(self, data: bytes) -> None:
        """Take all of it at once, for whoever cannot wait; see `unread`. After the end it is dropped."""
        if data and not self._closed:
            self._data += data
            self._wake()

    @property
    def unread(self) -> int:
        """Bytes that wait for the reader."""
        return len(self._data)

    @property
    def full(self) -> bool:
        """Whether who writes is to wait."""
        return len(self._data) > self._limit and not self._closed

    async def write(self, data: bytes) -> None:
        if self._closed:
            raise BrokenPipeError("nobody reads")
        self.feed(data)
        await self.room()

    async def room(self) -> None:
        """Until there is room for more, or the end."""
        while self.full:
            await self._change()

    def pause(self) -> None:
        """Who has read what is there now finds an end, once, though more may come (Ctrl-D on a terminal)."""
        if not self._closed:
            self._pauses.append(self._taken + len(self._data))
            self._wake()

    def close(self) -> None:
        self._closed = True
        self._wake()

    def abandon(self) -> None:
        """The reader goes: what is unread is lost, and who writes is told; idempotent."""
        self._data.clear()
        self._pauses.clear()
        self.close()

    @property
    def closed(self) -> bool:
        return self._closed

    def _take(self, count: int) -> bytes:
        taken = bytes(self._data[:count])
        if taken:
            self._taken += count
            del self._data[:count]
            self._wake()
        return taken

    async def _change(self) -> None:
        changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._changed.append(changed)
        await changed

    def _wake(self) -> None:
        waiting, self._changed = self._changed, []
        for each in waiting:
            if not each.done():
                each.set_result(None)


@dataclass
class Streams:
    """What a command is given by whoever runs it or watches it; None for what is not wanted."""

    stdin: Pipe | None = None
    stdout: Writer | None = None
    stderr: Writer | None = None
    tty: bool = False
    size: tuple[int, int] = (80, 24)
    """The terminal's columns and rows, as they are now."""
    resized: Callable[[], object] = lambda: None
    """Is called whenever they have changed."""


Command = Callable[[Streams], Awaitable[int]]
"""What runs with its streams until it ends; the exit code. Raises CommandFailed."""


class CommandFailed(Exception):
    """A command could not be run, or not be gone on with; str() says why."""


async def read_all(reader: Reader) -> bytes:
    """All until the end."""
    whole = bytearray()
    while chunk := await reader.read():
        whole += chunk
    return bytes(whole)
