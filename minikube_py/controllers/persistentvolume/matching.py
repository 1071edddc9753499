"""Matching: the volume that suits a claim best (component-helpers storage/volume FindMatchingVolume,
pkg/controller/volume/persistentvolume/index.go).

Volumes with fewer access modes come first, so that what is rare is kept for who needs it; among those with the same
modes one that names the claim, then the smallest that is big enough.

    the claim asks ReadWriteOnce, 5Gi      a  RWO      10Gi     b  RWO  8Gi  <- best     c  RWO,RWX  5Gi
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from minikube_py.controllers.persistentvolume.binding import AVAILABLE, claim_ref, is_bound_to, phase
from minikube_py.controllers.persistentvolume.storageclass import class_name
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
from minikube_py.machinery.labelselector import as_selector
from minikube_py.machinery.meta import is_deleting, labels, name
from minikube_py.machinery.quantity import Quantity, parse

_OPERATORS = {
    "In": IN,
    "NotIn": NOT_IN,
    "Exists": EXISTS,
    "DoesNotExist": DOES_NOT_EXIST,
    "Gt": GREATER_THAN,
    "Lt": LESS_THAN,
}


def requested(claim: Object) -> Quantity:
    return parse(((claim["spec"].get("resources") or {}).get("requests") or {}).get("storage", "0"))


def capacity(volume: Object) -> Quantity:
    return parse((volume["spec"].get("capacity") or {}).get("storage", "0"))


def volume_mode(obj: Object) -> str:
    return str(obj["spec"].get("volumeMode") or "Filesystem")


def attributes_class(obj: Object) -> str:
    return str(obj["spec"].get("volumeAttributesClassName") or "")


def access_modes(obj: Object) -> frozenset[str]:
    return frozenset(obj["spec"].get("accessModes") or ())


def mismatch(volume: Object, claim: Object) -> str:
    """Why a volume cannot be a claim's, though the claim names it; "" if it can."""
    if is_deleting(volume):
        return f'the volume is marked for deletion "{name(volume)}"'
    if capacity(volume).value() < requested(claim).value():
        return "requested PV is too small"
    if class_name(volume) != class_name(claim):
        return "storageClassName does not match"
    if attributes_class(volume) != attributes_class(claim):
        return "volumeAttributesClassName does not match"
    if volume_mode(volume) != volume_mode(claim):
        return "incompatible volumeMode"
    return "" if access_modes(claim) <= access_modes(volume) else "incompatible accessMode"


def best_match(
    claim: Object, volumes: Iterable[Object], *, delayed: bool = False, node: Object | None = None
) -> Object | None:
    """`delayed`: only a volume that names the claim, as the others wait for a node. `node`: only volumes that can be
    reached from there."""
    wanted, asked = requested(claim), access_modes(claim)
    fitting = [
        volume
        for volume in volumes
        if (claim_ref(volume) is None or is_bound_to(volume, claim))
        and capacity(volume) >= wanted
        and volume_mode(volume) == volume_mode(claim)
        and attributes_class(volume) == attributes_class(claim)
        and not is_deleting(volume)
        and asked <= access_modes(volume)
    ]
    fitting.sort(key=_by_modes)
    for _, group in groupby(fitting, key=_by_modes):
        alike = list(group)
        kept = next((volume for volume in alike if is_bound_to(volume, claim)), None)
        if kept is not None:
            return kept if node is None or reaches(kept, node) else None
        if not delayed and (found := _smallest(claim, alike, node)) is not None:
            return found
    return None


def _by_modes(volume: Object) -> tuple[int, list[str]]:
    modes = sorted(access_modes(volume))
    return len(modes), modes


def _smallest(claim: Object, volumes: list[Object], node: Object | None) -> Object | None:
    selector = claim["spec"].get("selector")
    matches = as_selector(selector).matches if selector is not None else None
    named = class_name(claim)
    free = [
        volume
        for volume in volumes
        if phase(volume) == AVAILABLE
        and (matches is None or matches(labels(volume)))
        and class_name(volume) == named
        and (node is None or reaches(volume, node))
    ]
    return min(free, key=lambda volume: (capacity(volume), name(volume)), default=None)


def reaches(volume: Object, node: Object) -> bool:
    """Whether the volume can be used on the node, by its nodeAffinity."""
    required = (volume["spec"].get("nodeAffinity") or {}).get("required")
    return required is None or any(_term_matches(term, node) for term in required.get("nodeSelectorTerms") or ())


def _term_matches(term: Object, node: Object) -> bool:
    """An empty term matches nothing."""
    expressions, fields = term.get("matchExpressions") or [], term.get("matchFields") or []
    if not expressions and not fields:
        return False
    return _selector(expressions).matches(labels(node)) and _selector(fields).matches({"metadata.name": name(node)})


def _selector(expressions: list[Object]) -> Selector:
    return Selector(
        Requirement(each["key"], _OPERATORS[each["operator"]], tuple(each.get("values") or ())) for each in expressions
    )
