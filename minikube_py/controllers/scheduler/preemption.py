"""Preemption: whom a pod may drive away to fit (pkg/scheduler/framework/preemption, plugin DefaultPreemption).

    node-1   low 0, low 0, high 9   wants 2 of 3 places at priority 5: both low ones would have to go
    node-2   low 0, low 0, low 0    wants the same: two of them, and the priorities are the same, so the node with
                                    the lowest sum, then the fewest victims, then the first is taken

Disruption budgets are not looked at: upstream prefers victims that they allow, but takes others too.
"""

from __future__ import annotations

from typing import NamedTuple

from minikube_py.controllers.scheduler.cache import Cache
from minikube_py.controllers.scheduler.framework import Rejection, fit_error
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.controllers.scheduler.ranking import Ranking

NO_VICTIMS = Rejection(("No preemption victims found for incoming pod",))
NOT_HELPFUL = "Preemption is not helpful for scheduling"
NEVER = "preemption: not eligible due to preemptionPolicy=Never."
TERMINATING = "preemption: not eligible due to a terminating pod on the nominated node."

_NON_NEGATIVE = 2**31
"""Added to priorities, so that more pods never sum up to less."""


class Preemption(NamedTuple):
    """The pods (by uid) that have to go from a node, the most important first; or why that does not help."""

    node: NodeInfo | None
    victims: tuple[str, ...] = ()
    message: str = ""


def preempt(pod: PodClass, ranking: Ranking, cache: Cache) -> Preemption:
    """For a pod that fits nowhere."""
    if not pod.preempts:
        return Preemption(None, message=NEVER)
    best: tuple[tuple[int, int, int, int], Preemption] | None = None
    refusals: list[Rejection] = []
    resolvable = ranking.resolvable()
    if not cache.any_below(pod.priority):
        resolvable, refusals = [], [NO_VICTIMS] * len(resolvable)
    for name in resolvable:
        node = cache.nodes[name]
        victims = victims_on(node, pod, ranking)
        if isinstance(victims, Rejection):
            refusals.append(victims)
            continue
        cost = _cost(node, victims)
        if best is None or cost < best[0]:
            best = cost, Preemption(node, victims)
    if best is not None:
        return best[1]
    return Preemption(None, message=f"preemption: {fit_error(cache.known, refusals, NOT_HELPFUL)}")


def victims_on(node: NodeInfo, pod: PodClass, ranking: Ranking) -> tuple[str, ...] | Rejection:
    """All pods of lower priority go, then as many as possible are let back, the most important ones first."""
    lower = [uid for uid, other in node.pods.items() if other.priority < pod.priority]
    if not lower:
        return NO_VICTIMS
    trial = node.copy()
    for uid in lower:
        trial.remove_pod(uid)
    refusal = ranking.refusal(trial)
    if refusal is not None:
        return refusal
    victims: list[str] = []
    for uid in sorted(lower, key=lambda uid: -node.pods[uid].priority):  # of equals, the older first
        trial.add_pod(uid, node.pods[uid])
        if ranking.refusal(trial) is not None:
            trial.remove_pod(uid)
            victims.append(uid)
    return tuple(victims)


def _cost(node: NodeInfo, victims: tuple[str, ...]) -> tuple[int, int, int, int]:
    priorities = [node.pods[uid].priority for uid in victims]
    total = sum(priority + _NON_NEGATIVE for priority in priorities)
    return max(priorities, default=-_NON_NEGATIVE), total, len(victims), node.index
