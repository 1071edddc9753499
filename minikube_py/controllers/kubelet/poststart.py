"""Containers that are held up by their postStart hooks (pkg/kubelet/kuberuntime/kuberuntime_container.go
startContainer).

started -> its hook is through -> told of as running
        -> its hook failed -> killed, as others are -> PostStartHookError -> restarted, or backing off

A pod's containers are started one after the other, so a hook holds up all that come after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from minikube_py.controllers.kubelet import containers as container_status
from minikube_py.controllers.kubelet.changing import back_off, is_over
from minikube_py.controllers.kubelet.containers import POST_START_FAILED, exit_code, is_running, waiting_reason
from minikube_py.controllers.kubelet.hooks import POST_START, HookCall, HookOutcome
from minikube_py.controllers.kubelet.life import Life, PodEvent
from minikube_py.controllers.kubelet.memory import Starting
from minikube_py.controllers.kubelet.stage import IS_NOT, Stage
from minikube_py.controllers.kubelet.stopping import (
    end_pre_stop,
    is_stopping,
    own_grace,
    stop,
    tell_post_start_failed,
)
from minikube_py.machinery.gvr import Object

NOTICED = 1.0
"""Seconds until an end after a failed hook is seen, and the container tried again (genericPlegRelistPeriod)."""

FROM_ITS_START = ("ready", "exited")
"""Stages that are waited for from when it started, though nobody knew."""


def hooked(life: Life, call: HookCall, outcome: HookOutcome) -> None:
    """Take in what came of a hook, if anybody waits for it yet."""
    name = call.container["name"]
    known = life.memory.containers.get(name)
    if known is None or life.statuses.get(name, {}).get("containerID") != call.container_id:
        return
    if outcome.plain:
        asked = f"request to HTTPS lifecycle hook {outcome.plain} got HTTP response, retry with HTTP succeeded"
        life.events.append(PodEvent("Warning", "LifecycleHTTPFallback", asked))
    if call.name != POST_START:
        if known.stopping is not None and known.stopping.hooking:
            end_pre_stop(life, call.container, outcome.error)
    elif known.starting is not None and known.starting.ends is None:
        known.starting = replace(known.starting, ends=life.now, error=outcome.error)


def _starting(life: Life, container: Object) -> Starting | None:
    known = life.memory.containers.get(container["name"])
    return known.starting if known is not None else None


def _hooked(life: Life) -> Iterable[Object]:
    """Those whose hook has an end that is known."""
    if not life.is_held_up:
        return IS_NOT
    return [
        each
        for each in life.containers
        if (found := _starting(life, each)) is not None
        and found.ends is not None
        and is_running(life.statuses[each["name"]])
        and not is_stopping(life, each)
    ]


def _hook_ends(life: Life, container: Object) -> float:
    found = _starting(life, container)
    assert found is not None and found.ends is not None
    return found.ends


def _end_hook(life: Life, container: Object) -> None:
    known = life.memory.of(container["name"])
    assert known.starting is not None
    if known.starting.error:
        tell_post_start_failed(life, container)
        stop(life, container, "FailedPostStartHook", own_grace(life))
    else:
        known.starting = None
        for waited in FROM_ITS_START:
            life.memory.since[waited, container["name"]] = life.began(container["name"])


def _failed(life: Life) -> Iterable[Object]:
    """Those that have been killed for their hooks."""
    if not life.is_held_up:
        return IS_NOT
    return [
        each
        for each in life.containers
        if life.is_starting(each["name"]) and exit_code(life.statuses[each["name"]]) is not None
    ]


def _tell_failed(life: Life, container: Object) -> None:
    name, known = container["name"], life.memory.of(container["name"])
    assert known.starting is not None
    error, known.starting = known.starting.error, None
    status = life.statuses[name]
    if not life.halted and not is_over(life, container, exit_code(status) or 0):
        life.statuses[name] = container_status.held(status, POST_START_FAILED, error)


def _retriable(life: Life) -> Iterable[Object]:
    if not life.memory.containers or life.halted or life.is_held_up:
        return IS_NOT
    return [each for each in life.containers if waiting_reason(life.statuses[each["name"]]) == POST_START_FAILED]


def _noticed_delay(life: Life, _: Object) -> float:
    return NOTICED


HOOKED = Stage("hooked", _hooked, _end_hook, at=_hook_ends)
HOOK_FAILED = Stage("hook failed", _failed, _tell_failed)
HOOK_RETRIED = Stage("hook retried", _retriable, back_off, _noticed_delay)
