"""NodeResourcesFit: room for what pods request, and the more the better (LeastAllocated).

requested, with the pod, of what is allocatable:  cpu 0.5, memory 0.25
score:                                            (50 + 75) / 2 = 62
"""

from __future__ import annotations

from minikube_py.controllers.scheduler.framework import MAX_NODE_SCORE, Filter, Plugin, Rejection, Score
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podclass import PodClass

TOO_MANY_PODS = "Too many pods"
_FULL = Rejection((TOO_MANY_PODS,), resolvable=True)


def fits(pod: PodClass) -> Filter:
    requests = pod.requests
    cpu, memory, storage = requests.cpu, requests.memory, requests.ephemeral_storage
    if not (cpu or memory or storage or requests.scalars):
        return _has_place

    def check(node: NodeInfo) -> Rejection | None:
        if (
            len(node.pods) < node.pods_allowed
            and cpu <= node.cpu - node.requested_cpu
            and memory <= node.memory - node.requested_memory
            and storage <= node.ephemeral_storage - node.requested_ephemeral_storage
            and not requests.scalars
        ):
            return None
        return _insufficient(pod, node)

    return check


def _has_place(node: NodeInfo) -> Rejection | None:
    return None if len(node.pods) < node.pods_allowed else _FULL


def _insufficient(pod: PodClass, node: NodeInfo) -> Rejection | None:
    """All that is missing; hopeless where even the empty node is too small."""
    requests = pod.requests
    reasons = [TOO_MANY_PODS] if len(node.pods) >= node.pods_allowed else []
    hopeless = False
    wanted = [
        ("cpu", requests.cpu, node.cpu, node.requested_cpu),
        ("memory", requests.memory, node.memory, node.requested_memory),
        ("ephemeral-storage", requests.ephemeral_storage, node.ephemeral_storage, node.requested_ephemeral_storage),
    ]
    for name, number in requests.scalars:
        wanted.append((name, number, node.scalars.get(name, 0), node.requested_scalars.get(name, 0)))
    for name, request, allocatable, requested in wanted:
        if request > 0 and request > allocatable - requested:
            reasons.append(f"Insufficient {name}")
            hopeless = hopeless or request > allocatable
    return Rejection(tuple(reasons), not hopeless) if reasons else None


def least_allocated(pod: PodClass) -> Score:
    cpu, memory = pod.requests.scored_cpu, pod.requests.scored_memory

    def score(node: NodeInfo) -> int:
        all_cpu, all_memory = node.cpu, node.memory
        free_cpu, free_memory = all_cpu - node.scored_cpu - cpu, all_memory - node.scored_memory - memory
        of_cpu = free_cpu * MAX_NODE_SCORE // all_cpu if free_cpu > 0 else 0
        of_memory = free_memory * MAX_NODE_SCORE // all_memory if free_memory > 0 else 0
        # what a node does not have at all does not count
        return (of_cpu + of_memory) // 2 if all_cpu and all_memory else of_cpu + of_memory

    return score


NODE_RESOURCES_FIT = Plugin("NodeResourcesFit", filter=fits, score=least_allocated)
