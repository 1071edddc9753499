"""netexec's /dial: it asks another one, by HTTP or UDP, so many times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import orjson

from minikube_py.controllers.kubelet.cri.agnhost.golog import log
from minikube_py.controllers.kubelet.cri.agnhost.http import CLIENT_SECONDS, error, fetched, text
from minikube_py.controllers.kubelet.cri.transfer import within

if TYPE_CHECKING:
    from aiohttp import web

    from minikube_py.controllers.kubelet.cri.container import Container
    from minikube_py.controllers.kubelet.shell.session import Session


async def dial(container: Container, session: Session, query: Mapping[str, str]) -> web.Response:
    names = ("host", "protocol", "port", "request", "tries")
    host, protocol, port, request, tries = (query.get(name, "") for name in names)
    asked = f"host={host}&protocol={protocol}&port={port}&request={request}&tries={tries}"
    await log(session, f"GET /dial?{asked}")
    if tries and not tries.isdecimal():
        return error(f'tries parameter is invalid. strconv.Atoi: parsing "{tries}": invalid syntax', 400)
    if not request:
        return error("request parameter not specified. <nil>", 400)
    if protocol.lower() not in ("", "http", "udp"):
        return error(f"unsupported protocol. {protocol}", 400)
    try:
        if not port.isdecimal():
            raise OSError(0, f"lookup tcp/{port}: unknown port")
        address = await container.resolve(host)
    except OSError as failure:
        return error(f"host and/or port param are invalid. {failure.strerror}", 400)
    ask = _by_udp if protocol.lower() == "udp" else _by_http
    responses: list[str] = []
    errors: list[str] = []
    last = ""
    for _ in range(int(tries or 1)):
        try:
            last = await ask(container, session, address, int(port), request)
        except OSError as failure:
            last = ""
            errors.append(str(failure))
        else:
            responses.append(last)
    output = ({"responses": responses} if last else {}) | ({"errors": errors} if errors else {})
    return text(orjson.dumps(output, option=orjson.OPT_SORT_KEYS).decode())


async def _by_http(container: Container, session: Session, address: str, port: int, request: str) -> str:
    host = f"[{address}]" if ":" in address else address
    return await fetched(container, session, f"http://{host}:{port}/{request}")


async def _by_udp(container: Container, session: Session, address: str, port: int, request: str) -> str:
    try:
        answer = await within(session, CLIENT_SECONDS, container.ask_udp(address, port, request.encode()))
    except TimeoutError:
        raise OSError(f"reading from udp connection failed. err:'read udp {address}:{port}: i/o timeout'") from None
    except OSError as failure:
        raise OSError(f"reading from udp connection failed. err:'{failure.strerror}'") from None
    return answer.decode("utf-8", "replace")
