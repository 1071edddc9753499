"""Recommendations are not followed at once (pkg/controller/podautoscaler/horizontal.go).

Scaling down goes no further than the highest recommendation of the last 300 s; spec.behavior may set a window for each
direction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from minikube_py.machinery.gvr import Object

SCALE_DOWN_WINDOW = 300.0
"""Seconds (--horizontal-pod-autoscaler-downscale-stabilization)."""

_LOWER = "recent recommendations were lower than current one, applying the lowest recent recommendation"
_HIGHER = "recent recommendations were higher than current one, applying the highest recent recommendation"


class Recommendation(NamedTuple):
    replicas: int
    time: float


class Stabilized(NamedTuple):
    """The replicas to go for, with the reason and message of AbleToScale if they are not those recommended."""

    replicas: int
    reason: str
    message: str


@dataclass
class Recommendations:
    """Those of one autoscaler that may still count, oldest first."""

    recent: list[Recommendation] = field(default_factory=list)

    def begin(self, current: int, now: float) -> None:
        """Without any, what is there is what was recommended."""
        if not self.recent:
            self.recent.append(Recommendation(current, now))

    def stabilize(self, desired: int, now: float) -> Stabilized:
        """By the default window; `desired` becomes the newest recommendation."""
        self.recent = [each for each in self.recent if each.time >= now - SCALE_DOWN_WINDOW]
        highest = max((each.replicas for each in self.recent), default=desired)
        self.recent.append(Recommendation(desired, now))
        return Stabilized(max(highest, desired), "ScaleDownStabilized", _HIGHER)

    def stabilize_by_behavior(self, current: int, desired: int, behavior: Object, now: float) -> Stabilized:
        """Nearest to the current replicas of what the windows leave open."""
        up_since = now - _window(behavior["scaleUp"], 0.0)
        down_since = now - _window(behavior["scaleDown"], SCALE_DOWN_WINDOW)
        lowest = min((each.replicas for each in self.recent if each.time > up_since), default=desired)
        highest = max((each.replicas for each in self.recent if each.time > down_since), default=desired)
        replicas = min(max(current, min(lowest, desired)), max(highest, desired))
        self.recent = [each for each in self.recent if each.time >= min(up_since, down_since)]
        self.recent.append(Recommendation(desired, now))
        if desired >= current:
            return Stabilized(replicas, "ScaleUpStabilized", _LOWER)
        return Stabilized(replicas, "ScaleDownStabilized", _HIGHER)


def _window(rules: Object, default: float) -> float:
    """Seconds."""
    window = rules.get("stabilizationWindowSeconds")
    return default if window is None else float(window)
