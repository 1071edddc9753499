"""Which Services have hints by zones, and when nodes change so that these are no good any more: the state of
k8s.io/endpointslice topologycache, and checkNodeTopologyDistribution of endpointslice_controller.go."""

from __future__ import annotations

from collections.abc import Mapping

from minikube_py.controllers.endpointslice.endpoint import ZONE
from minikube_py.controllers.endpointslice.zones import Counts, Shares, is_overloaded, shares_of
from minikube_py.controllers.runtime import Context, Controller
from minikube_py.controllers.runtime.pods import is_ready
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import labels
from minikube_py.machinery.wellknown import NODES

ByFamily = Mapping[str, Counts]


class Topology:
    """Nodes are looked at only while some Service has hints, or is about to get some."""

    def __init__(self, context: Context, controller: Controller) -> None:
        self._controller = controller
        self._informer = context.informer(NODES)
        self._shares: Shares | None = None
        self._hinted: dict[NamespacedName, ByFamily] = {}

    def watch(self) -> None:
        self._informer.add_handler(self._changed, self._updated, self._changed)

    def shares(self) -> Shares:
        if self._shares is None:
            self._shares = shares_of(self._informer.lister.list())
        return self._shares

    def has_hints(self, service: NamespacedName) -> bool:
        return service in self._hinted

    def put(self, service: NamespacedName, counts: ByFamily) -> None:
        """Empty for a Service without hints."""
        if counts:
            self._hinted[service] = counts
        else:
            self._hinted.pop(service, None)

    def _updated(self, old: Object, new: Object) -> None:
        if is_ready(old) != is_ready(new) or labels(old).get(ZONE) != labels(new).get(ZONE):
            self._changed(new)

    def _changed(self, node: Object) -> None:
        self._shares = None
        for service, by_family in self._hinted.items():
            if any(is_overloaded(counts, self.shares()) for counts in by_family.values()):
                self._controller.enqueue(service, node)
