"""What happens in the cluster, and what it means for cache and queue (pkg/scheduler/eventhandlers.go)."""

from __future__ import annotations

from collections.abc import Callable, Container

from minikube_py.controllers.resourceclaim.references import RESOURCE_CLAIMS
from minikube_py.controllers.runtime import Context
from minikube_py.controllers.runtime.pods import is_terminal
from minikube_py.controllers.scheduler import nodeinfo, podinfo
from minikube_py.controllers.scheduler.assumeddevices import DEVICE_CLASSES, RESOURCE_SLICES
from minikube_py.controllers.scheduler.framework import ASSIGNED_POD, NODE, UNSCHEDULED_POD, Event
from minikube_py.controllers.scheduler.handle import (
    CSI_DRIVERS,
    CSI_NODES,
    CSI_STORAGE_CAPACITIES,
    VOLUME_ATTACHMENTS,
    Handle,
)
from minikube_py.controllers.scheduler.plugins.schedulinggates import is_gated
from minikube_py.controllers.scheduler.podclass import DEFAULT_SCHEDULER
from minikube_py.controllers.scheduler.podinfo import PodInfos
from minikube_py.controllers.scheduler.queue import SchedulingQueue
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.meta import is_deleting, uid
from minikube_py.machinery.wellknown import (
    NODES,
    PERSISTENT_VOLUME_CLAIMS,
    PERSISTENT_VOLUMES,
    PODS,
    STORAGE_CLASSES,
)

VOLUME_EVENTS = {
    "PersistentVolume": PERSISTENT_VOLUMES,
    "PersistentVolumeClaim": PERSISTENT_VOLUME_CLAIMS,
    "StorageClass": STORAGE_CLASSES,
    "CSINode": CSI_NODES,
    "CSIDriver": CSI_DRIVERS,
    "CSIStorageCapacity": CSI_STORAGE_CAPACITIES,
    "VolumeAttachment": VOLUME_ATTACHMENTS,
}
"""By upstream's name of the event resource."""


DEVICE_EVENTS = {
    "ResourceClaim": RESOURCE_CLAIMS,
    "ResourceSlice": RESOURCE_SLICES,
    "DeviceClass": DEVICE_CLASSES,
}


class EventHandlers:
    """`happened` is told of what may help waiting pods; `gone` of pods that are not to be bound any more."""

    def __init__(
        self,
        handle: Handle,
        queue: SchedulingQueue,
        scheduler_names: Container[str],
        happened: Callable[[Event], None],
        gone: Callable[[str], None],
    ) -> None:
        context = handle.context
        self._cache = handle.cache
        self._queue = queue
        self._scheduler_names = scheduler_names
        self._happened = happened
        self._gone = gone
        self._infos = PodInfos()
        context.informer(NODES).add_handler(self._node_added, self._node_updated, self._node_deleted)
        context.informer(PODS).add_handler(self._pod_added, self._pod_updated, self._pod_deleted)
        for name, resource in {**VOLUME_EVENTS, **(DEVICE_EVENTS if handle.devices is not None else {})}.items():
            self._pass_on(context, name, resource)

    def _pass_on(self, context: Context, name: str, resource: GroupVersionResource) -> None:
        happened = self._happened
        context.informer(resource).add_handler(
            lambda new: happened(Event(name, None, new)),
            lambda old, new: happened(Event(name, old, new)),
            lambda old: happened(Event(name, old, None)),
        )

    # Nodes

    def _node_added(self, node: Object) -> None:
        self._cache.set_node(node)
        self._happened(Event(NODE, None, node))

    def _node_updated(self, old: Object, new: Object) -> None:
        if not nodeinfo.same_to_scheduler(old, new):
            self._cache.set_node(new)
            self._happened(Event(NODE, old, new))

    def _node_deleted(self, node: Object) -> None:
        self._cache.remove_node(node["metadata"]["name"])
        self._happened(Event(NODE, node, None))

    # Pods

    def _pod_added(self, pod: Object) -> None:
        if pod["spec"].get("nodeName"):
            self._assigned(None, pod)
        else:
            self._unassigned(None, pod)

    def _pod_updated(self, old: Object, new: Object) -> None:
        if uid(old) != uid(new) or (old["spec"].get("nodeName") and not new["spec"].get("nodeName")):
            self._pod_deleted(old)  # a namesake, or what was restored to before it was bound
        if new["spec"].get("nodeName"):
            self._assigned(old, new)
        else:
            self._unassigned(old, new)

    def _pod_deleted(self, pod: Object) -> None:
        self._leave(uid(pod), pod)

    def _leave(self, which: str, pod: Object) -> None:
        self._queue.remove(which)
        self._gone(which)
        nominated = self._cache.denominate(which)
        if self._cache.remove_pod(which) or nominated:
            self._happened(Event(ASSIGNED_POD, pod, None))

    def _assigned(self, old: Object | None, pod: Object) -> None:
        which, node = uid(pod), pod["spec"]["nodeName"]
        if is_terminal(pod):
            self._leave(which, pod)
            return
        comes = old is None or not old["spec"].get("nodeName")
        self._queue.remove(which)
        placed = self._cache.node_of(which) == node
        if old is not None and placed and podinfo.same_to_scheduler(old, pod):
            if comes:
                self._happened(Event(ASSIGNED_POD, None, pod))
            return
        if not placed or not comes:
            self._cache.add_pod(self._infos.of(pod), node)
        self._happened(Event(ASSIGNED_POD, None if comes else old, pod))

    def _unassigned(self, old: Object | None, pod: Object) -> None:
        spec, which = pod["spec"], uid(pod)
        if (spec.get("schedulerName") or DEFAULT_SCHEDULER) not in self._scheduler_names:
            return
        if is_deleting(pod) or is_terminal(pod):
            self._leave(which, pod)
            return
        if is_gated(pod):
            return
        queued = self._queue.get(which)
        if queued is None:
            queued = self._queue.add(pod, self._infos.of(pod))
        elif old is None or old["spec"] != spec or not podinfo.same_to_scheduler(old, pod):
            self._queue.update(queued, pod, self._infos.of(pod))
            self._queue.activate(queued, pod)
        else:
            queued.pod = pod
            if queued.info.pod_class.individual and _claim_statuses(old) != _claim_statuses(pod):
                self._happened(Event(UNSCHEDULED_POD, old, pod))
        self._nominate(old, pod)

    def _nominate(self, old: Object | None, pod: Object) -> None:
        """Room is kept where the status says so; what the scheduler knows itself is newer than a status without."""
        before, now = (((each or {}).get("status") or {}).get("nominatedNodeName") for each in (old, pod))
        if now and not self._cache.node_of(uid(pod)):
            queued = self._queue.get(uid(pod))
            if queued is not None:
                self._cache.nominate(queued.info, now)
        elif before and self._cache.denominate(uid(pod)):
            self._happened(Event(ASSIGNED_POD, pod, None))


def _claim_statuses(pod: Object) -> object:
    """Which claims of devices were made for it."""
    return (pod.get("status") or {}).get("resourceClaimStatuses")
