"""Quantities of resources: apimachinery's api/resource.

    "500m"  cpu          0.5                     milli_value  500
    "1Gi"   memory       2**30                   value        1073741824
    "1e3"   anything     1000                    canonicalize "1e3"
    "1500m", "1.5"       the same, written       canonicalize "1500m"
    "2048Ki"             "2Mi"

A number is kept exactly, as an integer of 10**scale, with the notation it was written in: decimal SI (k, M, G),
binary SI (Ki, Mi, Gi) or a decimal exponent (e3). What is finer than 1e-9 is rounded away from zero.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache, total_ordering
from typing import Any

from minikube_py.machinery.integers import INT64_MAXIMUM

DECIMAL_SI, BINARY_SI, DECIMAL_EXPONENT = "DecimalSI", "BinarySI", "DecimalExponent"

_FORMAT_PROBLEM = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_SUFFIX_PROBLEM = "unable to parse quantity's suffix"
_NUMBER_PROBLEM = "unable to parse numeric part of quantity"

_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_SUFFIXES = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_BINARY_SUFFIXES = {exponent: suffix for suffix, exponent in _BINARY.items()} | {0: ""}
_NANO = -9
_HUGE = 4096
"""More powers of ten than any quantity means; "1e2147483647" parses, and must not fill the memory."""
_INT64_DIGITS = 18

_split = re.compile(r"([+-]?)0*([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)").fullmatch
_has_number = re.compile(r"[+-]?\.?[0-9]").match
_exponent = re.compile("[eE]([+-]?[0-9]+)").fullmatch


@total_ordering
class Quantity:
    """Immutable. Its number is `unscaled * 10**scale`; `format` is how to write it."""

    __slots__ = ("_text", "format", "scale", "unscaled")

    def __init__(self, unscaled: int, scale: int = 0, format: str = DECIMAL_SI, text: str = "") -> None:
        self.unscaled = unscaled
        self.scale = scale
        self.format = format
        self._text = text

    def scaled(self, scale: int) -> int:
        """In units of 10**scale, rounded away from zero."""
        return _rescaled(self.unscaled, self.scale, scale)

    def value(self) -> int:
        return self.scaled(0)

    def milli_value(self) -> int:
        return self.scaled(-3)

    def __float__(self) -> float:
        if self.scale < 0:
            return self.unscaled / _power(-self.scale)
        return float(self.unscaled * _power(self.scale))

    def sign(self) -> int:
        return (self.unscaled > 0) - (self.unscaled < 0)

    def __bool__(self) -> bool:
        return self.unscaled != 0

    def __add__(self, other: Quantity) -> Quantity:
        """Written as the left one is, unless that is zero."""
        mine, theirs, scale = _aligned(self, other)
        return Quantity(mine + theirs, scale, self.format if self else other.format)

    def __sub__(self, other: Quantity) -> Quantity:
        mine, theirs, scale = _aligned(self, other)
        return Quantity(mine - theirs, scale, self.format if self else other.format)

    def __mul__(self, factor: int) -> Quantity:
        return Quantity(self.unscaled * factor, self.scale, self.format)

    def __neg__(self) -> Quantity:
        return Quantity(-self.unscaled, self.scale, self.format)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Quantity):
            return NotImplemented
        mine, theirs, _ = _aligned(self, other)
        return mine == theirs

    def __lt__(self, other: Quantity) -> bool:
        mine, theirs, _ = _aligned(self, other)
        return mine < theirs

    def __hash__(self) -> int:
        unscaled, zeros = _without_factor(self.unscaled, 10)
        return hash((unscaled, self.scale + zeros if unscaled else 0))

    def __str__(self) -> str:
        """The canonical text: the largest suffix that needs no fraction."""
        if not self._text:
            self._text = _canonical(self)
        return self._text

    def __repr__(self) -> str:
        return f"Quantity({str(self)!r})"


ZERO = Quantity(0, text="0")


def _aligned(one: Quantity, other: Quantity) -> tuple[int, int, int]:
    """Both numbers in units of the finer scale, and that scale."""
    scale = min(one.scale, other.scale)
    return one.unscaled * _power(one.scale - scale), other.unscaled * _power(other.scale - scale), scale


def _power(exponent: int) -> int:
    """10**exponent, bounded."""
    return int(10 ** min(exponent, _HUGE))


def _rescaled(unscaled: int, scale: int, wanted: int) -> int:
    if scale >= wanted:
        return unscaled * _power(scale - wanted)
    divisor = _power(wanted - scale)
    return -(-unscaled // divisor) if unscaled >= 0 else unscaled // divisor


def _without_factor(number: int, factor: int) -> tuple[int, int]:
    """`number` without its trailing factors, and how many there were."""
    times = 0
    while number and number % factor == 0:
        number //= factor
        times += 1
    return number, times


def _canonical(quantity: Quantity) -> str:
    if not quantity.unscaled:
        return "0"
    if quantity.format == BINARY_SI:
        whole = quantity.value()
        # fractions and what is below 1Ki are written as decimals
        if abs(whole) >= 1024 and quantity == Quantity(whole):
            number, times = _without_factor(whole, 1024)
            return f"{number}{_BINARY_SUFFIXES.get(times * 10, '')}"
    number, zeros = _without_factor(quantity.unscaled, 10)
    exponent = quantity.scale + zeros
    number *= 10 ** (exponent % 3)
    exponent -= exponent % 3
    if quantity.format == DECIMAL_EXPONENT:
        return f"{number}e{exponent}" if exponent else str(number)
    return f"{number}{_DECIMAL_SUFFIXES.get(exponent, '')}"


def parse(text: Any) -> Quantity:
    """A quantity as JSON has it, a string or a number. Raises ValueError in upstream's words."""
    return _parsed(text.strip() if type(text) is str else _number_text(text))


