"""NodeAffinity: nodeSelector and affinity.nodeAffinity (component-helpers scheduling/corev1/nodeaffinity)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from minikube_py.controllers.scheduler.framework import NODE, Event, Filter, Plugin, Rejection, Score, most
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
NOT_ENFORCED = Rejection(("node(s) didn't match scheduler-enforced node affinity",))
CONFLICT = Rejection(("pod affinity terms conflict",))

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


def selects(selector: Object, node: NodeInfo) -> bool:
    """Whether any term of a NodeSelector matches a node."""
    terms = (_term(each) for each in selector.get("nodeSelectorTerms") or ())
    return any(matches is not None and matches(node) for matches in terms)


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


def named(pod: PodClass) -> frozenset[str] | Rejection | None:
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
    return frozenset(found) if found else CONFLICT


def _preferences(affinity: Object) -> list[tuple[int, Matches]]:
    return [
        (term["weight"], matches)
        for term in affinity.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
        if (matches := _term(term.get("preference") or {})) is not None
    ]


@dataclass(frozen=True)
class Arguments:
    """NodeAffinityArgs."""

    added_affinity: Object | None = None
    """What the profile adds to the affinity of all its pods."""


def node_affinity(arguments: Arguments) -> Plugin:
    """Matches what pods ask for, and what the profile adds."""
    added = arguments.added_affinity or {}
    required = added.get("requiredDuringSchedulingIgnoredDuringExecution")
    enforced = [_term(term) for term in required.get("nodeSelectorTerms") or ()] if required is not None else None
    added_preferences = _preferences(added)

    def enforcing(pod: PodClass) -> Filter | None:
        own = matching(pod)
        if enforced is None:
            return own

        def check(node: NodeInfo) -> Rejection | None:
            if not any(matches is not None and matches(node) for matches in enforced):
                return NOT_ENFORCED
            return own(node) if own is not None else None

        return check

    def preferred(pod: PodClass) -> Score | None:
        """The weights of the preferences that a node meets."""
        terms = [*added_preferences, *_preferences(pod.affinity)]
        if not terms:
            return None

        def score(node: NodeInfo) -> int:
            return sum(weight for weight, matches in terms if matches(node))

        return score

    return Plugin(
        "NodeAffinity",
        filter=enforcing,
        score=preferred,
        hint=may_help,
        weight=2,
        normalize=most,
        node_names=named,
        arguments=arguments,
    )


def may_help(pod: Object, event: Event) -> bool:
    """A node that matches, new or since its labels changed."""
    check = matching(PodClass(pod["spec"]))
    if event.resource != NODE or event.new is None:
        return False
    return _matches(check, event.new) and (event.old is None or not _matches(check, event.old))


def _matches(check: Filter | None, node: Object) -> bool:
    info = NodeInfo(node["metadata"]["name"], 0)
    info.labels = node["metadata"].get("labels") or {}
    return check is None or check(info) is None


NODE_AFFINITY = node_affinity(Arguments())
