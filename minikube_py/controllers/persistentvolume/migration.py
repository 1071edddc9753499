"""Migration: in-tree plugins that CSI drivers stand in for (k8s.io/csi-translation-lib, pv_controller_base.go
updateMigrationAnnotations).

    made or to be made by kubernetes.io/aws-ebs    gets the annotation pv.kubernetes.io/migrated-to: ebs.csi.aws.com
    made or to be made by anything else            loses it
    nobody knows by whom                           stays as it is
"""

from __future__ import annotations

from minikube_py.controllers.persistentvolume.binding import PROVISIONED_BY, annotated
from minikube_py.machinery import meta
from minikube_py.machinery.gvr import Object

CSI_MIGRATED = {
    "kubernetes.io/aws-ebs": "ebs.csi.aws.com",
    "kubernetes.io/azure-disk": "disk.csi.azure.com",
    "kubernetes.io/azure-file": "file.csi.azure.com",
    "kubernetes.io/cinder": "cinder.csi.openstack.org",
    "kubernetes.io/gce-pd": "pd.csi.storage.gke.io",
    "kubernetes.io/portworx-volume": "pxd.portworx.com",
    "kubernetes.io/vsphere-volume": "csi.vsphere.vmware.com",
}
"""In-tree plugins and their drivers."""

_SOURCES = {
    "awsElasticBlockStore": "kubernetes.io/aws-ebs",
    "azureDisk": "kubernetes.io/azure-disk",
    "azureFile": "kubernetes.io/azure-file",
    "cinder": "kubernetes.io/cinder",
    "gcePersistentDisk": "kubernetes.io/gce-pd",
    "portworxVolume": "kubernetes.io/portworx-volume",
    "vsphereVolume": "kubernetes.io/vsphere-volume",
}

STORAGE_PROVISIONER = "volume.kubernetes.io/storage-provisioner"
BETA_STORAGE_PROVISIONER = "volume.beta.kubernetes.io/storage-provisioner"
"""Annotations of claims: the sign for external provisioners to begin."""

MIGRATED_TO = "pv.kubernetes.io/migrated-to"
"""The annotation that names the driver, whose provisioner looks after all else."""


def migrated_plugin(volume: Object) -> str:
    """The in-tree plugin of a volume that a driver looks after; "" for all other volumes."""
    return next((plugin for field, plugin in _SOURCES.items() if volume["spec"].get(field) is not None), "")


def migrated_claim(claim: Object) -> Object:
    """The claim as it should be annotated; the very same if it is."""
    notes = meta.annotations(claim)
    return _migrated(claim, notes.get(STORAGE_PROVISIONER, notes.get(BETA_STORAGE_PROVISIONER)))


def migrated_volume(volume: Object) -> Object:
    """The volume as it should be annotated; the very same if it is."""
    return _migrated(volume, meta.annotations(volume).get(PROVISIONED_BY))


def _migrated(obj: Object, provisioner: str | None) -> Object:
    notes = meta.annotations(obj)
    if provisioner is None:
        return obj
    driver = CSI_MIGRATED.get(provisioner, "")
    if driver == notes.get(MIGRATED_TO, ""):
        return obj
    return annotated(obj, {MIGRATED_TO: driver}) if driver else annotated(obj, {}, MIGRATED_TO)
