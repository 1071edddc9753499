"""The Secrets that a pod names (pkg/api/v1/pod/util.go VisitPodSecretNames)."""

from __future__ import annotations

from collections.abc import Iterator

from minikube_py.machinery.gvr import Object

_BY_REFERENCE = {
    "cephfs": "secretRef",
    "cinder": "secretRef",
    "csi": "nodePublishSecretRef",
    "flexVolume": "secretRef",
    "iscsi": "secretRef",
    "rbd": "secretRef",
    "scaleIO": "secretRef",
    "storageos": "secretRef",
}
"""Types of volumes that refer to a Secret -> the field."""


def secret_names(pod: Object) -> frozenset[str]:
    return frozenset(name for name in _names(pod["spec"]) if name)


def _names(spec: Object) -> Iterator[str | None]:
    for reference in spec.get("imagePullSecrets") or ():
        yield reference.get("name")
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for container in spec.get(field) or ():
            yield from _of_container(container)
    for volume in spec.get("volumes") or ():
        yield from _of_volume(volume)


def _of_container(container: Object) -> Iterator[str | None]:
    for source in container.get("envFrom") or ():
        yield (source.get("secretRef") or {}).get("name")
    for variable in container.get("env") or ():
        yield ((variable.get("valueFrom") or {}).get("secretKeyRef") or {}).get("name")


def _of_volume(volume: Object) -> Iterator[str | None]:
    for type in ("secret", "azureFile"):
        yield (volume.get(type) or {}).get("secretName")
    for source in (volume.get("projected") or {}).get("sources") or ():
        yield (source.get("secret") or {}).get("name")
    for type, field in _BY_REFERENCE.items():
        yield ((volume.get(type) or {}).get(field) or {}).get("name")
