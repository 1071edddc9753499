"""The processes of a container: who started which, and whom signals reach.

1  sh -c "sleep 100 & wait"      the container's first
2    sleep 100                   started by it
3  ps                            from outside
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.shell.session import Signals

OUTSIDE, FIRST = 0, 1
"""Whose children the first process and those from outside are, and the first."""


@dataclass
class Running:
    pid: int
    parent: int
    argv: Sequence[str]
    started: float
    """Unix seconds."""
    terminal: bool = False
    signals: Signals | None = None
    """What it catches."""
    kill: Callable[[int], object] | None = None
    """What a signal does to it that it does not catch, by the signal's number."""
    killed_by: int = 0
    """The number of a signal."""

    def send(self, name: str, number: int) -> None:
        if self.signals is not None and self.signals.send(name):
            return
        if self.kill is not None:
            self.kill(number)


class Processes:
    """Those of one container that run, by id. The first to be started is its own."""

    def __init__(self) -> None:
        self._running: dict[int, Running] = {}
        self._last = 0

    def __iter__(self) -> Iterator[Running]:
        return iter(self._running.values())

    def get(self, pid: int) -> Running | None:
        return self._running.get(pid)

    def start(self, argv: Sequence[str], parent: int, now: float, terminal: bool = False) -> Running:
        self._last += 1
        process = self._running[self._last] = Running(self._last, parent, tuple(argv), now, terminal)
        return process

    def catches(self, pid: int, name: str) -> bool:
        """Whether a process catches a signal, which it is sent then."""
        process = self._running.get(pid)
        return process is not None and process.signals is not None and process.signals.send(name)

    def end(self, pid: int) -> None:
        """Idempotent; who has lost its parent is the first process's."""
        self._running.pop(pid, None)
        for process in self._running.values():
            if process.parent == pid:
                process.parent = FIRST
