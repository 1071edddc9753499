"""A node as the scheduler sees it, with what its pods take of it: scheduler framework's NodeInfo."""

from __future__ import annotations

from copy import copy

from minikube_py.controllers.scheduler.hostports import HostPort
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.controllers.scheduler.podrequests import CPU, EPHEMERAL_STORAGE, MEMORY, PODS, Amounts, amounts
from minikube_py.machinery.gvr import Object


class NodeInfo:
    """Kept up to date by additions and removals of pods; `version` grows with every change that counts.

    A node may be unknown (`known` is False) while pods on it are: then it is nobody's candidate.
    """

    __slots__ = (
        "cpu",
        "ephemeral_storage",
        "index",
        "known",
        "labels",
        "marked",
        "memory",
        "name",
        "pods",
        "pods_allowed",
        "ports",
        "requested_cpu",
        "requested_ephemeral_storage",
        "requested_memory",
        "requested_scalars",
        "scalars",
        "scored_cpu",
        "scored_memory",
        "taints",
        "turn",
        "unschedulable",
        "version",
    )

    def __init__(self, name: str, index: int) -> None:
        self.name = name
        self.index = index
        """Its place in the order of arrival."""
        self.version = 0
        self.turn = 0
        """When it was last chosen: of equals, the one whose turn was longest ago is next."""
        self.known = False
        self.labels: dict[str, str] = {}
        self.taints: tuple[Object, ...] = ()
        self.unschedulable = False
        self.marked = False
        """Tainted or cordoned."""
        self.cpu = self.memory = self.ephemeral_storage = self.pods_allowed = 0
        self.scalars: Amounts = {}
        self.pods: dict[str, PodClass] = {}
        """By uid."""
        self.ports: list[HostPort] = []
        self.requested_cpu = self.requested_memory = self.requested_ephemeral_storage = 0
        self.requested_scalars: Amounts = {}
        self.scored_cpu = self.scored_memory = 0

    def set_node(self, node: Object) -> None:
        spec = node.get("spec") or {}
        self.known = True
        self.labels = node["metadata"].get("labels") or {}
        self.taints = tuple(spec.get("taints") or ())
        self.unschedulable = bool(spec.get("unschedulable"))
        self.marked = self.unschedulable or bool(self.taints)
        allocatable = amounts((node.get("status") or {}).get("allocatable"))
        self.cpu = allocatable.pop(CPU, 0)
        self.memory = allocatable.pop(MEMORY, 0)
        self.ephemeral_storage = allocatable.pop(EPHEMERAL_STORAGE, 0)
        self.pods_allowed = allocatable.pop(PODS, 0)
        self.scalars = allocatable

    def copy(self) -> NodeInfo:
        """To try out what would be if pods went."""
        made = copy(self)
        made.pods, made.ports = dict(self.pods), list(self.ports)
        made.requested_scalars = dict(self.requested_scalars)
        return made

    def add_pod(self, uid: str, pod: PodClass) -> None:
        self.pods[uid] = pod
        self._count(pod, 1)
        self.ports.extend(pod.ports)

    def remove_pod(self, uid: str) -> None:
        pod = self.pods.pop(uid)
        self._count(pod, -1)
        for port in pod.ports:
            self.ports.remove(port)

    def _count(self, pod: PodClass, sign: int) -> None:
        requests = pod.requests
        self.requested_cpu += sign * requests.cpu
        self.requested_memory += sign * requests.memory
        self.requested_ephemeral_storage += sign * requests.ephemeral_storage
        self.scored_cpu += sign * requests.scored_cpu
        self.scored_memory += sign * requests.scored_memory
        for name, number in requests.scalars:
            self.requested_scalars[name] = self.requested_scalars.get(name, 0) + sign * number


def same_to_scheduler(old: Object, new: Object) -> bool:
    """Whether an update of a node changes nothing that the scheduler looks at: a heartbeat."""
    old_spec, new_spec = old.get("spec") or {}, new.get("spec") or {}
    return (
        old["metadata"].get("labels") == new["metadata"].get("labels")
        and old_spec.get("taints") == new_spec.get("taints")
        and old_spec.get("unschedulable") == new_spec.get("unschedulable")
        and (old.get("status") or {}).get("allocatable") == (new.get("status") or {}).get("allocatable")
    )
