"""InterPodAffinity: pods that want to be near others, or away from them (plugins/interpodaffinity).

Filter   the pod's required terms, and the required anti-affinity of the pods that are there already
Score    the pod's preferred terms, and what those that are there prefer of it: their preferences, and their required
         affinity, which counts `hardPodAffinityWeight`

What counts is counted by topology pair, such as (zone, a), so that all nodes of a zone share it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from minikube_py.controllers.scheduler.affinityterms import REQUIRED, PodTerms, Term
from minikube_py.controllers.scheduler.framework import (
    ASSIGNED_POD,
    MAX_NODE_SCORE,
    NODE,
    Event,
    Place,
    Plugin,
    Rejection,
)
from minikube_py.controllers.scheduler.handle import Handle
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.controllers.scheduler.podinfo import Family, PodInfo
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.labels import Labels
from minikube_py.machinery.meta import labels, namespace

NAME = "InterPodAffinity"
AFFINITY = Rejection(("node(s) didn't match pod affinity rules",))
ANTI_AFFINITY = Rejection(("node(s) didn't match pod anti-affinity rules",), resolvable=True)
EXISTING = Rejection(("node(s) didn't satisfy existing pods anti-affinity rules",), resolvable=True)

Pair = tuple[str, str | None]
"""A label of nodes: all that have it are one domain. None stands for a label that a node has not."""

Pairs = tuple[Pair, ...]


@dataclass(frozen=True)
class Arguments:
    """InterPodAffinityArgs."""

    hard_pod_affinity_weight: int = 1
    ignore_preferred_terms_of_existing_pods: bool = False


class Tally:
    """Numbers by topology pair, of which each node has added some."""

    def __init__(self) -> None:
        self.totals: dict[Pair, int] = {}
        self._added: dict[str, list[tuple[Pair, int]]] = {}

    def clear(self) -> None:
        self.totals.clear()
        self._added.clear()

    def replace(self, node: NodeInfo, wanted: Iterable[tuple[str, int]]) -> None:
        """`wanted` are topology keys and what the node adds to its pair of each, instead of what it added before."""
        for pair, number in self._added.pop(node.name, ()):
            self._add(pair, -number)
        added: list[tuple[Pair, int]] = [
            ((key, node.labels[key]), number) for key, number in wanted if number and key in node.labels
        ]
        if added:
            self._added[node.name] = added
            for pair, number in added:
                self._add(pair, number)

    def _add(self, pair: Pair, number: int) -> None:
        total = self.totals.get(pair, 0) + number
        if total:
            self.totals[pair] = total
        else:
            del self.totals[pair]


class Matches(dict[Family, bool]):
    """Whether families' pods match all of some terms, worked out once for each."""

    def __init__(self, terms: Sequence[Term], handle: Handle) -> None:
        self._terms = terms
        self._handle = handle

    def __missing__(self, family: Family) -> bool:
        around = self._handle.namespace_labels(family.namespace)
        answer = bool(self._terms) and all(
            term.matches(family.namespace, around, family.labels) for term in self._terms
        )
        self[family] = answer
        return answer

    def on(self, node: NodeInfo) -> int:
        return sum([number for family, number in node.families.items() if self[family]])


class Kin:
    """The incoming pod as other pods' terms see it."""

    def __init__(self, pod: PodInfo, handle: Handle) -> None:
        self.family = pod.family
        self._around: Labels = handle.namespace_labels(pod.family.namespace)

    def matched(self, terms: Iterable[Term]) -> list[Term]:
        family, around = self.family, self._around
        return [term for term in terms if term.matches(family.namespace, around, family.labels)]


def _pairs(keys: Iterable[str], node: NodeInfo) -> Pairs:
    return tuple([(key, node.labels.get(key)) for key in keys])


