"""What JSONPath expressions are made of: steps from the values found so far to the next ones."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

from minikube_py.api.patch.gotree import go_text, go_type

Step = Callable[[list[Any]], list[Any]]
"""From the values found so far to those one step further."""

_SLICE = re.compile(r"(-?[0-9]*)(:-?[0-9]*)?(:-?[0-9]*)?")


class JSONPathError(ValueError):
    """A path that does not parse, or that does not fit the data. `found` is what was found before."""

    def __init__(self, message: str, found: list[Any] | None = None) -> None:
        super().__init__(message)
        self.found = found or []


def walk(steps: list[Step], values: list[Any]) -> list[Any]:
    for step in steps:
        values = step(values)
    return values


def constant(text: str) -> Step:
    return lambda values: [text]


def literal(value: Any) -> Step:
    return lambda values: [value] * len(values)


def failing(message: str) -> Step:
    def fail(values: list[Any]) -> list[Any]:
        raise JSONPathError(message, values)

    return fail


def field(name: str, allow_missing: bool) -> Step:
    def step(values: list[Any]) -> list[Any]:
        found = [value[name] for value in values if isinstance(value, dict) and name in value]
        if not found and values and not allow_missing:
            raise JSONPathError(f"{name} is not found")
        return found

    return step


def _contents(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list):
        return value
    return list(value.encode()) if isinstance(value, str) else []


def children(values: list[Any]) -> list[Any]:
    return [item for value in values for item in _contents(value)]


def descendants(values: list[Any]) -> list[Any]:
    """Every value that has contents, outer ones first; a string's are its bytes."""
    found: list[Any] = []
    for value in values:
        if contents := _contents(value):
            found.append(value)
            if not isinstance(value, str):
                found.extend(descendants(contents))
    return found


def union(branches: list[list[Step]]) -> Step:
    return lambda values: [found for steps in branches for found in walk(steps, values)]


def sliced(text: str) -> Step:
    match = _SLICE.fullmatch(text)
    if match is None:
        raise JSONPathError(f"invalid array index {text}")
    numbers: list[int | None] = []
    for part in (match[1], *(group[1:] if group else group for group in match.groups()[1:])):
        if part == "-":
            raise JSONPathError("array index - is not a number")
        numbers.append(int(part) if part else None)
    single = match[2] is None
    first, end, step = numbers
    if single:
        end = (first or 0) + 1

    def pick(values: list[Any]) -> list[Any]:
        found: list[Any] = []
        for value in values:
            if value is None:
                continue
            if not isinstance(value, list):
                raise JSONPathError(f"{go_type(value)} is not array or slice", values)
            bounds = _bounds(first, end, single, len(value), values)
            if bounds is None:
                return found
            if step is not None and step <= 0:
                raise JSONPathError("step must be > 0", values)
            found.extend(value[bounds[0] : bounds[1] : step or 1])
        return found

    return pick


def _bounds(first: int | None, end: int | None, single: bool, length: int, values: list[Any]) -> tuple[int, int] | None:
    """Where a slice starts and ends in a list of `length`; None if it is empty by its own words."""
    low = first or 0
    low += length if low < 0 else 0
    high = length if end is None else end
    high += length if high < 0 or (high == 0 and single) else 0
    if low == high:
        return None
    for index, shown in ((low, low), (high, high - 1)):
        if index < 0 or index > length or (index == length and shown == index):
            raise JSONPathError(f"array index out of bounds: index {shown}, length {length}", values)
    if low > high:
        raise JSONPathError(f"starting index {low} is greater than ending index {high}", values)
    return low, high


def _items(values: list[Any]) -> list[Any]:
    """What a filter looks at."""
    for value in values:
        if not isinstance(value, list):
            raise JSONPathError(f"{go_text(value)} is not array or slice and cannot be filtered", values)
    return [item for value in values for item in value]


def having(steps: list[Step]) -> Step:
    """Items for which an expression finds anything, be it on the way to an error."""

    def found(item: Any) -> list[Any]:
        try:
            return walk(steps, [item])
        except JSONPathError as error:
            return error.found

    return lambda values: [item for item in _items(values) if found(item)]


_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def comparing(left: list[Step], sign: str, right: list[Step]) -> Step:
    def holds(item: Any, values: list[Any]) -> bool:
        sides: list[Any] = []
        for steps in (left, right):
            found = walk(steps, [item])
            if not found:
                return False
            if len(found) > 1:
                raise JSONPathError("can only compare one element at a time", values)
            sides.append(found[0])
        return _compare(sides[0], sign, sides[1])

    return lambda values: [item for item in _items(values) if holds(item, values)]


def _compare(left: Any, sign: str, right: Any) -> bool:
    """As Go's templates compare: only values of one type, only strings and numbers by order."""
    compare = _SIGNS.get(sign)
    if compare is None:
        raise JSONPathError(f"unrecognized filter operator {sign}")
    for value in (left, right):
        if not isinstance(value, (str, int, float)):
            raise JSONPathError("invalid type for comparison")
    if type(left) is not type(right):
        raise JSONPathError("incompatible types for comparison")
    if isinstance(left, bool) and sign not in ("==", "!="):
        raise JSONPathError("invalid type for comparison")
    return compare(left, right)
