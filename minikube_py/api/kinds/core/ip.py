"""IP addresses and CIDRs as the API takes them (apimachinery/pkg/util/validation/ip.go).

Fields older than 1.36 are "sloppy": not canonical forms are taken, with a warning. Before 1.36 even leading zeros and
IPv4-mapped IPv6 addresses were; `strict` says which (gates.strict_ips).
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from minikube_py.machinery.field import ErrorList, Path, invalid
from minikube_py.machinery.gotext import quote

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

SLOPPY = "format=ip-sloppy"
STRICT = "format=ip-strict"


def parse_ip(text: str) -> IPAddress | None:
    """Leading zeros are read as decimal, an IPv4-mapped IPv6 address as the IPv4 one it is (net.IP knows no
    difference); None for what is no address."""
    try:
        if ":" not in text:
            return IPv4Address(_without_zeros(text))
        if "%" in text:
            return None
        head, _, tail = text.rpartition(":")
        address = IPv6Address(f"{head}:{_without_zeros(tail)}" if "." in tail else text)
    except ValueError:
        return None
    return address.ipv4_mapped or address


def _without_zeros(dotted: str) -> str:
    if not ("0" in dotted and dotted.isascii()):
        return dotted
    parts = [part.lstrip("0") or "0" if part.isdigit() else part for part in dotted.split(".")]
    return ".".join(parts)


def _has_leading_zeros(text: str) -> bool:
    tail = text.rpartition(":")[2]
    return "." in tail and _without_zeros(tail) != tail


def _is_mapped(text: str) -> bool:
    return ":" in text and isinstance(parse_ip(text), IPv4Address)


def family_of(text: str) -> str:
    """"IPv4", "IPv6", or "unknown"."""
    address = parse_ip(text)
    return "unknown" if address is None else f"IPv{address.version}"


def validate_sloppy_ip(path: Path, text: str, strict: bool, known: Collection[str] = ()) -> ErrorList:
    """Of the old fields; what is in `known` was valid once and stays so."""
    if text in known:
        return []
    if parse_ip(text) is None:
        return [invalid(path, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)", SLOPPY)]
    return _strict_errors(path, text, SLOPPY) if strict else []


def _strict_errors(path: Path, text: str, origin: str) -> ErrorList:
    errors: ErrorList = []
    if _has_leading_zeros(text):
        errors.append(invalid(path, text, "must not have leading 0s", origin))
    elif _is_mapped(text):
        errors.append(invalid(path, text, "must not be an IPv4-mapped IPv6 address", origin))
    return errors


def validate_ip(path: Path, text: str) -> ErrorList:
    """Of new fields: canonical, nothing else."""
    address = parse_ip(text)
    if address is None:
        return [invalid(path, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)", STRICT)]
    if errors := _strict_errors(path, text, STRICT):
        return errors
    if str(address) != text:
        return [invalid(path, text, f'must be in canonical form ("{address}")', STRICT)]
    return []


def ip_warnings(path: Path, text: str) -> list[str]:
    """Of a valid address in a form that not everybody reads alike."""
    address = parse_ip(text)
    if address is None:
        return []
    if _has_leading_zeros(text) or _is_mapped(text):
        return [f"{path}: non-standard IP address {quote(text)} is invalid: use {quote(str(address))}"]
    if address.version == 6 and str(address) != text:
        canonical = quote(str(address))
        return [f"{path}: IPv6 address {quote(text)} should be in RFC 5952 canonical format ({canonical})"]
    return []


def parse_cidr(text: str) -> tuple[IPAddress, IPNetwork] | None:
    """The address as written and the network it is in."""
    host, slash, length = text.partition("/")
    address = parse_ip(host)
    if not slash or address is None or not (length.isascii() and length.isdigit()):
        return None
    bits = int(length)
    if _is_mapped(host):
        if bits < 96:  # the prefix ends before the IPv4 part, so that nothing of it is left
            return address, IPv6Network(f"::ffff:{address}/{bits}", strict=False)
        bits -= 96
    if bits > address.max_prefixlen:
        return None
    return address, ip_network(f"{address}/{bits}", strict=False)


def _has_zeros_in_length(text: str) -> bool:
    length = text.partition("/")[2]
    return len(length) > 1 and length.startswith("0")


def validate_sloppy_cidr(path: Path, text: str, strict: bool, known: Collection[str] = ()) -> ErrorList:
    if text in known:
        return []
    parsed = parse_cidr(text)
    if parsed is None:
        return [invalid(path, text, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")]
    return _strict_cidr_errors(path, text, parsed) if strict else []


def _strict_cidr_errors(path: Path, text: str, parsed: tuple[IPAddress, IPNetwork]) -> ErrorList:
    host = text.partition("/")[0]
    address, network = parsed
    if _has_leading_zeros(host) or _has_zeros_in_length(text):
        return [invalid(path, text, "must not have leading 0s in IP or prefix length")]
    if _is_mapped(host):
        return [invalid(path, text, "must not have an IPv4-mapped IPv6 address")]
    if address != network.network_address:
        return [invalid(path, text, "must not have bits set beyond the prefix length")]
    return []


def validate_cidr(path: Path, text: str) -> ErrorList:
    """Of new fields: canonical, nothing else."""
    parsed = parse_cidr(text)
    if parsed is None:
        return [invalid(path, text, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")]
    if errors := _strict_cidr_errors(path, text, parsed):
        return errors
    if str(parsed[1]) != text:
        return [invalid(path, text, f'must be in canonical form ("{parsed[1]}")')]
    return []


def cidr_warnings(path: Path, text: str) -> list[str]:
    parsed = parse_cidr(text)
    if parsed is None:
        return []
    address, network = parsed
    host = text.partition("/")[0]
    canonical = quote(str(network))
    warnings = []
    if address != network.network_address:
        single = quote(f"{address}/{128 if ':' in host else 32}")
        warnings.append(
            f"{path}: CIDR value {quote(text)} is ambiguous in this context (should be {canonical} or {single}?)"
        )
    if _has_leading_zeros(host) or _has_zeros_in_length(text) or _is_mapped(host):
        warnings.append(f"{path}: non-standard CIDR value {quote(text)} is invalid: use {canonical}")
    elif not warnings and address.version == 6 and str(network) != text:
        warnings.append(
            f"{path}: IPv6 CIDR value {quote(text)} should be in RFC 5952 canonical format ({canonical})"
        )
    return warnings


def validate_endpoint_ip(text: str, path: Path) -> ErrorList:
    """Addresses that traffic can be sent to (pkg/apis/core/validation ValidateEndpointIP)."""
    address = parse_ip(text)
    if address is None:
        return [invalid(path, text, "must be a valid IP address", SLOPPY)]
    problems = []
    if address.is_unspecified:
        problems.append(f"may not be unspecified ({text})")
    if address.is_loopback:
        problems.append("may not be in the loopback range (127.0.0.0/8, ::1/128)")
    if _in(address, _LINK_LOCAL):
        problems.append("may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    if _in(address, _LINK_LOCAL_MULTICAST):
        problems.append("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")
    return [invalid(path, text, problem, "format=endpoint-ip") for problem in problems]


_LINK_LOCAL: tuple[IPNetwork, ...] = (IPv4Network("169.254.0.0/16"), IPv6Network("fe80::/10"))
_LINK_LOCAL_MULTICAST: tuple[IPNetwork, ...] = (IPv4Network("224.0.0.0/24"), IPv6Network("ff02::/16"))


def _in(address: IPAddress, networks: tuple[IPNetwork, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
