"""Sets of addresses as MetalLB writes them."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from minikube_py.machinery.ipranges import parse_ranges


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("10.0.0.1-10.0.0.9", "10.0.0.1-10.0.0.9", id="range"),
        pytest.param("10.0.0.1 - 10.0.0.1", "10.0.0.1-10.0.0.1", id="one address"),
        pytest.param("10.0.0.0/30", "10.0.0.0-10.0.0.3", id="cidr"),
        pytest.param("10.0.0.0/32, fd00::-fd00::f", "10.0.0.0-10.0.0.0,fd00::-fd00::f", id="several"),
    ],
)
def test_ranges(text: str, shown: str) -> None:
    assert ",".join(map(str, parse_ranges(text))) == shown


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("10.0.0.9-10.0.0.1", id="backwards"),
        pytest.param("10.0.0.1-fd00::1", id="two families"),
        pytest.param("10.0.0.1/24", id="host bits"),
        pytest.param("10.0.0.0/8", id="too many"),
        pytest.param("a-b", id="no addresses"),
    ],
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValueError):
        parse_ranges(text)


def test_what_a_range_has() -> None:
    (found,) = parse_ranges("10.0.0.1-10.0.0.3")
    assert [ip_address(f"10.0.0.{number}") in found for number in range(5)] == [False, True, True, True, False]
    assert ip_address("fd00::1") not in found and found.family == "IPv4"
