"""What a script is made of, once parsed.

Block           a; b & c            and_or lists, each perhaps in the background
AndOr           a && b || c         pipelines
Pipeline        ! a | b             commands: Simple, or compound with redirections
Word            "$X"/${Y:-z}        parts, in the order written

What a union tells apart is a dataclass: tuples that hold each other a type checker compares part by part, for minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class ShellSyntaxError(Exception):
    """The text is ash's, after "syntax error: "."""


class Incomplete(ShellSyntaxError):
    """The text ends within something: more lines may complete it."""


@dataclass(frozen=True, slots=True)
class Text:
    value: str
    quoted: bool
    """Taken as it is: no pattern, no reserved word."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """$name, or ${name<operator>argument}."""

    name: str
    quoted: bool
    operator: str = ""
    """"" , "length", "-", ":-", "=", ":=", "?", ":?", "+", ":+", "#", "##", "%", "%%", "/", "//", or ":" (a piece)."""
    argument: Word = ()
    second: Word | None = None
    """What replaces (/), or the length of the piece (:)."""


@dataclass(frozen=True, slots=True)
class Substitution:
    """$(body)"""

    body: Block
    quoted: bool


@dataclass(frozen=True, slots=True)
class Arithmetic:
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


@dataclass(frozen=True, slots=True)
class Subshell:
    body: Block


@dataclass(frozen=True, slots=True)
class Group:
    body: Block


@dataclass(frozen=True, slots=True)
class If:
    branches: tuple[tuple[Block, Block], ...]
    otherwise: Block


@dataclass(frozen=True, slots=True)
class Conditional:
    """[[ words ]], of which && || ( ) < > stand for themselves."""

    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """while, or until."""

    condition: Block
    body: Block
    until: bool


@dataclass(frozen=True, slots=True)
class For:
    name: str
    words: tuple[Word, ...] | None
    """None: over "$@"."""
    body: Block


@dataclass(frozen=True, slots=True)
class Case:
    subject: Word
    branches: tuple[tuple[tuple[Word, ...], Block], ...]


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    body: Command


@dataclass(frozen=True, slots=True)
class Redirected:
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
