"""Whether a command consists of nothing but what this shell knows, told without running anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from minikube_py.controllers.kubelet.shell.builtins import BUILTINS
from minikube_py.controllers.kubelet.shell.commands import sed
from minikube_py.controllers.kubelet.shell.launch import PATH
from minikube_py.controllers.kubelet.shell.parser import Parser
from minikube_py.controllers.kubelet.shell.syntax import (
    AndOr,
    Arithmetic,
    Block,
    Case,
    Command,
    Conditional,
    For,
    Function,
    Group,
    If,
    Loop,
    Parameter,
    Pipeline,
    Redirected,
    Redirection,
    ShellSyntaxError,
    Simple,
    Subshell,
    Substitution,
    Text,
    Word,
    literal,
)
from minikube_py.controllers.kubelet.shell.table import COMMANDS, SHELLS

_DEEPEST = 8
"""Scripts within scripts."""
_assignment = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*", re.DOTALL).fullmatch
_has_braces = re.compile(r"\{[^{}]*(?:,|\.\.)[^{}]*\}").search
"""bash's {1..3} and {a,b}."""
_NOTHING: frozenset[str] = frozenset()
_Words = Sequence[str | None]
"""Words of a command, None for what only running it would tell."""


def understands(argv: Sequence[str], more: frozenset[str] = _NOTHING) -> bool:
    """Whether every command in it is a word that stands there plainly and is known; `more` are known too."""
    return _understands(tuple(argv), more)


@lru_cache(maxsize=4096)
def _understands(argv: tuple[str, ...], more: frozenset[str]) -> bool:
    return bool(argv) and _Reading(more, _NOTHING, 0).program(argv)


class _Reading:
    """Of one script. `functions` are those it defines; `braces` mean something in it that they do not mean here."""

    def __init__(self, more: frozenset[str], functions: frozenset[str], depth: int, braces: bool = False) -> None:
        self._more = more
        self._functions = functions
        self._depth = depth
        self._braces = braces

    def script(self, text: str) -> bool:
        if self._depth >= _DEEPEST:
            return False
        try:
            block = Parser(text).program()
        except ShellSyntaxError:
            return False
        functions = self._functions | frozenset(_defined(block))
        return _Reading(self._more, functions, self._depth + 1, self._braces)._block(block)

    def program(self, words: _Words) -> bool:
        """A program with its words, and what these tell it to run."""
        name = words[0]
        if name is None:
            return False
        if name in self._more:
            return True
        directory, _, base = name.rpartition("/")
        if directory and directory not in PATH.split(":"):
            return False
        if base not in COMMANDS and base not in self._more:
            return False
        if base in SHELLS:
            return _Reading(self._more, _NOTHING, self._depth, braces=base == "bash")._shell(words[1:])
        told = [word for word in words[1:] if word is not None]
        if base == "sed" and len(told) == len(words) - 1 and not sed.is_known(told):
            return False
        wrapper = _WRAPPERS.get(base)
        return wrapper is None or self._wrapped(wrapper(words[1:]))

    def _wrapped(self, words: _Words | None) -> bool:
        """None: it cannot be told what is run."""
        return words is not None and (not words or self.program(words))

    def _shell(self, words: _Words) -> bool:
        from_text, at = False, 0
        while at < len(words) and (word := words[at]) is not None and word[:1] in ("-", "+") and word != "--":
            at += 1
            if word[0] == "-" and not word.startswith("--"):
                from_text = from_text or "c" in word
                at += "o" in word
        at += words[at : at + 1] == ["--"]
        if at >= len(words):
            return not from_text
        text = words[at]
        return from_text and text is not None and self.script(text)

    def _block(self, block: Block) -> bool:
        return all(self._and_or(item) for item in block)

    def _and_or(self, item: AndOr) -> bool:
        return all(self._pipeline(each) for each in (item.first, *(pipeline for _, pipeline in item.rest)))

    def _pipeline(self, pipeline: Pipeline) -> bool:
        return all(self._command(command) for command in pipeline.commands)

    def _command(self, command: Command) -> bool:
        if isinstance(command, Simple):
            return self._simple(command)
        if isinstance(command, Subshell | Group):
            return self._block(command.body)
        if isinstance(command, If):
            blocks = [block for branch in command.branches for block in branch]
            return all(self._block(block) for block in (*blocks, command.otherwise))
        if isinstance(command, Loop):
            return self._block(command.condition) and self._block(command.body)
        if isinstance(command, For):
            return self._words(command.words or ()) and self._block(command.body)
        if isinstance(command, Conditional):
            return self._words(command.words)
        if isinstance(command, Case):
            patterns = [pattern for each, _ in command.branches for pattern in each]
            return self._words([command.subject, *patterns]) and all(self._block(body) for _, body in command.branches)
        if isinstance(command, Redirected):
            return self._redirections(command.redirections) and self._command(command.command)
        return self._command(command.body)

    def _simple(self, command: Simple) -> bool:
        values = [assignment.value for assignment in command.assignments]
        if not (self._words([*values, *command.words]) and self._redirections(command.redirections)):
            return False
        return not command.words or self._call([literal(word) for word in command.words])

    def _call(self, words: _Words) -> bool:
        name = words[0]
        if name is None:
            return False
        if name in self._functions:
            return True
        if name not in BUILTINS:
            return self.program(words)
        if name in (".", "source"):
            return False
        if name == "exec":
            return len(words) == 1 or self._call(words[1:])
        if name == "command":
            return len(words) == 1 or words[1] in ("-v", "-V") or self._call(words[1:])
        if name == "eval":
            known = [word for word in words[1:] if word is not None]
            return len(known) == len(words) - 1 and self.script(" ".join(known))
        if name == "trap" and len(words) > 2:
            action = words[2] if words[1] == "--" else words[1]
            return action is not None and (action in ("-", "") or self.script(action))
        return True

    def _redirections(self, redirections: Iterable[Redirection]) -> bool:
        for each in redirections:
            body = each.document.body if each.document is not None else ()
            if each.descriptor > 2 or not self._words([each.target, body]):
                return False
        return True

    def _words(self, words: Iterable[Word]) -> bool:
        return all(self._part(part) for word in words for part in word)

    def _part(self, part: object) -> bool:
        if isinstance(part, Parameter):
            return self._words([part.argument, part.second or ()])
        if isinstance(part, Substitution):
            return self._block(part.body)
        if isinstance(part, Arithmetic):
            return self._words([part.expression])
        return not (self._braces and isinstance(part, Text) and not part.quoted and _has_braces(part.value))


