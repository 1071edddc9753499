"""The stages of a pod's life, as data (after kwok's Stages), and how a life goes through them.

            admitted -> volumes -> sandbox -> init containers, one after the other -> containers started -> ready
running:    asked by probes: startup, readiness, liveness
            exited -> restarted, or backing off -> restarted
            its image changed -> restarted; its resources changed -> resized, once there is room
finished:   all exited for good -> over; past its deadline
deleted:    killing -> signalled -> stopped -> gone
"""

from __future__ import annotations

from minikube_py.controllers.kubelet.changing import ALL_RESTARTED, BACK_OFF, EXITED, OUTDATED, RESTARTED
from minikube_py.controllers.kubelet.ending import DEADLINE, EVICTION, GONE, KILLING, OVER
from minikube_py.controllers.kubelet.life import Life
from minikube_py.controllers.kubelet.poststart import HOOK_FAILED, HOOK_RETRIED, HOOKED
from minikube_py.controllers.kubelet.prober import is_probed
from minikube_py.controllers.kubelet.probing import LIVENESS, READINESS, STARTUP
from minikube_py.controllers.kubelet.pulling import PULL_FAILED, PULL_RETRIED
from minikube_py.controllers.kubelet.resizing import RESIZE_ASKED, RESIZED
from minikube_py.controllers.kubelet.stage import Stage
from minikube_py.controllers.kubelet.starting import ADMITTED, CONFIG_RETRIED, READY, SANDBOX, STARTED
from minikube_py.controllers.kubelet.stopping import SIGNALLED, STOPPED
from minikube_py.controllers.kubelet.volumes import UNMOUNTED
from minikube_py.machinery.gvr import Object

STAGES = (
    ADMITTED,
    UNMOUNTED,
    SANDBOX,
    DEADLINE,
    EVICTION,
    STARTED,
    CONFIG_RETRIED,
    HOOKED,
    HOOK_FAILED,
    HOOK_RETRIED,
    PULL_FAILED,
    PULL_RETRIED,
    OUTDATED,
    RESIZE_ASKED,
    RESIZED,
    STARTUP,
    READY,
    READINESS,
    LIVENESS,
    EXITED,
    ALL_RESTARTED,
    OVER,
    BACK_OFF,
    RESTARTED,
    KILLING,
    SIGNALLED,
    STOPPED,
    GONE,
)
"""The first that is due is next."""

SPECIAL = {UNMOUNTED, CONFIG_RETRIED, DEADLINE, EVICTION, STARTUP, READINESS, LIVENESS, ALL_RESTARTED}
"""Those of pods that ask for them."""

REMEMBERED = {HOOKED, HOOK_FAILED, HOOK_RETRIED, PULL_FAILED, PULL_RETRIED, SIGNALLED, STOPPED}
"""Those of containers of which something is remembered."""

PLAIN = tuple(stage for stage in STAGES if stage not in SPECIAL | REMEMBERED)
"""Of all others: most pods, most of the time."""

MAX_STEPS = 1000
"""Stages that a pod can go through at one time: a guard against behaviours that never come to rest."""


def advance(life: Life) -> float | None:
    """Take a life through all stages that are due; the seconds until the next one, None if there is none."""
    special = _is_special(life)
    wait: float | None = None
    for _ in range(MAX_STEPS):
        wait, moved = _step(life, STAGES if special or life.memory.containers else PLAIN)
        if not moved:
            break
    if life.memory.containers:
        life.remember()
    return wait


def _is_special(life: Life) -> bool:
    if life.objects or "activeDeadlineSeconds" in life.spec or life.pod["metadata"].get("annotations"):
        return True
    for containers in (life.regular, life.init):
        for each in containers:
            if is_probed(each) or "restartPolicyRules" in each:
                return True
    return False


def _step(life: Life, stages: tuple[Stage, ...]) -> tuple[float | None, bool]:
    """Take the first stage that is due. Since when the others were waited for is remembered."""
    wait: float | None = None
    for stage in stages:
        for subject in stage.when(life):
            remaining = 0.0 if stage.is_immediate else _remaining(life, stage, subject)
            if remaining > 1e-6:
                wait = remaining if wait is None else min(wait, remaining)
                continue
            if life.memory.since:
                life.memory.since.pop((stage.name, subject["name"]), None)
            stage.next(life, subject)
            return None, True
    return wait, False


def _remaining(life: Life, stage: Stage, subject: Object) -> float:
    """Seconds until a stage comes."""
    if stage.at is not None:
        return stage.at(life, subject) - life.now
    delay = stage.delay(life, subject) if stage.delay is not None else 0.0
    if delay <= 0:
        return 0.0
    return life.memory.since.setdefault((stage.name, subject["name"]), life.now) + delay - life.now
