r"""kubectl's and printer columns' JSONPath (k8s.io/client-go/util/jsonpath), compiled to closures.

.spec.replicas                                  a field
.metadata.labels.a\.b  ['a','b']                an escaped dot; several keys
.items[0]  [-1]  [1:3]  [::2]  [*]  ..name      items, slices, all, at any depth
.conditions[?(@.type=="Ready")].status          items for which a comparison holds
{range .items[*]}{.metadata.name}{"\n"}{end}    text and loops around expressions in braces
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from minikube_py.api.jsonpathsteps import (
    JSONPathError,
    Step,
    children,
    comparing,
    constant,
    descendants,
    failing,
    field,
    having,
    literal,
    sliced,
    union,
    walk,
)
from minikube_py.machinery.gotext import float_text, json_text

_DICT_KEY = re.compile(r"'([^']*)'")
_COMPARISON = re.compile(r"([^!<>=]+)([!<>=]+)(.+)", re.DOTALL)
_NUMBER = re.compile(r"[+-]?[0-9.]*")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_ENDS = " \t\r\n.,[]$@{}"
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
_CODES = re.compile(r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})")


class JSONPath:
    """A compiled template. Stateless: one serves any number of callers."""

    __slots__ = ("_blocks",)

    def __init__(self, blocks: list[_Block]) -> None:
        self._blocks = blocks

    def find(self, data: Any) -> list[list[Any]]:
        """What each text and each expression of the template gives, loops unrolled. Raises JSONPathError."""
        return _run(self._blocks, data)

    def text(self, data: Any) -> str:
        """The template filled in. Raises JSONPathError."""
        return "".join(" ".join(map(value_text, results)) for results in self.find(data))


def value_text(value: Any) -> str:
    """A result as text: maps and lists as JSON, null as "null"."""
    if isinstance(value, str):
        return value
    if isinstance(value, (dict, list)):
        return json_text(_sorted(value))
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return float_text(value) if isinstance(value, float) else str(value)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


@lru_cache(maxsize=1024)
def compile_template(template: str, allow_missing_keys: bool = False) -> JSONPath:
    """A template of text and expressions in braces. Raises JSONPathError for what does not parse."""
    return JSONPath(_nested(_Parser(template, allow_missing_keys).template()))


@lru_cache(maxsize=1024)
def compile_column(path: str, absent: Any = None) -> Callable[[Any], Any]:
    """The first value at a printer column's path (".spec.size"); `absent` where nothing is or fits there.

    Raises JSONPathError for a path that does not parse.
    """
    template = compile_template(f"{{{path}}}", allow_missing_keys=True)

    def first(data: Any) -> Any:
        try:
            results = template.find(data)
        except JSONPathError:
            return absent
        return results[0][0] if results and results[0] else absent

    return first


class _Action(NamedTuple):
    """One text or expression; `keyword` is "range" or "end" where it has that."""

    steps: list[Step]
    keyword: str = ""


class _Block(NamedTuple):
    """An expression, and what is repeated for each of its values where it is a range's."""

    steps: list[Step]
    body: list[Any] | None = None


def _nested(actions: list[_Action]) -> list[_Block]:
    """Pair each range with its end; a range without one goes on to the last action."""
    root: list[_Block] = []
    open_blocks = [root]
    for action in actions:
        if action.keyword == "range":
            body: list[_Block] = []
            open_blocks[-1].append(_Block(action.steps, body))
            open_blocks.append(body)
        elif action.keyword == "end" and len(open_blocks) > 1:
            open_blocks.pop()
        elif action.keyword == "end":
            root.append(_Block([failing("not in range, nothing to end")]))
        else:
            open_blocks[-1].append(_Block(action.steps))
    return root


def _run(blocks: list[_Block], data: Any) -> list[list[Any]]:
    results: list[list[Any]] = []
    for steps, body in blocks:
        values = walk(steps, [data])
        if body is None:
            results.append(values)
            continue
        for value in values:
            results.extend(_run(body, value))
        if not values:
            _run(body, None)  # upstream walks the body of an empty range too, and fails where it fails
    return results


