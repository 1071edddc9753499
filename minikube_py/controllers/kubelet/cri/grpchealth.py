"""gRPC's health protocol (grpc.health.v1.Health/Check) by itself, as its client and as its server: so much of HTTP/2 as
one call of it takes.

client    preface  SETTINGS  HEADERS(POST /grpc.health.v1.Health/Check)  DATA(service)
server    SETTINGS  SETTINGS(ack)  HEADERS(200)  DATA(status)  HEADERS(grpc-status: 0)

Headers that come are not read, as they may be written in any of HPACK's ways: what counts is in DATA.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

SERVING, NOT_SERVING = 1, 2
STATUSES = {0: "UNKNOWN", SERVING: "SERVING", NOT_SERVING: "NOT_SERVING", 3: "SERVICE_UNKNOWN"}
OK, CODE_NOT_FOUND = 0, 5
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RESET, _SETTINGS, _PING, _GOAWAY = 0, 1, 3, 4, 6, 7
_ENDS_STREAM, _ACK, _ENDS_HEADERS, _PADDED = 1, 1, 4, 8
_STREAM = 1
_PATH = "/grpc.health.v1.Health/Check"


class _Frame(NamedTuple):
    kind: int
    flags: int
    stream: int
    payload: bytes


async def check(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, service: str, host: str) -> int | None:
    """The status of a service, "" for all of the server; None if there was no answer to that. Raises OSError,
    asyncio.IncompleteReadError."""
    asked = {":method": "POST", ":scheme": "http", ":path": _PATH, ":authority": host, "te": "trailers"}
    headers = _fields({**asked, "content-type": "application/grpc"})
    writer.write(PREFACE + _frame(_SETTINGS, 0, 0, b"") + _frame(_HEADERS, _ENDS_HEADERS, _STREAM, headers))
    writer.write(_frame(_DATA, _ENDS_STREAM, _STREAM, _message(_text_field(service) if service else b"")))
    answer = b""
    async for frame in _frames(reader, writer):
        if frame.kind in (_RESET, _GOAWAY):
            return None
        if frame.kind == _DATA:
            answer += _content(frame)
        if frame.kind in (_DATA, _HEADERS) and frame.flags & _ENDS_STREAM:
            break
    return _status(answer[5:]) if len(answer) >= 5 else None


async def serve(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status_of: Callable[[str], int | None]
) -> None:
    """Calls on one connection, until it ends; None is the status of a service that there is not."""
    try:
        await reader.readexactly(len(PREFACE))
        writer.write(_frame(_SETTINGS, 0, 0, b""))
        asked: dict[int, bytes] = {}
        async for frame in _frames(reader, writer):
            if frame.kind == _GOAWAY:
                break
            if frame.kind == _DATA:
                asked[frame.stream] = asked.get(frame.stream, b"") + _content(frame)
                if frame.flags & _ENDS_STREAM:
                    _answer(writer, frame.stream, status_of(_service(asked.pop(frame.stream)[5:])))
    except asyncio.IncompleteReadError:
        pass
    finally:
        writer.close()


def _answer(writer: asyncio.StreamWriter, stream: int, status: int | None) -> None:
    head = {":status": "200", "content-type": "application/grpc"}
    if status is None:
        trailers = {**head, "grpc-status": str(CODE_NOT_FOUND), "grpc-message": "unknown service"}
    else:
        writer.write(_frame(_HEADERS, _ENDS_HEADERS, stream, _fields(head)))
        writer.write(_frame(_DATA, 0, stream, _message(bytes((0x08, status)))))
        trailers = {"grpc-status": str(OK)}
    writer.write(_frame(_HEADERS, _ENDS_HEADERS | _ENDS_STREAM, stream, _fields(trailers)))


async def _frames(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> AsyncIterator[_Frame]:
    """What comes, with what has to be answered in any case answered."""
    while True:
        head = await reader.readexactly(9)
        payload = await reader.readexactly(int.from_bytes(head[:3]))
        frame = _Frame(head[3], head[4], int.from_bytes(head[5:]) & 0x7FFFFFFF, payload)
        if frame.kind in (_SETTINGS, _PING) and not frame.flags & _ACK:
            writer.write(_frame(frame.kind, _ACK, 0, payload if frame.kind == _PING else b""))
        yield frame


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3) + bytes((kind, flags)) + stream.to_bytes(4) + payload


def _content(frame: _Frame) -> bytes:
    if not frame.flags & _PADDED:
        return frame.payload
    return frame.payload[1 : len(frame.payload) - frame.payload[0]]


def _fields(fields: dict[str, str]) -> bytes:
    """In HPACK, each literally, none of them to be remembered; all are short."""
    texts = [(name.encode(), value.encode()) for name, value in fields.items()]
    return b"".join(b"\0" + bytes((len(name),)) + name + bytes((len(value),)) + value for name, value in texts)


def _message(data: bytes) -> bytes:
    """In gRPC's frame, not compressed."""
    return b"\0" + len(data).to_bytes(4) + data


def _text_field(text: str) -> bytes:
    data = text.encode()[:127]
    return bytes((0x0A, len(data))) + data


def _service(message: bytes) -> str:
    return message[2 : 2 + message[1]].decode("utf-8", "replace") if message[:1] == b"\n" and len(message) > 1 else ""


def _status(message: bytes) -> int:
    return message[1] if message[:1] == b"\x08" and len(message) > 1 else 0