def _defined(block: Block) -> Iterable[str]:
    """Functions that the commands of a block define, and those within them."""
    for item in block:
        for pipeline in (item.first, *(each for _, each in item.rest)):
            for command in pipeline.commands:
                yield from _defined_by(command)


def _defined_by(command: Command) -> Iterable[str]:
    if isinstance(command, Function):
        yield command.name
        yield from _defined_by(command.body)
    elif isinstance(command, Redirected):
        yield from _defined_by(command.command)
    elif isinstance(command, Subshell | Group | Loop | For):
        yield from _defined(command.body)
    elif isinstance(command, If):
        for _, body in command.branches:
            yield from _defined(body)
        yield from _defined(command.otherwise)


def _after_options(valued: str, skipped: int = 0) -> Callable[[_Words], _Words | None]:
    """What is left behind options, of which these letters take a value, and so many operands."""

    def rest(words: _Words) -> _Words | None:
        at = 0
        while at < len(words) and (word := words[at]) is not None and word.startswith("-"):
            at += 2 if word[-1] in valued and not word.startswith("--") and len(word) == 2 else 1
            if word == "--":
                break
        return None if at < len(words) and words[at] is None and not skipped else words[at + skipped :]

    return rest


def _after_assignments(words: _Words) -> _Words | None:
    rest = _after_options("u")(words)
    while rest and rest[0] is not None and _assignment(rest[0]):
        rest = rest[1:]
    return rest


_WRAPPERS: Mapping[str, Callable[[_Words], _Words | None]] = {
    "busybox": _after_options(""),
    "env": _after_assignments,
    "nohup": _after_options(""),
    "time": _after_options(""),
    "timeout": _after_options("skt", skipped=1),
    "xargs": _after_options("nIPd"),
}
"""Programs that run others: what these are."""
