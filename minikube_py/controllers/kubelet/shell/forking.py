"""Programs as processes of their own, or in the one that a shell has made for them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from minikube_py.controllers.kubelet.cri.processes import Running
from minikube_py.controllers.kubelet.shell.session import Session


async def as_process(session: Session, argv: Sequence[str], work: Callable[[Session], Awaitable[int]]) -> int:
    """Run it with a session of a process of its own, or in the one that was forked for it. The exit code."""
    if session.forked:
        with _lent(session, argv):
            return await work(replace(session, forked=False))
    process = session.processes.start(argv, session.pid, session.now(), session.screen is not None)
    process.signals, process.kill = session.signals, _killing(process)
    try:
        return await work(replace(session, pid=process.pid))
    except asyncio.CancelledError:
        if not process.killed_by:
            raise
        _uncancel()
        return 128 + process.killed_by
    finally:
        session.processes.end(process.pid)


@contextmanager
def _lent(session: Session, argv: Sequence[str]) -> Iterator[None]:
    """What is run in a process is what it is known by meanwhile."""
    process = session.processes.get(session.pid)
    if process is None:
        yield
        return
    before = process.argv, process.signals
    process.argv, process.signals = tuple(argv), session.signals
    try:
        yield
    finally:
        process.argv, process.signals = before


def _killing(process: Running) -> Callable[[int], object]:
    task = asyncio.current_task()

    def kill(number: int) -> None:
        process.killed_by = number
        if task is not None:
            task.cancel()

    return kill


def _uncancel() -> None:
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()
