"""IP addresses in fields older than strict rules: apimachinery's util/validation/ip.go."""

from __future__ import annotations

import ipaddress
import re

from minikube_py.machinery.field import ErrorList, Path, invalid
from minikube_py.machinery.gotext import quote

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_PLAIN = re.compile(rf"(?:{_OCTET}\.){{3}}{_OCTET}")
"""An IPv4 address in its one canonical form, as nearly all are: about these there is nothing to say."""
_leading_zeros = re.compile(r"(?<![0-9a-fA-F:.])0+(?=[0-9])|(?<=\.)0+(?=[0-9])|(?<=:)0+(?=[0-9]+\.)")


def parse_sloppily(value: str) -> Address | None:
    """The address, leading zeros in its octets ignored (netutils.ParseIPSloppy); None where it is none."""
    return _parsed(value)[0]


def _parsed(value: str) -> tuple[Address | None, bool]:
    """The address, and whether it is one without ignoring zeros."""
    if "%" in value:
        return None, False
    try:
        return ipaddress.ip_address(value), True
    except ValueError:
        pass
    if "." not in value:
        return None, False
    try:
        return ipaddress.ip_address(_leading_zeros.sub("", value)), False
    except ValueError:
        return None, False


def _mapped(address: Address) -> ipaddress.IPv4Address | None:
    return address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None


def address_errors(value: str, path: Path) -> ErrorList:
    """An address without leading zeros and not IPv4-mapped; its form need not be canonical."""
    if _PLAIN.fullmatch(value):
        return []
    address, is_strict = _parsed(value)
    if address is None:
        return [invalid(path, value, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    errors: ErrorList = []
    if not is_strict:
        errors.append(invalid(path, value, "must not have leading 0s"))
    elif _mapped(address) is not None:
        errors.append(invalid(path, value, "must not be an IPv4-mapped IPv6 address"))
    return errors


def address_warnings(value: str, path: Path) -> list[str]:
    """Against forms that are valid but not canonical (GetWarningsForIP)."""
    if _PLAIN.fullmatch(value):
        return []
    address, is_strict = _parsed(value)
    if address is None:
        return []
    mapped = _mapped(address)
    if mapped is not None or not is_strict:
        better = quote(str(mapped or address))
        return [f"{path}: non-standard IP address {quote(value)} is invalid: use {better}"]
    if address.version == 6 and str(address) != value:
        canonical = quote(str(address))
        return [f"{path}: IPv6 address {quote(value)} should be in RFC 5952 canonical format ({canonical})"]
    return []
