"""NodeVolumeLimits: as many volumes of a CSI driver as its CSINode says can be attached (plugins/nodevolumelimits).

Volumes are counted once however many pods of the node use them; those attached without a pod count too. A claim that
is not bound yet counts for the driver that its class names.
"""

from __future__ import annotations

from collections import Counter

from minikube_py.controllers.persistentvolume.storageclass import class_name
from minikube_py.controllers.runtime.podclaims import claim_names
from minikube_py.controllers.scheduler.framework import ASSIGNED_POD, Claim, Event, Plugin, Rejection
from minikube_py.controllers.scheduler.handle import Handle
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.plugins.volumerestrictions import claims_it
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import key, namespace

EXCEEDED = Rejection(("node(s) exceed max volume count",), resolvable=True)

Volumes = dict[str, str]
"""Drivers by what tells volumes apart."""


def limits_of(csi_node: Object | None) -> dict[str, int]:
    drivers = ((csi_node or {}).get("spec") or {}).get("drivers") or ()
    counts = {driver["name"]: (driver.get("allocatable") or {}).get("count") for driver in drivers}
    return {name: count for name, count in counts.items() if count is not None}


def _volumes_of(pod: Object, handle: Handle) -> Volumes:
    found: Volumes = {}
    for each in claim_names(pod):
        claim = handle.volumes.claims.get(NamespacedName(namespace(pod), each))
        if claim is not None:
            driver, handle_of_volume = _driver(claim, handle)
            if driver:
                found[f"{driver}/{handle_of_volume}"] = driver
    return found


def _driver(claim: Object, handle: Handle) -> tuple[str, str]:
    named = claim["spec"].get("volumeName")
    volume = handle.volumes.volumes.get(NamespacedName("", named)) if named else None
    if volume is not None:
        source = volume["spec"].get("csi") or {}
        return source.get("driver") or "", source.get("volumeHandle") or ""
    storage_class = handle.classes.get("", class_name(claim))
    return (storage_class["provisioner"], f"unbound {key(claim)}") if storage_class is not None else ("", "")


def _attached(node: str, handle: Handle) -> Volumes:
    found: Volumes = {}
    for each in handle.attachments.list():
        spec = each["spec"]
        named = (spec.get("source") or {}).get("persistentVolumeName")
        if spec.get("nodeName") == node and named:
            volume = handle.volumes.volumes.get(NamespacedName("", named))
            if volume is not None and volume["spec"].get("csi"):
                found[f"{spec['attacher']}/{volume['spec']['csi'].get('volumeHandle') or ''}"] = spec["attacher"]
    return found


def limits(pod: Object, handle: Handle) -> Claim | Rejection | None:
    if not claim_names(pod):
        return None

    def check(node: NodeInfo) -> Rejection | None:
        limit = limits_of(handle.csi_nodes.get("", node.name))
        wanted = _volumes_of(pod, handle) if limit else {}
        if not wanted:
            return None
        used = _attached(node.name, handle)
        for other in node.pods.values():
            placed = handle.pods.get(*other.key) if other.pod_class.volumes else None
            used |= _volumes_of(placed, handle) if placed is not None else {}
        counts = Counter(used.values())
        new = Counter(driver for name, driver in wanted.items() if name not in used)
        exceeded = any(driver in limit and counts[driver] + number > limit[driver] for driver, number in new.items())
        return EXCEEDED if exceeded else None

    return Claim(check)


def may_help(pod: Object, event: Event) -> bool:
    match event.resource:
        case "CSINode":
            before, after = limits_of(event.old), limits_of(event.new)
            return event.old is None or any(count > before.get(name, 0) for name, count in after.items())
        case "PersistentVolumeClaim":
            return event.old is None and event.new is not None and claims_it(pod, event.new)
        case "VolumeAttachment":
            return event.new is None
        case _:
            gone = event.old if event.resource == ASSIGNED_POD and event.new is None else None
            return gone is not None and bool(claim_names(gone))


NODE_VOLUME_LIMITS = Plugin("NodeVolumeLimits", claim=limits, hint=may_help)
