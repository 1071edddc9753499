"""A watch's answer: events as they come, one JSON line (or length-prefixed protobuf) each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import orjson

from minikube_py.api import protobuf
from minikube_py.api.context import Context
from minikube_py.api.forms import Form
from minikube_py.api.negotiate import Negotiated
from minikube_py.api.options import ListOptions
from minikube_py.api.reply import Reply, Send, warning_headers
from minikube_py.api.watch import ObjectWatch, Sent

BOOKMARK_EVERY = 60.0
"""Seconds between the bookmarks of a watch that asked for them."""
TIMEOUT = 1800.0
"""Seconds a watch lasts that names no timeout: the lower bound of upstream's random one, plus up to as much again."""


UNREAD_LIMIT = 16 * 1024 * 1024
"""Bytes of events that may wait for a client that does not read; then it is cut off (upstream ends slow watchers too),
for it would hold on to all that was ever written."""
CHUNK = 256 * 1024
"""About so many bytes are handed on at once, so that what a client does not read is not made yet."""


class WatchStream:
    """Sends what an ObjectWatch has whenever it has some, until it ends."""

    def __init__(self, ctx: Context, options: ListOptions, form: Form, negotiated: Negotiated) -> None:
        """Raises StatusError for what must be refused before the stream begins."""
        self._registry = ctx.registry
        self._form = form
        self._protobuf = negotiated.media_type == "protobuf"
        self._woken = asyncio.Event()
        self._ending = False
        self._bookmarks = options.allow_bookmarks
        self._timeout = options.timeout_seconds or TIMEOUT + ctx.registry.jitter.below(int(TIMEOUT))
        self._watch = ObjectWatch(ctx.registry, ctx, options, self._woken.set)

    async def run(self, send: Send) -> None:
        """Raises what `send` raises once the client is gone."""
        clock = self._registry.clock
        timers = [clock.call_later(self._timeout, self._end)]
        if self._bookmarks:
            timers.append(clock.call_later(BOOKMARK_EVERY, self._bookmark))
        self._bookmark_due = False
        self._watch.bound(UNREAD_LIMIT, send.abort)
        try:
            if self._watch.error is not None:
                await send(self._encode("ERROR", orjson.dumps(self._watch.error.status())))
                return
            while not self._ending:
                self._woken.clear()
                for chunk in self._chunks():
                    await send(chunk)
                if not self._watch.pending:
                    if self._watch.ended:
                        return
                    await self._woken.wait()
                if self._bookmark_due:
                    self._bookmark_due = False
                    timers.append(clock.call_later(BOOKMARK_EVERY, self._bookmark))
                    await send(self._frame(Sent("BOOKMARK", self._watch.bookmark())))
        finally:
            self._watch.stop()
            for timer in timers:
                timer.cancel()

    def _end(self) -> None:
        self._ending = True
        self._woken.set()

    def _bookmark(self) -> None:
        self._bookmark_due = True
        self._woken.set()

    def _chunks(self) -> Iterator[bytes]:
        frames: list[bytes] = []
        size = 0
        for sent in self._watch.take():
            frames.append(self._frame(sent))
            size += len(frames[-1])
            if size > CHUNK:
                yield b"".join(frames)
                frames, size = [], 0
        if frames:
            yield b"".join(frames)

    def _frame(self, sent: Sent) -> bytes:
        """One event; made once for all watchers of the same form where the store's event is told as it is."""
        key = self._form.key
        if sent.event is None or key is None:
            return self._encode(sent.type, self._form.event_object(sent.stored))
        shared = (*key, sent.type, self._protobuf)
        frame = sent.event.views.get(shared)
        if frame is None:
            frame = sent.event.views[shared] = self._encode(sent.type, self._form.event_object(sent.stored))
        return frame

    def _encode(self, type: str, obj: bytes) -> bytes:
        if self._protobuf:
            return protobuf.watch_frame(type, orjson.loads(obj), self._registry.catalog.schema)
        return b'{"type":"%b","object":%b}\n' % (type.encode(), obj)


def watch_reply(ctx: Context, options: ListOptions, form: Form, negotiated: Negotiated) -> Reply:
    """The reply whose body is the watch. Raises StatusError."""
    stream = WatchStream(ctx, options, form, negotiated)
    return Reply(
        200, content_type=negotiated.stream_content_type, headers=warning_headers(ctx.warnings), stream=stream.run
    )


def ended_watch(negotiated: Negotiated) -> Reply:
    """A watch for lists of metadata: no event is a list, so upstream ends the stream at the first."""

    async def nothing(send: Send) -> None:
        return

    return Reply(200, content_type=negotiated.stream_content_type, stream=nothing)
