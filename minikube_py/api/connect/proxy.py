"""pods/proxy, services/proxy and nodes/proxy: HTTP to what runs there (apimachinery/pkg/util/proxy, ResourceLocation of
pkg/registry/core/pod, service and node)."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from aiohttp import ClientError, ClientResponse, ClientSession
from yarl import URL

from minikube_py.api.connect.transport import Rewriter, escaped
from minikube_py.api.context import Context
from minikube_py.api.reply import Reply, Request, Send
from minikube_py.api.requestinfo import RequestInfo
from minikube_py.api.streaming.wire import WEBSOCKET, asked_protocols
from minikube_py.client.dialing import DialingConnector
from minikube_py.machinery import errors
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object
from minikube_py.store import Key

KUBELET_PORT = 10250
LAST_PORT = 65535
WHOLE = 1024 * 1024
"""Bytes up to which an answer of known length is taken whole."""
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "proxy-connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "content-length",
    }
)
_NOT_RETURNED = frozenset(
    {
        "content-type",
        "date",
        "server",
        "access-control-allow-origin",
        "access-control-allow-credentials",
        "access-control-allow-headers",
        "access-control-allow-methods",
    }
)
"""The API server's own, or told otherwise; whom a page may be shared with is not for the target to say."""


class Target(NamedTuple):
    address: str
    port: int


async def answer(ctx: Context, request: Request, info: RequestInfo) -> Reply:
    """Raises StatusError."""
    requested = ctx.name
    scheme, ctx.name, port = split_name(requested)
    if scheme not in ("", "http", "https"):
        raise errors.bad_request(f"invalid {ctx.resource.kind.lower()} request {quote(requested)}")
    target = _target(ctx, requested, port)
    path = "/" + "/".join(info.parts[3:])
    if request.path.endswith("/") and not path.endswith("/"):
        path += "/"
    prefix = request.path[: len(request.path) - len(path)] if len(info.parts) > 3 else request.path.rstrip("/")
    if path == "/" and not request.path.endswith("/") and request.method in ("GET", "HEAD"):
        query = f"?{urlencode(list(request.query.items()))}" if request.query else ""
        return Reply(301, content_type="", headers=[("Location", f"{request.path}/{query}")])
    return await _pass_on(ctx, request, target, path, prefix)


def split_name(text: str) -> tuple[str, str, str]:
    """Scheme, name and port in "name", "name:port" or "scheme:name:port" (apimachinery/pkg/util/net
    SplitSchemeNamePort)."""
    parts = text.split(":")
    if len(parts) == 3:
        return parts[0], parts[1], parts[2]
    return "", parts[0], parts[1] if len(parts) == 2 else ""


# Where to


def _target(ctx: Context, requested: str, port: str) -> Target:
    if ctx.resource.plural == "services":
        return _service(ctx, requested, port)
    obj = ctx.registry.find(ctx).object
    return _pod(obj, port) if ctx.resource.plural == "pods" else _node(obj, port)


def _pod(pod: Object, port: str) -> Target:
    """By default the first port that one of its containers declares."""
    address = (pod.get("status") or {}).get("podIP", "")
    if not address or not _is_global_unicast(address):
        raise errors.bad_request("address not allowed")
    declared = (each["containerPort"] for each in pod["spec"]["containers"] for each in each.get("ports") or ())
    return Target(address, _number(port) if port else next(declared, 80))


def _is_global_unicast(address: str) -> bool:
    """As Go's net.IP.IsGlobalUnicast, to which private addresses are global too."""
    ip = ipaddress.ip_address(address)
    return not (ip.is_loopback or ip.is_multicast or ip.is_link_local or ip.is_unspecified)


def _node(node: Object, port: str) -> Target:
    addresses = (node.get("status") or {}).get("addresses") or ()
    internal = next((each["address"] for each in addresses if each["type"] == "InternalIP"), "")
    if not internal:
        raise errors.bad_request("no addresses for hostname")
    return Target(internal, _number(port) if port else KUBELET_PORT)


def _number(port: str) -> int:
    if not port.isdecimal():
        raise errors.service_unavailable(f"error trying to reach service: dial tcp: lookup tcp/{port}: unknown port")
    if int(port) > LAST_PORT:
        raise errors.service_unavailable(f"error trying to reach service: dial tcp: address {port}: invalid port")
    return int(port)


