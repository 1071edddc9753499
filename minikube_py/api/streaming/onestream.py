"""One stream that is only read, as WebSocket messages (streaming/pkg/httpstream/wsstream/stream.go).

binary.k8s.io, ""       its bytes as they come, after an empty message
base64.binary.k8s.io    the same as text
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator

from minikube_py.api.streaming.wire import WEBSOCKET, Upgrade, Wire

PROTOCOLS = ("binary.k8s.io", "base64.binary.k8s.io")


def upgrade(protocol: str, pieces: AsyncIterator[bytes]) -> Upgrade:
    """`protocol` is one of PROTOCOLS, or ""."""
    return Upgrade(WEBSOCKET, protocol, lambda wire: _run(wire, protocol.startswith("base64."), pieces))


async def _run(wire: Wire, as_text: bool, pieces: AsyncIterator[bytes]) -> None:
    """Until the stream or the client ends; what the client sends is left unread."""
    sending = asyncio.ensure_future(_send(wire, as_text, pieces))
    hearing = asyncio.ensure_future(_hear(wire))
    try:
        await asyncio.wait((sending, hearing), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sending, hearing):
            task.cancel()
        await asyncio.gather(sending, hearing, return_exceptions=True)


async def _send(wire: Wire, as_text: bool, pieces: AsyncIterator[bytes]) -> None:
    with contextlib.suppress(ConnectionResetError):
        await wire.send("" if as_text else b"")
        async for piece in pieces:
            await wire.send(base64.b64encode(piece).decode() if as_text else piece)


async def _hear(wire: Wire) -> None:
    while await wire.receive() is not None:
        pass
