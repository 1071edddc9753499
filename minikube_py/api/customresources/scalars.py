"""Strings and numbers against a schema: length, pattern, format; bounds, multiples, ranges of formats.

Upstream: kube-openapi/pkg/validation/validate/{validator,values,formats}.go.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from minikube_py.api.customresources.formats import FORMATS, normalized
from minikube_py.api.customresources.violation import Violation, in_body, invalid_type, too_long_text
from minikube_py.machinery import goregexp
from minikube_py.machinery.gotext import float_text
from minikube_py.machinery.gvr import Object

Note = Callable[[Any, str, list[Violation]], None]

_WHOLE_EPSILON = 1e-9
"""How far from a whole number a quotient may be (swag.IsFloat64AJSONInteger)."""


def string_check(schema: Object, format: str) -> Note:
    """Length, then pattern: the first that fails is told; format besides."""
    most, least, pattern = schema.get("maxLength"), schema.get("minLength"), schema.get("pattern") or ""
    matches = _pattern(pattern) if pattern else None
    has_format = FORMATS.get(normalized(format)) if format else None

    def note(value: Any, path: str, errors: list[Violation]) -> None:
        if most is not None and len(value) > most:
            errors.append(too_long_text(path, most))
        elif least is not None and len(value) < least:
            errors.append(Violation(in_body(path, f"should be at least {least} chars long"), value, path))
        elif matches is not None and not matches(value):
            errors.append(Violation(in_body(path, f"should match '{pattern}'"), value, path))
        if has_format is not None and not has_format(value):
            errors.append(invalid_type(path, format, value))

    return note


def _pattern(pattern: str) -> Callable[[str], Any]:
    try:
        return goregexp.compile_pattern(pattern).search
    except goregexp.InvalidPattern:
        return lambda text: None


def number_check(schema: Object, types: tuple[str, ...], format: str) -> Note:
    parts: list[Note] = []
    if (ranged := _range_note(types, format)) is not None:
        parts.append(ranged)
    if (factor := schema.get("multipleOf")) is not None:
        parts.append(_multiple_note(factor))
    if (least := schema.get("minimum")) is not None:
        parts.append(_bound_note(least, bool(schema.get("exclusiveMinimum")), -1))
    if (most := schema.get("maximum")) is not None:
        parts.append(_bound_note(most, bool(schema.get("exclusiveMaximum")), 1))

    def note(value: Any, path: str, errors: list[Violation]) -> None:
        for part in parts:
            part(value, path, errors)

    return note


def _range_note(types: tuple[str, ...], format: str) -> Note | None:
    if types == ("integer",) and format == "int32":
        fits: Callable[[Any], bool] = lambda value: value == int(value) and -(2**31) <= value < 2**31  # noqa: E731
    elif types == ("number",) and format == "float":
        fits = _is_float32
    else:
        return None

    def note(value: Any, path: str, errors: list[Violation]) -> None:
        if not fits(value):
            errors.append(Violation(f"Checked value must be of type {types[0]} with format {format} in {path}"))

    return note


def _is_float32(value: float) -> bool:
    try:
        struct.pack("f", value)
    except OverflowError:
        return False
    return True


def _multiple_note(factor: float) -> Note:
    def note(value: Any, path: str, errors: list[Violation]) -> None:
        whole = isinstance(value, int)
        by = int(factor) if whole else factor
        if by <= 0:
            message = f"factor MultipleOf declared for {path} must be positive: {_text(by)}"
            errors.append(Violation(message, by, path))
            return
        if whole:
            fits = value % by == 0
        else:
            quotient = 1 / by * value if by < 1 else value / by
            fits = abs(quotient - round(quotient)) < _WHOLE_EPSILON
        if not fits:
            errors.append(Violation(in_body(path, f"should be a multiple of {_text(by)}"), value, path))

    return note


def _bound_note(bound: float, exclusive: bool, sign: int) -> Note:
    """`sign` is 1 for a maximum, -1 for a minimum."""
    word = "less than" if sign > 0 else "greater than"
    words = word if exclusive else f"{word} or equal to"

    def note(value: Any, path: str, errors: list[Violation]) -> None:
        limit = int(bound) if isinstance(value, int) else bound
        over = (value - limit) * sign
        if over > 0 or (exclusive and over == 0):
            errors.append(Violation(in_body(path, f"should be {words} {_text(limit)}"), value, path))

    return note


def _text(number: float) -> str:
    """%v."""
    return str(number) if isinstance(number, int) else float_text(number)
