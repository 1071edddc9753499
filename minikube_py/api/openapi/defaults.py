"""Defaults in OpenAPI v3: what a generated Go client would hold where nothing is set.

A struct that is no pointer defaults to {}, a plain value without omitempty to its zero; some fields carry a default
of their own in Go's source (`+default=`). OpenAPI v2 shows none of them.
Upstream: kube-openapi/pkg/generators/openapi.go.
"""

from __future__ import annotations

from typing import Any

from minikube_py.api.schema.types import Field

UNSET = object()

_CORE = "io.k8s.api.core.v1"

MARKED: dict[str, Any] = {
    "io.k8s.api.autoscaling.v1.ScaleSpec#replicas": 0,
    "io.k8s.api.certificates.v1beta1.PodCertificateRequestSpec#maxExpirationSeconds": 86400,
    "io.k8s.api.resource.v1.DeviceToleration#operator": "Equal",
    "io.k8s.api.resource.v1alpha3.DeviceToleration#operator": "Equal",
    "io.k8s.api.resource.v1alpha3.ResourcePoolStatusRequestSpec#limit": 100,
    "io.k8s.api.resource.v1beta1.DeviceToleration#operator": "Equal",
    "io.k8s.api.resource.v1beta2.DeviceToleration#operator": "Equal",
    "io.k8s.api.scheduling.v1alpha2.PodGroupSpec#disruptionMode": "Pod",
    f"{_CORE}.AzureDiskVolumeSource#cachingMode": "ReadWrite",
    f"{_CORE}.AzureDiskVolumeSource#fsType": "ext4",
    f"{_CORE}.AzureDiskVolumeSource#kind": "Shared",
    f"{_CORE}.AzureDiskVolumeSource#readOnly": False,
    f"{_CORE}.ConfigMapEnvSource#name": "",
    f"{_CORE}.ConfigMapKeySelector#name": "",
    f"{_CORE}.ConfigMapProjection#name": "",
    f"{_CORE}.ConfigMapVolumeSource#name": "",
    f"{_CORE}.ContainerPort#protocol": "TCP",
    f"{_CORE}.FileKeySelector#optional": False,
    f"{_CORE}.GRPCAction#service": "",
    f"{_CORE}.ISCSIPersistentVolumeSource#iscsiInterface": "default",
    f"{_CORE}.ISCSIVolumeSource#iscsiInterface": "default",
    f"{_CORE}.LocalObjectReference#name": "",
    f"{_CORE}.RBDPersistentVolumeSource#keyring": "/etc/ceph/keyring",
    f"{_CORE}.RBDPersistentVolumeSource#pool": "rbd",
    f"{_CORE}.RBDPersistentVolumeSource#user": "admin",
    f"{_CORE}.RBDVolumeSource#keyring": "/etc/ceph/keyring",
    f"{_CORE}.RBDVolumeSource#pool": "rbd",
    f"{_CORE}.RBDVolumeSource#user": "admin",
    f"{_CORE}.ReplicationControllerSpec#minReadySeconds": 0,
    f"{_CORE}.ReplicationControllerSpec#replicas": 1,
    f"{_CORE}.ScaleIOPersistentVolumeSource#fsType": "xfs",
    f"{_CORE}.ScaleIOPersistentVolumeSource#storageMode": "ThinProvisioned",
    f"{_CORE}.ScaleIOVolumeSource#fsType": "xfs",
    f"{_CORE}.ScaleIOVolumeSource#storageMode": "ThinProvisioned",
    f"{_CORE}.SecretEnvSource#name": "",
    f"{_CORE}.SecretKeySelector#name": "",
    f"{_CORE}.SecretProjection#name": "",
    f"{_CORE}.ServicePort#protocol": "TCP",
}
"""Fields with a default in Go's source, by definition and JSON name."""

_ZEROS: dict[str, Any] = {"string": "", "bool": False, "float64": 0}


def default(definition: str, field: Field) -> Any:
    """A property's default, or UNSET. A new value at each call."""
    marked = MARKED.get(f"{definition}#{field.json}", UNSET)
    if marked is not UNSET:
        return marked
    shape = field.type.shape
    if field.pointer:
        return UNSET
    if shape == "struct":
        return {}
    if field.omitempty:
        return UNSET
    return 0 if shape.startswith(("int", "uint")) and shape != "intorstring" else _ZEROS.get(shape, UNSET)
