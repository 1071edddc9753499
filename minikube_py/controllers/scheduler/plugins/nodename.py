"""NodeName: a pod that names its node goes there."""

from __future__ import annotations

from minikube_py.controllers.scheduler.framework import Filter, Plugin, Rejection
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podclass import PodClass

OTHER_NODE = Rejection(("node(s) didn't match the requested node name",))


def requested_node(pod: PodClass) -> Filter | None:
    if not pod.node_name:
        return None

    def check(node: NodeInfo) -> Rejection | None:
        return None if node.name == pod.node_name else OTHER_NODE

    return check


NODE_NAME = Plugin("NodeName", filter=requested_node)
