"""The controller: nodes that change or that the monitor tells of, and pods that come to lost nodes."""

from __future__ import annotations

from minikube_py.controllers.nodelifecycle.monitor import Monitor
from minikube_py.controllers.nodelifecycle.reconciler import NodeReconciler, PodMarker, PodReconciler
from minikube_py.controllers.runtime import Context, Controller
from minikube_py.controllers.runtime.accompanied import AccompaniedController
from minikube_py.machinery.gvr import NamespacedName
from minikube_py.machinery.meta import key
from minikube_py.machinery.wellknown import NODES, PODS


class NodeLifecycleController(AccompaniedController):
    """Begins to look once its caches are synced."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, "Node")
        self._monitor = Monitor(context, self._told)
        marker = PodMarker(context)
        self.reconciler = NodeReconciler(context, self._monitor, marker)
        self.watches_for(NODES)
        pods = PodReconciler(context, self._monitor, marker)
        arrivals = Controller(context, "Pod", pods)
        arrivals.watches(PODS, lambda pod: (key(pod),), when=pods.concerns)
        self.companions.append(arrivals)

    def _told(self, node: str, reason: str) -> None:
        self.enqueue(NamespacedName("", node), reason=reason)

    async def _run(self) -> None:
        await super()._run()
        self._monitor.start()

    async def stop(self) -> None:
        self._monitor.stop()
        await super().stop()


def new(context: Context) -> Controller:
    return NodeLifecycleController(context)
