"""What kube-controller-manager's flags tell its controllers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Values are valid: minikube_py.options sees to it."""

    cluster_cidr: str = "10.244.0.0/16"
    """Where the nodes' podCIDRs are taken from."""
    service_cluster_ip_range: str = "10.96.0.0/16"
    node_monitor_grace_period: float = 50.0
    """Seconds of silence after which a node is given up; 40 before Kubernetes 1.32."""
    device_taints: bool = True
    """Whether taints of devices drive pods out (DRADeviceTaints, on by default since Kubernetes 1.36)."""
    load_balancer_ip_range: str = "172.18.255.200-172.18.255.250"
    """Addresses of load balancers, as machinery.ipranges reads them. The default is what people who run kind give to
    MetalLB: the end of the network of the nodes."""
