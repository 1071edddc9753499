"""What a command runs in: its environment, its directory, its files, its streams, its clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from minikube_py.controllers.kubelet.cri.filesystem import Files, normal
from minikube_py.controllers.kubelet.cri.processes import OUTSIDE, Processes
from minikube_py.controllers.kubelet.cri.user import ROOT, User
from minikube_py.machinery.streams import Reader, Writer

Command = Callable[["Session", Sequence[str]], Awaitable[int]]
"""A program: given a session and its words, the name first, it answers its exit code (0 to 255).

It may raise Complaint or OSError, which are told on stderr; BrokenPipeError ends it as SIGPIPE would.
"""


class Complaint(Exception):
    """What a command says on stderr, after its name, before it ends with this code."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


class Forks:
    """How many commands run beside each other in all shells that came from one."""

    MOST = 1000

    def __init__(self) -> None:
        self._running = 0

    @contextmanager
    def taken(self, count: int = 1) -> Iterator[None]:
        """Raises Complaint if that is too many."""
        if self._running + count > self.MOST:
            raise Complaint("can't fork: Resource temporarily unavailable", 2)
        self._running += count
        try:
            yield
        finally:
            self._running -= count


class Signals:
    """What is sent to a session's shell. Whoever sends looks whether it is caught, and else does what the kernel does.

    if not session.signals.send("TERM"):
        task.cancel()
    """

    def __init__(self) -> None:
        self.trapped: set[str] = set()
        """Names ("TERM") that the shell catches or ignores."""
        self.interrupt: Callable[[], None] | None = None
        """Of a shell at which someone types: ends what is in its foreground."""
        self._pending: list[str] = []
        self._waiting: list[asyncio.Future[None]] = []

    def send(self, name: str) -> bool:
        """Whether it is caught: then its trap runs once the command in the foreground has ended (`wait` ends at
        once)."""
        if name not in self.trapped:
            if name == "INT" and self.interrupt is not None:
                self.interrupt()
                return True
            return False
        self._pending.append(name)
        for each in self._waiting:
            if not each.done():
                each.set_result(None)
        self._waiting.clear()
        return True

    def take(self) -> list[str]:
        """What has come since, in order."""
        pending, self._pending = self._pending, []
        return pending

    def arrival(self) -> asyncio.Future[None]:
        """Done once something has come."""
        arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._pending:
            arrived.set_result(None)
        else:
            self._waiting.append(arrived)
        return arrived


@dataclass
class Session:
    env: dict[str, str]
    cwd: str
    files: Files
    stdin: Reader
    stdout: Writer
    stderr: Writer
    hostname: str
    now: Callable[[], float]
    """Unix seconds."""
    sleep: Callable[[float], Awaitable[None]]
    commands: Mapping[str, Command]
    """Programs by name: table.COMMANDS, perhaps with others, also by path ("/agnhost")."""
    shell: str = "sh"
    """What complaints of its shell begin with."""
    user: User = ROOT
    processes: Processes = field(default_factory=Processes)
    pid: int = OUTSIDE
    """Of the process that it is the session of."""
    forked: bool = False
    """Whether that process was made for what is run next."""
    signals: Signals = field(default_factory=Signals)
    forks: Forks = field(default_factory=Forks)
    depth: int = 0
    """Of shells in shells, which has an end."""
    screen: Callable[[], tuple[int, int]] | None = None
    """Columns and rows of its terminal by now, if it has one."""

    def path(self, name: str) -> str:
        """A name as it is meant in the current directory."""
        return normal(name if name.startswith("/") else f"{self.cwd}/{name}")

    async def say(self, text: str) -> None:
        await self.stdout.write(encoded(text))

    async def complain(self, text: str) -> None:
        """A line on stderr."""
        await self.stderr.write(encoded(text + "\n"))


def encoded(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a lone half of a pair
        return text.encode("utf-8", "replace")


def decoded(data: bytes) -> str:
    """Any bytes, so that `encoded` gives them back."""
    return data.decode("utf-8", "surrogateescape")
