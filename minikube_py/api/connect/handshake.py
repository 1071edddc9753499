"""From a request that asks for an upgrade to what is spoken then (streaming/pkg/httpstream Handshake, wsstream)."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.api.options import Query
from minikube_py.api.reply import Reply, Request, text
from minikube_py.api.streaming.wire import SPDY, Upgrade, asked_protocols
from minikube_py.machinery import errors

VERSION_HEADER = "X-Stream-Protocol-Version"


def negotiate(request: Request, spdy: Sequence[str], websocket: Sequence[str]) -> tuple[str, str] | Reply:
    """What the connection becomes and what is spoken over it, or the answer that refuses it. Raises StatusError 400 for
    a request that asks for no upgrade."""
    kind, offered = asked_protocols(request.headers)
    if not kind:
        raise errors.bad_request("Upgrade request required")
    ours = spdy if kind == SPDY else websocket
    chosen = next((name for name in offered if name in ours), None)
    if chosen is not None:
        return kind, chosen
    if kind != SPDY:
        if not offered:
            return kind, ""
        return text(400, f"requested protocol(s) are not supported: [{' '.join(offered)}]; supports {_go(ours)}\n")
    if not offered:
        why = f"header {VERSION_HEADER} does not exist in request with {len(request.headers)} headers"
        return text(400, f"unable to upgrade: {why}\n")
    why = f"unable to negotiate protocol: client supports {_go(offered)}, server accepts {_go(ours)}"
    refused = text(403, f"unable to upgrade: {why}\n")
    refused.headers.extend(("X-Accepted-Stream-Protocol-Versions", name) for name in ours)
    return refused


def upgraded(upgrade: Upgrade) -> Reply:
    return Reply(101, upgrade=upgrade)


def every(query: Query, name: str) -> list[str]:
    """All values of a parameter that may be repeated."""
    getall = getattr(query, "getall", None)
    if getall is not None:
        return list(getall(name, ()))
    return [query[name]] if name in query else []


def _go(names: Sequence[str]) -> str:
    """As Go prints a slice."""
    return f"[{' '.join(names)}]"
