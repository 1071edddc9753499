"""Exec and attach over one connection: streams both ways, and at the end a Status that tells the exit code
(k8s.io/cri-streaming/pkg/streaming/remotecommand, apiserver/pkg/util/proxy/streamtranslator.go)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import orjson

from minikube_py.api.streaming.channels import Channels
from minikube_py.api.streaming.spdy import SpdyConnection, Stream, StreamWriter
from minikube_py.api.streaming.wire import SPDY, WEBSOCKET, Upgrade, Wire
from minikube_py.machinery.clock import Clock
from minikube_py.machinery.streams import Command, CommandFailed, Pipe, Streams, Writer

SPDY_PROTOCOLS = ("v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io")
WEBSOCKET_PROTOCOLS = (
    "v5.channel.k8s.io",
    "v4.channel.k8s.io",
    "v4.base64.channel.k8s.io",
    "channel.k8s.io",
    "base64.channel.k8s.io",
)
STDIN, STDOUT, STDERR, ERROR, RESIZE = range(5)
"""Channels; the first three are their file descriptors."""


class Wanted(NamedTuple):
    """Which streams the client asks for."""

    stdin: bool
    stdout: bool
    stderr: bool
    tty: bool
    attached: bool = False
    """To what runs anyway."""

    @property
    def hangs_up(self) -> bool:
        """Whether the command ends once the client is gone. Else it goes on with what it was sent."""
        return self.tty or self.attached or not self.stdin


def upgrade(kind: str, protocol: str, wanted: Wanted, command: Command, clock: Clock) -> Upgrade:
    """Go on with a connection by running the command over it."""
    if kind == SPDY:
        return Upgrade(SPDY, protocol, lambda wire: _over_spdy(wire, protocol, wanted, command, clock))
    return Upgrade(WEBSOCKET, protocol, lambda wire: _over_channels(wire, protocol, wanted, command, clock))


async def _over_channels(wire: Wire, protocol: str, wanted: Wanted, command: Command, clock: Clock) -> None:
    stdin, resizes = Pipe(), Pipe()
    incoming = {RESIZE: resizes, **({STDIN: stdin} if wanted.stdin else {})}
    channels = Channels(wire, protocol, incoming, clock)
    # An empty message on the first channel that is written tells that the connection stands.
    await channels.send(STDOUT if wanted.stdout else STDERR if wanted.stderr else ERROR, b"")
    streams = Streams(
        stdin=stdin if wanted.stdin else None,
        stdout=channels.writer(STDOUT) if wanted.stdout else None,
        stderr=channels.writer(STDERR) if wanted.stderr else None,
        tty=wanted.tty,
    )
    error = channels.writer(ERROR)
    await _run(channels.run(), streams, resizes, command, wanted, lambda status: _tell(error, protocol, status))


async def _over_spdy(wire: Wire, protocol: str, wanted: Wanted, command: Command, clock: Clock) -> None:
    expected = {"error", *(name for name in ("stdin", "stdout", "stderr") if getattr(wanted, name))}
    if wanted.tty and protocol[:3] in ("v3.", "v4."):
        expected.add("resize")
    opened: dict[str, Stream] = {}
    complete = asyncio.Event()

    def accept(stream: Stream) -> None:
        kind = stream.headers.get("streamtype", "")
        if kind not in expected or kind in opened:
            raise ValueError(f"unexpected stream type: {kind}")
        opened[kind] = stream
        if len(opened) == len(expected):
            complete.set()

    connection = SpdyConnection(wire, accept, clock)
    reading = asyncio.ensure_future(connection.run())
    waiting = asyncio.ensure_future(complete.wait())
    try:
        await asyncio.wait((reading, waiting), return_when=asyncio.FIRST_COMPLETED)
        if not complete.is_set():
            return
        streams = Streams(
            stdin=opened["stdin"].reader if wanted.stdin else None,
            stdout=StreamWriter(opened["stdout"]) if wanted.stdout else None,
            stderr=StreamWriter(opened["stderr"]) if wanted.stderr else None,
            tty=wanted.tty,
        )
        resizes = opened["resize"].reader if "resize" in opened else None
        error = StreamWriter(opened["error"])
        await _run(reading, streams, resizes, command, wanted, lambda status: _tell(error, protocol, status))
        for stream in opened.values():
            await stream.finish()
        # The client closes once it has read all; closing first could cost it the end.
        await reading
    finally:
        reading.cancel()
        waiting.cancel()


async def _run(
    reading: Awaitable[None],
    streams: Streams,
    resizes: Pipe | None,
    command: Command,
    wanted: Wanted,
    tell: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """The command, until it ends or the client goes; then how it ended."""
    reader = asyncio.ensure_future(reading)
    resizer = asyncio.ensure_future(_follow_size(streams, resizes))
    running = asyncio.ensure_future(command(streams))
    try:
        await asyncio.wait((reader, running), return_when=asyncio.FIRST_COMPLETED)
        if not running.done() and (wanted.hangs_up or _is_lost(reader)):
            return
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            try:
                status = exit_status(await running)
            except CommandFailed as failure:
                status = _internal_error(str(failure))
            await tell(status)
    finally:
        for task in (running, resizer):
            task.cancel()
        await asyncio.gather(running, resizer, return_exceptions=True)
        if not isinstance(reading, asyncio.Future):
            reader.cancel()


def _is_lost(reader: asyncio.Future[None]) -> bool:
    """Whether the connection broke, and did not end."""
    return not reader.cancelled() and reader.exception() is not None


async def _follow_size(streams: Streams, resizes: Pipe | None) -> None:
    """{"Width": 80, "Height": 24} whenever the client's terminal changes."""
    while resizes is not None and (message := await resizes.read()):
        with contextlib.suppress(orjson.JSONDecodeError, KeyError, TypeError):
            size = orjson.loads(message)
            streams.size = (int(size["Width"]), int(size["Height"]))
            streams.resized()


def exit_status(code: int) -> dict[str, Any]:
    """The Status that tells an exit code."""
    if not code:
        return {"metadata": {}, "status": "Success"}
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


def _internal_error(text: str) -> dict[str, Any]:
    message = f"Internal error occurred: {text}"
    return {"metadata": {}, "status": "Failure", "message": message, "reason": "InternalError", "code": 500}


async def _tell(error: Writer, protocol: str, status: dict[str, Any]) -> None:
    """From version 4 on as JSON; before, as text, and of success nothing."""
    if protocol[:3] in ("v4.", "v5."):
        await error.write(orjson.dumps(status))
    elif status["status"] == "Failure":
        await error.write(status["message"].encode())
