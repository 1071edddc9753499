"""A pod's life on its node: what has become of it, from its status, and the status that tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, Protocol

from minikube_py.controllers.kubelet import containers as container_status
from minikube_py.controllers.kubelet.admission import Admission, Refusal
from minikube_py.controllers.kubelet.behaviour import Behaviour, Behaviours
from minikube_py.controllers.kubelet.features import Features
from minikube_py.controllers.kubelet.hooks import HookCall, HookRunner, NoHookRunner
from minikube_py.controllers.kubelet.memory import Kind, Memory
from minikube_py.controllers.kubelet.network import PodNetwork
from minikube_py.controllers.kubelet.pace import Pace
from minikube_py.controllers.kubelet.podresources import pod_resources
from minikube_py.controllers.kubelet.podstatus import (
    FAILED,
    FINISHED,
    OWN_CONDITIONS,
    RESIZE_ERROR,
    RESIZE_IN_PROGRESS,
    RESIZE_PENDING,
    Verdict,
    containers_ready,
    initialized,
    phase_of,
    pod_ready,
)
from minikube_py.controllers.kubelet.prober import Foreseen, Prober
from minikube_py.machinery.clock import parse_rfc3339, rfc3339
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import generation
from minikube_py.machinery.podresources import is_sidecar
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
    admission: Admission | None = None
    """None where all pods are taken."""
    runtime: Processes = field(default_factory=NoProcesses)
    hooks: HookRunner = field(default_factory=NoHookRunner)
    pace: Pace = field(default_factory=Pace)
    prober: Prober = None  # type: ignore[assignment]  # of the behaviours, where nobody else is to be asked

    def __post_init__(self) -> None:
        if self.prober is None:
            self.prober = Foreseen(self.behaviours)


Hosts = Mapping[str, Host]
"""By their nodes' names."""


class PodEvent(NamedTuple):
    """An event to be recorded on the pod; `container` is a path such as "spec.containers{web}", or ""."""

    type: Literal["Normal", "Warning"]
    reason: str
    message: str
    container: str = ""


class Ask(NamedTuple):
    """A probe that only the container itself can answer; `container_id` is the life of it that is asked."""

    container: Object
    kind: Kind
    probe: Object
    container_id: str


NOT_KEPT = (*OWN_CONDITIONS, RESIZE_PENDING, RESIZE_IN_PROGRESS)
"""Conditions that are told anew each time."""

Objects = Mapping[tuple[str, str], Object | None]
"""ConfigMaps, Secrets and PersistentVolumeClaims that a pod refers to, by plural and name; None for those there are
not."""


