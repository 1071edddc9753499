"""What a program sees of the container that it runs as."""

from __future__ import annotations

import asyncio
import functools
import inspect
import traceback
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from minikube_py.controllers.kubelet.cri.clusterdns import LookUp
from minikube_py.controllers.kubelet.cri.datagrams import Receiver
from minikube_py.controllers.kubelet.cri.filesystem import Files
from minikube_py.controllers.kubelet.cri.imageconfig import config_of
from minikube_py.controllers.kubelet.cri.log import ContainerLog, LogWriter
from minikube_py.controllers.kubelet.cri.network import Handler, Network, StreamServer
from minikube_py.controllers.kubelet.cri.process import KILLED
from minikube_py.controllers.kubelet.cri.processes import FIRST, OUTSIDE, Processes
from minikube_py.controllers.kubelet.cri.user import user_of
from minikube_py.controllers.kubelet.cri.wires import Sockets
from minikube_py.controllers.kubelet.image import program_name
from minikube_py.machinery.clock import Clock, next_turn
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.streams import Pipe

if TYPE_CHECKING:
    from aiohttp import ClientSession, web

    from minikube_py.controllers.kubelet.shell.session import Command, Session

HttpHandler = Callable[["web.BaseRequest"], Awaitable["web.StreamResponse"]]
LOOPBACK = "127.0.0.1"
IMPATIENCE = 0.001
"""Real seconds that a server's end waits for requests which their own end does not end."""
Resolve = Callable[[str, str], Awaitable[str]]
"""The address of a name, as seen from a namespace. Raises OSError."""


