"""The EndpointSlice mirroring controller (endpointslicemirroring_controller.go).

Mirrored are Endpoints of a Service without a selector, but for those that say that they are not to be, and those that
components elect their leader with.
"""

from __future__ import annotations

from minikube_py.controllers.endpoints.reconciler import LEADER
from minikube_py.controllers.endpointslice.slices import ManagedSlices, SliceFailure
from minikube_py.controllers.endpointslicemirroring.mirror import MAX_ADDRESSES, mirror_of
from minikube_py.controllers.endpointslicemirroring.plan import MANAGER, plan
from minikube_py.controllers.runtime import Context, Controller
from minikube_py.machinery import meta
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import key, labels, name, resource_version
from minikube_py.machinery.wellknown import ENDPOINT_SLICES, ENDPOINTS, SERVICES

SKIP = "endpointslice.kubernetes.io/skip-mirror"


def may_mirror(endpoints: Object) -> bool:
    return labels(endpoints).get(SKIP) != "true" and LEADER not in meta.annotations(endpoints)


def has_selector(service: Object) -> bool:
    return bool(service["spec"].get("selector"))


class MirroringReconciler:
    def __init__(self, context: Context, controller: Controller) -> None:
        self._client = context.client
        self._controller = controller
        self._endpoints = context.lister(ENDPOINTS)
        self._services = context.lister(SERVICES)
        self._slices = ManagedSlices(context, controller, MANAGER, 0.0)
        self._recorder = context.recorder("endpoint-slice-mirroring-controller")

    def watch(self) -> None:
        def turned(old: Object | None, new: Object | None) -> bool:
            """Whether a Service without a selector came, went, or got one."""
            plain = [each is not None and not has_selector(each) for each in (old, new)]
            return plain[0] != plain[1]

        self._controller.watches(SERVICES, lambda service: (key(service),), when=turned)
        informer = self._controller.context.informer(ENDPOINTS)
        informer.add_handler(self._changed, self._endpoints_updated, self._changed)
        self._slices.watch()

    def _endpoints_updated(self, old: Object, new: Object) -> None:
        if resource_version(old) != resource_version(new):
            self._changed(old, new)

    def _changed(self, *states: Object) -> None:
        """Endpoints of a Service that has a selector change with each of its pods: they need no look."""
        where = key(states[-1])
        if any(may_mirror(each) for each in states) and (self._is_ours(where) or self._slices.of(where)):
            self._controller.enqueue(where, states[-1])

    def _is_ours(self, where: NamespacedName) -> bool:
        service = self._services.get(*where)
        return service is None or not has_selector(service)

    async def reconcile(self, where: NamespacedName) -> None:
        endpoints, service = self._endpoints.get(*where), self._services.get(*where)
        slices = self._slices.of(where)
        if endpoints is None or not may_mirror(endpoints) or service is None or has_selector(service):
            self._slices.forget(where)
            await self._delete(where, slices)
            return
        if self._slices.is_stale(where, slices):
            return
        mirror = mirror_of(endpoints)
        self._tell(endpoints, mirror.invalid, mirror.skipped)
        changes = plan(endpoints, mirror, slices)
        await self._slices.write(endpoints, "Endpoints", changes.create, changes.update, changes.delete)

    def _tell(self, endpoints: Object, invalid: int, skipped: int) -> None:
        if invalid:
            message = f"Skipped {invalid} invalid IP addresses when mirroring to EndpointSlices"
            self._recorder.event(endpoints, "Warning", "InvalidIPAddress", message)
        if skipped > invalid:
            limit = f"A max of {MAX_ADDRESSES} addresses can be mirrored to EndpointSlices per Endpoints subset"
            message = f"{limit}. {skipped} addresses were skipped"
            self._recorder.event(endpoints, "Warning", "TooManyAddressesToMirror", message)

    async def _delete(self, where: NamespacedName, slices: list[Object]) -> None:
        """Raises SliceFailure, after having tried all. Those that are gone already are no failure."""
        failures: list[StatusError] = []
        for each in slices:
            try:
                await self._client.delete(ENDPOINT_SLICES, where.namespace, name(each))
            except StatusError as error:
                if not is_not_found(error):
                    failures.append(error)
        if failures:
            count = f"{len(failures)}/{len(slices)}"
            raise SliceFailure(
                f"error(s) deleting {count} EndpointSlices for {where} Endpoints, including: {failures[0]}"
            )
