"""Which pods a computation counts, and what they request (pkg/controller/podautoscaler/replica_calculator.go)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from minikube_py.controllers.runtime.pods import condition, phase
from minikube_py.machinery import podresources, quantity
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import is_deleting, name

CPU_INITIALIZATION_PERIOD = 300.0
INITIAL_READINESS_DELAY = 30.0
"""Seconds (--horizontal-pod-autoscaler-cpu-initialization-period and -initial-readiness-delay)."""

_NOTHING: Object = {}


class PodMetric(NamedTuple):
    """A sample of one pod."""

    value: int
    """In thousandths: millicores, millibytes."""
    timestamp: float = 0.0
    window: float = 60.0
    """Seconds before the timestamp that it is the mean of."""


PodMetrics = Mapping[str, PodMetric]
"""By name of the pod."""


class MetricsMissing(Exception):
    """Nothing can be computed; str() tells why, in upstream's words."""


class PodGroups(NamedTuple):
    """Names of pods by how they count."""

    ready: int
    unready: frozenset[str]
    """Their samples are not believed; they count as idle when it is about more replicas."""
    missing: frozenset[str]
    """Without a sample; they count as idle when it is about more replicas, as busy when it is about fewer."""
    ignored: frozenset[str]
    """Failed or being deleted."""


def group_pods(pods: Iterable[Object], metrics: PodMetrics, resource: str, now: float) -> PodGroups:
    """`resource` is "" for metrics that are none of a resource."""
    ready = 0
    unready, missing, ignored = [], [], []
    for pod in pods:
        if is_deleting(pod) or phase(pod) == "Failed":
            ignored.append(name(pod))
        elif phase(pod) == "Pending":
            unready.append(name(pod))
        elif (metric := metrics.get(name(pod))) is None:
            missing.append(name(pod))
        elif resource == "cpu" and is_unready(pod, metric, now):
            unready.append(name(pod))
        else:
            ready += 1
    return PodGroups(ready, frozenset(unready), frozenset(missing), frozenset(ignored))


def is_unready(pod: Object, metric: PodMetric, now: float) -> bool:
    """Whether its use of CPU is that of starting up.

    within 300 s of its start      it is not ready, or was not throughout the sample's window
    later                          it is not ready, and has not been since 30 s after its start
    """
    ready, started = condition(pod, "Ready"), (pod.get("status") or _NOTHING).get("startTime")
    if ready is None or not started:
        return True
    start, changed = parse_rfc3339(started), _time(ready.get("lastTransitionTime"))
    if start + CPU_INITIALIZATION_PERIOD > now:
        return ready["status"] == "False" or metric.timestamp < changed + metric.window
    return ready["status"] == "False" and start + INITIAL_READINESS_DELAY > changed


def _time(text: str | None) -> float:
    return parse_rfc3339(text) if text else float("-inf")


def requests_of(pods: Iterable[Object], container: str, resource: str) -> dict[str, int]:
    """By pod what its containers, or the one of that name, request, in thousandths. Raises MetricsMissing."""
    return {name(pod): _pod_request(pod, container, resource) for pod in pods}


def _pod_request(pod: Object, container: str, resource: str) -> int:
    own = (pod["spec"].get("resources") or _NOTHING).get("requests")
    if own and not container and any(_is_supported(each) for each in own):
        return _pod_level_request(pod, own, resource)
    total = 0
    for each in _containers(pod["spec"]):
        if container and each["name"] != container:
            continue
        asked = (each.get("resources") or _NOTHING).get("requests") or _NOTHING
        if resource not in asked:
            raise MetricsMissing(f"missing request for {resource} in container {each['name']} of Pod {name(pod)}")
        total += quantity.milli_value(asked[resource])
        if container:
            return total
    if container:
        raise MetricsMissing(f"container {container} not found in Pod {name(pod)}")
    return total


def _containers(spec: Object) -> Iterable[Object]:
    """Those that run all the time."""
    yield from spec["containers"]
    yield from (each for each in spec.get("initContainers") or () if podresources.is_sidecar(each))


def _is_supported(resource: str) -> bool:
    """Whether pods as a whole may ask for it (component-helpers resource IsSupportedPodLevelResource)."""
    return resource in ("cpu", "memory") or resource.startswith("hugepages-")


def _pod_level_request(pod: Object, own: Mapping[str, str], resource: str) -> int:
    """What it does not ask for as a whole is what its containers do, and its overhead comes on top."""
    if resource in own:
        asked = quantity.parse(own[resource])
    else:
        found = podresources.aggregate(pod["spec"], _asked).get(resource)
        if found is None:
            raise MetricsMissing(f"missing pod-level request for {resource} in Pod {name(pod)}")
        asked = found
    overhead = (pod["spec"].get("overhead") or _NOTHING).get(resource)
    return (asked + quantity.parse(overhead) if overhead else asked).milli_value()


def _asked(container: Object) -> dict[str, quantity.Quantity]:
    asked = (container.get("resources") or _NOTHING).get("requests") or _NOTHING
    return {each: quantity.parse(text) for each, text in asked.items()}
