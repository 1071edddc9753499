"""A node as the scheduler sees it, with what its pods take of it: scheduler framework's NodeInfo."""

from __future__ import annotations

from copy import copy
from typing import TypeVar

from minikube_py.controllers.scheduler.hostports import HostPort
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.controllers.scheduler.podinfo import Family, PodInfo
from minikube_py.controllers.scheduler.podrequests import CPU, EPHEMERAL_STORAGE, MEMORY, PODS, Amounts, amounts
from minikube_py.machinery.gvr import Object

K = TypeVar("K", Family, PodClass)


class NodeInfo:
    """Kept up to date by additions and removals of pods; `version` grows with every change that counts.

    A node may be unknown (`known` is False) while pods on it are: then it is nobody's candidate.
    """

    __slots__ = (
        "cpu",
        "ephemeral_storage",
        "families",
        "features",
        "images",
        "index",
        "known",
        "labels",
        "marked",
        "memory",
        "name",
        "nominated",
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
        "terms",
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
        self.features: frozenset[str] = frozenset()
        """What its kubelet declares."""
        self.images: dict[str, int] = {}
        """Sizes in bytes, by each name that an image has."""
        self.pods: dict[str, PodInfo] = {}
        """By uid."""
        self.families: dict[Family, int] = {}
        """How many of its pods are of which."""
        self.terms: dict[PodClass, int] = {}
        """How many of its pods say something of other pods, by class."""
        self.nominated: dict[str, PodInfo] = {}
        """Pods for which room is made here, by uid; not among its pods."""
        self.ports: list[HostPort] = []
        self.requested_cpu = self.requested_memory = self.requested_ephemeral_storage = 0
        self.requested_scalars: Amounts = {}
        self.scored_cpu = self.scored_memory = 0

    @property
    def empty(self) -> bool:
        """Whether nothing is known of it but the node itself."""
        return not self.pods and not self.nominated

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
        self.images = node_images(node)
        self.features = frozenset((node.get("status") or {}).get("declaredFeatures") or ())

    def copy(self) -> NodeInfo:
        """To try out what would be if pods went."""
        made = copy(self)
        made.pods, made.ports = dict(self.pods), list(self.ports)
        made.families, made.terms = dict(self.families), dict(self.terms)
        made.requested_scalars = dict(self.requested_scalars)
        return made

    def add_pod(self, pod: PodInfo) -> None:
        self.pods[pod.uid] = pod
        self._count(pod, 1)
        self.ports.extend(pod.pod_class.ports)

    def remove_pod(self, uid: str) -> None:
        pod = self.pods.pop(uid)
        self._count(pod, -1)
        for port in pod.pod_class.ports:
            self.ports.remove(port)

    def _count(self, pod: PodInfo, sign: int) -> None:
        _add(self.families, pod.family, sign)
        if pod.pod_class.terms is not None:
            _add(self.terms, pod.pod_class, sign)
        requests = pod.pod_class.requests
        self.requested_cpu += sign * requests.cpu
        self.requested_memory += sign * requests.memory
        self.requested_ephemeral_storage += sign * requests.ephemeral_storage
        self.scored_cpu += sign * requests.scored_cpu
        self.scored_memory += sign * requests.scored_memory
        for name, number in requests.scalars:
            self.requested_scalars[name] = self.requested_scalars.get(name, 0) + sign * number


def _add(counts: dict[K, int], key: K, sign: int) -> None:
    """What none is left of is left out."""
    number = counts.get(key, 0) + sign
    if number:
        counts[key] = number
    else:
        del counts[key]


def node_images(node: Object) -> dict[str, int]:
    images = (node.get("status") or {}).get("images") or ()
    return {name: image.get("sizeBytes") or 0 for image in images for name in image.get("names") or ()}


def same_to_scheduler(old: Object, new: Object) -> bool:
    """Whether an update of a node changes nothing that the scheduler looks at: a heartbeat."""
    old_spec, new_spec = old.get("spec") or {}, new.get("spec") or {}
    old_status, new_status = old.get("status") or {}, new.get("status") or {}
    return (
        old["metadata"].get("labels") == new["metadata"].get("labels")
        and old_spec.get("taints") == new_spec.get("taints")
        and old_spec.get("unschedulable") == new_spec.get("unschedulable")
        and old_status.get("allocatable") == new_status.get("allocatable")
        and old_status.get("images") == new_status.get("images")
        and old_status.get("declaredFeatures") == new_status.get("declaredFeatures")
    )
