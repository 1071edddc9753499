"""Integers as Go parses them."""

from __future__ import annotations

import re

INT32_MAXIMUM = 2**31 - 1
INT64_MAXIMUM = 2**63 - 1

_is_decimal = re.compile("[+-]?[0-9]+").fullmatch


def is_decimal(text: str) -> bool:
    """Digits with an optional sign, however large the number."""
    return _is_decimal(text) is not None


def parse_int64(text: str) -> int | None:
    """strconv.ParseInt(text, 10, 64), or None where that is an error."""
    if not _is_decimal(text):
        return None
    value = int(text)
    return value if -INT64_MAXIMUM - 1 <= value <= INT64_MAXIMUM else None
