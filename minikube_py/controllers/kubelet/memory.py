"""What kubelets remember of pods beside their status, and lose when they start anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from minikube_py.machinery.gvr import Object

Kind = Literal["startup", "readiness", "liveness"]
"""Of a probe."""

NOTHING: Mapping[str, str] = {}


@dataclass
class Probing:
    """How it stands with one probe of one life of a container (prober/worker.go)."""

    container_id: str
    due: float
    """When it is to be asked next."""
    last: bool | None = None
    """The last answer, and how often it came in a row."""
    run: int = 0
    asked: bool = False
    """Whether an answer is awaited."""


@dataclass(frozen=True)
class Starting:
    """A running container of which nothing is told before its postStart hook is through."""

    status: Object
    """As what it would be told of."""
    shown: Object
    """What is told in place of that: its status from before."""
    ends: float | None
    """When the hook is through; None where only its run will tell."""
    error: str = ""
    """What is wrong with it."""


@dataclass
class Stopping:
    """A running container that is told to stop."""

    begun: float
    grace: float | None
    """Seconds; None for those that the pod is deleted with."""
    ordered: bool = False
    """Whether it is among all of the pod, sidecars waiting for those that they serve."""
    restart: bool = False
    """Whether it is started again whatever its policy says of its exit code."""
    hook: float | None = None
    """When its preStop hook is through; None where only its run will tell."""
    hooking: bool = False
    """Whether that is running yet, even where its grace is over."""
    signalled: float | None = None
    """When it got SIGTERM: after its preStop hook, and after those that it waits for."""


@dataclass(frozen=True)
class BackOff:
    """Before a container is restarted, or an image pulled, again."""

    delay: float
    since: float
    """When it was last made longer."""


@dataclass(frozen=True)
class Ending:
    """Why a pod is brought to its end before its containers are."""

    reason: str
    message: str
    disruption: bool = False
    """Whether it is the target of a disruption."""


@dataclass(frozen=True)
class Resizing:
    """Other resources that a pod was granted and that it does not have yet."""

    spec: Object
    """The pod's, as it was granted."""
    generation: int
    began: float
    error: str = ""
    """Why they cannot be had."""


@dataclass
class ContainerMemory:
    """Made only of containers with which something is special."""

    began: float | None = None
    """When it last started, more exactly than its status tells."""
    stopping: Stopping | None = None
    restart: bool = False
    """Whether it has ended for something that it is restarted after in any case."""
    back_off: BackOff | None = None
    pull: BackOff | None = None
    pulled: str = ""
    """What could not be pulled, and is not to be told of again before `pull` is over."""
    starting: Starting | None = None
    probes: dict[Kind, Probing] = field(default_factory=dict)

    def copy(self) -> ContainerMemory:
        probes = {kind: replace(each) for kind, each in self.probes.items()}
        stopping = None if self.stopping is None else replace(self.stopping)
        return replace(self, probes=probes, stopping=stopping)


@dataclass
class Memory:
    """Of one pod."""

    since: dict[tuple[str, str], float] = field(default_factory=dict)
    """When what a stage waits for began, by stage and container."""
    killing: bool = False
    """Whether its containers were told to stop, because it is deleted."""
    ending: Ending | None = None
    turn: float | None = None
    """When it may be refused or evicted, if it is to be."""
    resizing: Resizing | None = None
    told: dict[str, BackOff] = field(default_factory=dict)
    """What was said of volumes that cannot be mounted, and how long until it is said again."""
    scripted: bool = False
    """Whether a Stage of KWOK's has written its status: nobody else does then."""
    wanted: tuple[tuple[str, str], ...] | None = None
    """Plurals and names of the objects that it refers to; None as long as nobody looked."""
    containers: dict[str, ContainerMemory] = field(default_factory=dict)

    def of(self, container: str) -> ContainerMemory:
        found = self.containers.get(container)
        if found is None:
            found = self.containers[container] = ContainerMemory()
        return found

    def wait_anew(self, container: str) -> None:
        """Nothing that was waited for in an earlier life of it is waited for in the one that begins."""
        if self.since:
            self.since = {waited: since for waited, since in self.since.items() if waited[1] != container}

    def signalled(self) -> Collection[str]:
        """Containers that got SIGTERM and have not exited yet."""
        if not self.containers:
            return ()
        return [
            name
            for name, each in self.containers.items()
            if each.stopping is not None and each.stopping.signalled is not None
        ]

    def starting(self) -> Mapping[str, str]:
        """The containerIDs of containers that run, and of which their status does not tell yet."""
        if not self.containers:
            return NOTHING
        found = {name: each.starting.status for name, each in self.containers.items() if each.starting is not None}
        return {name: status["containerID"] for name, status in found.items() if "running" in status["state"]}

    def copy(self) -> Memory:
        """To go back to, where what follows comes to nothing."""
        containers = {name: each.copy() for name, each in self.containers.items()}
        return replace(self, since=dict(self.since), told=dict(self.told), containers=containers)
