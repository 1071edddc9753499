"""A bare HTTP/1.1 client over a socket: sends what it is told, however wrong, and shows what comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MEBIBYTE = 1024 * 1024


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    """Names in lower case; of repeated ones the last."""
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        return str(self.json["message"])


class Connection:
    """One connection; requests go one after another."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self.reader = reader
        self.writer = writer
        self._host = host

    @classmethod
    async def open(cls, port: int, limit: int = MEBIBYTE) -> Connection:
        """`limit`: about so many bytes are read ahead."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=limit)
        return cls(reader, writer, f"localhost:{port}")

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def start(self, method: str, path: str, body: bytes | Any = None, headers: Mapping[str, str] | None = None) -> None:
        """Send a request. A body that is no bytes is sent as JSON."""
        sent = {"Host": self._host}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        if body is not None:
            sent["Content-Length"] = str(len(body))
        sent |= headers or {}
        head = "".join(f"{name}: {value}\r\n" for name, value in sent.items() if value)
        self.send(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + (body or b""))

    async def request(
        self, method: str, path: str, body: bytes | Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        self.start(method, path, body, headers)
        return await self.answer(bodiless=method == "HEAD")

    async def head(self) -> Answer:
        """The status and the headers of the next answer, without its body."""
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, colon, value = line.partition(": ")
            if colon:
                headers[name.lower()] = value
        return Answer(int(lines[0].split()[1]), headers, b"")

    async def answer(self, bodiless: bool = False) -> Answer:
        answer = await self.head()
        if answer.headers.get("transfer-encoding") == "chunked":
            while chunk := await self.chunk():
                answer.body += chunk
        elif not bodiless and answer.status not in (204, 304):
            answer.body = await self.reader.readexactly(int(answer.headers["content-length"]))
        return answer

    async def chunk(self) -> bytes:
        """The next chunk of a stream; empty at its end."""
        size = int(await self.reader.readline(), 16)
        data = await self.reader.readexactly(size + 2)
        return data[:-2]

    async def event(self) -> tuple[str, Any]:
        """The next event of a watch that sends one a chunk."""
        tree = json.loads(await self.chunk())
        return tree["type"], tree["object"]

    async def ended(self) -> bool:
        """Whether the server has closed the connection; waits for it."""
        try:
            return await self.reader.read() == b""
        except ConnectionResetError:
            return True

    def close(self) -> None:
        self.writer.close()
