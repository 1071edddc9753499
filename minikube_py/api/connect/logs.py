"""pods/log: what a container has written (pkg/registry/core/pod/rest/log.go)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from minikube_py.api.connect.containers import choose_container
from minikube_py.api.connect.handshake import negotiate, upgraded
from minikube_py.api.context import Context
from minikube_py.api.nodes import LogOptions
from minikube_py.api.options import Query, parse_bool, parse_int
from minikube_py.api.reply import PLAIN_TEXT, Reply, Request, Send
from minikube_py.api.streaming import onestream
from minikube_py.api.streaming.wire import is_websocket
from minikube_py.machinery import errors
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.field import FieldError, Path, forbidden, invalid
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object


async def answer(ctx: Context, request: Request) -> Reply:
    """Whole, as a stream where it is followed, or through a WebSocket. Raises StatusError."""
    pod = ctx.registry.find(ctx).object
    options = log_options(ctx, request.query, pod)
    if not pod["spec"].get("nodeName"):
        return Reply(204, content_type="")
    agreed = negotiate(request, (), onestream.PROTOCOLS) if is_websocket(request.headers) else None
    if isinstance(agreed, Reply):
        return agreed
    pieces = await ctx.registry.nodes.logs(pod, options)
    if agreed is not None:
        return upgraded(onestream.upgrade(agreed[1], pieces))
    if not options.follow:
        return Reply(200, b"".join([piece async for piece in pieces]), PLAIN_TEXT)
    return Reply(200, content_type=PLAIN_TEXT, stream=_sent(pieces))


def _sent(pieces: AsyncIterator[bytes]) -> Callable[[Send], Awaitable[None]]:
    async def stream(send: Send) -> None:
        async for piece in pieces:
            await send(piece)

    return stream


def log_options(ctx: Context, query: Query, pod: Object) -> LogOptions:
    """PodLogOptions from the query, checked as upstream does. Raises StatusError."""
    numbers = {name: parse_int(query[name]) for name in ("tailLines", "limitBytes", "sinceSeconds") if name in query}
    found: list[FieldError] = []
    if (tail := numbers.get("tailLines")) is not None and tail < 0:
        found.append(invalid(Path("tailLines"), tail, "must be greater than or equal to 0"))
    if (limit := numbers.get("limitBytes")) is not None and limit < 1:
        found.append(invalid(Path("limitBytes"), limit, "must be greater than 0"))
    since = numbers.get("sinceSeconds")
    if since is not None and "sinceTime" in query:
        found.append(forbidden(Path(""), "at most one of `sinceTime` or `sinceSeconds` may be specified"))
    elif since is not None and since < 1:
        found.append(invalid(Path("sinceSeconds"), since, "must be greater than 0"))
    if found:
        raise errors.invalid("", "PodLogOptions", ctx.name, found)
    return LogOptions(
        choose_container(pod, query.get("container", "")),
        follow="follow" in query and parse_bool(query["follow"]),
        previous="previous" in query and parse_bool(query["previous"]),
        since_seconds=since,
        since_time=_time(query["sinceTime"]) if "sinceTime" in query else None,
        timestamps="timestamps" in query and parse_bool(query["timestamps"]),
        tail_lines=tail,
        limit_bytes=limit,
    )


def _time(text: str) -> float:
    try:
        return parse_rfc3339(text)
    except ValueError:
        layout = "2006-01-02T15:04:05Z07:00"
        raise errors.bad_request(
            f'parsing time {quote(text)} as "{layout}": cannot parse {quote(text)} as "2006"'
        ) from None
