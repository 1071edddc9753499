"""Counting for PodTopologySpread: how many pods that a constraint selects each domain has
(plugins/podtopologyspread/common.go).

    topologyKey zone     a: node-1 (2 pods), node-2 (1)     b: node-3 (0)
    matching             a: 3, b: 0
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.plugins.nodeaffinity import matching
from minikube_py.controllers.scheduler.plugins.tainttoleration import untolerated
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.controllers.scheduler.podinfo import Family, PodInfo
from minikube_py.controllers.scheduler.selectors import selector_of
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.labels import Selector, from_set

HOSTNAME = "kubernetes.io/hostname"
HONOR, IGNORE = "Honor", "Ignore"


@dataclass(frozen=True)
class Constraint:
    max_skew: int
    topology_key: str
    selector: Selector
    min_domains: int = 1
    honors_affinity: bool = True
    honors_taints: bool = False

    @staticmethod
    def of(constraint: Object, labels: dict[str, str]) -> Constraint:
        """`labels` are the pod's own, for matchLabelKeys."""
        selector = selector_of(constraint.get("labelSelector"))
        merged = {key: labels[key] for key in constraint.get("matchLabelKeys") or () if key in labels}
        if merged and selector.selectable:
            selector = from_set(merged).add(*selector.requirements)
        return Constraint(
            max_skew=constraint["maxSkew"],
            topology_key=constraint["topologyKey"],
            selector=selector,
            min_domains=constraint.get("minDomains") or 1,
            honors_affinity=(constraint.get("nodeAffinityPolicy") or HONOR) == HONOR,
            honors_taints=constraint.get("nodeTaintsPolicy") == HONOR,
        )


class Inclusion:
    """Which nodes count for a constraint, by its policies."""

    def __init__(self, pod: PodClass) -> None:
        self._affinity = matching(pod)
        self._taints = untolerated(pod)

    def includes(self, constraint: Constraint, node: NodeInfo) -> bool:
        if constraint.honors_affinity and self._affinity is not None and self._affinity(node) is not None:
            return False
        return not (constraint.honors_taints and self._taints is not None and self._taints(node) is not None)


class Matches(dict[Family, bool]):
    """Whether a constraint counts a family's pods, worked out once for each."""

    def __init__(self, selector: Selector, namespace: str) -> None:
        self._matches: Callable[[dict[str, str]], bool] = selector.matches
        self._countable = not selector.empty
        self._namespace = namespace

    def __missing__(self, family: Family) -> bool:
        answer = (
            self._countable
            and not family.deleting
            and family.namespace == self._namespace
            and self._matches(family.labels)
        )
        self[family] = answer
        return answer

    def on(self, node: NodeInfo) -> int:
        """How many of a node's pods are counted."""
        return sum([number for family, number in node.families.items() if self[family]])


class Domains:
    """One constraint's domains: the values of its key among the nodes that count, each with its matching pods."""

    def __init__(self, constraint: Constraint, pod: PodInfo) -> None:
        self.constraint = constraint
        self.matching: dict[str, int] = {}
        self._nodes: dict[str, int] = {}
        """How many nodes each domain has."""
        self._matches = Matches(constraint.selector, pod.family.namespace)
        self._inclusion = Inclusion(pod.pod_class)
        self._counted: dict[str, tuple[str, int]] = {}
        """Each node's domain and what it adds to it."""

    def clear(self) -> None:
        self.matching.clear()
        self._nodes.clear()
        self._counted.clear()

    def count(self, node: NodeInfo, *, eligible: bool) -> None:
        """Instead of what the node counted before. `eligible`: whether the node has all labels that are asked for."""
        if (before := self._counted.pop(node.name, None)) is not None:
            self._add(before[0], -before[1], -1)
        if eligible and self._inclusion.includes(self.constraint, node):
            value = node.labels.get(self.constraint.topology_key, "")
            number = self._matches.on(node)
            self._counted[node.name] = value, number
            self._add(value, number, 1)

    def on(self, node: NodeInfo) -> int:
        """How many pods of a node are selected, whether the node counts or not."""
        return self._matches.on(node)

    def selects(self, family: Family) -> bool:
        return self.constraint.selector.matches(family.labels)

    def _add(self, value: str, number: int, nodes: int) -> None:
        self._nodes[value] = self._nodes.get(value, 0) + nodes
        if self._nodes[value]:
            self.matching[value] = self.matching.get(value, 0) + number
        else:
            del self._nodes[value]
            del self.matching[value]

    def least(self) -> int:
        """The fewest pods of any domain: none as long as there are fewer domains than wanted."""
        if len(self.matching) < self.constraint.min_domains:
            return 0
        return min(self.matching.values(), default=0)


def has_keys(node: NodeInfo, constraints: list[Constraint]) -> bool:
    return all(each.topology_key in node.labels for each in constraints)
