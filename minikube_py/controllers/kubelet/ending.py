"""How pods end: by themselves, by their deadline, by being evicted or deleted."""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.controllers.kubelet.behaviour import PREFIX
from minikube_py.controllers.kubelet.changing import is_over
from minikube_py.controllers.kubelet.containers import exit_code, is_running
from minikube_py.controllers.kubelet.life import Life, PodEvent
from minikube_py.controllers.kubelet.memory import Ending
from minikube_py.controllers.kubelet.stage import IS, IS_NOT, Stage
from minikube_py.controllers.kubelet.stopping import pod_grace, stop_all
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.podresources import is_sidecar

EVICTED = f"{PREFIX}evicted"
"""The annotation of a pod that the node is low on that resource for."""

EVICTION_GRACE = 1.0
"""Seconds that a pod has that is evicted at once (eviction_manager.go)."""


def _over(life: Life) -> Iterable[Object]:
    """All regular containers have exited for good, or one before them failed: the pod has succeeded or failed."""
    if life.stopped_for_good or life.deleting:
        return IS_NOT
    if not (_is_through(life) or _has_failed_before(life)):
        return IS_NOT
    running = [each for each in life.containers if is_running(life.statuses[each["name"]])]
    return IS if not running or not all(_is_told(life, each) for each in running) else IS_NOT


def _is_through(life: Life) -> bool:
    if life.memory.ending is not None:
        return True
    for container in life.regular:
        code = exit_code(life.statuses[container["name"]])
        if code is None or not is_over(life, container, code):
            return False
    return True


def _has_failed_before(life: Life) -> bool:
    for container in life.init:
        code = exit_code(life.statuses[container["name"]])
        if code and not is_sidecar(container) and is_over(life, container, code):
            return True
    return False


def _is_told(life: Life, container: Object) -> bool:
    known = life.memory.containers.get(container["name"])
    return known is not None and known.stopping is not None and known.stopping.ordered


def _finish(life: Life, _: Object) -> None:
    """Sidecars, and what else runs yet, end with the containers that they serve."""
    ending = life.memory.ending
    if life.any_running():
        stop_all(life, EVICTION_GRACE if ending is not None and ending.disruption else pod_grace(life))
        return
    if ending is not None:
        life.reason, life.message = ending.reason, ending.message
        life.disruption = ending.message if ending.disruption else ""
    life.stopped_for_good = life.finished = True


def _past_deadline(life: Life) -> Iterable[Object]:
    return IS if life.spec.get("activeDeadlineSeconds") is not None and life.started and not life.halted else IS_NOT


def _deadline(life: Life, _: Object) -> float:
    return parse_rfc3339(life.started) + float(life.spec["activeDeadlineSeconds"])


def _exceed_deadline(life: Life, _: Object) -> None:
    ending = Ending("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")
    life.events.append(PodEvent("Normal", ending.reason, ending.message))
    life.memory.ending = ending


def _to_be_evicted(life: Life) -> Iterable[Object]:
    annotations = life.pod["metadata"].get("annotations")
    return IS if annotations and EVICTED in annotations and life.started and not life.halted else IS_NOT


def _eviction_turn(life: Life, _: Object) -> float:
    memory = life.memory
    if memory.turn is None:
        memory.turn = life.host.pace.turn(life.now)
    return memory.turn


def _evict(life: Life, _: Object) -> None:
    resource = life.pod["metadata"]["annotations"][EVICTED]
    ending = Ending("Evicted", f"The node was low on resource: {resource}. ", disruption=True)
    life.events.append(PodEvent("Warning", ending.reason, ending.message))
    life.memory.ending = ending


def _to_be_killed(life: Life) -> Iterable[Object]:
    return IS if life.deleting and not life.memory.killing and life.any_running() else IS_NOT


def _kill(life: Life, _: Object) -> None:
    life.memory.killing = True
    stop_all(life, None)


def _stopped(life: Life) -> Iterable[Object]:
    return IS if life.deleting and not life.gone and not life.any_running() else IS_NOT


def _go(life: Life, _: Object) -> None:
    life.gone = life.stopped_for_good = True


OVER = Stage("over", _over, _finish)
DEADLINE = Stage("deadline", _past_deadline, _exceed_deadline, at=_deadline)
EVICTION = Stage("eviction", _to_be_evicted, _evict, at=_eviction_turn)
KILLING = Stage("killing", _to_be_killed, _kill)
GONE = Stage("gone", _stopped, _go)
