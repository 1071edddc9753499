"""From a pod's arrival on its node until it is ready."""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.controllers.kubelet import containers as container_status
from minikube_py.controllers.kubelet.attachments import waits_for_attachment
from minikube_py.controllers.kubelet.behaviour import NEVER
from minikube_py.controllers.kubelet.containers import (
    CRASH_LOOP,
    POST_START_FAILED,
    has_run,
    is_running,
    waiting_reason,
)
from minikube_py.controllers.kubelet.hooks import POST_START, HookCall, expected
from minikube_py.controllers.kubelet.life import Life, PodEvent
from minikube_py.controllers.kubelet.memory import Starting
from minikube_py.controllers.kubelet.network import Exhausted
from minikube_py.controllers.kubelet.obstacles import CONFIG, INVALID, PULL, PULLS, Obstacle, obstacle
from minikube_py.controllers.kubelet.podstatus import is_initialized
from minikube_py.controllers.kubelet.prober import is_probed
from minikube_py.controllers.kubelet.pulling import fail_to_pull, tell_pulled
from minikube_py.controllers.kubelet.stage import IS, IS_NOT, Stage
from minikube_py.controllers.kubelet.volumes import mount_problems
from minikube_py.machinery.gvr import Object

NOTHING_YET = (
    container_status.CONTAINER_CREATING,
    container_status.POD_INITIALIZING,
    container_status.RESTARTING_ALL,
)
"""Reasons of those that wait for their turn alone."""

CONFIG_RETRY = 10.0
"""Seconds until a container of which the environment cannot be made is tried again (kubelet.go backOffPeriod)."""

SANDBOX_RETRY = 10.0
"""Seconds until a sandbox that could not be had is tried again."""


def _arrived(life: Life) -> Iterable[Object]:
    return IS if not life.started and not life.finished and not life.deleting else IS_NOT


def _admit(life: Life, _: Object) -> None:
    life.started = life.time
    if life.refusal is not None:
        life.events.append(PodEvent("Warning", *life.refusal))
        life.stopped_for_good = life.finished = True


def _without_sandbox(life: Life) -> Iterable[Object]:
    if not life.started or life.address or life.halted:
        return IS_NOT
    return IS_NOT if life.objects and (mount_problems(life) or waits_for_attachment(life)) else IS


def _sandbox_delay(life: Life, _: Object) -> float:
    return SANDBOX_RETRY if life.memory.since.get(("no address", "")) else 0.0


def _create_sandbox(life: Life, _: Object) -> None:
    host = life.host
    if life.spec.get("hostNetwork"):
        life.address = host.address
        return
    try:
        life.address = host.network.allocate(life.uid)
    except Exhausted as error:
        life.memory.since[("no address", "")] = life.now
        why = f"rpc error: code = Unknown desc = failed to setup network for sandbox: {error}"
        life.events.append(PodEvent("Warning", "FailedCreatePodSandBox", f"Failed to create pod sandbox: {why}"))


def _startable(life: Life) -> Iterable[Object]:
    """Ephemeral containers, and the next init container; once all of those are through, all others. They are started
    one after the other: each is through its postStart hook before the next."""
    if not life.address or life.halted or life.is_held_up:
        return IS_NOT
    found = [each for each in life.ephemeral if _may_start(life, each)]
    for container in life.init:
        status = life.statuses[container["name"]]
        if not is_initialized(container, status):
            return [*found, container] if _may_start(life, container) else found
    return [*found, *(each for each in life.regular if _may_start(life, each))]


def _may_start(life: Life, container: Object) -> bool:
    """Whether it waits, and for nothing that is not over."""
    reason = waiting_reason(life.statuses[container["name"]])
    if not reason or reason in (CRASH_LOOP, POST_START_FAILED):
        return False
    if reason in NOTHING_YET:
        return True
    return _is_new(life, container, obstacle(life, container))


