"""A program that runs as a container's first process."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from minikube_py.controllers.kubelet.cri.log import ContainerLog
from minikube_py.controllers.kubelet.steps import Beside, Steps, watch

TERMINATED, KILLED = 143, 137
"""Exit codes of what ends on SIGTERM without more ado, and on SIGKILL."""


class Process:
    """Runs a coroutine as a task. Its result is the exit code: None is 0, True and False are 0 and 1; what it raises is
    written to standard error, and 1. SIGTERM cancels it, as asyncio has it; so it may catch that and take its time.
    """

    def __init__(
        self,
        work: Callable[[], Awaitable[Any]],
        output: ContainerLog,
        ended: Callable[[], None],
        catches: Callable[[str], bool] = lambda name: False,
    ) -> None:
        """`catches` tells whether it catches a signal, "TERM", and has it do so."""
        self._output = output
        self._ended = ended
        self._steps, self._beside = Steps(), Beside()
        self._catches = catches
        self.exit_code: int | None = None
        """None while it runs."""
        self._killed = False
        self.terminating = False
        self._task = asyncio.get_running_loop().create_task(self._run(work))
        self._task.add_done_callback(lambda _: self._finish(TERMINATED))  # where it was stopped before it began

    @property
    def busy(self) -> bool:
        """Whether it has something to do without any time passing, or anything coming from outside."""
        return self.exit_code is None and (self._steps.busy or any(each.busy for each in self._beside))

    async def _run(self, work: Callable[[], Awaitable[Any]]) -> None:
        try:
            watch(self._beside)
            code = _code(await self._steps.follow(work(), lambda: not self._killed))
        except asyncio.CancelledError:
            code = TERMINATED
        except SystemExit as left:
            code = self._left(left)
        except Exception:
            self._output.stderr.write_now(traceback.format_exc().encode())
            code = 1
        self._finish(KILLED if self._killed else code)

    def _left(self, exit: SystemExit) -> int:
        """The code of sys.exit(...): None, a number, or what is to be written before 1."""
        if exit.code is None or isinstance(exit.code, int):
            return _code(exit.code)
        self._output.stderr.write_now(f"{exit.code}\n".encode())
        return 1

    def _finish(self, code: int) -> None:
        if self.exit_code is None:
            self.exit_code = code
            self._output.end()
            self._ended()

    def terminate(self) -> None:
        """SIGTERM, unless it catches that; idempotent."""
        if not self.terminating:
            self.terminating = True
            if not self._catches("TERM"):
                self._task.cancel()

    def kill(self) -> None:
        """SIGKILL: it is over, whatever it does; idempotent."""
        self._killed = True
        self._task.cancel()
        self._finish(KILLED)

    async def stopped(self) -> None:
        """Once its task is over: for the end of the cluster."""
        await asyncio.gather(self._task, return_exceptions=True)


def _code(result: Any) -> int:
    if result is None:
        return 0
    if isinstance(result, bool):
        return 0 if result else 1
    return int(result) % 256
