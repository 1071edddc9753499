"""Cluster IPs out of the service CIDRs (pkg/registry/core/service/ipallocator)."""

from __future__ import annotations

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

    def check(self, address: Address) -> None:
        """Raises AllocationError for the network's and the broadcast address."""
        if not 0 <= int(address) - self._first < self._size:
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
        self._ranges = [AddressRange(cidr.strip(), random) for cidr in cidrs.split(",")]
        self.primary_family = self._ranges[0].family

    @property
    def families(self) -> tuple[str, ...]:
        """ "IPv4", "IPv6", the primary first."""
        return tuple(dict.fromkeys(found.family for found in self._ranges))

    @property
    def cidrs(self) -> tuple[str, ...]:
        return tuple(str(found.network) for found in self._ranges)

    @property
    def first(self) -> str:
        """What the Service `kubernetes` is reached at."""
        return self._ranges[0].first

    def add_cidr(self, cidr: str) -> None:
        """Give addresses out of one more range (a ServiceCIDR)."""
        if cidr not in self.cidrs:
            self._ranges.append(AddressRange(cidr, self._random))

    def remove_cidr(self, cidr: str) -> None:
        """Give out no more addresses of a range; the first ones stay."""
        self._ranges = [found for found in self._ranges if str(found.network) != cidr] or self._ranges

    def has(self, address: str) -> bool:
        parsed = _parsed(address)
        return any(parsed in found and found.has(parsed) for found in self._ranges)

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
        for found in self._ranges:
            if found.family == family:
                try:
                    return found.take_any()
                except Full:
                    continue
        raise Full()

    def network_address(self, family: str) -> str:
        """What a dry run shows for an address that nobody allocates."""
        return next(str(found.network.network_address) for found in self._ranges if found.family == family)

    def release(self, address: str) -> None:
        """Releasing what is free does nothing."""
        parsed = _parsed(address)
        for found in self._ranges:
            if parsed in found:
                found.give_back(parsed)

    def clear(self) -> None:
        for found in self._ranges:
            found.clear()

    def __len__(self) -> int:
        """How many are allocated."""
        return sum(len(found) for found in self._ranges)

    def _range_of(self, address: Address) -> AddressRange:
        for found in self._ranges:
            if address in found:
                return found
        raise AllocationError(_MISMATCHED)
