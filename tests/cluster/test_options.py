"""What a cluster cannot be told."""

from __future__ import annotations

import pytest

from minikube_py.options import InvalidOption, Options

NO_RANGE = "10.0.0.9-10.0.0.1 is no range of addresses such as 172.18.255.200-172.18.255.250"


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        pytest.param("cluster_cidr", "10.0.0.0/25", "10.0.0.0/25 has no room for the /24 of a node", id="small"),
        pytest.param("cluster_cidr", "fd00::/64", "Expected 4 octets in 'fd00::'", id="the other family"),
        pytest.param("cluster_cidr", 7, "Input should be a string", id="no text"),
        pytest.param("load_balancer_ip_range", "10.0.0.9-10.0.0.1", NO_RANGE, id="backwards"),
        pytest.param("load_balancer_ip_range", "10.0.0.0/8", "10.0.0.0/8 has more than 1048576 addresses", id="large"),
        pytest.param("event_ttl", "1", 'time: missing unit in duration "1"', id="no unit"),
        pytest.param("event_ttl", "-1h", "-1h is negative", id="negative"),
    ],
)
def test_refused(option: str, value: object, reason: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        Options.of({option: value})
    assert (caught.value.name, caught.value.reason) == (option, reason)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        pytest.param("cluster_cidr", "10.0.0.0/24", id="just enough"),
        pytest.param("load_balancer_ip_range", "198.51.100.0/24,fd00::/120", id="two families"),
        pytest.param("event_ttl", "0", id="for ever"),
        pytest.param("event_ttl", "1h30m", id="longer"),
    ],
)
def test_taken(option: str, value: str) -> None:
    assert getattr(Options.of({option: value}), option) == value
