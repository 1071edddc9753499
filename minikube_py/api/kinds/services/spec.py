"""Questions about a Service's spec that defaults, allocation and validation all ask (pkg/api/service/util.go)."""

from __future__ import annotations

from typing import Any

Spec = dict[str, Any]

CLUSTER_IP = "ClusterIP"
NODE_PORT = "NodePort"
LOAD_BALANCER = "LoadBalancer"
EXTERNAL_NAME = "ExternalName"
HEADLESS = "None"

SINGLE_STACK = "SingleStack"
PREFER_DUAL_STACK = "PreferDualStack"
REQUIRE_DUAL_STACK = "RequireDualStack"


def ports(spec: Spec) -> list[dict[str, Any]]:
    return spec.get("ports") or []


def cluster_ips(spec: Spec) -> list[str]:
    return spec.get("clusterIPs") or []


def ip_families(spec: Spec) -> list[str]:
    return spec.get("ipFamilies") or []


def node_ports(spec: Spec) -> list[int]:
    return [port["nodePort"] for port in ports(spec) if port.get("nodePort")]


def is_headless(spec: Spec) -> bool:
    return cluster_ips(spec) == [HEADLESS]


def needs_cluster_ip(spec: Spec) -> bool:
    """ "None" counts as one too."""
    return spec.get("type") != EXTERNAL_NAME


def needs_node_ports(spec: Spec) -> bool:
    return spec.get("type") in (NODE_PORT, LOAD_BALANCER)


def allocates_node_ports(spec: Spec) -> bool:
    """Whether ports without a node port are given one."""
    if spec.get("type") == LOAD_BALANCER:
        return spec.get("allocateLoadBalancerNodePorts") is not False
    return spec.get("type") == NODE_PORT


def needs_health_check(spec: Spec) -> bool:
    return spec.get("type") == LOAD_BALANCER and spec.get("externalTrafficPolicy") == "Local"


def externally_accessible(spec: Spec) -> bool:
    kind = spec.get("type")
    return kind in (LOAD_BALANCER, NODE_PORT) or (kind == CLUSTER_IP and bool(spec.get("externalIPs")))
