"""What a pod asks of a node: component-helpers' resource.PodRequests, in whole numbers.

cpu                        thousandths of a core
memory, ephemeral-storage  bytes
anything else              whole units
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from minikube_py.machinery import podresources, quantity
from minikube_py.machinery.gvr import Object

CPU, MEMORY, EPHEMERAL_STORAGE, PODS = "cpu", "memory", "ephemeral-storage", "pods"

DEFAULT_MILLI_CPU = 100
DEFAULT_MEMORY = 200 * 1024 * 1024
"""What a container that requests none is taken to use when nodes are scored (scheduler util/pod_resources.go)."""

Amounts = dict[str, int]
_NOTHING: Object = {}


class Requests(NamedTuple):
    cpu: int
    memory: int
    ephemeral_storage: int
    scalars: tuple[tuple[str, int], ...]
    """Extended resources and hugepages, those of zero left out."""
    scored_cpu: int
    scored_memory: int
    """With the defaults in place of what is missing."""


def amount(resource: str, value: object) -> int:
    return quantity.milli_value(value) if resource == CPU else quantity.value(value)


def amounts(resources: Object | None) -> Amounts:
    return {name: amount(name, value) for name, value in (resources or _NOTHING).items()}


def aggregated(spec: Object, missing: Amounts, field: str = "requests") -> Amounts:
    """Of all containers together; `missing` stands in for what a container does not say."""

    def asked(container: Object) -> Amounts:
        own = amounts((container.get("resources") or _NOTHING).get(field))
        return {**missing, **own} if missing else own

    return podresources.aggregate(spec, asked)


def _of_pod_level(spec: Object) -> Iterable[tuple[str, int]]:
    """spec.resources.requests, which go before what the containers say."""
    for name, value in ((spec.get("resources") or _NOTHING).get("requests") or _NOTHING).items():
        if name in (CPU, MEMORY) or name.startswith("hugepages-"):
            yield name, amount(name, value)


def pod_requests(spec: Object) -> Requests:
    exact = aggregated(spec, {})
    scored = aggregated(spec, {CPU: DEFAULT_MILLI_CPU, MEMORY: DEFAULT_MEMORY})
    for name, number in _of_pod_level(spec):
        exact[name] = scored[name] = number
    overhead = amounts(spec.get("overhead"))
    podresources.add(exact, overhead)
    podresources.add(scored, overhead)
    scalars = {name: number for name, number in exact.items() if name not in (CPU, MEMORY, EPHEMERAL_STORAGE)}
    return Requests(
        exact.get(CPU, 0),
        exact.get(MEMORY, 0),
        exact.get(EPHEMERAL_STORAGE, 0),
        tuple(sorted((name, number) for name, number in scalars.items() if number)),
        scored.get(CPU, 0),
        scored.get(MEMORY, 0),
    )
