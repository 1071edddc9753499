"""Images that are pulled, and tried again and again where they cannot be (pkg/kubelet/images/image_manager.go)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from minikube_py.controllers.kubelet import containers as container_status
from minikube_py.controllers.kubelet.backoff import longer
from minikube_py.controllers.kubelet.behaviour import NEVER
from minikube_py.controllers.kubelet.containers import waiting_reason
from minikube_py.controllers.kubelet.life import Life
from minikube_py.controllers.kubelet.obstacles import PULL, PULL_BACK_OFF, Obstacle, image_obstacle, pull_error
from minikube_py.controllers.kubelet.stage import IS_NOT, Stage
from minikube_py.machinery.gvr import Object

NOTICED = 1.0
"""Seconds for which a failure is told before the back-off is."""


def tell_pulled(life: Life, container: Object) -> None:
    image, takes = container["image"], life.behaviour(container).pull
    if container.get("imagePullPolicy") == "Always" or 0 < takes < NEVER:
        life.tell("Pulling", f'Pulling image "{image}"', container)
        took = f"{takes:g}s"
        size = f"({took} including waiting). Image size: 0 bytes."
        life.tell("Pulled", f'Successfully pulled image "{image}" in {took} {size}', container)
    else:
        access = " and can be accessed by the pod" if life.host.features.image_access else ""
        life.tell("Pulled", f'Container image "{image}" already present on machine{access}', container)


def fail_to_pull(life: Life, container: Object, found: Obstacle) -> None:
    name, image = container["name"], container["image"]
    known = life.memory.of(name)
    if known.pulled != image:
        known.pull = None  # each image has a back-off of its own
    known.pull, known.pulled = longer(known.pull, life.now, life.now), image
    life.tell("Pulling", f'Pulling image "{image}"', container)
    life.tell("Failed", f'Failed to pull image "{image}": {found.message}', container, "Warning")
    life.tell("Failed", f"Error: {PULL}", container, "Warning")
    life.statuses[name] = container_status.held(life.statuses[name], *found)


def _waiting(reason: str) -> Callable[[Life], Iterable[Object]]:
    def waiting(life: Life) -> Iterable[Object]:
        if not life.memory.containers or life.halted:
            return IS_NOT
        return [
            each
            for each in life.containers
            if waiting_reason(life.statuses[each["name"]]) == reason and image_obstacle(life, each)
        ]

    return waiting


def _noticed_at(life: Life, container: Object) -> float:
    pull = life.memory.of(container["name"]).pull
    return life.now if pull is None else pull.since + NOTICED


def _back_off(life: Life, container: Object) -> None:
    name, image = container["name"], container["image"]
    message = f'Back-off pulling image "{image}"'
    life.tell("BackOff", message, container)
    life.tell("Failed", f"Error: {PULL_BACK_OFF}", container, "Warning")
    told = f"{message}: {PULL}: {pull_error(image)}"
    life.statuses[name] = container_status.held(life.statuses[name], PULL_BACK_OFF, told)


def _retried_at(life: Life, container: Object) -> float:
    pull = life.memory.of(container["name"]).pull
    return life.now if pull is None else pull.since + pull.delay


def _retry(life: Life, container: Object) -> None:
    found = image_obstacle(life, container)
    if found is not None:
        fail_to_pull(life, container, found)


PULL_FAILED = Stage("pull failed", _waiting(PULL), _back_off, at=_noticed_at)
PULL_RETRIED = Stage("pull retried", _waiting(PULL_BACK_OFF), _retry, at=_retried_at)
