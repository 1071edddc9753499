"""The nodes that load balancers send traffic to: syncNodes. Nothing is sent here, but changes of them are told.

Upstream leaves out nodes without a providerID; simulated nodes have none.
"""

from __future__ import annotations

from minikube_py.controllers.runtime import Context, Controller
from minikube_py.controllers.servicelb.balancers import Balancers
from minikube_py.controllers.servicelb.wants import wants_load_balancer
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import is_deleting, labels, name
from minikube_py.machinery.wellknown import NODES, SERVICES

EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers"
_DOOMED = "ToBeDeletedByClusterAutoscaler"

COMPONENT = "service-controller"
"""The source of all events of this controller."""
ALL_NODES = NamespacedName("", "")
"""The only key: no node is looked at by itself."""


def is_backend(node: Object) -> bool:
    taints = (node.get("spec") or {}).get("taints") or ()
    return not is_deleting(node) and EXCLUDED not in labels(node) and all(each["key"] != _DOOMED for each in taints)


def _matters(old: Object | None, new: Object | None) -> bool:
    """Whether a node came, went, or was excluded."""
    return old is None or new is None or (EXCLUDED in labels(old)) != (EXCLUDED in labels(new))


NONE_AVAILABLE = ("UnAvailableLoadBalancer", "There are no available nodes for LoadBalancer")
"""The reason and the message of an event."""


class Backends:
    def __init__(self, context: Context, controller: Controller, balancers: Balancers) -> None:
        self._controller = controller
        self._services = context.lister(SERVICES)
        self._nodes = context.lister(NODES)
        self._balancers = balancers
        self._recorder = context.recorder(COMPONENT)
        self._known: frozenset[str] = frozenset()

    def watch(self) -> None:
        self._controller.watches(NODES, lambda node: (ALL_NODES,), when=_matters)

    async def reconcile(self, _: NamespacedName) -> None:
        names = frozenset(name(node) for node in self._nodes.list() if is_backend(node))
        if names == self._known:
            return
        self._known = names
        for where in self._balancers.services:
            service = self._services.get(*where)
            if service is None or not wants_load_balancer(service):
                continue
            if names:
                self._recorder.event(service, "Normal", "UpdatedLoadBalancer", "Updated load balancer with new hosts")
            else:
                self._recorder.event(service, "Warning", *NONE_AVAILABLE)
