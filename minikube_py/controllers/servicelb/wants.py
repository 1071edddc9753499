"""Which Services want a load balancer, and which changes of them matter to it (needsUpdate). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from minikube_py.machinery import meta
from minikube_py.machinery.gvr import Object

FINALIZER = "service.kubernetes.io/load-balancer-cleanup"
LOAD_BALANCER = "LoadBalancer"


class Change(NamedTuple):
    """Something to be told of a Service."""

    reason: str
    message: str


def wants_load_balancer(service: Object) -> bool:
    """One with a class wants that of somebody else."""
    spec = service["spec"]
    return spec.get("type") == LOAD_BALANCER and spec.get("loadBalancerClass") is None


def needs_cleanup(service: Object) -> bool:
    """Whether its load balancer is to go: it is deleted, or of another type by now."""
    if FINALIZER not in meta.finalizers(service):
        return False
    return meta.is_deleting(service) or service["spec"].get("type") != LOAD_BALANCER


def changes(old: Object, new: Object) -> list[Change] | None:
    """What to tell of a change that the load balancer must follow; None if it need not."""
    before, after = wants_load_balancer(old), wants_load_balancer(new)
    if before != after:
        return [Change("Type", f"{old['spec'].get('type', '')} -> {new['spec'].get('type', '')}")]
    for found in _differences(old, new) if after else ():
        return [] if found is None else [found]  # upstream stops at the first
    return None


def _differences(old: Object, new: Object) -> Iterator[Change | None]:
    """In upstream's order; None is one that nobody is told of."""
    one, other = old["spec"], new["spec"]

    def texts(field: str, unset: str = "") -> list[str]:
        return [str(spec.get(field) or unset) for spec in (one, other)]

    sources, external = ([spec.get(field) or [] for spec in (one, other)] for field in _LISTS)
    if sources[0] != sources[1]:
        yield Change("LoadBalancerSourceRanges", f"[{' '.join(sources[0])}] -> [{' '.join(sources[1])}]")
    if any(one.get(field) != other.get(field) for field in ("ports", "sessionAffinity", "sessionAffinityConfig")):
        yield None
    yield from _told("LoadbalancerIP", *texts("loadBalancerIP"))
    yield from _told("ExternalIP", *map(len, external), prefix="Count: ")
    for had, has in zip(*external, strict=False):
        if had != has:
            yield Change("ExternalIP", f"Added: {has}")
    if meta.annotations(old) != meta.annotations(new):
        yield None
    yield from _told("UID", meta.uid(old), meta.uid(new))
    yield from _told("ExternalTrafficPolicy", *texts("externalTrafficPolicy"))
    yield from _told("HealthCheckNodePort", *texts("healthCheckNodePort", "0"))
    yield from _told("IPFamilies", *(len(spec.get("ipFamilies") or ()) for spec in (one, other)), prefix="Count: ")


_LISTS = ("loadBalancerSourceRanges", "externalIPs")


def _told(reason: str, old: str | int, new: str | int, *, prefix: str = "") -> Iterator[Change]:
    if old != new:
        yield Change(reason, f"{prefix}{old} -> {new}")
