"""namespace-controller: empties namespaces that are being deleted (pkg/controller/namespace).

content     what is deleted, and what remains
conditions  how the namespace's status tells of it
staleness   what cannot be discovered
"""

from __future__ import annotations

from minikube_py.client.workqueue import WorkQueue
from minikube_py.controllers.namespace.reconciler import NamespaceReconciler
from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import is_deleting, key
from minikube_py.machinery.wellknown import NAMESPACES

GRACE = 5.0
"""Seconds from the deletion until it is acted on, in which others learn of it and stop creating
(namespaceDeletionGracePeriod)."""

MAX_BACKOFF = 60.0


def new(context: Context) -> Controller:
    controller = Controller(context, "Namespace", NamespaceReconciler(context))
    controller.queue = WorkQueue(context.clock, context.stopwatch, max_delay=MAX_BACKOFF)

    def deleting(namespace: Object) -> None:
        if is_deleting(namespace):
            controller.enqueue_after(key(namespace), GRACE)

    context.informer(NAMESPACES).add_handler(deleting, lambda old, new: deleting(new))
    return controller


CONTROLLER = Descriptor("namespace-controller", new, ("namespace",))
