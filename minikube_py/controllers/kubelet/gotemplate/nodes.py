"""A parsed template (text/template/parse/node.go)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Literal:
    """A string, a number, true, false or nil."""

    value: Any


@dataclass(frozen=True)
class Dot:
    """`.`, and `.a.b` with its names."""

    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Variable:
    """`$x`, and `$x.a.b` with its names; `$` alone is the data as a whole."""

    name: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Name:
    """Of a function."""

    name: str


@dataclass(frozen=True)
class Chain:
    """`(pipeline).a.b`."""

    pipeline: Pipeline
    names: tuple[str, ...] = ()


Operand = Literal | Dot | Variable | Name | Chain


@dataclass(frozen=True)
class Pipeline:
    """Commands: what each begins with, and what it is given. The value of one is the last argument of the next."""

    commands: tuple[tuple[Operand, ...], ...]


@dataclass(frozen=True)
class Action:
    """A pipeline that is printed, or with variables that are declared or assigned to."""

    pipeline: Pipeline
    variable: str = ""
    declares: bool = False


@dataclass(frozen=True)
class If:
    action: Action
    then: Body
    otherwise: Body


@dataclass(frozen=True)
class With:
    action: Action
    then: Body
    otherwise: Body


@dataclass(frozen=True)
class Range:
    pipeline: Pipeline
    variables: tuple[str, ...]
    """None, that of elements, or those of keys and of elements."""
    then: Body
    otherwise: Body


@dataclass(frozen=True)
class Leave:
    """`break`, or else `continue`."""

    breaks: bool


Node = Text | Action | If | With | Range | Leave
Body = tuple[Node, ...]
