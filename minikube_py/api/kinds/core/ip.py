"""Addresses that traffic goes to, and their families."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network

from minikube_py.machinery.field import ErrorList, Path, invalid
from minikube_py.machinery.ipnet import Address, parse_ip, validate_ip

_LINK_LOCAL = (IPv4Network("169.254.0.0/16"), IPv6Network("fe80::/10"))
_LINK_LOCAL_MULTICAST = (IPv4Network("224.0.0.0/24"), IPv6Network("ff02::/16"))


def plain_ip(text: str) -> Address | None:
    """As parse_ip, but an IPv4-mapped IPv6 address is the IPv4 one it stands for, as for Go's net.IP."""
    address = parse_ip(text)
    mapped = address.ipv4_mapped if address is not None and address.version == 6 else None
    return mapped or address


def family_of(text: str) -> str:
    """ "IPv4", "IPv6", or "unknown"."""
    address = plain_ip(text)
    return "unknown" if address is None else f"IPv{address.version}"


@lru_cache(maxsize=8192)
def sound_family(text: str) -> str:
    """The family of an address that nothing can be said against: canonical, and traffic can be sent to it. "" for
    every other one. Remembered, for the same addresses are written again whenever one more comes or goes."""
    path = Path("")
    return "" if validate_ip(path, text) or validate_endpoint_ip(text, path) else family_of(text)


def validate_endpoint_ip(text: str, path: Path) -> ErrorList:
    """Addresses that traffic can be sent to (pkg/apis/core/validation ValidateEndpointIP)."""
    address = plain_ip(text)
    if address is None:
        return [invalid(path, text, "must be a valid IP address", "format=ip-sloppy")]
    problems = []
    if address.is_unspecified:
        problems.append(f"may not be unspecified ({text})")
    if address.is_loopback:
        problems.append("may not be in the loopback range (127.0.0.0/8, ::1/128)")
    if any(address in network for network in _LINK_LOCAL):
        problems.append("may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    if any(address in network for network in _LINK_LOCAL_MULTICAST):
        problems.append("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")
    return [invalid(path, text, problem, "format=endpoint-ip") for problem in problems]
