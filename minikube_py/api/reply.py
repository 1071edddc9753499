"""Requests and replies without a web framework: what the endpoints take and give."""

from __future__ import annotations

import gzip
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import orjson

from minikube_py.api import protobuf, yamlcodec
from minikube_py.api.context import User
from minikube_py.api.negotiate import MEDIA_TYPES, is_pretty, negotiate_error
from minikube_py.api.options import Query
from minikube_py.api.schema.schema import Schema
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import Object

if TYPE_CHECKING:
    from minikube_py.api.streaming.wire import Upgrade

PLAIN_TEXT = "text/plain; charset=utf-8"
GZIP_FROM = 128 * 1024
"""Bodies of so many bytes are compressed for those who accept it (apiserver's handlers/responsewriters)."""
WARNINGS_TOTAL = 4096
"""So many characters of warnings go whole into headers."""
WARNING_WHEN_MANY = 256
"""So many characters remain of each warning when they are more."""
_NO_HEADER = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")
"""Control characters, and surrogates, which UTF-8 has no bytes for."""


@dataclass(slots=True)
class Request:
    """One HTTP request, its body read."""

    method: str
    path: str
    """Unescaped, without the query."""
    query: Query
    headers: Mapping[str, str]
    body: bytes
    user: User

    @property
    def accept(self) -> str | None:
        return self.headers.get("Accept")

    @property
    def user_agent(self) -> str:
        return self.headers.get("User-Agent", "")


class Send(Protocol):
    """The way to whoever reads a stream."""

    async def __call__(self, chunk: bytes) -> None:
        """Returns once there is room for more. Raises ConnectionResetError when the reader is gone."""
        ...

    def abort(self) -> None:
        """Cut the connection; what is under way is cancelled."""
        ...


@dataclass(slots=True)
class Reply:
    """One answer. With `stream` the body is what that coroutine function sends."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: list[tuple[str, str]] = field(default_factory=list)
    stream: Callable[[Send], Awaitable[None]] | None = None
    upgrade: Upgrade | None = None
    """How to go on with the connection, with a status of 101."""


def text(status: int, body: str) -> Reply:
    return Reply(status, body.encode(), PLAIN_TEXT)


NOT_FOUND = text(404, "404 page not found\n")


def indented(body: bytes) -> bytes:
    """JSON as people read it: two spaces, as upstream indents."""
    return orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2)


def error_reply(error: StatusError, request: Request, schema: Schema, warnings: Sequence[str] = ()) -> Reply:
    """A Status in a form the client takes."""
    status = error.status()
    found = negotiate_error(request.accept)
    headers = warning_headers(warnings)
    if error.retry_after:
        headers.append(("Retry-After", str(error.retry_after)))
    if found is None:
        return Reply(error.code, indented(orjson.dumps(status)), headers=headers)
    pretty = is_pretty(found, request.query.get("pretty", ""), request.user_agent)
    encoded = encode_tree(status, found.media_type, pretty, schema)
    return Reply(error.code, encoded, MEDIA_TYPES[found.media_type], headers)


def encode_tree(tree: Object, media_type: str, pretty: bool, schema: Schema) -> bytes:
    """A tree that is not kept anywhere, in a media type."""
    if media_type == "protobuf":
        return protobuf.encode(tree, schema)
    if media_type == "yaml":
        return yamlcodec.dump(tree)
    if pretty:
        return orjson.dumps(tree, option=orjson.OPT_INDENT_2)
    return orjson.dumps(tree) + b"\n"


def recode(body: bytes, media_type: str, pretty: bool, schema: Schema) -> bytes:
    """JSON bytes in a media type."""
    if media_type == "json":
        return indented(body) if pretty else body + b"\n"
    return encode_tree(orjson.loads(body), media_type, pretty, schema)


def warning_headers(warnings: Sequence[str]) -> list[tuple[str, str]]:
    """Each warning once, as RFC 7234's 299 - "text", shortened when all together are long.

    One with a control character is left out, as it could forge a header (apimachinery/pkg/util/net
    NewWarningHeader, apiserver/pkg/endpoints/filters/warning.go)."""
    texts = [text for text in dict.fromkeys(warnings) if text and not _NO_HEADER.search(text)]
    if sum(map(len, texts)) > WARNINGS_TOTAL:
        texts = _shortened(texts)
    return [("Warning", '299 - "{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))) for text in texts]


def _shortened(texts: Sequence[str]) -> list[str]:
    """Texts cut to their first characters, up to the one that reaches the total."""
    taken: list[str] = []
    written = 0
    for text in texts:
        if written >= WARNINGS_TOTAL:
            break
        taken.append(text[:WARNING_WHEN_MANY])
        written += len(taken[-1])
    return taken


def compressed(reply: Reply, accept_encoding: str) -> Reply:
    """The reply, compressed if it is large and the client takes gzip."""
    if len(reply.body) < GZIP_FROM or "gzip" not in accept_encoding:
        return reply
    headers = [*reply.headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
    return Reply(reply.status, gzip.compress(reply.body, 1), reply.content_type, headers)
