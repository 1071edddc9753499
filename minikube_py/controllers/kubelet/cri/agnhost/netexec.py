"""agnhost netexec: answers questions over HTTP and UDP, runs commands, and asks others."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson
from aiohttp import web

from minikube_py.controllers.kubelet.cri.agnhost.dialing import dial
from minikube_py.controllers.kubelet.cri.agnhost.flags import Flags, parse
from minikube_py.controllers.kubelet.cri.agnhost.golog import log
from minikube_py.controllers.kubelet.cri.agnhost.http import Handler, redirect, remote, routed, text, values_of
from minikube_py.machinery import duration

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.cri.container import Container
    from minikube_py.controllers.kubelet.shell.session import Session

FLAGS = {
    **{"http-port": 8080, "udp-port": 8081, "sctp-port": -1, "tls-cert-file": "", "tls-private-key-file": ""},
    **{"http-override": "", "udp-listen-addresses": "", "delay-shutdown": 0},
}
UPLOADS = "/uploads"
DISABLED = -1


async def run(container: Container, session: Session, argv: Sequence[str]) -> int:
    flags, _ = parse(argv[2:], FLAGS)
    server = Netexec(container, session, flags)
    if flags["udp-port"] != DISABLED:
        container.serve_udp(flags["udp-port"], server.datagram)
        await log(session, f"Started UDP server on port  {flags['udp-port']}")
    await container.serve_http(flags["http-port"], server.handler())
    await log(session, f"Started HTTP server on port {flags['http-port']}")
    try:
        return await server.leaving
    except asyncio.CancelledError:
        server.terminating = True
        if flags["delay-shutdown"] > 0:
            await log(session, f"Sleeping {flags['delay-shutdown']} seconds before terminating...")
            await session.sleep(flags["delay-shutdown"])
        return 0


class Netexec:
    """`leaving` is done with the exit code once somebody has asked it to go."""

    def __init__(self, container: Container, session: Session, flags: Flags) -> None:
        self._container = container
        self._session = session
        self._flags = flags
        self.terminating = False
        self.leaving: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def handler(self) -> Handler:
        routes = self._routes()
        if self._flags["http-override"]:
            overridden = urlsplit(self._flags["http-override"])
            routes = {"/": functools.partial(_instead, routes.get(overridden.path, routes["/"]), overridden.geturl())}
        return routed(routes)

    def _routes(self) -> Mapping[str, Handler]:
        return {
            "/": self._root,
            "/clientip": lambda request: self._say("GET /clientip", remote(request)),
            "/serverport": lambda request: self._say("GET /serverport", str(self._flags["http-port"])),
            "/hostname": lambda request: self._say("GET /hostname", self._session.hostname),
            "/hostName": lambda request: self._say("GET /hostName", self._session.hostname),
            "/header": self._header,
            "/dial": self._dial,
            "/echo": self._echo,
            "/exit": self._exit,
            "/shutdown": self._shutdown,
            "/healthz": lambda request: self._say("GET /healthz", "", 200 if self._ready else 412),
            "/readyz": self._readyz,
            "/redirect": self._redirect,
            "/shell": self._shell,
            "/upload": self._upload,
        }

    @property
    def _ready(self) -> bool:
        """Whether UDP is served."""
        return bool(self._flags["udp-port"] != DISABLED)

    async def _say(self, told: str, body: str, status: int = 200) -> web.Response:
        await log(self._session, told)
        return text(body, status)

    async def _root(self, request: web.BaseRequest) -> web.Response:
        when = datetime.fromtimestamp(self._session.now(), UTC)
        return await self._say("GET /", f"NOW: {when:%Y-%m-%d %H:%M:%S.%f} +0000 UTC")

    async def _header(self, request: web.BaseRequest) -> web.Response:
        key = (await values_of(request)).get("key", "")
        if key:
            return await self._say(f"GET /header?key={key}", request.headers.get(key, ""))
        found: dict[str, list[str]] = {}
        for name, value in request.headers.items():
            if name.title() != "Host":
                found.setdefault(name.title(), []).append(value)
        return await self._say("GET /header", orjson.dumps(found, option=orjson.OPT_SORT_KEYS).decode())

    async def _dial(self, request: web.BaseRequest) -> web.Response:
        return await dial(self._container, self._session, request.query)

    async def _echo(self, request: web.BaseRequest) -> web.Response:
        values = await values_of(request)
        message, code = values.get("msg", ""), values.get("code", "")
        await log(self._session, f"GET /echo?msg={message}&code={code}")
        if code and not _is_number(code):
            return text(f"argument 'code' must be an integer or empty, got \"{code}\"\n")
        return text(message, int(code or 200))

    async def _exit(self, request: web.BaseRequest) -> web.StreamResponse:
        values = await values_of(request)
        code, timeout, wait = (values.get(name, "") for name in ("code", "timeout", "wait"))
        await log(self._session, f"GET /exit?code={code}&timeout={timeout}&wait={wait}")
        for name, value in (("timeout", timeout), ("wait", wait)):
            if value and not _is_duration(value):
                return text(f"argument '{name}' must be a valid golang duration or empty, got \"{value}\"\n")
        if code and not _is_number(code):
            return text(f"argument 'code' must be an integer [0-127] or empty, got \"{code}\"\n")
        if seconds := duration.parse(wait or "0"):
            await self._session.sleep(seconds)
        if not duration.parse(timeout or "0"):
            return await self._leave(int(code or 0))
        asyncio.get_running_loop().call_soon(self._leave_with, int(code or 0))
        return text("")

    async def _shutdown(self, request: web.BaseRequest) -> web.StreamResponse:
        await log(self._session, "GET /shutdown")
        return await self._leave(0)

    async def _leave(self, code: int) -> web.StreamResponse:
        """Without a word: the process is gone before it answers."""
        self._leave_with(code)
        never: asyncio.Future[web.StreamResponse] = asyncio.get_running_loop().create_future()
        return await never

    def _leave_with(self, code: int) -> None:
        if not self.leaving.done():
            self.leaving.set_result(code)

    async def _readyz(self, request: web.BaseRequest) -> web.Response:
        if self.terminating:
            return await self._say("GET /readyz", "shutting down", 503)
        return await self._say("GET /readyz", *(("ok", 200) if self._ready else ("", 412)))

    async def _redirect(self, request: web.BaseRequest) -> web.Response:
        values = await values_of(request)
        location, code = values.get("location", ""), values.get("code", "")
        await log(self._session, f"{request.method} /redirect?msg={location}&code={code}")
        if code and not _is_number(code):
            return text(f"argument 'code' must be an integer or empty, got \"{code}\"\n")
        return redirect(request, location, int(code or 302))

    async def _shell(self, request: web.BaseRequest) -> web.Response:
        from minikube_py.controllers.kubelet.shell import run
        from minikube_py.controllers.kubelet.shell.endings import Gathered

        values = await values_of(request)
        command = values.get("shellCommand") or values.get("cmd", "")
        await log(self._session, f"GET /shell?cmd={command}")
        said, session = Gathered(), self._container.session()
        session.stdout = session.stderr = said
        code = await run(session, ["/bin/sh", "-c", command])
        output = {"output": said.data.decode("utf-8", "replace")} if said.data else {}
        if code:
            output["error"] = f"exit status {code}"
        await log(self._session, f"Output: map[{' '.join(f'{key}:{value}' for key, value in output.items())}]")
        return text(orjson.dumps(output).decode())

    async def _upload(self, request: web.BaseRequest) -> web.Response:
        await log(self._session, "GET /upload")
        file = (await request.post()).get("file") if request.can_read_body else None
        if not isinstance(file, web.FileField):
            return text(orjson.dumps({"error": "Unable to upload file."}).decode())
        files = self._session.files
        await files.mkdir(UPLOADS, parents=True)
        path = f"{UPLOADS}/upload{len(await files.listdir(UPLOADS)):09}"
        await files.write(path, file.file.read())
        await files.change(path, 0o700)
        await log(self._session, f"Wrote upload to {path}")
        return text(orjson.dumps({"output": path}).decode(), 201)

    async def datagram(self, data: bytes, client: tuple[str, int]) -> bytes | None:
        """The answer to a command that came over UDP."""
        command, source = data.decode("utf-8", "replace").strip().lower(), f"{client[0]}:{client[1]}"
        if command == "hostname":
            told, answer = "Sending udp hostName response", self._session.hostname
        elif command.startswith("echo "):
            answer = command[5:]
            told = f"Echoing {answer} to UDP client {source}\n"
        elif command == "clientip":
            told, answer = f"Sending clientip back to UDP client {source}\n", source
        elif command == "serverport":
            answer = str(self._flags["udp-port"])
            told = f"Sending server port to UDP client {answer}\n"
        else:
            if command:
                await log(self._session, f"Unknown UDP command received from {source}: {command}\n")
            return None
        await log(self._session, told)
        return answer.encode()


async def _instead(handler: Handler, url: str, request: web.BaseRequest) -> web.StreamResponse:
    """Answer as if another URL had been asked for, plainly."""
    return await handler(request.clone(method="GET", rel_url=url))


def _is_number(text: str) -> bool:
    return text.removeprefix("-").isdecimal()


def _is_duration(text: str) -> bool:
    try:
        duration.parse(text)
    except ValueError:
        return False
    return True
