"""A pod as the scheduler counts it: its class, and its family (scheduler framework's PodInfo)."""

from __future__ import annotations

from typing import NamedTuple

from minikube_py.controllers.scheduler.podclass import PodClass, PodClasses
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import controller_of, generation, is_deleting, key, labels

Owner = tuple[str, str, str]
"""apiVersion, kind and name of a controller."""

MAX_FAMILIES = 4096


class Family:
    """Pods that selectors and owners cannot tell apart. Compared by identity."""

    __slots__ = ("deleting", "labels", "namespace", "owner")

    def __init__(self, namespace: str, labels: dict[str, str], owner: Owner | None, deleting: bool) -> None:
        self.namespace = namespace
        self.labels = labels
        self.owner = owner
        self.deleting = deleting


class PodInfo(NamedTuple):
    uid: str
    key: NamespacedName
    pod_class: PodClass
    family: Family

    @property
    def priority(self) -> int:
        return self.pod_class.priority


class PodInfos:
    """Reads pods, and keeps one object for all of a class and of a family; the recent ones are known."""

    def __init__(self) -> None:
        self._classes = PodClasses()
        self._families: dict[tuple[object, ...], Family] = {}

    def of(self, pod: Object) -> PodInfo:
        return PodInfo(pod["metadata"]["uid"], key(pod), self._classes.of(pod), self._family(pod))

    def _family(self, pod: Object) -> Family:
        own, reference, deleting = labels(pod), controller_of(pod), is_deleting(pod)
        owner = (reference["apiVersion"], reference["kind"], reference["name"]) if reference is not None else None
        signature = (pod["metadata"].get("namespace", ""), frozenset(own.items()), owner, deleting)
        found = self._families.get(signature)
        if found is None:
            if len(self._families) >= MAX_FAMILIES:
                del self._families[next(iter(self._families))]
            found = self._families[signature] = Family(pod["metadata"].get("namespace", ""), own, owner, deleting)
        return found


def same_to_scheduler(old: Object, new: Object) -> bool:
    """Whether an update of a placed pod changes nothing that is counted: its status moves on."""
    return (
        generation(old) == generation(new)
        and is_deleting(old) == is_deleting(new)
        and (old["metadata"].get("labels") is new["metadata"].get("labels") or labels(old) == labels(new))
    )
