"""replicationcontroller-controller: the ReplicaSet controller for an older kind (pkg/controller/replication)."""

from __future__ import annotations

from minikube_py.controllers.replicaset.reconciler import Kind, new_controller
from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.labels import Selector, from_set, nothing
from minikube_py.machinery.wellknown import REPLICATION_CONTROLLER, REPLICATION_CONTROLLERS


def _selector_of(controller: Object) -> Selector:
    """Its selector is a plain set of labels; without one it selects nothing."""
    selector = controller["spec"].get("selector")
    return from_set(selector) if selector else nothing()


KIND = Kind(
    REPLICATION_CONTROLLERS,
    REPLICATION_CONTROLLER,
    _selector_of,
    reports_terminating=False,
    component="replication-controller",
)


def new(context: Context) -> Controller:
    return new_controller(context, KIND)


CONTROLLER = Descriptor("replicationcontroller-controller", new, ("replicationcontroller",))
