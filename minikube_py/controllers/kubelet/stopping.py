"""Containers that are told to stop (pkg/kubelet/kuberuntime/kuberuntime_container.go killContainer,
kuberuntime_termination_order.go).

told -> its preStop hook -> those that it waits for -> SIGTERM -> it exits, or is killed once its grace is over

Where a whole pod is stopped, a sidecar waits for all regular containers and for the sidecars after it.
"""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.controllers.kubelet import containers as container_status
from minikube_py.controllers.kubelet.containers import is_running
from minikube_py.controllers.kubelet.cri.process import KILLED, TERMINATED
from minikube_py.controllers.kubelet.hooks import hook
from minikube_py.controllers.kubelet.life import Life
from minikube_py.controllers.kubelet.memory import Stopping
from minikube_py.controllers.kubelet.stage import IS_NOT, Stage
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.podresources import is_sidecar

MINIMUM_GRACE = 2.0
"""Seconds that a container has from SIGTERM even where its hook took all of its grace."""


def stop(
    life: Life, container: Object, message: str, grace: float | None, *, ordered: bool = False, restart: bool = False
) -> None:
    """Tell a running one to stop, within `grace` seconds; None for those that its pod is deleted with."""
    known = life.memory.of(container["name"])
    known.stopping = Stopping(life.now, grace, ordered, restart)
    life.tell("Killing", message, container)


def stop_all(life: Life, grace: float | None) -> None:
    """Tell all that run to stop; those that were told already go on with it."""
    for container in life.containers:
        if not is_running(life.statuses[container["name"]]):
            continue
        known = life.memory.containers.get(container["name"])
        if known is None or known.stopping is None:
            stop(life, container, f"Stopping container {container['name']}", grace, ordered=True)
        else:
            known.stopping.grace, known.stopping.restart = grace, False


def restarts_on_kill(life: Life, container: Object) -> bool:
    """Whether one that is stopped for its own sake is started again: its exit code does not matter then."""
    return (container.get("restartPolicy") or life.spec.get("restartPolicy") or "Always") != "Never"


def pod_grace(life: Life) -> float:
    """Seconds, of a pod that is stopped without being deleted."""
    return float(life.spec.get("terminationGracePeriodSeconds", 30))


def _stopping(life: Life, container: Object) -> Stopping | None:
    known = life.memory.containers.get(container["name"])
    if known is None or known.stopping is None or not is_running(life.statuses[container["name"]]):
        return None
    return known.stopping


def _grace(life: Life, stopping: Stopping) -> float:
    if stopping.grace is not None and not life.deleting:
        return stopping.grace
    return float(life.pod["metadata"].get("deletionGracePeriodSeconds") or 0)


def _told(life: Life) -> Iterable[Object]:
    if not life.memory.containers:
        return IS_NOT
    return [each for each in life.containers if (told := _stopping(life, each)) and told.signalled is None]


def _signal_at(life: Life, container: Object) -> float:
    stopping = life.memory.of(container["name"]).stopping
    assert stopping is not None
    grace = _grace(life, stopping)
    if stopping.ordered and is_sidecar(container) and _awaited(life, container):
        return stopping.begun + grace
    return stopping.begun + min(hook(container, "preStop").takes, grace)


def _awaited(life: Life, sidecar: Object) -> bool:
    """Whether any runs that a sidecar waits for."""
    later = life.init[life.init.index(sidecar) + 1 :]
    return any(is_running(life.statuses[each["name"]]) for each in (*life.regular, *filter(is_sidecar, later)))


def _signal(life: Life, container: Object) -> None:
    stopping = life.memory.of(container["name"]).stopping
    assert stopping is not None
    stopping.signalled = life.now
    if not hook(container, "preStop").ok and _grace(life, stopping) > 0:
        life.tell("FailedPreStopHook", "PreStopHook failed", container, "Warning")


def _signalled(life: Life) -> Iterable[Object]:
    if not life.memory.containers:
        return IS_NOT
    return [each for each in life.containers if (told := _stopping(life, each)) and told.signalled is not None]


def _left(life: Life, stopping: Stopping) -> float:
    """The seconds from SIGTERM to SIGKILL."""
    assert stopping.signalled is not None
    grace = _grace(life, stopping)
    return max(MINIMUM_GRACE, grace - (stopping.signalled - stopping.begun)) if grace > 0 else 0.0


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
    known.stopping, known.restart = None, stopping.restart
    life.statuses[name] = container_status.terminated(life.statuses[name], code, life.time, message=behaviour.message)


SIGNALLED = Stage("signalled", _told, _signal, at=_signal_at)
STOPPED = Stage("stopped", _signalled, _end, at=_stop_at)
