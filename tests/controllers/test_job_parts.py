"""What Jobs go by, from values alone: sets of indexes, back-off, policies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.controllers.job import backoff, indexes
from minikube_py.controllers.job.backoff import Record
from minikube_py.controllers.job.policies import match_failure, match_success
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.gvr import Object
from tests.controllers.jobs import NOW, on_exit, pod

# Indexes


@pytest.mark.parametrize(
    ("text", "completions", "expected"),
    [
        pytest.param("", 5, (), id="none"),
        pytest.param("0-2,5,7-9", 9, ((0, 2), (5, 5), (7, 8)), id="cut off"),
        pytest.param("0,1,2", 9, ((0, 2),), id="neighbours"),
        pytest.param("0,x,3-y,5", 9, ((0, 0), (5, 5)), id="malformed parts"),
        pytest.param("9,10", 9, (), id="all too large"),
    ],
)
def test_parse(text: str, completions: int, expected: indexes.Intervals) -> None:
    assert indexes.parse(text, completions) == expected


SETS = st.sets(st.integers(0, 40))


@given(SETS, SETS)
def test_intervals_are_sets(one: set[int], other: set[int]) -> None:
    ones, others = indexes.with_indexes((), one), indexes.with_indexes((), other)
    merged = indexes.merge(ones, others)
    assert {index for index in range(50) if indexes.has(merged, index)} == one | other
    assert indexes.total(merged) == len(one | other)
    assert indexes.overlap(ones, others) == len(one & other)
    assert indexes.parse(indexes.text(merged), 50) == merged
    assert indexes.first_missing(merged, 3, 42) == [index for index in range(42) if index not in one | other][:3]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param({0}, "0", id="one"),
        pytest.param({0, 1}, "0,1", id="two"),
        pytest.param({0, 1, 2, 4}, "0-2,4", id="three"),
    ],
)
def test_text(found: set[int], expected: str) -> None:
    assert indexes.text(indexes.with_indexes((), found)) == expected


# Back-off


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param(Record(), 0, id="no failure"),
        pytest.param(Record(1, NOW), 10, id="first"),
        pytest.param(Record(1, NOW - 4), 6, id="a while ago"),
        pytest.param(Record(4, NOW), 80, id="fourth"),
        pytest.param(Record(9, NOW), 600, id="at most ten minutes"),
        pytest.param(Record(1, NOW - 11), 0, id="over"),
    ],
)
def test_remaining(record: Record, expected: float) -> None:
    assert backoff.remaining(record, NOW) == expected


@pytest.mark.parametrize(
    ("succeeded", "failed", "expected"),
    [
        pytest.param([], [], Record(2, NOW - 50), id="nothing new"),
        pytest.param([], [pod("a", "Failed", ended=5), pod("b", "Failed", ended=9)], Record(4, NOW - 5), id="failures"),
        pytest.param([pod("a", "Succeeded", ended=5)], [], Record(), id="a success forgets"),
        pytest.param(
            [pod("a", "Succeeded", ended=7)],
            [pod("b", "Failed", ended=5), pod("c", "Failed", ended=9)],
            Record(1, NOW - 5),
            id="failures since the success",
        ),
    ],
)
def test_record(succeeded: list[Object], failed: list[Object], expected: Record) -> None:
    assert backoff.after(Record(2, NOW - 50), succeeded, failed) == expected


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param(pod("a", "Failed", ended=5), NOW - 5, id="its containers ended"),
        pytest.param(
            pod(
                "a",
                containerStatuses=[{"name": "c", "state": {"running": {}}}],
                conditions=[{"type": "Ready", "status": "False", "lastTransitionTime": rfc3339(NOW - 7)}],
            ),
            NOW - 7,
            id="not ready any more",
        ),
        pytest.param(pod("a", deleting=True), NOW - 30, id="deleted"),
        pytest.param(pod("a"), NOW - 600, id="created"),
    ],
)
def test_finished_at(made: Object, expected: float) -> None:
    assert backoff.finished_at(made) == expected


# Policies


DISRUPTED = {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}


@pytest.mark.parametrize(
    ("rules", "failed", "expected"),
    [
        pytest.param([], pod("p", "Failed"), ("", True, ""), id="no rule"),
        pytest.param([on_exit("Ignore", "In", 3)], pod("p", "Failed", code=3), ("Ignore", False, ""), id="ignored"),
        pytest.param([on_exit("Ignore", "In", 3)], pod("p", "Failed", code=4), ("", True, ""), id="another code"),
        pytest.param([on_exit("Count", "NotIn", 3)], pod("p", "Failed", code=4), ("Count", True, ""), id="not in"),
        pytest.param([on_exit("Count", "NotIn", 3)], pod("p", "Succeeded"), ("", True, ""), id="never 0"),
        pytest.param(
            [DISRUPTED, on_exit("FailJob", "In", 1, 2)],
            pod("p", "Failed", code=2),
            ("FailJob", True, "Container c for pod default/p failed with exit code 2 matching FailJob rule at index 1"),
            id="fails the job",
        ),
        pytest.param([on_exit("FailJob", "In", 1, container="x")], pod("p", "Failed"), ("", True, ""), id="container"),
        pytest.param(
            [DISRUPTED],
            pod("p", "Failed", conditions=[{"type": "DisruptionTarget", "status": "True"}]),
            ("Ignore", False, ""),
            id="condition",
        ),
        pytest.param(
            [{**DISRUPTED, "action": "FailJob"}],
            pod("p", "Failed", conditions=[{"type": "DisruptionTarget", "status": "True"}]),
            ("FailJob", True, "Pod default/p has condition DisruptionTarget matching FailJob rule at index 0"),
            id="condition fails the job",
        ),
    ],
)
def test_failure_policy(rules: list[Object], failed: Object, expected: tuple[str, bool, str]) -> None:
    assert tuple(match_failure({"rules": rules}, failed)) == expected


@pytest.mark.parametrize(
    ("rules", "succeeded", "expected"),
    [
        pytest.param([{"succeededCount": 2}], "0", "", id="too few"),
        pytest.param([{"succeededCount": 2}], "0,4", "Matched rules at index 0", id="enough"),
        pytest.param([{"succeededIndexes": "0,2"}], "0,1", "", id="not these"),
        pytest.param([{"succeededIndexes": "0,2"}], "0-3", "Matched rules at index 0", id="all of these"),
        pytest.param(
            [{"succeededIndexes": "9"}, {"succeededIndexes": "0-4", "succeededCount": 2}],
            "3-6",
            "Matched rules at index 1",
            id="some of these",
        ),
        pytest.param([{"succeededCount": 0}], "", "", id="nothing succeeded"),
    ],
)
def test_success_policy(rules: list[Object], succeeded: str, expected: str) -> None:
    assert match_success({"rules": rules}, 10, indexes.parse(succeeded, 10)) == expected
