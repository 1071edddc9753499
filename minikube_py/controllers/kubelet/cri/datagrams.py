"""UDP of the simulated network: what is sent gets its answer, or none. Nothing is lost on the way."""

from __future__ import annotations

import asyncio
import errno
import itertools
from collections.abc import Awaitable, Callable
from functools import partial

from minikube_py.controllers.kubelet.cri.wires import Sockets

Receiver = Callable[[bytes, tuple[str, int]], Awaitable[bytes | None]]
"""Given a datagram and who sent it (host, port), answers what is sent back, if anything is."""
Route = Callable[[str, str, int], tuple[str, int]]
"""From a source, an address and a port to where it really goes. Raises OSError."""


class Datagrams:
    """Of one cluster."""

    def __init__(self, route: Route, client_ports: itertools.cycle[int]) -> None:
        self._route = route
        self._client_ports = client_ports
        self._receivers: dict[tuple[str, int], Receiver] = {}

    def listen(self, address: str, port: int, receiver: Receiver, sockets: Sockets) -> None:
        """Until the sockets are closed. Raises OSError if somebody does already."""
        where = (address, port)
        if where in self._receivers:
            raise OSError(errno.EADDRINUSE, f"listen udp {address}:{port}: bind: address already in use")
        self._receivers[where] = receiver
        sockets.listening.append(partial(self._receivers.pop, where, None))

    def receives(self, source: str, address: str, port: int) -> bool:
        """Whether what is sent there finds somebody. Raises OSError."""
        return self._route(source, address, port) in self._receivers

    async def ask(self, source: str, address: str, port: int, data: bytes) -> bytes:
        """Send a datagram and wait for the answer, for ever if there is none. Raises OSError: ConnectionRefusedError
        where nobody listens, as ICMP would tell."""
        receiver = self._receivers.get(self._route(source, address, port))
        if receiver is None:
            raise ConnectionRefusedError(errno.ECONNREFUSED, f"read udp {address}:{port}: read: connection refused")
        answer = await receiver(data, (source, next(self._client_ports)))
        return answer if answer is not None else await asyncio.get_running_loop().create_future()
