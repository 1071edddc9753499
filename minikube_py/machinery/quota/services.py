"""What Services use: node ports and load balancers (pkg/quota/v1/evaluator/core/services.go)."""

from __future__ import annotations

from minikube_py.machinery.gvr import GroupResource, Object
from minikube_py.machinery.quantity import of
from minikube_py.machinery.quota.amounts import Amounts
from minikube_py.machinery.quota.evaluator import ONE, ZERO_COUNT, Evaluator, Verb

_NODE_PORTS, _LOAD_BALANCERS = "services.nodeports", "services.loadbalancers"


class ServiceEvaluator(Evaluator):
    def __init__(self) -> None:
        super().__init__(GroupResource("", "services"), "services", _NODE_PORTS, _LOAD_BALANCERS)

    def handles(self, verb: Verb, subresource: str, obj: Object, old: Object | None) -> bool:
        return not subresource

    def replenishes(self, old: Object, new: Object) -> bool:
        """Upstream goes by the type alone, and finds ports that went only when it counts all anew."""
        return self.usage(old, 0) != self.usage(new, 0)

    def usage(self, obj: Object, now: float) -> Amounts:
        balanced = obj["spec"].get("type") == "LoadBalancer"
        used = super().usage(obj, now)
        return {**used, _NODE_PORTS: of(_node_ports(obj["spec"])), _LOAD_BALANCERS: ONE if balanced else ZERO_COUNT}


def _node_ports(spec: Object) -> int:
    ports = spec.get("ports") or ()
    if spec.get("type") == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts") is False:
        return sum(bool(port.get("nodePort")) for port in ports)
    return len(ports) if spec.get("type") in ("NodePort", "LoadBalancer") else 0
