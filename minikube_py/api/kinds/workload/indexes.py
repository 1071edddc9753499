"""Sets of indexes as Indexed Jobs write them: "1,3-5,7" (pkg/apis/batch/validation)."""

from __future__ import annotations

from minikube_py.machinery.gotext import quote
from minikube_py.machinery.integers import parse_int64

Interval = tuple[int, int]


def count_indexes(text: str, completions: int) -> int:
    """How many indexes below `completions` the text names. Raises ValueError where it is no such set."""
    total, last = 0, -1
    for part in text.split(",") if text else ():
        first, second = parse_interval(part, completions)
        if total and last >= first:
            raise ValueError(f"non-increasing order, previous: {last}, current: {first}")
        total += second - first + 1
        last = second
    return total


def parse_interval(text: str, completions: int) -> Interval:
    """Both ends of "3-5", or of "3". Raises ValueError."""
    ends = text.split("-")
    if len(ends) > 2:
        raise ValueError(
            f"the fragment {quote(text)} violates the requirement that an index interval can have at most two parts "
            "separated by '-'"
        )
    first = _parse_index(ends[0], completions)
    if len(ends) == 1:
        return first, first
    second = _parse_index(ends[1], completions)
    if first >= second:
        raise ValueError(f"non-increasing order, previous: {first}, current: {second}")
    return first, second


def _parse_index(text: str, completions: int) -> int:
    index = parse_int64(text)
    if index is None:
        raise ValueError(f"cannot convert string to integer for index: {quote(text)}")
    if index >= completions:
        raise ValueError(f"too large index: {quote(text)}")
    return index


def first_overlap(completed: str, failed: str, completions: int) -> int | None:
    """The first index that stands in both sets; intervals that are malformed are passed over."""
    ones, others = _intervals(completed, completions), _intervals(failed, completions)
    position = other_position = 0
    while position < len(ones) and other_position < len(others):
        one, other = ones[position], others[other_position]
        if one[0] <= other[1] and other[0] <= one[1]:
            return max(one[0], other[0])
        if one[0] <= other[0]:
            position += 1
        else:
            other_position += 1
    return None


def _intervals(text: str, completions: int) -> list[Interval]:
    found = []
    for part in text.split(",") if text else ():
        try:
            found.append(parse_interval(part, completions))
        except ValueError:
            continue
    return found
