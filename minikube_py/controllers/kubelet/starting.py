"""From a pod's arrival on its node until it is ready."""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.controllers.kubelet import containers as container_status
from minikube_py.controllers.kubelet.containers import CRASH_LOOP, is_running
from minikube_py.controllers.kubelet.life import Life, PodEvent
from minikube_py.controllers.kubelet.network import Exhausted
from minikube_py.controllers.kubelet.podstatus import is_initialized
from minikube_py.controllers.kubelet.stage import IS, IS_NOT, Stage
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.podresources import is_sidecar

SANDBOX_RETRY = 10.0
"""Seconds until a sandbox that could not be had is tried again."""


def _arrived(life: Life) -> Iterable[Object]:
    return IS if not life.started and not life.finished and not life.deleting else IS_NOT


def _admit(life: Life, _: Object) -> None:
    life.started = life.time


def _without_sandbox(life: Life) -> Iterable[Object]:
    return IS if life.started and not life.address and not life.finished and not life.deleting else IS_NOT


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
        return IS_NOT
    for container in life.init:
        status = life.statuses[container["name"]]
        if not is_initialized(container, status):
            return (container,) if _is_fresh(status) else IS_NOT
    return [each for each in (*life.regular, *life.ephemeral) if _is_fresh(life.statuses[each["name"]])]


def _is_fresh(status: Object) -> bool:
    """Whether it has never run."""
    waiting = status["state"].get("waiting")
    return waiting is not None and waiting.get("reason") != CRASH_LOOP


def _start_delay(life: Life, container: Object) -> float:
    return life.behaviour(container).start


def start(life: Life, container: Object) -> None:
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
        return IS_NOT
    lasting = life.regular if not life.init else [each for each in life.init if is_sidecar(each)] + life.regular
    return [each for each in lasting if not (status := life.statuses[each["name"]])["ready"] and is_running(status)]


def _ready_delay(life: Life, container: Object) -> float:
    return life.behaviour(container).ready


def _become_ready(life: Life, container: Object) -> None:
    name = container["name"]
    life.statuses[name] = {**life.statuses[name], "ready": True}


ADMITTED = Stage("admitted", _arrived, _admit)
SANDBOX = Stage("sandbox", _without_sandbox, _create_sandbox, _sandbox_delay)
STARTED = Stage("started", _startable, start, _start_delay)
READY = Stage("ready", _unready, _become_ready, _ready_delay)