class Life:
    """A working copy: stages change `statuses`, `address`, `started`, and `status()` tells the result."""

    def __init__(self, pod: Object, host: Host, memory: Memory, now: float, objects: Objects | None = None) -> None:
        self.pod = pod
        self.host = host
        self.memory = memory
        self.now = now
        self.time = rfc3339(now)
        self.spec: Object = pod["spec"]
        self.old: Object = pod.get("status") or {}
        self.objects: Objects = objects if objects is not None else {}
        self.events: list[PodEvent] = []
        self.refusal: Refusal | None = None
        """Why the node does not take it."""
        self.pending: Refusal | None = None
        """Why it does not get the resources that it asks for by now: Deferred or Infeasible."""
        self.granted = False
        """Whether it does."""
        self.actual: Object | None = None
        """Its spec with the resources that it has come to have."""
        self.asks: list[Ask] = []
        """What is to be asked once its status is written."""
        self.calls: list[HookCall] = []
        """Hooks to be run then."""
        self.given_up: list[str] = []
        """Containers whose hook is not to run on."""
        self.deleting = bool(pod["metadata"].get("deletionTimestamp"))
        self.finished = self.old.get("phase") in FINISHED
        self.stopped_for_good = self.finished
        self.reason, self.message = "", ""
        """Why it has failed, if not by its containers."""
        self.disruption = ""
        """The message of its condition DisruptionTarget, if it gets one."""
        self.gone = False
        """Whether the object may go now."""
        self.started = self.old.get("startTime") or ""
        self.address = self.old.get("podIP") or ""
        self.init: list[Object] = self.spec.get("initContainers") or []
        self.regular: list[Object] = self.spec["containers"]
        self.ephemeral: list[Object] = self.spec.get("ephemeralContainers") or []
        self.statuses = self._statuses()
        self._behaviours: dict[str, Behaviour] = {}

    def _statuses(self) -> dict[str, Object]:
        """Those there are; containers without one wait."""
        found: dict[str, Object] = {}
        for key in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"):
            for status in self.old.get(key) or ():
                found[status["name"]] = status
        for name, known in self.memory.containers.items():
            if known.starting is not None:
                found[name] = known.starting.status
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

    @property
    def halted(self) -> bool:
        """Whether nothing more is started."""
        return self.deleting or self.finished or self.memory.ending is not None

    @property
    def lasting(self) -> list[Object]:
        """Sidecars and regular containers: those that are to run on."""
        return [each for each in self.init if is_sidecar(each)] + self.regular if self.init else self.regular

    def is_up(self, container: str) -> bool:
        """Whether it runs, and its postStart hook is through."""
        return "running" in self.statuses[container]["state"] and not self.is_starting(container)

    def is_starting(self, container: str) -> bool:
        known = self.memory.containers.get(container)
        return known is not None and known.starting is not None

    @property
    def is_held_up(self) -> bool:
        """Whether a postStart hook is running, before the end of which nothing else is started."""
        containers = self.memory.containers
        return bool(containers) and any(known.starting is not None for known in containers.values())

    @property
    def pod_now(self) -> Object:
        """The pod, with its address even if that is not yet written."""
        if not self.address or self.old.get("podIP") == self.address:
            return self.pod
        return {**self.pod, "status": {**self.old, "podIP": self.address}}

    def behaviour(self, container: Object) -> Behaviour:
        name = container["name"]
        said = self._behaviours.get(name)
        if said is None:
            said = self._behaviours[name] = self.host.behaviours(self.pod, container)
        return self.host.runtime.behaviour(self.pod, container, self.statuses[name].get("containerID", ""), said)

    def began(self, container: str) -> float:
        """When a running one was last started."""
        known = self.memory.containers.get(container)
        if known is not None and known.began is not None:
            return known.began
        return parse_rfc3339(self.statuses[container]["state"]["running"]["startedAt"])

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

    def remember(self) -> None:
        """Those whose status tells nothing of them are remembered in its stead."""
        for name, known in self.memory.containers.items():
            if known.starting is not None:
                known.starting = replace(known.starting, status=self.statuses[name])

    def _told(self) -> Mapping[str, Object]:
        """The statuses as others are to see them."""
        if not self.is_held_up:
            return self.statuses
        starting = ((name, known.starting) for name, known in self.memory.containers.items())
        return {**self.statuses, **{name: each.shown for name, each in starting if each is not None}}

    def status(self) -> Object:
        """The pod's status as it is now; what others than kubelets wrote is kept."""
        host, features = self.host, self.host.features
        if self.refusal is not None:
            return self._refused(self.refusal)
        statuses = self._told()
        phase = FAILED if self.reason else phase_of(self.spec, statuses, self.stopped_for_good)
        if self.old.get("phase") in FINISHED:
            phase = self.old["phase"]
        status: Object = {**self.old, "phase": phase}
        if features.observed_generation:
            status["observedGeneration"] = generation(self.pod)
        if self.reason:
            status["reason"], status["message"] = self.reason, self.message
        status["conditions"] = self._conditions(phase, statuses)
        status["hostIP"] = host.address
        if features.host_ips:
            status["hostIPs"] = [{"ip": host.address}]
        if self.address:
            status["podIP"] = self.address
            status["podIPs"] = [{"ip": self.address}]
        if self.started:
            status["startTime"] = self.started
        if features.pod_resources:
            status.update(self._pod_resources())
        for key, containers in (
            ("initContainerStatuses", self.init),
            ("containerStatuses", self.regular),
            ("ephemeralContainerStatuses", self.ephemeral),
        ):
            if containers:
                status[key] = [statuses[each["name"]] for each in containers]
        return status

    def _refused(self, refusal: Refusal) -> Object:
        """Nothing of a pod that is not taken comes to be (kubelet.go rejectPod)."""
        told = {"reason": refusal.reason, "message": f"Pod was rejected: {refusal.message}"}
        status: Object = {**self.old, "phase": FAILED, **told, "startTime": self.started}
        if self.host.features.observed_generation:
            status["observedGeneration"] = generation(self.pod)
        return status

    def _conditions(self, phase: str, statuses: Mapping[str, Object]) -> list[Object]:
        old = {each["type"]: each for each in self.old.get("conditions") or ()}
        ready = containers_ready(self.spec, statuses, phase)
        verdicts = {
            "Initialized": initialized(self.spec, statuses, phase),
            "Ready": pod_ready(self.spec, ready, old),
            "ContainersReady": ready,
            "PodScheduled": Verdict(True),
        }
        if self.host.features.ready_to_start_containers:
            verdicts["PodReadyToStartContainers"] = Verdict(bool(self.address) and not self.stopped_for_good)
        others = [each for type, each in old.items() if type not in NOT_KEPT]
        others += self._resize_conditions(old)
        if self.disruption:
            verdict = Verdict(True, "TerminationByKubelet", self.disruption)
            others = [each for each in others if each["type"] != "DisruptionTarget"]
            others.append(self._condition("DisruptionTarget", verdict, old.get("DisruptionTarget")))
        own = [self._condition(type, verdicts[type], old.get(type)) for type in OWN_CONDITIONS if type in verdicts]
        return [*others, *own]

    def _pod_resources(self) -> Object:
        """As long as a resize is pending or in progress, it has what it had."""
        granted = self.memory.resizing
        if granted is None and self.pending is None:
            return pod_resources(self.spec)
        if self.actual is not None:
            return pod_resources(self.actual)
        kept: Object = {"resources": self.old["resources"]} if "resources" in self.old else {}
        return {**pod_resources(granted.spec), **kept} if granted is not None else {}

    def _resize_conditions(self, old: Mapping[str, Object]) -> list[Object]:
        found: list[Object] = []
        granted = self.memory.resizing
        if self.pending is not None:
            verdict = Verdict(True, self.pending.reason, self.pending.message)
            found.append(self._resize_condition(RESIZE_PENDING, verdict, generation(self.pod), old))
        if granted is not None and not self.stopped_for_good:
            verdict = Verdict(True, RESIZE_ERROR, granted.error) if granted.error else Verdict(True)
            found.append(self._resize_condition(RESIZE_IN_PROGRESS, verdict, granted.generation, old))
        return found

    def _resize_condition(self, type: str, verdict: Verdict, of: int, old: Mapping[str, Object]) -> Object:
        """Of that generation; the times are those of the last change (status_manager.go updatedPodResizeCondition)."""
        before = old.get(type)
        made = self._condition(type, verdict, before)
        if self.host.features.observed_generation:
            made["observedGeneration"] = of
        if before is None or before.get("reason", "") != verdict.reason:
            made["lastTransitionTime"] = self.time
        made["lastProbeTime"] = self.time if before is None else before["lastProbeTime"]
        return made if made == before else {**made, "lastProbeTime": self.time}

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
