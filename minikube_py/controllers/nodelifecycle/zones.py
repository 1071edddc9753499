"""Zones, and how fast the pods of their lost nodes are driven out (node_lifecycle_controller.go handleDisruption).

of a zone's nodes are lost     it is       and nodes are tainted with NoExecute
fewer than 3, or than 55 %     NORMAL      one every 10 s
3 or more, and 55 % or more    PARTIAL     one every 100 s; not at all in zones of 50 nodes or fewer
all                            FULL        one every 10 s, as the pods may go to other zones;
                                           not at all if that is so of all zones, as then it is the control
                                           plane that is cut off: taints that were given are taken back
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import labels

EVICTION_RATE = 0.1
SECONDARY_EVICTION_RATE = 0.01
"""Nodes a second (--node-eviction-rate, --secondary-node-eviction-rate)."""
LARGE_CLUSTER = 50
"""Zones of more nodes are large (--large-cluster-size-threshold)."""
UNHEALTHY_ZONE = 0.55
"""The share of lost nodes from which on a zone is not normal (--unhealthy-zone-threshold)."""

EXCLUDED = "node.kubernetes.io/exclude-disruption"
"""The label of nodes that do not count."""


class ZoneState(Enum):
    INITIAL = "Initial"
    NORMAL = "Normal"
    PARTIAL = "PartialDisruption"
    FULL = "FullDisruption"


class Change(Enum):
    """What becomes of the whole cluster."""

    NONE = ""
    ALL_LOST = "all lost"
    """Until now, nodes of some zone were there."""
    BACK = "back"
    """Until now, all were lost."""


def zone_of(node: Object) -> str:
    """Its region and zone, "" without (component-helpers node/topology GetZoneKey)."""
    its = labels(node)
    zone = its.get("failure-domain.beta.kubernetes.io/zone", its.get("topology.kubernetes.io/zone", ""))
    region = its.get("failure-domain.beta.kubernetes.io/region", its.get("topology.kubernetes.io/region", ""))
    return f"{region}/{zone}" if region or zone else ""


def zone_state(statuses: Sequence[str | None]) -> ZoneState:
    """By the statuses of its nodes' condition Ready."""
    lost = sum(status != "True" for status in statuses)
    if lost and lost == len(statuses):
        return ZoneState.FULL
    if lost > 2 and lost / len(statuses) >= UNHEALTHY_ZONE:
        return ZoneState.PARTIAL
    return ZoneState.NORMAL


def eviction_rate(state: ZoneState, size: int) -> float:
    """Of a zone of so many nodes, as long as some zone is not FULL."""
    if state is ZoneState.PARTIAL:
        return SECONDARY_EVICTION_RATE if size > LARGE_CLUSTER else 0.0
    return EVICTION_RATE


def change(former: Mapping[str, ZoneState], current: Mapping[str, ZoneState]) -> Change:
    """Zones that are seen for the first time were INITIAL before."""
    all_are = all(state is ZoneState.FULL for state in current.values())
    all_were = all(former.get(zone, ZoneState.INITIAL) is ZoneState.FULL for zone in current)
    if all_are == all_were:
        return Change.NONE
    return Change.ALL_LOST if all_are else Change.BACK
