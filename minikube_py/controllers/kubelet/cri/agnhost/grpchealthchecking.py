"""agnhost grpc-health-checking: tells by gRPC's health protocol that it serves, until a time, or until it is told not
to by HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from minikube_py.controllers.kubelet.cri.agnhost.flags import parse
from minikube_py.controllers.kubelet.cri.agnhost.golog import log
from minikube_py.controllers.kubelet.cri.agnhost.http import not_found, text
from minikube_py.controllers.kubelet.cri.grpchealth import NOT_SERVING, SERVING, serve
from minikube_py.machinery.duration import go_text

if TYPE_CHECKING:
    from aiohttp import web

    from minikube_py.controllers.kubelet.cri.container import Container
    from minikube_py.controllers.kubelet.shell.session import Session

FLAGS = {
    **{"port": 5000, "http-port": 8080, "delay-unhealthy-sec": -1, "service": ""},
    **{"tls-cert-file": "", "tls-private-key-file": ""},
}
_MARKS = {"/make-serving": SERVING, "/make-not-serving": NOT_SERVING}


async def run(container: Container, session: Session, argv: Sequence[str]) -> int:
    flags, _ = parse(argv[2:], FLAGS)
    started, marked = session.now(), 0

    def status_of(service: str) -> int | None:
        if service != flags["service"]:
            return None
        late = 0 <= flags["delay-unhealthy-sec"] <= session.now() - started
        return NOT_SERVING if late or marked == NOT_SERVING else SERVING

    async def by_grpc(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await serve(reader, writer, status_of)

    async def by_http(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal marked
        if request.path not in _MARKS:
            return not_found()
        marked = _MARKS[request.path]
        await log(session, f"Mark as {'healthy' if marked == SERVING else 'unhealthy'}")
        return text(go_text(session.now() - started))

    await container.serve_http(flags["http-port"], by_http)
    await log(session, f"Http server starting to listen on :{flags['http-port']}")
    container.serve(flags["port"], by_grpc)
    await log(session, f"gRPC server starting to listen on :{flags['port']}")
    await container.forever()
    return 0
