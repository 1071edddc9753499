"""The simulated provisioner: volumes for claims, at once, with nothing behind them.

It serves StorageClasses whose `provisioner` is one of PROVISIONERS, and any other that carries the annotation

    minikube-py.io/simulated: "true"

All others wait for a provisioner of their own, as on a real cluster. What it makes are hostPath volumes like
minikube's, without node affinity, so that pods may use them on every node; nothing is written to that path. For claims
that name a VolumeAttributesClass it makes CSI volumes, as no others may have one.
"""

from __future__ import annotations

from minikube_py.controllers.persistentvolume.binding import BOUND_BY_CONTROLLER, PROVISIONED_BY, reference_to
from minikube_py.controllers.persistentvolume.storageclass import DEFAULT_ANNOTATIONS
from minikube_py.controllers.persistentvolume.volumeplan import IN_TREE_FINALIZER
from minikube_py.machinery import meta
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import name, namespace, uid

PROVISIONER = "minikube-py.io/simulated"
PROVISIONERS = frozenset({PROVISIONER, "k8s.io/minikube-hostpath", "rancher.io/local-path"})
"""Ours, minikube's and kind's, whose manifests name them."""

SIMULATED = "minikube-py.io/simulated"
"""The annotation of classes, and of the volumes that were made here."""

STANDARD: Object = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "standard", "annotations": {DEFAULT_ANNOTATIONS[0]: "true"}},
    "provisioner": PROVISIONER,
    "reclaimPolicy": "Delete",
    "volumeBindingMode": "Immediate",
    "allowVolumeExpansion": True,
}
"""The default class, under the name that minikube and kind give theirs."""


def simulates(storage_class: Object) -> bool:
    return storage_class.get("provisioner") in PROVISIONERS or meta.annotations(storage_class).get(SIMULATED) == "true"


def is_simulated(volume: Object) -> bool:
    """Whether the volume was made here."""
    return meta.annotations(volume).get(SIMULATED) == "true"


def refusal(claim: Object) -> str:
    """Why no volume can be made for the claim; "" if one can."""
    return "claim Selector is not supported" if claim["spec"].get("selector") is not None else ""


def volume_name(claim: Object) -> str:
    return f"pvc-{uid(claim)}"


def driver_name(provisioner: str) -> str:
    """A driver's name is a domain: example.com/disk becomes disk.example.com."""
    return ".".join(reversed(provisioner.lower().split("/")))


def volume_for(claim: Object, storage_class: Object) -> Object:
    """The PersistentVolume to be created, bound to its claim."""
    spec = claim["spec"]
    policy = storage_class.get("reclaimPolicy") or "Delete"
    notes = {BOUND_BY_CONTROLLER: "yes", PROVISIONED_BY: storage_class["provisioner"], SIMULATED: "true"}
    metadata: Object = {"name": volume_name(claim), "annotations": notes}
    if policy == "Delete":
        metadata["finalizers"] = [IN_TREE_FINALIZER]
    made: Object = {
        "capacity": {"storage": spec["resources"]["requests"]["storage"]},
        "accessModes": spec["accessModes"],
        "persistentVolumeReclaimPolicy": policy,
        "storageClassName": name(storage_class),
        "volumeMode": spec.get("volumeMode") or "Filesystem",
        "claimRef": reference_to(claim),
    }
    if storage_class.get("mountOptions"):
        made["mountOptions"] = storage_class["mountOptions"]
    if spec.get("volumeAttributesClassName"):
        # Only volumes of CSI drivers may have one.
        made["volumeAttributesClassName"] = spec["volumeAttributesClassName"]
        made["csi"] = {"driver": driver_name(storage_class["provisioner"]), "volumeHandle": volume_name(claim)}
    else:
        made["hostPath"] = {"path": f"/tmp/hostpath-provisioner/{namespace(claim)}/{name(claim)}", "type": ""}
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": metadata, "spec": made}
