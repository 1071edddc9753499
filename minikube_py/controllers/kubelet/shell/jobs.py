"""What runs in the background: commands with "&", until they end or whoever runs the shell does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from minikube_py.controllers.kubelet.cri.processes import Running
from minikube_py.controllers.kubelet.steps import begin

KILLED = 128
"""And the number of the signal: of what a signal ended."""


class Jobs:
    """Of one run of a shell and all its subshells, by process id."""

    def __init__(self) -> None:
        self._tasks: dict[int, asyncio.Task[int]] = {}
        self._processes: dict[int, Running] = {}

    def start(self, process: Running, work: Coroutine[None, None, int], ended: Callable[[int], None]) -> None:
        """`ended` is called with its id."""
        pid = process.pid
        task = self._tasks[pid] = begin(work)
        self._processes[pid] = process
        task.add_done_callback(lambda _: ended(pid))

        def kill(number: int) -> None:
            process.killed_by = number
            task.cancel()

        process.kill = kill

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
        return KILLED + self._processes[pid].killed_by if task.cancelled() else task.result()

    def running(self, pid: int) -> bool:
        return pid in self._tasks and not self._tasks[pid].done()

    async def end(self) -> None:
        """Cancel what runs still, and wait until it has ended."""
        tasks, self._tasks = [task for task in self._tasks.values() if not task.done()], {}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)
