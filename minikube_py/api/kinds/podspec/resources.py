"""What a pod's containers ask for together: component-helpers' resource package and core/helper/qos."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from minikube_py.machinery import podresources
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.quantity import Quantity, parse

HUGE_PAGES = "hugepages-"

ResourceList = Mapping[str, str]
Totals = dict[str, Quantity]


def is_pod_level(resource: str) -> bool:
    """Whether `spec.resources` may speak of it."""
    return resource in ("cpu", "memory") or resource.startswith(HUGE_PAGES)


def is_native(resource: str) -> bool:
    """Whether Kubernetes itself defines it: "cpu", "kubernetes.io/x"."""
    return "/" not in resource or "kubernetes.io/" in resource


def is_overcommit_allowed(resource: str) -> bool:
    return is_native(resource) and not resource.startswith(HUGE_PAGES)


def aggregate(spec: Object, side: str) -> Totals:
    """What all containers need together; `side` is "requests" or "limits"."""

    def listed(container: Object) -> Totals:
        resources = container.get("resources") or {}
        return {name: parse(value) for name, value in (resources.get(side) or {}).items()}

    return podresources.aggregate(spec, listed)


def default_pod_level(spec: Object) -> None:
    """Fill `spec.resources`: huge page limits and requests from the containers', requests from the limits
    (pkg/apis/core/v1/defaults.go defaultHugePagePodLimits, defaultPodRequests)."""
    resources = spec["resources"]
    limits = dict(resources.get("limits") or {})
    requests = dict(resources.get("requests") or {})
    if limits or requests:
        for name, quantity in aggregate(spec, "limits").items():
            if name.startswith(HUGE_PAGES) and name not in requests:
                limits.setdefault(name, str(quantity))
    if limits:
        for name, quantity in aggregate(spec, "requests").items():
            if is_pod_level(name) and is_overcommit_allowed(name):
                requests.setdefault(name, str(quantity))
        for name, text in limits.items():
            if is_pod_level(name):
                requests.setdefault(name, text)
        resources["limits"] = dict(sorted(limits.items()))
    if requests:
        resources["requests"] = dict(sorted(requests.items()))


def qos_class(spec: Object) -> str:
    """Guaranteed, Burstable or BestEffort (pkg/apis/core/helper/qos)."""
    pod_level = spec.get("resources")
    if pod_level is not None:
        return _qos([pod_level], limits_needed=bool(pod_level.get("limits")))
    containers = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    return _qos([container.get("resources") or {} for container in containers], limits_needed=True)


def _qos(parts: Iterable[Object], limits_needed: bool) -> str:
    requests: Totals = {}
    limits: Totals = {}
    guaranteed = True
    for resources in parts:
        podresources.add(requests, _positive(resources.get("requests")))
        own_limits = _positive(resources.get("limits"))
        if limits_needed and len(own_limits) < 2:
            guaranteed = False
        podresources.add(limits, own_limits)
    if not requests and not limits:
        return "BestEffort"
    return "Guaranteed" if guaranteed and requests == limits else "Burstable"


def _positive(listed: ResourceList | None) -> Totals:
    """The compute resources that count for the QoS class."""
    if not listed:
        return {}
    compute = {name: parse(listed[name]) for name in ("cpu", "memory") if name in listed}
    return {name: quantity for name, quantity in compute.items() if quantity.sign() > 0}


def pod_requests(spec: Object) -> Totals:
    """What a pod asks of its node: its containers' requests, or its own where it has such, and its overhead."""
    totals = aggregate(spec, "requests")
    for name, text in ((spec.get("resources") or {}).get("requests") or {}).items():
        if is_pod_level(name):
            totals[name] = parse(text)
    podresources.add(totals, {name: parse(text) for name, text in (spec.get("overhead") or {}).items()})
    return totals
