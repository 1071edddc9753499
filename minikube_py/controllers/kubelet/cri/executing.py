"""Commands in containers from outside: exec, and attach to what runs already."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from minikube_py.controllers.kubelet.cri.container import Container
from minikube_py.controllers.kubelet.cri.log import ContainerLog, LogWriter
from minikube_py.controllers.kubelet.cri.processes import FIRST
from minikube_py.controllers.kubelet.cri.programs import PROMPT, is_shell
from minikube_py.controllers.kubelet.cri.terminal import ScreenWriter, Terminal
from minikube_py.controllers.kubelet.shell.endings import Dropped
from minikube_py.machinery.streams import Command, CommandFailed, Pipe, Streams, Writer

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.shell.session import Session

INTERRUPTED = 130
"""Exit code of what ends on SIGINT."""


def executor(container: Container, argv: Sequence[str]) -> Command:
    """Raises CommandFailed, when it is run, for a program that the container does not have."""
    command = guest(container, argv)
    return lambda streams: container.host(command(streams))


def guest(container: Container, argv: Sequence[str]) -> Callable[[Streams], Coroutine[Any, Any, int]]:
    """As an executor, where somebody else sees to it that it ends with the container."""

    async def work(streams: Streams) -> int:
        from minikube_py.controllers.kubelet.shell import run
        from minikube_py.controllers.kubelet.shell.forking import as_process

        session = container.session()
        name = argv[0] if argv else ""
        if name not in session.commands and name.rpartition("/")[2] not in session.commands:
            raise CommandFailed(
                "error executing command in container: failed to exec in container: failed to start exec: OCI runtime "
                f'exec failed: exec failed: unable to start container process: exec: "{name}": executable file not '
                "found in $PATH: unknown"
            )
        if streams.tty and is_shell(argv):
            return await _on_terminal(session, streams, lambda: as_process(session, argv, _dialogue))
        if streams.tty:
            return await _on_terminal(session, streams, lambda: run(session, argv))
        session.stdin = _input(streams)
        session.stdout, session.stderr = streams.stdout or Dropped(), streams.stderr or Dropped()
        return await run(session, argv)

    return work


async def _dialogue(session: Session) -> int:
    from minikube_py.controllers.kubelet.shell import interactive

    return await interactive(session, PROMPT)


def _input(streams: Streams) -> Pipe:
    if streams.stdin is not None:
        return streams.stdin
    empty = Pipe()
    empty.close()
    return empty


async def _on_terminal(session: Session, streams: Streams, start: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """With a keyboard and a screen. Ctrl-C ends what does not catch it."""
    screen = streams.stdout or Dropped()
    interrupted = False

    def interrupt() -> None:
        nonlocal interrupted
        if not session.signals.send("INT"):
            interrupted = True
            running.cancel()

    terminal = Terminal(_input(streams), screen, interrupt)
    session.env["TERM"] = "xterm"
    session.screen = lambda: streams.size
    streams.resized = lambda: session.signals.send("WINCH")
    session.stdin = terminal.stdin
    session.stdout = session.stderr = ScreenWriter(screen)
    typing = asyncio.ensure_future(terminal.run())
    running = asyncio.ensure_future(start())
    try:
        return await running
    except asyncio.CancelledError:
        if interrupted:
            return INTERRUPTED
        raise
    finally:
        running.cancel()
        await _end(typing)


def attacher(container: Container, log: ContainerLog) -> Command:
    """Input goes to the container's standard input; what it writes from now on comes out, until it ends, or the input
    does where that leaves the container's open (containerd's internal/cri/io/container_io.go)."""

    async def command(streams: Streams) -> int:
        shown: list[asyncio.Task[None]] = []
        ended = asyncio.ensure_future(_end_of(log))
        typing = asyncio.ensure_future(_type(container, streams))
        try:
            with contextlib.ExitStack() as watching:
                for source, target in ((container.stdout, streams.stdout), (container.stderr, streams.stderr)):
                    writer = streams.stdout if container.tty else target
                    if writer is not None:
                        screen = ScreenWriter(writer) if container.tty else writer
                        shown.append(asyncio.ensure_future(_show(watching.enter_context(_watched(source)), screen)))
                await asyncio.wait((ended, typing, *shown), return_when=asyncio.FIRST_COMPLETED)
                if typing.done() and not typing.result():
                    await asyncio.wait((ended, *shown), return_when=asyncio.FIRST_COMPLETED)
            await asyncio.gather(*shown)
        finally:
            for task in (ended, typing, *shown):
                await _end(task)
        return 0

    return command


async def _end_of(log: ContainerLog) -> None:
    async for _ in log.follow(log.next_number):
        pass


@contextlib.contextmanager
def _watched(source: LogWriter) -> Any:
    """What is written from now on."""
    pipe = Pipe()
    source.watchers.append(pipe)
    try:
        yield pipe
    finally:
        source.watchers.remove(pipe)
        pipe.close()


async def _show(pipe: Pipe, writer: Writer) -> None:
    while data := await pipe.read():
        await writer.write(data)


async def _type(container: Container, streams: Streams) -> bool:
    """From the client to the container's standard input, which ends with it where it is meant for one client. Whether
    the client leaves once it has no more."""
    if streams.stdin is None:
        return False
    keyboard: Pipe = streams.stdin
    if container.tty:
        terminal = Terminal(keyboard, streams.stdout or Dropped(), lambda: container.interrupt())
        reading = asyncio.ensure_future(terminal.run())
        container.screen = lambda: streams.size
        streams.resized = lambda: container.processes.catches(FIRST, "WINCH")
        keyboard = terminal.stdin
    else:
        reading = None
    try:
        while (data := await keyboard.read()) or not keyboard.closed:
            if data:
                await container.stdin.write(data)
            else:
                container.stdin.pause()
        if container.spec.get("stdinOnce"):
            container.stdin.close()
        return container.tty or not container.spec.get("stdinOnce")
    except BrokenPipeError:
        return False  # it does not want more
    finally:
        if reading is not None:
            await _end(reading)


async def _end(task: asyncio.Future[Any]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
