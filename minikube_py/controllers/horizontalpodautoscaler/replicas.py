"""How many replicas a metric asks for (pkg/controller/podautoscaler/replica_calculator.go, metrics/utilization.go).

    4 pods that use 90% of what they request, and 60% is wanted  ->  4 * 90 / 60 = 6
    the same at 63%                                              ->  4: within 10% of what is wanted nothing changes

All amounts are in thousandths.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from minikube_py.controllers.horizontalpodautoscaler.podgroups import MetricsMissing, PodGroups, PodMetric, PodMetrics
from minikube_py.controllers.runtime.pods import is_ready, phase
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.integers import INT64_MAXIMUM

TOLERANCE = 0.1
"""By how much usage may differ from what is wanted (--horizontal-pod-autoscaler-tolerance)."""
MOST = 2**31 - 1

NO_PODS = "no pods returned by selector while calculating replica count"


class Tolerances(NamedTuple):
    scale_down: float = TOLERANCE
    scale_up: float = TOLERANCE

    def cover(self, ratio: float) -> bool:
        """Whether usage is near enough to what is wanted; `ratio` is that of the two."""
        return 1.0 - self.scale_down <= ratio <= 1.0 + self.scale_up


class Utilized(NamedTuple):
    replicas: int
    utilization: int
    """Percent of what is requested, over all pods."""
    usage: int
    """The mean of a pod."""


class Used(NamedTuple):
    replicas: int
    usage: int
    """The mean of a pod, or the value of what is no pod's."""


def by_utilization(
    current: int,
    wanted: int,
    metrics: PodMetrics,
    requests: Mapping[str, int],
    groups: PodGroups,
    tolerances: Tolerances,
) -> Utilized:
    """`wanted` is in percent, and metrics are those believed. Raises MetricsMissing."""
    percent, mean = utilization(metrics, requests)

    def ratio(given: PodMetrics) -> float:
        return utilization(given, requests)[0] / wanted

    def busy(pod: str) -> int:
        return requests[pod] * max(100, wanted) // 100

    return Utilized(_replicas(current, metrics, groups, tolerances, ratio, busy), percent, mean)


def by_usage(current: int, wanted: int, metrics: PodMetrics, groups: PodGroups, tolerances: Tolerances) -> Used:
    """`wanted` is for each pod, and metrics are those believed."""

    def ratio(given: PodMetrics) -> float:
        return _mean(given) / wanted

    return Used(_replicas(current, metrics, groups, tolerances, ratio, lambda pod: wanted), _mean(metrics))


def utilization(metrics: PodMetrics, requests: Mapping[str, int]) -> tuple[int, int]:
    """Percent of what is requested, and the mean usage of a pod. Raises MetricsMissing."""
    used = [metric.value for pod, metric in metrics.items() if pod in requests]
    requested = sum(requests[pod] for pod in metrics if pod in requests)
    if not requested:
        raise MetricsMissing("no metrics returned matched known pods")
    return _quotient(sum(used) * 100, requested), _quotient(sum(used), len(used))


def _mean(metrics: PodMetrics) -> int:
    return _quotient(sum(metric.value for metric in metrics.values()), len(metrics))


def _quotient(number: int, divisor: int) -> int:
    """Towards zero, as Go divides."""
    return number // divisor if number >= 0 else -(-number // divisor)


def believed(metrics: PodMetrics, groups: PodGroups) -> PodMetrics:
    """Without those of pods that do not count. Raises MetricsMissing if none is left."""
    left = {pod: each for pod, each in metrics.items() if pod not in groups.unready and pod not in groups.ignored}
    if not left:
        raise MetricsMissing("did not receive metrics for targeted pods (pods might be unready)")
    return left


def _replicas(
    current: int,
    metrics: PodMetrics,
    groups: PodGroups,
    tolerances: Tolerances,
    ratio_of: Callable[[PodMetrics], float],
    busy: Callable[[str], int],
) -> int:
    """Pods whose usage is not known are assumed to use what speaks against a change; if that turns the direction, or
    the number of pods does, nothing changes."""
    ratio = ratio_of(metrics)
    starting: frozenset[str] = groups.unready if ratio > 1.0 else frozenset()
    if not starting and not groups.missing:
        return current if tolerances.cover(ratio) else ceil(ratio * groups.ready)
    assumed = dict(metrics)
    if ratio < 1.0:
        assumed |= {pod: PodMetric(busy(pod)) for pod in groups.missing}
    elif ratio > 1.0:
        assumed |= {pod: PodMetric(0) for pod in (*groups.missing, *starting)}
    again = ratio_of(assumed)
    if tolerances.cover(again) or ratio < 1.0 < again or again < 1.0 < ratio:
        return current
    replicas = ceil(again * len(assumed))
    if (again < 1.0 and replicas > current) or (again > 1.0 and replicas < current):
        return current
    return replicas


def ceil(number: float) -> int:
    """The next whole number of replicas."""
    return math.ceil(number) if number < MOST else MOST


# Metrics that are no pod's


def by_value(current: int, usage: int, wanted: int, pods: Iterable[Object], tolerances: Tolerances) -> Used:
    """A value that is to be about so much. Raises MetricsMissing."""
    ratio = usage / wanted
    if not current:
        return Used(ceil(ratio), usage)
    if tolerances.cover(ratio):
        return Used(current, usage)
    try:
        ready = _ready(pods)
    except MetricsMissing as error:
        raise MetricsMissing(f"unable to calculate ready pods: {error}") from None
    return Used(ceil(ratio * ready), usage)


def by_average_value(current: int, usage: int, wanted: int, tolerances: Tolerances) -> Used:
    """A value of which each pod's share is to be about so much. `current` are the replicas there are."""
    if not current:
        return Used(ceil(usage / wanted), 0)
    near = tolerances.cover(usage / (wanted * current))
    return Used(current if near else ceil(usage / wanted), math.ceil(usage / current))


def total(values: Iterable[int]) -> int:
    return min(sum(values), INT64_MAXIMUM)


def _ready(pods: Iterable[Object]) -> int:
    found = list(pods)
    if not found:
        raise MetricsMissing(NO_PODS)
    return sum(phase(pod) == "Running" and is_ready(pod) for pod in found)