class _Parser:
    """Reads a template from left to right; `at` is the next character."""

    def __init__(self, text: str, allow_missing_keys: bool) -> None:
        self.text = text
        self.at = 0
        self.allow_missing = allow_missing_keys

    def template(self) -> list[_Action]:
        actions: list[_Action] = []
        while self.at < len(self.text):
            brace = self.text.find("{", self.at)
            end = len(self.text) if brace < 0 else brace
            if end > self.at:
                actions.append(_Action([constant(self.text[self.at : end])]))
            self.at = end
            if brace >= 0:
                self.at += 1
                actions.append(self.action())
        return actions

    def action(self) -> _Action:
        """The inside of braces, up to and with the closing one."""
        text = self.text
        steps: list[Step] = []
        keyword = ""
        while True:
            char = text[self.at : self.at + 1]
            if char == "}":
                self.at += 1
                return _Action(steps, keyword)
            if char in ("", "\r", "\n"):
                raise JSONPathError("unclosed action")
            if text.startswith("[?(", self.at):
                steps.append(self.filter())
            elif text.startswith("..", self.at):
                self.recursive(steps)
            elif char in " @$":
                self.at += 1
            elif char == "[":
                steps.extend(self.array())
            elif char in "\"'":
                steps.append(constant(self.quoted(char)))
            elif char == ".":
                self.at += 1
                steps.append(self.field())
            elif char in "+-" or char.isdigit():
                steps.append(self.number())
            elif char.isalpha() or char == "_":
                keyword = self.identifier(steps) or keyword
            else:
                shown = f" '{char}'" if char.isprintable() else ""
                raise JSONPathError(f"unrecognized character in action: U+{ord(char):04X}{shown}")

    def identifier(self, steps: list[Step]) -> str:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in _ENDS:
            self.at += 1
        word = self.text[start : self.at]
        if word in ("range", "end"):
            return word
        known = word in ("true", "false")
        steps.append(literal(word == "true") if known else failing(f"unrecognized identifier {word}"))
        return ""

    def recursive(self, steps: list[Step]) -> None:
        if steps and steps[-1] is descendants:
            raise JSONPathError("invalid multiple recursive descent")
        self.at += 2
        steps.append(descendants)
        char = self.text[self.at : self.at + 1]
        if char.isalnum() or char == "_":
            steps.append(self.field())

    def field(self) -> Step:
        text, start = self.text, self.at
        while self.at < len(text) and text[self.at] not in _ENDS:
            self.at += 2 if text[self.at] == "\\" else 1
        name = text[start : self.at]
        return children if name == "*" else field(name.replace("\\", ""), self.allow_missing)

    def number(self) -> Step:
        match = _NUMBER.match(self.text, self.at)
        text = match.group() if match else ""
        self.at += len(text)
        try:
            return literal(int(text) if _INTEGER.fullmatch(text) else float(text))
        except ValueError:
            raise JSONPathError(f"cannot parse number {text}") from None

    def quoted(self, quote: str) -> str:
        """A string in quotes, unquoted."""
        start = self.at
        self.at += 1
        while True:
            char = self.text[self.at : self.at + 1]
            if char in ("", "\n"):
                raise JSONPathError("unterminated quoted string")
            self.at += 1
            if char == quote and self.text[self.at - 2] != "\\":
                break
        quoted = self.text[start : self.at]
        try:
            return _unquoted(quoted[1:-1], quote)
        except ValueError:
            raise JSONPathError(f"unquote string {quoted} error invalid syntax") from None

    def array(self) -> list[Step]:
        end = self.text.find("]", self.at)
        if end < 0 or "\n" in self.text[self.at : end]:
            raise JSONPathError("unterminated array")
        inside = self.text[self.at + 1 : end]
        self.at = end + 1
        parts = inside.split(",")
        if len(parts) > 1:
            return [union([self.inner(f"[{part.strip(' ')}]") for part in parts])]
        key = _DICT_KEY.fullmatch(inside)
        return self.inner(f".{key.group(1)}") if key else [sliced(":" if inside == "*" else inside)]

    def inner(self, text: str) -> list[Step]:
        """The steps of an expression within this one."""
        return _Parser(f"{text}}}", self.allow_missing).action().steps

    def filter(self) -> Step:
        start = self.at = self.at + 3
        text = self.text
        quote = ""
        closed = False
        while True:
            char = text[self.at : self.at + 1]
            self.at += 1
            if char in ("", "\n"):
                raise JSONPathError("unterminated filter")
            if char in "\"'":
                if not quote:
                    quote = char
                elif char == quote and text[self.at - 2] != "\\":
                    closed = True
            elif char == ")" and bool(quote) == closed:
                break
        if text[self.at : self.at + 1] != "]":
            raise JSONPathError("unclosed array expect ]")
        condition = text[start : self.at - 1]
        self.at += 1
        match = _COMPARISON.fullmatch(condition)
        if match is None:
            return having(self.inner(condition))
        left, sign, right = match.groups()
        return comparing(self.inner(left), sign, self.inner(right))


def _unquoted(text: str, quote: str) -> str:
    """Go's escapes undone (strconv.UnquoteChar). Raises ValueError."""
    if "\\" not in text and quote not in text:
        return text
    found: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == quote or char == "\n":
            raise ValueError(text)
        if char != "\\":
            found.append(char)
            continue
        escape = text[at : at + 1]
        if escape and (escape in _ESCAPES or escape == quote):
            found.append(_ESCAPES.get(escape, escape))
            at += 1
        elif code := _CODES.match(text, at):
            digits = code.group(code.lastindex or 0)
            found.append(chr(int(digits, 8 if code.lastindex == 4 else 16)))
            at = code.end()
        else:
            raise ValueError(text)
    return "".join(found)
