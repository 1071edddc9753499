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
    """kill [-signal] pid ...: this shell itself, its jobs (%1), and whatever else runs."""
    (name, number), words = signal_and_pids(argv[1:])
    if not words:
        raise Complaint("you need to specify whom to kill")
    code = 0
    for word in words:
        pid = _pid(shell, word)
        process = shell.session.processes.get(pid)
        if pid == shell.session.pid:
            _to_itself(shell, name)
        elif process is None:
            await shell.session.complain(f"{shell.session.shell}: can't kill pid {word}: No such process")
            code = 1
        elif number:
            process.send(name, number)
    return code


def signal_and_pids(words: Sequence[str]) -> tuple[tuple[str, int], list[str]]:
    """Of "-TERM 12", "-s TERM 12", "-15 12" or "12": the name and number of the signal, "0" for none, and to whom.
    Raises Complaint."""
    rest, name = list(words), "TERM"
    if rest[:1] == ["-s"]:
        name, rest = rest[1] if len(rest) > 1 else "", rest[2:]
    elif rest and rest[0].startswith("-") and rest[0] != "--":
        name = rest.pop(0)[1:]
    rest = rest[1:] if rest[:1] == ["--"] else rest
    if name == "0":
        return ("0", 0), rest
    name = name_of(name)
    return (name, NUMBERS[name]), rest


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
