"""Cluster IPs out of the service CIDRs (pkg/registry/core/service/ipallocator)."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_network

from minikube_py.api.allocators.band import Band, static_band
from minikube_py.api.allocators.errors import AllocationError, Full
from minikube_py.machinery.ipnet import Address, parse_ip
from minikube_py.machinery.random import Random

ALLOCATED = "provided IP is already allocated"
_MISMATCHED = "the provided network does not match the current range"


def _parsed(text: str) -> Address:
    """Raises ValueError."""
    address = parse_ip(text)
    if address is None:
        raise ValueError(f"no IP address: {text}")
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


class AddressRange:
    """One CIDR: everything but its first address and, of IPv4, its last."""

    def __init__(self, cidr: str, random: Random) -> None:
        self.network = ip_network(cidr)
        self.family = f"IPv{self.network.version}"
        self._first = int(self.network.network_address) + 1
        usable = self.network.num_addresses - (2 if self.network.version == 4 else 1)
        # Go counts in int64; nobody gets there
        self._size = min(usable, 1 << 62)
        self._band = Band(self._size, static_band(self.network.num_addresses, 16, 256), random)

    @property
    def first(self) -> str:
        """The first address that is given: that of the Service `kubernetes`."""
        return self._address(0)

    def __contains__(self, address: Address) -> bool:
        return address.version == self.network.version and address in self.network

    def has(self, address: Address) -> bool:
        return int(address) - self._first in self._band

    def gives(self, address: Address) -> bool:
        """Whether it is one that can be had: neither the network's nor the broadcast address."""
        return address in self and 0 <= int(address) - self._first < self._size

    def check(self, address: Address) -> None:
        """Raises AllocationError for one that cannot be had."""
        if not self.gives(address):
            text = f"the provided IP ({address}) is not in the valid range. The range of valid IPs is {self.network}"
            raise AllocationError(text)

    def take(self, address: Address) -> None:
        """Raises AllocationError."""
        self.check(address)
        if not self._band.take(int(address) - self._first):
            raise AllocationError(ALLOCATED)

    def take_any(self) -> str:
        """Raises Full."""
        return self._address(self._band.take_any())

    def give_back(self, address: Address) -> None:
        self._band.give_back(int(address) - self._first)

    def clear(self) -> None:
        self._band.clear()

    def __len__(self) -> int:
        return len(self._band)

    def _address(self, offset: int) -> str:
        kind = IPv4Address if self.network.version == 4 else IPv6Address
        return str(kind(self._first + offset))


class ClusterIPs:
    """The addresses of all service CIDRs; the first CIDR's family is the cluster's primary one.

    Addresses are texts, in canonical form on the way out; on the way in also with leading zeros or IPv4-mapped.
    """

    def __init__(self, cidrs: str, random: Random) -> None:
        """`cidrs`: one, or one of each family with a comma between. Raises ValueError."""
        self._random = random
        self._configured = [AddressRange(cidr.strip(), random) for cidr in cidrs.split(",")]
        self._known = {str(found.network): found for found in self._configured}
        """Every range that has ever given addresses: what it gave can still come back."""
        self._offered = self._configured
        self._follows = False
        """Whether ServiceCIDRs say what is offered, rather than the configuration."""
        self.primary_family = self._configured[0].family

    @property
    def families(self) -> tuple[str, ...]:
        """ "IPv4", "IPv6", the primary first."""
        return tuple(dict.fromkeys(found.family for found in self._configured))

    @property
    def first(self) -> str:
        """What the Service `kubernetes` is reached at."""
        return self._configured[0].first

    def offer(self, cidrs: Iterable[str]) -> None:
        """Give addresses out of these ranges and no others, the configured ones first; they may overlap."""
        wanted = {str(ip_network(cidr)) for cidr in cidrs}
        for text in sorted(wanted - self._known.keys()):
            self._known[text] = AddressRange(text, self._random)
        self._offered = [found for text, found in self._known.items() if text in wanted]
        self._follows = True

    def has(self, address: str) -> bool:
        parsed = _parsed(address)
        return any(parsed in found and found.has(parsed) for found in self._known.values())

    def check(self, address: str) -> None:
        """Whether the address could be given, taken or not. Raises AllocationError."""
        parsed = _parsed(address)
        self._range_of(parsed).check(parsed)

    def allocate(self, address: str) -> None:
        """Raises AllocationError."""
        parsed = _parsed(address)
        self._range_of(parsed).take(parsed)

    def allocate_next(self, family: str) -> str:
        """Any free address of a family. Raises Full."""
        for found in self._offered:
            if found.family == family:
                try:
                    return found.take_any()
                except Full:
                    continue
        raise Full()

    def network_address(self, family: str) -> str:
        """What a dry run shows for an address that nobody allocates. Raises Full."""
        for found in self._offered:
            if found.family == family:
                return str(found.network.network_address)
        raise Full()

    def release(self, address: str) -> None:
        """Releasing what is free does nothing."""
        parsed = _parsed(address)
        for found in self._known.values():
            if parsed in found:
                found.give_back(parsed)

    def clear(self) -> None:
        for found in self._known.values():
            found.clear()

    def __len__(self) -> int:
        """How many are allocated."""
        return sum(len(found) for found in self._known.values())

    def _range_of(self, address: Address) -> AddressRange:
        """Raises AllocationError. Where the configuration alone says what is offered, a range also answers for the
        addresses of it that it cannot give."""
        within = [found for found in self._offered if address in found]
        giving = [found for found in within if found.gives(address)]
        if giving or (within and not self._follows):
            return (giving or within)[0]
        raise AllocationError(_MISMATCHED)
