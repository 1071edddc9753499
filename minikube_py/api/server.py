"""The API server over HTTP: one catch-all handler on aiohttp, which knows no routes of its own.

request -> guard -> authenticate -> RequestInfo -> Endpoints (resources) or a page (discovery, OpenAPI, health)
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from aiohttp import HttpVersion11, web
from aiohttp.client_exceptions import ClientConnectionResetError
from aiohttp.http_exceptions import HttpProcessingError

from minikube_py.api.body import MAX_BYTES
from minikube_py.api.context import ADMIN
from minikube_py.api.endpoints import Endpoints
from minikube_py.api.options import check_timeout
from minikube_py.api.reply import NOT_FOUND, Reply, Request, compressed, error_reply, text
from minikube_py.api.requestinfo import BadPath, RequestInfo, request_info
from minikube_py.machinery import errors
from minikube_py.machinery.cause import Cause, because
from minikube_py.machinery.errors import StatusError

if TYPE_CHECKING:
    from minikube_py.api.streaming.wire import Upgrade

log = logging.getLogger(__name__)


def _is_news(record: logging.LogRecord) -> bool:
    """What is no HTTP is answered with 400, and nothing that whoever runs the server has to know of."""
    return record.exc_info is None or not isinstance(record.exc_info[1], HttpProcessingError)


_connections = logging.getLogger(f"{__name__}.connections")
_connections.addFilter(_is_news)

LARGE = 256 * 1024
FIRST = 16 * 1024
"""Of bodies larger than LARGE, so many bytes are sent with the headers, which are joined to them: joined to all of it,
they would double the memory that an answer takes while its client reads."""
PATIENCE = 1.0
"""Real seconds that requests are given to be answered when the server stops (0 would be for ever to aiohttp)."""
HEADER = 1024 * 1024
"""The bytes that a request's first line, or one of its headers, may have: Go's http.DefaultMaxHeaderBytes for all. Long
commands of `kubectl exec` stand in the first line."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
_READS = frozenset({"get", "list", "watch", "head", "options"})


class Page(Protocol):
    """Answers some paths that are no resources."""

    async def answer(self, request: Request) -> Reply | None:
        """None for paths that are not its own. Raises StatusError."""
        ...


