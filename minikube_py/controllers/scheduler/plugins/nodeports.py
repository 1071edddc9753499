"""NodePorts: a port of a node can be taken once."""

from __future__ import annotations

from minikube_py.controllers.scheduler.framework import ASSIGNED_POD, NODE, Event, Filter, Plugin, Rejection
from minikube_py.controllers.scheduler.hostports import conflict, host_ports
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.machinery.gvr import Object

TAKEN = Rejection(("node(s) didn't have free ports for the requested pod ports",), resolvable=True)


def free_ports(pod: PodClass) -> Filter | None:
    wanted = pod.ports
    if not wanted:
        return None

    def check(node: NodeInfo) -> Rejection | None:
        return TAKEN if any(conflict(port, node.ports) for port in wanted) else None

    return check


def may_help(pod: Object, event: Event) -> bool:
    """A new node, or a pod that gives back a port that is wanted."""
    if event.resource == NODE:
        return event.old is None
    if event.resource != ASSIGNED_POD or event.old is None or event.new is not None:
        return False
    freed = host_ports(event.old["spec"])
    return any(conflict(port, freed) for port in host_ports(pod["spec"]))


NODE_PORTS = Plugin("NodePorts", filter=free_ports, hint=may_help)
