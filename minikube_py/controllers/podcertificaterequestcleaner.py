"""podcertificaterequest-cleaner-controller: deletes PodCertificateRequests a quarter of an hour after their creation
(pkg/controller/certificates/cleaner/pcrcleaner.go).

Upstream looks at all of them every five minutes. Here each is looked at when its time has come.
"""

from __future__ import annotations

from minikube_py.controllers.runtime import Context, Controller, Descriptor, Result
from minikube_py.controllers.runtime.whenserved import WhenServed
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.meta import uid

POD_CERTIFICATE_REQUESTS = GroupVersionResource("certificates.k8s.io", "v1", "podcertificaterequests")

LIFETIME = 15 * 60
"""Seconds in which all that is to be done with one is done."""


def time_left(request: Object, now: float) -> float:
    """Seconds; 0 or less when it is to be deleted."""
    return parse_rfc3339(request["metadata"]["creationTimestamp"]) + LIFETIME - now


class Cleaner:
    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._clock = context.clock
        self._requests = context.lister(POD_CERTIFICATE_REQUESTS)

    async def reconcile(self, where: NamespacedName) -> Result | None:
        request = self._requests.get(*where)
        if request is None:
            return None
        left = time_left(request, self._clock.now())
        if left > 0:
            return Result(requeue_after=left)
        try:
            await self._client.delete(POD_CERTIFICATE_REQUESTS, *where, uid=uid(request))
        except StatusError as error:
            if not is_not_found(error):
                raise
        return None


def new(context: Context) -> Controller:
    controller = Controller(context, "PodCertificateRequest", Cleaner(context))
    controller.watches_for(POD_CERTIFICATE_REQUESTS)
    return controller


def new_when_served(context: Context) -> WhenServed:
    """Since Kubernetes 1.37."""
    return WhenServed(context, POD_CERTIFICATE_REQUESTS, new)


CONTROLLER = Descriptor("podcertificaterequest-cleaner-controller", new_when_served)
