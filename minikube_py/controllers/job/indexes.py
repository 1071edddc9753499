"""Sets of completion indexes as intervals, and the index of a pod (pkg/controller/job/indexed_job_utils.go).

parse("0-2,5,7-9", 9)          ((0, 2), (5, 5), (7, 8))
text(((0, 1), (3, 5)))         "0,1,3-5"
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from minikube_py.machinery import meta
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.integers import INT32_MAXIMUM, parse_int64

COMPLETION_INDEX = "batch.kubernetes.io/job-completion-index"
FAILURE_COUNT = "batch.kubernetes.io/job-index-failure-count"
IGNORED_FAILURE_COUNT = "batch.kubernetes.io/job-index-ignored-failure-count"
"""Annotations of a pod; the first is also a label."""

Interval = tuple[int, int]
"""First and last index."""

Intervals = tuple[Interval, ...]
"""In order, neither overlapping nor touching."""

UNKNOWN = -1


def parse(written: str, completions: int) -> Intervals:
    """The indexes below `completions`; malformed parts are passed over."""
    found: list[Interval] = []
    for part in written.split(",") if written else ():
        first_text, *rest = part.split("-")
        first = parse_int64(first_text)
        if first is None:
            continue
        if first >= completions:
            break
        last = parse_int64(rest[0]) if rest else first
        if last is not None:
            found.append((first, min(last, completions - 1)))
    return _joined(found)


def merge(one: Intervals, other: Iterable[Interval]) -> Intervals:
    return _joined(sorted((*one, *other)))


def with_indexes(intervals: Intervals, indexes: Iterable[int]) -> Intervals:
    return merge(intervals, ((index, index) for index in indexes))


def _joined(ordered: Sequence[Interval]) -> Intervals:
    joined: list[Interval] = []
    for first, last in ordered:
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)


def total(intervals: Intervals) -> int:
    return sum(last - first + 1 for first, last in intervals)


def has(intervals: Intervals, index: int) -> bool:
    position = bisect_left(intervals, index, key=lambda interval: interval[1])
    return position < len(intervals) and intervals[position][0] <= index


def text(intervals: Intervals) -> str:
    """As status has them: two neighbours are written apart, three and more with a hyphen."""
    parts: list[str] = []
    for first, last in intervals:
        parts.append(str(first))
        if last == first + 1:
            parts.append(str(last))
        elif last > first:
            parts[-1] = f"{first}-{last}"
    return ",".join(parts)


def overlap(one: Intervals, other: Intervals) -> int:
    """How many indexes are in both."""
    count = position = other_position = 0
    while position < len(one) and other_position < len(other):
        (first, last), (other_first, other_last) = one[position], other[other_position]
        count += max(0, min(last, other_last) - max(first, other_first) + 1)
        position += last <= other_last
        other_position += other_last <= last
    return count


def first_missing(taken: Intervals, count: int, completions: int) -> list[int]:
    """The `count` lowest indexes below `completions` that are not taken."""
    found: list[int] = []
    candidate = 0
    for first, last in (*taken, (completions, completions)):
        while candidate < min(first, completions) and len(found) < count:
            found.append(candidate)
            candidate += 1
        candidate = max(candidate, last + 1)
    return found


# Of pods


def completion_index(pod: Object) -> int:
    """UNKNOWN without a valid one."""
    index = parse_int64(meta.annotations(pod).get(COMPLETION_INDEX, ""))
    return UNKNOWN if index is None or index < 0 else index


def valid_index(pod: Object, completions: int) -> int:
    """UNKNOWN for one that is not below `completions`."""
    index = completion_index(pod)
    return index if index < completions else UNKNOWN


def indexes_of(pods: Iterable[Object]) -> set[int]:
    return {index for pod in pods if (index := completion_index(pod)) != UNKNOWN}


def failure_count(pod: Object) -> int:
    """How many pods of the index have failed before this one, by its annotation."""
    return _count(pod, FAILURE_COUNT)


def ignored_failure_count(pod: Object) -> int:
    return _count(pod, IGNORED_FAILURE_COUNT)


def _count(pod: Object, annotation: str) -> int:
    count = parse_int64(meta.annotations(pod).get(annotation, ""))
    return count if count is not None and 0 <= count <= INT32_MAXIMUM else 0
