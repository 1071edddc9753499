"""VolumeZone: bound volumes with a zone's or region's label are used on nodes of that zone (plugins/volumezone)."""

from __future__ import annotations

from minikube_py.controllers.persistentvolume.storageclass import class_name, delays_binding
from minikube_py.controllers.scheduler.framework import NODE, Claim, Event, Plugin, Rejection
from minikube_py.controllers.scheduler.handle import Handle
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.plugins.volumerestrictions import claims_it, not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import labels, namespace

CONFLICT = Rejection(("node(s) had no available volume zone",))

BETA_ZONE, BETA_REGION = "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region"
ZONE, REGION = "topology.kubernetes.io/zone", "topology.kubernetes.io/region"
TOPOLOGY_LABELS = {BETA_ZONE: ZONE, BETA_REGION: REGION, ZONE: ZONE, REGION: REGION}
"""The labels that count, and what a node may have in place of each."""

Topology = tuple[str, frozenset[str]]


def topologies(volume: Object) -> list[Topology]:
    """The label's key and the values that a node's may have: several are joined with "__"."""
    found = []
    for key in TOPOLOGY_LABELS:
        values = labels(volume).get(key, "").split("__")
        if all(value.strip() for value in values):
            found.append((key, frozenset(value.strip() for value in values)))
    return found


def _of_claim(where: NamespacedName, handle: Handle) -> list[Topology] | Rejection:
    claim = handle.volumes.claims.get(where)
    if claim is None:
        return Rejection((not_found(where.name),))
    named = claim["spec"].get("volumeName")
    if named:
        volume = handle.volumes.volumes.get(NamespacedName("", named))
        return topologies(volume) if volume is not None else Rejection((f'persistentvolume "{named}" not found',))
    wanted = class_name(claim)
    if not wanted:
        return Rejection(("PersistentVolumeClaim had no pv name and storageClass name",))
    storage_class = handle.classes.get("", wanted)
    if storage_class is None:
        return Rejection((f'storageclass.storage.k8s.io "{wanted}" not found',))
    return [] if delays_binding(storage_class) else Rejection(("PersistentVolume had no name",))


def zones(pod: Object, handle: Handle) -> Claim | Rejection | None:
    wanted: list[Topology] = []
    for volume in pod["spec"].get("volumes") or ():
        if (source := volume.get("persistentVolumeClaim")) is not None:
            found = _of_claim(NamespacedName(namespace(pod), source.get("claimName") or ""), handle)
            if isinstance(found, Rejection):
                return found
            wanted += found
    return Claim(lambda node: _conflict(node, wanted)) if wanted else None


def _conflict(node: NodeInfo, wanted: list[Topology]) -> Rejection | None:
    """None for a node without such labels: there is only one zone then."""
    if not any(key in node.labels for key in TOPOLOGY_LABELS):
        return None
    for key, values in wanted:
        if node.labels.get(key, node.labels.get(TOPOLOGY_LABELS[key])) not in values:
            return CONFLICT
    return None


def may_help(pod: Object, event: Event) -> bool:
    if event.new is None:
        return False
    if event.resource == "StorageClass":
        return event.old is None and delays_binding(event.new)
    if event.resource == "PersistentVolumeClaim":
        return claims_it(pod, event.new)
    if event.resource == "PersistentVolume":
        return event.old is None or topologies(event.old) != topologies(event.new)
    return event.resource == NODE and (event.old is None or labels(event.old) != labels(event.new))


VOLUME_ZONE = Plugin("VolumeZone", claim=zones, hint=may_help)
