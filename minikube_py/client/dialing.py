"""aiohttp's client over a network that is not the machine's: a connector that is given its dialing."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import BaseConnector, ClientConnectorError
from aiohttp.client_proto import ResponseHandler

if TYPE_CHECKING:
    from aiohttp import ClientRequest, ClientTimeout
    from aiohttp.tracing import Trace

Dial = Callable[[str, int, asyncio.Protocol], Awaitable[None]]
"""Connects a protocol to a host and port. Raises OSError."""


class DialingConnector(BaseConnector):
    """For an aiohttp.ClientSession: each request has a connection of its own."""

    def __init__(self, dial: Dial) -> None:
        super().__init__(force_close=True)
        self._dial = dial
        self._new_protocol = functools.partial(ResponseHandler, loop=self._loop)

    async def _create_connection(
        self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout
    ) -> ResponseHandler:
        protocol = self._new_protocol()
        try:
            await self._dial(req.url.host or "", 80 if req.url.port is None else req.url.port, protocol)
        except OSError as error:
            raise ClientConnectorError(req.connection_key, error) from error
        return protocol
