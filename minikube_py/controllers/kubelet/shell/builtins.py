"""Commands that change the shell they run in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from minikube_py.controllers.kubelet.shell import variables
from minikube_py.controllers.kubelet.shell.control import CONTROL
from minikube_py.controllers.kubelet.shell.launch import where
from minikube_py.controllers.kubelet.shell.session import Complaint, decoded
from minikube_py.controllers.kubelet.shell.signals import SIGNALLING
from minikube_py.controllers.kubelet.shell.state import Return

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.shell.interpreter import Interpreter

_ALSO_INSIDE = frozenset(("[", "echo", "false", "printf", "pwd", "test", "true"))
"""Programs that a real shell has in itself as well."""

Builtin = Callable[["Interpreter", Sequence[str]], Awaitable[int]]


async def change_directory(shell: Interpreter, argv: Sequence[str]) -> int:
    operands = [each for each in argv[1:] if each not in ("-L", "-P", "--")]
    target = operands[0] if operands else shell.state.variables.get("HOME", "/")
    session = shell.session
    if target == "-":
        target = shell.state.variables.get("OLDPWD", session.cwd)
        await session.say(f"{target}\n")
    path = session.path(target)
    if "-P" in argv:
        path = await session.files.real(path)
    try:
        if not (await session.files.stat(path)).is_dir:
            raise Complaint(f"can't cd to {target}: Not a directory", 2)
    except OSError as error:
        raise Complaint(f"can't cd to {target}: {error.strerror}", 2) from None
    shell.state.variables["OLDPWD"], shell.state.variables["PWD"] = session.cwd, path
    session.cwd = path
    return 0


async def evaluate(shell: Interpreter, argv: Sequence[str]) -> int:
    shell.state.status = 0
    await shell.lines(" ".join(argv[1:]))
    return shell.state.status


async def source(shell: Interpreter, argv: Sequence[str]) -> int:
    if len(argv) < 2:
        raise Complaint("filename argument required", 2)
    name = argv[1]
    try:
        text = decoded(await shell.session.files.read(shell.session.path(name)))
    except OSError as error:
        raise Complaint(f"can't open '{name}': {error.strerror}", 2) from None
    shell.state.status = 0
    try:
        await shell.lines(text)
    except Return as returned:
        return returned.code
    return shell.state.status


async def command(shell: Interpreter, argv: Sequence[str]) -> int:
    """command [-v|-V] name ..."""
    if argv[1:2] not in (["-v"], ["-V"]):
        operands = argv[2:] if argv[1:2] in (["-p"], ["--"]) else argv[1:]
        return await shell.call(operands, shell.session, {}, functions=False) if operands else 0
    code = 0
    for name in argv[2:]:
        found = name if _is_own(shell, name) else await where(shell.session, name)
        if found is None:
            code = 127
        else:
            await shell.session.say(f"{found}\n")
    return code


async def kind(shell: Interpreter, argv: Sequence[str]) -> int:
    """type name ..."""
    code = 0
    for name in argv[1:]:
        if name in shell.state.functions:
            await shell.session.say(f"{name} is a shell function\n")
        elif _is_own(shell, name):
            await shell.session.say(f"{name} is a shell builtin\n")
        elif (path := await where(shell.session, name)) is not None:
            await shell.session.say(f"{name} is {path}\n")
        else:
            await shell.session.complain(f"{name}: not found")
            code = 127
    return code


def _is_own(shell: Interpreter, name: str) -> bool:
    return name in shell.state.functions or name in BUILTINS or name in _ALSO_INSIDE


BUILTINS: Mapping[str, Builtin] = {
    ".": source,
    "source": source,
    "cd": change_directory,
    "command": command,
    "eval": evaluate,
    "type": kind,
    **CONTROL,
    **SIGNALLING,
    **variables.VARIABLES,
}
