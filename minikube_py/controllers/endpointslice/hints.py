"""Hints by spec.trafficDistribution (k8s.io/endpointslice trafficdist). Pure.

The older topology-mode annotation, by which upstream spreads endpoints over zones by their CPU, gives no hints here.
"""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.controllers.endpointslice.endpoint import Endpoint
from minikube_py.machinery import meta
from minikube_py.machinery.gvr import Object

SAME_NODE = "PreferSameNode"
CLOSE = ("PreferClose", "PreferSameZone", SAME_NODE)

_MODE = ("service.kubernetes.io/topology-aware-hints", "service.kubernetes.io/topology-mode")
"""Annotations that rule the field out when they say "Auto"; the first one that is there counts."""


def distribution_of(service: Object) -> str:
    """ "" without one."""
    given = meta.annotations(service)
    mode = next((given[name] for name in _MODE if name in given), "")
    distribution: str = service["spec"].get("trafficDistribution") or ""
    return distribution if distribution in CLOSE and mode not in ("Auto", "auto") else ""


def with_hints(made: Object, distribution: str) -> Object:
    """The slice with the hints its endpoints should have; the same one if it has them."""
    before = made.get("endpoints") or []
    after = [_with_hints(endpoint, distribution) for endpoint in before]
    if all(one is other for one, other in zip(before, after, strict=True)):
        return made
    return {**made, "endpoints": after}


def corrected(unchanged: Iterable[Object], distribution: str) -> list[Object]:
    """Of slices that need no other change, those whose hints do."""
    pairs = ((each, with_hints(each, distribution)) for each in unchanged)
    return [after for before, after in pairs if after is not before]


def _with_hints(endpoint: Endpoint, distribution: str) -> Endpoint:
    hints: Object = {}
    if distribution:
        if not (endpoint.get("conditions") or {}).get("ready"):
            return endpoint
        if endpoint.get("zone"):
            hints["forZones"] = [{"name": endpoint["zone"]}]
        if endpoint.get("nodeName") and distribution == SAME_NODE:
            hints["forNodes"] = [{"name": endpoint["nodeName"]}]
    if (endpoint.get("hints") or {}) == hints:
        return endpoint
    rest = {name: value for name, value in endpoint.items() if name != "hints"}
    return {**rest, "hints": hints} if hints else rest
