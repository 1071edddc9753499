"""NodePorts: a port of a node can be taken once."""

from __future__ import annotations

from minikube_py.controllers.scheduler.framework import Filter, Plugin, Rejection
from minikube_py.controllers.scheduler.hostports import conflict
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podclass import PodClass

TAKEN = Rejection(("node(s) didn't have free ports for the requested pod ports",), resolvable=True)


def free_ports(pod: PodClass) -> Filter | None:
    wanted = pod.ports
    if not wanted:
        return None

    def check(node: NodeInfo) -> Rejection | None:
        return TAKEN if any(conflict(port, node.ports) for port in wanted) else None

    return check


NODE_PORTS = Plugin("NodePorts", filter=free_ports)
