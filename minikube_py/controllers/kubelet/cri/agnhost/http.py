"""What Go's net/http does with requests and answers where aiohttp does something else."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web

from minikube_py.controllers.kubelet.cri.transfer import within

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.cri.container import Container
    from minikube_py.controllers.kubelet.shell.session import Session

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
SNIFFED = 512
"""Bytes that are looked at."""
_ELEMENTS = b"html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p"
_html = re.compile(rb"<(?:!doctype html|" + _ELEMENTS + rb"|!--)[ >]", re.IGNORECASE).match
_binary = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]").search
CLIENT_SECONDS = 5.0
"""In which a client of agnhost's wants its answer."""


def text(body: str, status: int = 200) -> web.Response:
    return web.Response(status=status, body=body.encode(), headers={"Content-Type": sniffed(body.encode())})


def error(message: str, status: int) -> web.Response:
    headers = {"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"}
    return web.Response(status=status, body=f"{message}\n".encode(), headers=headers)


def sniffed(data: bytes) -> str:
    """The type of what says none (http.DetectContentType), of text and what is none."""
    begin = data[:SNIFFED].lstrip(b" \t\n\f\r")
    if _html(begin):
        return "text/html; charset=utf-8"
    if begin.startswith(b"<?xml"):
        return "text/xml; charset=utf-8"
    return "application/octet-stream" if _binary(begin) else "text/plain; charset=utf-8"


def not_found() -> web.Response:
    return error("404 page not found", 404)


def redirect(request: web.BaseRequest, location: str, status: int = 302) -> web.Response:
    headers = {"Location": location, "Content-Type": "text/html; charset=utf-8"}
    body = f'<a href="{location}">{HTTPStatus(status).phrase}</a>.\n\n' if request.method in ("GET", "HEAD") else ""
    return web.Response(status=status, body=body.encode(), headers=headers)


def routed(routes: Mapping[str, Handler]) -> Handler:
    """By the whole path; what "/" has is for all other paths too."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        handler = routes.get(request.path) or routes.get("/")
        return await handler(request) if handler is not None else not_found()

    return handle


async def values_of(request: web.BaseRequest) -> Mapping[str, str]:
    """Of a form: in the body before those in the query."""
    found = {name: request.query[name] for name in request.query}
    if request.method in ("POST", "PUT", "PATCH"):
        found |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    return found


def remote(request: web.BaseRequest) -> str:
    """The client's address and port."""
    host, port = request.transport.get_extra_info("peername")[:2] if request.transport is not None else ("", 0)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def fetched(container: Container, session: Session, url: str, headers: Mapping[str, str] | None = None) -> str:
    """What is at a URL, whatever its status. Raises OSError with Go's words."""
    from aiohttp import ClientError

    async def get() -> str:
        async with container.http() as http, http.get(url, headers=headers) as response:
            return await response.text()

    try:
        return await within(session, CLIENT_SECONDS, get())
    except TimeoutError:
        raise OSError(f'Get "{url}": context deadline exceeded (Client.Timeout exceeded)') from None
    except (ClientError, OSError) as failure:
        cause = failure.__cause__ or failure
        raise OSError(f'Get "{url}": {getattr(cause, "strerror", None) or cause}') from None
