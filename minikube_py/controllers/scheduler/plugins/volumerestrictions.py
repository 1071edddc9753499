"""VolumeRestrictions: volumes that pods cannot share: claims that are ReadWriteOncePod, and disks of some makes
(plugins/volumerestrictions)."""

from __future__ import annotations

from minikube_py.controllers.persistentvolume.matching import access_modes
from minikube_py.controllers.runtime.podclaims import claim_names
from minikube_py.controllers.scheduler.framework import ASSIGNED_POD, NODE, Claim, Event, Plugin, Rejection
from minikube_py.controllers.scheduler.handle import Handle
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import name, namespace

DISK_TAKEN = Rejection(("node(s) had no available disk",), resolvable=True)
CLAIM_TAKEN = Rejection(
    (
        "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another "
        "pod",
    ),
    resolvable=True,
)

READ_WRITE_ONCE_POD = "ReadWriteOncePod"


def _volumes(pod: Object) -> list[Object]:
    return pod["spec"].get("volumes") or []


def not_found(claim: str) -> str:
    return f'persistentvolumeclaim "{claim}" not found'


def same_disk(one: Object, other: Object) -> bool:
    """Whether two volumes are the same disk, and one of them would write to it."""
    for source, identity in (("gcePersistentDisk", "pdName"), ("iscsi", "iqn")):
        if (mine := one.get(source)) and (its := other.get(source)) and mine.get(identity) == its.get(identity):
            return not (mine.get("readOnly") and its.get("readOnly"))
    if (mine := one.get("awsElasticBlockStore")) and (its := other.get("awsElasticBlockStore")):
        return bool(mine.get("volumeID") == its.get("volumeID"))
    if (mine := one.get("rbd")) and (its := other.get("rbd")):
        together = set(mine.get("monitors") or ()) & set(its.get("monitors") or ())
        same = all(mine.get(part) == its.get(part) for part in ("pool", "image"))
        return bool(together) and same and not (mine.get("readOnly") and its.get("readOnly"))
    return False


def restrictions(pod: Object, handle: Handle) -> Claim | Rejection | None:
    exclusive: list[NamespacedName] = []
    for volume in _volumes(pod):
        if (source := volume.get("persistentVolumeClaim")) is not None:
            where = NamespacedName(namespace(pod), source.get("claimName") or "")
            claim = handle.volumes.claims.get(where)
            if claim is None:
                return Rejection((not_found(where.name),))
            if READ_WRITE_ONCE_POD in access_modes(claim):
                exclusive.append(where)
    disks = [volume for volume in _volumes(pod) if any(volume.get(each) for each in _DISKS)]
    if not disks and not any(handle.cache.users(claim) for claim in exclusive):
        return None

    def check(node: NodeInfo) -> Rejection | None:
        if disks and any(same_disk(mine, its) for mine in disks for its in _disks_on(node)):
            return DISK_TAKEN
        return CLAIM_TAKEN if any(_users(claim, node, handle) > 0 for claim in exclusive) else None

    return Claim(check)


_DISKS = ("gcePersistentDisk", "awsElasticBlockStore", "iscsi", "rbd")


def _disks_on(node: NodeInfo) -> list[Object]:
    return [volume for pod in node.pods.values() for volume in pod.pod_class.volumes]


def _users(claim: NamespacedName, node: NodeInfo, handle: Handle) -> int:
    """How many pods use a claim, if the node's pods were those of `node`."""
    actual = handle.cache.nodes.get(node.name)
    return handle.cache.users(claim) - (_users_on(claim, actual) if actual is not None else 0) + _users_on(claim, node)


def _users_on(claim: NamespacedName, node: NodeInfo) -> int:
    return sum(claim.name in pod.pod_class.claims for pod in node.pods.values() if pod.key.namespace == claim.namespace)


def may_help(pod: Object, event: Event) -> bool:
    """A new node, the pod's claim, or the end of a pod with the same claim or disk."""
    if event.old is None:
        if event.resource == "PersistentVolumeClaim":
            return event.new is not None and claims_it(pod, event.new)
        return event.resource == NODE
    if event.resource != ASSIGNED_POD or event.new is not None or namespace(event.old) != namespace(pod):
        return False
    if set(claim_names(pod)) & set(claim_names(event.old)):
        return True
    return any(same_disk(mine, its) for mine in _volumes(pod) for its in _volumes(event.old))


def claims_it(pod: Object, claim: Object) -> bool:
    """Whether one of the pod's volumes is the claim's."""
    return namespace(pod) == namespace(claim) and name(claim) in claim_names(pod)


VOLUME_RESTRICTIONS = Plugin("VolumeRestrictions", claim=restrictions, hint=may_help)
