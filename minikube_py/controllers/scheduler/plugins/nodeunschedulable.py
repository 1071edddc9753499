"""NodeUnschedulable: nodes that are cordoned, unless the pod tolerates that."""

from __future__ import annotations

from minikube_py.controllers.scheduler.framework import NODE, Event, Filter, Plugin, Rejection
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.plugins.tainttoleration import NO_SCHEDULE, tolerated
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.machinery.gvr import Object

UNSCHEDULABLE = Rejection(("node(s) were unschedulable",))

UNSCHEDULABLE_TAINT = {"key": "node.kubernetes.io/unschedulable", "effect": NO_SCHEDULE}
"""What a cordoned node is as good as tainted with."""


def cordoned(pod: PodClass) -> Filter | None:
    if tolerated(pod.tolerations, UNSCHEDULABLE_TAINT):
        return None

    def check(node: NodeInfo) -> Rejection | None:
        return UNSCHEDULABLE if node.unschedulable else None

    return check


def may_help(pod: Object, event: Event) -> bool:
    """A node that is not cordoned, or no longer."""
    if event.resource != NODE or event.new is None or event.new["spec"].get("unschedulable"):
        return False
    return event.old is None or bool(event.old["spec"].get("unschedulable"))


NODE_UNSCHEDULABLE = Plugin("NodeUnschedulable", filter=cordoned, hint=may_help, marked_only=True)
