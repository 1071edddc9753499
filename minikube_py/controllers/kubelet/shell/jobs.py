"""What runs in the background: commands with "&", until they end or whoever runs the shell does."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from minikube_py.controllers.kubelet.steps import begin

TERMINATED = 143
"""128 + SIGTERM."""


class Jobs:
    """Of one run of a shell and all its subshells, by process id."""

    def __init__(self, first: int) -> None:
        self._next = first
        self._tasks: dict[int, asyncio.Task[int]] = {}

    def start(self, work: Coroutine[None, None, int]) -> int:
        pid, self._next = self._next, self._next + 1
        self._tasks[pid] = begin(work)
        return pid

    def kill(self, pid: int) -> bool:
        """Whether there was anything to end."""
        task = self._tasks.get(pid)
        return task is not None and task.cancel()

    async def wait(self, pids: list[int], interrupt: asyncio.Future[None]) -> bool:
        """For all of them; False if `interrupt` comes first."""
        waiting = {self._tasks[pid] for pid in pids}
        try:
            while running := {task for task in waiting if not task.done()}:
                awaited: set[asyncio.Future[Any]] = {*running, interrupt}
                await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
                if interrupt.done():
                    return False
        finally:
            interrupt.cancel()
        return True

    def status(self, pid: int) -> int:
        """Of one that has ended."""
        task = self._tasks[pid]
        return TERMINATED if task.cancelled() else task.result()

    def running(self, pid: int) -> bool:
        return pid in self._tasks and not self._tasks[pid].done()

    async def end(self) -> None:
        """Cancel what runs still, and wait until it has ended."""
        tasks, self._tasks = [task for task in self._tasks.values() if not task.done()], {}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)
