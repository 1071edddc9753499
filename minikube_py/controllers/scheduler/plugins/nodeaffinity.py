"""NodeAffinity: nodeSelector and affinity.nodeAffinity (component-helpers scheduling/corev1/nodeaffinity)."""

from __future__ import annotations

from collections.abc import Callable

from minikube_py.controllers.scheduler.framework import Filter, Plugin, Rejection, Score
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.labels import (
    DOES_NOT_EXIST,
    EXISTS,
    GREATER_THAN,
    IN,
    LESS_THAN,
    NOT_IN,
    Requirement,
    Selector,
)

NO_MATCH = Rejection(("node(s) didn't match Pod's node affinity/selector",))

_OPERATORS = {
    "In": IN,
    "NotIn": NOT_IN,
    "Exists": EXISTS,
    "DoesNotExist": DOES_NOT_EXIST,
    "Gt": GREATER_THAN,
    "Lt": LESS_THAN,
}
_NAME_FIELD = "metadata.name"

Matches = Callable[[NodeInfo], bool]


def _selector(expressions: list[Object]) -> Selector:
    return Selector(
        Requirement(each["key"], _OPERATORS[each["operator"]], tuple(each.get("values") or ())) for each in expressions
    )


def _term(term: Object) -> Matches | None:
    """All of the term's expressions and fields must match; an empty term matches nothing (None)."""
    expressions, fields = term.get("matchExpressions") or [], term.get("matchFields") or []
    if not expressions and not fields:
        return None
    labels, names = _selector(expressions).matches, _selector(fields).matches

    def matches(node: NodeInfo) -> bool:
        return labels(node.labels) and (not fields or names({_NAME_FIELD: node.name}))

    return matches


def _required(pod: PodClass) -> list[Object] | None:
    required = pod.affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    return None if required is None else required.get("nodeSelectorTerms") or []


def matching(pod: PodClass) -> Filter | None:
    terms = _required(pod)
    if terms is None and not pod.node_selector:
        return None
    selector = pod.node_selector.items()
    compiled = [matches for term in terms or () if (matches := _term(term)) is not None]

    def check(node: NodeInfo) -> Rejection | None:
        if not selector <= node.labels.items():
            return NO_MATCH
        if terms is not None and not any(matches(node) for matches in compiled):
            return NO_MATCH
        return None

    return check


def named(pod: PodClass) -> frozenset[str] | None:
    """The nodes that the terms name, if each term names some: a DaemonSet's pod is asked for one node only."""
    found: set[str] = set()
    for term in _required(pod) or [{}]:
        names: set[str] | None = None
        for field in term.get("matchFields") or ():
            if field["key"] == _NAME_FIELD and field["operator"] == "In":
                values = set(field.get("values") or ())
                names = values if names is None else names & values
        if names is None:
            return None
        found |= names
    return frozenset(found)


def preferred(pod: PodClass) -> Score | None:
    """The weights of the preferences that a node meets."""
    terms = [
        (term["weight"], matches)
        for term in pod.affinity.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
        if (matches := _term(term.get("preference") or {})) is not None
    ]
    if not terms:
        return None

    def score(node: NodeInfo) -> int:
        return sum(weight for weight, matches in terms if matches(node))

    return score


NODE_AFFINITY = Plugin("NodeAffinity", filter=matching, score=preferred, weight=2, normalize="more", node_names=named)
