"""Commands into the simulated network, as far as people try a Service with them: wget, curl, nc, nslookup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from minikube_py.controllers.kubelet.shell.commands.options import Options, needed, number, parse
from minikube_py.controllers.kubelet.shell.session import Complaint
from minikube_py.machinery.streams import read_all

if TYPE_CHECKING:
    import asyncio

    from aiohttp import ClientResponse, ClientSession

    from minikube_py.controllers.kubelet.shell.session import Command, Session


class Place(Protocol):
    """Where they are run: a container, as far as they need one."""

    async def resolve(self, host: str) -> str: ...

    async def connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]: ...

    def http(self) -> ClientSession: ...


def commands_of(place: Place) -> dict[str, Command]:
    """By name, as run there."""

    async def wget(session: Session, argv: Sequence[str]) -> int:
        options = parse(argv[1:], "qSs", "OTthd", _WGET_LONG)
        if not options.operands:
            raise Complaint("missing URL")
        return await _fetch(place, session, "wget", "POST" if "d" in options else "GET", "h", options)

    async def curl(session: Session, argv: Sequence[str]) -> int:
        options = parse(argv[1:], "sSfiILkv", "XHdom", _CURL_LONG)
        if not options.operands:
            raise Complaint("no URL specified!", 2)
        method = options.value("X", "HEAD" if "I" in options else "POST" if "d" in options else "GET")
        return await _fetch(place, session, "curl", method, "H", options)

    async def nslookup(session: Session, argv: Sequence[str]) -> int:
        needed(argv[1:], 1)
        await session.say("Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n")
        try:
            address = await place.resolve(argv[1])
        except OSError:
            await session.complain(f"** server can't find {argv[1]}: NXDOMAIN")
            return 1
        await session.say(f"Name:\t{argv[1]}\nAddress: {address}\n\n")
        return 0

    async def nc(session: Session, argv: Sequence[str]) -> int:
        options = parse(argv[1:], "zv", "w")
        needed(options.operands, 2)
        host, port = options.operands[:2]
        try:
            reader, writer = await place.connect(host, number(port))
        except OSError as error:
            await session.complain(f"nc: {error.strerror}")
            return 1
        if "z" not in options:
            writer.write(await read_all(session.stdin))
            writer.write_eof()
            while data := await reader.read(65536):
                await session.stdout.write(data)
        writer.close()
        return 0

    return {"wget": wget, "curl": curl, "nslookup": nslookup, "nc": nc}


_WGET_LONG = {"spider": "s", "timeout": "T", "header": "h", "post-data": "d"}
_CURL_LONG = {
    **{"silent": "s", "show-error": "S", "fail": "f", "include": "i", "head": "I", "location": "L", "insecure": "k"},
    **{"verbose": "v", "request": "X", "header": "H", "data": "d", "output": "o"},
    **{"max-time": "m", "connect-timeout": "m"},
}


def _header(text: str) -> tuple[str, str]:
    name, _, value = text.partition(":")
    return name.strip(), value.strip()


async def _fetch(place: Place, session: Session, name: str, method: str, header: str, options: Options) -> int:
    """One request; what it answers goes to standard output, or to a file. The exit codes are curl's and wget's."""
    from aiohttp import ClientError

    url = options.operands[0]
    headers, data = dict(map(_header, options.given.get(header, ()))), options.given.get("d", [None])[-1]
    if "://" not in url:
        url = f"http://{url}"
    try:
        async with place.http() as http:
            response = await http.request(method, url, headers=headers, data=data)
            body = await response.read()
    except (TimeoutError, ClientError, OSError) as error:
        cause = error.__cause__ or error
        await session.complain(f"{name}: {getattr(cause, 'strerror', None) or cause}")
        return 7 if name == "curl" else 1
    return await _show(session, name, response, body, options)


async def _show(session: Session, name: str, response: ClientResponse, body: bytes, options: Options) -> int:
    failed = response.status >= 400
    if name == "wget":
        if failed:
            await session.complain(f"wget: server returned error: HTTP/1.1 {response.status} {response.reason}")
            return 1
        target = options.value("O", response.url.name or "index.html")
        if "s" in options:
            return 0
    else:
        if failed and "f" in options:
            await session.complain(f"curl: (22) The requested URL returned error: {response.status}")
            return 22
        if "i" in options or "I" in options:
            lines = [f"HTTP/1.1 {response.status} {response.reason}"]
            lines += [f"{header}: {value}" for header, value in response.headers.items()]
            await session.say("\r\n".join([*lines, "", ""]))
        target = options.value("o", "-")
    if target == "-":
        await session.stdout.write(body)
    else:
        await session.files.write(session.path(target), body)
    return 0
