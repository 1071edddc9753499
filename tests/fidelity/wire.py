"""HTTP/1.1 within the event loop that the server runs on: what has arrived is known without waiting for more."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from minikube_py.machinery.clock import next_turn

QUIET_TURNS = 25
"""A stream that has sent nothing for so many turns of the loop has nothing more to send until something happens."""


@dataclass
class Answer:
    status: int
    headers: dict[str, list[str]]
    """By name in lower case."""
    body: bytes = b""

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", [""])[0]

    @property
    def is_stream(self) -> bool:
        """Whether its length was not known when it began."""
        return "chunked" in self.headers.get("transfer-encoding", [])


class HungUp(Exception):
    """The server ended the connection within an answer."""


class _Incoming(asyncio.Protocol):
    def __init__(self) -> None:
        self.data = bytearray()
        self.ended = False
        self.changed = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self.data += data
        self.changed.set()

    def connection_lost(self, error: Exception | None) -> None:
        self.ended = True
        self.changed.set()


class Wire:
    """Requests on one connection, one after another."""

    def __init__(self, transport: asyncio.Transport, incoming: _Incoming) -> None:
        self._transport = transport
        self._incoming = incoming

    @classmethod
    async def open(cls, port: int) -> Wire:
        return cls(*await asyncio.get_running_loop().create_connection(_Incoming, "127.0.0.1", port))

    @property
    def ended(self) -> bool:
        return self._incoming.ended

    async def request(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Answer:
        """Raises HungUp."""
        self._send(method, path, headers, body)
        answer = await self._head()
        if answer.is_stream:
            while (chunk := await self._chunk()) is not None:
                answer.body += chunk
        elif method != "HEAD" and answer.status not in (204, 304):
            answer.body = await self._take(int(answer.headers.get("content-length", ["0"])[0]))
        return answer

    async def watch(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Answer:
        """The head of a stream; `arrived` is the rest. An answer that is no stream has its body. Raises HungUp."""
        self._send(method, path, headers, body)
        answer = await self._head()
        if not answer.is_stream:
            answer.body = await self._take(int(answer.headers.get("content-length", ["0"])[0]))
        return answer

    async def arrived(self) -> bytes:
        """What of a stream's body there is once nothing more comes by itself."""
        seen, quiet = -1, 0
        while quiet < QUIET_TURNS and not self._incoming.ended:
            await next_turn()
            quiet = quiet + 1 if len(self._incoming.data) == seen else 0
            seen = len(self._incoming.data)
        body, data = b"", bytes(self._incoming.data)
        while (line := data.find(b"\r\n")) >= 0 and (size := int(data[:line], 16)):
            body += data[line + 2 : line + 2 + size]
            data = data[line + 4 + size :]
        return body

    def close(self) -> None:
        self._transport.abort()

    def _send(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> None:
        sent = {"host": "localhost", "accept-encoding": "identity"}
        if body is not None or method in ("POST", "PUT", "PATCH"):
            sent["content-length"] = str(len(body or b""))
        sent |= {name.lower(): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        self._transport.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + (body or b""))

    async def _head(self) -> Answer:
        first, *lines = (await self._until(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers: dict[str, list[str]] = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers.setdefault(name.lower(), []).append(value.strip())
        return Answer(int(first.split()[1]), headers)

    async def _chunk(self) -> bytes | None:
        size = int(await self._until(b"\r\n"), 16)
        data = await self._take(size)
        await self._take(2)
        return data if size else None

    async def _until(self, mark: bytes) -> bytes:
        """What comes before the mark, which is taken too."""
        while (at := self._incoming.data.find(mark)) < 0:
            await self._more()
        found = await self._take(at)
        await self._take(len(mark))
        return found

    async def _take(self, count: int) -> bytes:
        while len(self._incoming.data) < count:
            await self._more()
        found = bytes(self._incoming.data[:count])
        del self._incoming.data[:count]
        return found

    async def _more(self) -> None:
        if self._incoming.ended:
            raise HungUp(f"after {bytes(self._incoming.data)!r}")
        self._incoming.changed.clear()
        await self._incoming.changed.wait()
