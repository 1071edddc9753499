"""Hints by the zones' shares of CPU, for Services that are annotated so (k8s.io/endpointslice topologycache). Pure.

    zone a with 4 CPUs, zone b with 2, six endpoints in b  ->  four of them are to serve a

No zone is to bear more than a fifth too much: where that cannot be had, there are no hints at all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from minikube_py.controllers.endpointslice.endpoint import ZONE, Endpoint
from minikube_py.controllers.endpointslice.packing import Changes
from minikube_py.controllers.runtime.pods import is_ready
from minikube_py.machinery import quantity
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import labels

OVERLOAD = 0.2
"""By how much any endpoint may have more to do than its share (overloadThreshold)."""

_NOT_COUNTED = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")

Shares = Mapping[str, float]
"""Of all CPUs, by zone; empty where they cannot be told."""
Counts = dict[str, int]
"""Endpoints by the zone that they are to serve."""

ENABLED, DISABLED = "TopologyAwareHintsEnabled", "TopologyAwareHintsDisabled"
"""Reasons of events."""
NO_NODES = "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes"
NO_ZONE = "One or more endpoints do not have a zone specified"
TOO_FEW = "Insufficient number of endpoints"
TOO_UNEVEN = "Unable to allocate minimum required endpoints to each zone without exceeding overload threshold"


class Unhinted(Exception):
    """There can be no hints; str() is upstream's words for why."""


class Allocation(NamedTuple):
    """How many endpoints are to serve a zone."""

    maximum: int
    desired: float


def shares_of(nodes: Iterable[Object]) -> Shares:
    """Of the nodes that are ready, all of which must have a zone, and these must be two at least."""
    cpus: dict[str, int] = {}
    for node in nodes:
        own = labels(node)
        if any(label in own for label in _NOT_COUNTED) or not is_ready(node):
            continue
        cpu = quantity.milli_value(((node.get("status") or {}).get("allocatable") or {}).get("cpu") or "0")
        zone = own.get(ZONE)
        if not zone or not cpu:
            return {}
        cpus[zone] = cpus.get(zone, 0) + cpu
    total = sum(cpus.values())
    return {zone: cpus[zone] / total for zone in sorted(cpus)} if len(cpus) > 1 else {}


def allocations(shares: Shares, count: int) -> dict[str, Allocation]:
    """Of so many endpoints. Raises Unhinted."""
    if not shares:
        raise Unhinted(NO_NODES)
    counted = f"({count} endpoints, {len(shares)} zones)"
    if len(shares) > count:
        raise Unhinted(f"{TOO_FEW} {counted}")
    least = {zone: _minimum(share, count) for zone, share in shares.items()}
    spare = count - sum(least.values())
    if spare < 0:
        raise Unhinted(f"{TOO_UNEVEN} {counted}")
    return {zone: Allocation(number + spare, max(shares[zone] * count, number)) for zone, number in least.items()}


def _minimum(share: float, count: float) -> int:
    return math.ceil(share * count * (1 / (1 + OVERLOAD)))


def is_overloaded(counts: Counts, shares: Shares) -> bool:
    """Whether some zone has too few endpoints by now."""
    if not counts or not shares:
        return bool(counts)
    total = sum(counts.values())
    return any(counts.get(zone, 0) < _minimum(share, total) for zone, share in shares.items())


def hinted(changes: Changes, unchanged: Sequence[Object], shares: Shares) -> tuple[Changes, Counts]:
    """The changes with hints, and with those of the unchanged slices whose hints are no good. Raises Unhinted."""
    slices = (*changes.create, *changes.update, *unchanged)
    wanted = allocations(shares, sum(_is_ready(each) for made in slices for each in _endpoints(made)))
    counts: Counts = {}
    update = list(changes.update)
    for made in unchanged:
        own = _counts(made, counts, wanted)
        if own is None:
            update.append(made)
        else:
            counts |= {zone: counts.get(zone, 0) + number for zone, number in own.items()}
    open_ends = [each for made in (*changes.create, *update) for each in _endpoints(made) if _is_ready(each)]
    for each in open_ends:
        zone = each.get("zone")
        if not zone:
            raise Unhinted(NO_ZONE)
        counts[zone] = counts.get(zone, 0) + 1
    targets = _targets(open_ends, counts, wanted)
    create = [_with_zones(made, targets) for made in changes.create]
    return Changes(create, [_with_zones(made, targets) for made in update], changes.delete), counts


def _endpoints(made: Object) -> list[Endpoint]:
    return made.get("endpoints") or []


def _is_ready(endpoint: Endpoint) -> bool:
    return bool((endpoint.get("conditions") or {}).get("ready"))


def _hinted_zones(endpoint: Endpoint) -> list[str]:
    return [each["name"] for each in (endpoint.get("hints") or {}).get("forZones") or ()]


def _counts(made: Object, others: Counts, wanted: Mapping[str, Allocation]) -> Counts | None:
    """What a slice's hints give to each zone; None if they cannot stay."""
    counts: Counts = {}
    for endpoint in filter(_is_ready, _endpoints(made)):
        zones = _hinted_zones(endpoint)
        if not zones or any(zone not in wanted for zone in zones):
            return None
        for zone in zones:
            counts[zone] = counts.get(zone, 0) + 1
    if any(number + others.get(zone, 0) > wanted[zone].maximum for zone, number in counts.items()):
        return None
    return counts


def _targets(endpoints: Sequence[Endpoint], counts: Counts, wanted: Mapping[str, Allocation]) -> Iterator[str]:
    """The zone for each of the endpoints, its own if that has none to give away; `counts` follow."""
    giving, receiving = moves(counts, wanted)
    targets = []
    for endpoint in endpoints:
        zone = endpoint["zone"]
        target = next(iter(receiving), None) if giving.get(zone) else None
        if target is not None:
            giving[zone] -= 1
            counts[zone] -= 1
            counts[target] = counts.get(target, 0) + 1
            receiving[target] -= 1
            if not receiving[target]:
                del receiving[target]
        targets.append(target or zone)
    return iter(targets)


def moves(counts: Counts, wanted: Mapping[str, Allocation]) -> tuple[Counts, Counts]:
    """How many endpoints zones are to give to others, and how many zones are to get: whoever lacks most first."""
    surplus = {zone: counts.get(zone, 0) - each.desired for zone, each in wanted.items()}
    give = {zone: more for zone, more in surplus.items() if more > 0}
    lack = {zone: -less for zone, less in surplus.items() if less < 0}
    giving: Counts = {}
    receiving: Counts = {}
    while give and lack:
        giver, taker = max(give, key=lambda zone: give[zone]), max(lack, key=lambda zone: lack[zone])
        if min(give[giver], lack[taker]) < 0.5 or max(give[giver], lack[taker]) < 1:
            break
        giving[giver] = giving.get(giver, 0) + 1
        receiving[taker] = receiving.get(taker, 0) + 1
        give[giver] -= 1
        lack[taker] -= 1
    return giving, receiving


def _with_zones(made: Object, targets: Iterator[str]) -> Object:
    """Each ready endpoint takes the next target."""
    endpoints = [
        {**each, "hints": {"forZones": [{"name": next(targets)}]}} if _is_ready(each) else each
        for each in _endpoints(made)
    ]
    return {**made, "endpoints": endpoints}
