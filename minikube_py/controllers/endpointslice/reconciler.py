"""The EndpointSlice controller (pkg/controller/endpointslice/endpointslice_controller.go)."""

from __future__ import annotations

from minikube_py.controllers.endpointslice.plan import MANAGER, plan
from minikube_py.controllers.endpointslice.pods import ServicePods, selector_of
from minikube_py.controllers.endpointslice.slices import ManagedSlices, SliceFailure
from minikube_py.controllers.endpointslice.topology import Topology
from minikube_py.controllers.endpointslice.triggertime import TriggerTimes, annotated
from minikube_py.controllers.runtime import Context, Controller
from minikube_py.machinery.gvr import NamespacedName
from minikube_py.machinery.meta import is_deleting
from minikube_py.machinery.wellknown import NODES, SERVICES

FOREIGN_CHANGE_DELAY = 1.0
"""Seconds to wait after somebody else has changed a slice (endpointSliceChangeMinSyncDelay)."""


class EndpointSliceReconciler:
    def __init__(self, context: Context, controller: Controller) -> None:
        self._controller = controller
        self._services = context.lister(SERVICES)
        self._nodes = context.lister(NODES)
        self._slices = ManagedSlices(context, controller, MANAGER, FOREIGN_CHANGE_DELAY)
        self._pods = ServicePods(context, controller)
        self._topology = Topology(context, controller)
        self._trigger_times = TriggerTimes()
        self._recorder = context.recorder("endpoint-slice-controller")

    def watch(self) -> None:
        self._controller.watches_for(SERVICES)
        self._pods.watch()
        self._slices.watch()
        self._topology.watch()

    async def reconcile(self, where: NamespacedName) -> None:
        service = self._services.get(*where)
        if service is None:
            self._trigger_times.forget(where)
            self._topology.put(where, {})
            self._slices.forget(where)  # they go with their owner
            return
        if not selector_of(service):
            return
        slices = [each for each in self._slices.of(where) if not is_deleting(each)]
        if self._slices.is_stale(where, slices):
            return
        pods = self._pods.selected(service)
        trigger_time = self._trigger_times.next(service, pods)
        topology = self._topology
        wanted = plan(
            service,
            pods,
            slices,
            lambda node: self._nodes.get("", node),
            shares=topology.shares,
            has_hints=topology.has_hints(where),
        )
        topology.put(where, wanted.counts)
        failures = list(wanted.problems)
        create, update = (
            [annotated(each, trigger_time) for each in written] for written in (wanted.create, wanted.update)
        )
        try:
            await self._slices.write(service, "Service", create, update, wanted.delete)
        except SliceFailure as failure:
            failures.append(str(failure))
        for told in wanted.told:
            self._recorder.event(service, *told)
        if failures:
            text = failures[0] if len(failures) == 1 else f"[{', '.join(failures)}]"
            message = f"Error updating Endpoint Slices for Service {where}: {text}"
            self._recorder.event(service, "Warning", "FailedToUpdateEndpointSlices", message)
            raise SliceFailure(text)
