"""What stands in $(( )): integers of 64 bits, C's operators, variables by name."""

from __future__ import annotations

import re
from collections.abc import Callable

_token = re.compile(
    r"\s*(?:(0[xX][0-9A-Fa-f]+|[0-9]+)|([A-Za-z_][A-Za-z0-9_]*)"
    r"|(<<=|>>=|\*\*|\+\+|--|&&|\|\||<<|>>|[<>=!*/%+&|^-]=|[-+*/%<>=!~&|^?:(),]))"
)
_ASSIGNING = frozenset(["=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "|=", "^="])
_LEVELS = {
    "||": 3,
    "&&": 4,
    "|": 5,
    "^": 6,
    "&": 7,
    "==": 8,
    "!=": 8,
    "<": 9,
    ">": 9,
    "<=": 9,
    ">=": 9,
    "<<": 10,
    ">>": 10,
    "+": 11,
    "-": 11,
    "*": 12,
    "/": 12,
    "%": 12,
    "**": 14,
}
_TERNARY, _UNARY = 2, 13
_DEEPEST = 40
_BITS = 1 << 64


class BadArithmetic(Exception):
    """The text is ash's: "arithmetic syntax error", "divide by zero"."""


def evaluate(text: str, get: Callable[[str], str], assign: Callable[[str, str], None]) -> int:
    """Raises BadArithmetic."""
    return _Evaluation(text, get, assign).run()


def _wrapped(value: int) -> int:
    return (value + _BITS // 2) % _BITS - _BITS // 2


class _Evaluation:
    def __init__(self, text: str, get: Callable[[str], str], assign: Callable[[str, str], None]) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._get = get
        self._assign = assign
        self._live = True
        """False in the branch that is not taken."""
        self._depth = 0

    def run(self) -> int:
        if not self._tokens:
            return 0
        value = self._expression()
        if self._at < len(self._tokens):
            raise _wrong()
        return value

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _expression(self) -> int:
        value = self._binary(_TERNARY)
        while self._peek() == ",":
            self._at += 1
            value = self._binary(_TERNARY)
        return value

    def _binary(self, level: int) -> int:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _wrong()
        left = self._unary()
        while True:
            operator = self._peek()
            if operator == "?" and level <= _TERNARY:
                left = self._ternary(left)
                continue
            own = _LEVELS.get(operator)
            if own is None or own < level:
                break
            self._at += 1
            left = self._operate(operator, left, own)
        self._depth -= 1
        return left

    def _operate(self, operator: str, left: int, level: int) -> int:
        if operator in ("&&", "||"):
            needed = bool(left) == (operator == "&&")
            right = self._taken(needed, level + 1)
            return int(bool(left) and bool(right)) if operator == "&&" else int(bool(left) or bool(right))
        right = self._binary(level if operator == "**" else level + 1)
        return self._apply(operator, left, right)

    def _ternary(self, condition: int) -> int:
        self._at += 1
        first = self._taken(bool(condition), _TERNARY)
        if self._peek() != ":":
            raise _wrong()
        self._at += 1
        second = self._taken(not condition, _TERNARY)
        return first if condition else second

    def _taken(self, needed: bool, level: int) -> int:
        before, self._live = self._live, self._live and needed
        value = self._binary(level)
        self._live = before
        return value

    def _unary(self) -> int:
        token = self._peek()
        self._at += 1
        if token in ("++", "--"):
            name = self._peek()
            if not name.isidentifier():
                return self._binary(_UNARY)  # two signs: + +1, - -1
            self._at += 1
            return self._set(name, self._value(name) + (1 if token == "++" else -1))
        if token in ("+", "-", "!", "~"):
            value = self._binary(_UNARY)
            return {"+": value, "-": _wrapped(-value), "!": int(not value), "~": ~value}[token]
        if token == "(":
            value = self._expression()
            if self._peek() != ")":
                raise _wrong()
            self._at += 1
            return value
        if token[:1].isdigit():
            return _number(token)
        if token.isidentifier():
            return self._variable(token)
        raise _wrong()

    def _variable(self, name: str) -> int:
        operator = self._peek()
        if operator in _ASSIGNING:
            self._at += 1
            before = self._value(name) if operator != "=" else 0
            right = self._binary(_TERNARY)
            return self._set(name, right if operator == "=" else self._apply(operator[:-1], before, right))
        value = self._value(name)
        if operator in ("++", "--"):
            self._at += 1
            self._set(name, value + (1 if operator == "++" else -1))
        return value

    def _value(self, name: str) -> int:
        text = self._get(name).strip()
        sign = -1 if text.startswith("-") else 1
        return sign * _number(text.lstrip("+-")) if text else 0

    def _set(self, name: str, value: int) -> int:
        value = _wrapped(value)
        if self._live:
            self._assign(name, str(value))
        return value

    def _apply(self, operator: str, left: int, right: int) -> int:
        if operator in ("/", "%"):
            if not right:
                if self._live:
                    raise BadArithmetic("divide by zero")
                return 0
            quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
            return _wrapped(quotient if operator == "/" else left - quotient * right)
        if operator == "**":
            if right < 0:
                raise BadArithmetic("exponent less than 0")
            return _wrapped(pow(left, right, _BITS))
        return _wrapped(int(_OPERATIONS[operator](left, right)))


_OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "|": lambda left, right: left | right,
    "^": lambda left, right: left ^ right,
    "&": lambda left, right: left & right,
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
    "<<": lambda left, right: left << (right & 63),
    ">>": lambda left, right: left >> (right & 63),
}


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    at, text = 0, text.rstrip()
    while at < len(text):
        match = _token.match(text, at)
        if match is None:
            raise _wrong()
        found.append(match[1] or match[2] or match[3])
        at = match.end()
    return found


def _number(text: str) -> int:
    try:
        if text[:2] in ("0x", "0X"):
            return _wrapped(int(text, 16))
        return _wrapped(int(text, 8 if text.startswith("0") else 10))
    except ValueError:
        raise _wrong() from None


def _wrong() -> BadArithmetic:
    return BadArithmetic("arithmetic syntax error")
