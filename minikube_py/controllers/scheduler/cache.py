"""What runs where: the scheduler's cache (pkg/scheduler/backend/cache).

pod        unknown --assume--> assumed --its binding is seen--> added --deleted, finished--> removed
                                  +------- forget (the binding failed) ------------------------^
"""

from __future__ import annotations

from collections import Counter

from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.machinery.gvr import NamespacedName, Object


class Cache:
    """All nodes with their pods. `version` counts changes; a changed node carries the version of its last change."""

    def __init__(self) -> None:
        self.version = 0
        self.epoch = 0
        """Grows when a node goes, so that what was computed from all nodes is computed anew."""
        self.known = 0
        """How many nodes there are."""
        self.nodes: dict[str, NodeInfo] = {}
        """In the order of their last change. Nodes that are known only from their pods are among them."""
        self._placed: dict[str, NodeInfo] = {}
        self._keys: dict[str, NamespacedName] = {}
        """Of the placed pods."""
        self._priorities: Counter[int] = Counter()
        """How many placed pods have which."""
        self._arrivals = 0
        self._turns = 0

    def _node(self, name: str) -> NodeInfo:
        found = self.nodes.get(name)
        if found is None:
            self._arrivals += 1
            found = NodeInfo(name, self._arrivals)
        return found

    def _touch(self, node: NodeInfo) -> None:
        self.version += 1
        node.version = self.version
        self.nodes.pop(node.name, None)
        self.nodes[node.name] = node

    def set_node(self, node: Object) -> None:
        info = self._node(node["metadata"]["name"])
        self.known += not info.known
        info.set_node(node)
        self._touch(info)

    def remove_node(self, name: str) -> None:
        info = self.nodes.get(name)
        if info is None or not info.known:
            return
        info.known = False
        self.known -= 1
        self.epoch += 1
        if not info.pods:
            del self.nodes[name]

    def node_of(self, uid: str) -> str:
        """Where a pod is, "" if it is nowhere."""
        info = self._placed.get(uid)
        return info.name if info is not None else ""

    def key_of(self, uid: str) -> NamespacedName:
        """Of a pod that is somewhere. Raises KeyError."""
        return self._keys[uid]

    def any_below(self, priority: int) -> bool:
        """Whether any placed pod is less important."""
        return any(other < priority for other in self._priorities)

    def assume(self, uid: str, key: NamespacedName, pod: PodClass, node: NodeInfo) -> None:
        """Count a pod as being where it is about to be bound."""
        self._turns += 1
        node.turn = self._turns
        self._place(uid, key, pod, node)

    def add_pod(self, uid: str, key: NamespacedName, pod: PodClass, node_name: str) -> None:
        """Put a pod where it was seen to be, wherever it was before."""
        self.remove_pod(uid)
        self._place(uid, key, pod, self._node(node_name))

    def _place(self, uid: str, key: NamespacedName, pod: PodClass, node: NodeInfo) -> None:
        node.add_pod(uid, pod)
        self._placed[uid] = node
        self._keys[uid] = key
        self._priorities[pod.priority] += 1
        self._touch(node)

    def remove_pod(self, uid: str) -> bool:
        """Whether it was anywhere."""
        info = self._placed.pop(uid, None)
        if info is None:
            return False
        del self._keys[uid]
        priority = info.pods[uid].priority
        self._priorities[priority] -= 1
        if not self._priorities[priority]:
            del self._priorities[priority]
        info.remove_pod(uid)
        self._touch(info)
        if not info.known and not info.pods:
            del self.nodes[info.name]
        return True
