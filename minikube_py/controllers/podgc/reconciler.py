"""The pod garbage collector: removes pods that nobody else will (pkg/controller/podgc).

Upstream looks at all pods every 20 seconds. Here events tell which could be meant, and these are looked at as much
later: a cluster at rest does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.client.protocol import STRATEGIC_MERGE_PATCH
from minikube_py.controllers.podgc.verdicts import (
    TERMINATED_THRESHOLD,
    failing_patch,
    has_ended,
    is_out_of_service,
    is_unscheduled_terminating,
    surplus,
)
from minikube_py.controllers.runtime import Context, Controller
from minikube_py.controllers.runtime.accompanied import AccompaniedController
from minikube_py.controllers.runtime.pods import node_name
from minikube_py.controllers.runtime.podsonnode import BY_NODE, pods_by_node
from minikube_py.machinery.errors import StatusError, is_conflict, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import is_deleting, key, name, namespace, uid
from minikube_py.machinery.wellknown import NODES, PODS

PERIOD = 20.0
QUARANTINE = 40.0
"""Seconds that a node must be missing before its pods go."""

SURPLUS = NamespacedName("", "that have ended")
"""The key under which pods above the threshold are removed."""


class Remover:
    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._clock = context.clock

    async def remove_all(self, pods: Iterable[Object], *, orphaned: bool = False) -> None:
        """One that cannot be removed does not keep the others. Raises the first StatusError there was."""
        failures: list[StatusError] = []
        for pod in pods:
            try:
                await self.remove(pod, orphaned=orphaned)
            except StatusError as error:
                failures.append(error)
        if failures:
            raise failures[0]

    async def remove(self, pod: Object, *, orphaned: bool = False) -> None:
        """Mark it failed, then delete it at once. Raises StatusError."""
        patch = failing_patch(pod, orphaned, self._clock.now())
        where = namespace(pod), name(pod)
        try:
            if patch is not None:
                await self._client.patch(PODS, *where, patch, patch_type=STRATEGIC_MERGE_PATCH, subresource="status")
            await self._client.delete(PODS, *where, grace_period=0, uid=uid(pod))
        except StatusError as error:
            # Gone, or made anew under its name.
            if not (is_not_found(error) or is_conflict(error)):
                raise


class PodReconciler:
    """Its keys are pods, and SURPLUS."""

    def __init__(self, context: Context, controller: Controller, remover: Remover, threshold: int) -> None:
        self._controller = controller
        self._remover = remover
        self._threshold = threshold
        self._pods = context.lister(PODS)
        self._ended: set[NamespacedName] = set()

    def watch(self) -> None:
        informer = self._controller.context.informer(PODS)
        informer.add_handler(self._seen, lambda old, new: self._seen(new), lambda pod: self._ended.discard(key(pod)))

    def _seen(self, pod: Object) -> None:
        if is_unscheduled_terminating(pod):
            self._controller.enqueue_after(key(pod), PERIOD)
        if not has_ended(pod):
            self._ended.discard(key(pod))
            return
        self._ended.add(key(pod))
        if 0 < self._threshold < len(self._ended):
            self._controller.enqueue_after(SURPLUS, PERIOD)

    async def reconcile(self, where: NamespacedName) -> None:
        if where == SURPLUS:
            ended = [pod for each in self._ended if (pod := self._pods.get(*each)) is not None]
            await self._remover.remove_all(surplus(ended, self._threshold))
            return
        found = self._pods.get(*where)
        if found is not None and is_unscheduled_terminating(found):
            await self._remover.remove(found)


class NodeReconciler:
    """Its keys are nodes: those that pods name and that are not there, and those out of service."""

    def __init__(self, context: Context, controller: Controller, remover: Remover) -> None:
        self._client = context.client
        self._controller = controller
        self._remover = remover
        self._nodes = context.lister(NODES)
        self._pods = pods_by_node(context)

    def watch(self) -> None:
        context = self._controller.context
        context.informer(PODS).add_handler(self._pod_seen, lambda old, new: self._pod_seen(new))
        context.informer(NODES).add_handler(on_update=lambda old, new: self._node_seen(new), on_delete=self._node_gone)

    def _pod_seen(self, pod: Object) -> None:
        where = node_name(pod)
        if not where:
            return
        node = self._nodes.get("", where)
        if node is None:
            self._controller.enqueue_after(NamespacedName("", where), QUARANTINE)
        elif is_deleting(pod) and is_out_of_service(node):
            self._controller.enqueue_after(NamespacedName("", where), PERIOD)

    def _node_seen(self, node: Object) -> None:
        if is_out_of_service(node):
            self._controller.enqueue_after(key(node), PERIOD)

    def _node_gone(self, node: Object) -> None:
        self._controller.enqueue_after(key(node), QUARANTINE)

    async def reconcile(self, where: NamespacedName) -> None:
        node = self._nodes.get("", where.name)
        pods = self._pods.by_index(BY_NODE, where.name)
        if node is None:
            if pods and await self._is_missing(where.name):
                await self._remover.remove_all(pods, orphaned=True)
        elif is_out_of_service(node):
            await self._remover.remove_all(filter(is_deleting, pods))

    async def _is_missing(self, node: str) -> bool:
        """By the server: the cache may not have it yet. Raises StatusError."""
        try:
            await self._client.get(NODES, "", node)
        except StatusError as error:
            if is_not_found(error):
                return True
            raise
        return False


def new_controller(context: Context, threshold: int = TERMINATED_THRESHOLD) -> Controller:
    """`threshold`: how many pods that have ended may stay; 0 for all."""
    remover = Remover(context)
    controller = AccompaniedController(context, "Pod")
    pods = PodReconciler(context, controller, remover, threshold)
    pods.watch()
    controller.reconciler = pods
    of_nodes = Controller(context, "Node")
    nodes = NodeReconciler(context, of_nodes, remover)
    nodes.watch()
    of_nodes.reconciler = nodes
    controller.companions.append(of_nodes)
    return controller
