"""kubernetes-service-cidr-controller: the ServiceCIDR `kubernetes` comes back within ten seconds
(pkg/controlplane/controller/defaultservicecidr)."""

from __future__ import annotations

from minikube_py.client.protocol import APPLY_PATCH
from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.controllers.runtime.whenserved import WhenServed
from minikube_py.controllers.servicecidr import SERVICE_CIDRS
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.errors import StatusError, is_already_exists
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import key

NAME = "kubernetes-service-cidr-controller"
WHERE = NamespacedName("", "kubernetes")

PERIOD = 10.0
"""Seconds between two looks of upstream; here one follows a deletion after as long."""


class DefaultServiceCIDR:
    """Its only key is WHERE."""

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._clock = context.clock
        self._cidrs = context.lister(SERVICE_CIDRS)
        self._range = context.settings.service_cluster_ip_range

    async def reconcile(self, where: NamespacedName) -> None:
        if self._cidrs.get(*WHERE) is not None:
            return
        made: Object = {"apiVersion": SERVICE_CIDRS.api_version, "kind": "ServiceCIDR"}
        made["metadata"] = {"name": WHERE.name}
        try:
            await self._client.create(SERVICE_CIDRS, {**made, "spec": {"cidrs": [self._range]}})
        except StatusError as error:
            if not is_already_exists(error):
                raise
            return
        condition = {"type": "Ready", "status": "True", "reason": "", "lastTransitionTime": rfc3339(self._clock.now())}
        condition["message"] = "Kubernetes default Service CIDR is ready"
        await self._client.patch(
            SERVICE_CIDRS,
            *WHERE,
            {**made, "status": {"conditions": [condition]}},
            patch_type=APPLY_PATCH,
            subresource="status",
            field_manager=NAME,
            force=True,
        )


def new(context: Context) -> Controller:
    controller = Controller(context, "ServiceCIDR", DefaultServiceCIDR(context), workers=1)

    def gone(cidr: Object) -> None:
        if key(cidr) == WHERE:
            controller.enqueue_after(WHERE, PERIOD)

    context.informer(SERVICE_CIDRS).add_handler(on_delete=gone)
    return controller


def new_when_served(context: Context) -> WhenServed:
    return WhenServed(context, SERVICE_CIDRS, new)


DEFAULT_SERVICE_CIDR = Descriptor(NAME, new_when_served)
