"""What plugins are given of the world beside nodes and pods: framework.Handle."""

from __future__ import annotations

from collections.abc import Callable

from minikube_py.client.indexer import Lister
from minikube_py.controllers.runtime import Context
from minikube_py.controllers.scheduler.assumeddevices import AssumedDevices
from minikube_py.controllers.scheduler.assumedvolumes import AssumedVolumes
from minikube_py.controllers.scheduler.cache import Cache
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.labels import Labels
from minikube_py.machinery.meta import labels
from minikube_py.machinery.wellknown import (
    NAMESPACES,
    PODS,
    REPLICA_SETS,
    REPLICATION_CONTROLLERS,
    SERVICES,
    STATEFUL_SETS,
    STORAGE_CLASSES,
)

CSI_NODES = GroupVersionResource("storage.k8s.io", "v1", "csinodes")
CSI_DRIVERS = GroupVersionResource("storage.k8s.io", "v1", "csidrivers")
CSI_STORAGE_CAPACITIES = GroupVersionResource("storage.k8s.io", "v1", "csistoragecapacities")
VOLUME_ATTACHMENTS = GroupVersionResource("storage.k8s.io", "v1", "volumeattachments")
POD_DISRUPTION_BUDGETS = GroupVersionResource("policy", "v1", "poddisruptionbudgets")

DEVICES_SINCE = 34
"""The minor version of Kubernetes that serves resource.k8s.io/v1 (DynamicResourceAllocation)."""

SELECTING = (SERVICES, REPLICATION_CONTROLLERS, REPLICA_SETS, STATEFUL_SETS)
"""What has selectors that spread pods by default."""


class Handle:
    """`version` grows when what was concluded from anything here but volumes and devices has to be concluded anew."""

    def __init__(self, context: Context, cache: Cache, kubernetes_version: str) -> None:
        self.context = context
        self.cache = cache
        self.kubernetes_version = kubernetes_version
        self.pods = context.lister(PODS)
        self.namespaces = context.lister(NAMESPACES)
        self.services = context.lister(SERVICES)
        self.classes = context.lister(STORAGE_CLASSES)
        self.csi_nodes = context.lister(CSI_NODES)
        self.csi_drivers = context.lister(CSI_DRIVERS)
        self.csi_capacities = context.lister(CSI_STORAGE_CAPACITIES)
        self.attachments = context.lister(VOLUME_ATTACHMENTS)
        self.budgets = context.lister(POD_DISRUPTION_BUDGETS)
        self.owners: dict[tuple[str, str], Lister] = {
            ("v1", "ReplicationController"): context.lister(REPLICATION_CONTROLLERS),
            ("apps/v1", "ReplicaSet"): context.lister(REPLICA_SETS),
            ("apps/v1", "StatefulSet"): context.lister(STATEFUL_SETS),
        }
        """By apiVersion and kind."""
        self.volumes = AssumedVolumes(context)
        self.minor = int(kubernetes_version.split(".")[1])
        self.devices = AssumedDevices(context) if self.minor >= DEVICES_SINCE else None
        self.namespaces_version = 0
        """Grows when a namespace comes, goes or gets other labels."""
        self._selectors_version = 0
        for resource in SELECTING:
            _on_change(context, resource, _selector, self._selectors_changed)
        _on_change(context, NAMESPACES, labels, self._namespaces_changed)

    @property
    def version(self) -> tuple[int, int, int, int]:
        cache = self.cache
        return self._selectors_version, self.namespaces_version, cache.terms_version, cache.images_version

    def namespace_labels(self, namespace: str) -> Labels:
        found = self.namespaces.get("", namespace)
        return labels(found) if found is not None else {}

    def _selectors_changed(self) -> None:
        self._selectors_version += 1

    def _namespaces_changed(self) -> None:
        self.namespaces_version += 1


def _selector(obj: Object) -> object:
    return obj["spec"].get("selector")


def _on_change(
    context: Context, resource: GroupVersionResource, part: Callable[[Object], object], changed: Callable[[], None]
) -> None:
    """Call `changed` when an object comes, goes, or changes in a part of it."""

    def updated(old: Object, new: Object) -> None:
        if part(old) != part(new):
            changed()

    context.informer(resource).add_handler(lambda obj: changed(), updated, lambda obj: changed())
