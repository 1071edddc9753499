"""What a pod says of other pods that it wants beside it, or not: framework's AffinityTerm.

    podAffinity:                                   a node whose zone has a pod of app=db,
      requiredDuringSchedulingIgnoredDuringExecution:     in the pod's own namespace
      - {labelSelector: {matchLabels: {app: db}}, topologyKey: topology.kubernetes.io/zone}

Without namespaces and namespaceSelector, a term means the pod's own namespace. matchLabelKeys are part of the
selectors already when a pod is stored.
"""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.controllers.scheduler.selectors import selector_of
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.labels import Labels, Selector, nothing

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


class Term:
    __slots__ = ("namespace_selector", "namespaces", "selector", "topology_key", "weight")

    def __init__(self, term: Object, namespace: str, weight: int = 0) -> None:
        wanted = term.get("namespaceSelector")
        named = frozenset(term.get("namespaces") or ())
        self.selector: Selector = selector_of(term.get("labelSelector"))
        self.namespaces: frozenset[str] = named if named or wanted is not None else frozenset((namespace,))
        self.namespace_selector: Selector = selector_of(wanted) if wanted is not None else nothing()
        self.topology_key: str = term.get("topologyKey") or ""
        self.weight = weight

    def matches(self, namespace: str, namespace_labels: Labels, labels: Labels) -> bool:
        """Whether a pod with those labels in that namespace is meant."""
        meant = namespace in self.namespaces or self.namespace_selector.matches(namespace_labels)
        return meant and self.selector.matches(labels)


class PodTerms:
    """Of one pod's spec.affinity, in the pod's namespace."""

    __slots__ = ("affinity", "anti_affinity", "preferred", "unwanted")

    def __init__(self, affinity: Object, namespace: str) -> None:
        with_pods, without = affinity.get("podAffinity") or {}, affinity.get("podAntiAffinity") or {}
        self.affinity = _required(with_pods, namespace)
        self.anti_affinity = _required(without, namespace)
        self.preferred = _preferred(with_pods, namespace)
        self.unwanted = _preferred(without, namespace)

    def all(self) -> Iterable[Term]:
        return (*self.affinity, *self.anti_affinity, *self.preferred, *self.unwanted)


def has_pod_terms(affinity: Object) -> bool:
    return bool(affinity.get("podAffinity") or affinity.get("podAntiAffinity"))


def _required(affinity: Object, namespace: str) -> tuple[Term, ...]:
    return tuple(Term(term, namespace) for term in affinity.get(REQUIRED) or ())


def _preferred(affinity: Object, namespace: str) -> tuple[Term, ...]:
    weighted = affinity.get(PREFERRED) or ()
    return tuple(Term(each.get("podAffinityTerm") or {}, namespace, each.get("weight") or 0) for each in weighted)
