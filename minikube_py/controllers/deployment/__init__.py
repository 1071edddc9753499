"""deployment-controller."""

from __future__ import annotations

from minikube_py.controllers.deployment.reconciler import DeploymentReconciler
from minikube_py.controllers.runtime import Context, Controller, Descriptor

MAX_RETRIES = 15
"""Failures in a row after which a Deployment is left alone until something changes."""


def new(context: Context) -> Controller:
    controller = Controller(context, "Deployment", max_retries=MAX_RETRIES)
    reconciler = DeploymentReconciler(context, controller)
    reconciler.watch()
    controller.reconciler = reconciler
    return controller


CONTROLLER = Descriptor("deployment-controller", new, ("deployment",))
