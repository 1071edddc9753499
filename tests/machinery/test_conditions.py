from __future__ import annotations

from typing import Any

import pytest

from minikube_py.machinery import conditions
from minikube_py.machinery.field import Path

THEN, NOW, LATER = "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z", "2026-01-01T00:02:00Z"
READY = {"type": "Ready", "status": "False", "reason": "Starting", "message": "", "lastTransitionTime": THEN}


@pytest.mark.parametrize(
    ("new", "wanted"),
    [
        pytest.param({"type": "Ready", "status": "False", "reason": "Waiting", "message": "x"},
                     {**READY, "reason": "Waiting", "message": "x"}, id="same-status-keeps-the-time"),
        pytest.param({"type": "Ready", "status": "True", "reason": "Up", "message": ""},
                     {**READY, "status": "True", "reason": "Up", "lastTransitionTime": NOW}, id="new-status-now"),
        pytest.param({"type": "Ready", "status": "True", "reason": "Up", "message": "", "lastTransitionTime": LATER},
                     {**READY, "status": "True", "reason": "Up", "lastTransitionTime": LATER}, id="new-status-then"),
    ],
)  # fmt: skip
def test_set_condition_in_place(new: dict[str, Any], wanted: dict[str, Any]) -> None:
    given = [READY, {"type": "Other", "status": "True"}]
    assert conditions.set_condition(given, new, NOW) == [wanted, given[1]]
    assert given[0] is READY and READY["lastTransitionTime"] == THEN


def test_set_condition_appends_what_is_new() -> None:
    new = {"type": "Ready", "status": "True"}
    assert conditions.set_condition(None, new, NOW) == [{**new, "lastTransitionTime": NOW}]


def test_reading_and_removing() -> None:
    given = [READY, {"type": "Other", "status": "True"}]
    assert conditions.find(given, "Ready") is READY and conditions.find(None, "Ready") is None
    assert conditions.is_true(given, "Other") and conditions.is_false(given, "Ready")
    assert not conditions.is_true(given, "Nope") and not conditions.is_false(given, "Nope")
    assert conditions.remove_condition(given, "Ready") == [given[1]]


def test_validate_conditions() -> None:
    good = {**READY, "message": "m"}
    assert conditions.validate_conditions([good], Path("status", "conditions")) == []
    bad = {"type": "Ready", "status": "Maybe", "reason": "-", "observedGeneration": -1, "message": "m" * 40000}
    at = "conditions[1]"
    errors = conditions.validate_conditions([good, bad], Path("conditions"))
    assert [error.message().partition(" (e.g.")[0] for error in errors] == [
        f'{at}.type: Duplicate value: "Ready"',
        f'{at}.status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
        f"{at}.observedGeneration: Invalid value: -1: must be greater than or equal to zero",
        f"{at}.lastTransitionTime: Required value",
        f'{at}.reason: Invalid value: "-": a condition reason must start with alphabetic character, optionally '
        "followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
        f"{at}.message: Too long: may not be more than 32768 bytes",
    ]  # fmt: skip
