"""Endpoints into slices: reconcileByPortMapping of k8s.io/endpointslice reconciler.go. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from minikube_py.controllers.endpointslice.endpoint import Endpoint, Identity, identity, same_state
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import labels

MAX_ENDPOINTS = 100
"""Per slice (--max-endpoints-per-slice)."""


class Changes(NamedTuple):
    """Slices as they should become; those to create have no name yet."""

    create: list[Object]
    update: list[Object]
    delete: list[Object]


class _Packing:
    """The slices of one set of ports while endpoints are moved."""

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        self.unchanged: dict[str, Object] = {}
        self.update: dict[str, Object] = {}
        self.delete: list[Object] = []
        self.create: list[Object] = []


def pack(
    existing: Sequence[Object],
    desired: dict[Identity, Endpoint],
    blank: Object,
    wanted_labels: dict[str, str],
    stale_labels: set[str],
    maximum: int = MAX_ENDPOINTS,
) -> Changes:
    """Change the `existing` slices of one set of ports so that they hold the `desired` endpoints.

    `blank` is a new slice without endpoints; `stale_labels` names the slices whose labels are to become
    `wanted_labels`. As few slices as possible change:

    1. Endpoints that are not desired any more leave their slices, and changed ones are replaced there.
    2. Endpoints that have no slice yet fill those that change anyway, the fullest first.
    3. The rest goes into one unchanged slice if it fits, the one that it fills best; else into new slices.
    """
    packing = _Packing(maximum)
    left = dict(desired)
    for each in existing:
        _keep(packing, each, left, wanted_labels, stale_labels)
    pending = list(left.values())
    for each in sorted(packing.update.values(), key=lambda made: -len(made["endpoints"])):
        pending = _fill(each, pending, maximum)
    while pending:
        target = _best_fit(packing, len(pending))
        if target is None:
            target = {**blank, "endpoints": []}
            packing.create.append(target)
        pending = _fill(target, pending, maximum)
    return Changes(packing.create, list(packing.update.values()), packing.delete)


def _keep(
    packing: _Packing,
    existing: Object,
    left: dict[Identity, Endpoint],
    wanted_labels: dict[str, str],
    stale_labels: set[str],
) -> None:
    """Sort one slice into the packing; what it keeps is taken out of `left`."""
    before = existing.get("endpoints") or []
    name = existing["metadata"]["name"]
    after: list[Endpoint] = []
    changed = False
    for endpoint in before:
        wanted = left.pop(identity(endpoint), None)
        if wanted is not None:
            after.append(wanted)
            changed = changed or not same_state(wanted, endpoint)
    if changed or len(after) != len(before):
        if after:
            packing.update[name] = {**_labelled(existing, wanted_labels), "endpoints": after}
        else:
            packing.delete.append(existing)
    elif name in stale_labels:
        packing.update[name] = {**_labelled(existing, wanted_labels), "endpoints": list(before)}
    else:
        packing.unchanged[name] = existing


def _labelled(existing: Object, wanted: dict[str, str]) -> Object:
    if labels(existing) == wanted:
        return existing
    return {**existing, "metadata": {**existing["metadata"], "labels": wanted}}


def _fill(target: Object, pending: list[Endpoint], maximum: int) -> list[Endpoint]:
    """Move endpoints into a slice under change up to the maximum; returns those that are left."""
    room = maximum - len(target["endpoints"])
    target["endpoints"] += pending[: max(room, 0)]
    return pending[max(room, 0) :]


def _best_fit(packing: _Packing, count: int) -> Object | None:
    """The unchanged slice that `count` more endpoints fill best, now under change; None if they fit in none
    (getSliceToFill)."""
    if count >= packing.maximum:
        return None
    best, least = "", packing.maximum
    for name, each in packing.unchanged.items():
        room = packing.maximum - count - len(each.get("endpoints") or ())
        if 0 <= room < least:
            best, least = name, room
    if not best:
        return None
    chosen = packing.unchanged.pop(best)
    packing.update[best] = {**chosen, "endpoints": list(chosen.get("endpoints") or ())}
    return packing.update[best]
