"""How many disruptions a PodDisruptionBudget allows, from values (pkg/controller/disruption/disruption.go)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from minikube_py.controllers.runtime.pods import is_ready
from minikube_py.machinery.clock import parse_rfc3339, rfc3339
from minikube_py.machinery.conditions import set_condition
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.intstr import scaled_value
from minikube_py.machinery.meta import generation, is_deleting, name

ALLOWED = "DisruptionAllowed"
DELETION_TIMEOUT = 120.0
"""Seconds that an evicted pod has until its deletion shows; then the budget no longer counts it as gone."""


class Expected(NamedTuple):
    pods: int
    healthy: int
    """How many of them must be."""


def needs_scale(spec: Object) -> bool:
    """Whether the pods there should be count, rather than those that there are."""
    return spec.get("maxUnavailable") is not None or isinstance(spec.get("minAvailable"), str)


def expected(spec: Object, scale: int, present: int) -> Expected:
    """`scale` is what the pods' controllers want together, `present` how many pods there are. Raises ValueError.

    50% of 7 must be healthy: 4. 50% of 7 may be missing: 4, so 3 must be healthy.
    """
    if (most := spec.get("maxUnavailable")) is not None:
        return Expected(scale, max(0, scale - scaled_value(most, scale, True)))
    least = spec.get("minAvailable")
    if least is None:
        return Expected(0, 0)
    if isinstance(least, str):
        return Expected(scale, scaled_value(least, scale, True))
    return Expected(present, least)


class Disrupted(NamedTuple):
    """Pods whose eviction was granted and whose deletion does not show yet: status.disruptedPods."""

    pods: dict[str, str]
    overdue: list[Object]
    """Those that should have been deleted by now."""
    recheck: float | None
    """Seconds until the next one is overdue."""


def disrupted(status: Object, pods: Sequence[Object], now: float) -> Disrupted:
    listed = status.get("disruptedPods") or {}
    kept: dict[str, str] = {}
    overdue: list[Object] = []
    recheck: float | None = None
    for pod in pods if listed else ():
        since = listed.get(name(pod))
        if since is None or is_deleting(pod):
            continue
        left = parse_rfc3339(since) + DELETION_TIMEOUT - now
        if left <= 0:
            overdue.append(pod)
            continue
        kept[name(pod)] = since
        recheck = left if recheck is None else min(recheck, left)
    return Disrupted(dict(sorted(kept.items())), overdue, recheck)


def healthy(pods: Sequence[Object], going: dict[str, str]) -> int:
    """How many are ready and stay; `going` are the names of those that will be deleted soon."""
    return sum(not is_deleting(pod) and name(pod) not in going and is_ready(pod) for pod in pods)


def new_status(budget: Object, current: int, wanted: Expected, going: dict[str, str], now: float) -> Object:
    """A budget that expects no pods allows nothing: its first pods may be about to come."""
    allowed = max(0, current - wanted.healthy) if wanted.pods > 0 else 0
    reason = "SufficientPods" if allowed else "InsufficientPods"
    status: Object = {"observedGeneration": generation(budget)}
    if going:
        status["disruptedPods"] = going
    status |= {
        "disruptionsAllowed": allowed,
        "currentHealthy": current,
        "desiredHealthy": wanted.healthy,
        "expectedPods": wanted.pods,
    }
    before = budget.get("status") or {}
    status["conditions"] = _conditions(before, bool(allowed), reason, "", generation(budget), now)
    return status


def failed_status(budget: Object, why: str, now: float) -> Object:
    """When nothing is known, nothing may be disrupted."""
    before = budget.get("status") or {}
    observed = before.get("observedGeneration") or 0
    conditions = _conditions(before, False, "SyncFailed", why, observed, now)
    return {**before, "disruptionsAllowed": 0, "conditions": conditions}


def _conditions(status: Object, allowed: bool, reason: str, message: str, observed: int, now: float) -> list[Object]:
    condition: Object = {"type": ALLOWED, "status": "True" if allowed else "False"}
    if observed:
        condition["observedGeneration"] = observed
    condition |= {"reason": reason, "message": message}
    return set_condition(status.get("conditions"), condition, rfc3339(now))
