"""Durations as Go writes them ("1h30m0s") and as tables show ages ("3m20s", "2d5h")."""

from __future__ import annotations

import re

from minikube_py.machinery.integers import INT64_MAXIMUM

_SECOND = 1_000_000_000
_UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": _SECOND,
    "m": 60 * _SECOND,
    "h": 3600 * _SECOND,
}
_part = re.compile(r"([0-9]*)(?:\.([0-9]*))?([^.0-9]*)")


def parse(text: str) -> float:
    """Seconds. Raises ValueError in the words of Go's time.ParseDuration."""
    return parse_nanoseconds(text) / _SECOND


def parse_nanoseconds(text: str) -> int:
    unsigned = text[1:] if text[:1] in ("-", "+") else text
    if unsigned == "0":
        return 0
    total, position = 0, 0
    while position < len(unsigned) or not unsigned:
        match = _part.match(unsigned, position)
        if match is None or not (match[1] or match[2]):
            raise ValueError(f"time: invalid duration {_quoted(text)}")
        total += _nanoseconds(match, text)
        position = match.end()
        if total > INT64_MAXIMUM + 1:
            raise ValueError(f"time: invalid duration {_quoted(text)}")
    if text[0] == "-":
        return -total
    if total > INT64_MAXIMUM:
        raise ValueError(f"time: invalid duration {_quoted(text)}")
    return total


def _nanoseconds(match: re.Match[str], text: str) -> int:
    """One number and its unit."""
    whole, fraction, name = match[1], match[2] or "", match[3]
    if int(whole or "0") > INT64_MAXIMUM + 1:
        raise ValueError(f"time: invalid duration {_quoted(text)}")
    if not name:
        raise ValueError(f"time: missing unit in duration {_quoted(text)}")
    if (unit := _UNITS.get(name)) is None:
        raise ValueError(f"time: unknown unit {_quoted(name)} in duration {_quoted(text)}")
    return int(whole or "0") * unit + int(int(fraction or "0") * unit // 10 ** len(fraction))


def _quoted(text: str) -> str:
    """As package time quotes: bytes beyond ASCII in hex."""
    return '"' + "".join(_quoted_byte(byte) for byte in text.encode()) + '"'


def _quoted_byte(byte: int) -> str:
    if byte >= 0x80 or byte < 0x20:
        return f"\\x{byte:02x}"
    return f"\\{chr(byte)}" if byte in b'"\\' else chr(byte)


def canonicalize(text: str) -> str:
    """As metav1.Duration is stored: "90m" is "1h30m0s". Raises ValueError."""
    return nanoseconds_text(parse_nanoseconds(text))


def go_text(seconds: float) -> str:
    """A time.Duration's String(): "1h0m0s", "1.5s", "250ms", "0s"."""
    return nanoseconds_text(round(seconds * _SECOND))


def nanoseconds_text(nanoseconds: int) -> str:
    sign, count = ("-", -nanoseconds) if nanoseconds < 0 else ("", nanoseconds)
    if count < _SECOND:
        return sign + _fraction_text(count)
    minutes, rest = divmod(count, 60 * _SECOND)
    text = _decimal(rest, _SECOND) + "s"
    if minutes:
        hours, minutes = divmod(minutes, 60)
        text = f"{hours}h{minutes}m{text}" if hours else f"{minutes}m{text}"
    return sign + text


def _fraction_text(nanoseconds: int) -> str:
    """Less than a second."""
    if nanoseconds == 0:
        return "0s"
    for unit in ("ms", "µs"):
        if nanoseconds >= _UNITS[unit]:
            return _decimal(nanoseconds, _UNITS[unit]) + unit
    return f"{nanoseconds}ns"


def _decimal(count: int, unit: int) -> str:
    whole, rest = divmod(count, unit)
    if not rest:
        return str(whole)
    digits = str(rest).rjust(len(str(unit)) - 1, "0").rstrip("0")
    return f"{whole}.{digits}"


def human_duration(seconds: float) -> str:
    """Two or three significant figures, as kubectl's AGE column (apimachinery util/duration HumanDuration)."""
    count = int(seconds)
    if count < -1:
        return "<invalid>"
    if count < 0:
        return "0s"
    if count < 120:
        return f"{count}s"
    minutes, hours = count // 60, count // 3600
    if minutes < 10:
        return _pair(minutes, "m", count % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _pair(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    return _human_days(hours)


def _human_days(hours: int) -> str:
    days = hours // 24
    if days < 8:
        return _pair(days, "d", hours % 24, "h")
    if days < 365 * 2:
        return f"{days}d"
    if days < 365 * 8:
        return _pair(days // 365, "y", days % 365, "d")
    return f"{days // 365}y"


def _pair(count: int, unit: str, rest: int, smaller: str) -> str:
    return f"{count}{unit}{rest}{smaller}" if rest else f"{count}{unit}"


def short_human_duration(seconds: float) -> str:
    """One unit only ("27h" is "1d"; util/duration ShortHumanDuration)."""
    count = int(seconds)
    if count < -1:
        return "<invalid>"
    for limit, unit, name in ((60, 1, "s"), (3600, 60, "m"), (86400, 3600, "h"), (31536000, 86400, "d")):
        if count < limit:
            return f"{max(0, count) // unit}{name}"
    return f"{count // 31536000}y"
