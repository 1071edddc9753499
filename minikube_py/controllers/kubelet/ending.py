"""How pods end: by themselves, by their deadline, by being deleted."""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.controllers.kubelet import containers as container_status
from minikube_py.controllers.kubelet.changing import is_over
from minikube_py.controllers.kubelet.containers import exit_code, is_running
from minikube_py.controllers.kubelet.life import Life, PodEvent
from minikube_py.controllers.kubelet.stage import IS, IS_NOT, Stage
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.gvr import Object

TERMINATED, KILLED = 143, 137
"""Exit codes of what ends on SIGTERM without having meant to, and on SIGKILL."""


def _over(life: Life) -> Iterable[Object]:
    """All regular containers have exited for good: the pod has succeeded or failed."""
    if life.stopped_for_good or life.deleting:
        return IS_NOT
    for container in life.regular:
        code = exit_code(life.statuses[container["name"]])
        if code is None or not is_over(life, container, code):
            return IS_NOT
    return IS


def _finish(life: Life, _: Object) -> None:
    for container in life.containers:  # sidecars end with the containers that they serve
        _stop_container(life, container, 0)
    life.stopped_for_good = life.finished = True


def _past_deadline(life: Life) -> Iterable[Object]:
    deadline = life.spec.get("activeDeadlineSeconds")
    return IS if deadline is not None and life.started and not life.finished and not life.deleting else IS_NOT


def _deadline_delay(life: Life, _: Object) -> float:
    begun = life.memory.since.setdefault(("deadline", ""), life.now)
    return max(0.0, parse_rfc3339(life.started) + float(life.spec["activeDeadlineSeconds"]) - begun)


def _exceed_deadline(life: Life, _: Object) -> None:
    life.reason, life.message = "DeadlineExceeded", "Pod was active on the node longer than the specified deadline"
    life.events.append(PodEvent("Normal", life.reason, life.message))
    for container in life.containers:
        _stop_container(life, container, KILLED)
    life.stopped_for_good = life.finished = True


def _to_be_killed(life: Life) -> Iterable[Object]:
    return IS if life.deleting and not life.memory.killing and life.any_running() else IS_NOT


def _kill(life: Life, _: Object) -> None:
    life.memory.killing = True
    for container in life.containers:
        if is_running(life.statuses[container["name"]]):
            life.tell("Killing", f"Stopping container {container['name']}", container)


def _stopping(life: Life) -> Iterable[Object]:
    return IS if life.deleting and life.memory.killing and life.any_running() else IS_NOT


def _grace(life: Life) -> float:
    return float(life.pod["metadata"].get("deletionGracePeriodSeconds") or 0)


def _stop_delay(life: Life, _: Object) -> float:
    longest = max((life.behaviour(each).stop for each in life.containers), default=0.0)
    return min(longest, _grace(life))


def _stop(life: Life, _: Object) -> None:
    """A container that takes longer than the grace period is killed. One that is asked to stop in time does so
    well in a pod that is meant to run for ever, and has not done its work in another."""
    forever = life.spec.get("restartPolicy", "Always") == "Always"
    for container in life.containers:
        behaviour = life.behaviour(container)
        if behaviour.exited:
            _stop_container(life, container, behaviour.exit_code)
            continue
        in_time = behaviour.stop <= _grace(life)
        _stop_container(life, container, KILLED if not in_time else 0 if forever else TERMINATED)
    life.stopped_for_good = True


def _stop_container(life: Life, container: Object, code: int) -> None:
    status = life.statuses[container["name"]]
    if is_running(status):
        life.statuses[container["name"]] = container_status.terminated(status, code, life.time)


def _stopped(life: Life) -> Iterable[Object]:
    return IS if life.deleting and not life.gone and not life.any_running() else IS_NOT


def _go(life: Life, _: Object) -> None:
    life.gone = life.stopped_for_good = True


OVER = Stage("over", _over, _finish)
DEADLINE = Stage("deadline", _past_deadline, _exceed_deadline, _deadline_delay)
KILLING = Stage("killing", _to_be_killed, _kill)
STOPPED = Stage("stopped", _stopping, _stop, _stop_delay)
GONE = Stage("gone", _stopped, _go)
