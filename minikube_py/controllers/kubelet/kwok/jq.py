"""The jq that selectors of Stages are written in: paths, iteration, select, comparison, and some functions.

.metadata.deletionTimestamp
.metadata.annotations["example.com/delay"]
.status.conditions.[] | select( .type == "Ready" ) | .status
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

Filter = Callable[[Any], Iterator[Any]]


class QueryError(ValueError):
    """It cannot be parsed."""


class _Failed(Exception):
    """It makes no sense for a value: then nothing is found at all."""


@lru_cache(maxsize=1024)
def query(source: str) -> Callable[[Any], list[Any] | None]:
    """What it finds in a value, nulls left out; None where it fails. Raises QueryError."""
    parser = _Parser(source)
    filter = parser.pipe()
    parser.expect("")

    def find(value: Any) -> list[Any] | None:
        try:
            return [each for each in filter(value) if each is not None]
        except _Failed:
            return None

    return find


_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:\\.|[^"\\])*")|(?P<number>\d+(?:\.\d+)?)|(?P<field>\.[A-Za-z_]\w*)|(?P<name>[A-Za-z_]\w*)
    |(?P<mark>//|==|!=|<=|>=|[.|()\[\]?,<>+:-]))""",
    re.VERBOSE,
)


class _Parser:
    def __init__(self, source: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        position, source = 0, source.strip()
        while position < len(source):
            match = _TOKEN.match(source, position)
            if match is None:
                raise QueryError(f"unexpected token {source[position:].strip()[:1]!r}")
            self._tokens.append((match.lastgroup or "", match[match.lastgroup or 0]))
            position = match.end()
        self._next = 0

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._next] if self._next < len(self._tokens) else ("end", "")

    def _accept(self, *marks: str) -> str:
        """The mark or word that is next, if it is one of these."""
        kind, text = self._peek()
        if kind in ("mark", "name") and text in marks:
            self._next += 1
            return text
        return ""

    def expect(self, mark: str) -> None:
        """Raises QueryError where something else is next; "" is the end."""
        if (self._peek()[0] != "end") if not mark else not self._accept(mark):
            raise QueryError(f"unexpected token {self._peek()[1]!r}")

    def pipe(self) -> Filter:
        made = self._comma()
        while self._accept("|"):
            made = _piped(made, self._comma())
        return made

    def _comma(self) -> Filter:
        made = self._alternative()
        while self._accept(","):
            made = _both(made, self._alternative())
        return made

    def _alternative(self) -> Filter:
        made = self._or()
        return _otherwise(made, self._alternative()) if self._accept("//") else made

    def _or(self) -> Filter:
        made = self._and()
        while self._accept("or"):
            made = _combined(made, self._and(), lambda one, other: _is_true(one) or _is_true(other))
        return made

    def _and(self) -> Filter:
        made = self._comparison()
        while self._accept("and"):
            made = _combined(made, self._comparison(), lambda one, other: _is_true(one) and _is_true(other))
        return made

    def _comparison(self) -> Filter:
        made = self._postfix()
        mark = self._accept(*_COMPARISONS)
        return _combined(made, self._postfix(), _COMPARISONS[mark]) if mark else made

    def _postfix(self) -> Filter:
        made = self._term()
        while True:
            kind, text = self._peek()
            if kind == "field":
                self._next += 1
                made = _piped(made, _field(text[1:]))
            elif self._accept("["):
                made = _piped(made, self._bracket())
            elif kind == "mark" and text == "." and self._tokens[self._next + 1 : self._next + 2] == [("mark", "[")]:
                self._next += 1  # `.a.[]` is `.a[]`
            elif self._accept("?"):
                made = _tried(made)
            else:
                return made

    def _bracket(self) -> Filter:
        if self._accept("]"):
            return _iterate
        negative = bool(self._accept("-"))
        kind, text = self._peek()
        self._next += 1
        self.expect("]")
        if kind == "string":
            return _field(_string(text))
        if kind == "number":
            return _element(-int(text) if negative else int(text))
        raise QueryError(f"unexpected token {text!r}")

    def _term(self) -> Filter:
        kind, text = self._peek()
        self._next += 1
        if kind == "field":
            return _field(text[1:])
        if kind == "string":
            return _constant(_string(text))
        if kind == "number":
            return _constant(float(text) if "." in text else int(text))
        if (kind, text) == ("mark", "("):
            made = self.pipe()
            self.expect(")")
            return made
        if (kind, text) == ("mark", "."):
            following, word = self._peek()
            if following == "string":
                self._next += 1
                return _field(_string(word))
            return _same
        if kind == "name":
            return self._function(text)
        raise QueryError(f"unexpected token {text!r}")

    def _function(self, name: str) -> Filter:
        if name in _WORDS:
            return _constant(_WORDS[name])
        if name in _PLAIN:
            return _applied(_PLAIN[name])
        if name not in _GIVEN:
            raise QueryError(f"function not defined: {name}/0")
        self.expect("(")
        argument = self.pipe()
        self.expect(")")
        return _GIVEN[name](argument)


