from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.machinery import intstr


@pytest.mark.parametrize(
    ("value", "total", "up", "down"),
    [
        pytest.param(3, 10, 3, 3, id="integer"),
        pytest.param("25%", 10, 3, 2, id="percent"),
        pytest.param("25%", 1, 1, 0, id="percent-of-one"),
        pytest.param("0%", 10, 0, 0, id="none"),
        pytest.param("100%", 7, 7, 7, id="all"),
        pytest.param("150%", 3, 5, 4, id="more-than-all"),
        pytest.param("-5%", 10, 0, -1, id="negative"),
    ],
)
def test_scaled_value(value: int | str, total: int, up: int, down: int) -> None:
    assert intstr.scaled_value(value, total, True) == up
    assert intstr.scaled_value(value, total, False) == down


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        pytest.param("5", "invalid type: string is not a percentage", id="no-percent"),
        pytest.param("x%", 'invalid value "x%": strconv.Atoi: parsing "x": invalid syntax', id="no-number"),
        pytest.param(f"{2**63}%", f'invalid value "{2**63}%": strconv.Atoi: parsing "{2**63}": value out of range',
                     id="too-large"),
    ],
)  # fmt: skip
def test_problems(value: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        intstr.scaled_value(value, 10, True)
    assert str(caught.value) == f"invalid value for IntOrString: {problem}"


@given(st.integers(0, 100), st.integers(0, 10_000))
def test_both_ways_of_rounding_are_next_to_each_other(percent: int, total: int) -> None:
    up, down = (intstr.scaled_value(f"{percent}%", total, round_up) for round_up in (True, False))
    assert 0 <= down <= up <= min(total, down + 1)


def test_reading() -> None:
    assert (intstr.parse("80"), intstr.parse("http"), intstr.parse(str(2**31))) == (80, "http", str(2**31))
    assert (intstr.int_value(3), intstr.int_value("4"), intstr.int_value("http")) == (3, 4, 0)
    assert intstr.is_percent("5%") and not any(map(intstr.is_percent, ("5", "%", "-5%", 5, None)))