class Container:
    """One life of a container: made when it starts, gone when it ends.

    async def hello(container: Container) -> None:
        container.print("listening on 8080")
        await container.serve_http(8080, lambda request: web.Response(text="Hello"))
        await container.forever()

    SIGTERM is asyncio's cancellation: catch CancelledError to end in good order, within the pod's grace period.
    """

    def __init__(
        self,
        pod: Object,
        spec: Object,
        *,
        env: dict[str, str],
        argv: tuple[str, ...],
        files: Files,
        log: ContainerLog,
        clock: Clock,
        network: Network,
        address: str,
        resolve: Resolve,
        look_up: LookUp,
    ) -> None:
        self.pod = pod
        """As it was when the container started; read-only."""
        self.spec = spec
        """Its own part of the pod's spec; read-only."""
        self.name: str = spec["name"]
        self.image: str = spec["image"]
        self.argv = argv
        """The container's command and args, with $(NAME) replaced, or what is known of its image's own; else ()."""
        self.env = env
        self.files = files
        """What it sees as files: mounted ConfigMaps and Secrets, volumes that it shares, a root of its own."""
        self.stdin = Pipe()
        """What attached clients type; at its end from the start unless the container wants stdin."""
        self.stdout: LogWriter = log.stdout
        self.stderr: LogWriter = log.stderr
        self.tty = bool(spec.get("tty"))
        self.interrupt: Callable[[], object] = lambda: None
        """What Ctrl-C does at a terminal that is attached: nothing, as the first process there feels no signal that it
        does not catch."""
        self.screen: Callable[[], tuple[int, int]] | None = None
        """Columns and rows of the terminal that is attached."""
        self.hostname: str = env.get("HOSTNAME", pod["metadata"]["name"])
        self.address = address
        """The pod's."""
        self.processes = Processes()
        """The first is its own, whatever runs as that."""
        self.processes.start(argv or (program_name(self.image),), OUTSIDE, clock.now(), self.tty)
        self.commands: dict[str, Command] = {}
        """What `kubectl exec` and exec probes find in it beside the shell's own, by name."""
        self._clock = clock
        self._network = network
        self._resolve = resolve
        self.look_up = look_up
        """What the cluster's DNS says to a whole name and a kind of record."""
        self._sockets = Sockets()
        self._guests: set[asyncio.Task[Any]] = set()
        self._closers: list[Callable[[], Any]] = []
        if not spec.get("stdin"):
            self.stdin.close()

    # Time and output

    def now(self) -> float:
        """Unix seconds of the cluster's clock."""
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        """On the cluster's clock: virtual time passes at once."""
        await self._clock.sleep(seconds)

    async def forever(self) -> None:
        """Until it is stopped."""
        await asyncio.get_running_loop().create_future()

    def print(self, *words: object) -> None:
        """A line to standard output, which is the container's log."""
        self.stdout.write_now(" ".join(map(str, words)).encode() + b"\n")

    # The network

    def serve(self, port: int, handler: Handler) -> None:
        """Answer connections to a port as asyncio.start_server does, until the container ends: it ends them too. What
        the handler raises is written to standard error. Raises OSError."""
        server = StreamServer(self._told(handler))
        self._closers.append(server.close)
        self._network.listen(self.address, port, server, self._sockets)

    def _told(self, handler: Handler) -> Handler:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await handler(reader, writer)
            except ConnectionError:
                writer.close()
            except Exception:
                self.stderr.write_now(traceback.format_exc().encode())
                writer.close()

        return serve

    async def serve_http(self, port: int, handler: HttpHandler | web.Application) -> None:
        """Answer HTTP with aiohttp: by an application, or by one coroutine function for all. Whoever hangs up ends the
        request. Raises OSError."""
        from aiohttp import web

        from minikube_py.controllers.kubelet.cri.httpserver import half_open

        server: Any
        if isinstance(handler, web.Application):
            runner = web.AppRunner(handler, access_log=None, handler_cancellation=True, shutdown_timeout=IMPATIENCE)
            await runner.setup()
            server = runner.server
            self._closers.append(runner.cleanup)
        else:
            server = web.Server(handler, access_log=None, handler_cancellation=True)
            self._closers.append(functools.partial(server.shutdown, IMPATIENCE))
        self._network.listen(self.address, port, half_open(server), self._sockets)

    def serve_udp(self, port: int, receiver: Receiver) -> None:
        """Answer datagrams until the container ends, with what the coroutine function returns; None is no answer.
        Raises OSError."""
        self._network.datagrams.listen(self.address, port, receiver, self._sockets)

    async def ask_udp(self, host: str, port: int, data: bytes) -> bytes:
        """Send a datagram, and wait for the answer, for ever if there is none. Raises OSError."""
        return await self._network.datagrams.ask(self.address, await self.resolve(host), port, data)

    async def receives_udp(self, host: str, port: int) -> bool:
        """Whether somebody listens there. Raises OSError."""
        return self._network.datagrams.receives(self.address, await self.resolve(host), port)

    async def connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """To a Service, a pod or an address, as asyncio.open_connection. Raises OSError."""
        return await self._network.open(self.address, await self.resolve(host), port, self._sockets)

    async def resolve(self, host: str) -> str:
        """The address of a name: "web", "web.shop", "web.shop.svc.cluster.local", "localhost". Raises OSError."""
        if host == "localhost" or host.startswith("127."):
            return LOOPBACK
        return await self._resolve(host, self.pod["metadata"]["namespace"])

    def http(self) -> ClientSession:
        """An aiohttp client whose hosts are the cluster's: `async with container.http() as http: ...`."""
        from aiohttp import ClientSession

        from minikube_py.client.dialing import DialingConnector

        async def dial(host: str, port: int, protocol: asyncio.Protocol) -> None:
            await self._network.dial(self.address, await self.resolve(host), port, protocol, self._sockets)

        session = ClientSession(connector=DialingConnector(dial))
        session._retry_connection = False  # who asks sees connections break, and is heard once
        return session

    # Commands

    async def run(self, *argv: str) -> int:
        """Run a command of the default shell with the container's own streams; its exit code."""
        from minikube_py.controllers.kubelet.shell import run

        session = self.session()
        session.stdin, session.stdout, session.stderr = self.stdin, self.stdout, self.stderr
        session.pid = FIRST
        return await run(session, argv)

    def session(self, extra: Mapping[str, Command] | None = None) -> Session:
        """Where the default shell runs in it, as a process from outside; streams are yet to be given."""
        from minikube_py.controllers.kubelet.cri.machinecommands import machine_commands
        from minikube_py.controllers.kubelet.cri.netcommands import commands_of
        from minikube_py.controllers.kubelet.shell import COMMANDS
        from minikube_py.controllers.kubelet.shell.session import Session

        empty = Pipe()
        empty.close()
        own = config_of(self.image).commands(self)
        return Session(
            env=dict(self.env),
            cwd=self.spec.get("workingDir") or "/",
            files=self.files,
            stdin=empty,
            stdout=self.stdout,
            stderr=self.stderr,
            hostname=self.hostname,
            user=user_of(self.pod["spec"], self.spec),
            now=self.now,
            sleep=self.sleep,
            processes=self.processes,
            commands={
                **COMMANDS,
                **commands_of(self),
                **machine_commands(self),
                **own,
                **(extra or {}),
                **self.commands,
            },
        )

    def join(self) -> None:
        """Whoever runs this is one more process in it: the container's end kills it."""
        guest = asyncio.current_task()
        assert guest is not None
        self._guests.add(guest)
        guest.add_done_callback(self._guests.discard)

    async def host(self, work: Coroutine[Any, Any, int]) -> int:
        """Run one more process in it, to its exit code; the container's end kills it."""
        guest = asyncio.ensure_future(work)
        self._guests.add(guest)
        try:
            return await guest
        except asyncio.CancelledError:
            if guest in self._guests:
                raise
            return KILLED
        finally:
            self._guests.discard(guest)

    async def close(self) -> None:
        """It has ended: nobody answers any more, its connections are closed, its processes killed. Idempotent. Raises
        ExceptionGroup, when all that can be closed is."""
        closers: Sequence[Callable[[], Any]] = self._closers[::-1]
        self._closers.clear()
        guests, self._guests = self._guests, set()
        for guest in guests:
            guest.cancel()
        self._sockets.close()
        await next_turn()  # in which those who serve them learn of it
        failed: list[Exception] = []
        for closer in closers:
            try:
                closed = closer()
                if inspect.isawaitable(closed):
                    await closed
            except Exception as error:
                failed.append(error)
        if failed:
            raise ExceptionGroup(f"what container {self.name} had open did not close", failed)
