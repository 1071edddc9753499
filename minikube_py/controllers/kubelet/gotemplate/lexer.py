"""Texts and actions of a template, and the tokens of an action (text/template/parse/lex.go)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from minikube_py.controllers.kubelet.gotemplate.errors import TemplateError

_ACTION = re.compile(
    r"""\{\{(?P<left>-(?=\s))?
    (?P<body>(?:"(?:\\.|[^"\\\n])*"|`[^`]*`|'(?:\\.|[^'\\\n])*'|/\*.*?\*/|[^"`'])*?)
    (?P<right>(?<=\s)-)?\}\}""",
    re.DOTALL | re.VERBOSE,
)

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<string>"(?:\\.|[^"\\\n])*"|`[^`]*`)
    |(?P<char>'(?:\\.|[^'\\\n])*')
    |(?P<number>[+-]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))
    |(?P<field>\.[A-Za-z_]\w*)
    |(?P<variable>\$\w*)
    |(?P<name>[A-Za-z_]\w*)
    |(?P<mark>:=|=|\||\(|\)|,|\.)""",
    re.VERBOSE,
)


class Token(NamedTuple):
    kind: str
    """One of the names of the groups above; "end" after the last."""
    text: str
    spaced: bool
    """Whether space comes before it."""


class Piece(NamedTuple):
    """A text, or an action's tokens."""

    text: str
    tokens: tuple[Token, ...] | None


def pieces(source: str) -> Iterator[Piece]:
    """Raises TemplateError. Comments are left out, and space where an action says so."""
    position, trims = 0, False
    for match in _ACTION.finditer(source):
        yield Piece(_text(source[position : match.start()], trims, match["left"] is not None), None)
        body = match["body"].strip()
        if not (body.startswith("/*") and body.endswith("*/")):
            yield Piece("", tuple(_tokens(body)))
        position, trims = match.end(), match["right"] is not None
    rest = source[position:]
    if "{{" in rest:
        raise TemplateError("unclosed action")
    yield Piece(_text(rest, trims, False), None)


def _text(text: str, trims_left: bool, trims_right: bool) -> str:
    if trims_left:
        text = text.lstrip()
    return text.rstrip() if trims_right else text


def _tokens(body: str) -> Iterator[Token]:
    position, spaced = 0, True
    while position < len(body):
        match = _TOKEN.match(body, position)
        if match is None:
            raise TemplateError(f"unexpected {body[position]!r} in action")
        position = match.end()
        kind = match.lastgroup or ""
        if kind != "space":
            yield Token(kind, match[0], spaced)
        spaced = kind == "space"
    yield Token("end", "", spaced)
