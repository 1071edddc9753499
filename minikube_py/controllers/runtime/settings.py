"""What kube-controller-manager's flags tell its controllers."""

from __future__ import annotations

from dataclasses import dataclass

from minikube_py.controllers.runtime.features import NEWEST, Features


@dataclass(frozen=True)
class Settings:
    """Values are valid: minikube_py.options sees to it."""

    cluster_cidr: str = "10.244.0.0/16"
    """Where the nodes' podCIDRs are taken from."""
    service_cluster_ip_range: str = "10.96.0.0/16"
    load_balancer_ip_range: str = "172.18.255.200-172.18.255.250"
    """Addresses of load balancers, as machinery.ipranges reads them. The default is what people who run kind give to
    MetalLB: the end of the network of the nodes."""
    features: Features = NEWEST
