"""JSON as Go reads it: the same syntax errors in the same words, duplicate keys reported with their paths.

Reading is orjson's and the standard library's; only what they refuse is scanned again to word the error
(encoding/json scanner.go).
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

from minikube_py.machinery.gotext import quote

_MAX_DEPTH = 10_000
_MAX_PROBLEMS = 100
"""So many strict errors does sigs.k8s.io/json keep."""
_SPACE = " \t\r\n"
_LITERALS = {"t": "true", "f": "false", "n": "null"}
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_DIGITS = re.compile(r"[0-9]*")


class JSONSyntaxError(ValueError):
    """Go's json.SyntaxError; str() is its message."""


def load(body: bytes) -> Any:
    """The JSON tree of `body`. Raises JSONSyntaxError."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _load_leniently(body, None)


def load_strict(body: bytes) -> tuple[Any, list[str]]:
    """The JSON tree of `body`, in which the last of equal keys wins, and a 'duplicate field "a.b[0].c"' for
    each other one. Raises JSONSyntaxError."""
    repeated: dict[int, list[tuple[str, Any]]] = {}

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        if len(built) != len(pairs):
            repeated[id(built)] = pairs
            alive.append(built)
        return built

    alive: list[dict[str, Any]] = []
    tree = _load_leniently(body, build)
    problems: dict[str, None] = {}
    if repeated:
        _report_duplicates(tree, "", repeated, problems)
    return tree, list(problems)[:_MAX_PROBLEMS]


def _load_leniently(body: bytes, build: Any) -> Any:
    """What is not UTF-8, and halves of surrogate pairs, become U+FFFD."""
    text = body.decode("utf-8", "replace")
    try:
        tree = json.loads(text, object_pairs_hook=build, parse_constant=_refuse)
    except RecursionError as error:
        raise JSONSyntaxError("exceeded max depth") from error
    except ValueError as error:
        if why := syntax_error(text):
            raise JSONSyntaxError(why) from error
        # Python refuses to read very long integers; none of these fits where an integer is wanted.
        tree = json.loads(text, object_pairs_hook=build, parse_int=float)
    return _mended(tree) if "\\u" in text and re.search(r"\\u[dD][89a-fA-F]", text) else tree


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _mended(value: Any) -> Any:
    """Lone surrogates replaced in place: the tree is ours, and dictionaries keep their identity."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        value[:] = [_mended(item) for item in value]
    elif isinstance(value, dict):
        items = [(_mended(key), _mended(item)) for key, item in value.items()]
        value.clear()
        value.update(items)
    return value


def _report_duplicates(
    value: Any, path: str, repeated: dict[int, list[tuple[str, Any]]], problems: dict[str, None]
) -> None:
    """In the order in which a reader meets them."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            _report_duplicates(item, f"{path}[{index}]", repeated, problems)
    elif isinstance(value, dict):
        seen = set()
        for key, item in repeated.get(id(value)) or value.items():
            inner = f"{path}.{key}" if path else key
            if key in seen:
                problems[f"duplicate field {quote(inner)}"] = None
            seen.add(key)
            _report_duplicates(item, inner, repeated, problems)


def syntax_error(text: str) -> str:
    """What Go says is wrong with `text` as JSON, "" if nothing is."""
    try:
        _Scanner(text).document()
    except JSONSyntaxError as error:
        return str(error)
    return ""


class _Scanner:
    """A recursive walk over JSON text that stops at the first character Go would not take."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def document(self) -> None:
        stack: list[str] = []
        """The closing brackets that are due."""
        while True:
            if self._value(stack):
                while stack:
                    if self._more(stack):
                        break
                else:
                    break
        if self._skip_space():
            self._fail("after top-level value")

    def _skip_space(self) -> str:
        """The next character that is no space; "" at the end."""
        text, at = self.text, self.at
        while at < len(text) and text[at] in _SPACE:
            at += 1
        self.at = at
        return text[at : at + 1]

    def _fail(self, context: str) -> None:
        char = self.text[self.at : self.at + 1]
        if not char:
            raise JSONSyntaxError("unexpected end of JSON input")
        byte = chr(char.encode("utf-8", "surrogatepass")[0])
        shown = {"'": r"'\''", '"': "'\"'"}.get(byte) or f"'{quote(byte)[1:-1]}'"
        raise JSONSyntaxError(f"invalid character {shown} {context}")

    def _value(self, stack: list[str]) -> bool:
        """Read a value's beginning; whether it is complete, as scalars and empty containers are."""
        char = self._skip_space()
        if char in ("[", "{") and char:
            self.at += 1
            stack.append("]" if char == "[" else "}")
            if len(stack) > _MAX_DEPTH:
                raise JSONSyntaxError("exceeded max depth")
            if self._skip_space() == stack[-1]:
                self.at += 1
                stack.pop()
                return True
            if char == "{":
                self._key()
            return False
        if char == '"':
            self._string()
        elif char and char in "-0123456789":
            self._number()
        elif char in _LITERALS:
            self._literal(_LITERALS[char])
        else:
            self._fail("looking for beginning of value")
        return True

    def _more(self, stack: list[str]) -> bool:
        """After a value in a container: whether another one follows, else the container is closed."""
        char = self._skip_space()
        if char == ",":
            self.at += 1
            if stack[-1] == "}":
                self._skip_space()
                self._key()
            return True
        if char != stack[-1]:
            self._fail("after array element" if stack[-1] == "]" else "after object key:value pair")
        self.at += 1
        stack.pop()
        return False

    def _key(self) -> None:
        if self.text[self.at : self.at + 1] != '"':
            self._fail("looking for beginning of object key string")
        self._string()
        if self._skip_space() != ":":
            self._fail("after object key")
        self.at += 1

    def _string(self) -> None:
        text = self.text
        self.at += 1
        while True:
            plain = _PLAIN.match(text, self.at)
            self.at = plain.end() if plain else self.at
            char = text[self.at : self.at + 1]
            if char == '"':
                self.at += 1
                return
            if char != "\\":
                self._fail("in string literal")
            self.at += 1
            self._escape()

    def _escape(self) -> None:
        char = self.text[self.at : self.at + 1]
        if not char or char not in '"\\/bfnrtu':
            self._fail("in string escape code")
        self.at += 1
        for _ in range(4 if char == "u" else 0):
            digit = self.text[self.at : self.at + 1]
            if not digit or digit not in "0123456789abcdefABCDEF":
                self._fail(r"in \u hexadecimal character escape")
            self.at += 1

    def _number(self) -> None:
        text = self.text
        if text[self.at] == "-":
            self.at += 1
            self._need_digit("in numeric literal")
        if text[self.at] == "0":
            self.at += 1
        else:
            self._digits()
        if text[self.at : self.at + 1] == ".":
            self.at += 1
            self._need_digit("after decimal point in numeric literal")
            self._digits()
        if text[self.at : self.at + 1] in ("e", "E"):
            self.at += 1
            if text[self.at : self.at + 1] in ("+", "-"):
                self.at += 1
            self._need_digit("in exponent of numeric literal")
            self._digits()

    def _need_digit(self, context: str) -> None:
        digit = self.text[self.at : self.at + 1]
        if not digit or digit not in "0123456789":
            self._fail(context)

    def _digits(self) -> None:
        digits = _DIGITS.match(self.text, self.at)
        self.at = digits.end() if digits else self.at

    def _literal(self, word: str) -> None:
        for expected in word:
            if self.text[self.at : self.at + 1] != expected:
                self._fail(f"in literal {word} (expecting '{expected}')")
            self.at += 1
