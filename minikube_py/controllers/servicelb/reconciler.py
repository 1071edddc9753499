"""The load balancer of one Service: syncLoadBalancerIfNeeded."""

from __future__ import annotations

from minikube_py.client.protocol import STRATEGIC_MERGE_PATCH
from minikube_py.controllers.runtime import Context, Controller
from minikube_py.controllers.runtime.reconciler import ReconcileFailure
from minikube_py.controllers.servicelb.backends import COMPONENT, NONE_AVAILABLE, is_backend
from minikube_py.controllers.servicelb.balancers import Balancers, NoAddress, shown
from minikube_py.controllers.servicelb.wants import FINALIZER, changes, needs_cleanup, wants_load_balancer
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.ipranges import parse_ranges
from minikube_py.machinery.meta import finalizers, key
from minikube_py.machinery.wellknown import NODES, SERVICES


class LoadBalancerFailure(ReconcileFailure):
    """A load balancer could not be had, or told of."""


class ServiceReconciler:
    def __init__(self, context: Context, controller: Controller) -> None:
        self._client = context.client
        self._controller = controller
        self._informer = context.informer(SERVICES)
        self._services = context.lister(SERVICES)
        self._nodes = context.lister(NODES)
        self._recorder = context.recorder(COMPONENT)
        ranges = parse_ranges(context.settings.load_balancer_ip_range)
        self.balancers = Balancers(ranges, lambda where: self._services.get(*where))

    def watch(self) -> None:
        self._informer.add_handler(self._added, self._updated, self._deleted)

    def _added(self, service: Object) -> None:
        if wants_load_balancer(service) or needs_cleanup(service):
            self._controller.enqueue(key(service), service)

    def _updated(self, old: Object, new: Object) -> None:
        told = changes(old, new)
        for change in told or ():
            self._recorder.event(new, "Normal", change.reason, change.message)
        if told is not None or needs_cleanup(new):
            self._controller.enqueue(key(new), new)

    def _deleted(self, service: Object) -> None:
        """Its finalizer makes this the end of what was cleaned up already, unless somebody took that off, or a
        snapshot from before is restored."""
        self.balancers.delete(key(service))

    async def reconcile(self, where: NamespacedName) -> None:
        service = self._services.get(*where)
        if service is None:
            return
        try:
            if wants_load_balancer(service) and not needs_cleanup(service):
                await self._ensure(service)
            else:
                await self._clean_up(service)
        except (NoAddress, StatusError) as error:
            text = str(error) if isinstance(error, StatusError) else f"failed to ensure load balancer: {error}"
            self._recorder.event(service, "Warning", "SyncLoadBalancerFailed", f"Error syncing load balancer: {text}")
            raise LoadBalancerFailure(text) from error

    async def _ensure(self, service: Object) -> None:
        """Raises NoAddress, StatusError."""
        self._recorder.event(service, "Normal", "EnsuringLoadBalancer", "Ensuring load balancer")
        if FINALIZER not in finalizers(service):
            await self._patch(service, {"metadata": {"finalizers": [FINALIZER]}})
        if not any(is_backend(node) for node in self._nodes.list()):
            self._recorder.event(service, "Warning", *NONE_AVAILABLE)
        addresses = self.balancers.ensure(service)
        self._recorder.event(service, "Normal", "EnsuredLoadBalancer", "Ensured load balancer")
        if list(addresses) != shown(service):
            ingress = [{"ip": address} for address in addresses]
            await self._patch(service, {"status": {"loadBalancer": {"ingress": ingress}}})

    async def _clean_up(self, service: Object) -> None:
        """Raises StatusError."""
        if service in self.balancers or shown(service):
            self._recorder.event(service, "Normal", "DeletingLoadBalancer", "Deleting load balancer")
            self.balancers.delete(key(service))
        if FINALIZER in finalizers(service):
            await self._patch(service, {"metadata": {"$deleteFromPrimitiveList/finalizers": [FINALIZER]}})
        self._recorder.event(service, "Normal", "DeletedLoadBalancer", "Deleted load balancer")
        if shown(service):
            await self._patch(service, {"status": {"loadBalancer": {"ingress": None}}})

    async def _patch(self, service: Object, patch: Object) -> None:
        """Raises StatusError, but not for a Service that is gone."""
        where = key(service)
        try:
            await self._client.patch(SERVICES, *where, patch, patch_type=STRATEGIC_MERGE_PATCH, subresource="status")
        except StatusError as error:
            if not is_not_found(error):
                raise
