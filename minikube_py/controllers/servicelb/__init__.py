"""service-lb-controller: load balancers of Services (k8s.io/cloud-provider/controllers/service).

The cloud is simulated: a load balancer is an address out of a range (--load-balancer-ip-range), given at once.

wants       which Services want a load balancer, and which changes of them matter
balancers   the load balancers there are, and the addresses they hold
reconciler  the finalizer, the status and the events of one Service
backends    the nodes that load balancers send traffic to
"""

from __future__ import annotations

from minikube_py.client.workqueue import WorkQueue
from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.controllers.runtime.accompanied import AccompaniedController
from minikube_py.controllers.servicelb.backends import Backends
from minikube_py.controllers.servicelb.reconciler import ServiceReconciler

MIN_RETRY, MAX_RETRY = 5.0, 300.0
"""Seconds until a Service without an address is tried again, and at most."""


def new(context: Context) -> AccompaniedController:
    controller = AccompaniedController(context, "Service")
    controller.queue = WorkQueue(context.clock, context.stopwatch, base_delay=MIN_RETRY, max_delay=MAX_RETRY)
    reconciler = ServiceReconciler(context, controller)
    reconciler.watch()
    controller.reconciler = reconciler
    nodes = Controller(context, "Node", workers=1)
    backends = Backends(context, nodes, reconciler.balancers)
    backends.watch()
    nodes.reconciler = backends
    controller.companions.append(nodes)
    return controller


CONTROLLER = Descriptor("service-lb-controller", new, ("service",))
