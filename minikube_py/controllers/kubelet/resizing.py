"""Pods that are given other resources while they run (pkg/kubelet/allocation,
kuberuntime/kuberuntime_manager.go doPodResizeAction).

asked -> pending: deferred until its node has room, or infeasible, for it never will
      -> in progress -> carried out; or in error, as long as a limit would be below what is used already
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from minikube_py.controllers.kubelet import containers as container_status
from minikube_py.controllers.kubelet.admission import Refusal
from minikube_py.controllers.kubelet.containers import is_running
from minikube_py.controllers.kubelet.life import Life, PodEvent
from minikube_py.controllers.kubelet.memory import Resizing
from minikube_py.controllers.kubelet.podresources import pod_resources
from minikube_py.controllers.kubelet.podstatus import DEFERRED, INFEASIBLE, RESIZE_PENDING
from minikube_py.controllers.kubelet.stage import IS, IS_NOT, NOTHING, Stage
from minikube_py.controllers.kubelet.stopping import is_stopping, own_grace, stop
from minikube_py.controllers.kubelet.usage import container_usage
from minikube_py.machinery import quantity
from minikube_py.machinery.gotext import json_text, quote
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import generation
from minikube_py.machinery.podresources import is_sidecar


def _asked(life: Life) -> Iterable[Object]:
    """A pod that wants other resources than it was granted; it is answered once a sync."""
    if life.halted or life.pending is not None or life.granted or not life.host.features.container_resources:
        return IS_NOT
    return IS if _differs(life) else IS_NOT


def _differs(life: Life) -> bool:
    granted = life.memory.resizing
    if granted is not None:
        return granted.spec is not life.spec and _resources(life, granted.spec) != _resources(life, life.spec)
    for container in _resizable(life, life.spec):
        status = life.statuses[container["name"]]
        if "resources" not in status and not is_running(status):
            continue  # it has never run: it will be given what it wants by then
        if status.get("resources", NOTHING) != (container.get("resources") or NOTHING):
            return True
    if "resources" not in life.spec or not life.host.features.pod_resources or "resources" not in life.old:
        return False
    return bool(life.old["resources"] != pod_resources(life.spec)["resources"])


def _resizable(life: Life, spec: Object) -> list[Object]:
    """All containers but, in older versions, those that run to their end before others start."""
    init = spec.get("initContainers")
    if not init:
        return list(spec["containers"])
    return [each for each in init if life.host.features.resize_init or is_sidecar(each)] + list(spec["containers"])


def _resources(life: Life, spec: Object) -> list[Object]:
    return [each.get("resources") or NOTHING for each in (*_resizable(life, spec), spec)]


def _answer(life: Life, _: Object) -> None:
    number = generation(life.pod)
    life.pending = _refusal(life)
    if life.pending is not None:
        reason, message = life.pending
        if _is_news(life, life.pending):
            _tell(life, f"Resize{reason}", f"Pod resize {reason}", life.spec, number, message)
        return
    life.granted = True
    life.memory.resizing = Resizing(life.spec, number, life.now)
    for container in _resizable(life, life.spec):
        status = life.statuses[container["name"]]
        if "resources" in status:
            resources = container.get("resources") or NOTHING
            life.statuses[container["name"]] = container_status.allocated(status, resources)
    _tell(life, "ResizeStarted", "Pod resize started", life.spec, number)


def _refusal(life: Life) -> Refusal | None:
    """Why it cannot have what it asks for, if it cannot. From 1.36 on the API refuses what never will be."""
    admission = life.host.admission
    if admission is None:
        return None
    never = admission.beyond(life.pod) if life.host.features.resize_infeasible else ""
    if never:
        return Refusal(INFEASIBLE, never)
    refusal = admission.resize(life.pod)
    return None if refusal is None else Refusal(DEFERRED, refusal.message)


def _is_news(life: Life, pending: Refusal) -> bool:
    for condition in life.old.get("conditions") or ():
        if condition["type"] == RESIZE_PENDING and condition.get("reason") == pending.reason:
            return bool(condition.get("observedGeneration", 0) != generation(life.pod))
    return True


def _tell(life: Life, reason: str, doing: str, spec: Object, number: int, error: str = "") -> None:
    """Of the spec that it is about, and its generation."""
    if life.host.features.resize_events:
        message = f"{doing}: {json_text(_summary(spec, number, error))}"
        life.events.append(PodEvent("Warning" if error else "Normal", reason, message))


def _summary(spec: Object, number: int, error: str) -> Object:
    """What is asked for, as events tell it (pkg/kubelet/events/resize.go)."""
    told: Object = {}
    for field in ("initContainers", "containers"):
        if spec.get(field):
            told[field] = [{"name": each["name"], "resources": each.get("resources") or {}} for each in spec[field]]
    told["generation"] = number
    if error:
        told["error"] = error
    return told


# Carrying it out


def _in_progress(life: Life) -> Iterable[Object]:
    resizing = life.memory.resizing
    if resizing is None or life.halted:
        return IS_NOT
    return IS if not resizing.error or _problem(life, resizing.spec) != resizing.error else IS_NOT


def _done_at(life: Life, _: Object) -> float:
    resizing = life.memory.resizing
    assert resizing is not None
    return resizing.began + max(life.behaviour(each).resize for each in life.containers)


def _carry_out(life: Life, _: Object) -> None:
    resizing = life.memory.resizing
    assert resizing is not None
    problem = _problem(life, resizing.spec)
    if problem:
        life.memory.resizing = replace(resizing, error=problem)
        _tell(life, "ResizeError", "Pod resize error", resizing.spec, resizing.generation, problem)
        return
    for container in _resizable(life, resizing.spec):
        _resize(life, container)
    life.actual = resizing.spec
    _tell(life, "ResizeCompleted", "Pod resize completed", resizing.spec, resizing.generation)
    life.memory.resizing = None


def _problem(life: Life, spec: Object) -> str:
    """What of it cannot be done: a limit of memory does not go below what is used (validateMemoryResizeAction)."""
    annotations = life.pod["metadata"].get("annotations") or NOTHING
    running = [each for each in life.containers if is_running(life.statuses[each["name"]])]
    used = {each["name"]: container_usage(_as_it_is(life, each), annotations)["memory"].value() for each in running}
    wrong: list[str] = []
    for container in _resizable(life, spec):
        name, status = container["name"], life.statuses[container["name"]]
        before, after = _memory_limit(status.get("resources")), _memory_limit(container.get("resources"))
        if name not in used or before is None or after is None or after >= before or used[name] < after:
            continue
        if not _restarts(status, container):
            total = sum(used.values())
            wrong.append(
                f"attempting to set container {quote(name)} memory limit ({after}) below current usage ({total})"
            )
    if not wrong:
        return ""
    told = wrong[0] if len(wrong) == 1 else f"[{', '.join(wrong)}]"
    return f"cannot decrease memory limits: {told}"


def _as_it_is(life: Life, container: Object) -> Object:
    """With the resources that it has at the moment."""
    return {**container, "resources": life.statuses[container["name"]].get("resources") or NOTHING}


def _memory_limit(resources: Object | None) -> int | None:
    """Bytes."""
    text = ((resources or NOTHING).get("limits") or NOTHING).get("memory")
    return None if text is None else quantity.parse(text).value()


def _resize(life: Life, container: Object) -> None:
    """In place, unless the container wants to be restarted for it."""
    name, status = container["name"], life.statuses[container["name"]]
    if "resources" not in status and not is_running(status):
        return
    new = container.get("resources") or NOTHING
    restart = is_running(status) and _restarts(status, container)
    life.statuses[name] = container_status.resized(status, new)
    if restart and not is_stopping(life, container):
        stop(life, container, f"Container {name} resize requires restart", own_grace(life), restart=True)


def _restarts(status: Object, container: Object) -> bool:
    """Whether its resizePolicy says so of any resource that changes."""
    old, new = status.get("resources", NOTHING), container.get("resources") or NOTHING
    changed = {
        resource
        for field in ("requests", "limits")
        for resource in {*old.get(field, NOTHING), *new.get(field, NOTHING)}
        if old.get(field, NOTHING).get(resource) != new.get(field, NOTHING).get(resource)
    }
    return any(
        policy["resourceName"] in changed and policy["restartPolicy"] == "RestartContainer"
        for policy in container.get("resizePolicy") or ()
    )


RESIZE_ASKED = Stage("resize asked", _asked, _answer)
RESIZED = Stage("resized", _in_progress, _carry_out, at=_done_at)
