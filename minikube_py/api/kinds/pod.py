"""Pod: containers that run together on one node (pkg/registry/core/pod)."""

from __future__ import annotations

from minikube_py.api.kinds.podspec import table
from minikube_py.api.kinds.podspec.binding import bind, bind_named
from minikube_py.api.kinds.podspec.eviction import evict
from minikube_py.api.kinds.podspec.strategies import (
    EphemeralContainersStrategy,
    PodStatusStrategy,
    PodStrategy,
    ResizeStrategy,
)
from minikube_py.api.resource import Resource, Subresource
from minikube_py.machinery.gvr import GroupVersionKind, Object


def _pod_ip(pod: Object) -> str:
    ips = (pod.get("status") or {}).get("podIPs")
    return str(ips[0].get("ip", "")) if ips else ""


# spec.host is an old name of spec.nodeName; status.podIPs may be asked for, but matches nothing.
_FIELDS = {
    "spec.nodeName": lambda pod: pod["spec"].get("nodeName", ""),
    "spec.host": lambda pod: pod["spec"].get("nodeName", ""),
    "spec.restartPolicy": lambda pod: pod["spec"].get("restartPolicy", ""),
    "spec.schedulerName": lambda pod: pod["spec"].get("schedulerName", ""),
    "spec.serviceAccountName": lambda pod: pod["spec"].get("serviceAccountName", ""),
    "spec.hostNetwork": lambda pod: "true" if pod["spec"].get("hostNetwork") else "false",
    "status.phase": lambda pod: (pod.get("status") or {}).get("phase", ""),
    "status.podIP": _pod_ip,
    "status.podIPs": lambda pod: "",
    "status.nominatedNodeName": lambda pod: (pod.get("status") or {}).get("nominatedNodeName", ""),
}

_BINDING = GroupVersionKind("", "v1", "Binding")
_EVICTION = GroupVersionKind("policy", "v1", "Eviction")
_OLD_EVICTION = GroupVersionKind("policy", "v1beta1", "Eviction")
_PROXY_VERBS = ("create", "delete", "get", "patch", "update")

STRATEGY = PodStrategy()

POD = Resource(
    group="",
    version="v1",
    plural="pods",
    kind="Pod",
    singular="pod",
    short_names=("po",),
    categories=("all",),
    strategy=STRATEGY,
    columns=table.COLUMNS,
    cells=table.cells,
    fields=_FIELDS,
    subresources=(
        Subresource("status", strategy=PodStatusStrategy(STRATEGY)),
        Subresource("ephemeralcontainers", strategy=EphemeralContainersStrategy(STRATEGY)),
        Subresource("resize", strategy=ResizeStrategy(STRATEGY), since=33),
        Subresource("binding", ("create",), kind=_BINDING, action=bind),
        Subresource("eviction", ("create",), kind=_EVICTION, accepts=(_OLD_EVICTION,), action=evict),
        Subresource("log", ("get",)),
        Subresource("attach", ("create", "get"), kind=GroupVersionKind("", "v1", "PodAttachOptions")),
        Subresource("exec", ("create", "get"), kind=GroupVersionKind("", "v1", "PodExecOptions")),
        Subresource("portforward", ("create", "get"), kind=GroupVersionKind("", "v1", "PodPortForwardOptions")),
        Subresource("proxy", _PROXY_VERBS, kind=GroupVersionKind("", "v1", "PodProxyOptions")),
    ),
)

BINDING = Resource(
    group="",
    version="v1",
    plural="bindings",
    kind="Binding",
    singular="binding",
    verbs=("create",),
    create=bind_named,
)

RESOURCES = (POD, BINDING)
