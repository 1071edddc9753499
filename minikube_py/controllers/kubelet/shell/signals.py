"""Commands of the shell about jobs and signals."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from minikube_py.controllers.kubelet.shell.session import Complaint
from minikube_py.controllers.kubelet.shell.state import Exit

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.shell.interpreter import Interpreter

NUMBERS = {
    "EXIT": 0,
    "HUP": 1,
    "INT": 2,
    "QUIT": 3,
    "ABRT": 6,
    "KILL": 9,
    "USR1": 10,
    "USR2": 12,
    "PIPE": 13,
    "ALRM": 14,
    "TERM": 15,
    "CHLD": 17,
    "CONT": 18,
    "STOP": 19,
    "WINCH": 28,
}
_NAMES = {str(number): name for name, number in NUMBERS.items()}
_UNCAUGHT = 127
"""Of a process that is not this shell's child."""


def name_of(text: str) -> str:
    """Of "TERM", "SIGTERM" or "15". Raises Complaint."""
    name = _NAMES.get(text, text.upper().removeprefix("SIG"))
    if name not in NUMBERS:
        raise Complaint(f"{text}: invalid signal specification")
    return name


async def trap(shell: Interpreter, argv: Sequence[str]) -> int:
    """trap [commands|-] signal ..."""
    words = [each for each in argv[1:] if each != "--"]
    traps = shell.state.traps
    if not words:
        for name, text in traps.items():
            await shell.session.say(f"trap -- {shlex.quote(text)} {name}\n")
        return 0
    action = "-" if len(words) == 1 else words.pop(0)
    for name in map(name_of, words):
        if action == "-":
            traps.pop(name, None)
        else:
            traps[name] = action
    shell.session.signals.trapped = set(traps) - {"EXIT", "KILL", "STOP"}
    return 0


async def wait(shell: Interpreter, argv: Sequence[str]) -> int:
    """wait [pid ...]: a signal that is caught ends it."""
    own = shell.pids
    wanted = [_pid(shell, each) for each in argv[1:]]
    known = [pid for pid in wanted if pid in own] if wanted else list(own)
    if not await shell.jobs.wait(known, shell.session.signals.arrival()):
        return 128 + NUMBERS["TERM"]
    if not wanted:
        own.clear()
        return 0
    return shell.jobs.status(wanted[-1]) if wanted[-1] in own else _UNCAUGHT


async def kill(shell: Interpreter, argv: Sequence[str]) -> int:
    """kill [-signal] pid ...: of this shell's jobs, and of itself."""
    words, name = list(argv[1:]), "TERM"
    if words[:1] == ["-s"]:
        name, words = name_of(words[1] if len(words) > 1 else ""), words[2:]
    elif words and words[0].startswith("-") and words[0] != "--":
        text = words.pop(0)[1:]
        name = "0" if text == "0" else name_of(text)
    if not words:
        raise Complaint("you need to specify whom to kill")
    code = 0
    for word in words:
        pid = _pid(shell, word)
        if pid == shell.state.pid:
            _to_itself(shell, name)
        elif not (shell.jobs.running(pid) if name == "0" else shell.jobs.kill(pid)):
            await shell.session.complain(f"sh: can't kill pid {word}: No such process")
            code = 1
    return code


def _to_itself(shell: Interpreter, name: str) -> None:
    if name != "0" and not shell.session.signals.send(name):
        raise Exit(128 + NUMBERS[name])


def _pid(shell: Interpreter, word: str) -> int:
    """Of "12" or of "%1", the first job. Raises Complaint."""
    number = word.removeprefix("%")
    if not (number.isascii() and number.isdigit()):
        raise Complaint(f"invalid number '{word}'")
    if word.startswith("%"):
        index = int(number) - 1
        return shell.pids[index] if 0 <= index < len(shell.pids) else -1
    return int(number)


async def jobs(shell: Interpreter, argv: Sequence[str]) -> int:
    for index, pid in enumerate(shell.pids):
        if shell.jobs.running(pid):
            await shell.session.say(f"[{index + 1}] {pid if '-p' in argv else 'Running'}\n")
    return 0


SIGNALLING = {"jobs": jobs, "kill": kill, "trap": trap, "wait": wait}
