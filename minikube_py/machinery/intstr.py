"""Integers or percentages (maxSurge: 1, maxSurge: "25%"): apimachinery's util/intstr."""

from __future__ import annotations

import math

from minikube_py.machinery.gotext import quote
from minikube_py.machinery.integers import INT32_MAXIMUM, is_decimal, parse_int64

IntOrString = int | str


def scaled_value(value: IntOrString, total: int, round_up: bool) -> int:
    """The integer, or that percentage of `total`. Raises ValueError for other strings.

    25% of 10 is 3 rounded up, 2 rounded down.
    """
    if isinstance(value, int):
        return value
    percentage = _percentage(value)
    return math.ceil(percentage * total / 100) if round_up else math.floor(percentage * total / 100)


def _percentage(text: str) -> int:
    if not text.endswith("%"):
        raise ValueError("invalid value for IntOrString: invalid type: string is not a percentage")
    digits = text[:-1]
    number = parse_int64(digits)
    if number is None:
        cause = "value out of range" if is_decimal(digits) else "invalid syntax"
        problem = f"invalid value {quote(text)}: strconv.Atoi: parsing {quote(digits)}: {cause}"
        raise ValueError(f"invalid value for IntOrString: {problem}")
    return number


def is_percent(value: IntOrString | None) -> bool:
    """Whether it is "<digits>%" (pkg/apis/apps/validation getPercentValue)."""
    return isinstance(value, str) and value.endswith("%") and value[:-1].isascii() and value[:-1].isdigit()


def int_value(value: IntOrString) -> int:
    """As an integer; a string that is none is 0 (IntOrString.IntValue)."""
    return value if isinstance(value, int) else parse_int64(value) or 0


def parse(text: str) -> IntOrString:
    """The integer a text is, else the text."""
    number = parse_int64(text)
    return number if number is not None and -INT32_MAXIMUM - 1 <= number <= INT32_MAXIMUM else text
