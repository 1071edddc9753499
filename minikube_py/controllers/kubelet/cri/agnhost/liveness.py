"""agnhost liveness: is well for ten seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from minikube_py.controllers.kubelet.cri.agnhost.http import not_found, redirect, text
from minikube_py.machinery.duration import go_text

if TYPE_CHECKING:
    from aiohttp import web

    from minikube_py.controllers.kubelet.cri.container import Container
    from minikube_py.controllers.kubelet.shell.session import Session

PORT = 8080
WELL_SECONDS = 10.0


async def run(container: Container, session: Session, argv: Sequence[str]) -> int:
    started = session.now()

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        age = session.now() - started
        if request.path == "/started":
            return text(go_text(age))
        if request.path == "/healthz":
            return text(f"error: {age}", 500) if age > WELL_SECONDS else text("ok")
        if request.path == "/redirect":
            return redirect(request, unquote_plus(request.query.get("loc", "")))
        return not_found()

    await container.serve_http(PORT, answer)
    await container.forever()
    return 0
