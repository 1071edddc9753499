"""Preemption: whom a pod may drive away to fit (pkg/scheduler/framework/preemption, plugin DefaultPreemption).

    node-1   low 0, low 0, high 9   wants 2 of 3 places at priority 5: both low ones would have to go
    node-2   low 0, low 0, low 0    wants the same: two of them

Of the nodes, the one is taken where the fewest disruption budgets are violated, then where the most important victim is
the least important, then where priorities sum up to the least, then with the fewest victims, then where the most
important victims started last, then the first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from minikube_py.controllers.scheduler.cache import Cache
from minikube_py.controllers.scheduler.framework import Rejection, fit_error
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podinfo import PodInfo
from minikube_py.controllers.scheduler.ranking import Ranking
from minikube_py.controllers.scheduler.selectors import selector_of
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.labels import Selector
from minikube_py.machinery.meta import namespace

NO_VICTIMS = Rejection(("No preemption victims found for incoming pod",))
NOT_HELPFUL = "Preemption is not helpful for scheduling"
NEVER = "preemption: not eligible due to preemptionPolicy=Never."
TERMINATING = "preemption: not eligible due to a terminating pod on the nominated node."
NO_CANDIDATE = "preemption: no candidate node for preemption"

_NON_NEGATIVE = 2**31
"""Added to priorities, so that more pods never sum up to less."""

Started = Callable[[PodInfo], float]
"""When a pod started, in Unix seconds; now, if it has not yet."""


class Limits(NamedTuple):
    """DefaultPreemptionArgs: at least how many nodes are tried, if there are as many that might do."""

    percentage: int = 10
    absolute: int = 100

    def of(self, nodes: int) -> int:
        return min(max(nodes * self.percentage // 100, self.absolute), nodes)


LIMITS = Limits()


class Preemption(NamedTuple):
    """The pods that have to go from a node, the most important first; or why that does not help."""

    node: NodeInfo | None
    victims: tuple[PodInfo, ...] = ()
    message: str = ""
    keeps_nomination: bool = False
    """Whether room that was made before may still help."""
    failed: bool = False
    """Whether nothing else is to be told, as it could not even be found out."""

    @property
    def nominated(self) -> str | None:
        """What the pod's nominatedNodeName becomes; None leaves it."""
        if self.node is not None:
            return self.node.name
        return None if self.keeps_nomination else ""


class Victims(NamedTuple):
    pods: tuple[PodInfo, ...]
    violations: int
    """How many of them a disruption budget would rather keep."""


class Candidate(NamedTuple):
    node: NodeInfo
    victims: Victims


class Found(NamedTuple):
    candidates: list[Candidate]
    refusals: list[Rejection]
    """Of the other nodes."""
    errors: list[str]
    """Of those where nobody needs to go: it is not for want of room that they do not fit."""


class Budgets:
    """PodDisruptionBudgets, as they are before a preemption."""

    def __init__(self, budgets: Sequence[Object]) -> None:
        self._budgets: list[tuple[Object, Selector]] = []
        for each in budgets:
            selector = selector_of(each["spec"].get("selector"))
            if selector.requirements:  # an empty one selects nothing
                self._budgets.append((each, selector))

    def violating(self, pods: Sequence[PodInfo]) -> tuple[list[PodInfo], list[PodInfo]]:
        """Those that a budget has nothing left for, if all were to go in that order, and the others."""
        left = [(each.get("status") or {}).get("disruptionsAllowed") or 0 for each, _ in self._budgets]
        kept: list[PodInfo] = []
        free: list[PodInfo] = []
        for pod in pods:
            violated = False
            for index, (budget, selector) in enumerate(self._budgets):
                if _covers(budget, selector, pod):
                    left[index] -= 1
                    violated = violated or left[index] < 0
            (kept if violated else free).append(pod)
        return kept, free


