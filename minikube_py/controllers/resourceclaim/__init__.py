"""resourceclaim-controller: pods' claims of devices (pkg/controller/resourceclaim).

    references     which claims a pod names
    generating     claims that are made from templates
    reservations   who holds a claim, and what becomes of one that nobody holds
    pods, claims   the reconcilers of both
    triggers       which changes have a pod or a claim reconciled

Claims of PodGroups are left out, as long as upstream's DRAWorkloadResourceClaims is off by default.
"""

from __future__ import annotations

from minikube_py.controllers.resourceclaim.claims import ClaimReconciler
from minikube_py.controllers.resourceclaim.pods import PodReconciler
from minikube_py.controllers.resourceclaim.references import RESOURCE_CLAIMS
from minikube_py.controllers.resourceclaim.triggers import Triggers
from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.controllers.runtime.accompanied import AccompaniedController
from minikube_py.controllers.runtime.whenserved import WhenServed


def new(context: Context) -> Controller:
    controller = AccompaniedController(context, "Pod")
    claims = Controller(context, "ResourceClaim")
    controller.companions.append(claims)
    triggers = Triggers(context, controller, claims)
    controller.reconciler = PodReconciler(context, controller)
    claims.reconciler = ClaimReconciler(context, triggers.gone)
    return controller


def new_when_served(context: Context) -> WhenServed:
    """The feature DynamicResourceAllocation, on by default since Kubernetes 1.34, as is the version v1 of its API."""
    return WhenServed(context, RESOURCE_CLAIMS, new)


CONTROLLER = Descriptor("resourceclaim-controller", new_when_served, ("resource-claim-controller",))