def _number_text(number: Any) -> str:
    """A JSON number as it was probably written; Python's exponents would make it a decimal exponent."""
    text = str(number)
    return f"{Decimal(text):f}" if isinstance(number, float) and "e" in text else text


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Quantity:
    if text == "0":
        return ZERO
    match = _split(text) if text else None
    if match is None:
        raise ValueError(_FORMAT_PROBLEM)
    sign, whole, fraction, suffix = match[1], match[2], match[3] or "", match[4]
    exponent, format = _interpreted(suffix)
    digits = (whole or "0") + fraction
    unscaled, scale = int(digits) * (-1 if sign == "-" else 1), -len(fraction)
    if format == BINARY_SI:
        return _binary(unscaled, scale, exponent, digits, fraction, text)
    return _decimal(unscaled, scale + exponent, digits, format, text)


def _interpreted(suffix: str) -> tuple[int, str]:
    """The exponent, of 2 for binary SI and of 10 else, and the notation."""
    if (exponent := _DECIMAL.get(suffix)) is not None:
        return exponent, DECIMAL_SI
    if (exponent := _BINARY.get(suffix)) is not None:
        return exponent, BINARY_SI
    match = _exponent(suffix)
    if match is None or abs(int(match[1])) > INT64_MAXIMUM:
        raise ValueError(_SUFFIX_PROBLEM)
    # Go's int32(): what does not fit wraps around
    return (int(match[1]) + 2**31) % 2**32 - 2**31, DECIMAL_EXPONENT


def _decimal(unscaled: int, scale: int, digits: str, format: str, text: str) -> Quantity:
    if len(digits) <= _INT64_DIGITS and scale >= _NANO:
        # Upstream keeps the text where it seems canonical, which lets "1.500" and "+5" through as they are.
        kept = scale % 3 == 0 and digits[0] != "0" and not digits.endswith("000")
        return Quantity(unscaled, scale, format, text if kept else "")
    _require_digits(text)
    if scale < _NANO:
        return Quantity(_rescaled(unscaled, scale, _NANO), _NANO, format)
    return Quantity(unscaled, scale, format)


def _binary(unscaled: int, scale: int, exponent: int, digits: str, fraction: str, text: str) -> Quantity:
    total = unscaled << exponent
    if not fraction and len(digits) + exponent * 3 // 10 < 15 and abs(total) <= INT64_MAXIMUM:
        return Quantity(total, 0, BINARY_SI, text if unscaled & 7 else "")
    _require_digits(text)
    amount = _rescaled(total, scale, _NANO)
    one = 10**-_NANO
    if abs(amount) > INT64_MAXIMUM * one:
        amount = (INT64_MAXIMUM if amount > 0 else -INT64_MAXIMUM) * one
    return Quantity(amount, _NANO, BINARY_SI if abs(amount) >= one else DECIMAL_SI)


def _require_digits(text: str) -> None:
    """A bare suffix is zero to upstream's quick parser, but nothing to the thorough one that big numbers need."""
    if not _has_number(text):
        raise ValueError(_NUMBER_PROBLEM)


@lru_cache(maxsize=4096)
def _canonical_text(text: str) -> str:
    return str(_parsed(text))


def canonicalize(value: Any) -> str:
    """What the server stores for a quantity it is given, a string or a number. Raises ValueError."""
    return _canonical_text(value.strip() if type(value) is str else _number_text(value))


def value(text: Any) -> int:
    """In whole units, rounded away from zero: bytes, replicas, cores."""
    return parse(text).value()


def milli_value(text: Any) -> int:
    """In thousandths, rounded away from zero: millicores."""
    return parse(text).milli_value()


def of(number: int, format: str = DECIMAL_SI) -> Quantity:
    """A whole number (resource.NewQuantity)."""
    return Quantity(number, 0, format)


def of_milli(number: int, format: str = DECIMAL_SI) -> Quantity:
    """A number of thousandths (resource.NewMilliQuantity)."""
    return Quantity(number, -3, format)
