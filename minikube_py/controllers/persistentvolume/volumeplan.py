"""The volume's plan: what to do for it, given the claim it names (pv_controller.go syncVolume).

claimRef       claim                  then
none           -                      Phase Available
without uid    -                      Phase Available: kept for a claim
with uid       gone                   Release
with uid       names no volume        NudgeClaim: the claim's reconcile finishes the binding
with uid       names this one         Phase Bound
with uid       names another          Release if it was made for the claim, else Unbind
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from minikube_py.controllers.persistentvolume.binding import AVAILABLE, BOUND, PROVISIONED_BY, claim_ref
from minikube_py.controllers.persistentvolume.claimplan import Event
from minikube_py.controllers.persistentvolume.matching import volume_mode
from minikube_py.machinery import meta
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import name, uid

IN_TREE_FINALIZER = "kubernetes.io/pv-controller"
"""Keeps a volume that is to be deleted with its claim until what it stands for is deleted."""

_under_tmp = re.compile("/tmp/.+").search


class Phase(NamedTuple):
    phase: str


class Release(NamedTuple):
    """The phase Released, then what the reclaim policy says."""


class Unbind(NamedTuple):
    """Take the binding back."""


class NudgeClaim(NamedTuple):
    """Have the claim reconciled."""


class Mismatch(NamedTuple):
    """The claim cannot have the volume that is kept for it."""

    of_volume: Event
    of_claim: Event


Action = Phase | Release | Unbind | NudgeClaim | Mismatch


def is_claims(volume: Object, claim: Object | None) -> bool:
    """Whether the claim is the very one that the volume names, not one made later under its name."""
    return claim is not None and (claim_ref(volume) or {}).get("uid") == uid(claim)


def plan(volume: Object, claim: Object | None) -> Action:
    """`claim` is the one of the name in claimRef, if any."""
    reference = claim_ref(volume)
    if reference is None or not reference.get("uid"):
        return Phase(AVAILABLE)
    if claim is None or not is_claims(volume, claim):
        return Release()
    bound_to = claim["spec"].get("volumeName")
    if not bound_to:
        return NudgeClaim() if volume_mode(volume) == volume_mode(claim) else _mismatch(volume, claim)
    if bound_to == name(volume):
        return Phase(BOUND)
    made_for_claim = PROVISIONED_BY in meta.annotations(volume) and reclaim_policy(volume) == "Delete"
    return Release() if made_for_claim else Unbind()


def _mismatch(volume: Object, claim: Object) -> Mismatch:
    what = f'PersistentVolume to requested PersistentVolumeClaim "{name(claim)}"'
    which = f'PersistentVolume "{name(volume)}" to requested PersistentVolumeClaim'
    return Mismatch(
        Event("Warning", "VolumeMismatch", f"Cannot bind {what} due to incompatible volumeMode."),
        Event("Warning", "VolumeMismatch", f"Cannot bind {which} due to incompatible volumeMode."),
    )


def reclaim_policy(volume: Object) -> str:
    return str(volume["spec"].get("persistentVolumeReclaimPolicy") or "")


class Deletion(NamedTuple):
    """Who deletes a released volume: "here" (at once, as there is nothing but the object), "elsewhere" (whoever
    provisioned it), or nobody, for a reason."""

    by: Literal["here", "elsewhere", "nobody"]
    reason: str = ""


def deletion(volume: Object, is_simulated: bool) -> Deletion:
    """`is_simulated`: whether it came from the simulated provisioner (findDeletablePlugin, hostpath's Deleter)."""
    if is_simulated:
        return Deletion("here")
    provisioner = meta.annotations(volume).get(PROVISIONED_BY, "")
    if provisioner.startswith("kubernetes.io/"):
        return Deletion("nobody", f"no volume plugin matched name: {provisioner}")
    if provisioner:
        return Deletion("elsewhere")
    spec = volume["spec"]
    if spec.get("csi") is not None:
        return Deletion("elsewhere")
    host_path = spec.get("hostPath")
    if host_path is None:
        known = spec.get("nfs") is not None or spec.get("local") is not None
        problem = "no deletable volume plugin matched" if known else "no volume plugin matched"
        return Deletion("nobody", f'error getting deleter volume plugin for volume "{name(volume)}": {problem}')
    path = host_path.get("path") or ""
    if _under_tmp(path):
        return Deletion("here")
    return Deletion("nobody", f"host_path deleter only supports /tmp/.+ but received provided {path}")


def is_recyclable(volume: Object) -> bool:
    """Whether there was a recycler for it (hostPath and NFS)."""
    return volume["spec"].get("hostPath") is not None or volume["spec"].get("nfs") is not None
