"""SchedulingGates: a pod is not looked at before its gates are gone (plugins/schedulinggates).

The API server says so in its status, as the condition PodScheduled of reason SchedulingGated.
"""

from __future__ import annotations

from minikube_py.controllers.scheduler.framework import Plugin
from minikube_py.machinery.gvr import Object

SCHEDULING_GATES = Plugin("SchedulingGates")


def is_gated(pod: Object) -> bool:
    return bool(pod["spec"].get("schedulingGates"))
