"""endpoints-controller: where each Service's traffic goes, in one object (pkg/controller/endpoint)."""

from __future__ import annotations

from minikube_py.controllers.endpoints.reconciler import EndpointsReconciler
from minikube_py.controllers.endpointslice.lull import PatientController
from minikube_py.controllers.runtime import Context, Descriptor

MAX_RETRIES = 15
"""Failures in a row after which a Service is left alone until something changes."""


def new(context: Context) -> PatientController:
    controller = PatientController(context, "Service", max_retries=MAX_RETRIES)
    reconciler = EndpointsReconciler(context, controller)
    reconciler.watch()
    controller.reconciler = reconciler
    return controller


CONTROLLER = Descriptor("endpoints-controller", new, ("endpoint",))
