"""agnhost serve-hostname: says which host it is, over HTTP, or plainly over TCP and UDP."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from minikube_py.controllers.kubelet.cri.agnhost.flags import Misused, parse
from minikube_py.controllers.kubelet.cri.agnhost.golog import log
from minikube_py.controllers.kubelet.cri.agnhost.http import remote, text

if TYPE_CHECKING:
    from aiohttp import web

    from minikube_py.controllers.kubelet.cri.container import Container
    from minikube_py.controllers.kubelet.shell.session import Session

FLAGS = {"tcp": False, "udp": False, "http": True, "close": False, "port": 9376}
LINGERING = 60.0
"""Seconds for which it serves on after it was told to stop."""


async def run(container: Container, session: Session, argv: Sequence[str]) -> int:
    flags, _ = parse(argv[2:], FLAGS)
    if flags["http"] and (flags["tcp"] or flags["udp"]):
        raise Misused("Can't server TCP/UDP mode and HTTP mode at the same time")
    port, name = flags["port"], session.hostname

    async def over_tcp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await log(session, "TCP request from {}:{}".format(*writer.get_extra_info("peername")[:2]))
        writer.write(name.encode())
        writer.close()

    async def over_udp(data: bytes, client: tuple[str, int]) -> bytes:
        await log(session, f"UDP request from {client[0]}:{client[1]}")
        return name.encode()

    async def over_http(request: web.BaseRequest) -> web.StreamResponse:
        await log(session, f"HTTP request from {remote(request)}")
        response = text(name)
        if flags["close"]:
            response.force_close()
        return response

    if flags["tcp"]:
        container.serve(port, over_tcp)
    if flags["udp"]:
        container.serve_udp(port, over_udp)
    if flags["http"]:
        await container.serve_http(port, over_http)
    await log(session, f"Serving on port {port}.\n")
    try:
        await container.forever()
    except asyncio.CancelledError:
        await log(session, "Shutting down after receiving signal: terminated.\n")
        await log(session, "Awaiting pod deletion.\n")
        await session.sleep(LINGERING)
    return 0
