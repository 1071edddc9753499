"""Who holds a claim, and what becomes of one that nobody holds any more.

    consumers left    before     finalizer    then
    some              more       -            the others are taken off
    none              some       yes          it is deallocated, and loses the finalizer
    none              some       no           they are taken off; it was not the scheduler that allocated it
    none              none       yes          once it is deleted: it is deallocated, and loses the finalizer

A claim that nobody holds but that is allocated stays so: a driver need not set both at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import finalizers, is_deleting, name, uid
from minikube_py.machinery.wellknown import PODS

FINALIZER = "resource.kubernetes.io/delete-protection"
"""On claims that the scheduler allocated."""

MOST_CONSUMERS = 256


class Release(NamedTuple):
    """What to write of a claim."""

    status: Object | None
    """Its new status; None: as it is."""
    unprotect: bool
    """Whether it loses the finalizer after that."""


def consumers(claim: Object) -> Sequence[Object]:
    return (claim.get("status") or {}).get("reservedFor") or ()


def is_pod(consumer: Object) -> bool:
    """Whether this controller knows how to look after it."""
    return not consumer.get("apiGroup") and bool(consumer["resource"] == PODS.resource)


def release(claim: Object, left: Sequence[Object]) -> Release:
    """`left` are the consumers that are still there."""
    status = claim.get("status") or {}
    protected = FINALIZER in finalizers(claim)
    if len(left) < len(consumers(claim)):
        return _without(status, left, protected and not left)
    if protected and is_deleting(claim) and not left:
        return _without(status, left, True) if status.get("allocation") is not None else Release(None, True)
    return Release(None, False)


def _without(status: Object, left: Sequence[Object], deallocate: bool) -> Release:
    dropped = {"reservedFor", "allocation"} if deallocate else {"reservedFor"}
    new = {field: value for field, value in status.items() if field not in dropped}
    if left:
        new["reservedFor"] = list(left)
    return Release(new, deallocate)


def may_reserve(claim: Object, pod: Object) -> bool:
    """Whether an allocated claim is yet to be reserved for a pod."""
    held = consumers(claim)
    allocated = (claim.get("status") or {}).get("allocation") is not None
    return allocated and len(held) < MOST_CONSUMERS and all(each["uid"] != uid(pod) for each in held)


def reserved(claim: Object, pod: Object) -> Object:
    """The claim, reserved for the pod too."""
    consumer = {"resource": PODS.resource, "name": name(pod), "uid": uid(pod)}
    return {**claim, "status": {**claim["status"], "reservedFor": [*consumers(claim), consumer]}}
