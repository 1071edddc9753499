"""The stages of a pod's life, as data (after kwok's Stages), and how a life goes through them.

            admitted -> sandbox -> init containers, one after the other -> containers started -> ready
running:    exited -> restarted, or backing off -> restarted
            its image changed -> restarted; its resources changed -> resized
finished:   all exited for good -> over; past its deadline
deleted:    killing -> stopped -> gone
"""

from __future__ import annotations

from minikube_py.controllers.kubelet.changing import BACK_OFF, EXITED, OUTDATED, RESIZED, RESTARTED
from minikube_py.controllers.kubelet.ending import DEADLINE, GONE, KILLING, OVER, STOPPED
from minikube_py.controllers.kubelet.life import Life
from minikube_py.controllers.kubelet.stage import Stage
from minikube_py.controllers.kubelet.starting import ADMITTED, READY, SANDBOX, STARTED

STAGES = (
    ADMITTED,
    SANDBOX,
    DEADLINE,
    STARTED,
    OUTDATED,
    RESIZED,
    READY,
    EXITED,
    OVER,
    BACK_OFF,
    RESTARTED,
    KILLING,
    STOPPED,
    GONE,
)
"""The first that is due is next."""

MAX_STEPS = 1000
"""Stages that a pod can go through at one time: a guard against behaviours that never come to rest."""


def advance(life: Life, stages: tuple[Stage, ...] = STAGES) -> float | None:
    """Take a life through all stages that are due; the seconds until the next one, None if there is none."""
    for _ in range(MAX_STEPS):
        wait, moved = _step(life, stages)
        if not moved:
            return wait
    return None


def _step(life: Life, stages: tuple[Stage, ...]) -> tuple[float | None, bool]:
    """Take the first stage that is due. Waiting ones are remembered, those no longer waited for forgotten."""
    since = life.memory.since
    wait: float | None = None
    for stage in stages:
        for subject in stage.when(life):
            delay = stage.delay(life, subject) if stage.delay is not None else 0.0
            if delay > 0:
                remaining = since.setdefault((stage.name, subject["name"]), life.now) + delay - life.now
                if remaining > 1e-6:
                    wait = remaining if wait is None else min(wait, remaining)
                    continue
            if since:
                since.pop((stage.name, subject["name"]), None)
            stage.next(life, subject)
            return None, True
    return wait, False
