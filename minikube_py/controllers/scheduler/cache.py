"""What runs where: the scheduler's cache (pkg/scheduler/backend/cache), and who is to run where (its nominator).

pod        unknown --assume--> assumed --its binding is seen--> added --deleted, finished--> removed
                                  +------- forget (the binding failed) ------------------------^
"""

from __future__ import annotations

from collections import Counter

from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.controllers.scheduler.podinfo import PodInfo
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
        self.terms: dict[PodClass, int] = {}
        """The classes of placed pods that say something of other pods, and how many pods are of them."""
        self.terms_version = 0
        """Grows when such a class comes or goes."""
        self.images: Counter[str] = Counter()
        """On how many nodes each image is."""
        self.images_version = 0
        """Grows when that changes."""
        self._placed: dict[str, NodeInfo] = {}
        self._claims: Counter[NamespacedName] = Counter()
        """How many placed pods name which claim."""
        self._nominated: dict[str, NodeInfo] = {}
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

    # Nodes

    def set_node(self, node: Object) -> None:
        info = self._node(node["metadata"]["name"])
        self.known += not info.known
        before = info.images
        info.set_node(node)
        self._count_images(before, info.images)
        self._touch(info)

    def remove_node(self, name: str) -> None:
        info = self.nodes.get(name)
        if info is None or not info.known:
            return
        info.known = False
        self.known -= 1
        self.epoch += 1
        self._count_images(info.images, {})
        info.images = {}
        if info.empty:
            del self.nodes[name]

    def _count_images(self, before: dict[str, int], after: dict[str, int]) -> None:
        if before.keys() == after.keys():
            return
        self.images_version += 1
        for name in after.keys() - before.keys():
            self.images[name] += 1
        for name in before.keys() - after.keys():
            self.images[name] -= 1
            if not self.images[name]:
                del self.images[name]

    # Pods

    def node_of(self, uid: str) -> str:
        """Where a pod is, "" if it is nowhere."""
        info = self._placed.get(uid)
        return info.name if info is not None else ""

    def any_below(self, priority: int) -> bool:
        """Whether any placed pod is less important."""
        return any(other < priority for other in self._priorities)

    def users(self, claim: NamespacedName) -> int:
        """How many placed pods name a claim."""
        return self._claims[claim]

    def assume(self, pod: PodInfo, node: NodeInfo) -> None:
        """Count a pod as being where it is about to be bound."""
        self._turns += 1
        node.turn = self._turns
        self._place(pod, node)

    def add_pod(self, pod: PodInfo, node_name: str) -> None:
        """Put a pod where it was seen to be, wherever it was before."""
        self.remove_pod(pod.uid)
        self._place(pod, self._node(node_name))

    def _place(self, pod: PodInfo, node: NodeInfo) -> None:
        self.denominate(pod.uid)
        node.add_pod(pod)
        self._placed[pod.uid] = node
        self._priorities[pod.priority] += 1
        self._count_uses(pod, 1)
        self._touch(node)

    def remove_pod(self, uid: str) -> bool:
        """Whether it was anywhere."""
        info = self._placed.pop(uid, None)
        if info is None:
            return False
        pod = info.pods[uid]
        self._priorities[pod.priority] -= 1
        if not self._priorities[pod.priority]:
            del self._priorities[pod.priority]
        info.remove_pod(uid)
        self._count_uses(pod, -1)
        self._left(info)
        return True

    def _left(self, info: NodeInfo) -> None:
        self._touch(info)
        if not info.known and info.empty:
            del self.nodes[info.name]

    def _count_uses(self, pod: PodInfo, sign: int) -> None:
        pod_class = pod.pod_class
        if pod_class.terms is not None:
            number = self.terms.get(pod_class, 0)
            if number + sign:
                self.terms[pod_class] = number + sign
            else:
                del self.terms[pod_class]
            self.terms_version += number == 0 or number + sign == 0
        for name in pod_class.claims:
            claim = NamespacedName(pod.key.namespace, name)
            self._claims[claim] += sign
            if not self._claims[claim]:
                del self._claims[claim]

    # Nominations

    def nominated_node(self, uid: str) -> NodeInfo | None:
        """Where room is made for a pod that has no node yet."""
        return self._nominated.get(uid)

    def nominate(self, pod: PodInfo, node_name: str) -> None:
        """Keep room for the pod from those that are no more important."""
        info = self._nominated.get(pod.uid)
        if info is not None and info.name == node_name and info.nominated[pod.uid] == pod:
            return
        self.denominate(pod.uid)
        info = self._node(node_name)
        info.nominated[pod.uid] = pod
        self._nominated[pod.uid] = info
        self._touch(info)

    def denominate(self, uid: str) -> bool:
        """Whether it was nominated."""
        info = self._nominated.pop(uid, None)
        if info is None:
            return False
        del info.nominated[uid]
        self._left(info)
        return True
