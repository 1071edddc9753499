"""Expectations: when a controller may act again."""

from __future__ import annotations

import pytest

from minikube_py.client.expectations import TIMEOUT, Expectations
from minikube_py.machinery.clock import VirtualClock


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def expectations(clock: VirtualClock) -> Expectations[str]:
    return Expectations(clock)


def test_nothing_expected_is_satisfied(expectations: Expectations[str]) -> None:
    assert expectations.satisfied("a")
    expectations.creation_observed("a")
    expectations.deletion_observed("a", "u")
    assert expectations.satisfied("a")


def test_creations_are_counted(expectations: Expectations[str]) -> None:
    expectations.expect_creations("a", 2)
    expectations.creation_observed("a")
    assert not expectations.satisfied("a") and expectations.satisfied("b")
    expectations.creation_observed("a")
    assert expectations.satisfied("a")


def test_deletions_are_told_apart(expectations: Expectations[str]) -> None:
    expectations.expect_deletions("a", ["one", "two"])
    expectations.deletion_observed("a", "one")
    expectations.deletion_observed("a", "one")  # first its timestamp, then its end
    assert expectations.pending("a") == (0, frozenset({"two"}))
    expectations.deletion_observed("a", "two")
    assert expectations.satisfied("a")


def test_unmet_expectations_time_out(expectations: Expectations[str], clock: VirtualClock) -> None:
    expectations.expect_creations("a", 1)
    clock.advance_to(clock.now() + TIMEOUT)
    assert not expectations.satisfied("a")
    clock.advance_to(clock.now() + 1)
    assert expectations.satisfied("a")


def test_forgotten_expectations_bind_no_namesake(expectations: Expectations[str]) -> None:
    expectations.expect_creations("a", 1)
    expectations.forget("a")
    assert expectations.satisfied("a")
