"""nginx as its image comes: files below /usr/share/nginx/html on port 80, its error pages, its access log."""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import formatdate, parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote as percent

from aiohttp import web

from minikube_py.controllers.kubelet.cri.filesystem import Files, Stat
from minikube_py.controllers.kubelet.cri.nginximage import CONFIGURATION, FILES, HTML, PORT, version_of

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.cri.container import Container
    from minikube_py.controllers.kubelet.shell.session import Command, Session

__all__ = ["FILES", "answer", "commands_of"]

INDEX = "index.html"
BINARY = "application/octet-stream"
_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("html", "htm", "shtml"), "text/html"),
    **dict.fromkeys(("jpeg", "jpg"), "image/jpeg"),
    **dict.fromkeys(("svg", "svgz"), "image/svg+xml"),
    **{"css": "text/css", "xml": "text/xml", "txt": "text/plain", "gif": "image/gif", "png": "image/png"},
    **{"webp": "image/webp", "avif": "image/avif", "ico": "image/x-icon", "woff": "font/woff", "woff2": "font/woff2"},
    **{"js": "application/javascript", "json": "application/json", "pdf": "application/pdf"},
    **{"wasm": "application/wasm", "zip": "application/zip", "atom": "application/atom+xml"},
    **{"rss": "application/rss+xml", "mp3": "audio/mpeg", "mp4": "video/mp4", "webm": "video/webm"},
}
"""Of mime.types."""
_REASONS = {301: "Moved Permanently", 403: "Forbidden", 404: "Not Found", 405: "Not Allowed"}
_daemon_off = re.compile(r"\bdaemon\s+off\s*;").search


class Found(NamedTuple):
    """What a path leads to."""

    status: int
    body: bytes = b""
    content_type: str = "text/html"
    stat: Stat | None = None
    """Of the file."""
    problem: str = ""
    """What the error log says of it."""


async def look_up(files: Files, method: str, path: str) -> Found:
    """By the path as it was decoded."""
    if "\0" in path:
        return Found(404)
    where = posixpath.normpath(f"/{path}").lstrip("/")
    file = f"{HTML}/{where}".rstrip("/")
    try:
        if path.endswith("/"):
            file += f"/{INDEX}"
            if not await files.exists(file):
                return await _without_index(files, file)
        stat = await files.stat(file)
        if stat.is_dir:
            return Found(301)
        if method not in ("GET", "HEAD"):
            return Found(405)
        return Found(200, await files.read(file), _TYPES.get(file.rpartition(".")[2].lower(), BINARY), stat)
    except OSError as error:
        return Found(404, problem=f'open() "{file}" failed ({error.errno}: {error.strerror})')


async def _without_index(files: Files, file: str) -> Found:
    folder = posixpath.dirname(file)
    if await files.is_dir(folder):
        return Found(403, problem=f'directory index of "{folder}/" is forbidden')
    return Found(404, problem=f'"{file}" is not found (2: No such file or directory)')


async def answer(container: Container, request: web.BaseRequest) -> web.Response:
    found = await look_up(container.files, request.method, request.path)
    response = _response(container, request, found)
    body = len(response.body) if isinstance(response.body, bytes) and request.method != "HEAD" else 0
    _log(container, request, found, response.status, body)
    return response


def _response(container: Container, request: web.BaseRequest, found: Found) -> web.Response:
    server = f"nginx/{version_of(container.image)}"
    headers = {"Server": server, "Date": formatdate(container.now(), usegmt=True), "Content-Type": found.content_type}
    if found.stat is None:
        if found.status == 301:
            query = f"?{request.query_string}" if request.query_string else ""
            headers["Location"] = f"http://{request.host}{percent(request.path)}/{query}"
        page = error_page(found.status, server)
        return web.Response(status=found.status, reason=_REASONS[found.status], body=page, headers=headers)
    headers["Last-Modified"] = formatdate(found.stat.mtime, usegmt=True)
    headers["ETag"] = tag = f'"{int(found.stat.mtime):x}-{found.stat.size:x}"'
    if _is_known(request, tag, found.stat):
        del headers["Content-Type"]
        return web.Response(status=304, headers=headers)
    return web.Response(body=found.body, headers=headers)


def _is_known(request: web.BaseRequest, tag: str, stat: Stat) -> bool:
    """Whether the client has it already."""
    tags = request.headers.get("If-None-Match")
    if tags is not None:
        return any(each.strip().removeprefix("W/") in ("*", tag) for each in tags.split(","))
    try:
        return int(stat.mtime) == int(parsedate_to_datetime(request.headers.get("If-Modified-Since", "")).timestamp())
    except ValueError:
        return False


def error_page(status: int, server: str) -> bytes:
    title = f"{status} {_REASONS[status]}"
    lines = ["<html>", f"<head><title>{title}</title></head>", "<body>", f"<center><h1>{title}</h1></center>"]
    return "".join(f"{line}\r\n" for line in [*lines, f"<hr><center>{server}</center>", "</body>", "</html>"]).encode()


def _log(container: Container, request: web.BaseRequest, found: Found, status: int, size: int) -> None:
    """A line for each request, and one for what went wrong."""
    when = datetime.fromtimestamp(container.now(), UTC)
    asked = f"{request.method} {request.raw_path} HTTP/1.1"
    if found.problem:
        container.stderr.write_now(
            f"{when:%Y/%m/%d %H:%M:%S} [error] 29#29: *1 {found.problem}, client: {request.remote}, "
            f'server: localhost, request: "{asked}", host: "{request.host}"\n'.encode()
        )
    said = (request.headers.get(name, "-") for name in ("Referer", "User-Agent", "X-Forwarded-For"))
    told = " ".join(f'"{each}"' for each in said)
    container.print(f'{request.remote} - - [{when:%d/%b/%Y:%H:%M:%S +0000}] "{asked}" {status} {size} {told}')


def commands_of(container: Container) -> dict[str, Command]:
    return {"nginx": functools.partial(nginx, container)}


async def nginx(container: Container, session: Session, argv: Sequence[str]) -> int:
    """nginx [-g "daemon off;"] [-v] [-t] [-s signal]"""
    if "-v" in argv or "-V" in argv:
        await session.complain(f"nginx version: nginx/{version_of(container.image)}")
        return 0
    if "-t" in argv:
        await session.complain(f"nginx: the configuration file {CONFIGURATION} syntax is ok")
        await session.complain(f"nginx: configuration file {CONFIGURATION} test is successful")
        return 0
    if "-s" in argv:
        return 0
    await serve(container)
    if _daemon_off(" ".join(argv)):
        await container.forever()
    return 0


async def serve(container: Container) -> None:
    """On its port, and on those that the container declares."""

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return await answer(container, request)

    declared = (each["containerPort"] for each in container.spec.get("ports") or () if _is_tcp(each))
    for port in sorted({PORT, *declared}):
        await container.serve_http(port, handler)


def _is_tcp(port: Mapping[str, object]) -> bool:
    return port.get("protocol", "TCP") == "TCP"
