"""ttl-controller: tells kubelets by an annotation of their nodes how long they may believe what they know of secrets
and config maps: the larger the cluster, the longer (pkg/controller/ttl)."""

from __future__ import annotations

from typing import NamedTuple

from minikube_py.client.protocol import STRATEGIC_MERGE_PATCH
from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.machinery import meta
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.wellknown import NODES

ANNOTATION = "node.alpha.kubernetes.io/ttl"


class Step(NamedTuple):
    """A size of clusters. Steps overlap, so that a cluster that grows and shrinks a little keeps its one."""

    least: int
    most: int | None
    seconds: int


STEPS = (Step(0, 100, 0), Step(90, 500, 15), Step(450, 1000, 30), Step(900, 2000, 60), Step(1800, None, 300))


def step_for(nodes: int, current: int = 0) -> int:
    """The index of the step of a cluster with so many nodes that is at `current` now."""
    while (most := STEPS[current].most) is not None and nodes > most:
        current += 1
    while nodes < STEPS[current].least:
        current -= 1
    return current


def is_told(node: Object, seconds: int) -> bool:
    return meta.annotations(node).get(ANNOTATION) == str(seconds)


class TTLReconciler:
    """A node learns of a new step with its next change, as its kubelet reports every few minutes."""

    def __init__(self, context: Context, controller: Controller) -> None:
        self._client = context.client
        self._controller = controller
        self._informer = context.informer(NODES)
        self._nodes = self._informer.lister
        self._step = 0

    def watch(self) -> None:
        self._informer.add_handler(self._changed, lambda old, new: self._changed(new), self._deleted)

    @property
    def _seconds(self) -> int:
        return STEPS[self._step].seconds

    def _changed(self, node: Object) -> None:
        self._step = step_for(len(self._nodes), self._step)
        if not is_told(node, self._seconds):
            self._controller.enqueue(meta.key(node), node)

    def _deleted(self, node: Object) -> None:
        self._step = step_for(len(self._nodes), self._step)

    async def reconcile(self, where: NamespacedName) -> None:
        node = self._nodes.get(*where)
        if node is None or is_told(node, self._seconds):
            return
        patch = {"metadata": {"annotations": {ANNOTATION: str(self._seconds)}}}
        try:
            await self._client.patch(NODES, *where, patch, patch_type=STRATEGIC_MERGE_PATCH)
        except StatusError as error:
            if not is_not_found(error):
                raise


def new(context: Context) -> Controller:
    controller = Controller(context, "Node")
    reconciler = TTLReconciler(context, controller)
    reconciler.watch()
    controller.reconciler = reconciler
    return controller


CONTROLLER = Descriptor("ttl-controller", new, ("ttl",))
