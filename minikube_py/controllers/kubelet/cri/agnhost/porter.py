"""agnhost porter: says on each port what its environment tells it to.

SERVE_PORT_80=foo or SERVE_TCP_PORT_80=foo      over HTTP
SERVE_TLS_PORT_443=foo                          likewise: what is HTTPS elsewhere is spoken plainly in this network
SERVE_UDP_PORT_81=bar                           over UDP
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import orjson

from minikube_py.controllers.kubelet.cri.agnhost.flags import parse
from minikube_py.controllers.kubelet.cri.agnhost.http import text

if TYPE_CHECKING:
    from aiohttp import web

    from minikube_py.controllers.kubelet.cri.container import Container, HttpHandler
    from minikube_py.controllers.kubelet.cri.datagrams import Receiver
    from minikube_py.controllers.kubelet.shell.session import Session

FLAGS = {"json-response": False}
OVER_TCP, OVER_UDP = ("SERVE_PORT_", "SERVE_TCP_PORT_", "SERVE_TLS_PORT_"), "SERVE_UDP_PORT_"


async def run(container: Container, session: Session, argv: Sequence[str]) -> int:
    flags, _ = parse(argv[2:], FLAGS)
    for name, value in session.env.items():
        port = name.rpartition("_")[2]
        if not port.isdecimal():
            continue
        if name.startswith(OVER_TCP):
            await container.serve_http(int(port), _saying(value, flags["json-response"]))
        elif name.startswith(OVER_UDP):
            container.serve_udp(int(port), _sending(value))
    await container.forever()
    return 0


def _saying(value: str, as_json: bool) -> HttpHandler:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if not as_json:
            return text(value)
        response = text(orjson.dumps({"Method": request.method, "Body": value}).decode())
        response.headers["Content-Type"] = "application/json"
        return response

    return answer


def _sending(value: str) -> Receiver:
    async def answer(data: bytes, client: tuple[str, int]) -> bytes:
        return value.encode()

    return answer
