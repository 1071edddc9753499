"""WebSockets through a proxy (apimachinery/pkg/util/proxy/upgradeaware.go tryUpgrade)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, WSServerHandshakeError
from yarl import URL

from minikube_py.api.reply import Reply, text
from minikube_py.api.streaming.wire import WEBSOCKET, Upgrade, Wire


async def pass_on(
    session: ClientSession, url: URL, headers: Sequence[tuple[str, str]], protocols: Sequence[str]
) -> Reply:
    """The target's answer to the handshake, and how to go on. The session is closed with the connection, or at once
    where there is none. Raises aiohttp.ClientError, OSError."""
    kept = [(name, value) for name, value in headers if not name.lower().startswith("sec-websocket-")]
    async with contextlib.AsyncExitStack() as opened:
        await opened.enter_async_context(session)
        try:
            far = await opened.enter_async_context(session.ws_connect(url, headers=kept, protocols=protocols))
        except WSServerHandshakeError as error:
            return text(error.status, f"{error.message}\n")
        rest = opened.pop_all()
    return Reply(101, upgrade=Upgrade(WEBSOCKET, far.protocol or "", lambda wire: _carry(rest, wire, far)))


async def _carry(opened: contextlib.AsyncExitStack, wire: Wire, far: ClientWebSocketResponse) -> None:
    """Both ways, until either side ends."""
    async with opened:
        ways = [asyncio.ensure_future(_there(wire, far)), asyncio.ensure_future(_back(wire, far))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)


async def _there(wire: Wire, far: ClientWebSocketResponse) -> None:
    while (message := await wire.receive()) is not None:
        await (far.send_str(message) if isinstance(message, str) else far.send_bytes(message))


async def _back(wire: Wire, far: ClientWebSocketResponse) -> None:
    async for message in far:
        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            await wire.send(message.data)
