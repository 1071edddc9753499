"""Cron schedules: what they match, and the words against malformed ones."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minikube_py.machinery.cron import Calendar, Every, Schedule, load_zone, parse

START = "2026-01-01T00:00:00"  # a Thursday


def at(text: str, zone: str = "") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=load_zone(zone)).timestamp()


def shown(moment: float | None) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@pytest.mark.parametrize(
    ("schedule", "after", "due"),
    [
        pytest.param("*/5 * * * *", START, "2026-01-01T00:05:00", id="step"),
        pytest.param("*/5 * * * *", "2026-01-01T00:04:59.5", "2026-01-01T00:05:00", id="next-second"),
        pytest.param("* * * * *", "2026-01-01T00:04:59", "2026-01-01T00:05:00", id="every-minute"),
        pytest.param("7/20 * * * *", "2026-01-01T00:30:00", "2026-01-01T00:47:00", id="step-from-a-number"),
        pytest.param("10-20/5 3 * * *", "2026-01-01T03:15:00", "2026-01-01T03:20:00", id="step-in-a-range"),
        pytest.param("1,59 * * * *", "2026-01-01T00:01:00", "2026-01-01T00:59:00", id="list"),
        pytest.param("0 9 * * mon-fri", "2026-01-02T09:00:00", "2026-01-05T09:00:00", id="weekdays-by-name"),
        pytest.param("0 0 * * 0", START, "2026-01-04T00:00:00", id="sunday"),
        pytest.param("0 0 31 * *", "2026-01-31T00:00:00", "2026-03-31T00:00:00", id="short-months-are-skipped"),
        pytest.param("0 0 29 feb *", START, "2028-02-29T00:00:00", id="leap-day"),
        pytest.param("0 0 30 2 *", START, None, id="never"),
        pytest.param("0 0 13 * fri", START, "2026-01-02T00:00:00", id="either-day-without-a-star"),
        pytest.param("0 0 */1 * fri", START, "2026-01-02T00:00:00", id="both-days-with-a-star"),
        pytest.param("0 0 */2 * fri", START, "2026-01-02T00:00:00", id="a-stepped-star-is-none"),
        pytest.param("0 0 ? * ?", START, "2026-01-02T00:00:00", id="question-mark"),
        pytest.param("0 0 , * *", START, None, id="empty-list"),
        pytest.param("@hourly", "2026-01-01T00:00:01", "2026-01-01T01:00:00", id="hourly"),
        pytest.param("@midnight", START, "2026-01-02T00:00:00", id="midnight"),
        pytest.param("@weekly", START, "2026-01-04T00:00:00", id="weekly"),
        pytest.param("@monthly", START, "2026-02-01T00:00:00", id="monthly"),
        pytest.param("@annually", START, "2027-01-01T00:00:00", id="annually"),
        pytest.param("@every 1h30m", "2026-01-01T00:00:00.7", "2026-01-01T01:30:00", id="every"),
        pytest.param("@every 10ms", START, "2026-01-01T00:00:01", id="every-is-a-second-at-least"),
        pytest.param("TZ=Asia/Tokyo 0 9 * * *", START, "2026-01-02T00:00:00", id="zone-inside"),
        pytest.param("CRON_TZ=UTC 0 9 * * *", START, "2026-01-01T09:00:00", id="cron-zone-inside"),
    ],
)
def test_next(schedule: str, after: str, due: str | None) -> None:
    assert shown(parse(schedule).next(at(after))) == due


@pytest.mark.parametrize(
    ("schedule", "zone", "after", "due"),
    [
        pytest.param("30 2 * * *", "Europe/Berlin", "2026-03-28T03:00:00", "2026-03-30T00:30:00", id="skipped-hour"),
        pytest.param("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00", "2026-10-25T00:30:00", id="first-of-two"),
        pytest.param("0 * * * *", "Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T01:00:00", id="hourly-in-two"),
        pytest.param("0 0 * * *", "America/New_York", "2026-03-08T12:00:00", "2026-03-09T04:00:00", id="new-offset"),
        pytest.param("0 1 * * *", "America/Sao_Paulo", "2018-11-03T12:00:00", "2018-11-04T03:00:00", id="no-midnight"),
        pytest.param("15 9 * * *", "Asia/Kolkata", "2026-01-01T10:00:00", "2026-01-02T03:45:00", id="half-hours"),
    ],
)
def test_next_in_zone(schedule: str, zone: str, after: str, due: str) -> None:
    assert shown(parse(schedule).next(at(after, zone), load_zone(zone))) == due


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        pytest.param("", "empty spec string", id="empty"),
        pytest.param("often", "expected exactly 5 fields, found 1: [often]", id="one-field"),
        pytest.param("* * * * * *", "expected exactly 5 fields, found 6: [* * * * * *]", id="six-fields"),
        pytest.param("61 * * * *", "end of range (61) above maximum (59): 61", id="minute-too-large"),
        pytest.param("* * 0 * *", "beginning of range (0) below minimum (1): 0", id="day-too-small"),
        pytest.param("5-3 * * * *", "beginning of range (5) beyond end of range (3): 5-3", id="backwards"),
        pytest.param("*/0 * * * *", "step of range should be a positive number: */0", id="step-zero"),
        pytest.param("*/-1 * * * *", "negative number (-1) not allowed: -1", id="step-negative"),
        pytest.param("1-2-3 * * * *", "too many hyphens: 1-2-3", id="hyphens"),
        pytest.param("1/2/3 * * * *", "too many slashes: 1/2/3", id="slashes"),
        pytest.param(
            "x * * * *", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax', id="no-number"
        ),
        pytest.param(
            "99999999999999999999 * * * *",
            "failed to parse int from 99999999999999999999: strconv.Atoi: "
            'parsing "99999999999999999999": value out of range',
            id="huge-number",
        ),
        pytest.param("@often", "unrecognized descriptor: @often", id="descriptor"),
        pytest.param("@every x", 'failed to parse duration @every x: time: invalid duration "x"', id="duration"),
        pytest.param("TZ=Mars/B * * * * *", "provided bad location Mars/B: unknown time zone Mars/B", id="zone"),
        pytest.param(
            "TZ=UTC", "invalid schedule format: runtime error: slice bounds out of range [:-1]", id="zone-alone"
        ),
    ],
)
def test_malformed(schedule: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse(schedule)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["Mars/Base", "Europe", "Local/", "a\\b", "../UTC", "/UTC"])
def test_unknown_zones(name: str) -> None:
    with pytest.raises(ValueError, match=r"unknown time zone|time: invalid location name"):
        load_zone(name)


def test_every_is_a_constant_distance() -> None:
    assert parse("@every 90s") == Every(90)


_minutes = st.sampled_from(["*", "*/7", "0", "3-50/11", "59"])
_hours = st.sampled_from(["*", "*/5", "0", "2-4", "23"])
_zones = st.sampled_from(["", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"])
_moments = st.integers(min_value=1_600_000_000, max_value=1_900_000_000)


def fits(schedule: Schedule, moment: int, zone: str) -> bool:
    """Whether a whole minute has a minute and an hour of the schedule."""
    here = datetime.fromtimestamp(moment, load_zone(zone))
    assert isinstance(schedule, Calendar)
    return here.minute in schedule.minutes and here.hour in schedule.hours


@settings(max_examples=60, deadline=None)
@given(minute=_minutes, hour=_hours, zone=st.sampled_from(["", "Asia/Kathmandu"]), after=_moments)
def test_next_is_the_first_that_fits(minute: str, hour: str, zone: str, after: int) -> None:
    """Against a walk over all minutes; they match within a day and a half."""
    schedule = parse(f"{minute} {hour} * * *")
    start = after - after % 60 + 60
    first = next(each for each in range(start, start + 36 * 3600, 60) if fits(schedule, each, zone))
    assert schedule.next(after, load_zone(zone)) == first


@settings(max_examples=60, deadline=None)
@given(minute=_minutes, hour=_hours, zone=_zones, after=_moments)
def test_next_fits_where_clocks_change(minute: str, hour: str, zone: str, after: int) -> None:
    schedule, where = parse(f"{minute} {hour} * * *"), load_zone(zone)
    due = schedule.next(after, where)
    assert due is not None and due > after and due % 60 == 0
    assert fits(schedule, int(due), zone)
    assert schedule.next(due - 1, where) == due
