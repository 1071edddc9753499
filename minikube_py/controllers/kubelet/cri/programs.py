"""Which program a container runs as: its image's, or what the default shell makes of its command.

image bound to a coroutine                          that coroutine
["sh", "-c", "echo hi; sleep 5; exit 3"]            the shell, for it knows all of these words
nothing, or a bare shell, with stdin: true          an interactive shell
["nginx", "-g", "daemon off;"]                      the shell in nginx's image, which has that command
nothing, of the image agnhost                       what such an image starts with: imageconfig
["postgres", "-c", "fsync=off"]                     none: nobody knows what that does, so it just is there
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from minikube_py.controllers.kubelet.cri.container import Container
from minikube_py.controllers.kubelet.cri.environment import expanded
from minikube_py.controllers.kubelet.cri.imageconfig import argv_of, config_of
from minikube_py.controllers.kubelet.cri.images import Images, Program
from minikube_py.controllers.kubelet.cri.processes import FIRST
from minikube_py.machinery.gvr import Object

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.shell.session import Session

SHELLS = frozenset({"sh", "ash", "bash", "dash"})
PROMPT = "/ # "
NETWORK_COMMANDS = frozenset({"wget", "curl", "nslookup", "nc", "dig", "getent"})
MACHINE_COMMANDS = frozenset({"ip", "mount", "ping", "sysctl"})
"""What netcommands and machinecommands add to the shell's own, told here so that nothing of these is loaded before it
is run."""


def program_of(container: Object, images: Images, default_shell: bool) -> Program | None:
    """None for a container that nothing is to be run for."""
    bound = images.find(container["image"])
    if bound is not None or not default_shell:
        return bound
    argv = _told(container)
    if not argv:
        return _interactive if container.get("stdin") else None
    if is_shell(argv):
        return _interactive if container.get("stdin") else _nothing_to_do
    return _shell if is_understood(argv, config_of(container["image"]).programs) else None


def _told(container: Object) -> tuple[str, ...]:
    """What it starts with, as far as it is told without its environment: of a variable that is taken from elsewhere,
    any word."""
    argv = argv_of(container)
    if not any("$(" in word for word in argv):
        return argv
    return expanded(argv, {each["name"]: each.get("value") or "x" for each in container.get("env") or ()})


def is_shell(argv: Sequence[str]) -> bool:
    """Whether it is a shell and nothing else, which is to read what it is to do."""
    return len(argv) == 1 and argv[0].rpartition("/")[2] in SHELLS


@lru_cache(maxsize=4096)
def is_understood(argv: tuple[str, ...], programs: frozenset[str] = frozenset()) -> bool:
    """Whether the default shell knows all that a command runs, with the programs of its image."""
    from minikube_py.controllers.kubelet.shell import understands

    return understands(argv, NETWORK_COMMANDS | MACHINE_COMMANDS | programs)


async def _shell(container: Container) -> int:
    from minikube_py.controllers.kubelet.shell import run

    return await run(_first(container), container.argv)


def _first(container: Container) -> Session:
    """Of the container's own process."""
    session = container.session()
    session.stdin, session.stdout, session.stderr = container.stdin, container.stdout, container.stderr
    session.pid, session.forked = FIRST, True
    return session


async def _nothing_to_do(container: Container) -> int:
    """A shell whose input has ended."""
    return 0


def _unknown() -> tuple[int, int]:
    """Columns and rows of a terminal that nobody has attached."""
    return 0, 0


async def _interactive(container: Container) -> int:
    from minikube_py.controllers.kubelet.shell import interactive
    from minikube_py.controllers.kubelet.shell.forking import as_process

    session = _first(container)
    if container.tty:
        container.interrupt = lambda: session.signals.send("INT")
        session.screen = lambda: (container.screen or _unknown)()
    prompt = PROMPT if container.tty else ""
    return await as_process(session, container.argv or ("sh",), lambda own: interactive(own, prompt))
