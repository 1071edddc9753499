"""endpointslice-controller: where each Service's traffic goes, in slices (pkg/controller/endpointslice).

pods        which pods a Service selects, and which Services a change of a pod concerns
endpoint    one pod as an endpoint of one Service
packing     endpoints into slices, changing as few slices as possible
plan        all changes to a Service's slices
lull        waiting while pods change fast
hints       spec.trafficDistribution
zones       hints by the zones' shares of CPU
topology    which Services have these, and when nodes change
slices      the slices that a controller manages: found, watched and written
tracker     which slices the informer has yet to show
triggertime the annotation that says since when slices are out of date
"""

from __future__ import annotations

from minikube_py.client.workqueue import WorkQueue
from minikube_py.controllers.endpointslice.lull import PatientController
from minikube_py.controllers.endpointslice.reconciler import EndpointSliceReconciler
from minikube_py.controllers.runtime import Context, Descriptor

MAX_RETRIES = 15
"""Failures in a row after which a Service is left alone until something changes."""
MIN_BACKOFF, MAX_BACKOFF = 1.0, 1000.0
"""Seconds until a Service is tried again, and at most (defaultSyncBackOff, maxSyncBackOff)."""


def new(context: Context) -> PatientController:
    controller = PatientController(context, "Service", max_retries=MAX_RETRIES)
    controller.queue = WorkQueue(context.clock, context.stopwatch, base_delay=MIN_BACKOFF, max_delay=MAX_BACKOFF)
    reconciler = EndpointSliceReconciler(context, controller)
    reconciler.watch()
    controller.reconciler = reconciler
    return controller


CONTROLLER = Descriptor("endpointslice-controller", new, ("endpointslice",))
