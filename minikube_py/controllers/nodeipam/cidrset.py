"""The networks of a range that nodes are given (pkg/controller/nodeipam/ipam/cidrset)."""

from __future__ import annotations

from ipaddress import IPv4Network

MASK_SIZE = 24
"""Of the network of a node (--node-cidr-mask-size)."""


class NoneRemaining(Exception):
    def __init__(self) -> None:
        super().__init__("CIDR allocation failed; there are no remaining CIDRs left to allocate in the accepted range")


class CidrSet:
    """Networks are given in their order, and what was released only once the end was reached.

    10.244.0.0/22: 10.244.0.0/24, 10.244.1.0/24, 10.244.2.0/24, 10.244.3.0/24

    A network may have several holders: people write what they like, and snapshots come back object by object. What is
    outside the range is nobody's business here.
    """

    def __init__(self, cluster_cidr: str) -> None:
        network = IPv4Network(cluster_cidr)
        self._first = int(network.network_address)
        self._count = 1 << max(0, MASK_SIZE - network.prefixlen)
        self._next = 0
        self._holders: dict[int, set[str]] = {}

    def hold(self, cidr: str, holder: str) -> None:
        """Idempotent. Of a larger network all parts are held, of a smaller one what it is part of."""
        for index in self._indexes(cidr):
            self._holders.setdefault(index, set()).add(holder)

    def release(self, cidr: str, holder: str) -> None:
        """Idempotent."""
        for index in self._indexes(cidr):
            holders = self._holders.get(index, set())
            holders.discard(holder)
            if not holders:
                self._holders.pop(index, None)

    def allocate(self, holder: str) -> str:
        """The next free network, which is held from now on. Raises NoneRemaining."""
        if len(self._holders) >= self._count:
            raise NoneRemaining()
        index = self._next
        while index in self._holders:
            index = (index + 1) % self._count
        self._next = (index + 1) % self._count
        self._holders[index] = {holder}
        return str(IPv4Network((self._first + (index << (32 - MASK_SIZE)), MASK_SIZE)))

    def _indexes(self, cidr: str) -> range:
        try:
            network = IPv4Network(cidr, strict=False)
        except ValueError:
            return range(0)  # of the other family
        first = (int(network.network_address) - self._first) >> (32 - MASK_SIZE)
        last = (int(network.broadcast_address) - self._first) >> (32 - MASK_SIZE)
        return range(max(first, 0), min(last + 1, self._count))
