from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from minikube_py.machinery import quantity

SUFFIXES = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "e3", "E-2", "e0"]
texts = st.builds(
    lambda sign, whole, fraction, suffix: f"{sign}{whole}{fraction}{suffix}",
    st.sampled_from(["", "-", "+"]),
    st.integers(0, 10**15).map(str),
    st.one_of(st.just(""), st.integers(0, 10**6).map(lambda digits: f".{digits}")),
    st.sampled_from(SUFFIXES),
)


@pytest.mark.parametrize(
    ("given_", "canonical"),
    [
        pytest.param("0", "0", id="zero"),
        pytest.param("0Gi", "0", id="zero-has-no-suffix"),
        pytest.param("100m", "100m", id="milli"),
        pytest.param("1000m", "1", id="milli-to-one"),
        pytest.param("0.5", "500m", id="fraction"),
        pytest.param(".5", "500m", id="no-integer-part"),
        pytest.param("1500", "1500", id="no-fractions-of-k"),
        pytest.param("1000", "1k", id="kilo"),
        pytest.param("1024Mi", "1Gi", id="binary-rises"),
        pytest.param("1025Mi", "1025Mi", id="binary-stays"),
        pytest.param("0.5Gi", "512Mi", id="binary-fraction"),
        pytest.param("0.5Ki", "512", id="below-1024-is-decimal"),
        pytest.param("1e3", "1e3", id="exponent"),
        pytest.param("1.5e2", "150", id="exponent-of-none"),
        pytest.param("12E3", "12E3", id="text-is-kept"),
        pytest.param("+5", "+5", id="sign-is-kept"),
        pytest.param("1.500", "1.500", id="fraction-of-three-is-kept"),
        pytest.param("0.0000000001", "1n", id="rounded-up-to-nano"),
        pytest.param("-0.1n", "-1n", id="rounded-away-from-zero"),
        pytest.param("9999999999999Gi", "9223372036854775807", id="binary-is-capped"),
        pytest.param("1e2147483647", "10e2147483646", id="huge"),
        pytest.param("1000E", "1", id="no-suffix-beyond-exa"),
        pytest.param(" 1 ", "1", id="spaces"),
        pytest.param(2, "2", id="number"),
        pytest.param(0.1, "100m", id="float"),
        pytest.param(1e-7, "100n", id="float-with-exponent"),
    ],
)
def test_canonicalize(given_: Any, canonical: str) -> None:
    assert quantity.canonicalize(given_) == canonical


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "quantities must match the regular expression", id="empty"),
        pytest.param("1x", "quantities must match the regular expression", id="unknown-letter"),
        pytest.param("1.2.3", "quantities must match the regular expression", id="two-dots"),
        pytest.param("1 Gi", "quantities must match the regular expression", id="space-inside"),
        pytest.param("1KI", "quantities must match the regular expression", id="capitals"),
        pytest.param("1ki", "unable to parse quantity's suffix", id="no-such-suffix"),
        pytest.param("1e", "unable to parse quantity's suffix", id="exponent-without-digits"),
        pytest.param("Pi", "unable to parse numeric part of quantity", id="no-number"),
    ],
)
def test_problems(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        quantity.parse(text)


@pytest.mark.parametrize(
    ("text", "value", "milli"),
    [
        pytest.param("1500m", 2, 1500, id="rounded-up"),
        pytest.param("-1500m", -2, -1500, id="rounded-away-from-zero"),
        pytest.param("1u", 1, 1, id="tiny"),
        pytest.param("1Gi", 2**30, 2**30 * 1000, id="binary"),
        pytest.param("3", 3, 3000, id="whole"),
    ],
)
def test_values(text: str, value: int, milli: int) -> None:
    assert (quantity.value(text), quantity.milli_value(text)) == (value, milli)


@pytest.mark.parametrize(
    ("one", "other", "total", "rest"),
    [
        pytest.param("1Gi", "512Mi", "1536Mi", "512Mi", id="binary"),
        pytest.param("1", "100m", "1100m", "900m", id="decimal"),
        pytest.param("1Gi", "1G", "2073741824", "73741824", id="the-left-one-says-how"),
        pytest.param("0", "1Gi", "1Gi", "-1Gi", id="zero-says-nothing"),
        pytest.param("1", "1", "2", "0", id="to-zero"),
    ],
)
def test_sums(one: str, other: str, total: str, rest: str) -> None:
    left, right = quantity.parse(one), quantity.parse(other)
    assert (str(left + right), str(left - right)) == (total, rest)


def test_comparison_is_of_numbers() -> None:
    assert quantity.parse("1000m") == quantity.parse("1")
    assert hash(quantity.parse("1000m")) == hash(quantity.parse("1"))
    assert quantity.parse("1Gi") > quantity.parse("1G")
    assert max(quantity.parse(text) for text in ("2", "1500m", "1k")) == quantity.of(1000)
    assert not quantity.ZERO
    assert quantity.parse("-1").sign() == -1
    assert str(-quantity.of_milli(1500) * 2) == "-3"
    assert float(quantity.parse("250m")) == 0.25


@given(texts)
def test_canonical_text_means_the_same_and_stays(text: str) -> None:
    parsed = quantity.parse(text)
    assume(abs(float(parsed)) < 1e21)  # beyond E there is no suffix, and upstream leaves it out
    again = quantity.parse(str(parsed))
    assert again == parsed
    assert quantity.canonicalize(str(parsed)) == str(parsed)


@given(texts, texts)
def test_subtraction_undoes_addition(one: str, other: str) -> None:
    left, right = quantity.parse(one), quantity.parse(other)
    assert left + right - right == left
    assert (left < right) == ((left - right).sign() < 0)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9))
def test_milli_values_are_exact(number: Decimal) -> None:
    assert quantity.milli_value(str(number)) == number * 1000
