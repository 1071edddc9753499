"""Times as Go reads them (time/format.go), in its error words, and as metav1.Time and MicroTime write them."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from functools import lru_cache

RFC3339 = "2006-01-02T15:04:05Z07:00"
RFC3339_MICRO = "2006-01-02T15:04:05.000000Z07:00"

_SECONDS = r"[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"
_canonical = re.compile(f"{_SECONDS}Z", re.ASCII).fullmatch
_canonical_micro = re.compile(rf"{_SECONDS}\.\d{{6}}Z", re.ASCII).fullmatch


def time(text: str) -> str | None:
    """An RFC 3339 time in UTC and whole seconds; None for the zero time. Raises ValueError."""
    if _canonical(text):
        return text
    return _rewritten(text, RFC3339)


def microtime(text: str) -> str | None:
    """An RFC 3339 time with six digits of a second, in UTC; None for the zero time. Raises ValueError."""
    if _canonical_micro(text):
        return text
    return _rewritten(text, RFC3339_MICRO)


@lru_cache(maxsize=1024)
def _rewritten(text: str, layout: str) -> str | None:
    micro = layout is RFC3339_MICRO
    parser = _Parser(text, layout)
    moment, offset = parser.moment(micro)
    if not micro:
        moment = moment.replace(microsecond=0)
    try:
        moment -= timedelta(seconds=offset)
    except OverflowError:
        raise parser.failure("", "", ": year outside of range [0,9999]") from None
    if moment == datetime(1, 1, 1, tzinfo=UTC):
        return None
    written = moment.isoformat(timespec="microseconds" if micro else "seconds")
    return written.removesuffix("+00:00") + "Z"


class _Parser:
    """Reads a time from left to right, as time.Parse does."""

    def __init__(self, text: str, layout: str) -> None:
        self.text = text
        self.layout = layout
        self.rest = text

    def failure(self, wanted: str, rest: str, message: str = "") -> ValueError:
        head = f"parsing time {quote(self.text)}"
        if message:
            return ValueError(head + message)
        return ValueError(f"{head} as {quote(self.layout)}: cannot parse {quote(rest)} as {quote(wanted)}")

    def moment(self, micro: bool) -> tuple[datetime, int]:
        """The time as written, and its offset from UTC in seconds."""
        year = self.year()
        self.literal("-")
        month = self.number("01", "month", 1, 12)
        self.literal("-")
        day = self.number("02", "", 0, 99)
        self.literal("T")
        hour = self.number("15", "hour", 0, 23, short=True)
        self.literal(":")
        minute = self.number("04", "minute", 0, 59)
        self.literal(":")
        second = self.number("05", "second", 0, 59)
        microsecond = self.exact_fraction() if micro else self.fraction()
        offset = self.zone()
        if self.rest:
            raise self.failure("", "", f": extra text: {quote(self.rest)}")
        if not 1 <= day <= (monthrange(year, month)[1] if year else (31, 29)[month == 2] - (month in (4, 6, 9, 11))):
            raise self.failure("", "", ": day out of range")
        if not year:
            raise self.failure("", "", ": year outside of range [0,9999]")
        return datetime(year, month, day, hour, minute, second, microsecond, UTC), offset

    def literal(self, char: str) -> None:
        if not self.rest.startswith(char):
            raise self.failure(char, self.rest)
        self.rest = self.rest[1:]

    def year(self) -> int:
        hold = self.rest
        digits = hold[:4]
        if len(digits) < 4 or not _digits(digits):
            raise self.failure("2006", hold)
        self.rest = hold[4:]
        return int(digits)

    def number(self, wanted: str, name: str, low: int, high: int, *, short: bool = False) -> int:
        """Two digits; one suffices where `short`."""
        hold = self.rest
        size = 2 if _digits(hold[:2]) and len(hold) > 1 else 1
        if not _digits(hold[:size]) or (size == 1 and not short):
            raise self.failure(wanted, hold)
        value = int(hold[:size])
        self.rest = hold[size:]
        if name and not low <= value <= high:
            raise self.failure("", "", f": {name} out of range")
        return value

    def fraction(self) -> int:
        """Digits of a second that the layout does not ask for, in microseconds."""
        match = re.match(r"[.,](\d+)", self.rest, re.ASCII)
        if match is None:
            return 0
        self.rest = self.rest[match.end() :]
        return int(match[1][:6].ljust(6, "0"))

    def exact_fraction(self) -> int:
        hold = self.rest
        if len(hold) < 7 or hold[0] not in ".," or not _digits(hold[1:7]):
            raise self.failure(".000000", hold)
        self.rest = hold[7:]
        return int(hold[1:7])

    def zone(self) -> int:
        hold = self.rest
        if hold.startswith("Z"):
            self.rest = hold[1:]
            return 0
        if len(hold) < 6 or hold[3] != ":":
            raise self.failure("Z07:00", hold)
        sign, hours, minutes = hold[0], hold[1:3], hold[4:6]
        self.rest = hold[6:]
        valid = _digits(hours) and _digits(minutes) and sign in "+-"
        if _digits(hours) and int(hours) > 24:
            raise self.failure("", "", ": time zone offset hour out of range")
        if _digits(hours) and _digits(minutes) and int(minutes) > 60:
            raise self.failure("", "", ": time zone offset minute out of range")
        if not valid:
            raise self.failure("Z07:00", hold)
        offset = (int(hours) * 60 + int(minutes)) * 60
        return -offset if sign == "-" else offset


def quote(text: str) -> str:
    """As the package time quotes: other than ASCII byte by byte."""
    return '"' + "".join(_escaped(byte) for byte in text.encode()) + '"'


def _escaped(byte: int) -> str:
    if byte >= 0x80 or byte < 0x20:
        return f"\\x{byte:02x}"
    return f"\\{chr(byte)}" if byte in b'"\\' else chr(byte)


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
