"""WebSocket messages of several channels: the first byte is the channel's number (streaming/pkg/httpstream/wsstream).

channel.k8s.io          b"\\x00ls\\n" is "ls" and a line's end for channel 0
base64.channel.k8s.io   "0bHMK" is the same as text
v5.channel.k8s.io       b"\\xff\\x00" ends channel 0
"""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Mapping

from minikube_py.api.streaming.patience import feed
from minikube_py.api.streaming.wire import Wire
from minikube_py.machinery.clock import Clock
from minikube_py.machinery.streams import Pipe

CLOSE = 255
"""In place of a channel: the byte that follows names the one that ends."""


class Channels:
    """The server's side. `incoming` are the channels that are read, by number; what others are sent is left unread."""

    def __init__(self, wire: Wire, protocol: str, incoming: Mapping[int, Pipe], clock: Clock) -> None:
        self._wire = wire
        self._clock = clock
        self._base64 = "base64." in protocol
        self._closes = protocol.startswith("v5.")
        self._incoming = incoming

    async def run(self) -> None:
        """Until the other side ends; all that is read ends with it."""
        try:
            while (message := await self._wire.receive()) is not None:
                data = message.encode() if isinstance(message, str) else message
                if data and not await self._take(data):
                    return
        finally:
            for pipe in self._incoming.values():
                pipe.close()

    async def _take(self, data: bytes) -> bool:
        """Whether to go on."""
        if self._closes and data[0] == CLOSE:
            if len(data) != 2:
                return False
            if (pipe := self._incoming.get(data[1])) is not None:
                pipe.close()
            return True
        number, rest = data[0], data[1:]
        if self._base64:
            number -= ord("0")
            try:
                rest = base64.b64decode(rest, validate=True)
            except binascii.Error:
                return True
        pipe = self._incoming.get(number)
        if pipe is not None and not pipe.closed:
            with contextlib.suppress(BrokenPipeError):
                await feed(pipe, rest, self._clock, self._wire.ping)
        return True

    async def send(self, number: int, data: bytes) -> None:
        """Raises ConnectionResetError."""
        if self._base64:
            await self._wire.send(chr(ord("0") + number) + base64.b64encode(data).decode())
        else:
            await self._wire.send(bytes((number,)) + data)

    def writer(self, number: int) -> ChannelWriter:
        return ChannelWriter(self, number)


class ChannelWriter:
    """Implements Writer."""

    def __init__(self, channels: Channels, number: int) -> None:
        self._channels = channels
        self._number = number

    async def write(self, data: bytes) -> None:
        await self._channels.send(self._number, data)

    def close(self) -> None:
        """Only the connection as a whole ends."""
