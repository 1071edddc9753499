"""Waiting for who reads slowly, and meanwhile for whether who writes is still there: while nothing is read from a
connection, nobody would learn that it is lost (k8s.io/streaming/pkg/httpstream/spdy pings likewise)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from minikube_py.machinery.clock import Clock
from minikube_py.machinery.streams import Pipe

PERIOD = 5.0
"""Seconds between questions."""


async def feed(pipe: Pipe, data: bytes, clock: Clock, ask: Callable[[], Awaitable[None]]) -> None:
    """Returns once there is room for more. `ask` sends something over the connection. Raises BrokenPipeError when
    nobody reads any more, and what `ask` raises when the connection is lost."""
    if pipe.closed:
        raise BrokenPipeError("nobody reads")
    pipe.feed(data)
    if not pipe.full:
        return
    room = asyncio.ensure_future(pipe.room())
    try:
        while not room.done():
            alarm = asyncio.ensure_future(clock.sleep(PERIOD))
            await asyncio.wait((room, alarm), return_when=asyncio.FIRST_COMPLETED)
            alarm.cancel()
            if not room.done():
                await ask()
    finally:
        room.cancel()
