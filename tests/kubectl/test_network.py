"""kubectl with Services that are reached from outside, Endpoints that people write, and nodes that they make."""

from __future__ import annotations

import json

from minikube_py.machinery.gvr import Object
from tests.served import Kubectl


def test_a_load_balancer(kubectl: Kubectl) -> None:
    kubectl("create", "service", "loadbalancer", "web", "--tcp=80:8080")
    kubectl("wait", "svc/web", "--for=jsonpath={.status.loadBalancer.ingress}", "--timeout=20s")
    type, _, address, ports = kubectl("get", "svc", "web", "--no-headers").split()[1:5]
    assert type == "LoadBalancer" and address.startswith("172.18.255.2") and ports.startswith("80:3")
    described = kubectl("describe", "svc", "web")
    assert f"LoadBalancer Ingress:     {address} (VIP)" in described
    assert "EnsuringLoadBalancer" in described and "Ensured load balancer" in described
    kubectl("patch", "svc", "web", "-p", '{"spec": {"type": "NodePort"}}')
    kubectl("wait", "svc/web", "--for=jsonpath={.spec.type}=NodePort", "--timeout=20s")
    type, _, address, ports = kubectl("get", "svc", "web", "--no-headers").split()[1:5]
    assert (type, address) == ("NodePort", "<none>") and ports.startswith("80:3")
    # Returns once the Service is gone, which a finalizer would hold up.
    kubectl("delete", "svc", "web", "--timeout=20s")


def test_endpoints_are_mirrored(kubectl: Kubectl) -> None:
    service: Object = {"kind": "Service", "metadata": {"name": "db"}, "spec": {"ports": [{"port": 5432}]}}
    subset = {"addresses": [{"ip": "192.0.2.7"}], "ports": [{"port": 5432}]}
    endpoints: Object = {"kind": "Endpoints", "metadata": {"name": "db"}, "subsets": [subset]}
    both = {
        "apiVersion": "v1",
        "kind": "List",
        "items": [{"apiVersion": "v1", **each} for each in (service, endpoints)],
    }
    kubectl("create", "-f", "-", input=json.dumps(both))
    selector = "kubernetes.io/service-name=db"
    kubectl("wait", "endpointslice", "-l", selector, "--for=create", "--timeout=20s")
    family, port, address = kubectl("get", "endpointslice", "-l", selector, "--no-headers").split()[1:4]
    assert (family, port, address) == ("IPv4", "5432", "192.0.2.7")
    assert "192.0.2.7:5432" in kubectl("describe", "svc", "db")


def test_a_node_gets_a_network(kubectl: Kubectl) -> None:
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "by-hand"}}
    kubectl("create", "-f", "-", input=json.dumps(node))
    kubectl("wait", "node/by-hand", "--for=jsonpath={.spec.podCIDR}", "--timeout=20s")
    described = kubectl("describe", "node", "by-hand")
    assert "PodCIDR:                      10.244." in described and "node.alpha.kubernetes.io/ttl: 0" in described
    kubectl("delete", "node", "by-hand")


def test_ranges_of_services(kubectl: Kubectl) -> None:
    kubectl("wait", "servicecidr/kubernetes", "--for=condition=Ready", "--timeout=20s")
    assert "10.96.0.0/16" in kubectl("get", "servicecidr", "kubernetes", "--no-headers")
