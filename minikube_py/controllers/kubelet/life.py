"""A pod's life on its node: what has become of it, from its status, and the status that tells of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from minikube_py.controllers.kubelet import containers as container_status
from minikube_py.controllers.kubelet.behaviour import Behaviour, Behaviours
from minikube_py.controllers.kubelet.features import Features
from minikube_py.controllers.kubelet.network import PodNetwork
from minikube_py.controllers.kubelet.podresources import pod_resources
from minikube_py.controllers.kubelet.podstatus import (
    FINISHED,
    OWN_CONDITIONS,
    Verdict,
    containers_ready,
    initialized,
    phase_of,
    pod_ready,
)
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import generation
from minikube_py.machinery.random import Random


class Processes(Protocol):
    """The container runtime, as far as lives depend on it."""

    def behaviour(self, pod: Object, container: Object, container_id: str, said: Behaviour) -> Behaviour:
        """What is said of a container, but for what its process makes of it in the life of that containerID."""
        ...


class NoProcesses:
    """Nothing runs anywhere. Implements Processes."""

    def behaviour(self, pod: Object, container: Object, container_id: str, said: Behaviour) -> Behaviour:
        return said


@dataclass
class Host:
    """What a kubelet knows of its node."""

    name: str
    address: str
    network: PodNetwork
    features: Features
    behaviours: Behaviours
    random: Random
    runtime: Processes = field(default_factory=NoProcesses)


class PodEvent(NamedTuple):
    """An event to be recorded on the pod; `container` is a path such as "spec.containers{web}", or ""."""

    type: Literal["Normal", "Warning"]
    reason: str
    message: str
    container: str = ""


@dataclass
class Memory:
    """What a kubelet remembers of a pod beside its status."""

    since: dict[tuple[str, str], float] = field(default_factory=dict)
    """When what a stage waits for began, by stage and container."""
    killing: bool = False
    """Whether its containers were told to stop."""


class Life:
    """A working copy: stages change `statuses`, `address`, `started`, and `status()` tells the result."""

    def __init__(self, pod: Object, host: Host, memory: Memory, now: float) -> None:
        self.pod = pod
        self.host = host
        self.memory = memory
        self.now = now
        self.time = rfc3339(now)
        self.spec: Object = pod["spec"]
        self.old: Object = pod.get("status") or {}
        self.events: list[PodEvent] = []
        self.deleting = bool(pod["metadata"].get("deletionTimestamp"))
        self.finished = self.old.get("phase") in FINISHED
        self.stopped_for_good = self.finished
        self.reason, self.message = "", ""
        self.gone = False
        """Whether the object may go now."""
        self.started = self.old.get("startTime") or ""
        self.address = self.old.get("podIP") or ""
        self.init: list[Object] = self.spec.get("initContainers") or []
        self.regular: list[Object] = self.spec["containers"]
        self.ephemeral: list[Object] = self.spec.get("ephemeralContainers") or []
        self.statuses = self._statuses()

    def _statuses(self) -> dict[str, Object]:
        """Those there are; containers without one wait."""
        found: dict[str, Object] = {}
        for key in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"):
            for status in self.old.get(key) or ():
                found[status["name"]] = status
        reason = container_status.POD_INITIALIZING if self.init else container_status.CONTAINER_CREATING
        for container in self.containers:
            if container["name"] not in found:
                found[container["name"]] = container_status.waiting(container, reason, self.host.features)
        return found

    @property
    def uid(self) -> str:
        return str(self.pod["metadata"]["uid"])

    @property
    def containers(self) -> list[Object]:
        return [*self.init, *self.regular, *self.ephemeral] if self.init or self.ephemeral else self.regular

    def behaviour(self, container: Object) -> Behaviour:
        said = self.host.behaviours(self.pod, container)
        status = self.statuses[container["name"]]
        return self.host.runtime.behaviour(self.pod, container, status.get("containerID", ""), said)

    def path(self, container: Object) -> str:
        """Of a container, as events' fieldPath has it."""
        name = container["name"]
        if any(each["name"] == name for each in self.regular):
            return f"spec.containers{{{name}}}"
        field = "initContainers" if any(each["name"] == name for each in self.init) else "ephemeralContainers"
        return f"spec.{field}{{{name}}}"

    def tell(self, reason: str, message: str, container: Object, type: Literal["Normal", "Warning"] = "Normal") -> None:
        self.events.append(PodEvent(type, reason, message, self.path(container)))

    def any_running(self) -> bool:
        return any(container_status.is_running(status) for status in self.statuses.values())

    # Telling

    def status(self) -> Object:
        """The pod's status as it is now; what others than kubelets wrote is kept."""
        host, features = self.host, self.host.features
        phase = phase_of(self.spec, self.statuses, self.stopped_for_good)
        if self.old.get("phase") in FINISHED:
            phase = self.old["phase"]
        status: Object = {**self.old, "phase": phase}
        if features.observed_generation:
            status["observedGeneration"] = generation(self.pod)
        if self.reason:
            status["reason"], status["message"] = self.reason, self.message
        status["conditions"] = self._conditions(phase)
        status["hostIP"] = host.address
        if features.host_ips:
            status["hostIPs"] = [{"ip": host.address}]
        if self.address:
            status["podIP"] = self.address
            status["podIPs"] = [{"ip": self.address}]
        if self.started:
            status["startTime"] = self.started
        if features.pod_resources:
            status.update(pod_resources(self.spec))
        for key, containers in (
            ("initContainerStatuses", self.init),
            ("containerStatuses", self.regular),
            ("ephemeralContainerStatuses", self.ephemeral),
        ):
            if containers:
                status[key] = [self.statuses[each["name"]] for each in containers]
        return status

    def _conditions(self, phase: str) -> list[Object]:
        old = {each["type"]: each for each in self.old.get("conditions") or ()}
        ready = containers_ready(self.spec, self.statuses, phase)
        verdicts = {
            "Initialized": initialized(self.spec, self.statuses, phase),
            "Ready": pod_ready(self.spec, ready, old),
            "ContainersReady": ready,
            "PodScheduled": Verdict(True),
        }
        if self.host.features.ready_to_start_containers:
            verdicts["PodReadyToStartContainers"] = Verdict(bool(self.address) and not self.stopped_for_good)
        others = [each for type, each in old.items() if type not in OWN_CONDITIONS]
        own = [self._condition(type, verdicts[type], old.get(type)) for type in OWN_CONDITIONS if type in verdicts]
        return [*others, *own]

    def _condition(self, type: str, verdict: Verdict, old: Object | None) -> Object:
        status = "True" if verdict.status else "False"
        since = old["lastTransitionTime"] if old is not None and old["status"] == status else self.time
        made: Object = {"type": type}
        if self.host.features.observed_generation:
            made["observedGeneration"] = generation(self.pod)
        made.update(status=status, lastProbeTime=None, lastTransitionTime=since)
        if verdict.reason:
            made["reason"] = verdict.reason
        if verdict.message:
            made["message"] = verdict.message
        return made
