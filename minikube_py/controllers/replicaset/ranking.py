"""Which pods a ReplicaSet deletes first: controller.ActivePodsWithRanks."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import cmp_to_key
from typing import NamedTuple

from minikube_py.controllers.runtime.pods import is_active, is_ready, node_name, phase, ready_since
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.integers import INT32_MAXIMUM, parse_int64
from minikube_py.machinery.meta import uid

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"

_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}


class _Rank(NamedTuple):
    """What decides about a pod, most weighty first; smaller is deleted earlier. Times are Unix seconds."""

    first: tuple[bool, int, bool, int, int]
    """Assigned to a node; phase; ready; deletion cost; minus the number of related pods on its node."""
    ready_since: float | None
    restarts: tuple[int, int]
    """The most restarts of a container, then of a sidecar, both negated."""
    created: float | None
    uid: str


def pods_to_delete(active: Sequence[Object], related: Sequence[Object], count: int, now: float) -> list[Object]:
    """The `count` active pods that are best deleted. `related` are the pods of all sets of the same owner: doubled up
    on a node with them goes first."""
    if count >= len(active):
        return list(active)
    on_node = Counter(node_name(pod) for pod in related if is_active(pod))
    ranks = {uid(pod): _rank(pod, on_node[node_name(pod)]) for pod in active}

    def compare(one: Object, other: Object) -> int:
        return _compare(ranks[uid(one)], ranks[uid(other)], now)

    return sorted(active, key=cmp_to_key(compare))[:count]


def deletion_cost(pod: Object) -> int:
    """The annotation's int32; 0 without one or of a malformed one ("+10", "007")."""
    text = (pod["metadata"].get("annotations") or {}).get(DELETION_COST, "")
    if not text or not (text[0] == "-" or text == "0" or "1" <= text[0] <= "9"):
        return 0
    cost = parse_int64(text)
    return cost if cost is not None and -INT32_MAXIMUM - 1 <= cost <= INT32_MAXIMUM else 0


def _rank(pod: Object, related_on_node: int) -> _Rank:
    created = pod["metadata"].get("creationTimestamp")
    ready = is_ready(pod)
    return _Rank(
        (bool(node_name(pod)), _PHASES.get(phase(pod), 0), ready, deletion_cost(pod), -related_on_node),
        ready_since(pod),
        _restarts(pod),
        parse_rfc3339(created) if created else None,
        uid(pod),
    )


def _restarts(pod: Object) -> tuple[int, int]:
    status = pod.get("status") or {}
    regular = max((each.get("restartCount", 0) for each in status.get("containerStatuses") or ()), default=0)
    containers = pod["spec"].get("initContainers") or ()
    sidecars = {each["name"] for each in containers if each.get("restartPolicy") == "Always"}
    statuses = status.get("initContainerStatuses") or ()
    sidecar = max((each.get("restartCount", 0) for each in statuses if each["name"] in sidecars), default=0)
    return -regular, -sidecar


def _compare(one: _Rank, other: _Rank, now: float) -> int:
    """Negative if `one` goes before `other`."""
    if one.first != other.first:
        return -1 if one.first < other.first else 1
    ready = one.first[2]
    if ready and one.ready_since != other.ready_since:
        return _compare_times(one.ready_since, other.ready_since, one, other, now)
    if one.restarts != other.restarts:
        return -1 if one.restarts < other.restarts else 1
    if one.created != other.created:
        return _compare_times(one.created, other.created, one, other, now)
    return 0


def _compare_times(when: float | None, then: float | None, one: _Rank, other: _Rank, now: float) -> int:
    """The later goes first, and the unknown before it; ages of the same power of two count as the same, and the uid
    decides, so that it is not always the youngest who goes (LogarithmicScaleDown)."""
    if when is None or then is None:
        return -1 if when is None else 1
    difference = _magnitude(now - when) - _magnitude(now - then)
    if difference:
        return difference
    return -1 if one.uid < other.uid else 1


def _magnitude(seconds: float) -> int:
    """The age's power of two, in nanoseconds; -1 of what is not past."""
    nanoseconds = round(seconds * 1e9)
    return int(math.log2(nanoseconds)) if nanoseconds > 0 else -1
