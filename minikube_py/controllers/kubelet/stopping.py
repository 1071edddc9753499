"""Containers that are told to stop (pkg/kubelet/kuberuntime/kuberuntime_container.go killContainer,
kuberuntime_termination_order.go).

told -> its preStop hook -> those that it waits for -> SIGTERM -> it exits, or is killed once its grace is over

The hook, what it waits for and its stop share one grace, of which whole seconds count. Where a whole pod is stopped, a
sidecar runs its hook at once, as all do, and then waits for all regular containers and for the next sidecar after it.
"""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.controllers.kubelet import containers as container_status
from minikube_py.controllers.kubelet.containers import is_running
from minikube_py.controllers.kubelet.cri.process import KILLED, TERMINATED
from minikube_py.controllers.kubelet.hooks import PRE_STOP, THROUGH, HookCall, expected
from minikube_py.controllers.kubelet.life import Life
from minikube_py.controllers.kubelet.memory import ContainerMemory, Stopping
from minikube_py.controllers.kubelet.stage import IS_NOT, Stage
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.podresources import is_sidecar

POST_START_FAILED = "FailedPostStartHook"
"""Of events."""

MINIMUM_GRACE = 2.0
"""Seconds that a container has from SIGTERM even where it has no grace, or its hook took all of it."""

POD_GRACE = 1.0
"""Seconds that a pod as a whole has at least (pkg/kubelet/pod_workers.go calculateEffectiveGracePeriod)."""


def stop(
    life: Life, container: Object, message: str, grace: float | None, *, ordered: bool = False, restart: bool = False
) -> None:
    """Tell a running one to stop, within `grace` seconds; None for those that its pod is deleted with."""
    name = container["name"]
    stopping = life.memory.of(name).stopping = Stopping(life.now, grace, ordered, restart)
    life.tell("Killing", message, container)
    hook = THROUGH
    if _grace(life, stopping) > 0:
        hook = expected(container, PRE_STOP, life.host.hooks) or THROUGH
    if hook.takes is None:
        stopping.hooking = True
        life.calls.append(HookCall(container, PRE_STOP, life.statuses[name]["containerID"]))
    else:
        stopping.hook = life.now + hook.takes
    if hook.error:
        _tell_pre_stop_failed(life, container)


def end_pre_stop(life: Life, container: Object, error: str) -> None:
    """A hook that was run is through."""
    stopping = life.memory.of(container["name"]).stopping
    assert stopping is not None
    stopping.hooking = False
    if stopping.hook is None:
        stopping.hook = life.now
    if error:
        _tell_pre_stop_failed(life, container)


def _tell_pre_stop_failed(life: Life, container: Object) -> None:
    life.tell("FailedPreStopHook", "PreStopHook failed", container, "Warning")


def stop_all(life: Life, grace: float | None) -> None:
    """Tell all that run to stop; those that were told already go on with it. Nobody waits for postStart hooks."""
    for container in life.containers:
        known = life.memory.containers.get(container["name"])
        if known is not None and known.starting is not None:
            _give_up_post_start(life, container, known)
        if not is_running(life.statuses[container["name"]]):
            continue
        if known is None or known.stopping is None:
            stop(life, container, f"Stopping container {container['name']}", grace, ordered=True)
        else:
            known.stopping.grace, known.stopping.restart = grace, False


def _give_up_post_start(life: Life, container: Object, known: ContainerMemory) -> None:
    known.starting = None
    if known.stopping is None:
        tell_post_start_failed(life, container)
        life.tell("Killing", POST_START_FAILED, container)
        life.given_up.append(container["name"])


def tell_post_start_failed(life: Life, container: Object) -> None:
    life.tell(POST_START_FAILED, "PostStartHook failed", container, "Warning")


def restarts_on_kill(life: Life, container: Object) -> bool:
    """Whether one that is stopped for its own sake is started again: its exit code does not matter then."""
    return (container.get("restartPolicy") or life.spec.get("restartPolicy") or "Always") != "Never"


