"""TaintToleration: taints of nodes, and the tolerations that pods have for them."""

from __future__ import annotations

from minikube_py.controllers.scheduler.framework import NODE, Event, Filter, Plugin, Rejection, Score, fewest
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.integers import parse_int64

UNTOLERATED = Rejection(("node(s) had untolerated taint(s)",))

NO_SCHEDULE, PREFER_NO_SCHEDULE, NO_EXECUTE = "NoSchedule", "PreferNoSchedule", "NoExecute"


def tolerates(toleration: Object, taint: Object) -> bool:
    """Empty effect: all effects; empty key: all keys, with Exists (core/v1 Toleration.ToleratesTaint)."""
    if toleration.get("effect") and toleration["effect"] != taint.get("effect"):
        return False
    if toleration.get("key") and toleration["key"] != taint.get("key"):
        return False
    operator = toleration.get("operator") or "Equal"
    if operator == "Exists":
        return True
    mine, its = toleration.get("value") or "", taint.get("value") or ""
    if operator == "Equal":
        return bool(mine == its)
    if operator in ("Lt", "Gt"):
        bound, number = parse_int64(mine), parse_int64(its)
        if bound is None or number is None:
            return False
        return number < bound if operator == "Lt" else number > bound
    return False


def tolerated(tolerations: list[Object], taint: Object) -> bool:
    return any(tolerates(toleration, taint) for toleration in tolerations)


def untolerated(pod: PodClass) -> Filter:
    def check(node: NodeInfo) -> Rejection | None:
        for taint in node.taints:
            if taint.get("effect") in (NO_SCHEDULE, NO_EXECUTE) and not tolerated(pod.tolerations, taint):
                return UNTOLERATED
        return None

    return check


def unpreferred(pod: PodClass) -> Score:
    """How many taints the pod would rather avoid."""
    tolerations = [each for each in pod.tolerations if each.get("effect") in (None, "", PREFER_NO_SCHEDULE)]

    def count(node: NodeInfo) -> int:
        return sum(
            taint.get("effect") == PREFER_NO_SCHEDULE and not tolerated(tolerations, taint) for taint in node.taints
        )

    return count


def may_help(pod: Object, event: Event) -> bool:
    """A node that is tolerated, new or since its taints changed."""
    if event.resource != NODE or event.new is None:
        return False
    tolerations = pod["spec"].get("tolerations") or []
    return _bearable(event.new, tolerations) and (event.old is None or not _bearable(event.old, tolerations))


def _bearable(node: Object, tolerations: list[Object]) -> bool:
    taints = (node.get("spec") or {}).get("taints") or ()
    return all(each.get("effect") not in (NO_SCHEDULE, NO_EXECUTE) or tolerated(tolerations, each) for each in taints)


TAINT_TOLERATION = Plugin(
    "TaintToleration",
    filter=untolerated,
    score=unpreferred,
    hint=may_help,
    weight=3,
    normalize=fewest,
    marked_only=True,
)
