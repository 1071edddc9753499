"""The EndpointSlice controller (pkg/controller/endpointslice/endpointslice_controller.go)."""

from __future__ import annotations

from minikube_py.controllers.endpointslice.plan import MANAGED_BY, MANAGER, plan
from minikube_py.controllers.endpointslice.pods import ServicePods, selector_of
from minikube_py.controllers.endpointslice.tracker import SERVICE_NAME, Tracker, service_of
from minikube_py.controllers.endpointslice.triggertime import TriggerTimes, annotated
from minikube_py.controllers.runtime import Context, Controller
from minikube_py.controllers.runtime.podcontrol import NAMESPACE_TERMINATING
from minikube_py.controllers.runtime.reconciler import ReconcileFailure
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import generation, is_deleting, labels, name, namespace, resource_version
from minikube_py.machinery.wellknown import ENDPOINT_SLICES, NODES, SERVICES

BY_SERVICE = "slices by service"
"""Index of the slices this controller manages: "namespace/name" of their Service."""

FOREIGN_CHANGE_DELAY = 1.0
"""Seconds to wait after somebody else has changed a slice, as many changes may follow
(endpointSliceChangeMinSyncDelay)."""


class SliceFailure(ReconcileFailure):
    """Some slices could not be written, or some pods are left out for now."""


def is_managed(made: Object) -> bool:
    return labels(made).get(MANAGED_BY) == MANAGER


def _service_index(made: Object) -> list[str]:
    service = labels(made).get(SERVICE_NAME)
    return [f"{namespace(made)}/{service}"] if service and is_managed(made) else []


class EndpointSliceReconciler:
    def __init__(self, context: Context, controller: Controller) -> None:
        self._client = context.client
        self._controller = controller
        self._services = context.lister(SERVICES)
        self._nodes = context.lister(NODES)
        self._slice_informer = context.informer(ENDPOINT_SLICES)
        self._slice_informer.add_index(BY_SERVICE, _service_index)
        self._pods = ServicePods(context, controller)
        self._tracker = Tracker()
        self._trigger_times = TriggerTimes()
        self._recorder = context.recorder("endpoint-slice-controller")
        self._behind: set[NamespacedName] = set()
        """Services whose slices the informer does not show as written: they wait for its next news of them."""

    def watch(self) -> None:
        self._controller.watches_for(SERVICES)
        self._pods.watch()
        self._slice_informer.add_handler(self._slice_added, self._slice_updated, self._slice_deleted)

    # Slices that others change

    def _slice_added(self, made: Object) -> None:
        self._wake(made)
        if is_managed(made) and self._tracker.is_news(made):
            self._enqueue_later(made)

    def _slice_updated(self, old: Object, new: Object) -> None:
        if generation(new) < generation(old):
            self._tracker.rolled_back(new)
            self._enqueue_later(new)
        self._wake(new)
        if resource_version(old) == resource_version(new):
            return
        if labels(old).get(SERVICE_NAME) != labels(new).get(SERVICE_NAME):
            self._enqueue_later(new)
            self._enqueue_later(old)
        elif is_managed(old) != is_managed(new) or (is_managed(new) and self._tracker.is_news(new)):
            self._enqueue_later(new)

    def _slice_deleted(self, made: Object) -> None:
        self._wake(made)
        if is_managed(made) and self._tracker.deletion_observed(made):
            self._enqueue_later(made)

    def _enqueue_later(self, made: Object) -> None:
        service = service_of(made)
        if service.name:
            self._controller.enqueue_after(service, FOREIGN_CHANGE_DELAY, reason=f"EndpointSlice {name(made)} changed")

    def _wake(self, made: Object) -> None:
        service = service_of(made)
        if service in self._behind:
            self._behind.discard(service)
            self._controller.enqueue(service, made)

    # Reconciling

    async def reconcile(self, where: NamespacedName) -> None:
        service = self._services.get(*where)
        if service is None:
            self._forget(where)
            return
        if not selector_of(service):
            return
        slices = [each for each in self._slices(where) if not is_deleting(each)]
        if self._tracker.is_stale(where, slices):
            self._behind.add(where)
            return
        pods = self._pods.selected(service)
        trigger_time = self._trigger_times.next(service, pods)
        wanted = plan(service, pods, slices, lambda node: self._nodes.get("", node))
        failures = list(wanted.problems)
        try:
            await self._act(service, wanted.create, wanted.update, wanted.delete, trigger_time)
        except SliceFailure as failure:
            failures.append(str(failure))
        if failures:
            text = failures[0] if len(failures) == 1 else f"[{', '.join(failures)}]"
            message = f"Error updating Endpoint Slices for Service {where}: {text}"
            self._recorder.event(service, "Warning", "FailedToUpdateEndpointSlices", message)
            raise SliceFailure(text)

    def _forget(self, where: NamespacedName) -> None:
        """The slices go with their owner."""
        self._trigger_times.forget(where)
        self._tracker.forget(where)
        self._behind.discard(where)

    def _slices(self, where: NamespacedName) -> list[Object]:
        return self._slice_informer.lister.by_index(BY_SERVICE, str(where))

    async def _act(
        self, service: Object, create: list[Object], update: list[Object], delete: list[Object], trigger_time: str
    ) -> None:
        """Raises SliceFailure at the first that fails."""
        about = f"for Service {namespace(service)}/{name(service)}"
        # A Service that is going gets no new slices: the garbage collector is deleting the old ones.
        for each in () if is_deleting(service) else create:
            try:
                made = await self._client.create(
                    ENDPOINT_SLICES, annotated(each, trigger_time), namespace=namespace(service)
                )
            except StatusError as error:
                if error.has_cause(NAMESPACE_TERMINATING):
                    return
                raise SliceFailure(f"failed to create EndpointSlice {about}: {error}") from error
            self._tracker.wrote(made)
        for each in update:
            try:
                self._tracker.wrote(await self._client.update(ENDPOINT_SLICES, annotated(each, trigger_time)))
            except StatusError as error:
                raise SliceFailure(f"failed to update {name(each)} EndpointSlice {about}: {error}") from error
        for each in delete:
            try:
                await self._client.delete(ENDPOINT_SLICES, namespace(each), name(each))
            except StatusError as error:
                raise SliceFailure(f"failed to delete {name(each)} EndpointSlice {about}: {error}") from error
            self._tracker.deleted(each)
