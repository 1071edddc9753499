"""Which volumes a pod's claims would have on a node (plugins/volumebinding/binder.go FindPodVolumes).

claim                                      on the node
bound                                      its volume can be used there, by the volume's node affinity
unbound, of a class that waits for pods    a free volume that can be used there, else one that is made there
unbound, of another class                  nowhere, until it is bound
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from minikube_py.controllers.persistentvolume.binding import BIND_COMPLETED
from minikube_py.controllers.persistentvolume.claimplan import NO_PROVISIONER
from minikube_py.controllers.persistentvolume.matching import best_match, reaches, requested
from minikube_py.controllers.persistentvolume.storageclass import SELECTED_NODE, class_name, delays_binding
from minikube_py.controllers.scheduler.assumedvolumes import BY_CLASS
from minikube_py.controllers.scheduler.handle import Handle
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.selectors import selector_of
from minikube_py.machinery import meta
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.quantity import parse

NODE_CONFLICT = "node(s) didn't match PersistentVolume's node affinity"
FORMER_NODE_CONFLICT = "node(s) had volume node affinity conflict"
"""Until Kubernetes 1.33."""
BIND_CONFLICT = "node(s) didn't find available persistent volumes to bind"
NOT_ENOUGH_SPACE = "node(s) did not have enough free storage"
NO_SUCH_VOLUME = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"


@dataclass
class Claims:
    """A pod's claims by what is to be done for them."""

    bound: list[Object] = field(default_factory=list)
    delayed: list[Object] = field(default_factory=list)
    immediate: list[Object] = field(default_factory=list)


class Found(NamedTuple):
    """What a node offers: volumes for claims, claims to make volumes for; or why it will not do."""

    bindings: tuple[tuple[Object, Object], ...] = ()
    """Volume and claim."""
    provisions: tuple[Object, ...] = ()
    reasons: tuple[str, ...] = ()


def is_bound(claim: Object) -> bool:
    return bool(claim["spec"].get("volumeName")) and BIND_COMPLETED in meta.annotations(claim)


def sort_claims(claims: Sequence[Object], handle: Handle) -> Claims:
    found = Claims()
    for claim in claims:
        if is_bound(claim):
            found.bound.append(claim)
        elif delays_binding(handle.classes.get("", class_name(claim))) and not claim["spec"].get("volumeName"):
            found.delayed.append(claim)
        else:
            found.immediate.append(claim)
    return found


def as_node(node: NodeInfo) -> Object:
    return {"metadata": {"name": node.name, "labels": node.labels}}


def find(claims: Claims, node: NodeInfo, handle: Handle) -> Found:
    reasons = [reason] if (reason := _of_bound(claims.bound, node, handle)) else []
    matched, left = [], []
    for claim in claims.delayed:
        chosen = meta.annotations(claim).get(SELECTED_NODE)
        if chosen is None:
            matched.append(claim)
        elif chosen == node.name:
            left.append(claim)
        else:
            return Found(reasons=(*reasons, BIND_CONFLICT))
    bindings = _match(matched, node, handle)
    have = {meta.key(claim) for _, claim in bindings}
    left += [claim for claim in matched if meta.key(claim) not in have]
    problems = [problem for claim in left if (problem := _unprovisionable(claim, node, handle))]
    if reasons or problems:
        return Found(reasons=(*reasons, *problems[:1]))
    return Found(tuple(bindings), tuple(left))


def _of_bound(claims: Sequence[Object], node: NodeInfo, handle: Handle) -> str:
    for claim in claims:
        volume = handle.volumes.volumes.get(NamespacedName("", claim["spec"]["volumeName"]))
        if volume is None:
            return NO_SUCH_VOLUME
        if not reaches(volume, as_node(node)):
            return node_conflict(handle.kubernetes_version)
    return ""


def node_conflict(version: str) -> str:
    """`version` is "1.36" or longer."""
    return NODE_CONFLICT if int(version.split(".")[1]) >= 34 else FORMER_NODE_CONFLICT


def _match(claims: Sequence[Object], node: NodeInfo, handle: Handle) -> list[tuple[Object, Object]]:
    """The smallest claims choose first; no volume is chosen twice."""
    chosen: list[tuple[Object, Object]] = []
    for claim in sorted(claims, key=requested):
        taken = {meta.name(volume) for volume, _ in chosen}
        candidates = handle.volumes.volumes.by_index(BY_CLASS, class_name(claim))
        free = [volume for volume in candidates if meta.name(volume) not in taken]
        volume = best_match(claim, free, node=as_node(node))
        if volume is not None:
            chosen.append((volume, claim))
    return chosen


def _unprovisionable(claim: Object, node: NodeInfo, handle: Handle) -> str:
    """Why no volume can be made for the claim there; "" if one can."""
    storage_class = handle.classes.get("", class_name(claim))
    if storage_class is None or storage_class.get("provisioner") in (None, "", NO_PROVISIONER):
        return BIND_CONFLICT
    terms = storage_class.get("allowedTopologies") or ()
    if terms and not any(_topology_matches(term, node) for term in terms):
        return BIND_CONFLICT
    return "" if _has_capacity(claim, storage_class, node, handle) else NOT_ENOUGH_SPACE


def _topology_matches(term: Object, node: NodeInfo) -> bool:
    expressions = term.get("matchLabelExpressions") or ()
    return bool(expressions) and all(node.labels.get(each["key"]) in (each.get("values") or ()) for each in expressions)


def _has_capacity(claim: Object, storage_class: Object, node: NodeInfo, handle: Handle) -> bool:
    """By the CSIStorageCapacity objects of drivers that publish them; True for all others."""
    driver = handle.csi_drivers.get("", storage_class["provisioner"])
    if driver is None or not driver["spec"].get("storageCapacity"):
        return True
    wanted = requested(claim)
    for each in handle.csi_capacities.list():
        limit = each.get("maximumVolumeSize") or each.get("capacity")
        if each.get("storageClassName") == meta.name(storage_class) and limit is not None and parse(limit) >= wanted:
            topology = each.get("nodeTopology")
            if topology is not None and selector_of(topology).matches(node.labels):
                return True
    return False
