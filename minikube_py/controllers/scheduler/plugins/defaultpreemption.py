"""DefaultPreemption: room for a pod that fits nowhere, at the cost of less important ones (see preemption.py)."""

from __future__ import annotations

from minikube_py.controllers.scheduler.framework import Plugin
from minikube_py.controllers.scheduler.preemption import Limits


def default_preemption(limits: Limits) -> Plugin:
    return Plugin("DefaultPreemption", preempts=True, arguments=limits)


DEFAULT_PREEMPTION = default_preemption(Limits())
