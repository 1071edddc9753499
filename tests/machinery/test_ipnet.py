from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.machinery import ipnet
from minikube_py.machinery.field import Path

IP = Path("ip")
NO_IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
NO_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"


@pytest.mark.parametrize(
    ("value", "loose", "strict", "canonical"),
    [
        pytest.param("10.0.0.1", "", "", "", id="v4"),
        pytest.param("2001:db8::1", "", "", "", id="v6"),
        pytest.param("010.0.0.1", "", "must not have leading 0s", "must not have leading 0s", id="leading-zeros"),
        pytest.param("::ffff:1.2.3.4", "", "must not be an IPv4-mapped IPv6 address",
                     "must not be an IPv4-mapped IPv6 address", id="mapped"),
        pytest.param("2001:DB8:0::1", "", "", 'must be in canonical form ("2001:db8::1")', id="capitals"),
        pytest.param("1.2.3.256", NO_IP, NO_IP, NO_IP, id="octet"),
        pytest.param("fe80::1%eth0", NO_IP, NO_IP, NO_IP, id="zone"),
        pytest.param("", NO_IP, NO_IP, NO_IP, id="empty"),
    ],
)  # fmt: skip
def test_ips(value: str, loose: str, strict: str, canonical: str) -> None:
    found = (
        ipnet.validate_ip_legacy(IP, value, False),
        ipnet.validate_ip_legacy(IP, value, True),
        ipnet.validate_ip(IP, value),
    )
    assert tuple("".join(error.detail for error in errors) for errors in found) == (loose, strict, canonical)


@pytest.mark.parametrize(
    ("value", "loose", "strict", "canonical"),
    [
        pytest.param("10.0.0.0/8", "", "", "", id="v4"),
        pytest.param("2001:db8::/64", "", "", "", id="v6"),
        pytest.param("10.0.0.1/8", "", "must not have bits set beyond the prefix length",
                     "must not have bits set beyond the prefix length", id="bits-beyond"),
        pytest.param("10.0.0.0/08", "", "must not have leading 0s in IP or prefix length",
                     "must not have leading 0s in IP or prefix length", id="leading-zeros"),
        pytest.param("::ffff:1.2.3.0/120", "", "must not have an IPv4-mapped IPv6 address",
                     "must not have an IPv4-mapped IPv6 address", id="mapped"),
        pytest.param("2001:db8:0::/48", "", "", 'must be in canonical form ("2001:db8::/48")', id="spelling"),
        pytest.param("10.0.0.0", NO_CIDR, NO_CIDR, NO_CIDR, id="no-length"),
        pytest.param("10.0.0.0/33", NO_CIDR, NO_CIDR, NO_CIDR, id="too-long"),
    ],
)  # fmt: skip
def test_cidrs(value: str, loose: str, strict: str, canonical: str) -> None:
    found = (
        ipnet.validate_cidr_legacy(IP, value, False),
        ipnet.validate_cidr_legacy(IP, value, True),
        ipnet.validate_cidr(IP, value),
    )
    assert tuple("".join(error.detail for error in errors) for errors in found) == (loose, strict, canonical)


def test_what_is_stored_stays_allowed() -> None:
    assert ipnet.validate_ip_legacy(IP, "010.0.0.1", True, old=["010.0.0.1"]) == []
    assert ipnet.validate_cidr_legacy(IP, "10.0.0.1/8", True, old=["10.0.0.1/8"]) == []


@pytest.mark.parametrize(
    ("warnings", "wanted"),
    [
        pytest.param(ipnet.ip_warnings(IP, "10.0.0.1"), [], id="fine"),
        pytest.param(ipnet.ip_warnings(IP, "010.0.0.1"),
                     ['ip: non-standard IP address "010.0.0.1" is invalid: use "10.0.0.1"'], id="leading-zeros"),
        pytest.param(ipnet.ip_warnings(IP, "A::"),
                     ['ip: IPv6 address "A::" should be in RFC 5952 canonical format ("a::")'], id="capitals"),
        pytest.param(ipnet.cidr_warnings(IP, "10.0.0.1/8"), [
            'ip: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)'],
            id="ambiguous"),
        pytest.param(ipnet.cidr_warnings(IP, "A::/64"),
                     ['ip: IPv6 CIDR value "A::/64" should be in RFC 5952 canonical format ("a::/64")'],
                     id="cidr-capitals"),
    ],
)  # fmt: skip
def test_warnings(warnings: list[str], wanted: list[str]) -> None:
    assert warnings == wanted


def test_interface_addresses() -> None:
    assert ipnet.validate_interface_address(IP, "10.9.8.7/24") == []
    (error,) = ipnet.validate_interface_address(IP, "10.9.8.07/24")
    assert error.detail == 'must be in canonical form ("10.9.8.7/24")'


@given(st.ip_addresses())
def test_addresses_read_back(address: ipnet.Address) -> None:
    assert ipnet.parse_ip(str(address)) == address