class Server:
    """One API server. `pages` are asked in turn for what is no resource."""

    def __init__(self, endpoints: Endpoints, pages: Sequence[Page], *, allow_remote: bool = False) -> None:
        self._endpoints = endpoints
        self._catalog = endpoints.registry.catalog
        self._pages = list(pages)
        self._allow_remote = allow_remote
        self._runners: list[web.ServerRunner] = []
        self._streams: set[asyncio.Task[None]] = set()

    def mount(self, page: Page) -> None:
        """Ask one more page."""
        self._pages.append(page)

    async def start(self, address: str, port: int) -> int:
        """Listen on an address; port 0 takes a free one. Returns the port. Raises OSError."""
        # Whoever hangs up ends the request; bodies are taken as they are sent, as upstream does.
        server = web.Server(
            self._handle,
            handler_cancellation=True,
            access_log=None,
            logger=_connections,
            keepalive_timeout=3600,
            auto_decompress=False,
            max_line_size=HEADER,
            max_field_size=HEADER,
        )
        runner = web.ServerRunner(server, shutdown_timeout=PATIENCE)
        await runner.setup()
        site = web.TCPSite(runner, address, port, backlog=1024)
        try:
            await site.start()
        except OSError:
            await runner.cleanup()
            raise
        self._runners.append(runner)
        bound = runner.addresses[0]
        return int(bound[1])

    async def stop(self) -> None:
        """End all streams and connections at once."""
        for task in list(self._streams):
            task.cancel()
        for runner in self._runners:
            await runner.cleanup()
        self._runners.clear()

    async def _handle(self, raw: web.BaseRequest) -> web.StreamResponse:
        try:
            refused = self._guard(raw)
            if refused is not None:
                return _response(refused)
            body = await _read(raw) if raw.can_read_body else b""
            request = Request(raw.method, raw.path, raw.query, raw.headers, body, ADMIN)
        except StatusError as error:
            bare = Request(raw.method, raw.path, raw.query, raw.headers, b"", ADMIN)
            return _response(error_reply(error, bare, self._catalog.schema))
        reply = await self.answer(request)
        if reply.stream is not None:
            return await self._send_stream(raw, reply)
        if reply.upgrade is not None:
            return await self._upgrade(raw, reply.upgrade)
        if raw.method == "HEAD":
            reply.body = b""
        reply = compressed(reply, raw.headers)
        if len(reply.body) > LARGE:
            return await _send_large(raw, reply)
        return _response(reply)

    def _guard(self, raw: web.BaseRequest) -> Reply | None:
        """Against DNS rebinding and cross-site requests: a page in a browser must not reach this server, which takes
        whoever calls for the administrator."""
        if self._allow_remote:
            return None
        host = raw.headers.get("Host", "")
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        if name.lower() not in LOOPBACK:
            return text(403, f"Forbidden: the Host header {host!r} is not a loopback name\n")
        # Its own origin is what some clients' WebSockets send, and no page but its own has.
        origin = raw.headers.get("Origin", "")
        if origin and origin.partition("://")[2] != host:
            return text(403, "Forbidden: requests of web pages (with an Origin header) are not taken\n")
        return None

    async def answer(self, request: Request) -> Reply:
        """A request's reply; errors are replies too."""
        try:
            try:
                info = request_info(request.method, request.path, request.query)
            except BadPath as error:
                return text(500, f"{error}\n")
            if "timeout" in request.query and not info.is_long_running:
                check_timeout(request.query["timeout"])
            if info.is_resource:
                return await self._resource(request, info)
            for page in self._pages:
                if (reply := await page.answer(request)) is not None:
                    return reply
            return NOT_FOUND
        except StatusError as error:
            return error_reply(error, request, self._catalog.schema)
        except RecursionError:
            return error_reply(errors.bad_request("exceeded max depth"), request, self._catalog.schema)
        except Exception as error:
            log.exception("%s %s", request.method, request.path)
            return error_reply(errors.internal_error(type(error).__name__), request, self._catalog.schema)

    async def _resource(self, request: Request, info: RequestInfo) -> Reply:
        if not self._catalog.has_group(info.group) or (info.api_prefix == "api" and info.group):
            return NOT_FOUND
        if info.verb in _READS:
            return await self._endpoints.answer(request, info)
        clock = self._endpoints.registry.clock
        actor = f"{request.user.name} ({request.user_agent.partition(' ')[0]})"
        subject = f"{request.method} {request.path}"
        with because(Cause("request", actor, subject, started=clock.now())):
            return await self._endpoints.answer(request, info)

    async def _send_stream(self, raw: web.BaseRequest, reply: Reply) -> web.StreamResponse:
        response = web.StreamResponse(
            status=reply.status, headers=[*reply.headers, ("Content-Type", reply.content_type)]
        )
        if raw.version >= HttpVersion11:  # before, a stream ends with its connection
            response.enable_chunked_encoding()
        assert reply.stream is not None
        task = asyncio.current_task()
        assert task is not None
        self._streams.add(task)
        try:
            await response.prepare(raw)
            with contextlib.suppress(ConnectionResetError, ClientConnectionResetError):
                await reply.stream(_Connection(raw, response))
                await response.write_eof()
        finally:
            self._streams.discard(task)
        return response

    async def _upgrade(self, raw: web.BaseRequest, upgrade: Upgrade) -> web.StreamResponse:
        from minikube_py.api.upgrading import go_on

        task = asyncio.current_task()
        assert task is not None
        self._streams.add(task)
        try:
            return await go_on(raw, upgrade)
        except web.HTTPException as error:  # a broken handshake
            return _response(text(error.status, f"{error.text}\n"))
        finally:
            self._streams.discard(task)


class _Connection:
    """Implements Send."""

    def __init__(self, raw: web.BaseRequest, response: web.StreamResponse) -> None:
        self._raw = raw
        self._response = response

    async def __call__(self, chunk: bytes) -> None:
        await self._response.write(chunk)

    def abort(self) -> None:
        if self._raw.transport is not None:
            self._raw.transport.abort()


async def _read(raw: web.BaseRequest) -> bytes:
    """The body. Raises StatusError 413 without reading on."""
    length = raw.content_length
    if length is not None and length > MAX_BYTES:
        raise errors.too_large(f"limit is {MAX_BYTES}")
    if raw.headers.get("Expect", "").lower() == "100-continue" and raw.transport is not None:
        raw.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = bytearray()
    async for chunk in raw.content.iter_any():
        body += chunk
        if len(body) > MAX_BYTES:
            raise errors.too_large(f"limit is {MAX_BYTES}")
    return bytes(body)


async def _send_large(raw: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    response = web.StreamResponse(status=reply.status, headers=[*reply.headers, ("Content-Type", reply.content_type)])
    response.content_length = len(reply.body)
    with contextlib.suppress(ConnectionResetError, ClientConnectionResetError):
        await response.prepare(raw)
        view = memoryview(reply.body)
        await response.write(view[:FIRST])
        await response.write(view[FIRST:])
        await response.write_eof()
    return response


def _response(reply: Reply) -> web.Response:
    headers = [*reply.headers, ("Content-Type", reply.content_type)] if reply.content_type else reply.headers
    return web.Response(status=reply.status, body=reply.body, headers=headers)
