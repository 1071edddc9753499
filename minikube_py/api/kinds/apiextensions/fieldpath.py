"""Paths of names through a schema: ".spec.size", ".spec['a b']" (apiserver/schema/cel/validation.go ValidFieldPath)."""

from __future__ import annotations

import re

from minikube_py.api.customresources.structural import Structural

_TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|[.\[\]]|[^.\[\]']+|'")


def resolve(text: str, schema: Structural, *, brackets: bool) -> tuple[list[str], Structural]:
    """The names on a path and the schema at its end; `brackets` tells whether names may stand in brackets.

    Raises ValueError for what is no path, or leads where the schema has nothing.
    """
    names: list[str] = []
    tokens = _TOKEN.findall(text)
    while tokens:
        token = tokens.pop(0)
        if token == "[" and not brackets:
            raise ValueError("array notation is not allowed")
        if token not in (".", "["):
            raise ValueError(f"expected [ or . but got: {token}")
        if not tokens:
            raise ValueError("unexpected end of JSON path")
        name = tokens.pop(0)
        if token == "[":
            name = _quoted(name)
        below = schema.properties.get(name) if schema.properties else schema.additional
        if below is None:
            raise ValueError("does not refer to a valid field")
        schema = below
        names.append(name)
        if token == "[":
            _close(tokens)
    return names, schema


def _quoted(token: str) -> str:
    if len(token) < 2 or token[0] != "'" or token[-1] != "'":
        raise ValueError(f"expected single quoted string but got {token}")
    return re.sub(r"\\(.)", r"\1", token[1:-1])


def _close(tokens: list[str]) -> None:
    if not tokens:
        raise ValueError("unexpected end of JSON path")
    if (token := tokens.pop(0)) != "]":
        raise ValueError(f"expected ] but got {token}")
