"""How nodes score by what of their resources is requested (plugins/noderesources/resource_allocation.go).

requested, with the pod, of what is allocatable:  cpu 0.5, memory 0.25
LeastAllocated                                    (50 + 75) / 2 = 62
MostAllocated                                     (50 + 25) / 2 = 37
RequestedToCapacityRatio                          a broken line through the points that the user gives
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podrequests import CPU, EPHEMERAL_STORAGE, MEMORY, Requests

MAX_SCORE = 100
MAX_CUSTOM_SCORE = 10
"""The highest score of a point that users give."""

Resources = tuple[tuple[str, int], ...]
"""Names with their weights."""

DEFAULT_RESOURCES: Resources = ((CPU, 1), (MEMORY, 1))

LEAST_ALLOCATED, MOST_ALLOCATED = "LeastAllocated", "MostAllocated"
REQUESTED_TO_CAPACITY_RATIO = "RequestedToCapacityRatio"


class Use(NamedTuple):
    """Of one resource on a node: what is allocatable, and what of it is requested without and with the pod."""

    allocatable: int
    before: int
    after: int


def asked(name: str, requests: Requests, *, scored: bool) -> int:
    """What a pod requests; `scored`: with the defaults in place of what is missing."""
    if name == CPU:
        return requests.scored_cpu if scored else requests.cpu
    if name == MEMORY:
        return requests.scored_memory if scored else requests.memory
    if name == EPHEMERAL_STORAGE:
        return requests.ephemeral_storage
    return dict(requests.scalars).get(name, 0)


def use(name: str, request: int, node: NodeInfo, *, scored: bool) -> Use | None:
    """None for what does not count: what the node has not, and what is special and not requested."""
    if name == CPU:
        allocatable, before = node.cpu, node.scored_cpu if scored else node.requested_cpu
    elif name == MEMORY:
        allocatable, before = node.memory, node.scored_memory if scored else node.requested_memory
    elif name == EPHEMERAL_STORAGE:
        allocatable, before = node.ephemeral_storage, node.requested_ephemeral_storage
    else:
        allocatable, before = node.scalars.get(name, 0), node.requested_scalars.get(name, 0)
        if not request:
            return None
    return Use(allocatable, before, before + request) if allocatable else None


@dataclass(frozen=True)
class Strategy:
    """NodeResourcesFitArgs.scoringStrategy."""

    type: str = LEAST_ALLOCATED
    resources: Resources = DEFAULT_RESOURCES
    shape: tuple[tuple[int, int], ...] = ()
    """Of RequestedToCapacityRatio: points of utilization (0 to 100) and score (0 to MAX_CUSTOM_SCORE)."""


LEAST_ALLOCATED_OF_BOTH = Strategy()


def least(used: Use) -> int:
    free = used.allocatable - used.after
    return free * MAX_SCORE // used.allocatable if free > 0 else 0


def most(used: Use) -> int:
    return min(used.after, used.allocatable) * MAX_SCORE // used.allocatable


def broken_line(shape: Sequence[tuple[int, int]]) -> Callable[[int], int]:
    """Through the points, level before the first and after the last; divisions round towards zero."""

    def value(at: int) -> int:
        for index, (utilization, score) in enumerate(shape):
            if at <= utilization:
                if index == 0:
                    return score
                left, low = shape[index - 1]
                return low + int((score - low) * (at - left) / (utilization - left))
        return shape[-1][1]

    return value


def strategy_score(strategy: Strategy, requests: Requests) -> Callable[[NodeInfo], int]:
    """For a pod with those requests."""
    if strategy == LEAST_ALLOCATED_OF_BOTH:
        return _least_of_both(requests)
    wanted = [(name, weight, asked(name, requests, scored=True)) for name, weight in strategy.resources]
    if strategy.type == REQUESTED_TO_CAPACITY_RATIO:
        return _by_shape(strategy, wanted)
    of_one = least if strategy.type == LEAST_ALLOCATED else most

    def score(node: NodeInfo) -> int:
        total = weights = 0
        for name, weight, request in wanted:
            if (used := use(name, request, node, scored=True)) is not None:
                total += of_one(used) * weight
                weights += weight
        return total // weights if weights else 0

    return score


def _by_shape(strategy: Strategy, wanted: list[tuple[str, int, int]]) -> Callable[[NodeInfo], int]:
    line = broken_line([(at, score * MAX_SCORE // MAX_CUSTOM_SCORE) for at, score in strategy.shape])

    def score(node: NodeInfo) -> int:
        total = weights = 0
        for name, weight, request in wanted:
            if (used := use(name, request, node, scored=True)) is not None:
                of_one = line(min(used.after * MAX_SCORE // used.allocatable, MAX_SCORE))
                if of_one > 0:
                    total += of_one * weight
                    weights += weight
        return math.floor(total / weights + 0.5) if weights else 0

    return score


def _least_of_both(requests: Requests) -> Callable[[NodeInfo], int]:
    """LeastAllocated of cpu and memory: what nearly all nodes are scored by."""
    cpu, memory = requests.scored_cpu, requests.scored_memory

    def score(node: NodeInfo) -> int:
        all_cpu, all_memory = node.cpu, node.memory
        free_cpu, free_memory = all_cpu - node.scored_cpu - cpu, all_memory - node.scored_memory - memory
        of_cpu = free_cpu * MAX_SCORE // all_cpu if free_cpu > 0 else 0
        of_memory = free_memory * MAX_SCORE // all_memory if free_memory > 0 else 0
        # what a node does not have at all does not count
        return (of_cpu + of_memory) // 2 if all_cpu and all_memory else of_cpu + of_memory

    return score
