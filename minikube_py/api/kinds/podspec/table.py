"""What `kubectl get pods` shows: printPod of pkg/printers/internalversion/printers.go."""

from __future__ import annotations

from typing import Any

from minikube_py.api.resource import AGE, NAME, Column, Since, age
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.podresources import is_sidecar

COLUMNS = (
    NAME,
    Column("Ready", description="The aggregate readiness state of this pod for accepting traffic."),
    Column("Status", description="The aggregate status of the containers in this pod."),
    Column(
        "Restarts",
        description="The number of times the containers in this pod have been restarted and when the last container "
        "in this pod has restarted.",
    ),
    AGE,
    Column("IP", priority=1, doc="io.k8s.api.core.v1.PodStatus#podIP"),
    Column("Node", priority=1, doc="io.k8s.api.core.v1.PodSpec#nodeName"),
    Column("Nominated Node", priority=1, doc="io.k8s.api.core.v1.PodStatus#nominatedNodeName"),
    Column("Readiness Gates", priority=1, doc="io.k8s.api.core.v1.PodSpec#readinessGates"),
)

_NONE = "<none>"


def cells(pod: Object) -> list[Any]:
    """A pod's row, one cell a column."""
    spec, status = pod["spec"], pod.get("status") or {}
    summary = Summary(pod)
    ips = status.get("podIPs")
    return [
        pod["metadata"]["name"],
        f"{summary.ready}/{summary.containers}",
        summary.reason,
        summary.restarts.cell(),
        age(pod),
        (ips[0].get("ip") if ips else "") or _NONE,
        spec.get("nodeName") or _NONE,
        status.get("nominatedNodeName") or _NONE,
        _readiness_gates(spec, status),
    ]


class Summary:
    """A pod in a word and three numbers.

    state of the pod                                     ready  containers  reason
    scheduled, the first of two init containers runs     0      1           Init:0/2
    one of two containers is ready                       1      2           Running
    a container waits to be restarted                    0      1           CrashLoopBackOff
    deletion has begun                                   1      1           Terminating
    """

    def __init__(self, pod: Object) -> None:
        spec, status = pod["spec"], pod.get("status") or {}
        self.ready = 0
        self.containers = len(spec.get("containers") or ())
        self.restarts = _Restarts()
        self._conditions: list[Object] = status.get("conditions") or []
        phase = status.get("phase", "")
        self.reason: str = status.get("reason") or phase
        if any(c.get("type") == "PodScheduled" and c.get("reason") == "SchedulingGated" for c in self._conditions):
            self.reason = "SchedulingGated"
        sidecars = _Restarts()
        initializing = self._read_init_containers(spec, status, sidecars)
        if not initializing or self._condition("Initialized") == "True":
            self.restarts = sidecars
            self._read_containers(status)
        if pod["metadata"].get("deletionTimestamp"):
            if status.get("reason") == "NodeLost":
                self.reason = "Unknown"
            elif phase not in ("Succeeded", "Failed"):
                self.reason = "Terminating"

    def _condition(self, type: str) -> str:
        return next((c.get("status", "") for c in self._conditions if c.get("type") == type), "")

    def _read_init_containers(self, spec: Object, status: Object, sidecar_restarts: _Restarts) -> bool:
        """Whether the pod still initializes."""
        init_containers = spec.get("initContainers") or ()
        sidecars = {c["name"] for c in init_containers if is_sidecar(c)}
        self.containers += len(sidecars)
        for index, container in enumerate(status.get("initContainerStatuses") or ()):
            self.restarts.add(container)
            if lasting := container.get("name") in sidecars:
                sidecar_restarts.add(container)
            state = container.get("state") or {}
            terminated = state.get("terminated")
            if terminated is not None and not terminated.get("exitCode"):
                continue
            if lasting and container.get("started"):
                self.ready += bool(container.get("ready"))
                continue
            self.reason = _init_reason(state, index, len(init_containers))
            return True
        return False

    def _read_containers(self, status: Object) -> None:
        running = False
        failure = ""
        for container in reversed(status.get("containerStatuses") or ()):
            self.restarts.add(container)
            state = container.get("state") or {}
            terminated = state.get("terminated")
            if waiting := (state.get("waiting") or {}).get("reason"):
                self.reason = waiting
            elif terminated is not None:
                self.reason = _terminated_reason(terminated)
                if terminated.get("exitCode"):
                    failure = self.reason
            elif container.get("ready") and state.get("running") is not None:
                running = True
                self.ready += 1
        if self.reason == "Completed":
            self._reconsider_completed(running, failure)

    def _reconsider_completed(self, running: bool, failure: str) -> None:
        if running and self._condition("Ready") == "True":
            self.reason = "Running"
        elif failure:
            self.reason = failure
        elif running:
            self.reason = "NotReady"


class _Restarts:
    """How often containers restarted, and when last."""

    def __init__(self) -> None:
        self.count = 0
        self.last = ""

    def add(self, status: Object) -> None:
        self.count += status.get("restartCount", 0)
        finished = ((status.get("lastState") or {}).get("terminated") or {}).get("finishedAt")
        if finished and finished > self.last:
            self.last = finished

    def cell(self) -> str | Since:
        """ "2", or "2 (5m ago)" where it is known when the last was."""
        if self.count and self.last:
            return Since(self.last, prefix=f"{self.count} (", suffix=" ago)")
        return str(self.count)


def _init_reason(state: Object, index: int, total: int) -> str:
    terminated = state.get("terminated")
    if terminated is not None:
        return f"Init:{_terminated_reason(terminated)}"
    waiting = (state.get("waiting") or {}).get("reason")
    if waiting and waiting != "PodInitializing":
        return f"Init:{waiting}"
    return f"Init:{index}/{total}"


def _terminated_reason(terminated: Object) -> str:
    if reason := terminated.get("reason"):
        return str(reason)
    if signal := terminated.get("signal"):
        return f"Signal:{signal}"
    return f"ExitCode:{terminated.get('exitCode', 0)}"


def _readiness_gates(spec: Object, status: Object) -> str:
    gates = spec.get("readinessGates")
    if not gates:
        return _NONE
    state: dict[str, str] = {}
    for condition in status.get("conditions") or ():
        state.setdefault(condition.get("type", ""), condition.get("status", ""))
    return f"{sum(state.get(gate.get('conditionType', '')) == 'True' for gate in gates)}/{len(gates)}"
