"""The stages of a pod's life, as data: when, after what delay, and what then (after kwok's Stages).

                admitted -> sandbox -> init containers, one after the other -> containers run -> ready
    running:    exited -> restarted, or backing off -> restarted
                its image changed -> restarted; its resources changed -> resized
    deleted:    told to stop -> stopped -> gone

A row's `when` names the containers that are ready for it ({"name": ""} stands for the pod as a whole).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from minikube_py.controllers.kubelet import containers as container_status
from minikube_py.controllers.kubelet.behaviour import back_off
from minikube_py.controllers.kubelet.containers import CRASH_LOOP, exit_code, is_running, is_sidecar, should_restart
from minikube_py.controllers.kubelet.image import normalized
from minikube_py.controllers.kubelet.life import Life, PodEvent
from minikube_py.controllers.kubelet.network import Exhausted
from minikube_py.controllers.kubelet.podstatus import is_initialized
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.gvr import Object

_POD: Object = {"name": ""}
_IS: tuple[Object, ...] = (_POD,)
_IS_NOT: tuple[Object, ...] = ()
_NONE: Object = {}

SANDBOX_RETRY = 10.0
"""Seconds until a sandbox that could not be had is tried again."""
TERMINATED, KILLED = 143, 137
"""Exit codes of what ends on SIGTERM without having meant to, and on SIGKILL."""


@dataclass(frozen=True)
class Stage:
    name: str
    when: Callable[[Life], Iterable[Object]]
    next: Callable[[Life, Object], None]
    delay: Callable[[Life, Object], float] | None = None
    """Seconds from when it was first seen to be time for it; None for at once."""


# From its arrival until it runs


def _arrived(life: Life) -> Iterable[Object]:
    return _IS if not life.started and not life.finished and not life.deleting else _IS_NOT


def _admit(life: Life, _: Object) -> None:
    life.started = life.time


def _without_sandbox(life: Life) -> Iterable[Object]:
    return _IS if life.started and not life.address and not life.finished and not life.deleting else _IS_NOT


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
    """The next init container; once all are through, all others."""
    if not life.address or life.finished or life.deleting:
        return _IS_NOT
    for container in life.init:
        status = life.statuses[container["name"]]
        if not is_initialized(container, status):
            return (container,) if _is_fresh(status) else _IS_NOT
    return [each for each in (*life.regular, *life.ephemeral) if _is_fresh(life.statuses[each["name"]])]


def _is_fresh(status: Object) -> bool:
    """Whether it has never run."""
    waiting = status["state"].get("waiting")
    return waiting is not None and waiting.get("reason") != CRASH_LOOP


def _start_delay(life: Life, container: Object) -> float:
    return life.behaviour(container).start


def _start(life: Life, container: Object) -> None:
    name, image = container["name"], container["image"]
    if container.get("imagePullPolicy") == "Always":
        life.tell("Pulling", f'Pulling image "{image}"', container)
        size = "(0s including waiting). Image size: 0 bytes."
        life.tell("Pulled", f'Successfully pulled image "{image}" in 0s {size}', container)
    else:
        access = " and can be accessed by the pod" if life.host.features.image_access else ""
        life.tell("Pulled", f'Container image "{image}" already present on machine{access}', container)
    life.tell("Created", life.host.features.created(name), container)
    life.tell("Started", life.host.features.started(name), container)
    life.statuses[name] = container_status.running(
        container,
        life.statuses[name],
        life.host.random.bytes(32).hex(),
        life.time,
        life.spec.get("securityContext") or {},
        life.host.features,
    )


def _unready(life: Life) -> Iterable[Object]:
    """Running containers and sidecars; the readiness of others means that they have completed."""
    if life.finished or life.deleting:
        return _IS_NOT
    lasting = life.regular if not life.init else [each for each in life.init if is_sidecar(each)] + life.regular
    return [
        each
        for each in lasting
        if not (status := life.statuses[each["name"]])["ready"] and is_running(status)
    ]


def _ready_delay(life: Life, container: Object) -> float:
    return life.behaviour(container).ready


def _become_ready(life: Life, container: Object) -> None:
    name = container["name"]
    life.statuses[name] = {**life.statuses[name], "ready": True}


# Exits and restarts


def _mortal(life: Life) -> Iterable[Object]:
    if life.deleting or life.finished:
        return _IS_NOT
    return [
        each
        for each in life.containers
        if is_running(life.statuses[each["name"]]) and life.behaviour(each).run is not None
    ]


def _run_delay(life: Life, container: Object) -> float:
    return life.behaviour(container).run or 0.0


def _exit(life: Life, container: Object) -> None:
    name = container["name"]
    ended = container_status.terminated(life.statuses[name], life.behaviour(container).exit_code, life.time)
    is_init = container in life.init and not is_sidecar(container)
    life.statuses[name] = {**ended, "ready": is_init and exit_code(ended) == 0}


def _restartable(life: Life) -> Iterable[Object]:
    """Exited containers whose policy is to run them again."""
    if life.deleting or life.finished:
        return _IS_NOT
    found: list[Object] = []
    for container in life.containers:
        code = exit_code(life.statuses[container["name"]])
        if code is not None and not _is_over(life, container, code):
            found.append(container)
    return found


def _is_over(life: Life, container: Object, code: int) -> bool:
    if container in life.ephemeral:
        return True
    if container in life.init and not is_sidecar(container):
        return code == 0 or life.spec.get("restartPolicy") == "Never"
    return not should_restart(life.spec, container, code)


def _back_off(life: Life, container: Object) -> None:
    """The first restart comes at once, the following ones after longer and longer."""
    name, status = container["name"], life.statuses[container["name"]]
    delay = back_off(status["restartCount"])
    if not delay:
        _restart(life, container)
        return
    metadata = life.pod["metadata"]
    pod = f"{metadata['name']}_{metadata['namespace']}({life.uid})"
    told = f"restarting failed container={name} pod={pod}"
    life.tell("BackOff", f"Back-off restarting failed container {name} in pod {pod}", container, "Warning")
    life.statuses[name] = container_status.backing_off(status, f"back-off {_go_seconds(delay)} {told}")


def _go_seconds(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def _backing_off(life: Life) -> Iterable[Object]:
    if life.deleting or life.finished:
        return _IS_NOT
    return [
        each
        for each in life.containers
        if (life.statuses[each["name"]]["state"].get("waiting") or _POD).get("reason") == CRASH_LOOP
    ]


def _back_off_delay(life: Life, container: Object) -> float:
    return back_off(life.statuses[container["name"]]["restartCount"])


def _restart(life: Life, container: Object) -> None:
    name = container["name"]
    restarts = life.statuses[name]["restartCount"] + 1
    life.statuses[name] = {**life.statuses[name], "restartCount": restarts}
    _start(life, container)


def _outdated(life: Life) -> Iterable[Object]:
    """Running containers of which the spec has another image by now."""
    if life.deleting or life.finished:
        return _IS_NOT
    return [
        each
        for each in life.containers
        if is_running(status := life.statuses[each["name"]]) and status["image"] != normalized(each["image"])
    ]


def _replace(life: Life, container: Object) -> None:
    name = container["name"]
    life.tell("Killing", f"Container {name} definition changed, will be restarted", container)
    life.statuses[name] = container_status.terminated(life.statuses[name], 0, life.time)
    _restart(life, container)


def _resized(life: Life) -> Iterable[Object]:
    """Running containers of which the spec has other resources by now."""
    if life.deleting or life.finished or not life.host.features.container_resources:
        return _IS_NOT
    return [
        each
        for each in life.containers
        if is_running(status := life.statuses[each["name"]])
        and status.get("resources", _NONE) != (each.get("resources") or _NONE)
    ]


def _resize(life: Life, container: Object) -> None:
    """In place, unless the container wants to be restarted for it."""
    name = container["name"]
    old, new = life.statuses[name].get("resources", _NONE), container.get("resources") or _NONE
    changed = {
        resource
        for field in ("requests", "limits")
        for resource in {*old.get(field, _NONE), *new.get(field, _NONE)}
        if old.get(field, _NONE).get(resource) != new.get(field, _NONE).get(resource)
    }
    restart = any(
        policy["resourceName"] in changed and policy["restartPolicy"] == "RestartContainer"
        for policy in container.get("resizePolicy") or ()
    )
    if restart:
        life.tell("Killing", f"Container {name} resize requires restart", container)
        life.statuses[name] = container_status.terminated(life.statuses[name], 0, life.time)
        _restart(life, container)
    life.statuses[name] = container_status.resized(life.statuses[name], new)


# Its end


def _over(life: Life) -> Iterable[Object]:
    """All regular containers have exited for good: the pod has succeeded or failed."""
    if life.stopped_for_good or life.deleting:
        return _IS_NOT
    for container in life.regular:
        code = exit_code(life.statuses[container["name"]])
        if code is None or not _is_over(life, container, code):
            return _IS_NOT
    return _IS


def _finish(life: Life, _: Object) -> None:
    for container in life.containers:  # sidecars end with the containers that they serve
        _stop_container(life, container, 0)
    life.stopped_for_good = life.finished = True


def _past_deadline(life: Life) -> Iterable[Object]:
    deadline = life.spec.get("activeDeadlineSeconds")
    return _IS if deadline is not None and life.started and not life.finished and not life.deleting else _IS_NOT


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
    return _IS if life.deleting and not life.memory.killing and life.any_running() else _IS_NOT


def _kill(life: Life, _: Object) -> None:
    life.memory.killing = True
    for container in life.containers:
        if is_running(life.statuses[container["name"]]):
            life.tell("Killing", f"Stopping container {container['name']}", container)


def _stopping(life: Life) -> Iterable[Object]:
    return _IS if life.deleting and life.memory.killing and life.any_running() else _IS_NOT


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
        in_time = life.behaviour(container).stop <= _grace(life)
        _stop_container(life, container, KILLED if not in_time else 0 if forever else TERMINATED)
    life.stopped_for_good = True


def _stop_container(life: Life, container: Object, code: int) -> None:
    status = life.statuses[container["name"]]
    if is_running(status):
        life.statuses[container["name"]] = container_status.terminated(status, code, life.time)


def _stopped(life: Life) -> Iterable[Object]:
    return _IS if life.deleting and not life.gone and not life.any_running() else _IS_NOT


def _go(life: Life, _: Object) -> None:
    life.gone = life.stopped_for_good = True


STAGES = (
    Stage("admitted", _arrived, _admit),
    Stage("sandbox", _without_sandbox, _create_sandbox, _sandbox_delay),
    Stage("deadline", _past_deadline, _exceed_deadline, _deadline_delay),
    Stage("started", _startable, _start, _start_delay),
    Stage("outdated", _outdated, _replace),
    Stage("resized", _resized, _resize),
    Stage("ready", _unready, _become_ready, _ready_delay),
    Stage("exited", _mortal, _exit, _run_delay),
    Stage("over", _over, _finish),
    Stage("back-off", _restartable, _back_off),
    Stage("restarted", _backing_off, _restart, _back_off_delay),
    Stage("killed", _to_be_killed, _kill),
    Stage("stopped", _stopping, _stop, _stop_delay),
    Stage("gone", _stopped, _go),
)

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
