"""Connections that leave HTTP: to WebSocket by aiohttp, to raw bytes for SPDY (an Upgrade of api.streaming, run)."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from aiohttp import WSMsgType, web
from aiohttp.client_exceptions import ClientConnectionResetError

from minikube_py.api.streaming.wire import WEBSOCKET, Upgrade
from minikube_py.machinery.streams import LIMIT, Pipe

LARGEST = 32 * 1024 * 1024
"""Bytes of one WebSocket message."""


async def go_on(raw: web.BaseRequest, upgrade: Upgrade) -> web.StreamResponse:
    """Speak over the connection until either side ends it. Raises aiohttp's HTTPException for a broken handshake."""
    if upgrade.kind == WEBSOCKET:
        return await _websocket(raw, upgrade)
    return await _bytes(raw, upgrade)


async def _websocket(raw: web.BaseRequest, upgrade: Upgrade) -> web.StreamResponse:
    response = web.WebSocketResponse(protocols=(upgrade.protocol,) if upgrade.protocol else (), max_msg_size=LARGEST)
    await response.prepare(raw)
    with contextlib.suppress(ConnectionResetError, ClientConnectionResetError):
        await upgrade.run(_WebSocketWire(response))
    await response.close()
    return response


class _WebSocketWire:
    """Implements Wire."""

    def __init__(self, response: web.WebSocketResponse) -> None:
        self._response = response

    async def receive(self) -> bytes | str | None:
        message = await self._response.receive()
        if message.type in (WSMsgType.BINARY, WSMsgType.TEXT):
            data: bytes | str = message.data
            return data
        return None

    async def send(self, message: bytes | str) -> None:
        if isinstance(message, str):
            await self._response.send_str(message)
        else:
            await self._response.send_bytes(message)

    async def ping(self) -> None:
        await self._response.ping()


async def _bytes(raw: web.BaseRequest, upgrade: Upgrade) -> web.StreamResponse:
    headers = {"Connection": "Upgrade", "Upgrade": upgrade.kind}
    if upgrade.protocol:
        headers["X-Stream-Protocol-Version"] = upgrade.protocol
    response = web.StreamResponse(status=101, headers=headers)
    if raw.transport is None:
        raise ConnectionResetError("the client is gone")
    received = _Received(raw.transport)
    raw.protocol.set_parser(received)  # type: ignore[arg-type]  # all that aiohttp asks of it are its two methods
    await response.prepare(raw)
    raw.protocol.keep_alive(False)
    with contextlib.suppress(ConnectionResetError, ClientConnectionResetError):
        await upgrade.run(_BytesWire(raw, received))
    if raw.transport is not None:
        raw.transport.close()
    return response


class _Received:
    """In place of aiohttp's parser: what comes, as it comes. Nothing more is read while much is unread."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._pipe = Pipe()
        self._paused = False

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        self._pipe.feed(data)
        if self._pipe.unread > LIMIT and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        return False, b""

    def feed_eof(self) -> None:
        self._pipe.close()

    async def read(self) -> bytes:
        data = await self._pipe.read()
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
        return data


class _BytesWire:
    """Implements Wire."""

    def __init__(self, raw: web.BaseRequest, received: _Received) -> None:
        self._raw: Any = raw
        self._received = received

    async def receive(self) -> bytes | None:
        return await self._received.read() or None

    async def send(self, message: bytes | str) -> None:
        transport = self._raw.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the client is gone")
        transport.write(message.encode() if isinstance(message, str) else message)
        await self._raw.protocol._drain_helper()

    async def ping(self) -> None:
        """Bytes all have a meaning."""