# Filters


def _string(text: str) -> str:
    return str(ast.literal_eval(text))


def _same(value: Any) -> Iterator[Any]:
    yield value


def _constant(constant: Any) -> Filter:
    return lambda _: iter((constant,))


def _piped(first: Filter, second: Filter) -> Filter:
    return lambda value: (found for each in first(value) for found in second(each))


def _both(first: Filter, second: Filter) -> Filter:
    def both(value: Any) -> Iterator[Any]:
        yield from first(value)
        yield from second(value)

    return both


def _otherwise(first: Filter, second: Filter) -> Filter:
    def otherwise(value: Any) -> Iterator[Any]:
        try:
            found = [each for each in first(value) if _is_true(each)]
        except _Failed:
            found = []
        yield from found or second(value)

    return otherwise


def _combined(first: Filter, second: Filter, combine: Callable[[Any, Any], Any]) -> Filter:
    return lambda value: (combine(one, other) for other in second(value) for one in first(value))


def _tried(filter: Filter) -> Filter:
    def tried(value: Any) -> Iterator[Any]:
        try:
            yield from filter(value)
        except _Failed:
            return

    return tried


def _field(name: str) -> Filter:
    def field(value: Any) -> Iterator[Any]:
        if value is not None and not isinstance(value, dict):
            raise _Failed
        yield None if value is None else value.get(name)

    return field


def _element(index: int) -> Filter:
    def element(value: Any) -> Iterator[Any]:
        if value is not None and not isinstance(value, list):
            raise _Failed
        yield value[index] if value is not None and -len(value) <= index < len(value) else None

    return element


def _iterate(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value
    else:
        raise _Failed


def _is_true(value: Any) -> bool:
    return value is not None and value is not False


def _order(value: Any) -> tuple[int, Any]:
    """null, false, true, numbers, strings; all else is equal in order."""
    if isinstance(value, bool) or value is None:
        return (0 if value is None else 1 + value), 0
    if isinstance(value, int | float):
        return 3, value
    return (4, value) if isinstance(value, str) else (5, 0)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda one, other: bool(one == other and isinstance(one, bool) is isinstance(other, bool)),
    "!=": lambda one, other: not (one == other and isinstance(one, bool) is isinstance(other, bool)),
    "<": lambda one, other: _order(one) < _order(other),
    "<=": lambda one, other: _order(one) <= _order(other),
    ">": lambda one, other: _order(one) > _order(other),
    ">=": lambda one, other: _order(one) >= _order(other),
}


def _applied(function: Callable[[Any], Any]) -> Filter:
    def applied(value: Any) -> Iterator[Any]:
        try:
            yield function(value)
        except (TypeError, ValueError, AttributeError):
            raise _Failed from None

    return applied


def _select(test: Filter) -> Filter:
    return lambda value: (value for each in test(value) if _is_true(each))


def _map(filter: Filter) -> Filter:
    return lambda value: iter(([found for each in _iterate(value) for found in filter(each)],))


def _has(key: Filter) -> Filter:
    return lambda value: (each in value if isinstance(value, dict) else each < len(value) for each in key(value))


def _text_test(test: Callable[[str, str], bool]) -> Callable[[Filter], Filter]:
    def made(argument: Filter) -> Filter:
        return lambda value: (isinstance(value, str) and test(value, each) for each in argument(value))

    return made


_WORDS = {"true": True, "false": False, "null": None}
_PLAIN: dict[str, Callable[[Any], Any]] = {
    "length": lambda value: 0 if value is None else len(value),
    "not": lambda value: not _is_true(value),
    "keys": lambda value: sorted(value),
    "tostring": lambda value: value if isinstance(value, str) else str(value),
    "tonumber": lambda value: float(value) if "." in str(value) else int(value),
    "any": lambda value: any(map(_is_true, value)),
    "all": lambda value: all(map(_is_true, value)),
    "first": lambda value: value[0] if value else None,
    "last": lambda value: value[-1] if value else None,
}
_GIVEN: dict[str, Callable[[Filter], Filter]] = {
    "select": _select,
    "map": _map,
    "has": _has,
    "startswith": _text_test(str.startswith),
    "endswith": _text_test(str.endswith),
    "contains": _text_test(lambda value, part: part in value),
    "test": _text_test(lambda value, pattern: re.search(pattern, value) is not None),
}
