"""NodeDeclaredFeatures: nodes whose kubelets can do what a pod asks of them (plugins/nodedeclaredfeatures)."""

from __future__ import annotations

from minikube_py.controllers.scheduler.framework import NODE, UNSCHEDULED_POD, Event, Filter, Plugin, Rejection
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.machinery.declaredfeatures import SINCE, needed_to_run
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import uid

LACKING = Rejection(("node(s) didn't match Pod's required features",))


def lacking(pod: PodClass) -> Filter | None:
    needed = pod.features
    if not needed:
        return None

    def check(node: NodeInfo) -> Rejection | None:
        return None if needed <= node.features else LACKING

    return check


def may_help(pod: Object, event: Event) -> bool:
    """A node that is new or declares others; the pod, if it needs others."""
    if event.new is None:
        return False
    if event.resource == UNSCHEDULED_POD:
        before = event.old["spec"] if event.old is not None else pod["spec"]
        return uid(pod) == uid(event.new) and needed_to_run(before) != needed_to_run(event.new["spec"])
    return event.resource == NODE and (event.old is None or _declared(event.old) != _declared(event.new))


def _declared(node: Object) -> list[str]:
    return (node.get("status") or {}).get("declaredFeatures") or []


NODE_DECLARED_FEATURES = Plugin("NodeDeclaredFeatures", filter=lacking, hint=may_help, since=SINCE)
