r"""Backslashes as echo -e, printf and $'...' read them: \n, \t, \\, \x41, \0101."""

from __future__ import annotations

import re

_escape = re.compile(r"\\(x[0-9A-Fa-f]{1,2}|0[0-7]{0,3}|[1-7][0-7]{0,2}|u[0-9A-Fa-f]{1,4}|.)", re.DOTALL)
_SIMPLE = {
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    '"': '"',
    "'": "'",
}


def unescape(text: str) -> tuple[str, bool]:
    r"""The text meant, and whether \c ended it."""
    stop = next((match for match in _escape.finditer(text) if match[1] == "c"), None)
    before = text if stop is None else text[: stop.start()]
    return _escape.sub(lambda match: _meant(match[1]), before), stop is not None


def _meant(escape: str) -> str:
    first = escape[0]
    if first == "x" and len(escape) > 1:
        return _byte(int(escape[1:], 16))
    if first == "u" and len(escape) > 1:
        return chr(int(escape[1:], 16))
    if first in "01234567":
        return _byte(int(escape, 8) & 0xFF)
    return _SIMPLE.get(first, f"\\{escape}")


def _byte(value: int) -> str:
    """A byte that is no character by itself is kept as Python keeps such in text."""
    return bytes((value,)).decode("utf-8", "surrogateescape")
