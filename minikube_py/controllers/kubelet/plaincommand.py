"""What a container's command plainly says of how long it runs and how it ends.

    ["sleep", "5"]                          5 s, then 0
    ["sh", "-c", "echo hi; exit 3"]         at once 3
    ["sh", "-c", "sleep 2 && false"]        2 s, then 1
    ["nginx", "-g", "daemon off;"]          nothing: it is not known what that does

Known are true, false, echo, printf, sleep, exit and `:`, by themselves or in a shell's list of such. Whatever else
stands in it, all of it is unknown.

Containers with such a command are run by the shell (cri.programs), which is what then counts. What is told here is for
those that nothing runs in: of pods whose annotations say how they end or stop, and of kubelets whose behaviours are not
the default ones, which have no shell.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

SHELLS = frozenset({"sh", "ash", "bash", "dash"})
CODES = {"true": 0, "false": 1, ":": 0, "echo": 0, "printf": 0}
"""Programs that end at once, and how."""

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_span = re.compile(r"(\d+(?:\.\d*)?|\.\d+)([smhd]?)").fullmatch
_OPERATORS = frozenset({";", "&&", "||"})
_PUNCTUATION = ";&|()<>"
_EXPANSIONS = frozenset("$`")


class Ending(NamedTuple):
    after: float | None
    """Seconds; None for never."""
    code: int = 0


class _Unknown(Exception):
    pass


@lru_cache(maxsize=4096)
def ending(command: tuple[str, ...]) -> Ending | None:
    """How a command with its arguments ends; None if that cannot be told."""
    try:
        if _program(command[0]) in SHELLS:
            options, script = command[1:-1], command[-1]
            if not options or not re.fullmatch(r"-[eux]*c", options[-1]) or len(options) > 1:
                return None
            return _run(script, "e" in options[-1])
        return None if _program(command[0]) == "exit" else _simple(command)
    except (_Unknown, ValueError):
        return None


def _program(path: str) -> str:
    return path.rpartition("/")[2]


def _simple(words: Sequence[str]) -> Ending:
    name = _program(words[0])
    if name == "sleep":
        return _sleep(words[1:])
    if name not in CODES:
        raise _Unknown
    return Ending(0.0, CODES[name])


def _sleep(spans: Sequence[str]) -> Ending:
    if list(spans) in (["infinity"], ["inf"]):
        return Ending(None)
    matches = [_span(span) for span in spans]
    if not matches or None in matches:
        return Ending(0.0, 1)
    return Ending(sum(float(match[1]) * _UNITS[match[2]] for match in matches if match is not None))


def _run(script: str, stop_on_error: bool) -> Ending:
    """A list of simple commands, one after the other. Raises _Unknown."""
    if _EXPANSIONS & set(script):
        raise _Unknown
    elapsed, code, operator = 0.0, 0, ";"
    for words, following in _parts(script):
        skipped = (operator == "&&" and code != 0) or (operator == "||" and code == 0)
        operator = following
        if skipped:
            continue
        if words[0] == "exit":
            return Ending(elapsed, _exit_code(words, code))
        done = _simple(words)
        if done.after is None:
            return done
        elapsed, code = elapsed + done.after, done.code
        if stop_on_error and code and following == ";":
            break
    return Ending(elapsed, code)


def _exit_code(words: Sequence[str], last: int) -> int:
    if len(words) == 1:
        return last
    if len(words) > 2 or not words[1].isdecimal():
        raise _Unknown
    return int(words[1]) % 256


def _parts(script: str) -> list[tuple[list[str], str]]:
    """The script's simple commands, each with the operator that follows it."""
    lexer = shlex.shlex(script.strip().replace("\n", " ; "), posix=True, punctuation_chars=_PUNCTUATION)
    lexer.whitespace_split = True
    parts: list[tuple[list[str], str]] = []
    words: list[str] = []
    for token in lexer:
        if token in _OPERATORS:
            if words:
                parts.append((words, token))
            words = []
        elif token and all(character in _PUNCTUATION for character in token):
            raise _Unknown
        else:
            words.append(token)
    if words:
        parts.append((words, ";"))
    if not parts:
        raise _Unknown
    return parts
