"""Values as Go prints them in messages: %q, %v of a float, encoding/json."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

_ESCAPES = {
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v",
    "\\": "\\\\", '"': '\\"',
}  # fmt: skip
_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def quote(text: str) -> str:
    """A string literal as strconv.Quote and %q write it."""
    if text.isprintable() and '"' not in text and "\\" not in text and text.isascii():
        return f'"{text}"'
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if (known := _ESCAPES.get(char)) is not None:
        return known
    if char.isprintable():
        return char
    point = ord(char)
    if 0xDC80 <= point <= 0xDCFF:  # a byte that was no UTF-8, kept by surrogateescape
        return f"\\x{point - 0xDC00:02x}"
    if point < 0x80:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def float_text(value: float) -> str:
    """A float as %v writes it: shortest digits, an exponent below 1e-4 and from 1e6 on."""
    return _float(value, smallest=-4, largest=6)


def _float(value: float, smallest: int, largest: int) -> str:
    """The shortest digits that read back the same; plain notation for exponents in [smallest, largest)."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "+Inf" if value > 0 else "-Inf"
    number = Decimal(repr(value)).normalize()
    exponent = number.adjusted()
    if not number or smallest <= exponent < largest:
        return f"{number:f}"
    negative, digits, _ = number.as_tuple()
    mantissa = "".join(map(str, digits))
    fraction = f".{mantissa[1:]}" if len(mantissa) > 1 else ""
    return f"{'-' if negative else ''}{mantissa[0]}{fraction}e{exponent:+03d}"


def json_text(value: Any) -> str:
    """JSON as encoding/json writes it: no spaces, <, > and & escaped. Keys stand in the order they have,
    as a struct's do; sort those of a map beforehand (`sorted_map`)."""
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).translate(_HTML)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _json_float(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json_text(str(k))}:{json_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, Sequence):
        return "[" + ",".join(json_text(item) for item in value) + "]"
    return json_text(str(value))


def _json_float(value: float) -> str:
    text = _float(value, smallest=-6, largest=21)
    # encoding/json cleans e-09 to e-9
    return text[:-2] + text[-1] if text[-4:-1] == "e-0" else text


def sorted_map(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A Go map's entries in the order encoding/json writes them; None (a nil map) stays None."""
    return None if value is None else dict(sorted(value.items()))
