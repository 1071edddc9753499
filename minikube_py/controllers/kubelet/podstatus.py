"""A pod's phase and conditions, from its containers (pkg/kubelet/kubelet_pods.go getPhase, status/generate.go)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from minikube_py.controllers.kubelet.containers import exit_code, is_running, last_exit_code, should_restart
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.podresources import is_sidecar

Statuses = Mapping[str, Object]
"""Container statuses by name."""

PENDING, RUNNING, SUCCEEDED, FAILED, UNKNOWN = "Pending", "Running", "Succeeded", "Failed", "Unknown"
FINISHED = (SUCCEEDED, FAILED)

OWN_CONDITIONS = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
"""Those that kubelets write, in their order."""

RESIZE_PENDING, RESIZE_IN_PROGRESS = "PodResizePending", "PodResizeInProgress"
"""Those that are there only while they are true."""
DEFERRED, INFEASIBLE, RESIZE_ERROR = "Deferred", "Infeasible", "Error"
"""Reasons of them."""


def phase_of(spec: Object, statuses: Statuses, stopped_for_good: bool) -> str:
    """`stopped_for_good`: the pod is at its end, and nothing will be restarted."""
    containers = spec["containers"]
    running = waiting = False
    ended: list[tuple[Object, int]] = []
    for container in containers:
        status = statuses[container["name"]]
        if is_running(status):
            running = True
        elif (code := last_exit_code(status)) is None:
            waiting = True
        else:
            ended.append((container, code))
    if "initContainers" in spec:
        if _failed_initialization(spec, statuses):
            return FAILED
        if not stopped_for_good and _is_pending(spec, statuses, running):
            return PENDING
    if waiting and not stopped_for_good:
        return PENDING
    if running or (not stopped_for_good and _any_sidecar_runs(spec, statuses)):
        return RUNNING
    if waiting:
        return FAILED
    if stopped_for_good or not any(should_restart(spec, container, code) for container, code in ended):
        return FAILED if any(code for _, code in ended) else SUCCEEDED
    return RUNNING


def _is_pending(spec: Object, statuses: Statuses, running: bool) -> bool:
    """Whether init containers are yet to complete, or sidecars to start for the first time."""
    for container in spec["initContainers"] or ():
        status = statuses[container["name"]]
        if not is_sidecar(container):
            if is_running(status) or last_exit_code(status) is None:
                return True
        elif is_running(status):
            if not status.get("started") and not running:
                return True
        elif last_exit_code(status) is None:
            return True
    return False


def _any_sidecar_runs(spec: Object, statuses: Statuses) -> bool:
    return any(is_sidecar(each) and is_running(statuses[each["name"]]) for each in spec.get("initContainers") or ())


def _has_started(spec: Object, statuses: Statuses) -> bool:
    """Whether any regular container has."""
    regular = (statuses[each["name"]] for each in spec["containers"])
    return any(is_running(status) or last_exit_code(status) is not None for status in regular)


def is_initialized(container: Object, status: Object) -> bool:
    """A sidecar once it has started, another init container once it has completed."""
    return bool(status.get("started")) if is_sidecar(container) else exit_code(status) == 0


def _failed_initialization(spec: Object, statuses: Statuses) -> bool:
    for container in spec.get("initContainers") or ():
        code = last_exit_code(statuses[container["name"]])
        if code and not is_sidecar(container) and not should_restart(spec, container, code):
            return True
    return False


class Verdict(NamedTuple):
    """A condition's status, and why."""

    status: bool
    reason: str = ""
    message: str = ""


_TRUE = Verdict(True)


def _names(containers: list[str]) -> str:
    return f"[{' '.join(containers)}]"


def containers_ready(spec: Object, statuses: Statuses, phase: str) -> Verdict:
    if phase == SUCCEEDED:
        return Verdict(False, "PodCompleted")
    if phase == FAILED:
        return Verdict(False, "PodFailed")
    lasting = [each for each in spec.get("initContainers") or () if is_sidecar(each)] + spec["containers"]
    unready = [each["name"] for each in lasting if not statuses[each["name"]]["ready"]]
    if unready:
        return Verdict(False, "ContainersNotReady", f"containers with unready status: {_names(unready)}")
    return _TRUE


def pod_ready(spec: Object, containers: Verdict, others: Mapping[str, Object]) -> Verdict:
    """`others` are the pod's conditions by type, among them those of its readiness gates."""
    if not containers.status:
        return containers
    problems: list[str] = []
    for gate in spec.get("readinessGates") or ():
        type = gate["conditionType"]
        condition = others.get(type)
        if condition is None:
            problems.append(f'corresponding condition of pod readiness gate "{type}" does not exist.')
        elif condition["status"] != "True":
            problems.append(f'the status of pod readiness gate "{type}" is not "True", but {condition["status"]}')
    return Verdict(False, "ReadinessGatesNotReady", ", ".join(problems)) if problems else _TRUE


def initialized(spec: Object, statuses: Statuses, phase: str) -> Verdict:
    if phase == SUCCEEDED:
        return Verdict(True, "PodCompleted")
    containers = spec.get("initContainers")
    if not containers or _has_started(spec, statuses):
        return _TRUE
    missing = [each["name"] for each in containers if not is_initialized(each, statuses[each["name"]])]
    if missing:
        return Verdict(False, "ContainersNotInitialized", f"containers with incomplete status: {_names(missing)}")
    return _TRUE
