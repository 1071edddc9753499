"""The subsets of an Endpoints object and their canonical form (pkg/api/v1/endpoints). Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

Address = dict[str, Any]
Port = dict[str, Any]
Subset = dict[str, Any]

Entry = tuple[Port | None, Address, bool]
"""A port (None: no ports at all) of an address, and whether it is ready there."""

AddressKey = tuple[str, str]
PortKey = tuple[str, int, str, str]

MAX_CAPACITY = 1000
"""Addresses in one object; what is more is cut off."""


def expand(subsets: Iterable[Subset]) -> Iterator[Entry]:
    for subset in subsets:
        for port in subset.get("ports") or (None,):
            for address in subset.get("addresses") or ():
                yield port, address, True
            for address in subset.get("notReadyAddresses") or ():
                yield port, address, False


def pack(entries: Iterable[Entry]) -> list[Subset]:
    """Addresses with the same set of ports in one subset (RepackSubsets). An address that is both ready and not ready
    on a port is not ready there.

        {10.0.0.1: 80, 443} {10.0.0.2: 80}  ->  [10.0.0.1, 10.0.0.2]:80 and [10.0.0.1]:443

    Addresses are ordered by IP, then uid; ports and subsets by content, where upstream orders them by hashes of a
    dump of Go's structs.
    """
    addresses: dict[AddressKey, Address] = {}
    ports: dict[PortKey | None, Port] = {}
    by_port: dict[PortKey | None, dict[AddressKey, bool]] = {}
    last: Port | None = None
    members: dict[AddressKey, bool] | None = None
    for port, address, ready in entries:
        if members is None or port is not last:
            which = _port_key(port) if port is not None else None
            members, last = by_port.setdefault(which, {}), port
            ports.setdefault(which, port or {})
        where = _address_key(address)
        addresses.setdefault(where, address)
        members[where] = ready and members.get(where, True)
    grouped: dict[tuple[tuple[AddressKey, bool], ...], list[PortKey]] = {}
    for which, members in by_port.items():
        same = grouped.setdefault(tuple(sorted(members.items())), [])
        if which is not None:
            same.append(which)
    order = sorted((sorted(group), members) for members, group in grouped.items())
    return [_subset(members, [ports[each] for each in group], addresses) for group, members in order]


def _subset(
    members: tuple[tuple[AddressKey, bool], ...], ports: list[Port], addresses: dict[AddressKey, Address]
) -> Subset:
    made: Subset = {}
    ready = [addresses[where] for where, is_ready in members if is_ready]
    unready = [addresses[where] for where, is_ready in members if not is_ready]
    if ready:
        made["addresses"] = ready
    if unready:
        made["notReadyAddresses"] = unready
    if ports:
        made["ports"] = ports
    return made


def _address_key(address: Address) -> AddressKey:
    return address["ip"], (address.get("targetRef") or {}).get("uid") or ""


def _port_key(port: Port) -> PortKey:
    return port.get("name") or "", port["port"], port.get("protocol") or "TCP", port.get("appProtocol") or ""


def count(subsets: Iterable[Subset]) -> int:
    return sum(len(each.get("addresses") or ()) + len(each.get("notReadyAddresses") or ()) for each in subsets)


def truncate(subsets: Sequence[Subset], capacity: int = MAX_CAPACITY) -> list[Subset]:
    """At most `capacity` addresses, ready ones first, shared among the subsets by their sizes, rounded up
    (truncateEndpoints).

        ready 600 and 600, not ready 100  ->  500 and 500, 0
        ready 900, not ready 150 and 50   ->  900, 75 and 25
    """
    if count(subsets) <= capacity:
        return list(subsets)
    ready = sum(len(each.get("addresses") or ()) for each in subsets)
    field = "addresses" if ready > capacity else "notReadyAddresses"
    total = ready if ready > capacity else count(subsets) - ready
    share = left = capacity if ready > capacity else capacity - ready
    kept: list[Subset] = []
    for each in subsets:
        own = each.get(field) or []
        part = own[: min(math.ceil(len(own) / total * share), left)]
        left -= len(part)
        dropped = (field, "notReadyAddresses")
        made = {name: value for name, value in each.items() if name not in dropped}
        kept.append({**made, field: part} if part else made)
    return kept
