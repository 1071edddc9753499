"""Cron schedules, as CronJobs write them: github.com/robfig/cron's standard syntax, its words and its arithmetic.

    parse("*/5 9-17 * * mon-fri").next(after, load_zone("Europe/Berlin"))

A schedule is five fields (minute, hour, day of month, month, day of week), a descriptor ("@daily", "@every 1h30m"), and
may name its own time zone before either ("TZ=Asia/Tokyo 0 9 * * *"). Times are Unix seconds.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple, Protocol

from minikube_py.machinery import duration
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.integers import parse_int64

_YEARS = 5
"""Schedules that match nothing for so long never do."""


class _Bounds(NamedTuple):
    low: int
    high: int
    names: tuple[str, ...] = ()
    """Names of `low` and what follows it."""


_MINUTE = _Bounds(0, 59)
_HOUR = _Bounds(0, 23)
_DAY = _Bounds(1, 31)
_MONTH = _Bounds(1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"))
_WEEKDAY = _Bounds(0, 6, ("sun", "mon", "tue", "wed", "thu", "fri", "sat"))
_FIELDS = (_MINUTE, _HOUR, _DAY, _MONTH, _WEEKDAY)

_DESCRIPTORS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_EVERY = "@every "


class Schedule(Protocol):
    """When something is due."""

    def next(self, after: float, zone: tzinfo = UTC) -> float | None:
        """The first time later than `after`; None if there is none within five years. `zone` is where the fields are
        read, unless the schedule names a zone itself."""
        ...


class Every(NamedTuple):
    """At a constant distance in whole seconds, on the second."""

    seconds: int

    def next(self, after: float, zone: tzinfo = UTC) -> float | None:
        return float(math.floor(after) + self.seconds)


class Calendar(NamedTuple):
    """At the times whose fields are all in these sets."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 is Sunday."""
    any_day: bool
    """Whether a day must be in both `days` and `weekdays`, because one of them was "*"; else either will do."""
    zone: tzinfo | None = None

    def next(self, after: float, zone: tzinfo = UTC) -> float | None:
        walk = _Walk(math.floor(after) + 1, self.zone or zone)
        last_year = walk.here.year + _YEARS
        while walk.here.year <= last_year:
            here = walk.here
            if here.month not in self.months:
                walk.to_next_month()
            elif not self._has_day(here):
                walk.to_next_day()
            elif here.hour not in self.hours:
                walk.to_next_hour()
            elif here.minute not in self.minutes:
                walk.to_next_minute()
            elif here.second:
                walk.to_next_second()
            else:
                return float(walk.moment)
        return None

    def _has_day(self, here: datetime) -> bool:
        day, weekday = here.day in self.days, here.isoweekday() % 7 in self.weekdays
        return (day and weekday) if self.any_day else (day or weekday)


class _Walk:
    """A moment that goes forward field by field, and its local time `here` (naive).

    The first step down-aligns what is below its field; from then on it is aligned, and stays so.
    """

    def __init__(self, moment: int, zone: tzinfo) -> None:
        self._zone = zone
        self._aligned = False
        self._set(moment)

    def _set(self, moment: int) -> None:
        self.moment = moment
        self.here = datetime.fromtimestamp(moment, self._zone).replace(tzinfo=None)

    def _set_local(self, here: datetime) -> None:
        self._set(_moment_of(here, self._zone))

    def _align(self, here: datetime) -> None:
        if not self._aligned:
            self._aligned = True
            self._set_local(here)

    def to_next_month(self) -> None:
        self._align(self.here.replace(day=1, hour=0, minute=0, second=0))
        here = self.here
        carry, month = divmod(here.month, 12)
        self._set_local(here.replace(year=here.year + carry, month=month + 1))

    def to_next_day(self) -> None:
        """To midnight, or back to it where a change of clocks moved it."""
        self._align(self.here.replace(hour=0, minute=0, second=0))
        self._set_local(self.here + timedelta(days=1))
        hour = self.here.hour
        if hour:
            self._set(self.moment + 3600 * (24 - hour if hour > 12 else -hour))

    def to_next_hour(self) -> None:
        self._align(self.here.replace(minute=0, second=0))
        self._set(self.moment + 3600)

    def to_next_minute(self) -> None:
        """Aligned without asking the zone: an hour that comes twice is not confused."""
        past = 0 if self._aligned else self.here.second
        self._aligned = True
        self._set(self.moment - past + 60)

    def to_next_second(self) -> None:
        self._aligned = True
        self._set(self.moment + 1)


def _moment_of(here: datetime, zone: tzinfo) -> int:
    """The Unix second of a local time. One that does not exist, or exists twice, is what Go's time.Date makes of it:
    read with the offset of the first guess."""
    as_utc = int(here.replace(tzinfo=UTC).timestamp())
    offset = _offset(as_utc, zone)
    return as_utc - _offset(as_utc - offset, zone) if offset else as_utc


