"""When a node was last heard of (node_lifecycle_controller.go tryUpdateNodeHealth).

Two signs of life are known: a new lastHeartbeatTime of the condition Ready, and a lease that was renewed. What counts
is when the monitor saw them, by its own clock. A node that never posted a status counts from its creation.
"""

from __future__ import annotations

from typing import NamedTuple

from minikube_py.machinery.clock import parse_rfc3339, rfc3339
from minikube_py.machinery.conditions import find
from minikube_py.machinery.gvr import Object

STARTUP_GRACE_PERIOD = 60.0
"""Seconds of silence after which a node that has never posted a status is given up (--node-startup-grace-period)."""

TRUE, UNKNOWN = "True", "Unknown"

_POSTED = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")
"""Conditions that are the kubelet's to post."""


class Health(NamedTuple):
    """What is known of a node, and since when."""

    node: Object
    lease: Object | None
    probed: float
    """When the last sign of life was seen (Unix seconds)."""
    status: str | None
    """Of Ready, as it was posted; None without."""
    heartbeat: str
    """Ready's lastHeartbeatTime."""
    renewed: str
    """The lease's renewTime."""
    patience: float
    """Seconds of silence after which it is given up once it has posted a status."""

    @property
    def grace_period(self) -> float:
        return STARTUP_GRACE_PERIOD if self.status is None else self.patience

    def is_silent(self, now: float) -> bool:
        """For too long."""
        return now > self.probed + self.grace_period

    def verdict(self, now: float) -> str | None:
        """The status that Ready should have; None if there is nothing to be said yet."""
        return UNKNOWN if self.is_silent(now) else self.status


def observed(former: Health | None, node: Object, lease: Object | None, now: float, patience: float) -> Health:
    """What is known once this is seen of it; `former` is what was known before."""
    if former is not None and former.node is node and former.lease is lease:
        return former
    ready = find((node.get("status") or {}).get("conditions"), "Ready")
    heartbeat = (ready.get("lastHeartbeatTime") or "") if ready is not None else ""
    if former is None:
        probed = now if ready is not None else parse_rfc3339(node["metadata"]["creationTimestamp"])
    elif (ready is None) != (former.status is None) or former.heartbeat != heartbeat:
        probed = now
    else:
        probed = former.probed
    renewed = former.renewed if former is not None else ""
    renewal = ((lease.get("spec") or {}).get("renewTime") or "") if lease is not None else ""
    if renewal > renewed:
        renewed, probed = renewal, now
    return Health(node, lease, probed, ready["status"] if ready is not None else None, heartbeat, renewed, patience)


def unknown_conditions(node: Object, now: float) -> list[Object]:
    """The node's conditions once nobody knows: those of the kubelet are Unknown, all others stay."""
    present: list[Object] = (node.get("status") or {}).get("conditions") or []
    when = rfc3339(now)
    conditions = [_lost(each, when) if each["type"] in _POSTED else each for each in present]
    types = {each["type"] for each in present}
    return [*conditions, *(_never_posted(type, node, when) for type in _POSTED if type not in types)]


def _lost(condition: Object, when: str) -> Object:
    if condition["status"] == UNKNOWN:
        return condition
    return {
        **condition,
        "status": UNKNOWN,
        "reason": "NodeStatusUnknown",
        "message": "Kubelet stopped posting node status.",
        "lastTransitionTime": when,
    }


def _never_posted(type: str, node: Object, when: str) -> Object:
    return {
        "type": type,
        "status": UNKNOWN,
        "lastHeartbeatTime": node["metadata"]["creationTimestamp"],
        "lastTransitionTime": when,
        "reason": "NodeStatusNeverUpdated",
        "message": "Kubelet never posted node status.",
    }
