"""What a change of a Service leaves alone, and what it drops on its own (pkg/registry/core/service/strategy.go
dropTypeDependentFields, storage.go patchAllocatedValues and normalizeClusterIPs)."""

from __future__ import annotations

from minikube_py.api.kinds.services.spec import (
    LOAD_BALANCER,
    Spec,
    cluster_ips,
    externally_accessible,
    needs_cluster_ip,
    needs_health_check,
    needs_node_ports,
    node_ports,
    ports,
)
from minikube_py.machinery.gvr import Object


def normalize_cluster_ips(spec: Spec, old: Spec | None) -> None:
    """Clients that know only clusterIP speak for clusterIPs too."""
    if old is None:
        if spec.get("clusterIP") and not cluster_ips(spec):
            spec["clusterIPs"] = [spec["clusterIP"]]
        return
    address, old_address = spec.get("clusterIP") or "", old.get("clusterIP") or ""
    if cluster_ips(old) and not cluster_ips(spec) and address == old_address:
        spec["clusterIPs"] = cluster_ips(old)
    if address == old_address or cluster_ips(spec) != cluster_ips(old):
        return
    if old_address and not address:
        spec.pop("clusterIPs", None)
    else:
        spec["clusterIPs"] = [address]


def patch_allocated(spec: Spec, old: Spec) -> None:
    """What the cluster gave and a client left out stays, so that the same manifest can be put again."""
    if needs_cluster_ip(old) and needs_cluster_ip(spec):
        if not spec.get("clusterIP") and old.get("clusterIP"):
            spec["clusterIP"] = old["clusterIP"]
        if not cluster_ips(spec) and cluster_ips(old):
            spec["clusterIPs"] = cluster_ips(old)
    if needs_node_ports(old) and needs_node_ports(spec):
        _patch_node_ports(spec, old)
    if needs_health_check(old) and needs_health_check(spec):
        _keep("healthCheckNodePort", spec, old)


def _patch_node_ports(spec: Spec, old: Spec) -> None:
    """Ports are known by name; a node port that is named again is not given twice."""
    used = set(node_ports(old)).intersection(node_ports(spec))
    by_name = {port.get("name") or "": port.get("nodePort") or 0 for port in ports(old)}
    for port in ports(spec):
        if not port.get("nodePort"):
            known = by_name.get(port.get("name") or "", 0)
            if known and known not in used:
                port["nodePort"] = known


def _keep(field: str, spec: Spec, old: Spec) -> None:
    if not spec.get(field) and old.get(field):
        spec[field] = old[field]


def drop_by_type(obj: Object, old_obj: Object) -> None:
    """Fields that mean nothing to the new type go, if the client did not change them at the same time: else
    validation shall tell them."""
    spec, old = obj["spec"], old_obj["spec"]
    if needs_cluster_ip(old) and not needs_cluster_ip(spec):
        if spec.get("clusterIP") == old.get("clusterIP") and cluster_ips(spec) == cluster_ips(old):
            spec.pop("clusterIP", None)
            spec.pop("clusterIPs", None)
        _drop_same(("ipFamilies", "ipFamilyPolicy"), spec, old)
    if needs_node_ports(old) and not needs_node_ports(spec) and set(node_ports(spec)) <= set(node_ports(old)):
        for port in ports(spec):
            port.pop("nodePort", None)
    if needs_health_check(old) and not needs_health_check(spec):
        _drop_same(("healthCheckNodePort",), spec, old)
    if old.get("type") == LOAD_BALANCER and spec.get("type") != LOAD_BALANCER:
        _drop_same(("allocateLoadBalancerNodePorts", "loadBalancerClass"), spec, old)
    if externally_accessible(old) and not externally_accessible(spec):
        _drop_same(("externalTrafficPolicy",), spec, old)
    if spec.get("type") != LOAD_BALANCER:
        obj["status"] = {**(obj.get("status") or {}), "loadBalancer": {}}


def _drop_same(fields: tuple[str, ...], spec: Spec, old: Spec) -> None:
    for field in fields:
        if spec.get(field) == old.get(field):
            spec.pop(field, None)


def drop_internal_traffic(spec: Spec) -> None:
    """It says nothing of an ExternalName; upstream keeps it in storage and shows it to nobody."""
    if not needs_cluster_ip(spec) and spec.get("internalTrafficPolicy") in ("Cluster", "Local"):
        del spec["internalTrafficPolicy"]
