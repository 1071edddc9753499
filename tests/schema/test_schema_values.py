"""Times, durations and base64 as Go reads and writes them."""

from __future__ import annotations

import pytest

from minikube_py.api.schema import gobase64, goduration, gotime


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z", id="canonical"),
        pytest.param("2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z", id="leap day"),
        pytest.param("2024-01-02T03:04:05.999999999Z", "2024-01-02T03:04:05Z", id="fraction"),
        pytest.param("2024-01-02T03:04:05,5Z", "2024-01-02T03:04:05Z", id="comma"),
        pytest.param("2024-01-01T00:30:00+01:00", "2023-12-31T23:30:00Z", id="east"),
        pytest.param("2023-12-31T23:30:00-01:00", "2024-01-01T00:30:00Z", id="west"),
        pytest.param("2024-01-02T3:04:05Z", "2024-01-02T03:04:05Z", id="one digit of an hour"),
        pytest.param("0001-01-01T00:00:00Z", None, id="zero"),
    ],
)
def test_times(text: str, expected: str | None) -> None:
    assert gotime.time(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("yesterday", 'cannot parse "yesterday" as "2006"', id="no year"),
        pytest.param("", 'cannot parse "" as "2006"', id="empty"),
        pytest.param("é", r'cannot parse "\xc3\xa9" as "2006"', id="not ASCII"),
        pytest.param("2024-01-01", 'cannot parse "" as "T"', id="date alone"),
        pytest.param("2024-1-01T00:00:00Z", 'cannot parse "1-01T00:00:00Z" as "01"', id="short month"),
        pytest.param("2024-01-01 00:00:00Z", 'cannot parse " 00:00:00Z" as "T"', id="space"),
        pytest.param("2024-01-01T00:00:00", 'cannot parse "" as "Z07:00"', id="no zone"),
        pytest.param("2024-01-01T00:00:00+0100", 'cannot parse "+0100" as "Z07:00"', id="zone without a colon"),
        pytest.param("2024-13-01T00:00:00Z", "month out of range", id="month"),
        pytest.param("2023-02-29T00:00:00Z", "day out of range", id="day"),
        pytest.param("2024-01-01T24:00:00Z", "hour out of range", id="hour"),
        pytest.param("2024-01-01T00:60:00Z", "minute out of range", id="minute"),
        pytest.param("2024-01-01T00:00:60Z", "second out of range", id="second"),
        pytest.param("2024-01-01T00:00:00Zx", 'extra text: "x"', id="more"),
    ],
)
def test_times_that_are_none(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        gotime.time(text)
    layout = f' as "{gotime.RFC3339}"' if message.startswith("cannot") else ""
    assert str(caught.value) == f"parsing time {gotime.quote(text)}{layout}: {message}"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        pytest.param("2024-01-01T00:00:00Z", "Z", id="no fraction"),
        pytest.param("2024-01-01T00:00:00.5Z", ".5Z", id="too few digits"),
    ],
)
def test_microtimes_want_six_digits(text: str, rest: str) -> None:
    with pytest.raises(ValueError) as caught:
        gotime.microtime(text)
    assert str(caught.value) == f'parsing time "{text}" as "{gotime.RFC3339_MICRO}": cannot parse "{rest}" as ".000000"'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", "0s"),
        ("90s", "1m30s"),
        ("1.5h", "1h30m0s"),
        ("-1m0.5s", "-1m0.5s"),
        ("1500us", "1.5ms"),
        ("7ns", "7ns"),
        ("24h", "24h0m0s"),
    ],
)
def test_durations(text: str, expected: str) -> None:
    assert goduration.duration(text) == expected
    assert goduration.duration(expected) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", 'time: invalid duration ""', id="empty"),
        pytest.param("5", 'time: missing unit in duration "5"', id="no unit"),
        pytest.param("5d", 'time: unknown unit "d" in duration "5d"', id="days"),
        pytest.param("x", 'time: invalid duration "x"', id="no number"),
        pytest.param("3000000h", 'time: invalid duration "3000000h"', id="too long"),
    ],
)
def test_durations_that_are_none(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        goduration.duration(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", ""), ("YQ==", "YQ=="), ("YR==", "YQ=="), ("Y\nQ\r\n==", "YQ=="), ("YWI=\n", "YWI="), ("YWJj", "YWJj")],
)
def test_base64(text: str, expected: str) -> None:
    assert gobase64.canonical(text) == expected


@pytest.mark.parametrize(
    ("text", "byte"),
    [
        ("***", 0),
        ("v", 0),
        ("YQ", 0),
        ("YQ=", 3),
        ("YQ=x", 2),
        ("YQ==YQ==", 4),
        ("YWJjYQ", 4),
        ("Y===", 1),
        ("ab c", 2),
        ("YWI=x", 4),
        ("é", 0),
    ],
)
def test_base64_that_is_none(text: str, byte: int) -> None:
    with pytest.raises(ValueError) as caught:
        gobase64.canonical(text)
    assert str(caught.value) == f"illegal base64 data at input byte {byte}"
