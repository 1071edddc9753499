"""endpointslice-mirroring-controller: Endpoints that people write, as slices (pkg/controller/endpointslicemirroring).

mirror      the endpoints that an Endpoints object asks for
plan        all changes to the slices that mirror it
reconciler  which Endpoints are mirrored, and when to look
"""

from __future__ import annotations

from minikube_py.client.workqueue import WorkQueue
from minikube_py.controllers.endpointslicemirroring.reconciler import MirroringReconciler
from minikube_py.controllers.runtime import Context, Controller, Descriptor

MAX_RETRIES = 15
"""Failures in a row after which Endpoints are left alone until something changes."""
MIN_BACKOFF, MAX_BACKOFF = 1.0, 100.0
"""Seconds until Endpoints are tried again, and at most (defaultSyncBackOff, maxSyncBackOff)."""


def new(context: Context) -> Controller:
    controller = Controller(context, "Endpoints", max_retries=MAX_RETRIES)
    controller.queue = WorkQueue(context.clock, context.stopwatch, base_delay=MIN_BACKOFF, max_delay=MAX_BACKOFF)
    reconciler = MirroringReconciler(context, controller)
    reconciler.watch()
    controller.reconciler = reconciler
    return controller


CONTROLLER = Descriptor("endpointslice-mirroring-controller", new, ("endpointslicemirroring",))
