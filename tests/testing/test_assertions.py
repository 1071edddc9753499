"""Assertions about objects: what they take, and what they say."""

from __future__ import annotations

import re
from typing import Any

import pytest

from minikube_py.testing.assertions import assert_condition, assert_rolled_out

AVAILABLE = {"type": "Available", "status": "False", "reason": "TooFew", "message": "one of two"}


def deployment(generation: int = 1, **status: Any) -> dict[str, Any]:
    return {
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default", "generation": generation},
        "spec": {"replicas": 2},
        "status": {"observedGeneration": 1, **status},
    }


def test_a_condition_that_holds() -> None:
    assert assert_condition(deployment(conditions=[AVAILABLE]), "Available", "False", reason="TooFew") == AVAILABLE


@pytest.mark.parametrize(
    ("conditions", "reason", "message"),
    [
        pytest.param([], None, "no condition Available=True, but none at all", id="none"),
        pytest.param(
            [AVAILABLE], None, "not Available=True, but Available=False (TooFew: one of two)", id="another status"
        ),
        pytest.param(
            [AVAILABLE | {"status": "True"}],
            "Enough",
            "not Available=True (Enough), but Available=True (TooFew: one of two)",
            id="another reason",
        ),
        pytest.param(
            [AVAILABLE | {"type": "Other"}],
            None,
            "no condition Available=True, but Other=False (TooFew: one of two)",
            id="another type",
        ),
    ],
)
def test_a_condition_that_does_not(conditions: list[dict[str, str]], reason: str | None, message: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(f"Deployment default/web: {message}")):
        assert_condition(deployment(conditions=conditions), "Available", reason=reason)


@pytest.mark.parametrize(
    ("workload", "message"),
    [
        pytest.param(deployment(replicas=2, updatedReplicas=2, availableReplicas=2), None, id="done"),
        pytest.param(deployment(2), "generation 2 is not seen yet, only 1", id="not seen"),
        pytest.param(
            deployment(replicas=3, updatedReplicas=2, availableReplicas=2), "wants 2, has replicas 3", id="old pods"
        ),
        pytest.param(
            deployment(replicas=2, availableReplicas=1, updatedReplicas=2, conditions=[AVAILABLE]),
            "wants 2, has availableReplicas 1; Available=False (TooFew: one of two)",
            id="unavailable",
        ),
    ],
)
def test_rolled_out(workload: dict[str, Any], message: str | None) -> None:
    if message is None:
        assert_rolled_out(workload)
        return
    with pytest.raises(AssertionError, match=re.escape(message)):
        assert_rolled_out(workload)
