"""Bands of numbers: the static part is given out last, and nothing is given out twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.api.allocators.band import Band, static_band
from minikube_py.api.allocators.errors import Full
from minikube_py.machinery.random import Random


@pytest.mark.parametrize(
    ("size", "step", "maximum", "expected"),
    [
        pytest.param(16, 16, 256, 0, id="a /28 has none"),
        pytest.param(32, 16, 256, 16, id="at least sixteen"),
        pytest.param(1024, 16, 256, 64, id="a sixteenth"),
        pytest.param(65536, 16, 256, 256, id="at most 256 addresses"),
        pytest.param(2768, 32, 128, 86, id="the default node ports"),
        pytest.param(65536, 32, 128, 128, id="at most 128 ports"),
    ],
)
def test_static_band(size: int, step: int, maximum: int, expected: int) -> None:
    assert static_band(size, step, maximum) == expected


def test_the_static_part_comes_last() -> None:
    band = Band(20, 16, Random(1))
    assert {band.take_any() for _ in range(4)} == {16, 17, 18, 19}
    assert band.take_any() < 16


@given(st.integers(1, 40), st.integers(0, 40), st.integers(0, 2**32))
def test_everything_is_given_once_and_then_nothing(size: int, static: int, seed: int) -> None:
    band = Band(size, min(static, size), Random(seed))
    assert sorted(band.take_any() for _ in range(size)) == list(range(size))
    with pytest.raises(Full, match="range is full"):
        band.take_any()
    band.give_back(0)
    assert band.take_any() == 0


def test_the_same_seed_gives_the_same_numbers() -> None:
    first, second = Band(1000, 16, Random(7)), Band(1000, 16, Random(7))
    assert [first.take_any() for _ in range(50)] == [second.take_any() for _ in range(50)]
