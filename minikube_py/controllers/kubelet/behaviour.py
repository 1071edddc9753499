"""What simulated containers do: how long they take to start, to be ready, to run and to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from minikube_py.machinery.gvr import Object


@dataclass(frozen=True)
class Behaviour:
    """Of one container. Seconds of the clock."""

    start: float = 0.0
    """From when it may start until it runs: pulling the image, creating it."""
    ready: float = 0.0
    """From when it runs until it is ready."""
    run: float | None = None
    """From when it runs until it exits by itself; None: never."""
    exit_code: int = 0
    """With which it then exits."""
    stop: float = 0.0
    """From when it is told to stop until it has; at most the grace period."""


Behaviours = Callable[[Object, Object], Behaviour]
"""Given a pod and one of its containers."""

RUNS = Behaviour()
COMPLETES = Behaviour(run=0.0)


def default_behaviour(pod: Object, container: Object) -> Behaviour:
    """Everything starts at once and runs for ever, but for init containers, which complete at once."""
    for each in pod["spec"].get("initContainers") or ():
        if each["name"] == container["name"] and each.get("restartPolicy") != "Always":
            return COMPLETES
    return RUNS


FIRST_BACK_OFF = 10.0
MAX_BACK_OFF = 300.0
"""Seconds before a container is restarted again: doubled with each restart (kubelet's CrashLoopBackOff)."""


def back_off(restarts: int) -> float:
    """Before the restart that follows `restarts` others; the first comes at once."""
    return min(FIRST_BACK_OFF * 2.0 ** min(restarts - 1, 16), MAX_BACK_OFF) if restarts else 0.0
