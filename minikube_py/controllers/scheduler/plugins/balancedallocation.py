"""NodeResourcesBalancedAllocation: nodes whose resources the pod brings to be used alike
(plugins/noderesources/balanced_allocation.go).

cpu used 0.5, memory 0.25: they are 0.125 off their mean, which makes 87. What counts is how much better it becomes
with the pod: 75 if nothing changes, up to 100 the better, down to 50 the worse. Pods that request nothing have no say.
"""

from __future__ import annotations

import math

from minikube_py.controllers.scheduler.framework import MAX_NODE_SCORE, Plugin, Score
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.controllers.scheduler.resourcescores import DEFAULT_RESOURCES, Resources, asked, use

HALF = MAX_NODE_SCORE // 2


def balance(fractions: list[float]) -> int:
    """100 if all are the same."""
    deviation = 0.0
    if len(fractions) == 2:
        deviation = abs((fractions[0] - fractions[1]) / 2)
    elif len(fractions) > 2:
        mean = sum(fractions) / len(fractions)
        deviation = math.sqrt(sum((each - mean) * (each - mean) for each in fractions) / len(fractions))
    return int((1 - deviation) * MAX_NODE_SCORE)


def balanced_allocation(resources: Resources) -> Plugin:
    def balanced(pod: PodClass) -> Score | None:
        wanted = [(name, asked(name, pod.requests, scored=False)) for name, _ in resources]
        if not any(request for _, request in wanted):
            return None

        def score(node: NodeInfo) -> int:
            before: list[float] = []
            after: list[float] = []
            for name, request in wanted:
                if (used := use(name, request, node, scored=False)) is not None:
                    before.append(min(used.before / used.allocatable, 1.0))
                    after.append(min(used.after / used.allocatable, 1.0))
            return HALF + (HALF + balance(after) - balance(before)) // 2

        return score

    return Plugin("NodeResourcesBalancedAllocation", score=balanced, arguments=resources)


BALANCED_ALLOCATION = balanced_allocation(DEFAULT_RESOURCES)
