"""agnhost, the image that Kubernetes' end-to-end tests run as anything (test/images/agnhost): a program with a
subcommand for each, of which those are here that need nothing but files, a network and time.

agnhost netexec --http-port=80        in netexec.py
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from minikube_py.controllers.kubelet.cri.agnhost.certificate import CERTIFICATE
from minikube_py.controllers.kubelet.cri.agnhost.flags import Misused
from minikube_py.controllers.kubelet.cri.processes import FIRST

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.cri.container import Container
    from minikube_py.controllers.kubelet.shell.session import Command, Session

_NAMED = (
    *("connect", "entrypoint-tester", "grpc-health-checking", "guestbook", "inclusterclient", "liveness"),
    *("logs-generator", "mounttest", "netexec", "nonewprivs", "pause", "porter", "serve-hostname", "test-webserver"),
)
SUBCOMMANDS: Mapping[str, str] = {
    **{name: name.replace("-", "") for name in _NAMED},
    **dict.fromkeys(("dns-server-list", "dns-suffix", "etc-hosts"), "dns"),
}
"""With the module of each."""
FILES: Mapping[str, bytes] = {
    "/agnhost": b"",
    "/agnhost-2": b"",
    "/localhost.crt": CERTIFICATE,
    "/etc/os-release": b'NAME="Alpine Linux"\nID=alpine\n',
}
TERMINATED = 2
"""Exit code of a Go program that is a container's first, on a SIGTERM that it does not ask for."""
VERSION = "2.63.0"


def commands_of(container: Container) -> dict[str, Command]:
    return dict.fromkeys(("/agnhost", "/agnhost-2"), functools.partial(agnhost, container))


async def agnhost(container: Container, session: Session, argv: Sequence[str]) -> int:
    """agnhost [--version] subcommand [flag ...]"""
    name = argv[1] if len(argv) > 1 else ""
    if name == "--version":
        await session.say(f"app version {VERSION}\n")
        return 0
    if name not in SUBCOMMANDS:
        await session.complain(f'Error: unknown command "{name}" for "app"\nRun \'app --help\' for usage.')
        return 1
    module = import_module(f"{__name__}.{SUBCOMMANDS[name]}")
    try:
        code: int = await module.run(container, session, argv)
        return code
    except Misused as error:
        await session.complain(f"Error: {error}")
        return 1
    except asyncio.CancelledError:
        if session.pid != FIRST:
            raise
        return TERMINATED
