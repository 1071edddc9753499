"""Scaling in the middle of a rollout, or while paused: every ReplicaSet gets its share
(pkg/controller/deployment/sync.go scale)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from minikube_py.controllers.deployment.counts import (
    active,
    by_age,
    is_rolling,
    max_surge,
    observed,
    replicas,
    total,
)
from minikube_py.controllers.deployment.revisions import DESIRED_REPLICAS, MAX_REPLICAS, count_annotation
from minikube_py.controllers.deployment.rolling import Scaling
from minikube_py.machinery.gvr import Object


def plan_scale(deployment: Object, new: Object | None, old: Sequence[Object]) -> tuple[list[Scaling], bool]:
    """The sizes ReplicaSets are to get, and whether their annotations are to be brought up to date even where the
    size stays. They are not where one set is active: a Deployment scaled to just its size in the middle of a rollout
    is taken for being scaled from then on, and hangs until it is scaled again (kubernetes/kubernetes#102551)."""
    wanted = replicas(deployment)
    single = active_or_latest(new, old)
    if single is not None:
        return [Scaling(single, wanted)], False
    if new is not None and is_saturated(deployment, new):
        return [Scaling(each, 0) for each in active(old)], False
    if not is_rolling(deployment):
        return [], False
    return shares(deployment, active([*old, *([new] if new is not None else [])])), True


def active_or_latest(new: Object | None, old: Sequence[Object]) -> Object | None:
    """The one active ReplicaSet, or the newest if none is; None if several are."""
    everything = [*old, *([new] if new is not None else [])]
    running = active(everything)
    if len(running) > 1 or not everything:
        return None
    if running:
        return running[0]
    return new if new is not None else max(old, key=by_age)


def is_saturated(deployment: Object, new: Object) -> bool:
    """Whether the new ReplicaSet alone is all that the Deployment wants, and both know."""
    wanted = replicas(deployment)
    return (
        replicas(new) == wanted
        and count_annotation(new, DESIRED_REPLICAS) == wanted
        and observed(new, "availableReplicas") == wanted
    )


def shares(deployment: Object, sets: Sequence[Object]) -> list[Scaling]:
    """Distribute what is to be added or removed over active ReplicaSets, in proportion to their sizes, larger ones
    first; of the same size, newer ones first when growing and older ones when shrinking. The first gets what
    rounding leaves over.

        10 replicas at 5 and 5 grow to 20: 10 and 10
    """
    wanted = replicas(deployment)
    allowed = wanted + max_surge(deployment) if wanted > 0 else 0
    to_add = allowed - total(sets)
    ordered = sorted(sets, key=by_age, reverse=to_add > 0)
    if to_add != 0:
        ordered.sort(key=replicas, reverse=True)
    added = 0
    plan: list[Scaling] = []
    for each in ordered:
        share = _share(deployment, each, to_add, added)
        added += share
        plan.append(Scaling(each, replicas(each) + share))
    if plan and to_add != 0:
        first = plan[0]
        plan[0] = Scaling(first.replica_set, max(0, first.size + to_add - added))
    return plan


def _share(deployment: Object, replica_set: Object, to_add: int, added: int) -> int:
    left = to_add - added
    if replicas(replica_set) == 0 or to_add == 0 or left == 0:
        return 0
    fraction = _fraction(deployment, replica_set)
    return min(fraction, left) if to_add > 0 else max(fraction, left)


def _fraction(deployment: Object, replica_set: Object) -> int:
    """How much a ReplicaSet changes if it keeps its part of the whole; the whole before is what its annotation says,
    and if that is missing, what the Deployment last had."""
    size = replicas(replica_set)
    if replicas(deployment) == 0:
        return -size
    before = count_annotation(replica_set, MAX_REPLICAS) or observed(deployment, "replicas")
    if before == 0:
        return 0
    scaled = size * (replicas(deployment) + max_surge(deployment)) / before
    return math.floor(scaled + 0.5) - size