def _is_new(life: Life, container: Object, found: Obstacle | None) -> bool:
    """Whether what it waits for has changed."""
    if found is None:
        return True
    waiting = life.statuses[container["name"]]["state"]["waiting"]
    if found.reason == PULL and waiting["reason"] in PULLS:
        return life.memory.of(container["name"]).pulled not in ("", container["image"])
    return (waiting["reason"], waiting.get("message")) != found


def _start_delay(life: Life, container: Object) -> float:
    behaviour = life.behaviour(container)
    return behaviour.start + (behaviour.pull if behaviour.pull < NEVER else 0.0)


def start(life: Life, container: Object) -> None:
    """Start it, anew if it has run before; or tell what stands in the way."""
    name = container["name"]
    found = obstacle(life, container)
    if found is None:
        tell_pulled(life, container)
        _create(life, container)
    elif found.reason == PULL:
        fail_to_pull(life, container, found)
    else:
        if found.reason == INVALID:
            life.tell("InspectFailed", found.message, container, "Warning")
        elif found.reason == CONFIG:
            tell_pulled(life, container)
            life.memory.of(name)  # so that it is tried again
        else:
            life.tell(found.reason, found.message, container, "Warning")
        why = found.message if found.reason == CONFIG else found.reason
        life.tell("Failed", f"Error: {why}", container, "Warning")
        life.statuses[name] = container_status.held(life.statuses[name], *found)


def _misconfigured(life: Life) -> Iterable[Object]:
    if life.halted or life.is_held_up:
        return IS_NOT
    return [each for each in life.containers if waiting_reason(life.statuses[each["name"]]) == CONFIG]


def _retry_delay(life: Life, _: Object) -> float:
    return CONFIG_RETRY


def _create(life: Life, container: Object) -> None:
    name, features = container["name"], life.host.features
    life.tell("Created", features.created(name), container)
    life.tell("Started", features.started(name), container)
    life.memory.wait_anew(name)
    before = life.statuses[name]
    known = life.memory.of(name) if is_probed(container) else life.memory.containers.get(name)
    if known is not None:
        known.began, known.pull, known.pulled = life.now, None, ""
    life.statuses[name] = container_status.running(
        container,
        {**before, "restartCount": before["restartCount"] + 1} if has_run(before) else before,
        life.host.random.bytes(32).hex(),
        life.time,
        life.spec.get("securityContext") or {},
        life.host.features,
    )
    _begin_hook(life, container, before)


def _begin_hook(life: Life, container: Object, before: Object) -> None:
    """It does not count as running before its hook is through."""
    hook = expected(container, POST_START, life.host.hooks)
    if hook is None or (hook.takes == 0 and not hook.error):
        return
    status, known = life.statuses[container["name"]], life.memory.of(container["name"])
    known.began = life.now
    known.starting = Starting(status, before, None if hook.takes is None else life.now + hook.takes, hook.error)
    if hook.takes is None:
        life.calls.append(HookCall(container, POST_START, status["containerID"]))


def _unready(life: Life) -> Iterable[Object]:
    """Running containers and sidecars that no probe tells of; the readiness of other init containers means that they
    have completed."""
    if life.finished or life.deleting:
        return IS_NOT
    return [
        each
        for each in life.lasting
        if not (status := life.statuses[each["name"]])["ready"]
        and is_running(status)
        and "readinessProbe" not in each
        and status.get("started")
        and not life.is_starting(each["name"])
    ]


def _ready_delay(life: Life, container: Object) -> float:
    return life.behaviour(container).ready


def _become_ready(life: Life, container: Object) -> None:
    name = container["name"]
    life.statuses[name] = {**life.statuses[name], "ready": True}


ADMITTED = Stage("admitted", _arrived, _admit)
SANDBOX = Stage("sandbox", _without_sandbox, _create_sandbox, _sandbox_delay)
STARTED = Stage("started", _startable, start, _start_delay)
CONFIG_RETRIED = Stage("configuration retried", _misconfigured, start, _retry_delay)
READY = Stage("ready", _unready, _become_ready, _ready_delay)
