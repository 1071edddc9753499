"""Allocators: the ranges of one cluster, and what of them its Services hold."""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.api.allocators.clusterips import ClusterIPs
from minikube_py.api.allocators.errors import AllocationError
from minikube_py.api.allocators.nodeports import NodePorts
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.random import Random

HEADLESS = "None"
"""The clusterIP of a Service without one."""


class Allocators:
    """Kept in memory beside the store; `rebuild` makes them agree with it again."""

    def __init__(self, service_cidr: str, node_port_range: str = "30000-32767", random: Random | None = None) -> None:
        source = random or Random(0)
        self.cluster_ips = ClusterIPs(service_cidr, source.fork("cluster-ips"))
        self.node_ports = NodePorts(node_port_range, source.fork("node-ports"))

    def rebuild(self, services: Iterable[Object]) -> None:
        """Hold exactly what these Services hold (after a restore)."""
        self.cluster_ips.clear()
        self.node_ports.clear()
        for service in services:
            self._hold(service)

    def _hold(self, service: Object) -> None:
        for address in addresses(service):
            try:
                self.cluster_ips.allocate(address)
            except AllocationError:
                continue  # of a CIDR that is no longer the cluster's
        for port in node_ports(service):
            try:
                self.node_ports.allocate(port)
            except AllocationError:
                continue  # TCP and UDP of a Service may share one; or the range has changed

    def release(self, service: Object) -> None:
        """Give back all that a Service holds."""
        for address in addresses(service):
            self.cluster_ips.release(address)
        for port in node_ports(service):
            self.node_ports.release(port)


def addresses(service: Object) -> list[str]:
    """The cluster IPs that a Service has allocated."""
    spec = service.get("spec") or {}
    if spec.get("type") == "ExternalName":
        return []
    return [address for address in spec.get("clusterIPs") or [] if address and address != HEADLESS]


def node_ports(service: Object) -> list[int]:
    """The node ports that a Service holds, that of its health check among them."""
    spec = service.get("spec") or {}
    found = [port["nodePort"] for port in spec.get("ports") or [] if port.get("nodePort")]
    if spec.get("healthCheckNodePort"):
        found.append(spec["healthCheckNodePort"])
    return found