class Required:
    """The filter's FilterSurvey. A node's place is its pairs for the topology keys of terms: first the pod's own, then
    those of the pods that are there."""

    def __init__(self, pod: PodInfo, handle: Handle, existing: dict[PodClass, list[Term]]) -> None:
        own = pod.pod_class.terms
        self._affinity: tuple[Term, ...] = own.affinity if own is not None else ()
        self._anti_affinity: tuple[Term, ...] = own.anti_affinity if own is not None else ()
        self._existing = existing
        terms = (*self._affinity, *self._anti_affinity)
        existing_keys = dict.fromkeys(term.topology_key for matched in existing.values() for term in matched)
        self._keys = (*(term.topology_key for term in terms), *existing_keys)
        self._matching = Matches(self._affinity, handle)
        self._hated = [Matches((term,), handle) for term in self._anti_affinity]
        self._of_affinity, self._of_anti_affinity, self._of_existing = Tally(), Tally(), Tally()
        self._matches_itself = self._matching[pod.family]
        self.key: Hashable = (
            pod.family.namespace,
            frozenset(pod.family.labels.items()),
            frozenset(existing),
            handle.namespaces_version,
        )

    def clear(self) -> None:
        for each in (self._of_affinity, self._of_anti_affinity, self._of_existing):
            each.clear()

    def count(self, node: NodeInfo) -> None:
        if self._affinity:
            number = self._matching.on(node)
            self._of_affinity.replace(node, [(term.topology_key, number) for term in self._affinity])
        if self._anti_affinity:
            hated = zip(self._anti_affinity, self._hated, strict=True)
            self._of_anti_affinity.replace(node, [(term.topology_key, each.on(node)) for term, each in hated])
        if self._existing:
            added = [
                (term.topology_key, number)
                for pod_class, number in node.terms.items()
                for term in self._existing.get(pod_class, ())
            ]
            self._of_existing.replace(node, added)

    def place(self, node: NodeInfo) -> Place:
        return _pairs(self._keys, node)

    def refusals(self, places: Sequence[Place]) -> list[Rejection | None]:
        # The first of pods that want to be near each other may go anywhere.
        first = self._matches_itself and not self._of_affinity.totals
        return [self._refusal(cast(Pairs, place), first) for place in places]

    def _refusal(self, place: Pairs, first: bool) -> Rejection | None:
        near, away = len(self._affinity), len(self._affinity) + len(self._anti_affinity)
        if near:
            wanted = place[:near]
            if any(value is None for _, value in wanted):
                return AFFINITY
            if not first and not all(pair in self._of_affinity.totals for pair in wanted):
                return AFFINITY
        if away > near and any(pair in self._of_anti_affinity.totals for pair in place[near:away]):
            return ANTI_AFFINITY
        if self._existing and any(pair in self._of_existing.totals for pair in place[away:]):
            return EXISTING
        return None


class Preferred:
    """The score's ScoreSurvey. Places as in Required."""

    def __init__(self, pod: PodInfo, handle: Handle, existing: dict[PodClass, list[tuple[Term, int]]]) -> None:
        own = pod.pod_class.terms
        self._own = [(term, term.weight) for term in own.preferred] if own is not None else []
        self._own += [(term, -term.weight) for term in own.unwanted] if own is not None else []
        self._matches = [Matches((term,), handle) for term, _ in self._own]
        self._existing = existing
        weighted = [*self._own, *(each for terms in existing.values() for each in terms)]
        self._keys = tuple(dict.fromkeys(term.topology_key for term, _ in weighted))
        self._tally = Tally()
        self.key: Hashable = (
            pod.family.namespace,
            frozenset(pod.family.labels.items()),
            frozenset(existing),
            handle.namespaces_version,
        )

    def clear(self) -> None:
        self._tally.clear()

    def count(self, node: NodeInfo) -> None:
        added = [
            (term.topology_key, weight * matches.on(node))
            for (term, weight), matches in zip(self._own, self._matches, strict=True)
        ]
        for pod_class, number in node.terms.items():
            added += [(term.topology_key, weight * number) for term, weight in self._existing.get(pod_class, ())]
        self._tally.replace(node, added)

    def place(self, node: NodeInfo) -> Place:
        return _pairs(self._keys, node)

    def scores(self, places: Sequence[tuple[Place, int]]) -> list[int]:
        total = self._tally.totals.get
        raws = [sum([total(pair, 0) for pair in cast(Pairs, place)]) for place, _ in places]
        lowest, highest = min(raws, default=0), max(raws, default=0)
        if highest == lowest:
            return [0] * len(raws)
        return [int(MAX_NODE_SCORE * ((raw - lowest) / (highest - lowest))) for raw in raws]


