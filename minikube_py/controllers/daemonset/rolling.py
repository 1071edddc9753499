"""Replacing old pods by new ones, node by node (pkg/controller/daemon/update.go rollingUpdate).

Without surge an old pod is deleted first: at most maxUnavailable nodes are without an available pod because of it.
With surge the new pod is made first: at most maxSurge nodes have two, and the old one goes once the new is available.
Old pods that are not available are replaced at once, for nothing is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from minikube_py.controllers.daemonset.placement import (
    Changes,
    Placement,
    PodsByNode,
    min_ready_seconds,
    surge,
    unavailable,
)
from minikube_py.controllers.daemonset.podtemplate import is_updated, template_generation
from minikube_py.controllers.runtime.pods import is_available
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import is_deleting


class Limits(NamedTuple):
    surge: int
    unavailable: int
    desired: int
    """How many nodes are to have a pod."""


def limits(placement: Placement) -> Limits:
    """Raises ValueError for what is neither a number nor a percentage."""
    desired = sum(each.run for each in placement.eligible.values())
    surging, missing = surge(placement.daemon_set, desired), unavailable(placement.daemon_set, desired)
    if desired and not surging and not missing:
        missing = 1
    return Limits(surging, missing, desired)


def plan(placement: Placement) -> Changes:
    allowed = limits(placement)
    pods = dict(placement.pods)
    for node, each in placement.eligible.items():
        if each.run:
            pods.setdefault(node, [])
    if allowed.surge == 0:
        return _delete_first(placement, pods, allowed)
    return _create_first(placement, pods, allowed)


class _Pair(NamedTuple):
    """The pods of a node that are not being deleted."""

    new: Object | None
    old: Object | None


def _pair(placement: Placement, pods: Sequence[Object]) -> _Pair | None:
    """None if there are several of a kind, which the placement has yet to tidy."""
    generation = template_generation(placement.daemon_set)
    new: list[Object] = []
    old: list[Object] = []
    for pod in pods:
        if not is_deleting(pod):
            (new if is_updated(pod, placement.hash, generation) else old).append(pod)
    if len(new) > 1 or len(old) > 1:
        return None
    return _Pair(new[0] if new else None, old[0] if old else None)


def _is_available(placement: Placement, pod: Object) -> bool:
    return is_available(pod, min_ready_seconds(placement.daemon_set), placement.now)


def _delete_first(placement: Placement, pods_by_node: PodsByNode, allowed: Limits) -> Changes:
    missing = 0
    broken: list[Object] = []
    working: list[Object] = []
    for pods in pods_by_node.values():
        pair = _pair(placement, pods)
        if pair is None or (pair.new is None) == (pair.old is None):
            missing += 1  # the placement makes or removes a pod there
        elif pair.new is not None:
            missing += not _is_available(placement, pair.new)
        elif pair.old is not None and _is_available(placement, pair.old):
            working.append(pair.old)
        elif pair.old is not None:
            broken.append(pair.old)
            missing += 1
    return Changes(delete=broken + working[: max(0, allowed.unavailable - missing)])


def _create_first(placement: Placement, pods_by_node: PodsByNode, allowed: Limits) -> Changes:
    changes = Changes()
    surging = available = 0
    candidates: list[str] = []
    misplaced: list[Object] = []
    for node, pods in pods_by_node.items():
        pair = _pair(placement, pods)
        if pair is None:
            surging += 1
            continue
        serving = pair.old or pair.new
        serves = serving is not None and _is_available(placement, serving)
        available += serves
        if pair.old is None:
            continue
        if pair.new is not None:
            if _is_available(placement, pair.new):
                changes.delete.append(pair.old)
            else:
                surging += 1
        elif node not in placement.eligible:
            continue  # the node is gone, and its pods go with it
        elif placement.eligible[node].run:
            (candidates if serves else changes.create).append(node)
        else:
            (misplaced if serves else changes.delete).append(pair.old)
    # Pods where none belong any more serve until enough others do.
    changes.delete += misplaced[: max(0, available - allowed.desired)]
    changes.create += candidates[: max(0, allowed.surge - surging)]
    return changes
