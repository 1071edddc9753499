"""PodTopologySpread: pods evenly over zones, nodes and what else nodes have labels for (plugins/podtopologyspread).

Filter (DoNotSchedule), maxSkew 1:   zones  a: 2 matching pods   b: 1   ->  b: 1 + 1 - 1 <= 1 fits, a: 2 + 1 - 1 > 1 not
Score (ScheduleAnyway, defaults):    the fewer matching pods the better, a zone's counting less the more zones there are

Pods without constraints are spread by the profile's: maxSkew 3 over nodes and 5 over zones, from the pods of their
Services and owner.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from minikube_py.controllers.scheduler.defaultselector import default_selector
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
from minikube_py.controllers.scheduler.podinfo import PodInfo
from minikube_py.controllers.scheduler.spreadcounts import HOSTNAME, Constraint, Domains, has_keys
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.labels import Selector
from minikube_py.machinery.meta import labels, namespace

NAME = "PodTopologySpread"
NO_MATCH = Rejection(("node(s) didn't match pod topology spread constraints",), resolvable=True)
NO_LABEL = Rejection(("node(s) didn't match pod topology spread constraints (missing required label)",))

DO_NOT_SCHEDULE, SCHEDULE_ANYWAY = "DoNotSchedule", "ScheduleAnyway"
ZONE = "topology.kubernetes.io/zone"

SYSTEM_DEFAULTS: tuple[Object, ...] = (
    {"topologyKey": HOSTNAME, "whenUnsatisfiable": SCHEDULE_ANYWAY, "maxSkew": 3},
    {"topologyKey": ZONE, "whenUnsatisfiable": SCHEDULE_ANYWAY, "maxSkew": 5},
)


@dataclass(frozen=True)
class Arguments:
    """PodTopologySpreadArgs."""

    constraints: tuple[Object, ...] = SYSTEM_DEFAULTS
    system: bool = True
    """defaultingType: System. Nodes without a zone are spread over then, too."""


def _constraints(pod: PodInfo, handle: Handle, arguments: Arguments, action: str) -> list[Constraint]:
    own = pod.pod_class.spread
    wanted = [each for each in own or arguments.constraints if each["whenUnsatisfiable"] == action]
    if own or not wanted:
        return [Constraint.of(each, pod.family.labels) for each in wanted]
    selector = default_selector(pod.family, handle)
    return [] if selector.empty else [_selecting(each, selector) for each in wanted]


def _selecting(constraint: Object, selector: Selector) -> Constraint:
    return Constraint(constraint["maxSkew"], constraint["topologyKey"], selector)


class Hard:
    """The filter's FilterSurvey. A node's place is its domain for each constraint, None if it lacks a label."""

    def __init__(self, pod: PodInfo, constraints: list[Constraint]) -> None:
        self._constraints = constraints
        self._domains = [Domains(each, pod) for each in constraints]
        self._selects_itself = [each.selects(pod.family) for each in self._domains]
        self.key: Hashable = (pod.family.namespace, tuple(constraints), tuple(self._selects_itself))

    def clear(self) -> None:
        for each in self._domains:
            each.clear()

    def count(self, node: NodeInfo) -> None:
        eligible = has_keys(node, self._constraints)
        for each in self._domains:
            each.count(node, eligible=eligible)

    def place(self, node: NodeInfo) -> Place:
        return tuple([node.labels.get(each.topology_key) for each in self._constraints])

    def refusals(self, places: Sequence[Place]) -> list[Rejection | None]:
        least = [each.least() for each in self._domains]
        return [self._refusal(place, least) for place in places]

    def _refusal(self, place: Place, least: list[int]) -> Rejection | None:
        assert isinstance(place, tuple)
        for domains, value, itself, fewest in zip(self._domains, place, self._selects_itself, least, strict=True):
            if value is None:
                return NO_LABEL
            if domains.matching.get(value, 0) + itself - fewest > domains.constraint.max_skew:
                return NO_MATCH
        return None


class Soft:
    """The score's ScoreSurvey. A node's place is, for each constraint, its domain, or its own pods if domains are
    nodes; None for a node that lacks a label that is asked for."""

    def __init__(self, pod: PodInfo, constraints: list[Constraint], *, require_all: bool) -> None:
        self._constraints = constraints
        self._require_all = require_all
        self._domains = [Domains(each, pod) for each in constraints]
        self.key: Hashable = (pod.family.namespace, tuple(constraints), require_all)

    def clear(self) -> None:
        for each in self._domains:
            each.clear()

    def count(self, node: NodeInfo) -> None:
        eligible = not self._require_all or has_keys(node, self._constraints)
        for each in self._domains:
            if each.constraint.topology_key != HOSTNAME:
                each.count(node, eligible=eligible)

    def place(self, node: NodeInfo) -> Place:
        if self._require_all and not has_keys(node, self._constraints):
            return None
        return tuple([self._domain(each, node) for each in self._domains])

    @staticmethod
    def _domain(domains: Domains, node: NodeInfo) -> int | str | None:
        key = domains.constraint.topology_key
        if key == HOSTNAME:
            return domains.on(node) if key in node.labels else None
        return node.labels.get(key)

    def scores(self, places: Sequence[tuple[Place, int]]) -> list[int]:
        counted = [place for place, _ in places if place is not None]
        nodes = sum(number for place, number in places if place is not None)
        weights = [self._weight(index, counted, nodes) for index in range(len(self._domains))]
        raws = [None if place is None else self._raw(place, weights) for place, _ in places]
        known = [raw for raw in raws if raw is not None]
        highest, lowest = max(known, default=0), min(known, default=0)
        return [0 if raw is None else _normalized(raw, lowest, highest) for raw in raws]

    def _weight(self, index: int, places: list[Place], nodes: int) -> float:
        """The more domains, the more each pod in one of them counts."""
        if self._domains[index].constraint.topology_key == HOSTNAME:
            return math.log(nodes + 2)
        values = {place[index] for place in places if isinstance(place, tuple)}
        return math.log(len(values) + 2)

    def _raw(self, place: Place, weights: list[float]) -> int:
        assert isinstance(place, tuple)
        total = 0.0
        for domains, value, weight in zip(self._domains, place, weights, strict=True):
            if value is not None:
                number = value if isinstance(value, int) else domains.matching.get(value, 0)
                total += number * weight + (domains.constraint.max_skew - 1)
        return math.floor(total + 0.5)


def _normalized(raw: int, lowest: int, highest: int) -> int:
    return MAX_NODE_SCORE * (highest + lowest - raw) // highest if highest else MAX_NODE_SCORE


def pod_topology_spread(arguments: Arguments) -> Plugin:
    def hard(pod: PodInfo, handle: Handle) -> Hard | None:
        constraints = _constraints(pod, handle, arguments, DO_NOT_SCHEDULE)
        return Hard(pod, constraints) if constraints else None

    def soft(pod: PodInfo, handle: Handle) -> Soft | None:
        constraints = _constraints(pod, handle, arguments, SCHEDULE_ANYWAY)
        if not constraints:
            return None
        return Soft(pod, constraints, require_all=bool(pod.pod_class.spread) or not arguments.system)

    return Plugin(NAME, filter_all=hard, score_all=soft, hint=may_help, weight=2, arguments=arguments)


def may_help(pod: Object, event: Event) -> bool:
    """Any node with the labels that come or go; pods of the namespace that its constraints select or no longer do."""
    own = list(pod["spec"].get("topologySpreadConstraints") or ())
    keys = [each["topologyKey"] for each in own if each["whenUnsatisfiable"] == DO_NOT_SCHEDULE]
    before, after = event.old, event.new
    if event.resource == NODE:
        return any(each is not None and all(key in labels(each) for key in keys) for each in (before, after))
    if event.resource != ASSIGNED_POD or namespace(before or after or pod) != namespace(pod):
        return False
    selectors = [Constraint.of(each, labels(pod)).selector for each in own]
    seen = [[selector.matches(labels(each)) for selector in selectors] for each in (before, after) if each is not None]
    if len(seen) == 2:
        return seen[0] != seen[1]
    return any(seen[0]) or not own


POD_TOPOLOGY_SPREAD = pod_topology_spread(Arguments())