def own_grace(life: Life) -> float:
    """Seconds, of a container that is stopped for its own sake."""
    return float(life.spec.get("terminationGracePeriodSeconds", 30))


def pod_grace(life: Life) -> float:
    """Seconds, of a pod that is stopped without being deleted."""
    return max(POD_GRACE, own_grace(life))


def is_stopping(life: Life, container: Object) -> bool:
    known = life.memory.containers.get(container["name"])
    return known is not None and known.stopping is not None


def _stopping(life: Life, container: Object) -> Stopping | None:
    known = life.memory.containers.get(container["name"])
    if known is None or known.stopping is None or not is_running(life.statuses[container["name"]]):
        return None
    return known.stopping


def _grace(life: Life, stopping: Stopping) -> float:
    if stopping.grace is not None and not life.deleting:
        return stopping.grace
    return max(POD_GRACE, float(life.pod["metadata"].get("deletionGracePeriodSeconds") or 0))


def _told(life: Life) -> Iterable[Object]:
    if not life.memory.containers:
        return IS_NOT
    return [each for each in life.containers if (told := _stopping(life, each)) and told.signalled is None]


def _signal_at(life: Life, container: Object) -> float:
    stopping = life.memory.of(container["name"]).stopping
    assert stopping is not None
    grace = _grace(life, stopping)
    hooked = stopping.begun + grace
    if stopping.hook is not None:
        hooked = min(stopping.hook, hooked)
    if stopping.ordered and is_sidecar(container) and _awaited(life, container):
        return hooked + max(0.0, grace - _whole(hooked - stopping.begun))
    return hooked


def _whole(seconds: float) -> float:
    """Whole seconds, as graces are counted in them."""
    return float(int(seconds + 1e-6))


def _awaited(life: Life, sidecar: Object) -> bool:
    """Whether any runs that a sidecar waits for."""
    later = next(filter(is_sidecar, life.init[life.init.index(sidecar) + 1 :]), None)
    return any(is_running(life.statuses[each["name"]]) for each in (*life.regular, *((later,) if later else ())))


def _signal(life: Life, container: Object) -> None:
    stopping = life.memory.of(container["name"]).stopping
    assert stopping is not None
    stopping.signalled = life.now
    stopping.hook = life.now if stopping.hook is None else min(stopping.hook, life.now)


def _signalled(life: Life) -> Iterable[Object]:
    if not life.memory.containers:
        return IS_NOT
    return [each for each in life.containers if (told := _stopping(life, each)) and told.signalled is not None]


def _left(life: Life, stopping: Stopping) -> float:
    """The seconds from SIGTERM to SIGKILL."""
    assert stopping.signalled is not None and stopping.hook is not None
    spent = _whole(stopping.hook - stopping.begun) + _whole(stopping.signalled - stopping.hook)
    return max(MINIMUM_GRACE, _grace(life, stopping) - spent)


def _stop_at(life: Life, container: Object) -> float:
    stopping = life.memory.of(container["name"]).stopping
    assert stopping is not None and stopping.signalled is not None
    return stopping.signalled + min(life.behaviour(container).stop, _left(life, stopping))


def _end(life: Life, container: Object) -> None:
    """A container that takes longer than its grace is killed. One that stops in time does so well in a pod that is
    meant to run for ever, and has not done its work in another."""
    name = container["name"]
    known = life.memory.of(name)
    stopping = known.stopping
    assert stopping is not None
    behaviour = life.behaviour(container)
    forever = life.spec.get("restartPolicy", "Always") == "Always"
    if behaviour.exited:
        code = behaviour.exit_code
    elif behaviour.stop > _left(life, stopping):
        code = KILLED
    else:
        code = 0 if forever or is_sidecar(container) else TERMINATED
    if stopping.hooking:  # it ends with what it ran in
        _tell_pre_stop_failed(life, container)
    known.stopping, known.restart = None, stopping.restart
    life.statuses[name] = container_status.terminated(life.statuses[name], code, life.time, message=behaviour.message)


SIGNALLED = Stage("signalled", _told, _signal, at=_signal_at)
STOPPED = Stage("stopped", _signalled, _end, at=_stop_at)
