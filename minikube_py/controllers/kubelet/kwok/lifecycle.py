"""Which of the Stages that match an object is next (kwok pkg/utils/lifecycle/lifecycle.go)."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.controllers.kubelet.kwok.stage import Stage
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.random import Random


def choose(stages: Sequence[Stage], obj: Object, random: Random) -> Stage | None:
    """One of those that match, as likely as it is heavy. Where none weighs anything, all are as likely; those whose
    weight cannot be told are left out unless that is so of all."""
    matching = [stage for stage in stages if stage.matches(obj)]
    if len(matching) <= 1:
        return matching[0] if matching else None
    weights = [(stage, weight) for stage in matching if (weight := stage.weight(obj)) is not None]
    total = sum(weight for _, weight in weights)
    if not total:
        known = [stage for stage, _ in weights] or matching
        return known[random.below(len(known))]
    off = random.below(total)
    for stage, weight in weights:
        off -= max(0, weight)
        if off < 0:
            return stage
    return matching[-1]
