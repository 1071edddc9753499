"""The simulated network: addresses of pods and nodes with ports that are listened on, and connections to them.

Names are Services' and pods', as the cluster's DNS has them; a Service's address leads to one of its endpoints.
"""

from __future__ import annotations

import asyncio
import errno
import functools
import itertools
from collections.abc import Awaitable, Callable
from typing import Protocol

from minikube_py.controllers.kubelet.cri import wires
from minikube_py.controllers.kubelet.cri.datagrams import Datagrams
from minikube_py.controllers.kubelet.cri.wires import Sockets

Factory = Callable[[], asyncio.BaseProtocol]
"""Makes the server's protocol for one connection (what loop.create_server takes)."""

Fallback = Callable[[str, int], Factory | None]
"""Who answers at an address and port that nobody listens on: None if nobody does. Raises OSError for an address that
cannot be reached."""

QUIET_TURNS = 16
"""Turns of the event loop for which who got a byte may go on with it before the network counts as idle: nobody watches
the tasks that serve connections."""
_FIRST_CLIENT_PORT, _LAST_CLIENT_PORT = 32768, 60999


class Router(Protocol):
    """Leads to where a connection really goes (kube-proxy)."""

    def route(self, source: str, address: str, port: int, protocol: str = "TCP") -> tuple[str, int]:
        """An address of a pod or a node. Raises OSError."""
        ...


class Network:
    """Of one cluster."""

    def __init__(self, router: Router, fallback: Fallback) -> None:
        self._router = router
        self._fallback = fallback
        self._listeners: dict[tuple[str, int], tuple[Factory, Sockets]] = {}
        self._sockets = Sockets()
        """Connections that nobody else looks after."""
        self._client_ports = itertools.cycle(range(_FIRST_CLIENT_PORT, _LAST_CLIENT_PORT))
        self.datagrams = Datagrams(functools.partial(router.route, protocol="UDP"), self._client_ports)
        self._moved = False
        self._quiet = QUIET_TURNS

    def listen(self, address: str, port: int, factory: Factory, sockets: Sockets) -> None:
        """Answer connections, which are put among the sockets, until these are closed. Raises OSError if somebody does
        already."""
        where = (address, port)
        if where in self._listeners:
            raise OSError(errno.EADDRINUSE, f"listen tcp {address}:{port}: bind: address already in use")
        self._listeners[where] = (factory, sockets)
        sockets.listening.append(lambda: self._listeners.pop(where))

    async def dial(
        self, source: str, address: str, port: int, protocol: asyncio.BaseProtocol, sockets: Sockets | None = None
    ) -> None:
        """Connect a protocol, by a connection that is put among the sockets. Raises OSError: ConnectionRefusedError
        where nobody listens."""
        target = self._router.route(source, address, port)
        factory, theirs = self._listeners.get(target) or (self._fallback(*target), self._sockets)
        if factory is None:
            raise ConnectionRefusedError(errno.ECONNREFUSED, f"dial tcp {address}:{port}: connect: connection refused")
        near, far = wires.connect(protocol, factory(), (source, next(self._client_ports)), target, self._traffic)
        (sockets or self._sockets).add(near)
        theirs.add(far)

    def close(self) -> None:
        """End the connections that nobody else looks after."""
        self._sockets.close()

    def _traffic(self) -> None:
        self._moved = True

    def busy(self) -> bool:
        """Whether something may be under way; to be asked once a turn."""
        self._quiet = 0 if self._moved else self._quiet + 1
        self._moved = False
        return self._quiet < QUIET_TURNS

    async def open(
        self, source: str, address: str, port: int, sockets: Sockets | None = None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """As asyncio.open_connection. Raises OSError."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(loop=loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        await self.dial(source, address, port, protocol, sockets)
        transport = protocol._transport  # type: ignore[attr-defined]  # as open_connection has it from the loop
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Serves one connection (what asyncio.start_server takes)."""


class StreamServer:
    """Connections as streams, each served by a task. A Factory."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(self) -> asyncio.BaseProtocol:
        loop = asyncio.get_running_loop()
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(loop=loop), self._serve, loop=loop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._handler(reader, writer)
        except asyncio.CancelledError:  # which asyncio 3.11 would report as an error
            writer.close()
        finally:
            self._tasks.discard(task)

    def close(self) -> None:
        """Nobody is served any more."""
        for task in tuple(self._tasks):
            task.cancel()
