"""The ServiceCIDR `kubernetes`: the range that --service-cluster-ip-range gives.

Upstream: pkg/controlplane/controller/defaultservicecidr.
"""

from __future__ import annotations

from minikube_py.api.catalog import Catalog
from minikube_py.bootstrap.seed import Condition, Seed
from minikube_py.machinery.gvr import GroupVersionKind, GroupVersionResource, Object

_GROUP = "networking.k8s.io"
_READY = Condition(
    "Ready", "True", "", "Kubernetes default Service CIDR is ready", "kubernetes-service-cidr-controller"
)
_FIELDS: Object = {"f:spec": {"f:cidrs": {}}}


def seeds(catalog: Catalog, service_cidr: str) -> tuple[Seed, ...]:
    """None where the server's version has no such kind."""
    if catalog.find(GroupVersionResource(_GROUP, "v1", "servicecidrs")) is None:
        return ()
    kind = GroupVersionKind(_GROUP, "v1", "ServiceCIDR")
    body = {"spec": {"cidrs": [service_cidr]}}
    return (Seed(kind, f"servicecidrs.{_GROUP}", "kubernetes", body, _FIELDS, condition=_READY),)
