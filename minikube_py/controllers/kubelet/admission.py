"""Whether a node takes a pod that was bound to it (pkg/kubelet/lifecycle/predicate.go). The scheduler asked the same
before; who sets nodeName by hand did not."""

from __future__ import annotations

from typing import NamedTuple

from minikube_py.controllers.scheduler.hostports import conflict
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo, same_to_scheduler
from minikube_py.controllers.scheduler.plugins.nodeaffinity import matching
from minikube_py.controllers.scheduler.plugins.tainttoleration import NO_EXECUTE, tolerated
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.controllers.scheduler.podinfo import PodInfos
from minikube_py.controllers.scheduler.podrequests import CPU, EPHEMERAL_STORAGE, MEMORY, PODS
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import key, labels, uid

NODE_AFFINITY = "NodeAffinity"
OS_LABEL = "kubernetes.io/os"


class Refusal(NamedTuple):
    """Reason and message of an event; the status says "Pod was rejected: " before it."""

    reason: str
    message: str


class Admission:
    """Of one node: what its pods take of it, by their uids."""

    def __init__(self, node: Object, infos: PodInfos) -> None:
        self._node = node
        self._info = NodeInfo(node["metadata"]["name"], 0)
        self._info.set_node(node)
        self._infos = infos
        self._deferred: dict[str, Object] = {}
        """Pods of which the new resources do not fit, by their uids, in the order they came."""

    def set_node(self, node: Object) -> None:
        """What the kubelet knows of its node by now."""
        if not same_to_scheduler(self._node, node) and (node.get("status") or {}).get("allocatable"):
            self._info.set_node(node)
        self._node = node

    def take(self, pod: Object) -> None:
        """It is on the node; idempotent."""
        if uid(pod) not in self._info.pods:
            self._info.add_pod(self._infos.of(pod))

    def release(self, pod_uid: str) -> None:
        """It takes nothing any more; idempotent."""
        self.settle(pod_uid)
        if pod_uid in self._info.pods:
            self._info.remove_pod(pod_uid)

    def resize(self, pod: Object) -> Refusal | None:
        """Let it take what it asks for by now; or tell why it cannot yet."""
        before, wanted = self._info.pods.get(uid(pod)), self._infos.of(pod)
        if before is not None:
            self._info.remove_pod(uid(pod))
        refusal = _too_much(wanted.pod_class, self._info)
        self._info.add_pod(before if refusal is not None and before is not None else wanted)
        if refusal is None:
            self.settle(uid(pod))
        else:
            self._deferred[uid(pod)] = pod
        return refusal

    def settle(self, pod_uid: str) -> None:
        """It does not wait for more any longer; idempotent."""
        self._deferred.pop(pod_uid, None)

    def deferred(self) -> list[NamespacedName]:
        """Pods that wait for more, the most important ones first (allocation_manager.go sortPendingResizes)."""
        return [key(each) for each in sorted(self._deferred.values(), key=_rank)]

    def beyond(self, pod: Object) -> str:
        """How it asks for more than the node has for all of its pods, or ""."""
        requests = self._infos.of(pod).pod_class.requests
        for name, asked, there in (
            (MEMORY, requests.memory, self._info.memory),
            (CPU, requests.cpu, self._info.cpu),
        ):
            if asked > there:
                return f"Node didn't have enough capacity: {name}, requested: {asked}, capacity: {there}"
        return ""

    def refusal(self, pod: Object) -> Refusal | None:
        """Why it cannot be taken, if it cannot: the first of the reasons that there are."""
        if uid(pod) in self._info.pods:
            return None
        info, wanted = self._info, self._infos.of(pod).pod_class
        if labels(pod).get(OS_LABEL, "linux") != "linux":
            told = "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label"
            return Refusal("PodOSSelectorNodeLabelDoesNotMatch", told)
        if ((pod["spec"].get("os") or {}).get("name") or "linux") != "linux":
            return Refusal("PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS")
        return (
            _too_much(wanted, info) or _no_affinity(wanted, info) or _no_ports(wanted, info) or _tainted(wanted, info)
        )


def _rank(pod: Object) -> tuple[int, bool]:
    return -int(pod["spec"].get("priority") or 0), (pod.get("status") or {}).get("qosClass") != "Guaranteed"


def _too_much(wanted: PodClass, info: NodeInfo) -> Refusal | None:
    if len(info.pods) + 1 > info.pods_allowed:
        return _out_of(PODS, 1, len(info.pods), info.pods_allowed)
    requests = wanted.requests
    for name, asked, used, there in (
        (CPU, requests.cpu, info.requested_cpu, info.cpu),
        (MEMORY, requests.memory, info.requested_memory, info.memory),
        (EPHEMERAL_STORAGE, requests.ephemeral_storage, info.requested_ephemeral_storage, info.ephemeral_storage),
    ):
        if asked and asked > there - used:
            return _out_of(name, asked, used, there)
    for name, asked in requests.scalars:
        if name in info.scalars and asked > info.scalars[name] - info.requested_scalars.get(name, 0):
            return _out_of(name, asked, info.requested_scalars.get(name, 0), info.scalars[name])
    return None


def _out_of(resource: str, asked: int, used: int, there: int) -> Refusal:
    numbers = f"requested: {asked}, used: {used}, capacity: {there}"
    return Refusal(f"OutOf{resource}", f"Node didn't have enough resource: {resource}, {numbers}")


def _failed(predicate: str, why: str) -> Refusal:
    return Refusal(predicate, f"Predicate {predicate} failed: {why}")


def _no_affinity(wanted: PodClass, info: NodeInfo) -> Refusal | None:
    check = matching(wanted)
    if check is None or check(info) is None:
        return None
    return _failed(NODE_AFFINITY, "node(s) didn't match Pod's node affinity/selector")


def _no_ports(wanted: PodClass, info: NodeInfo) -> Refusal | None:
    if not any(conflict(port, info.ports) for port in wanted.ports):
        return None
    return _failed("NodePorts", "node(s) didn't have free ports for the requested pod ports")


def _tainted(wanted: PodClass, info: NodeInfo) -> Refusal | None:
    for taint in info.taints:
        if taint.get("effect") == NO_EXECUTE and not tolerated(wanted.tolerations, taint):
            return _failed("TaintToleration", "node(s) had taints that the pod didn't tolerate")
    return None
