"""What is warned of when a Service is written (pkg/api/service/warnings.go)."""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.api.kinds.core.gates import minor, prefer_same_traffic_distribution
from minikube_py.api.kinds.services.spec import CLUSTER_IP, EXTERNAL_NAME, HEADLESS, Spec, cluster_ips
from minikube_py.api.kinds.services.validation import TOPOLOGY_HINTS, TOPOLOGY_MODE
from minikube_py.machinery import meta
from minikube_py.machinery.field import Path
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.ipnet import cidr_warnings, ip_warnings

_SPEC = Path("spec")


def service_warnings(ctx: Context, obj: Object) -> list[str]:
    spec: Spec = obj["spec"]
    warnings = []
    if TOPOLOGY_HINTS in meta.annotations(obj):
        warnings.append(f"annotation {TOPOLOGY_HINTS} is deprecated, please use {TOPOLOGY_MODE} instead")
    if spec.get("clusterIP") not in (None, "", HEADLESS):
        warnings += _address_warnings("clusterIPs", cluster_ips(spec))
    headless = spec.get("type") == CLUSTER_IP and spec.get("clusterIP") == HEADLESS
    if headless:
        warnings += _headless_warnings(spec)
    external = spec.get("externalIPs") or []
    warnings += _address_warnings("externalIPs", external)
    if external and not headless and spec.get("type") != EXTERNAL_NAME and minor(ctx) >= 36:
        warnings.append("spec.externalIPs is deprecated and may no longer be implemented in some clusters")
    if spec.get("loadBalancerIP"):
        warnings += ip_warnings(_SPEC.child("loadBalancerIP"), spec["loadBalancerIP"])
    for index, text in enumerate(spec.get("loadBalancerSourceRanges") or ()):
        warnings += cidr_warnings(_SPEC.child("loadBalancerSourceRanges").index(index), text)
    if spec.get("type") == EXTERNAL_NAME and external:
        warnings.append('spec.externalIPs is ignored when spec.type is "ExternalName"')
    if spec.get("type") != EXTERNAL_NAME and spec.get("externalName"):
        warnings.append('spec.externalName is ignored when spec.type is not "ExternalName"')
    if spec.get("trafficDistribution") == "PreferClose" and prefer_same_traffic_distribution(ctx):
        warnings.append('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
    return warnings


def _address_warnings(field: str, addresses: list[str]) -> list[str]:
    path = _SPEC.child(field)
    return [text for index, address in enumerate(addresses) for text in ip_warnings(path.index(index), address)]


def _headless_warnings(spec: Spec) -> list[str]:
    warnings = []
    if spec.get("loadBalancerIP"):
        warnings.append("spec.loadBalancerIP is ignored for headless services")
    if spec.get("externalIPs"):
        warnings.append("spec.externalIPs is ignored for headless services")
    if spec.get("sessionAffinity") != "None":
        warnings.append("spec.SessionAffinity is ignored for headless services")
    return warnings
