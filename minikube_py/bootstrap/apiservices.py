"""An APIService for each version of a group that the server serves itself.

Those of CRDs come and go with them (controllers/apiserver/autoregister.py).
Upstream: cmd/kube-apiserver/app/aggregator.go, pkg/controlplane/apiserver/aggregator.go.
"""

from __future__ import annotations

from collections.abc import Iterator

from minikube_py.api.catalog import Catalog
from minikube_py.api.discovery import PRIORITIES
from minikube_py.bootstrap.seed import Condition, Seed, owned
from minikube_py.machinery.gvr import GroupVersionKind, Object
from minikube_py.machinery.wellknown import API_SERVICES, AUTOMANAGED

_KIND = GroupVersionKind(API_SERVICES.group, API_SERVICES.version, "APIService")
_LABELS = {AUTOMANAGED: "onstart"}
_AVAILABLE = Condition("Available", "True", "Local", "Local APIServices are always available")

VERSION_PRIORITIES = {
    "": {"v1": 1},
    "admissionregistration.k8s.io": {"v1": 15, "v1beta1": 12, "v1alpha1": 9},
    "apiextensions.k8s.io": {"v1": 15},
    "apps": {"v1": 15},
    "authentication.k8s.io": {"v1": 15, "v1beta1": 9, "v1alpha1": 1},
    "authorization.k8s.io": {"v1": 15},
    "autoscaling": {"v2": 30, "v1": 15, "v2beta1": 9, "v2beta2": 1},
    "batch": {"v1": 15, "v1beta1": 9},
    "certificates.k8s.io": {"v1": 15, "v1beta1": 9, "v1alpha1": 1},
    "coordination.k8s.io": {"v1": 15, "v1beta1": 13, "v1alpha2": 12},
    "discovery.k8s.io": {"v1": 15, "v1beta1": 12},
    "events.k8s.io": {"v1": 15, "v1beta1": 5},
    "flowcontrol.apiserver.k8s.io": {"v1": 21, "v1beta3": 18, "v1beta2": 15, "v1beta1": 12},
    "internal.apiserver.k8s.io": {"v1alpha1": 9},
    "networking.k8s.io": {"v1": 15, "v1beta1": 9},
    "node.k8s.io": {"v1": 15, "v1beta1": 9, "v1alpha1": 1},
    "policy": {"v1": 15, "v1beta1": 9},
    "rbac.authorization.k8s.io": {"v1": 15},
    "resource.k8s.io": {"v1": 21, "v1beta2": 15, "v1beta1": 9, "v1alpha3": 1},
    "scheduling.k8s.io": {"v1": 15, "v1alpha2": 2},
    "storage.k8s.io": {"v1": 15, "v1beta1": 9, "v1alpha1": 1},
    "storagemigration.k8s.io": {"v1": 15, "v1beta1": 9},
    "metrics.k8s.io": {"v1beta1": 100},
}
"""By group and version. What is not among these is served without an APIService, as apiregistration.k8s.io is."""


def seeds(catalog: Catalog) -> Iterator[Seed]:
    for group, version in dict.fromkeys((resource.group, resource.version) for resource in catalog):
        priority = VERSION_PRIORITIES.get(group, {}).get(version)
        if priority is None:
            continue
        spec: Object = {"group": group} if group else {}
        spec |= {"version": version, "groupPriorityMinimum": PRIORITIES[group], "versionPriority": priority}
        fields = _FIELDS if group else _CORE_FIELDS
        name = f"{version}.{group}"
        key = str(API_SERVICES.group_resource)
        yield Seed(_KIND, key, name, {"spec": spec}, fields, labels=_LABELS, condition=_AVAILABLE)


def _fields(*names: str) -> Object:
    spec: Object = {f"f:{name}": {} for name in names}
    return {"f:metadata": {"f:labels": owned(_LABELS)}, "f:spec": spec}


_FIELDS = _fields("group", "groupPriorityMinimum", "version", "versionPriority")
_CORE_FIELDS = _fields("groupPriorityMinimum", "version", "versionPriority")
