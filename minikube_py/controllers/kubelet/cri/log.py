"""What a container has written, line by line with its time, as the kubelet keeps it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import NamedTuple

from minikube_py.machinery.streams import Pipe

MAX_BYTES = 1024 * 1024
"""Kept of one container's life; what is older goes (the kubelet's containerLogMaxSize is 10 MiB)."""
MAX_LINE = 16 * 1024
"""Longer lines are split, as by container runtimes."""
LOST = 8 * 1024 * 1024
"""Bytes that a watcher has not read yet; what comes then is lost to it."""


class Line(NamedTuple):
    when: float
    stream: str
    """"stdout" or "stderr"."""
    text: bytes
    """With its end, where it has one."""


class ContainerLog:
    """The lines of one life of a container. `stdout` and `stderr` are Writers into it."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lines: deque[Line] = deque()
        self._size = 0
        self._first = 0
        """The number of the first line that is kept."""
        self._ended = False
        self._waiting: list[asyncio.Future[None]] = []
        self.stdout = LogWriter(self, "stdout")
        self.stderr = LogWriter(self, "stderr")

    def add(self, stream: str, text: bytes) -> None:
        """One line."""
        for start in range(0, len(text), MAX_LINE):
            self._append(Line(self._now(), stream, text[start : start + MAX_LINE]))
        self._wake()

    def _append(self, line: Line) -> None:
        self._lines.append(line)
        self._size += len(line.text)
        while self._size > MAX_BYTES:
            self._size -= len(self._lines.popleft().text)
            self._first += 1

    def end(self) -> None:
        """Nothing more comes; idempotent."""
        self.stdout.flush()
        self.stderr.flush()
        self._ended = True
        self._wake()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            if not each.done():
                each.set_result(None)

    def lines(self) -> list[Line]:
        """Those there are."""
        return list(self._lines)

    async def follow(self, number: int) -> AsyncIterator[Line]:
        """Lines from a number on (`next_number` is that of the line to come), as they come, until the end."""
        while True:
            number = max(number, self._first)
            while number < self.next_number:
                yield self._lines[number - self._first]
                number = max(number + 1, self._first)
            if self._ended:
                return
            woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(woken)
            await woken

    @property
    def next_number(self) -> int:
        return self._first + len(self._lines)


class LogWriter:
    """Implements Writer: bytes become lines."""

    def __init__(self, log: ContainerLog, stream: str) -> None:
        self._log = log
        self._stream = stream
        self._rest = b""
        self.watchers: list[Pipe] = []
        """Who sees what is written, as it is written (attach)."""

    async def write(self, data: bytes) -> None:
        """Whoever watches is waited for."""
        self.write_now(data)
        for watcher in tuple(self.watchers):
            await watcher.room()

    def write_now(self, data: bytes) -> None:
        for watcher in self.watchers:
            if watcher.unread < LOST:
                watcher.feed(data)
        *whole, self._rest = (self._rest + data).split(b"\n")
        for text in whole:
            self._log.add(self._stream, text + b"\n")

    def flush(self) -> None:
        """What has no line's end is a line too."""
        rest, self._rest = self._rest, b""
        if rest:
            self._log.add(self._stream, rest)

    def close(self) -> None:
        self.flush()


def rfc3339_nano(when: float) -> str:
    """As container runtimes write it, in UTC, to the microsecond: "2026-11-23T08:00:00.000000000Z"."""
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
