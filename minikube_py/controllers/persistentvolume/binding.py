"""Binding: what a claim and its volume say of each other (component-helpers storage/volume/pv_helpers.go).

    claim                                           volume
    spec.volumeName: pvc-1                          spec.claimRef: {namespace, name, uid}
    annotations:                                    annotations:
      pv.kubernetes.io/bind-completed: "yes"          pv.kubernetes.io/bound-by-controller: "yes"
      pv.kubernetes.io/bound-by-controller: "yes"
    status: {phase: Bound, capacity, accessModes}   status: {phase: Bound}

All four writes are made in the order volume, volume status, claim, claim status; after a failure the next reconcile
goes on where it stopped. Nothing given is changed; None means that nothing is to be written.
"""

from __future__ import annotations

from minikube_py.machinery import meta
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import name, namespace, resource_version, uid
from minikube_py.machinery.quantity import parse

BIND_COMPLETED = "pv.kubernetes.io/bind-completed"
BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"
"""Without it, the binding is the user's, who keeps the volume for one claim."""
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"

PENDING, BOUND, LOST = "Pending", "Bound", "Lost"
"""Phases of claims; Bound is one of volumes too."""
AVAILABLE, RELEASED, FAILED = "Available", "Released", "Failed"


def phase(obj: Object) -> str:
    return str((obj.get("status") or {}).get("phase") or "")


def claim_ref(volume: Object) -> Object | None:
    found: Object | None = volume["spec"].get("claimRef")
    return found


def claim_key(reference: Object) -> NamespacedName:
    return NamespacedName(reference.get("namespace") or "", reference.get("name") or "")


def is_bound_to(volume: Object, claim: Object) -> bool:
    """Whether the volume names the claim, by its uid if it has one."""
    reference = claim_ref(volume)
    if reference is None or claim_key(reference) != (namespace(claim), name(claim)):
        return False
    return not reference.get("uid") or reference["uid"] == uid(claim)


def reference_to(claim: Object) -> Object:
    return {
        "kind": "PersistentVolumeClaim",
        "namespace": namespace(claim),
        "name": name(claim),
        "uid": uid(claim),
        "apiVersion": "v1",
        "resourceVersion": resource_version(claim),
    }


def annotated(obj: Object, added: dict[str, str], removed: str = "") -> Object:
    """A new tree with annotations added and taken away."""
    wanted = {key: value for key, value in {**meta.annotations(obj), **added}.items() if key != removed}
    metadata = {field: value for field, value in obj["metadata"].items() if field != "annotations"}
    return {**obj, "metadata": {**metadata, "annotations": wanted} if wanted else metadata}


def bound_volume(volume: Object, claim: Object) -> Object | None:
    """The volume bound to the claim. A volume that named the claim already stays the user's binding."""
    reference = claim_ref(volume) or {}
    bound = volume
    if claim_key(reference) != (namespace(claim), name(claim)) or reference.get("uid") != uid(claim):
        bound = {**bound, "spec": {**bound["spec"], "claimRef": reference_to(claim)}}
    if not is_bound_to(volume, claim) and BOUND_BY_CONTROLLER not in meta.annotations(volume):
        bound = annotated(bound, {BOUND_BY_CONTROLLER: "yes"})
    return None if bound is volume else bound


def bound_claim(claim: Object, volume: Object) -> Object | None:
    """The claim bound to the volume. A claim that named the volume already stays the user's binding."""
    bound, added = claim, {}
    if claim["spec"].get("volumeName") != name(volume):
        bound = {**claim, "spec": {**claim["spec"], "volumeName": name(volume)}}
        added[BOUND_BY_CONTROLLER] = "yes"
    added[BIND_COMPLETED] = "yes"
    missing = {key: value for key, value in added.items() if key not in meta.annotations(claim)}
    if missing:
        bound = annotated(bound, missing)
    return None if bound is claim else bound


def unbound_volume(volume: Object) -> Object:
    """The volume free again, or kept for the same claim if that is the user's wish."""
    spec = dict(volume["spec"])
    if BOUND_BY_CONTROLLER in meta.annotations(volume):
        del spec["claimRef"]
        return annotated({**volume, "spec": spec}, {}, BOUND_BY_CONTROLLER)
    spec["claimRef"] = {field: value for field, value in spec["claimRef"].items() if field != "uid"}
    return {**volume, "spec": spec}


def claim_status(claim: Object, wanted: str, volume: Object | None) -> Object | None:
    """The claim's status in a phase. Capacity is taken over only when the phase changes: later it may differ from
    the volume's, as long as a file system has not grown yet."""
    status: Object = claim.get("status") or {}
    new = {**status, "phase": wanted}
    if volume is None:
        for field in ("accessModes", "capacity", "currentVolumeAttributesClassName"):
            new.pop(field, None)
    else:
        spec = volume["spec"]
        if spec.get("accessModes"):
            new["accessModes"] = spec["accessModes"]
        if status.get("phase") != wanted and not _same_storage(status.get("capacity"), spec.get("capacity")):
            new["capacity"] = spec.get("capacity") or {}
        if (status.get("phase"), wanted) == (PENDING, BOUND) and spec.get("volumeAttributesClassName") is not None:
            new["currentVolumeAttributesClassName"] = spec["volumeAttributesClassName"]
    return None if new == status else new


def _same_storage(one: Object | None, other: Object | None) -> bool:
    mine, theirs = (one or {}).get("storage"), (other or {}).get("storage")
    return mine is not None and theirs is not None and parse(mine) == parse(theirs)