def _offset(moment: int, zone: tzinfo) -> int:
    shift = datetime.fromtimestamp(moment, zone).utcoffset()
    return int(shift.total_seconds()) if shift is not None else 0


@lru_cache(maxsize=256)
def parse(text: str) -> Schedule:
    """The schedule a text means. Raises ValueError in the library's words."""
    if not text:
        raise ValueError("empty spec string")
    zone = None
    if text.startswith(("TZ=", "CRON_TZ=")):
        name, text = _split_zone(text)
        try:
            zone = load_zone(name)
        except ValueError as error:
            raise ValueError(f"provided bad location {name}: {error}") from None
    if text.startswith(_EVERY):
        return _parse_every(text)
    if text.startswith("@"):
        if text not in _DESCRIPTORS:
            raise ValueError(f"unrecognized descriptor: {text}")
        text = _DESCRIPTORS[text]
    return _parse_fields(text, zone)


def _split_zone(text: str) -> tuple[str, str]:
    """The zone's name, and what follows. Without a space upstream's parser panics, and Kubernetes reports that."""
    assignment, space, rest = text.partition(" ")
    if not space:
        raise ValueError("invalid schedule format: runtime error: slice bounds out of range [:-1]")
    return assignment.partition("=")[2], rest.strip()


def _parse_every(text: str) -> Every:
    try:
        nanoseconds = duration.parse_nanoseconds(text[len(_EVERY) :])
    except ValueError as error:
        raise ValueError(f"failed to parse duration {text}: {error}") from None
    return Every(max(1, nanoseconds // 1_000_000_000))


def _parse_fields(text: str, zone: tzinfo | None) -> Calendar:
    words = text.split()
    if len(words) != len(_FIELDS):
        raise ValueError(f"expected exactly {len(_FIELDS)} fields, found {len(words)}: [{' '.join(words)}]")
    sets, stars = zip(*(_parse_field(word, bounds) for word, bounds in zip(words, _FIELDS, strict=True)), strict=True)
    minutes, hours, days, months, weekdays = sets
    return Calendar(minutes, hours, days, months, weekdays, any_day=stars[2] or stars[4], zone=zone)


def _parse_field(text: str, bounds: _Bounds) -> tuple[frozenset[int], bool]:
    """ "1,3-5,*/10": the values, and whether a star stands for all of them."""
    values: set[int] = set()
    star = False
    for part in filter(None, text.split(",")):
        some, every = _parse_range(part, bounds)
        values.update(some)
        star = star or every
    return frozenset(values), star


def _parse_range(text: str, bounds: _Bounds) -> tuple[range, bool]:
    """ "5", "1-5", "*/2", "3/10" (from 3 on), "mon-fri"."""
    limits, *steps = text.split("/")
    low, *rest = limits.split("-")
    star = low in ("*", "?")
    if star:
        start, end = bounds.low, bounds.high
    else:
        start = _parse_value(low, bounds)
        end = _parse_value(rest[0], bounds) if len(rest) == 1 else start
        if len(rest) > 1:
            raise ValueError(f"too many hyphens: {text}")
    step = 1
    if len(steps) > 1:
        raise ValueError(f"too many slashes: {text}")
    if steps:
        step = _parse_number(steps[0])
        end = end if rest else bounds.high
    _check_range(start, end, step, bounds, text)
    return range(start, end + 1, step), star and step == 1


def _check_range(start: int, end: int, step: int, bounds: _Bounds, text: str) -> None:
    if start < bounds.low:
        raise ValueError(f"beginning of range ({start}) below minimum ({bounds.low}): {text}")
    if end > bounds.high:
        raise ValueError(f"end of range ({end}) above maximum ({bounds.high}): {text}")
    if start > end:
        raise ValueError(f"beginning of range ({start}) beyond end of range ({end}): {text}")
    if step == 0:
        raise ValueError(f"step of range should be a positive number: {text}")


def _parse_value(text: str, bounds: _Bounds) -> int:
    name = text.lower()
    return bounds.names.index(name) + bounds.low if name in bounds.names else _parse_number(text)


def _parse_number(text: str) -> int:
    number = parse_int64(text)
    if number is None:
        problem = "value out of range" if text.lstrip("+-").isdecimal() and text.isascii() else "invalid syntax"
        raise ValueError(f"failed to parse int from {text}: strconv.Atoi: parsing {quote(text)}: {problem}")
    if number < 0:
        raise ValueError(f"negative number ({number}) not allowed: {text}")
    return number


@lru_cache(maxsize=128)
def load_zone(name: str) -> tzinfo:
    """An IANA time zone; "" is UTC. Raises ValueError in Go's words (time.LoadLocation)."""
    if name in ("", "UTC"):
        return UTC
    if ".." in name or name[0] in "/\\" or "\\" in name:
        raise ValueError("time: invalid location name")
    from zoneinfo import ZoneInfo  # slow to import, and few schedules name a zone

    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise ValueError(f"unknown time zone {name}") from None
