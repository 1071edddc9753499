"""Sets of addresses as MetalLB writes them: "172.18.255.200-172.18.255.250", "198.51.100.0/24", several with commas
between."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple

from minikube_py.machinery.ipnet import Address

MAX_ADDRESSES = 1 << 20
"""Of one range: whoever looks for a free one goes through them."""


class IPRange(NamedTuple):
    """All from the first to the last; both are of one family."""

    first: Address
    last: Address

    @property
    def family(self) -> str:
        """ "IPv4" or "IPv6"."""
        return f"IPv{self.first.version}"

    def __contains__(self, address: object) -> bool:
        if not isinstance(address, IPv4Address | IPv6Address) or address.version != self.first.version:
            return False
        return int(self.first) <= int(address) <= int(self.last)

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


def parse_ranges(text: str) -> tuple[IPRange, ...]:
    """Raises ValueError."""
    return tuple(_parse(part.strip()) for part in text.split(","))


def _parse(text: str) -> IPRange:
    first, dash, last = text.partition("-")
    if dash:
        found = IPRange(ip_address(first.strip()), ip_address(last.strip()))
    else:
        network = ip_network(text)
        found = IPRange(network.network_address, network.broadcast_address)
    if found.first.version != found.last.version or int(found.first) > int(found.last):
        raise ValueError(f"{text} is no range of addresses such as 172.18.255.200-172.18.255.250")
    if int(found.last) - int(found.first) >= MAX_ADDRESSES:
        raise ValueError(f"{text} has more than {MAX_ADDRESSES} addresses")
    return found
