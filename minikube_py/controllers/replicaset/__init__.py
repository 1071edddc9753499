"""replicaset-controller."""

from __future__ import annotations

from minikube_py.controllers.replicaset.reconciler import Kind, new_controller
from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.labels import Selector
from minikube_py.machinery.labelselector import as_selector
from minikube_py.machinery.wellknown import REPLICA_SET, REPLICA_SETS


def _selector_of(replica_set: Object) -> Selector:
    return as_selector(replica_set["spec"].get("selector"))


KIND = Kind(REPLICA_SETS, REPLICA_SET, _selector_of)


def new(context: Context) -> Controller:
    return new_controller(context, KIND)


CONTROLLER = Descriptor("replicaset-controller", new, ("replicaset",))
