"""Commands of the shell about its variables and options."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from minikube_py.controllers.kubelet.shell.endings import read_line
from minikube_py.controllers.kubelet.shell.fields import WHITESPACE
from minikube_py.controllers.kubelet.shell.session import decoded, encoded
from minikube_py.controllers.kubelet.shell.state import Failed, State

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.shell.interpreter import Interpreter

DECLARING = frozenset({"export", "local", "readonly"})
"""Their words name=value are assignments, whose values are not split."""
LETTERS = frozenset("aefhimnuvxbCE")
"""Options of `set` that are known; e, f, u, x and a do something."""
_OPTIONS = {"errexit": "e", "noglob": "f", "nounset": "u", "xtrace": "x", "allexport": "a", "pipefail": "pipefail"}
_identifier = re.compile(r"[A-Za-z_][A-Za-z0-9_]*").fullmatch


async def export(shell: Interpreter, argv: Sequence[str]) -> int:
    """export [-n] name[=value] ..."""
    if argv[1:] in ([], ["-p"]):
        for name, value in sorted(shell.state.environment().items()):
            await shell.session.say(f"export {name}={shlex.quote(value)}\n")
        return 0
    for word in argv[1:]:
        declared = _declared(shell.state, word)
        if declared is not None:
            shell.state.exported.add(declared)
            if "-n" in argv[1:2]:
                shell.state.exported.discard(declared)
    return 0


async def read_only(shell: Interpreter, argv: Sequence[str]) -> int:
    for word in argv[1:]:
        name = _declared(shell.state, word)
        if name is not None:
            shell.state.read_only.add(name)
    return 0


async def local(shell: Interpreter, argv: Sequence[str]) -> int:
    if not shell.state.locals:
        raise Failed("local: not in a function")
    for word in argv[1:]:
        name = word.partition("=")[0]
        shell.state.locals[-1].setdefault(name, shell.state.variables.get(name))
        _declared(shell.state, word)
    return 0


def _declared(state: State, word: str) -> str | None:
    """The variable of "name" or "name=value", assigned; None for an option. Raises Failed."""
    if word.startswith("-"):
        return None
    name, equals, value = word.partition("=")
    if not _identifier(name):
        raise Failed(f"{word}: bad variable name")
    if equals:
        state.assign(name, value)
    return name


async def unset(shell: Interpreter, argv: Sequence[str]) -> int:
    for word in argv[1:]:
        if argv[1] == "-f":
            shell.state.functions.pop(word, None)
        elif not word.startswith("-"):
            shell.state.unset(word)
    return 0


async def set_options(shell: Interpreter, argv: Sequence[str]) -> int:
    """set [-eux] [-o pipefail] [+e] [--] [arguments]"""
    if len(argv) == 1:
        for name, value in sorted(shell.state.variables.items()):
            await shell.session.say(f"{name}={shlex.quote(value)}\n")
        return 0
    rest = options(shell.state, argv[1:])
    if rest or "--" in argv[1:]:
        shell.state.arguments = rest
    return 0


def options(state: State, words: Sequence[str]) -> list[str]:
    """Takes what begins with - or +, and gives back the rest. Raises Failed."""
    at = 0
    while at < len(words) and len(words[at]) > 1 and words[at][0] in "-+":
        word = words[at]
        at += 1
        if word == "--":
            break
        for letter in word[1:]:
            if letter == "o":
                if at < len(words):
                    _switch(state, word[0], _OPTIONS.get(words[at], words[at]))
                    at += 1
            elif letter in LETTERS:
                _switch(state, word[0], letter)
            else:
                raise Failed(f"set: illegal option {word[0]}{letter}")
    return list(words[at:])


def _switch(state: State, sign: str, option: str) -> None:
    if sign == "-":
        state.options.add(option)
    else:
        state.options.discard(option)


async def read(shell: Interpreter, argv: Sequence[str]) -> int:
    """read [-r] [-p prompt] name ...: 1 at the end of input."""
    raw, names = False, list(argv[1:])
    while names and names[0].startswith("-"):
        option = names.pop(0)[1:]
        raw = raw or "r" in option
        if option.strip("rsp"):
            raise Failed(f"read: illegal option -{option}")
        if option.endswith("p") and names:
            await shell.session.stderr.write(encoded(names.pop(0)))
    line = decoded(await read_line(shell.session.stdin))
    while not raw and line.endswith("\\\n"):
        line = line[:-2] + decoded(await read_line(shell.session.stdin))
    ended = line.endswith("\n")
    line = line.rstrip("\n") if raw else re.sub(r"\\(.)", r"\1", line.rstrip("\n"))
    names = names or ["REPLY"]
    separators = shell.state.variables.get("IFS", " \t\n")
    for name, value in zip(names, _divided(line, separators, len(names)), strict=True):
        shell.state.assign(name, value)
    return 0 if ended else 1


def _divided(line: str, separators: str, count: int) -> list[str]:
    """Into so many; the last has all the rest."""
    blank = "".join(char for char in separators if char in WHITESPACE)
    other = "".join(char for char in separators if char not in WHITESPACE)
    line = line.strip(blank) if blank else line
    parts: list[str] = []
    while len(parts) + 1 < count and (match := _gap(blank, other).search(line)):
        parts.append(line[: match.start()])
        line = line[match.end() :]
    if parts and line[-1:] and line[-1] in other and not any(char in other for char in line[:-1]):
        line = line[:-1]
    return [*parts, line, *[""] * (count - len(parts) - 1)]


def _gap(blank: str, other: str) -> re.Pattern[str]:
    """What stands between two parts: a separator with blanks around it, or blanks."""
    blanks = f"[{re.escape(blank)}]" if blank else "(?!)"
    mark = f"[{re.escape(other)}]" if other else "(?!)"
    return re.compile(f"(?:{blanks})*{mark}(?:{blanks})*|(?:{blanks})+")


VARIABLES = {
    "export": export,
    "local": local,
    "read": read,
    "readonly": read_only,
    "set": set_options,
    "unset": unset,
}
