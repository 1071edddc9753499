"""What a script is made of, once parsed.

Block           a; b & c            and_or lists, each perhaps in the background
AndOr           a && b || c         pipelines
Pipeline        ! a | b             commands: Simple, or compound with redirections
Word            "$X"/${Y:-z}        parts, in the order written
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class ShellSyntaxError(Exception):
    """The text is ash's, after "syntax error: "."""


class Incomplete(ShellSyntaxError):
    """The text ends within something: more lines may complete it."""


class Text(NamedTuple):
    value: str
    quoted: bool
    """Taken as it is: no pattern, no reserved word."""


class Parameter(NamedTuple):
    """$name, or ${name<operator>argument}."""

    name: str
    quoted: bool
    operator: str = ""
    """"" , "length", "-", ":-", "=", ":=", "?", ":?", "+", ":+", "#", "##", "%", "%%", "/", "//", or ":" (a piece)."""
    argument: Word = ()
    second: Word | None = None
    """What replaces (/), or the length of the piece (:)."""


class Substitution(NamedTuple):
    """$(body)"""

    body: Block
    quoted: bool


class Arithmetic(NamedTuple):
    """$((expression))"""

    expression: Word
    quoted: bool


Part = Text | Parameter | Substitution | Arithmetic
Word = tuple[Part, ...]


@dataclass
class Document:
    """A here-document; its body follows the line that asks for it."""

    delimiter: str
    literal: bool
    strip: bool
    """<<- takes tabs off the lines."""
    body: Word = ()


class Redirection(NamedTuple):
    descriptor: int
    operator: str
    """"<", ">", ">>", "<&", ">&", "&>", "&>>", "<<", "<<<"."""
    target: Word
    document: Document | None = None


class Assignment(NamedTuple):
    name: str
    value: Word


@dataclass
class Simple:
    assignments: list[Assignment] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    redirections: list[Redirection] = field(default_factory=list)


class Subshell(NamedTuple):
    body: Block


class Group(NamedTuple):
    body: Block


class If(NamedTuple):
    branches: tuple[tuple[Block, Block], ...]
    otherwise: Block


@dataclass(frozen=True, slots=True)
class Conditional:
    """[[ words ]], of which && || ( ) < > stand for themselves. (No tuple: type checkers take for ever to tell one more
    of these apart.)"""

    words: tuple[Word, ...]


class Loop(NamedTuple):
    """while, or until."""

    condition: Block
    body: Block
    until: bool


class For(NamedTuple):
    name: str
    words: tuple[Word, ...] | None
    """None: over "$@"."""
    body: Block


class Case(NamedTuple):
    subject: Word
    branches: tuple[tuple[tuple[Word, ...], Block], ...]


class Function(NamedTuple):
    name: str
    body: Command


class Redirected(NamedTuple):
    """A compound command with redirections."""

    command: Command
    redirections: tuple[Redirection, ...]


Command = Simple | Subshell | Group | If | Loop | For | Case | Conditional | Function | Redirected


class Pipeline(NamedTuple):
    commands: tuple[Command, ...]
    negated: bool = False


class AndOr(NamedTuple):
    first: Pipeline
    rest: tuple[tuple[str, Pipeline], ...]
    """"&&" or "||", and what follows it."""
    background: bool = False


Block = tuple[AndOr, ...]


def literal(word: Word) -> str | None:
    """What a word says without expanding anything; None if it cannot be told."""
    if all(isinstance(part, Text) for part in word):
        return "".join(part.value for part in word if isinstance(part, Text))
    return None
