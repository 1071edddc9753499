"""Defaults of a Service (pkg/apis/core/v1/defaults.go SetDefaults_Service)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.kinds.services.spec import CLUSTER_IP, LOAD_BALANCER, NODE_PORT, Spec, externally_accessible
from minikube_py.machinery.gvr import Object

CLIENT_IP_TIMEOUT = 10800
"""Seconds (DefaultClientIPServiceAffinitySeconds: three hours)."""

_WITH_INTERNAL_TRAFFIC = (CLUSTER_IP, NODE_PORT, LOAD_BALANCER)


def default_service(obj: Object) -> None:
    """The draft's spec is made anew, so that nothing of a stored one is changed."""
    spec = obj["spec"] = dict(obj.get("spec") or {})
    _default_affinity(spec)
    if not spec.get("type"):
        spec["type"] = CLUSTER_IP
    if spec.get("ports"):
        spec["ports"] = [_default_port(port) for port in spec["ports"]]
    if externally_accessible(spec) and not spec.get("externalTrafficPolicy"):
        spec["externalTrafficPolicy"] = "Cluster"
    if spec.get("internalTrafficPolicy") is None and spec["type"] in _WITH_INTERNAL_TRAFFIC:
        spec["internalTrafficPolicy"] = "Cluster"
    if spec["type"] == LOAD_BALANCER:
        if spec.get("allocateLoadBalancerNodePorts") is None:
            spec["allocateLoadBalancerNodePorts"] = True
        _default_ingress(obj)


def _default_affinity(spec: Spec) -> None:
    affinity = spec.get("sessionAffinity") or "None"
    spec["sessionAffinity"] = affinity
    if affinity == "None":
        spec.pop("sessionAffinityConfig", None)
    elif affinity == "ClientIP":
        client_ip = (spec.get("sessionAffinityConfig") or {}).get("clientIP") or {}
        if client_ip.get("timeoutSeconds") is None:
            spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": CLIENT_IP_TIMEOUT}}


def _default_port(port: dict[str, Any]) -> dict[str, Any]:
    port = dict(port)
    if not port.get("protocol"):
        port["protocol"] = "TCP"
    if not port.get("targetPort"):
        port["targetPort"] = port.get("port") or 0
    return port


def _default_ingress(obj: Object) -> None:
    status = obj.get("status") or {}
    ingress = (status.get("loadBalancer") or {}).get("ingress")
    if ingress and any(point.get("ip") and point.get("ipMode") is None for point in ingress):
        points = [{"ipMode": "VIP", **point} if point.get("ip") else point for point in ingress]
        obj["status"] = {**status, "loadBalancer": {**status["loadBalancer"], "ingress": points}}
