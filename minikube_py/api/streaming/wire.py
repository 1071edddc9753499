"""A connection once it is upgraded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

WEBSOCKET, SPDY = "websocket", "SPDY/3.1"
TUNNEL = "SPDY/3.1+"
"""Before the name of what is spoken, in a WebSocket's subprotocol: SPDY's bytes go through it."""


class Wire(Protocol):
    """Both ways, message by message; of a raw connection, whatever came together."""

    async def receive(self) -> bytes | str | None:
        """The next message; None once the other side has ended."""
        ...

    async def send(self, message: bytes | str) -> None:
        """Returns once there is room for more. Raises ConnectionResetError when the other side is gone."""
        ...

    async def ping(self) -> None:
        """Send something of no meaning, if there is such a thing. Raises ConnectionResetError likewise."""
        ...


@dataclass(frozen=True)
class Upgrade:
    """How the server is to go on with a connection."""

    kind: str
    """WEBSOCKET or SPDY."""
    protocol: str
    """The subprotocol agreed on; "" for none."""
    run: Callable[[Wire], Awaitable[None]]
    """Speaks over it; the connection is closed afterwards."""


def asked_protocols(headers: Mapping[str, str]) -> tuple[str, list[str]]:
    """What a request would be upgraded to (WEBSOCKET, SPDY, "" for nothing), and the subprotocols that it offers."""
    upgrade = headers.get("Upgrade", "")
    if "upgrade" not in headers.get("Connection", "").lower():
        return "", []
    if is_websocket(headers):
        return WEBSOCKET, _listed(headers.get("Sec-WebSocket-Protocol", ""))
    if upgrade.lower() == SPDY.lower():
        getall = getattr(headers, "getall", None)
        lines = getall("X-Stream-Protocol-Version", []) if getall is not None else []
        return SPDY, [name for line in lines for name in _listed(line)]
    return "", []


def is_websocket(headers: Mapping[str, str]) -> bool:
    """Whether a request asks for one."""
    return headers.get("Upgrade", "").lower() == WEBSOCKET and "upgrade" in headers.get("Connection", "").lower()


def _listed(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
