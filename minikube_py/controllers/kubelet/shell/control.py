"""Commands of the shell that say where it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from minikube_py.controllers.kubelet.shell.session import Complaint
from minikube_py.controllers.kubelet.shell.state import Break, Continue, Exit, Failed, LoopControl, Return

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.shell.interpreter import Interpreter


async def nothing(shell: Interpreter, argv: Sequence[str]) -> int:
    return 0


async def mask(shell: Interpreter, argv: Sequence[str]) -> int:
    """umask, which is the usual one and stays so."""
    if len(argv) == 1:
        await shell.session.say("0022\n")
    return 0


async def leave(shell: Interpreter, argv: Sequence[str]) -> int:
    """exit [code]"""
    raise Exit(_number(argv, shell.state.status))


async def give_back(shell: Interpreter, argv: Sequence[str]) -> int:
    """return [code]"""
    raise Return(_number(argv, shell.state.status))


async def end_loop(shell: Interpreter, argv: Sequence[str]) -> int:
    """break [levels]"""
    return _leave_loops(shell, argv, Break)


async def next_round(shell: Interpreter, argv: Sequence[str]) -> int:
    """continue [levels]"""
    return _leave_loops(shell, argv, Continue)


def _leave_loops(shell: Interpreter, argv: Sequence[str], how: type[LoopControl]) -> int:
    levels = min(_number(argv, 1), shell.state.loops)
    if levels < 1:
        return 0
    raise how(levels)


async def execute(shell: Interpreter, argv: Sequence[str]) -> int:
    """exec program ...: nothing of the shell comes after it."""
    raise Exit(await shell.call(argv[1:], replace(shell.session, forked=True), {}, functions=False))


async def shift(shell: Interpreter, argv: Sequence[str]) -> int:
    count = _number(argv, 1)
    if count > len(shell.state.arguments):
        raise Complaint(f"can't shift that many: {count}")
    del shell.state.arguments[:count]
    return 0


def _number(argv: Sequence[str], otherwise: int) -> int:
    if len(argv) < 2:
        return otherwise
    if not (argv[1].isascii() and argv[1].isdigit() and len(argv[1]) < 10):
        raise Failed(f"{argv[0]}: Illegal number: {argv[1]}")
    return int(argv[1])


CONTROL = {
    ":": nothing,
    "break": end_loop,
    "continue": next_round,
    "exec": execute,
    "exit": leave,
    "hash": nothing,
    "return": give_back,
    "shift": shift,
    "umask": mask,
    "ulimit": nothing,
}
