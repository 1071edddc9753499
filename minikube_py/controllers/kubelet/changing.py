"""Containers that exit, are restarted or replaced while their pod lives."""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.controllers.kubelet import backoff
from minikube_py.controllers.kubelet import containers as container_status
from minikube_py.controllers.kubelet.containers import (
    CRASH_LOOP,
    RESTARTING_ALL,
    exit_code,
    has_run,
    is_running,
    restart_rule,
    should_restart,
    waiting_reason,
)
from minikube_py.controllers.kubelet.cri.process import KILLED
from minikube_py.controllers.kubelet.image import normalized
from minikube_py.controllers.kubelet.life import Life
from minikube_py.controllers.kubelet.stage import IS_NOT, NOTHING, Stage
from minikube_py.controllers.kubelet.starting import start
from minikube_py.controllers.kubelet.stopping import is_stopping, own_grace, stop
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.podresources import is_sidecar

RESTART_ALL = "RestartAllContainers"


def _mortal(life: Life) -> Iterable[Object]:
    if life.deleting or life.finished:
        return IS_NOT
    return [
        each
        for each in life.containers
        if life.behaviour(each).run is not None and life.is_up(each["name"]) and not is_stopping(life, each)
    ]


def _run_delay(life: Life, container: Object) -> float:
    return life.behaviour(container).run or 0.0


def _exit(life: Life, container: Object) -> None:
    name, behaviour = container["name"], life.behaviour(container)
    ended = container_status.terminated(
        life.statuses[name], behaviour.exit_code, life.time, behaviour.reason, behaviour.message
    )
    is_init = container in life.init and not is_sidecar(container)
    life.statuses[name] = {**ended, "ready": is_init and exit_code(ended) == 0}


def _restartable(life: Life) -> Iterable[Object]:
    """Exited containers whose policy is to run them again."""
    if life.halted:
        return IS_NOT
    found: list[Object] = []
    for container in life.containers:
        code = exit_code(life.statuses[container["name"]])
        if code is not None and not is_over(life, container, code):
            found.append(container)
    return IS_NOT if found and life.is_held_up else found


def is_over(life: Life, container: Object, code: int) -> bool:
    """Whether one that has exited stays so."""
    if container in life.ephemeral:
        return True
    known = life.memory.containers.get(container["name"])
    if known is not None and known.restart:
        return False
    if container in life.init and not is_sidecar(container) and code == 0:
        return True
    return not should_restart(life.spec, container, code)


def _restarts_all(life: Life) -> Iterable[Object]:
    """A container that has exited with what restarts its whole pod."""
    if life.halted or not life.host.features.restart_all:
        return IS_NOT
    return [each for each in life.containers if "restartPolicyRules" in each and _is_source(life, each)]


def _is_source(life: Life, container: Object) -> bool:
    code = exit_code(life.statuses[container["name"]])
    return code is not None and restart_rule(container, code) == RESTART_ALL


def _restart_all(life: Life, source: Object) -> None:
    """From the first init container on, in the same sandbox."""
    why = "The container is removed because RestartAllContainers in place"
    for container in (*life.regular, *life.init):
        name, status = container["name"], life.statuses[container["name"]]
        if not has_run(status):
            continue
        if is_running(status):
            status = container_status.terminated(status, KILLED, life.time, RESTARTING_ALL, why)
        life.memory.containers.pop(name, None)
        life.statuses[name] = container_status.held(status, RESTARTING_ALL, why)


def back_off(life: Life, container: Object) -> None:
    """The first restart comes at once, the following ones after longer and longer (doBackOff)."""
    name, status = container["name"], life.statuses[container["name"]]
    known = life.memory.of(name)
    failed = life.now
    if known.restart:  # only an end before this one counts for what was stopped
        last = (status.get("lastState") or NOTHING).get("terminated")
        known.restart = False
        if last is None:
            start(life, container)
            return
        failed = parse_rfc3339(last["finishedAt"])
    if backoff.wait(known.back_off, failed, life.now) <= 0:
        known.back_off = backoff.longer(known.back_off, failed, life.now)
        start(life, container)
        return
    assert known.back_off is not None
    metadata = life.pod["metadata"]
    pod = f"{metadata['name']}_{metadata['namespace']}({life.uid})"
    told = f"restarting failed container={name} pod={pod}"
    life.tell("BackOff", f"Back-off restarting failed container {name} in pod {pod}", container, "Warning")
    message = f"back-off {_go_seconds(known.back_off.delay)} {told}"
    life.statuses[name] = container_status.held(status, CRASH_LOOP, message)


def _go_seconds(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def _backing_off(life: Life) -> Iterable[Object]:
    if life.halted:
        return IS_NOT
    found = [each for each in life.containers if waiting_reason(life.statuses[each["name"]]) == CRASH_LOOP]
    return IS_NOT if found and life.is_held_up else found


def _back_off_delay(life: Life, container: Object) -> float:
    known = life.memory.of(container["name"]).back_off
    return known.delay if known is not None else 0.0


def _restart(life: Life, container: Object) -> None:
    known = life.memory.of(container["name"])
    known.back_off = backoff.longer(known.back_off, life.now, life.now)
    start(life, container)


def _outdated(life: Life) -> Iterable[Object]:
    """Running containers of which the spec has another image by now."""
    if life.halted:
        return IS_NOT
    return [
        each
        for each in life.containers
        if is_running(status := life.statuses[each["name"]])
        and status["image"] != normalized(each["image"])
        and not life.is_starting(each["name"])
        and not is_stopping(life, each)
    ]


def _replace(life: Life, container: Object) -> None:
    message = f"Container {container['name']} definition changed, will be restarted"
    stop(life, container, message, own_grace(life), restart=True)


EXITED = Stage("exited", _mortal, _exit, _run_delay)
ALL_RESTARTED = Stage("all restarted", _restarts_all, _restart_all)
BACK_OFF = Stage("back-off", _restartable, back_off)
RESTARTED = Stage("restarted", _backing_off, _restart, _back_off_delay)
OUTDATED = Stage("outdated", _outdated, _replace)
