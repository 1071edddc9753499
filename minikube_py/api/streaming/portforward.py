"""Ports forwarded over one connection: for each connection that is forwarded a stream of data and one of errors
(k8s.io/cri-streaming/pkg/streaming/portforward).

SPDY         the client opens pairs of streams with headers port, requestID and streamType, as many as it likes
WebSocket    the ports are in the query; each has two channels, which begin with the port as two bytes
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from minikube_py.api.streaming.channels import Channels
from minikube_py.api.streaming.spdy import SpdyConnection, Stream, StreamWriter
from minikube_py.api.streaming.wire import SPDY, TUNNEL, WEBSOCKET, Upgrade, Wire
from minikube_py.machinery.clock import Clock
from minikube_py.machinery.streams import CommandFailed, Pipe, Reader, Writer

PROTOCOL = "portforward.k8s.io"
TUNNELLED = TUNNEL + PROTOCOL
WEBSOCKET_PROTOCOLS = (TUNNELLED, "v4.channel.k8s.io", "v4.base64.channel.k8s.io")

Forward = Callable[[int, Reader, Writer], Awaitable[None]]
"""Carries one connection to a port of the pod, both ways, until either side ends. Raises CommandFailed."""


def upgrade(kind: str, protocol: str, ports: Sequence[int], forward: Forward, clock: Clock) -> Upgrade:
    """Go on with a connection by forwarding over it."""
    if kind == SPDY:
        return Upgrade(SPDY, protocol, lambda wire: _SpdyForwarder(wire, forward, clock).run())
    if protocol == TUNNELLED:
        return Upgrade(WEBSOCKET, protocol, lambda wire: _SpdyForwarder(wire, forward, clock).run())
    return Upgrade(WEBSOCKET, protocol, lambda wire: _over_channels(wire, protocol, ports, forward, clock))


@dataclass
class _Pair:
    """The two streams of one forwarded connection, as they come."""

    data: Stream | None = None
    error: Stream | None = None


class _SpdyForwarder:
    def __init__(self, wire: Wire, forward: Forward, clock: Clock) -> None:
        self._connection = SpdyConnection(wire, self._accept, clock)
        self._forward = forward
        self._pairs: dict[str, _Pair] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        try:
            await self._connection.run()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, stream: Stream) -> None:
        """Raises ValueError for what is no half of a pair."""
        port, kind = stream.headers.get("port", ""), stream.headers.get("streamtype", "")
        if not (port.isdecimal() and 0 < int(port) < 65536):
            raise ValueError(f'unable to parse "{port}" as a port')
        if kind not in ("data", "error"):
            raise ValueError(f'invalid stream type "{kind}"')
        # Old clients give no id: their streams of a pair come one after the other, the one for errors first.
        number = stream.number if kind == "error" else stream.number - 2
        request = stream.headers.get("requestid") or f"#{number}"
        pair = self._pairs.setdefault(request, _Pair())
        if getattr(pair, kind) is not None:
            raise ValueError(f"{kind} stream already assigned")
        setattr(pair, kind, stream)
        if pair.data is not None and pair.error is not None:
            del self._pairs[request]
            task = asyncio.get_running_loop().create_task(self._carry(int(port), pair.data, pair.error))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, port: int, data: Stream, error: Stream) -> None:
        try:
            with contextlib.suppress(ConnectionError):
                try:
                    await self._forward(port, data.reader, StreamWriter(data))
                except CommandFailed as failure:
                    await error.write(str(failure).encode())
                    # So that the client knows of the trouble, and can begin anew.
                    await data.reset()
                    await error.reset()
                await data.finish()
                await error.finish()
        finally:
            self._connection.remove(data)
            self._connection.remove(error)


async def _over_channels(wire: Wire, protocol: str, ports: Sequence[int], forward: Forward, clock: Clock) -> None:
    incoming = {2 * number: Pipe() for number in range(len(ports))}
    channels = Channels(wire, protocol, incoming, clock)
    for number, port in enumerate(ports):
        await channels.send(2 * number, port.to_bytes(2, "little"))
        await channels.send(2 * number + 1, port.to_bytes(2, "little"))

    async def carry(number: int, port: int) -> None:
        try:
            await forward(port, incoming[2 * number], channels.writer(2 * number))
        except CommandFailed as failure:
            await channels.send(2 * number + 1, str(failure).encode())

    reading = asyncio.ensure_future(channels.run())
    carrying = asyncio.gather(*(carry(number, port) for number, port in enumerate(ports)), return_exceptions=True)
    try:
        await asyncio.wait((reading, carrying), return_when=asyncio.FIRST_COMPLETED)
    finally:
        reading.cancel()
        carrying.cancel()
        await asyncio.gather(reading, carrying, return_exceptions=True)
