"""expr."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from minikube_py.controllers.kubelet.shell.regexps import compiled, extended
from minikube_py.controllers.kubelet.shell.session import Complaint, Session

_integer = re.compile(r"-?[0-9]{1,18}").fullmatch
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_WORDS: Mapping[str, int] = {"length": 1, "match": 2, "index": 2, "substr": 3}
"""Functions, and how many operands they take."""
_DEEPEST = 40


async def expr(session: Session, argv: Sequence[str]) -> int:
    """expr expression: 1 if it comes to 0 or to nothing, 2 if it is none."""
    if len(argv) < 2:
        raise Complaint("too few arguments", 2)
    value = _Expression(argv[1:]).run()
    await session.say(f"{value}\n")
    return int(_is_null(value))


def _is_null(value: str) -> bool:
    return value == "" or (_integer(value) is not None and int(value) == 0)


class _Expression:
    """Each method reads what binds at least so tightly, and gives its value. Raises Complaint."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._at = 0
        self._depth = 0

    def run(self) -> str:
        value = self._either()
        if self._at < len(self._words):
            raise Complaint("syntax error", 2)
        return value

    def _operator(self, *known: str) -> str:
        """The one that follows, taken; "" if another one does."""
        if self._at < len(self._words) and self._words[self._at] in known:
            self._at += 1
            return self._words[self._at - 1]
        return ""

    def _either(self) -> str:
        value = self._both()
        while self._operator("|"):
            other = self._both()
            value = other if _is_null(value) else value
        return value

    def _both(self) -> str:
        value = self._compared()
        while self._operator("&"):
            other = self._compared()
            value = "0" if _is_null(value) or _is_null(other) else value
        return value

    def _compared(self) -> str:
        value = self._sum()
        while sign := self._operator(*_COMPARED):
            other = self._sum()
            if _integer(value) and _integer(other):
                value = str(int(_COMPARED[sign](int(value), int(other))))
            else:
                value = str(int(_COMPARED[sign](value, other)))
        return value

    def _sum(self) -> str:
        value = self._product()
        while sign := self._operator("+", "-"):
            other = _number(self._product())
            value = str(_number(value) + (other if sign == "+" else -other))
        return value

    def _product(self) -> str:
        value = self._matched()
        while sign := self._operator("*", "/", "%"):
            one, other = _number(value), _number(self._matched())
            if sign != "*" and not other:
                raise Complaint("division by zero", 2)
            value = str(one * other if sign == "*" else _divided(one, other, sign))
        return value

    def _matched(self) -> str:
        value = self._operand()
        while self._operator(":"):
            value = _match(value, self._operand())
        return value

    def _operand(self) -> str:
        if self._at >= len(self._words):
            raise Complaint("syntax error", 2)
        word = self._words[self._at]
        self._at += 1
        if word == "(":
            return self._enclosed()
        if word == "+":
            return self._operand()
        count = _WORDS.get(word)
        if count is None or self._at + count > len(self._words):
            return word
        return _called(word, [self._operand() for _ in range(count)])

    def _enclosed(self) -> str:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Complaint("syntax error", 2)
        value = self._either()
        if not self._operator(")"):
            raise Complaint("syntax error", 2)
        self._depth -= 1
        return value


def _number(text: str) -> int:
    if not _integer(text):
        raise Complaint("non-numeric argument", 2)
    return int(text)


def _divided(one: int, other: int, sign: str) -> int:
    """As C does it, towards zero."""
    quotient = abs(one) // abs(other) * (1 if (one < 0) == (other < 0) else -1)
    return quotient if sign == "/" else one - quotient * other


def _match(text: str, pattern: str) -> str:
    """What the pattern's group has of the text's beginning; without a group, how much of it matches."""
    found = compiled(extended(pattern), pattern, 2).match(text)
    if found is not None and found.re.groups:
        return found[1] or ""
    if found is None:
        return "" if r"\(" in pattern else "0"
    return str(len(found[0]))


def _called(name: str, operands: Sequence[str]) -> str:
    if name == "length":
        return str(len(operands[0]))
    if name == "match":
        return _match(operands[0], operands[1])
    if name == "index":
        return str(1 + min((at for at, char in enumerate(operands[0]) if char in operands[1]), default=-1))
    start, length = _number(operands[1]), _number(operands[2])
    return operands[0][start - 1 : start - 1 + length] if start > 0 and length > 0 else ""
