"""Which nodes a DaemonSet's pods belong on (pkg/controller/daemon NodeShouldRunDaemonPod).

node's name, labels    taints                         run    stay
fit                    all tolerated                  yes    yes
fit                    untolerated, none NoExecute    no     yes
fit                    untolerated NoExecute          no     no
do not fit             -                              no     no
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from minikube_py.controllers.daemonset.podtemplate import tolerations
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.plugins.nodeaffinity import matching
from minikube_py.controllers.scheduler.plugins.tainttoleration import NO_EXECUTE, NO_SCHEDULE, tolerated
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import generation, name, uid


class Eligibility(NamedTuple):
    run: bool
    """A pod is to be made there."""
    stay: bool
    """A pod that is there may stay."""


NEITHER = Eligibility(False, False)

Check = Callable[[NodeInfo], Eligibility]


def node_info(node: Object) -> NodeInfo:
    """A node as the check wants it."""
    info = NodeInfo(name(node), 0)
    info.set_node(node)
    return info


def compile_check(daemon_set: Object) -> Check:
    spec = daemon_set["spec"]["template"].get("spec") or {}
    only_node = spec.get("nodeName") or ""
    affinity = matching(PodClass(spec))
    borne = tolerations(spec)

    def check(node: NodeInfo) -> Eligibility:
        if only_node and only_node != node.name:
            return NEITHER
        if affinity is not None and affinity(node) is not None:
            return NEITHER
        effects = {taint.get("effect") for taint in node.taints if not tolerated(borne, taint)}
        return Eligibility(effects.isdisjoint((NO_EXECUTE, NO_SCHEDULE)), NO_EXECUTE not in effects)

    return check


class Checks:
    """The check of each DaemonSet, compiled once per generation."""

    def __init__(self) -> None:
        self._compiled: dict[str, tuple[int, Check]] = {}

    def of(self, daemon_set: Object) -> Check:
        found = self._compiled.get(uid(daemon_set))
        if found is None or found[0] != generation(daemon_set):
            found = self._compiled[uid(daemon_set)] = (generation(daemon_set), compile_check(daemon_set))
        return found[1]

    def forget(self, daemon_set: Object) -> None:
        self._compiled.pop(uid(daemon_set), None)
