"""How fast an autoscaler may scale (pkg/controller/podautoscaler/horizontal.go).

By spec.behavior, or without it by the default: at most twice the replicas, or four, in one step upwards.

    current 10, policies of 4 pods and of 100% in 15 s, Max   ->  at most 20
    and 6 of those 10 were added in the last 15 s             ->  at most 8, which is no step at all
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from minikube_py.machinery.gvr import Object

SCALE_UP_FACTOR = 2
SCALE_UP_MINIMUM = 4

_TOO_FAST_UP = "the desired replica count is increasing faster than the maximum scale rate"
_TOO_FAST_DOWN = "the desired replica count is decreasing faster than the maximum scale rate"
_TOO_MANY = "the desired replica count is more than the maximum replica count"
_TOO_FEW = "the desired replica count is less than the minimum replica count"
_WITHIN = "the desired count is within the acceptable range"


class Limited(NamedTuple):
    """The replicas that are allowed, with the reason and message of ScalingLimited."""

    replicas: int
    reason: str
    message: str


class ScaleEvent(NamedTuple):
    """So many replicas were added, or taken away, at that time."""

    change: int
    time: float


@dataclass
class ScaleEvents:
    """What an autoscaler has done lately."""

    up: list[ScaleEvent] = field(default_factory=list)
    down: list[ScaleEvent] = field(default_factory=list)

    def record(self, behavior: Object | None, before: int, after: int, now: float) -> None:
        """Keep what the policies may still ask for."""
        if behavior is None:
            return
        rules, name = (behavior["scaleUp"], "up") if after > before else (behavior["scaleDown"], "down")
        oldest = now - max((policy["periodSeconds"] for policy in rules.get("policies") or ()), default=0)
        kept = [event for event in getattr(self, name) if event.time >= oldest]
        setattr(self, name, [*kept, ScaleEvent(abs(after - before), now)])


def changed(events: Sequence[ScaleEvent], period: float, now: float) -> int:
    """By how many replicas within the last `period` seconds."""
    return sum(event.change for event in events if event.time > now - period)


def limit(current: int, desired: int, minimum: int, maximum: int) -> Limited:
    """By the default."""
    fastest = max(SCALE_UP_FACTOR * current, SCALE_UP_MINIMUM)
    if desired < minimum:
        return Limited(minimum, "TooFewReplicas", _TOO_FEW)
    if desired > min(maximum, fastest):
        if maximum > fastest:
            return Limited(fastest, "ScaleUpLimit", _TOO_FAST_UP)
        return Limited(maximum, "TooManyReplicas", _TOO_MANY)
    return Limited(desired, "DesiredWithinRange", _WITHIN)


def limit_by_behavior(
    current: int, desired: int, minimum: int, maximum: int, behavior: Object, events: ScaleEvents, now: float
) -> Limited:
    if desired > current:
        fastest = max(scale_up_limit(current, behavior["scaleUp"], events, now), current)
        if desired > min(maximum, fastest):
            if maximum > fastest:
                return Limited(fastest, "ScaleUpLimit", _TOO_FAST_UP)
            return Limited(maximum, "TooManyReplicas", _TOO_MANY)
    elif desired < current:
        fastest = min(scale_down_limit(current, behavior["scaleDown"], events, now), current)
        if desired < max(minimum, fastest):
            if minimum < fastest:
                return Limited(fastest, "ScaleDownLimit", _TOO_FAST_DOWN)
            return Limited(minimum, "TooFewReplicas", _TOO_FEW)
    return Limited(desired, "DesiredWithinRange", _WITHIN)


def scale_up_limit(current: int, rules: Object, events: ScaleEvents, now: float) -> int:
    """The most replicas there may be after one step."""

    def allowed(policy: Object, start: int) -> int:
        if policy["type"] == "Pods":
            return start + int(policy["value"])
        # Rounded up, or few replicas would never grow.
        return math.ceil(start * (1 + int(policy["value"]) / 100))

    choose = min if rules.get("selectPolicy") == "Min" else max
    return _chosen(current, rules, events, now, allowed, choose)


def scale_down_limit(current: int, rules: Object, events: ScaleEvents, now: float) -> int:
    """The fewest replicas there may be after one step."""

    def allowed(policy: Object, start: int) -> int:
        if policy["type"] == "Pods":
            return start - int(policy["value"])
        return int(start * (1 - policy["value"] / 100))

    choose = max if rules.get("selectPolicy") == "Min" else min
    return _chosen(current, rules, events, now, allowed, choose)


def _chosen(
    current: int,
    rules: Object,
    events: ScaleEvents,
    now: float,
    allowed: Callable[[Object, int], int],
    choose: Callable[[Sequence[int]], int],
) -> int:
    """What the policies allow together, counted from the replicas at the start of each one's period."""
    if rules.get("selectPolicy") == "Disabled":
        return current
    proposals = []
    for policy in rules["policies"]:
        period = policy["periodSeconds"]
        start = current - changed(events.up, period, now) + changed(events.down, period, now)
        proposals.append(allowed(policy, start))
    return choose(proposals)
