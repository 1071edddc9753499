"""Who of a program's coroutines has something to do without any time passing, or anything coming from outside."""

from __future__ import annotations

import asyncio
import contextlib
import types
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")


class Steps:
    """Of one coroutine: knows all the time what it waits for."""

    def __init__(self) -> None:
        self._awaited: Any = None

    @property
    def busy(self) -> bool:
        done = getattr(self._awaited, "done", None)  # programs may yield anything
        return done is None or bool(done())

    async def follow(self, work: Awaitable[T], goes_on: Callable[[], bool] = lambda: True) -> T:
        """Await it. Once it no longer `goes_on`, nobody asks it, and it is cancelled at its next step."""
        result: T = await self._stepped(work, goes_on)
        return result

    @types.coroutine
    def _stepped(self, work: Awaitable[Any], goes_on: Callable[[], bool]) -> Generator[Any, Any, Any]:
        inner = work.__await__()
        sent: Any = None
        failed: BaseException | None = None
        while True:
            self._awaited = None
            try:
                awaited = inner.throw(failed) if failed is not None else inner.send(sent)
            except StopIteration as stop:
                return stop.value
            if not goes_on():
                with contextlib.suppress(RuntimeError):
                    inner.close()
                raise asyncio.CancelledError
            self._awaited, failed = awaited, None
            try:
                sent = yield awaited
            except BaseException as error:
                failed = error


Beside = set[Steps]
"""Those of the tasks that a program has running beside itself."""

_beside: ContextVar[Beside | None] = ContextVar("beside", default=None)


def watch(beside: Beside) -> None:
    """What the running task, and what comes of it, begins from now on is kept there."""
    _beside.set(beside)


def begin(
    work: Coroutine[Any, Any, T], create_task: Callable[[Coroutine[Any, Any, T]], asyncio.Task[T]] | None = None
) -> asyncio.Task[T]:
    """A task of a program beside its first one."""
    create_task = create_task or asyncio.get_running_loop().create_task
    beside = _beside.get()
    if beside is None:
        return create_task(work)
    steps = Steps()
    beside.add(steps)

    def ended(_: asyncio.Task[T]) -> None:
        beside.discard(steps)
        work.close()  # where it was cancelled before it began

    task = create_task(steps.follow(work))
    task.add_done_callback(ended)
    return task
