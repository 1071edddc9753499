"""Which ranges Services get their addresses of: those of all ServiceCIDRs that are ready, from 1.33 on
(pkg/registry/core/service/ipallocator/cidrallocator.go)."""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.api.kinds.servicecidr import SERVICE_CIDRS, cidrs
from minikube_py.machinery.conditions import find
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import is_deleting


def follow(ctx: Context) -> None:
    """Offer what the ServiceCIDRs offer now; where there are none, what is configured."""
    resource = ctx.registry.catalog.find(SERVICE_CIDRS)
    stored = ctx.registry.store.list(resource.key) if resource is not None else ()
    if stored:
        ready = [each.object for each in stored if is_ready(each.object)]
        ctx.registry.allocators.cluster_ips.offer(cidr for each in ready for cidr in cidrs(each))


def is_ready(service_cidr: Object) -> bool:
    """Also where nobody says whether it is: the controller that does need not run."""
    said = find((service_cidr.get("status") or {}).get("conditions"), "Ready")
    return not is_deleting(service_cidr) and (said is None or said.get("status") == "True")
