"""Commands into the simulated network, as far as people try a Service with them: wget, curl, nc, nslookup."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from minikube_py.controllers.kubelet.cri.curl import curl
from minikube_py.controllers.kubelet.cri.transfer import Place, within
from minikube_py.controllers.kubelet.cri.wget import wget
from minikube_py.controllers.kubelet.shell.commands.options import needed, number, parse
from minikube_py.controllers.kubelet.shell.session import Complaint
from minikube_py.machinery.streams import read_all

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.shell.session import Command, Session


def commands_of(place: Place) -> dict[str, Command]:
    """By name, as run there."""
    known = {"wget": wget, "curl": curl, "nslookup": nslookup, "nc": nc}
    return {name: functools.partial(command, place) for name, command in known.items()}


async def nslookup(place: Place, session: Session, argv: Sequence[str]) -> int:
    needed(argv[1:], 1)
    await session.say("Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n")
    try:
        address = await place.resolve(argv[1])
    except OSError:
        await session.complain(f"** server can't find {argv[1]}: NXDOMAIN")
        return 1
    await session.say(f"Name:\t{argv[1]}\nAddress: {address}\n\n")
    return 0


async def nc(place: Place, session: Session, argv: Sequence[str]) -> int:
    """nc [-tuvz] [-w seconds] [-p port] host port"""
    options = parse(argv[1:], "zvutnN", "wp")
    needed(options.operands, 2)
    host, port = options.operands[0], number(options.operands[1])
    seconds = number(options.value("w", "0")) or None
    connection = _nc_udp if "u" in options else _nc
    try:
        return await within(session, seconds, connection(place, session, host, port, "z" in options, "v" in options))
    except TimeoutError:
        if "u" in options:  # what was sent there may have got there
            return 0
        raise Complaint("timed out") from None


async def _nc_udp(place: Place, session: Session, host: str, port: int, only_look: bool, tell: bool) -> int:
    """Sends what it is given as one datagram, and is content with one answer."""
    try:
        listened = await place.receives_udp(host, port)
        if listened and tell:
            await session.complain(f"Connection to {host} {port} port [udp/*] succeeded!")
        if listened and not only_look:
            await session.stdout.write(await place.ask_udp(host, port, await read_all(session.stdin)))
    except ConnectionRefusedError:
        return 1
    except OSError as error:
        raise Complaint(f"{host}: {error.strerror}") from None
    return 0 if listened else 1


async def _nc(place: Place, session: Session, host: str, port: int, only_look: bool, tell: bool) -> int:
    try:
        address = await place.resolve(host)
    except OSError:
        raise Complaint(f"bad address '{host}'") from None
    try:
        reader, writer = await place.connect(address, port)
    except OSError as error:
        if not tell:  # busybox says nothing then
            return 1
        why = "Connection refused" if isinstance(error, ConnectionRefusedError) else error.strerror
        raise Complaint(f"{host} ({address}:{port}): {why}") from None
    try:
        if tell:
            await session.complain(f"{host} ({address}:{port}) open")
        if not only_look:
            writer.write(await read_all(session.stdin))
            writer.write_eof()
            while data := await reader.read(65536):
                await session.stdout.write(data)
    finally:
        writer.close()
    return 0
