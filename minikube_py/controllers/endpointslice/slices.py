"""The slices that one controller manages: found by Service, watched for what others do to them, and written.

Upstream: the EndpointSlice handlers of pkg/controller/endpointslice and pkg/controller/endpointslicemirroring, and
finalize of their reconcilers.
"""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.controllers.endpointslice.plan import MANAGED_BY
from minikube_py.controllers.endpointslice.tracker import SERVICE_NAME, Tracker, service_of
from minikube_py.controllers.runtime import Context, Controller
from minikube_py.controllers.runtime.podcontrol import NAMESPACE_TERMINATING
from minikube_py.controllers.runtime.reconciler import ReconcileFailure
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import generation, is_deleting, key, labels, name, namespace, resource_version
from minikube_py.machinery.wellknown import ENDPOINT_SLICES


class SliceFailure(ReconcileFailure):
    """Some slices could not be written, or some pods are left out for now."""


class ManagedSlices:
    """`manager` is what their label MANAGED_BY says; the keys of the controller are namespaces and names of Services.

    When somebody else has changed a slice, its key is enqueued after `delay` seconds, as many changes may follow. A
    key that `is_stale` was said of is enqueued as soon as there is news of its slices.
    """

    def __init__(self, context: Context, controller: Controller, manager: str, delay: float) -> None:
        self._client = context.client
        self._controller = controller
        self._manager = manager
        self._delay = delay
        self._index = f"slices of {manager} by service"
        self._informer = context.informer(ENDPOINT_SLICES)
        self._informer.add_index(self._index, self._services_of)
        self._tracker = Tracker()
        self._behind: set[NamespacedName] = set()

    def watch(self) -> None:
        self._informer.add_handler(self._added, self._updated, self._deleted)

    def of(self, where: NamespacedName) -> list[Object]:
        """Those of one Service in the cache."""
        return self._informer.lister.by_index(self._index, str(where))

    def is_stale(self, where: NamespacedName, slices: Iterable[Object]) -> bool:
        """Whether the cached slices are older than what was written."""
        if not self._tracker.is_stale(where, slices):
            return False
        self._behind.add(where)
        return True

    def forget(self, where: NamespacedName) -> None:
        """Nothing is expected of its slices any more."""
        self._tracker.forget(where)
        self._behind.discard(where)

    # What others change

    def _is_managed(self, made: Object) -> bool:
        return labels(made).get(MANAGED_BY) == self._manager

    def _services_of(self, made: Object) -> list[str]:
        service = labels(made).get(SERVICE_NAME)
        return [f"{namespace(made)}/{service}"] if service and self._is_managed(made) else []

    def _added(self, made: Object) -> None:
        self._wake(made)
        if self._is_managed(made) and self._tracker.is_news(made):
            self._enqueue_later(made)

    def _updated(self, old: Object, new: Object) -> None:
        if generation(new) < generation(old):
            self._tracker.rolled_back(new)
            self._enqueue_later(new)
        self._wake(new)
        if resource_version(old) == resource_version(new):
            return
        if labels(old).get(SERVICE_NAME) != labels(new).get(SERVICE_NAME):
            self._enqueue_later(new)
            self._enqueue_later(old)
        elif self._is_managed(old) != self._is_managed(new) or (self._is_managed(new) and self._tracker.is_news(new)):
            self._enqueue_later(new)

    def _deleted(self, made: Object) -> None:
        self._wake(made)
        if self._is_managed(made) and self._tracker.deletion_observed(made):
            self._enqueue_later(made)

    def _enqueue_later(self, made: Object) -> None:
        service = service_of(made)
        if service.name:
            self._controller.enqueue_after(service, self._delay, reason=f"EndpointSlice {name(made)} changed")

    def _wake(self, made: Object) -> None:
        service = service_of(made)
        if service in self._behind:
            self._behind.discard(service)
            self._controller.enqueue(service, made)

    # Writing

    async def write(
        self, owner: Object, kind: str, create: list[Object], update: list[Object], delete: list[Object]
    ) -> None:
        """For the owner of that kind. Raises SliceFailure at the first that fails."""
        about = f"for {kind} {key(owner)}"
        # An owner that is going gets no new slices: the garbage collector is deleting the old ones.
        for each in () if is_deleting(owner) else create:
            try:
                made = await self._client.create(ENDPOINT_SLICES, each, namespace=namespace(owner))
            except StatusError as error:
                if error.has_cause(NAMESPACE_TERMINATING):
                    return
                raise SliceFailure(f"failed to create EndpointSlice {about}: {error}") from error
            self._tracker.wrote(made)
        for each in update:
            try:
                self._tracker.wrote(await self._client.update(ENDPOINT_SLICES, each))
            except StatusError as error:
                raise SliceFailure(f"failed to update {name(each)} EndpointSlice {about}: {error}") from error
        for each in delete:
            try:
                await self._client.delete(ENDPOINT_SLICES, namespace(each), name(each))
            except StatusError as error:
                raise SliceFailure(f"failed to delete {name(each)} EndpointSlice {about}: {error}") from error
            self._tracker.deleted(each)
