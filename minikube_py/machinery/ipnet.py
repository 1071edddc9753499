"""IP addresses and CIDRs, strictly and as loosely as old Go read them: apimachinery's util/validation/ip.go.

Old fields take leading zeros ("010.0.0.1") and IPv4-mapped IPv6 ("::ffff:1.2.3.4"); new ones only the canonical form.
"""

from __future__ import annotations

import re
from collections.abc import Container
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

from minikube_py.machinery.field import ErrorList, Path, invalid
from minikube_py.machinery.gotext import quote

Address = IPv4Address | IPv6Address

_is_dotted = re.compile(r"[0-9]+(?:\.[0-9]+){3}").fullmatch
_is_number = re.compile("[0-9]+").fullmatch


class Cidr(NamedTuple):
    """An address and its prefix's length in bits; the address keeps what is beyond the prefix."""

    address: Address
    prefix: int

    @property
    def network(self) -> Address:
        """The address without what is beyond the prefix."""
        width = self.address.max_prefixlen
        masked = int(self.address) >> (width - self.prefix) << (width - self.prefix)
        return type(self.address)(masked)

    def __str__(self) -> str:
        """As Go's net.IPNet: "10.0.0.0/8"."""
        network = self.network
        return f"{address_text(network)}/{self.prefix - 96 if _is_mapped(network) else self.prefix}"


def _is_mapped(address: Address) -> bool:
    return isinstance(address, IPv6Address) and address.ipv4_mapped is not None


def address_text(address: Address) -> str:
    """As Go's net.IP: IPv4-mapped addresses are shown as IPv4."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def parse_ip(text: str) -> Address | None:
    """With leading zeros and all (net.ParseIPSloppy); None if it is no address. No zones."""
    if "%" in text or "/" in text:
        return None
    if ":" not in text:
        return _parse_ipv4(text)
    head, _, last = text.rpartition(":")
    if "." in last:
        dotted = _parse_ipv4(last)
        if dotted is None:
            return None
        last = str(dotted)
    groups = [group.lstrip("0") or "0" if group else "" for group in head.split(":")]
    groups.append(last if "." in last or not last else last.lstrip("0") or "0")
    try:
        return IPv6Address(":".join(groups))
    except ValueError:
        return None


def _parse_ipv4(text: str) -> IPv4Address | None:
    if not _is_dotted(text):
        return None
    octets = [int(octet) for octet in text.split(".")]
    return IPv4Address(bytes(octets)) if max(octets) <= 255 else None


def parse_cidr(text: str) -> Cidr | None:
    """With leading zeros and all (net.ParseCIDRSloppy)."""
    host, slash, length = text.partition("/")
    address = parse_ip(host)
    if not slash or address is None or not _is_number(length) or int(length) > address.max_prefixlen:
        return None
    return Cidr(address, int(length))


def _is_strict(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_strict_cidr(text: str) -> bool:
    host, _, length = text.partition("/")
    return _is_strict(host) and (length == "0" or not length.startswith("0"))


def validate_ip_legacy(path: Path, value: str, strict: bool, old: Container[str] = ()) -> ErrorList:
    """Fields of before 1.33; `old` are values already stored, which stay allowed (IsValidIPForLegacyField)."""
    return [] if value in old else _ip_errors(path, value, strict, "format=ip-sloppy")


def validate_ip(path: Path, value: str) -> ErrorList:
    """Canonical only (IsValidIP)."""
    if errors := _ip_errors(path, value, True, "format=ip-strict"):
        return errors
    address = parse_ip(value)
    assert address is not None
    if (canonical := address_text(address)) != value:
        return [invalid(path, value, f"must be in canonical form ({quote(canonical)})", "format=ip-strict")]
    return []


def _ip_errors(path: Path, value: str, strict: bool, origin: str) -> ErrorList:
    address = parse_ip(value)
    if address is None:
        return [invalid(path, value, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)", origin)]
    if not strict:
        return []
    if not _is_strict(value):
        return [invalid(path, value, "must not have leading 0s", origin)]
    if _is_mapped(address):
        return [invalid(path, value, "must not be an IPv4-mapped IPv6 address", origin)]
    return []


def validate_cidr_legacy(path: Path, value: str, strict: bool, old: Container[str] = ()) -> ErrorList:
    """As validate_ip_legacy (IsValidCIDRForLegacyField)."""
    return [] if value in old else _cidr_errors(path, value, strict)


def validate_cidr(path: Path, value: str) -> ErrorList:
    """Canonical only (IsValidCIDR)."""
    if errors := _cidr_errors(path, value, True):
        return errors
    if (canonical := str(parse_cidr(value))) != value:
        return [invalid(path, value, f"must be in canonical form ({quote(canonical)})")]
    return []


def _cidr_errors(path: Path, value: str, strict: bool) -> ErrorList:
    cidr = parse_cidr(value)
    if cidr is None:
        return [invalid(path, value, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")]
    if not strict:
        return []
    if not _is_strict_cidr(value):
        return [invalid(path, value, "must not have leading 0s in IP or prefix length")]
    if _is_mapped(cidr.address):
        return [invalid(path, value, "must not have an IPv4-mapped IPv6 address")]
    if cidr.address != cidr.network:
        return [invalid(path, value, "must not have bits set beyond the prefix length")]
    return []


def validate_interface_address(path: Path, value: str) -> ErrorList:
    """An address with its network's length, "10.9.8.7/24" (IsValidInterfaceAddress)."""
    cidr = parse_cidr(value)
    if cidr is None:
        return [invalid(path, value, "must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)")]
    length = cidr.prefix - 96 if _is_mapped(cidr.address) and cidr.prefix > 32 else cidr.prefix
    canonical = f"{address_text(cidr.address)}/{length}"
    return [] if value == canonical else [invalid(path, value, f"must be in canonical form ({quote(canonical)})")]


def ip_warnings(path: Path, value: str) -> list[str]:
    """What is accepted but should be written otherwise (GetWarningsForIP)."""
    address = parse_ip(value)
    if address is None:
        return []
    canonical = quote(address_text(address))
    if not _is_strict(value) or _is_mapped(address):
        return [f"{path}: non-standard IP address {quote(value)} is invalid: use {canonical}"]
    if isinstance(address, IPv6Address) and str(address) != value:
        return [f"{path}: IPv6 address {quote(value)} should be in RFC 5952 canonical format ({canonical})"]
    return []


def cidr_warnings(path: Path, value: str) -> list[str]:
    """The same for CIDRs (GetWarningsForCIDR)."""
    cidr = parse_cidr(value)
    if cidr is None:
        return []
    warnings = []
    if cidr.address != cidr.network:
        single = f"{address_text(cidr.address)}/{cidr.address.max_prefixlen}"
        warnings.append(
            f"{path}: CIDR value {quote(value)} is ambiguous in this context "
            f"(should be {quote(str(cidr))} or {quote(single)}?)"
        )
    if not _is_strict_cidr(value) or _is_mapped(cidr.address):
        warnings.append(f"{path}: non-standard CIDR value {quote(value)} is invalid: use {quote(str(cidr))}")
    canonical = f"{cidr.address}/{cidr.prefix}"
    if not warnings and isinstance(cidr.address, IPv6Address) and canonical != value:
        warnings.append(
            f"{path}: IPv6 CIDR value {quote(value)} should be in RFC 5952 canonical format ({quote(canonical)})"
        )
    return warnings