def _preferences(kin: Kin, terms: PodTerms, arguments: Arguments) -> list[tuple[Term, int]]:
    """What a placed pod prefers of the incoming one, with what it adds to a node's score."""
    found = [(term, term.weight) for term in kin.matched(terms.preferred)]
    found += [(term, -term.weight) for term in kin.matched(terms.unwanted)]
    if arguments.hard_pod_affinity_weight > 0:
        found += [(term, arguments.hard_pod_affinity_weight) for term in kin.matched(terms.affinity)]
    return found


def inter_pod_affinity(arguments: Arguments) -> Plugin:
    def required(pod: PodInfo, handle: Handle) -> Required | None:
        own, existing = pod.pod_class.terms, {}
        if handle.cache.terms:
            kin = Kin(pod, handle)
            for each in handle.cache.terms:
                if each.terms is not None and (matched := kin.matched(each.terms.anti_affinity)):
                    existing[each] = matched
        has_own = own is not None and bool(own.affinity or own.anti_affinity)
        return Required(pod, handle, existing) if existing or has_own else None

    def preferred(pod: PodInfo, handle: Handle) -> Preferred | None:
        own, existing = pod.pod_class.terms, {}
        has_own = own is not None and bool(own.preferred or own.unwanted)
        if handle.cache.terms and (has_own or not arguments.ignore_preferred_terms_of_existing_pods):
            kin = Kin(pod, handle)
            for each in handle.cache.terms:
                if each.terms is not None and (found := _preferences(kin, each.terms, arguments)):
                    existing[each] = found
        return Preferred(pod, handle, existing) if existing or has_own else None

    return Plugin(NAME, filter_all=required, score_all=preferred, hint=may_help, weight=2, arguments=arguments)


def _own_terms(pod: Object) -> tuple[list[Term], list[Term]]:
    affinity = pod["spec"].get("affinity") or {}
    parts = [(affinity.get(each) or {}).get(REQUIRED) or () for each in ("podAffinity", "podAntiAffinity")]
    near, away = ([Term(term, namespace(pod)) for term in part] for part in parts)
    return near, away


def _matches_all(terms: list[Term], pod: Object | None) -> bool:
    """Namespace selectors are taken to select, as an event is not worth a look-up."""
    return (
        pod is not None
        and bool(terms)
        and all(
            (namespace(pod) in term.namespaces or term.namespace_selector.selectable)
            and term.selector.matches(labels(pod))
            for term in terms
        )
    )


def may_help(pod: Object, event: Event) -> bool:
    near, away = _own_terms(pod)
    before, after = event.old, event.new
    if event.resource == NODE:
        return _node_may_help(near, away, before, after)
    if event.resource != ASSIGNED_POD:
        return False
    if before is not None and after is not None:
        return (not _matches_all(near, before) and _matches_all(near, after)) or (
            _matches_all(away, before) and not _matches_all(away, after)
        )
    if after is not None:
        return _matches_all(near, after)
    return _matches_all(away, before) or (before is not None and _matches_all(_own_terms(before)[1], pod))


def _node_may_help(near: list[Term], away: list[Term], before: Object | None, after: Object | None) -> bool:
    """A new node; one that moved to another domain; one that came into one (near) or left it (away)."""
    if after is None:
        return False
    if before is None:
        return bool(away) or any(term.topology_key in labels(after) for term in near)
    old, new = labels(before), labels(after)
    moved = {term.topology_key for term in (*near, *away) if old.get(term.topology_key) != new.get(term.topology_key)}
    return any(term.topology_key in moved and term.topology_key in new for term in near) or any(
        term.topology_key in moved and term.topology_key in old for term in away
    )


INTER_POD_AFFINITY = inter_pod_affinity(Arguments())
