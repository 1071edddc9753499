"""Devices that have to be made ready on a node before their pod is bound: their drivers tell of it by conditions in the
claim's status.devices (plugins/dynamicresources isClaimReadyForBinding, isClaimTimeout). Pure.

    of a device's bindingFailureConditions one is true      binding fails
    of its bindingConditions all are true                   the pod is bound
    neither within 10 min of the claim's allocation         binding fails
"""

from __future__ import annotations

from collections.abc import Iterator

from minikube_py.controllers.scheduler.framework import NotPrepared
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.conditions import find, is_true
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import name

BINDING_TIMEOUT = 600.0
"""Seconds (DynamicResourcesArgs.bindingTimeout)."""
TIMED_OUT, FAILED = "device binding timeout", "device binding failed"


def conditional(claim: Object) -> list[Object]:
    """Those results of its allocation that have conditions."""
    devices = ((claim.get("status") or {}).get("allocation") or {}).get("devices") or {}
    return [each for each in devices.get("results") or () if each.get("bindingConditions")]


def is_ready(claim: Object) -> bool:
    """Raises NotPrepared where it will not be."""
    return all(_is_ready(claim, result) for result in conditional(claim))


def _is_ready(claim: Object, result: Object) -> bool:
    conditions = next(_conditions(claim, result), None)
    if conditions is None:
        return False
    for type in result.get("bindingFailureConditions") or ():
        failure = find(conditions, type)
        if failure is not None and failure.get("status") == "True":
            why = f"reason={failure.get('reason', '')}, message={quote(failure.get('message', ''))}"
            raise NotPrepared(f"{FAILED}: claim={name(claim)}, {why}")
    return all(is_true(conditions, type) for type in result["bindingConditions"])


def _conditions(claim: Object, result: Object) -> Iterator[list[Object]]:
    """What is told of the device."""
    for told in (claim.get("status") or {}).get("devices") or ():
        if all(told.get(field) == result.get(field) for field in ("driver", "pool", "device")):
            yield told.get("conditions") or []


def is_late(claim: Object, now: float) -> bool:
    allocated = ((claim.get("status") or {}).get("allocation") or {}).get("allocationTimestamp")
    if not allocated or not conditional(claim):
        return False
    return parse_rfc3339(allocated) + BINDING_TIMEOUT < now


def is_stuck(claim: Object, now: float) -> bool:
    """Whether it had better be given other devices."""
    try:
        return not is_ready(claim) and is_late(claim, now)
    except NotPrepared:
        return True
