from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.machinery import duration


@pytest.mark.parametrize(
    ("text", "canonical", "seconds"),
    [
        pytest.param("0", "0s", 0, id="bare-zero"),
        pytest.param("90m", "1h30m0s", 5400, id="minutes"),
        pytest.param("1.5h", "1h30m0s", 5400, id="fraction"),
        pytest.param("-1m30s", "-1m30s", -90, id="negative"),
        pytest.param("+.5s", "500ms", 0.5, id="no-integer-part"),
        pytest.param("1500us", "1.5ms", 0.0015, id="micro"),
        pytest.param("1µs", "1µs", 0.000001, id="micro-sign"),
        pytest.param("7ns", "7ns", 7e-9, id="nano"),
        pytest.param("100h0.001s", "100h0m0.001s", 360000.001, id="long-and-fine"),
    ],
)
def test_parse(text: str, canonical: str, seconds: float) -> None:
    assert duration.canonicalize(text) == canonical
    assert duration.parse(text) == seconds
    assert duration.go_text(seconds) == canonical


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", 'time: invalid duration ""', id="empty"),
        pytest.param("-", 'time: invalid duration "-"', id="sign"),
        pytest.param(".", 'time: invalid duration "."', id="dot"),
        pytest.param("x", 'time: invalid duration "x"', id="no-number"),
        pytest.param("é", r'time: invalid duration "\xc3\xa9"', id="bytes"),
        pytest.param("1", 'time: missing unit in duration "1"', id="no-unit"),
        pytest.param("1d", 'time: unknown unit "d" in duration "1d"', id="days"),
        pytest.param("9999999999h", 'time: invalid duration "9999999999h"', id="too-long"),
    ],
)
def test_problems(text: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        duration.parse(text)
    assert str(caught.value) == problem


@given(st.integers(-(2**63), 2**63 - 1))
def test_text_reads_back(nanoseconds: int) -> None:
    assert duration.parse_nanoseconds(duration.nanoseconds_text(nanoseconds)) == nanoseconds


@pytest.mark.parametrize(
    ("seconds", "human", "short"),
    [
        pytest.param(-2, "<invalid>", "<invalid>", id="future"),
        pytest.param(-1, "0s", "0s", id="almost-now"),
        pytest.param(5.9, "5s", "5s", id="seconds"),
        pytest.param(119, "119s", "1m", id="two-minutes-in-seconds"),
        pytest.param(120, "2m", "2m", id="whole-minutes"),
        pytest.param(200, "3m20s", "3m", id="minutes-and-seconds"),
        pytest.param(601, "10m", "10m", id="minutes"),
        pytest.param(3 * 3600, "3h", "3h", id="hours"),
        pytest.param(3 * 3600 + 60, "3h1m", "3h", id="hours-and-minutes"),
        pytest.param(47 * 3600, "47h", "1d", id="two-days-in-hours"),
        pytest.param(53 * 3600, "2d5h", "2d", id="days-and-hours"),
        pytest.param(100 * 86400, "100d", "100d", id="days"),
        pytest.param(800 * 86400, "2y70d", "2y", id="years-and-days"),
        pytest.param(10 * 365 * 86400, "10y", "10y", id="years"),
    ],
)
def test_human_duration(seconds: float, human: str, short: str) -> None:
    assert (duration.human_duration(seconds), duration.short_human_duration(seconds)) == (human, short)
