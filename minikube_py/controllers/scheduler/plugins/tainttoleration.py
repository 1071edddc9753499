"""TaintToleration and NodeUnschedulable: taints, and the tolerations that pods have for them."""

from __future__ import annotations

from minikube_py.controllers.scheduler.framework import Filter, Plugin, Rejection, Score
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.integers import parse_int64

UNTOLERATED = Rejection(("node(s) had untolerated taint(s)",))
UNSCHEDULABLE = Rejection(("node(s) were unschedulable",))

NO_SCHEDULE, PREFER_NO_SCHEDULE, NO_EXECUTE = "NoSchedule", "PreferNoSchedule", "NoExecute"

UNSCHEDULABLE_TAINT = {"key": "node.kubernetes.io/unschedulable", "effect": NO_SCHEDULE}
"""What a cordoned node is as good as tainted with."""


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


def cordoned(pod: PodClass) -> Filter | None:
    if tolerated(pod.tolerations, UNSCHEDULABLE_TAINT):
        return None

    def check(node: NodeInfo) -> Rejection | None:
        return UNSCHEDULABLE if node.unschedulable else None

    return check


TAINT_TOLERATION = Plugin(
    "TaintToleration", filter=untolerated, score=unpreferred, weight=3, normalize="fewer", marked_only=True
)
NODE_UNSCHEDULABLE = Plugin("NodeUnschedulable", filter=cordoned, marked_only=True)
