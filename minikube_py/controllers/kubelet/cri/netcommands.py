"""Commands into the simulated network, as far as people try a Service with them: wget, curl, nc, nslookup."""

from __future__ import annotations

import asyncio
import getopt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from minikube_py.machinery.streams import read_all

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

    from minikube_py.controllers.kubelet.shell.session import Command, Session


NAMES = frozenset({"wget", "curl", "nslookup", "nc"})


class Place(Protocol):
    """Where they are run: a container, as far as they need one."""

    async def resolve(self, host: str) -> str: ...

    async def connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]: ...

    def http(self) -> ClientSession: ...


def commands_of(place: Place) -> dict[str, Command]:
    """By name, as run in that place."""

    async def wget(session: Session, argv: Sequence[str]) -> int:
        options, urls = getopt.gnu_getopt(list(argv[1:]), "qSO:T:t:", ["spider", "timeout=", "header=", "post-data="])
        chosen = dict(options)
        if not urls:
            await session.complain("wget: missing URL")
            return 1
        headers = dict(_header(value) for name, value in options if name == "--header")
        data = chosen.get("--post-data")
        return await _fetch(place, session, "wget", urls[0], "POST" if data else "GET", headers, data, chosen)

    async def curl(session: Session, argv: Sequence[str]) -> int:
        options, urls = getopt.gnu_getopt(list(argv[1:]), "sSfiILkvX:H:d:o:m:", _CURL_LONG)
        chosen = {_SHORT.get(name, name): value for name, value in options}
        if not urls:
            await session.complain("curl: no URL specified!")
            return 2
        headers = dict(_header(value) for name, value in options if name in ("-H", "--header"))
        data = chosen.get("-d")
        method = chosen.get("-X") or ("HEAD" if "-I" in chosen else "POST" if data is not None else "GET")
        return await _fetch(place, session, "curl", urls[0], method, headers, data, chosen)

    async def nslookup(session: Session, argv: Sequence[str]) -> int:
        await session.say("Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n")
        try:
            address = await place.resolve(argv[1])
        except OSError:
            await session.complain(f"** server can't find {argv[1]}: NXDOMAIN")
            return 1
        await session.say(f"Name:\t{argv[1]}\nAddress: {address}\n\n")
        return 0

    async def nc(session: Session, argv: Sequence[str]) -> int:
        options, where = getopt.gnu_getopt(list(argv[1:]), "zvw:")
        try:
            reader, writer = await place.connect(where[0], int(where[1]))
        except OSError as error:
            await session.complain(f"nc: {error.strerror}")
            return 1
        if "-z" not in dict(options):
            writer.write(await read_all(session.stdin))
            writer.write_eof()
            while data := await reader.read(65536):
                await session.stdout.write(data)
        writer.close()
        return 0

    return {"wget": wget, "curl": curl, "nslookup": nslookup, "nc": nc}


_CURL_LONG = [
    *("silent", "show-error", "fail", "include", "head", "location", "insecure", "verbose"),
    *("request=", "header=", "data=", "output=", "max-time=", "connect-timeout="),
]
_SHORT = {
    "--silent": "-s",
    "--fail": "-f",
    "--include": "-i",
    "--head": "-I",
    "--request": "-X",
    "--data": "-d",
    "--output": "-o",
    "--max-time": "-m",
    "-T": "-m",
    "--timeout": "-m",
}


def _header(text: str) -> tuple[str, str]:
    name, _, value = text.partition(":")
    return name.strip(), value.strip()


async def _fetch(
    place: Place,
    session: Session,
    name: str,
    url: str,
    method: str,
    headers: dict[str, str],
    data: str | None,
    options: dict[str, str],
) -> int:
    """One request; what it answers goes to standard output, or to a file. The exit codes are curl's and wget's."""
    from aiohttp import ClientError

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


async def _show(session: Session, name: str, response: ClientResponse, body: bytes, options: dict[str, str]) -> int:
    failed = response.status >= 400
    if name == "wget":
        if failed:
            await session.complain(f"wget: server returned error: HTTP/1.1 {response.status} {response.reason}")
            return 1
        target = options.get("-O") or response.url.name or "index.html"
        if "--spider" in options:
            return 0
    else:
        if failed and "-f" in options:
            await session.complain(f"curl: (22) The requested URL returned error: {response.status}")
            return 22
        if "-i" in options or "-I" in options:
            lines = [f"HTTP/1.1 {response.status} {response.reason}"]
            lines += [f"{header}: {value}" for header, value in response.headers.items()]
            await session.say("\r\n".join([*lines, "", ""]))
        target = options.get("-o", "-")
    if target == "-":
        await session.stdout.write(body)
    else:
        await session.files.write(session.path(target), body)
    return 0
