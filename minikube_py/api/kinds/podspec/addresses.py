"""IP addresses in fields older than strict rules: apimachinery's util/validation/ip.go."""

from __future__ import annotations

import ipaddress
import re

from minikube_py.machinery.field import ErrorList, Path, invalid
from minikube_py.machinery.gotext import quote

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_leading_zeros = re.compile(r"(?<![0-9a-fA-F:.])0+(?=[0-9])|(?<=\.)0+(?=[0-9])|(?<=:)0+(?=[0-9]+\.)")


def parse_sloppily(value: str) -> Address | None:
    """The address, leading zeros in its octets ignored (netutils.ParseIPSloppy); None where it is none."""
    if "%" in value:
        return None
    try:
        return ipaddress.ip_address(value)
    except ValueError:
        pass
    if "." not in value:
        return None
    try:
        return ipaddress.ip_address(_leading_zeros.sub("", value))
    except ValueError:
        return None


def _is_strict(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _mapped(address: Address) -> ipaddress.IPv4Address | None:
    return address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None


def address_errors(value: str, path: Path) -> ErrorList:
    """An address without leading zeros and not IPv4-mapped; its form need not be canonical."""
    address = parse_sloppily(value)
    if address is None:
        return [invalid(path, value, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    errors: ErrorList = []
    if not _is_strict(value):
        errors.append(invalid(path, value, "must not have leading 0s"))
    elif _mapped(address) is not None:
        errors.append(invalid(path, value, "must not be an IPv4-mapped IPv6 address"))
    return errors


def address_warnings(value: str, path: Path) -> list[str]:
    """Against forms that are valid but not canonical (GetWarningsForIP)."""
    address = parse_sloppily(value)
    if address is None:
        return []
    mapped = _mapped(address)
    if mapped is not None or not _is_strict(value):
        better = quote(str(mapped or address))
        return [f"{path}: non-standard IP address {quote(value)} is invalid: use {better}"]
    if address.version == 6 and str(address) != value:
        canonical = quote(str(address))
        return [f"{path}: IPv6 address {quote(value)} should be in RFC 5952 canonical format ({canonical})"]
    return []