def _covers(budget: Object, selector: Selector, pod: PodInfo) -> bool:
    """Pods whose disruption the API server has granted already do not count."""
    if namespace(budget) != pod.key.namespace or not pod.family.labels or not selector.matches(pod.family.labels):
        return False
    return pod.key.name not in ((budget.get("status") or {}).get("disruptedPods") or {})


def barred(pod: PodInfo) -> Preemption | None:
    """What becomes of one that is never to preempt."""
    return None if pod.pod_class.preempts else Preemption(None, message=NEVER, keeps_nomination=True)


def select(found: Found, nodes: int, started: Started) -> Preemption:
    """The best of the candidates, if there are any among so many nodes."""
    if found.candidates:
        node, chosen = min(found.candidates, key=lambda each: _cost(each.node, each.victims, started))
        return Preemption(node, chosen.pods)
    if found.errors:
        return failure(found.errors[0] if len(found.errors) == 1 else f"[{', '.join(found.errors)}]")
    return Preemption(None, message=f"preemption: {fit_error(nodes, found.refusals, NOT_HELPFUL)}")


def failure(message: str) -> Preemption:
    return Preemption(None, message=f"preemption: {message}", keeps_nomination=True, failed=True)


def search(
    pod: PodInfo,
    ranking: Ranking,
    cache: Cache,
    budgets: Budgets,
    started: Started,
    limits: Limits = LIMITS,
    offset: Callable[[int], int] = lambda nodes: 0,
) -> Found:
    """Nodes where room can be made for a pod that fits nowhere. `offset` says at which of so many nodes to begin."""
    resolvable = ranking.resolvable()
    refusals: list[Rejection] = []
    if not cache.any_below(pod.priority):
        resolvable, refusals = [], [NO_VICTIMS] * len(resolvable)
    wanted = limits.of(len(resolvable))
    if wanted < len(resolvable):
        first = offset(len(resolvable))
        resolvable = resolvable[first:] + resolvable[:first]
    found: list[Candidate] = []
    errors: list[str] = []
    unviolating = 0
    for name in resolvable:
        node = cache.nodes[name]
        victims = victims_on(node, pod, ranking, budgets, started)
        if isinstance(victims, Rejection):
            refusals.append(victims)
            continue
        if not victims.pods:
            errors.append(f'expected at least one victim pod on node "{name}"')
            continue
        found.append(Candidate(node, victims))
        unviolating += not victims.violations
        if unviolating and len(found) >= wanted:
            break
    return Found(found, refusals, errors)


def victims_on(
    node: NodeInfo, pod: PodInfo, ranking: Ranking, budgets: Budgets, started: Started
) -> Victims | Rejection:
    """All pods of lower priority go, then as many as possible are let back: first those that budgets would rather keep,
    and of each the most important ones first, of equals the one that started first."""
    lower = [other for other in node.pods.values() if other.priority < pod.priority]
    if not lower:
        return NO_VICTIMS
    trial = node.copy()
    for each in lower:
        trial.remove_pod(each.uid)
    refusal = ranking.refusal(trial, pod.uid, node)
    if refusal is not None:
        return refusal

    def importance(each: PodInfo) -> tuple[int, float]:
        return -each.priority, started(each)

    lower.sort(key=importance)
    kept, free = budgets.violating(lower)
    victims: list[PodInfo] = []
    violations = 0
    for each in (*kept, *free):
        trial.add_pod(each)
        if ranking.refusal(trial, pod.uid, node) is not None:
            trial.remove_pod(each.uid)
            victims.append(each)
            violations += each in kept
    victims.sort(key=importance)
    return Victims(tuple(victims), violations)


def _cost(node: NodeInfo, victims: Victims, started: Started) -> tuple[int, int, int, int, float, int]:
    priorities = [each.priority for each in victims.pods]
    highest = max(priorities, default=-_NON_NEGATIVE)
    total = sum(priority + _NON_NEGATIVE for priority in priorities)
    earliest = min((started(each) for each in victims.pods if each.priority == highest), default=0.0)
    return victims.violations, highest, total, len(priorities), -earliest, node.index
