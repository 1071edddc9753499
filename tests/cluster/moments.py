"""What pods go through, write by write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from minikube_py.cluster import Cluster
from minikube_py.controllers.runtime.pods import is_ready
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import is_deleting, uid


class Moment(NamedTuple):
    """One write of a pod; None for what was not there before it, or is not after."""

    old: Object | None
    new: Object | None


class Moments:
    """All states that the pods of "default" go through from now on."""

    def __init__(self, cluster: Cluster) -> None:
        self._watcher = cluster.store.watch("pods", "default", lambda: None, cluster.store.revision)
        self._pods = {uid(each.object): each.object for each in cluster.store.list("pods", "default")}

    def __iter__(self) -> Iterator[Moment]:
        """The writes since; `pods` are those there are after each."""
        for event in self._watcher.take():
            pod = event.stored.object
            old = self._pods.pop(uid(pod), None)
            if event.type != "DELETED":
                self._pods[uid(pod)] = pod
            yield Moment(old, None if event.type == "DELETED" else pod)

    @property
    def pods(self) -> list[Object]:
        return list(self._pods.values())


def is_available(pod: Object) -> bool:
    return is_ready(pod) and not is_deleting(pod)
