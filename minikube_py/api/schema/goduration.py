"""Durations as Go's time.ParseDuration reads them and Duration.String writes them."""

from __future__ import annotations

import re
from functools import lru_cache

from minikube_py.machinery.gotext import quote

_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_part = re.compile(r"(\d*)(\.(\d*))?([^\d.]*)", re.ASCII)
_MAXIMUM = 2**63 - 1


@lru_cache(maxsize=256)
def duration(text: str) -> str:
    """ "90s" as Go writes it: "1m30s". Raises ValueError in Go's words."""
    return written(nanoseconds(text))


def nanoseconds(text: str) -> int:
    """The length of "1h30m", "-1.5s", "0". Raises ValueError in Go's words."""
    rest = text[1:] if text[:1] in ("+", "-") else text
    if rest == "0":
        return 0
    if not rest:
        raise ValueError(f"time: invalid duration {quote(text)}")
    total = 0
    while rest:
        match = _part.match(rest)
        assert match is not None, "every part of the pattern is optional"
        whole, fraction, unit = match[1], match[3] or "", match[4]
        if not whole and not fraction:
            raise ValueError(f"time: invalid duration {quote(text)}")
        if not unit:
            raise ValueError(f"time: missing unit in duration {quote(text)}")
        if unit not in _UNITS:
            raise ValueError(f"time: unknown unit {quote(unit)} in duration {quote(text)}")
        total += int(whole or "0") * _UNITS[unit] + int(fraction or "0") * _UNITS[unit] // 10 ** len(fraction)
        if total > _MAXIMUM:
            raise ValueError(f"time: invalid duration {quote(text)}")
        rest = rest[match.end() :]
    return -total if text.startswith("-") else total


def written(total: int) -> str:
    """Nanoseconds as Go writes a Duration: "1h0m0s", "1.5s", "100ms", "0s"."""
    sign, total = ("-", -total) if total < 0 else ("", total)
    if total == 0:
        return "0s"
    if total < 10**9:
        unit, size = ("ns", 1) if total < 10**3 else ("µs", 10**3) if total < 10**6 else ("ms", 10**6)
        return f"{sign}{_decimal(total, size)}{unit}"
    minutes, rest = divmod(total, 60 * 10**9)
    hours, minutes = divmod(minutes, 60)
    text = f"{_decimal(rest, 10**9)}s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    return f"{sign}{hours}h{text}" if hours else f"{sign}{text}"


def _decimal(value: int, size: int) -> str:
    whole, fraction = divmod(value, size)
    digits = str(fraction).rjust(len(str(size)) - 1, "0").rstrip("0") if fraction else ""
    return f"{whole}.{digits}" if digits else str(whole)
