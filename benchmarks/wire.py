"""A bare HTTP/1.1 client: as little of its own time as possible, so that what is measured is the server."""

from __future__ import annotations

import asyncio
import urllib.parse
from collections.abc import Callable, Iterable


class Connection:
    """One keep-alive connection. Requests are made one after the other."""

    def __init__(self, url: str) -> None:
        parts = urllib.parse.urlsplit(url)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 80

    async def open(self) -> Connection:
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port, limit=2**26)
        return self

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> None:
        lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{self.port}", "User-Agent: benchmark"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if body:
            lines += [f"Content-Length: {len(body)}"]
            if "Content_Type" not in headers:
                lines.append("Content-Type: application/json")
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    async def receive(self) -> tuple[int, bytes]:
        head = await self.reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        lower = head.lower()
        at = lower.find(b"content-length:")
        if at < 0:
            return status, await self._chunks()
        length = int(lower[at + 15 : lower.index(b"\r\n", at)])
        return status, await self.reader.readexactly(length) if length else b""

    async def _chunks(self) -> bytes:
        body = b""
        while size := int(await self.reader.readline(), 16):
            body += await self.reader.readexactly(size)
            await self.reader.readline()
        await self.reader.readline()
        return body

    async def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        self.send(method, path, body, **headers)
        return await self.receive()


async def spread(url: str, connections: int, work: Iterable[Callable[[Connection], object]]) -> None:
    """Do the work over so many connections, each taking the next piece as soon as it is free."""
    pieces = iter(work)

    async def one() -> None:
        connection = await Connection(url).open()
        for piece in pieces:
            await piece(connection)  # type: ignore[misc]
        await connection.close()

    await asyncio.gather(*(one() for _ in range(connections)))
