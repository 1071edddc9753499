"""What is written of one node: that it is lost, its taints, its labels, its pods (node_lifecycle_controller.go,
pkg/controller/util/node)."""

from __future__ import annotations

from minikube_py.controllers.nodelifecycle.health import TRUE, UNKNOWN, unknown_conditions
from minikube_py.controllers.nodelifecycle.monitor import SOURCE, Monitor
from minikube_py.controllers.nodelifecycle.taints import plan, plan_evicting, plan_labels
from minikube_py.controllers.runtime import Context
from minikube_py.controllers.runtime.ownwrites import OwnWrites
from minikube_py.controllers.runtime.pods import node_name
from minikube_py.controllers.runtime.podsonnode import BY_NODE, pods_by_node
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.conditions import find, has_status
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import name, resource_version, uid
from minikube_py.machinery.wellknown import NODES, PODS


class PodMarker:
    """Marks pods of lost nodes as not ready: their kubelets will not (MarkPodsNotReady)."""

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._clock = context.clock
        self._recorder = context.recorder(SOURCE)

    async def mark(self, pod: Object) -> None:
        """Raises StatusError, a conflict if the pod has changed meanwhile."""
        conditions = (pod.get("status") or {}).get("conditions")
        ready = find(conditions, "Ready")
        if ready is None or ready["status"] == "False":
            return
        marked = {**ready, "status": "False", "lastTransitionTime": rfc3339(self._clock.now())}
        status = {**pod["status"], "conditions": [marked if each is ready else each for each in conditions or ()]}
        try:
            await self._client.update(PODS, {**pod, "status": status}, subresource="status")
        except StatusError as error:
            if is_not_found(error):
                return
            raise
        self._recorder.event(pod, "Warning", "NodeNotReady", "Node is not ready")


class NodeReconciler:
    """Brings one node to what the monitor has decided of it, and its conditions say."""

    def __init__(self, context: Context, monitor: Monitor, marker: PodMarker) -> None:
        self._client = context.client
        self._clock = context.clock
        self._nodes = context.lister(NODES)
        self._pods = pods_by_node(context)
        self._recorder = context.recorder(SOURCE)
        self._monitor = monitor
        self._marker = marker
        self._writes = OwnWrites()
        self._unmarked: set[str] = set()
        """Nodes whose pods are to be marked as not ready."""

    async def reconcile(self, where: NamespacedName) -> None:
        node = self._nodes.get(*where)
        if node is None:
            self._writes.forget(where)
            self._unmarked.discard(where.name)
            return
        if not self._writes.precede(node):
            return
        if self._monitor.is_silent(node):
            node = await self._give_up(node)
        node = await self._taint(node)
        if wanted := plan_labels(node):
            self._writes.note(await self._client.patch(NODES, "", where.name, {"metadata": {"labels": wanted}}))
        if where.name in self._unmarked:
            await self._mark_pods(node)

    async def _give_up(self, node: Object) -> Object:
        """Nobody knows how it is; the node as it is then."""
        conditions = (node.get("status") or {}).get("conditions")
        if has_status(conditions, "Ready", UNKNOWN):
            return node
        was_ready = has_status(conditions, "Ready", TRUE)
        status = {**(node.get("status") or {}), "conditions": unknown_conditions(node, self._clock.now())}
        written = await self._client.update(NODES, {**node, "status": status}, subresource="status")
        self._writes.note(written)
        if was_ready:
            self._unmarked.add(name(node))
            reference = {"apiVersion": "v1", "kind": "Node", "name": name(node), "uid": uid(node)}
            message = f"Node {name(node)} status is now: NodeNotReady"
            self._recorder.event(reference, "Normal", "NodeNotReady", message)
        return written

    async def _taint(self, node: Object) -> Object:
        now = rfc3339(self._clock.now())
        taints = plan(node, now)
        planned = node if taints is None else {**node, "spec": {**node["spec"], "taints": taints}}
        driving = plan_evicting(planned, self._monitor.wanted(node), now)
        if driving is not None:
            taints = driving
        if taints is None:
            return node
        patch = {"metadata": {"resourceVersion": resource_version(node)}, "spec": {"taints": taints}}
        written = await self._client.patch(NODES, "", name(node), patch)
        self._writes.note(written)
        return written

    async def _mark_pods(self, node: Object) -> None:
        """All of them, then raises the first StatusError there was."""
        failures: list[StatusError] = []
        if not has_status((node.get("status") or {}).get("conditions"), "Ready", TRUE):
            for pod in self._pods.by_index(BY_NODE, name(node)):
                try:
                    await self._marker.mark(pod)
                except StatusError as error:
                    failures.append(error)
        if failures:
            raise failures[0]
        self._unmarked.discard(name(node))


class PodReconciler:
    """Marks a pod that came to a lost node."""

    def __init__(self, context: Context, monitor: Monitor, marker: PodMarker) -> None:
        self._pods = context.lister(PODS)
        self._monitor = monitor
        self._marker = marker

    def concerns(self, old: Object | None, new: Object | None) -> bool:
        """Whether it has just come to such a node."""
        if new is None or (old is not None and node_name(old) == node_name(new)):
            return False
        return self._monitor.is_lost(node_name(new))

    async def reconcile(self, where: NamespacedName) -> None:
        pod = self._pods.get(*where)
        if pod is not None and self._monitor.is_lost(node_name(pod)):
            await self._marker.mark(pod)
