"""Sources of PersistentVolumes: what ValidatePersistentVolumeSpec (pkg/apis/core/validation) says of each.

One check a source: (source, path) -> errors. Most are those of pods' volumes.
"""

from __future__ import annotations

from collections.abc import Callable

from minikube_py.api.kinds.podspec import volumeplugins as plugins
from minikube_py.api.kinds.podspec.paths import backstep_errors
from minikube_py.api.kinds.podspec.volumeplugins import driver_name_errors, initiator_errors, required_errors
from minikube_py.api.kinds.podspec.volumes import SECOND_SOURCE, host_path_errors
from minikube_py.machinery.field import ErrorList, Path, forbidden, invalid, invalid_each, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import byte_length, dns1123_label, dns1123_subdomain, range_error

_BAD_FORMAT = "must be valid format"
_INITIATOR_MAXIMUM = 64
_INITIATOR_TOO_LONG = (
    "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters "
    "if iscsi.initiatorName is specified."
)
_CSI_SECRETS = (
    "controllerPublishSecretRef",
    "controllerExpandSecretRef",
    "nodePublishSecretRef",
    "nodeExpandSecretRef",
)
_RESERVED = (".kubernetes.io", ".k8s.io")


def _secret_errors(source: Object, path: Path) -> ErrorList:
    """A secret of another namespace, if there is one."""
    secret = source.get("secretRef")
    return [] if secret is None else required_errors(secret, path.child("secretRef"), "name", "namespace")


def _glusterfs(source: Object, path: Path) -> ErrorList:
    errors = plugins.glusterfs(source, path)
    namespace, at = source.get("endpointsNamespace"), path.child("endpointsNamespace")
    if namespace is None:
        return errors
    if not namespace:
        detail = "if the endpointnamespace is set, it must be a valid namespace name"
        return [*errors, invalid(at, namespace, detail)]
    return errors + invalid_each(at, namespace, dns1123_label(namespace))


def _iscsi(source: Object, path: Path) -> ErrorList:
    errors = required_errors(source, path, "targetPortal")
    name, initiator, lun = source.get("iqn") or "", source.get("initiatorName"), source.get("lun") or 0
    at = path.child("iqn")
    errors += initiator_errors(name, at, _BAD_FORMAT) if name else [required(at)]
    if not 0 <= lun <= 255:
        errors.append(invalid(path.child("lun"), lun, range_error(0, 255)))
    secret = source.get("secretRef")
    if (source.get("chapAuthDiscovery") or source.get("chapAuthSession")) and secret is None:
        errors.append(required(path.child("secretRef")))
    if secret is not None and not secret.get("name"):
        errors.append(required(path.child("secretRef", "name")))
    if initiator is not None:
        errors += initiator_errors(initiator, path.child("initiatorname"), _BAD_FORMAT)
    return errors


def _cinder(source: Object, path: Path) -> ErrorList:
    return required_errors(source, path, "volumeID") + _secret_errors(source, path)


def _flex(source: Object, path: Path) -> ErrorList:
    errors = required_errors(source, path, "driver")
    for key in source.get("options") or ():
        if f".{key.partition('/')[0].lower()}".endswith(_RESERVED):
            detail = "kubernetes.io and k8s.io namespaces are reserved"
            errors.append(invalid(path.child("options").key(key), key, detail))
    return errors


def _azure_file(source: Object, path: Path) -> ErrorList:
    errors = required_errors(source, path, "secretName", "shareName")
    if source.get("secretNamespace") == "":
        errors.append(required(path.child("secretNamespace")))
    return errors


def _local(source: Object, path: Path) -> ErrorList:
    at = path.child("path")
    return backstep_errors(source["path"], at) if source.get("path") else [required(at)]


def _storageos(source: Object, path: Path) -> ErrorList:
    name, namespace = source.get("volumeName") or "", source.get("volumeNamespace") or ""
    at = path.child("volumeName")
    errors = invalid_each(at, name, dns1123_label(name)) if name else [required(at)]
    if namespace:
        errors += invalid_each(path.child("volumeNamespace"), namespace, dns1123_label(namespace))
    return errors + _secret_errors(source, path)


def _csi(source: Object, path: Path) -> ErrorList:
    errors = driver_name_errors(source.get("driver") or "", path.child("driver"))
    errors += required_errors(source, path, "volumeHandle")
    for name in _CSI_SECRETS:
        if (secret := source.get(name)) is not None:
            errors += _csi_secret_errors(secret, path.child(name))
    return errors


def _csi_secret_errors(secret: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    for field, problems in (("name", dns1123_subdomain), ("namespace", dns1123_label)):
        value = secret.get(field) or ""
        at = path.child(field)
        errors += invalid_each(at, value, problems(value)) if value else [required(at)]
    return errors


_SOURCES: dict[str, Callable[[Object, Path], ErrorList]] = {
    "hostPath": host_path_errors,
    "gcePersistentDisk": plugins.gce_disk,
    "awsElasticBlockStore": plugins.aws_disk,
    "glusterfs": _glusterfs,
    "flocker": plugins.flocker,
    "nfs": plugins.nfs,
    "rbd": plugins.rbd,
    "quobyte": plugins.quobyte,
    "cephfs": plugins.cephfs,
    "iscsi": _iscsi,
    "cinder": _cinder,
    "fc": plugins.fibre_channel,
    "flexVolume": _flex,
    "azureFile": _azure_file,
    "vsphereVolume": plugins.vsphere,
    "photonPersistentDisk": plugins.photon_disk,
    "portworxVolume": plugins.portworx,
    "azureDisk": plugins.azure_disk,
    "scaleIO": plugins.scale_io,
    "local": _local,
    "storageos": _storageos,
    "csi": _csi,
}
"""In the order in which upstream looks for them."""
_CHECKED_AS = {"gcePersistentDisk": "persistentDisk"}
"""What errors inside a source call it, where that is not its JSON name."""
_FORBIDDEN_AS = {"cephfs": "cephFS"}
"""What errors over a second source call it."""
SOURCES = tuple(_SOURCES)


def validate_sources(spec: Object, volume_name: str, has_affinity: bool, path: Path) -> ErrorList:
    """Exactly one, though a flexVolume may stand beside another."""
    errors: ErrorList = []
    found = False
    for name, check in _SOURCES.items():
        source = spec.get(name)
        if source is None:
            continue
        if found and name != "flexVolume":
            errors.append(forbidden(path.child(_FORBIDDEN_AS.get(name, name)), SECOND_SOURCE))
            continue
        found = True
        if name == "iscsi":
            errors += _initiator_length_errors(source, volume_name, path.child(name))
        errors += check(source, path.child(_CHECKED_AS.get(name, name)))
        if name == "local" and not has_affinity:
            errors.append(required(path.child("nodeAffinity"), "Local volume requires node affinity"))
    return errors if found else [*errors, required(path, "must specify a volume type")]


def _initiator_length_errors(source: Object, volume_name: str, path: Path) -> ErrorList:
    portal = source.get("targetPortal") or ""
    if source.get("initiatorName") is None or byte_length(f"{volume_name}:{portal}") <= _INITIATOR_MAXIMUM:
        return []
    return [invalid(path.child("targetportal"), portal, _INITIATOR_TOO_LONG)]
