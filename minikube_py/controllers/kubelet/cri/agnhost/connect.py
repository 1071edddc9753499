"""agnhost connect: whether one gets somewhere by TCP or UDP, and if not, in one word why not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from minikube_py.controllers.kubelet.cri.agnhost.flags import Duration, parse
from minikube_py.controllers.kubelet.cri.transfer import within

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.cri.container import Container
    from minikube_py.controllers.kubelet.shell.session import Session

FLAGS = {"timeout": Duration(0), "protocol": "tcp", "udp-data": "hostname", "sctp-data": "hostname"}


async def run(container: Container, session: Session, argv: Sequence[str]) -> int:
    flags, (place,) = parse(argv[2:], FLAGS, operands=1)
    if flags["protocol"] not in ("", "tcp", "udp"):
        return await _refused(session, f"Unsupported protocol\n{flags['protocol']}")
    host, colon, port = place.rpartition(":")
    if not colon or not port.isdecimal():
        return await _refused(session, f"UNKNOWN: address {place}: missing port in address")
    try:
        address = await container.resolve(host.strip("[]"))
    except OSError as error:
        return await _refused(session, f"DNS: {error.strerror}")
    work = (
        _by_udp(container, address, int(port), flags["udp-data"])
        if flags["protocol"] == "udp"
        else _by_tcp(container, address, int(port))
    )
    try:
        await within(session, flags["timeout"] or None, work)
    except TimeoutError:
        return await _refused(session, "TIMEOUT")
    except ConnectionRefusedError:
        return await _refused(session, "REFUSED")
    except OSError as error:
        return await _refused(session, f"OTHER: {error.strerror}")
    return 0


async def _by_tcp(container: Container, address: str, port: int) -> None:
    _, writer = await container.connect(address, port)
    writer.close()


async def _by_udp(container: Container, address: str, port: int, data: str) -> None:
    await container.ask_udp(address, port, f"{data}\n".encode())


async def _refused(session: Session, why: str) -> int:
    await session.complain(why)
    return 1