def _service(ctx: Context, requested: str, port: str) -> Target:
    """One of its ready endpoints, each in turn."""
    service = ctx.registry.find(ctx).object
    if port.isdecimal():
        named = [each for each in service["spec"].get("ports") or () if each["port"] == int(port)]
        if not named:
            raise errors.service_unavailable(f"no service port {port} found for service {quote(ctx.name)}")
        port = named[0].get("name", "")
    stored = ctx.registry.store.get(Key("endpoints", ctx.namespace, ctx.name))
    if stored is None:
        raise errors.not_found(ctx.resource.group_resource, ctx.name)
    found = [
        Target(address["ip"], each["port"])
        for subset in stored.object.get("subsets") or ()
        for each in subset.get("ports") or ()
        if each.get("name", "") == port
        for address in subset.get("addresses") or ()
    ]
    if not found:
        raise errors.service_unavailable(f"no endpoints available for service {quote(requested)}")
    return ctx.registry.rotation.next(("services", ctx.namespace, ctx.name), found)


# Passing on


async def _pass_on(ctx: Context, request: Request, target: Target, path: str, prefix: str) -> Reply:
    url = URL(f"http://{target.address}:{target.port}{escaped(path)}", encoded=True)
    url = url.with_query(list(request.query.items()))
    headers = [(name, value) for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP]
    headers.append(("X-Forwarded-Uri", escaped(prefix + path)))
    kind, protocols = asked_protocols(request.headers)
    if kind == WEBSOCKET:
        return await _pass_on_websocket(ctx, url, headers, protocols)
    rewriter = Rewriter(prefix, f"{target.address}:{target.port}", request.headers.get("Host", ""))
    async with contextlib.AsyncExitStack() as opened:
        connector = DialingConnector(ctx.registry.nodes.dial)
        session = await opened.enter_async_context(ClientSession(connector=connector, auto_decompress=False))
        try:
            response = await session.request(
                request.method,
                url,
                headers=headers,
                data=request.body or None,
                allow_redirects=False,
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            )
            opened.callback(response.close)
            reply = _reply(response, rewriter)
            if _is_page(request, response):
                reply.body = rewriter.page(await response.read(), response.headers.get("Content-Encoding", ""))
                return reply
            if response.content_length is not None and response.content_length <= WHOLE:
                reply.body = await response.read()
                return reply
        except (ClientError, OSError, ValueError) as error:
            raise _unreachable(error) from None
        reply.stream = _streamed(opened.pop_all(), response)
        return reply


async def _pass_on_websocket(ctx: Context, url: URL, headers: list[tuple[str, str]], protocols: Sequence[str]) -> Reply:
    from minikube_py.api.connect import websockets

    session = ClientSession(connector=DialingConnector(ctx.registry.nodes.dial))
    try:
        return await websockets.pass_on(session, url, headers, protocols)
    except (ClientError, OSError) as error:
        raise _unreachable(error) from None


def _unreachable(error: Exception) -> errors.StatusError:
    cause = error.__cause__
    why = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause or error)
    return errors.service_unavailable(f"error trying to reach service: {' '.join(why.split())}")


def _is_page(request: Request, response: ClientResponse) -> bool:
    """Whether there are links in it."""
    if request.method == "HEAD" or "Location" in response.headers:
        return False
    return response.headers.get("Content-Type", "").partition(";")[0].strip() == "text/html"


def _reply(response: ClientResponse, rewriter: Rewriter) -> Reply:
    """What comes before the body. Raises ClientError."""
    if response.status == 101:
        response.close()
        raise ClientError("the connection cannot be upgraded")
    reply = Reply(response.status, content_type=response.headers.get("Content-Type", ""))
    for name, value in response.headers.items():
        if name.lower() == "location":
            value = rewriter.link(value)
        if name.lower() not in _HOP_BY_HOP and name.lower() not in _NOT_RETURNED:
            reply.headers.append((name, value))
    return reply


def _streamed(opened: contextlib.AsyncExitStack, response: ClientResponse) -> Callable[[Send], Awaitable[None]]:
    async def stream(send: Send) -> None:
        async with opened:
            try:
                async for chunk in response.content.iter_any():
                    await send(chunk)
            except ClientError:
                send.abort()  # so that nobody takes it for whole

    return stream
