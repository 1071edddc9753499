"""NodeName: a pod that names its node goes there."""

from __future__ import annotations

from minikube_py.controllers.scheduler.framework import NODE, Event, Filter, Plugin, Rejection
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.machinery.gvr import Object

OTHER_NODE = Rejection(("node(s) didn't match the requested node name",))


def requested_node(pod: PodClass) -> Filter | None:
    if not pod.node_name:
        return None

    def check(node: NodeInfo) -> Rejection | None:
        return None if node.name == pod.node_name else OTHER_NODE

    return check


def may_help(pod: Object, event: Event) -> bool:
    return event.resource == NODE and event.old is None


NODE_NAME = Plugin("NodeName", filter=requested_node, hint=may_help)
