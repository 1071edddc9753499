"""How many replicas there are to be, from what the metrics ask for (pkg/controller/podautoscaler/horizontal.go
reconcileAutoscaler, normalizeDesiredReplicas)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from minikube_py.controllers.horizontalpodautoscaler.replicas import TOLERANCE, Tolerances
from minikube_py.controllers.horizontalpodautoscaler.scalingrules import ScaleEvents, limit, limit_by_behavior
from minikube_py.controllers.horizontalpodautoscaler.stabilization import Recommendations
from minikube_py.controllers.horizontalpodautoscaler.status import ABLE_TO_SCALE, SCALING_LIMITED, Status
from minikube_py.machinery import quantity
from minikube_py.machinery.gvr import Object


@dataclass
class Memory:
    """What is remembered of one autoscaler between two looks at it."""

    recommendations: Recommendations = field(default_factory=Recommendations)
    events: ScaleEvents = field(default_factory=ScaleEvents)


class Proposal(NamedTuple):
    """What the metrics together ask for."""

    replicas: int
    metric: str
    """The one that asks for so many."""


class Decision(NamedTuple):
    """How many replicas there are to be, and why."""

    replicas: int
    reason: str


def outside(current: int, minimum: int, maximum: int) -> Decision | None:
    """What needs no metrics."""
    if current > maximum:
        return Decision(maximum, "Current number of replicas above Spec.MaxReplicas")
    if current < minimum:
        return Decision(minimum, "Current number of replicas below Spec.MinReplicas")
    return None


def tolerances_of(behavior: Object | None) -> Tolerances:
    up, down = (((behavior or {}).get(name) or {}).get("tolerance") for name in ("scaleUp", "scaleDown"))
    return Tolerances(
        scale_down=TOLERANCE if down is None else float(quantity.parse(down)),
        scale_up=TOLERANCE if up is None else float(quantity.parse(up)),
    )


def decide(
    spec: Object, current: int, proposal: Proposal, memory: Memory, status: Status, minimum: int, now: float
) -> Decision:
    """Stabilize the proposal and limit it; tells of both in conditions, and remembers it."""
    behavior, desired = spec.get("behavior"), proposal.replicas
    if behavior is None:
        stable = memory.recommendations.stabilize(desired, now)
        limited = limit(current, stable.replicas, minimum, spec["maxReplicas"])
    else:
        stable = memory.recommendations.stabilize_by_behavior(current, desired, behavior, now)
        limited = limit_by_behavior(
            current, stable.replicas, minimum, spec["maxReplicas"], behavior, memory.events, now
        )
    if stable.replicas != desired:
        status.set_condition(ABLE_TO_SCALE, True, stable.reason, stable.message)
    else:
        status.set_condition(ABLE_TO_SCALE, True, "ReadyForNewScale", "recommended size matches current size")
    status.set_condition(SCALING_LIMITED, limited.replicas != stable.replicas, limited.reason, limited.message)
    reason = ""
    if desired != current:
        reason = f"{proposal.metric} above target" if desired > current else "All metrics below target"
    return Decision(limited.replicas, reason)
