"""How far a rolling update goes in one step (pkg/controller/deployment/rolling.go, util NewRSNewReplicas)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from minikube_py.controllers.deployment.counts import (
    active,
    by_age,
    max_surge,
    max_unavailable,
    observed,
    replicas,
    total,
    total_observed,
)
from minikube_py.machinery.gvr import Object


class Scaling(NamedTuple):
    """A ReplicaSet and the size it is to get."""

    replica_set: Object
    size: int


def new_size(deployment: Object, sets: Sequence[Object], new: Object | None) -> int:
    """The size of the new ReplicaSet, None while there is none; `sets` are all, the new one included.

    It grows as far as replicas + maxSurge allows, and not beyond replicas:

    replicas  maxSurge  old sizes  new size    grows to
    10        2         10         0           2
    10        2         8          2           4
    10        2         2          8           10
    """
    wanted = replicas(deployment)
    current = replicas(new) if new is not None else 0
    if (deployment["spec"].get("strategy") or {}).get("type") == "Recreate":
        return wanted
    room = wanted + max_surge(deployment) - total(sets)
    return current if room <= 0 else current + min(room, wanted - current)


def plan_new(deployment: Object, sets: Sequence[Object], new: Object) -> int:
    """The size the existing new ReplicaSet is to get now: down at once, up as room allows."""
    wanted = replicas(deployment)
    return wanted if replicas(new) >= wanted else new_size(deployment, sets, new)


def plan_old(deployment: Object, old: Sequence[Object], new: Object) -> list[Scaling]:
    """The scale-downs of old ReplicaSets that are allowed now, in order; a set may come twice.

    Pods that are not available go first: they block the rollout and removing them costs no availability. Then
    available ones, as long as replicas - maxUnavailable remain. Pods of the new set that are not available yet count
    as if they were gone, so that a broken update does not eat up the old pods:

        10 replicas, maxUnavailable 2, maxSurge 3; old at 8, new at 5 and crashing
        13 - (10 - 2) - 5 = 0: nothing is scaled down
    """
    old = active(old)
    minimum = replicas(deployment) - max_unavailable(deployment)
    new_unavailable = replicas(new) - observed(new, "availableReplicas")
    allowed = total(old) + replicas(new) - minimum - new_unavailable
    if not old or allowed <= 0:
        return []
    sizes = {each["metadata"]["name"]: replicas(each) for each in old}
    ordered = sorted(old, key=by_age)
    unhealthy, sound = _plan_unhealthy(ordered, sizes, allowed)
    if not sound:
        return unhealthy
    spare = total_observed([*old, new], "availableReplicas") - minimum
    return unhealthy + _plan_spare(ordered, sizes, spare)


def _plan_unhealthy(old: Sequence[Object], sizes: dict[str, int], allowed: int) -> tuple[list[Scaling], bool]:
    """Scale each set down by its pods that are not available, oldest set first. A status with more available pods
    than are wanted is yet to follow an earlier scale-down: by such numbers nothing more is decided (False)."""
    plan: list[Scaling] = []
    for replica_set in old:
        name = replica_set["metadata"]["name"]
        unhealthy = sizes[name] - observed(replica_set, "availableReplicas")
        if allowed <= 0:
            break
        if unhealthy == 0:
            continue
        if unhealthy < 0:
            return plan, False
        removed = min(allowed, unhealthy)
        sizes[name] -= removed
        allowed -= removed
        plan.append(Scaling(replica_set, sizes[name]))
    return plan, True


def _plan_spare(old: Sequence[Object], sizes: dict[str, int], spare: int) -> list[Scaling]:
    """Scale down by what is available beyond the minimum, oldest set first."""
    plan: list[Scaling] = []
    for replica_set in old:
        name = replica_set["metadata"]["name"]
        if spare <= 0:
            break
        if sizes[name] == 0:
            continue
        removed = min(sizes[name], spare)
        sizes[name] -= removed
        spare -= removed
        plan.append(Scaling(replica_set, sizes[name]))
    return plan
