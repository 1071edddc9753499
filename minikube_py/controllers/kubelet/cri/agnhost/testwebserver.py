"""agnhost test-webserver: serves the files of its container, as Go's http.FileServer does."""

from __future__ import annotations

import html
import mimetypes
import posixpath
from collections.abc import Mapping, Sequence
from email.utils import formatdate
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import web

from minikube_py.controllers.kubelet.cri.agnhost.flags import parse
from minikube_py.controllers.kubelet.cri.agnhost.http import not_found, sniffed

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.cri.container import Container
    from minikube_py.controllers.kubelet.cri.filesystem import Files
    from minikube_py.controllers.kubelet.shell.session import Session

FLAGS = {"port": 80}
INDEX = "index.html"
_ALLOWED = "DNT,X-Mx-ReqToken,Keep-Alive,User-Agent,X-Requested-With,Cache-Control,Content-Type"
HEADERS: Mapping[str, str] = {
    "Cache-Control": "private",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": _ALLOWED,
}


async def run(container: Container, session: Session, argv: Sequence[str]) -> int:
    flags, _ = parse(argv[2:], FLAGS)

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        try:
            response = await _found(session.files, request.path)
        except OSError:
            response = not_found()
        response.headers.update(HEADERS)
        return response

    await container.serve_http(flags["port"], answer)
    await container.forever()
    return 0


async def _found(files: Files, asked: str) -> web.Response:
    """Raises OSError."""
    if asked.endswith(f"/{INDEX}"):
        return _moved("./")
    path = posixpath.normpath(asked)
    stat = await files.stat(path)
    name = posixpath.basename(path)
    if not stat.is_dir:
        return _moved(f"../{name}") if asked.endswith("/") else await _file(files, path)
    if not asked.endswith("/"):
        return _moved(f"{name}/")
    if await files.exists(f"{path}/{INDEX}"):
        return await _file(files, f"{path}/{INDEX}")
    return await _listing(files, path)


def _moved(location: str) -> web.Response:
    return web.Response(status=301, headers={"Location": location})


async def _file(files: Files, path: str) -> web.Response:
    data, stat = await files.read(path), await files.stat(path)
    headers = {"Content-Type": _type_of(path, data), "Last-Modified": formatdate(stat.mtime, usegmt=True)}
    return web.Response(body=data, headers=headers)


def _type_of(path: str, data: bytes) -> str:
    kind = mimetypes.guess_type(path)[0]
    if kind is None:
        return sniffed(data)
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


async def _listing(files: Files, path: str) -> web.Response:
    lines = []
    for name in await files.listdir(path):
        shown = f"{name}/" if await files.is_dir(f"{path}/{name}") else name
        lines.append(f'<a href="{quote(shown)}">{html.escape(shown)}</a>\n')
    body = f"<pre>\n{''.join(lines)}</pre>\n"
    return web.Response(body=body.encode(), headers={"Content-Type": "text/html; charset=utf-8"})
