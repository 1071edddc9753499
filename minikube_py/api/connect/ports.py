"""pods/portforward: connections to a pod's ports."""

from __future__ import annotations

from minikube_py.api.connect.containers import require_host
from minikube_py.api.connect.handshake import every, negotiate, upgraded
from minikube_py.api.context import Context
from minikube_py.api.options import Query
from minikube_py.api.reply import Reply, Request, text
from minikube_py.api.streaming import portforward
from minikube_py.api.streaming.portforward import TUNNELLED
from minikube_py.api.streaming.wire import SPDY
from minikube_py.machinery.streams import CommandFailed, Reader, Writer

MOST_PORTS = 127
"""Of one WebSocket: each takes two channels, and a channel's number is a byte."""


async def answer(ctx: Context, request: Request) -> Reply:
    """Raises StatusError."""
    pod = ctx.registry.find(ctx).object
    require_host(pod)
    agreed = negotiate(request, (portforward.PROTOCOL,), portforward.WEBSOCKET_PROTOCOLS)
    if isinstance(agreed, Reply):
        return agreed
    kind, protocol = agreed
    ports: list[int] = []
    if kind != SPDY and protocol != TUNNELLED:
        try:
            ports = _ports(request.query)
        except ValueError as error:
            return text(400, f"{error}\n")
    nodes, uid = ctx.registry.nodes, pod["metadata"]["uid"]
    name = f"{pod['metadata']['name']}_{ctx.namespace}"

    async def forward(port: int, reader: Reader, writer: Writer) -> None:
        try:
            await nodes.forward(pod, port, reader, writer)
        except CommandFailed as failure:
            message = f"error forwarding port {port} to pod {name}, uid {uid}: {failure}"
            raise CommandFailed(message) from None

    return upgraded(portforward.upgrade(kind, protocol, ports, forward, ctx.registry.clock))


def _ports(query: Query) -> list[int]:
    """Raises ValueError."""
    texts = every(query, "ports") or every(query, "port")
    if not texts:
        raise ValueError('query parameter "port" is required')
    if len(texts := ",".join(texts).split(",")) > MOST_PORTS:
        raise ValueError(f"at most {MOST_PORTS} ports can be forwarded over one connection")
    found: list[int] = []
    for each in texts:
        if not each.isdecimal():
            raise ValueError(f'unable to parse "{each}" as a port')
        if not 0 < int(each) < 65536:
            raise ValueError(f'port "{each}" must be > 0')
        found.append(int(each))
    return found
