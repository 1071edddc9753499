"""Hints by spec.trafficDistribution (k8s.io/endpointslice trafficdist). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from minikube_py.controllers.endpointslice.endpoint import Endpoint
from minikube_py.controllers.endpointslice.packing import Changes
from minikube_py.machinery import meta
from minikube_py.machinery.gvr import Object

SAME_NODE = "PreferSameNode"
CLOSE = ("PreferClose", "PreferSameZone", SAME_NODE)

_MODE = ("service.kubernetes.io/topology-aware-hints", "service.kubernetes.io/topology-mode")
"""The older annotations, the first one that is there counts: where it says "Auto", hints go by the zones' CPUs."""


def is_auto(service: Object) -> bool:
    """Whether its hints go by the zones' CPUs, and not by spec.trafficDistribution (hintsEnabled)."""
    given = meta.annotations(service)
    return next((given[name] for name in _MODE if name in given), "") in ("Auto", "auto")


def distribution_of(service: Object) -> str:
    """ "" without one."""
    distribution: str = service["spec"].get("trafficDistribution") or ""
    return distribution if distribution in CLOSE else ""


def distributed(changes: Changes, unchanged: Sequence[Object], distribution: str) -> Changes:
    """The changes with the hints that they should have, and with those of the unchanged slices that have others."""
    return Changes(
        [with_hints(each, distribution) for each in changes.create],
        [with_hints(each, distribution) for each in changes.update] + corrected(unchanged, distribution),
        changes.delete,
    )


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
