"""One pod on each node that is to have one, and none elsewhere (pkg/controller/daemon podsShouldBeOnNode)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from minikube_py.controllers.daemonset.eligibility import NEITHER, Eligibility
from minikube_py.controllers.daemonset.podtemplate import target_node
from minikube_py.controllers.runtime.history import REVISION_HASH
from minikube_py.controllers.runtime.pods import is_available, is_ready, is_terminal, node_name, phase
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.intstr import scaled_value
from minikube_py.machinery.meta import is_deleting, labels, name

PodsByNode = dict[str, list[Object]]
Eligibilities = Mapping[str, Eligibility]
"""By name of the node, of all nodes there are."""


@dataclass
class Changes:
    """What to do. The order is that in which nodes and pods are known."""

    create: list[str] = field(default_factory=list)
    """The nodes that are to get a pod."""
    delete: list[Object] = field(default_factory=list)
    finished: list[Object] = field(default_factory=list)
    """Those of the deleted that failed or succeeded, which is told."""
    wait: float | None = None
    """Seconds until a failed pod that is left for now may be replaced."""

    def wait_for(self, seconds: float) -> None:
        self.wait = seconds if self.wait is None else min(self.wait, seconds)


class Placement(NamedTuple):
    """What the plan is made from."""

    daemon_set: Object
    hash: str
    """Of the template's revision."""
    eligible: Eligibilities
    pods: PodsByNode
    now: float
    backoff: Callable[[str], float]
    """Seconds for which failed pods on a node of that name are left alone yet."""


def by_node(pods: Iterable[Object], *, with_ended: bool = False) -> PodsByNode:
    """Pods by the node they are on or ask for; those that ended and are being deleted only if asked for."""
    found: PodsByNode = {}
    for pod in pods:
        node = target_node(pod)
        if node and (with_ended or not (is_terminal(pod) and is_deleting(pod))):
            found.setdefault(node, []).append(pod)
    return found


def min_ready_seconds(daemon_set: Object) -> int:
    return int(daemon_set["spec"].get("minReadySeconds") or 0)


def surge(daemon_set: Object, nodes: int) -> int:
    """How many more pods than nodes an update may make."""
    return _amount(daemon_set, "maxSurge", nodes)


def unavailable(daemon_set: Object, nodes: int) -> int:
    """How many nodes an update may leave without an available pod."""
    return _amount(daemon_set, "maxUnavailable", nodes)


def _amount(daemon_set: Object, field: str, nodes: int) -> int:
    strategy = daemon_set["spec"].get("updateStrategy") or {}
    value = (strategy.get("rollingUpdate") or {}).get(field)
    if strategy.get("type") != "RollingUpdate" or value is None:
        return 0
    return scaled_value(value, nodes, True)


def plan(placement: Placement) -> Changes:
    changes = Changes()
    for node, eligibility in placement.eligible.items():
        pods = placement.pods.get(node)
        if eligibility.run and pods is None:
            changes.create.append(node)
        elif eligibility.stay:
            _tidy(placement, node, eligibility.run, pods or [], changes)
        elif pods is not None:
            changes.delete += [pod for pod in pods if not is_deleting(pod)]
    for node, pods in placement.pods.items():
        if node not in placement.eligible:
            # The pods that wait for a node that is gone will wait forever, and are nobody else's to delete.
            changes.delete += [pod for pod in pods if not node_name(pod)]
    return changes


def _tidy(placement: Placement, node: str, run: bool, pods: Iterable[Object], changes: Changes) -> None:
    """Delete the finished and the superfluous on a node whose pod may stay."""
    running = _without_finished(placement, node, pods, changes)
    if surge(placement.daemon_set, 1) == 0:
        changes.delete += oldest_first(running)[1:]
    elif running:
        changes.delete += _beyond_surge(placement, running)
    elif run:
        changes.create.append(node)


def _without_finished(placement: Placement, node: str, pods: Iterable[Object], changes: Changes) -> list[Object]:
    running = []
    failed = False
    for pod in pods:
        if is_deleting(pod):
            continue
        if not is_terminal(pod):
            running.append(pod)
        elif phase(pod) == "Failed" and (wait := placement.backoff(node)) > 0:
            changes.wait_for(wait)
        elif phase(pod) == "Failed" and failed:
            continue  # the deletion of the first begins a back-off, and brings it up again
        else:
            failed = failed or phase(pod) == "Failed"
            changes.finished.append(pod)
            changes.delete.append(pod)
    return running


def _beyond_surge(placement: Placement, running: Sequence[Object]) -> list[Object]:
    """Two pods may stay only while the old one is ready and the new one not yet available."""
    if len(running) <= 1:
        return []
    doomed: list[Object] = []
    new: Object | None = None
    old: Object | None = None
    for pod in oldest_first(running):
        if labels(pod).get(REVISION_HASH) == placement.hash:
            if new is None:
                new = pod
                continue
        elif old is None:
            old = pod
            continue
        doomed.append(pod)
    if new is not None and old is not None:
        min_ready = min_ready_seconds(placement.daemon_set)
        if not is_ready(old) or is_available(new, min_ready, placement.now):
            doomed.append(old)
    return doomed


def oldest_first(pods: Iterable[Object]) -> list[Object]:
    """Those that have their node first, then by age, then by name."""
    return sorted(pods, key=lambda pod: (not node_name(pod), pod["metadata"].get("creationTimestamp") or "", name(pod)))


def eligibility(eligible: Eligibilities, node: str) -> Eligibility:
    return eligible.get(node, NEITHER)
