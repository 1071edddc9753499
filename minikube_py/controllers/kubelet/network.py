"""Addresses of pods on one node, as the CNI plugin host-local gives them: the next free one after the last."""

from __future__ import annotations

import ipaddress


class Exhausted(Exception):
    """No address is left."""


class PodNetwork:
    """A node's podCIDR. The network's address, its gateway (the first) and its broadcast address are not given.

    10.244.0.0/24: 10.244.0.2, 10.244.0.3, ... 10.244.0.254, then what was released, from the start.
    """

    def __init__(self, cidr: str) -> None:
        network = ipaddress.IPv4Network(cidr)
        self.cidr = cidr
        self._first = int(network.network_address) + 2
        self._count = max(0, network.num_addresses - 3)
        self._next = 0
        self._by_uid: dict[str, int] = {}
        self._holders: dict[int, int] = {}
        """How many hold an address: more than one only while the objects of a snapshot come back one by one."""

    def allocate(self, uid: str) -> str:
        """The pod's address, always the same until it is released. Raises Exhausted."""
        held = self._by_uid.get(uid)
        if held is None:
            held = self._free()
            self._hold(uid, held)
            self._next = held + 1
        return str(ipaddress.IPv4Address(self._first + held))

    @property
    def in_use(self) -> bool:
        return bool(self._holders)

    def _free(self) -> int:
        if len(self._holders) >= self._count:
            raise Exhausted(f"no IP addresses available in range set: {self.cidr}")
        offset = self._next % self._count
        while offset in self._holders:
            offset = (offset + 1) % self._count
        return offset

    def reserve(self, uid: str, address: str) -> None:
        """A pod has this address already. What is not of this network is ignored."""
        offset = int(ipaddress.ip_address(address)) - self._first
        if uid not in self._by_uid and 0 <= offset < self._count:
            self._hold(uid, offset)

    def _hold(self, uid: str, offset: int) -> None:
        self._by_uid[uid] = offset
        self._holders[offset] = self._holders.get(offset, 0) + 1

    def release(self, uid: str) -> None:
        """Idempotent."""
        held = self._by_uid.pop(uid, None)
        if held is None:
            return
        self._holders[held] -= 1
        if not self._holders[held]:
            del self._holders[held]
