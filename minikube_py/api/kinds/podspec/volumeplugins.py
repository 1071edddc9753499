"""Volume sources of storage systems, most of them served by CSI drivers today or by nothing at all.

One check a source: (source, path) -> errors.
"""

from __future__ import annotations

import re

from minikube_py.api.kinds.podspec.paths import descending_errors
from minikube_py.machinery.field import ErrorList, Path, invalid, invalid_each, not_supported, required, too_long
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import dns1123_label, dns1123_subdomain, name_is_dns_subdomain, range_error

_has_iqn = re.compile(r"iqn\.\d{4}-\d{2}\.([A-Za-z0-9\-.]+)(:[^,;*&$|\s]+)\Z", re.ASCII).search
_is_eui = re.compile(r"eui.[A-Za-z0-9]{16}").fullmatch
_is_naa = re.compile(r"naa.[A-Za-z0-9]{32}").fullmatch
_INITIATORS = {"iqn": _has_iqn, "eui": _is_eui, "naa": _is_naa}

_CACHING_MODES = ("None", "ReadOnly", "ReadWrite")
_AZURE_DISK_KINDS = ("Dedicated", "Managed", "Shared")
_MANAGED_DISK = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
_BLOB_DISK = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"
_DRIVER_MAXIMUM = 63
_HOST_PORTS = "must be a host:port pair or multiple pairs separated by commas"


def required_errors(source: Object, path: Path, *names: str) -> ErrorList:
    """Fields that must be given."""
    return [required(path.child(name)) for name in names if not source.get(name)]


def _secret_name(source: Object, path: Path) -> ErrorList:
    secret = source.get("secretRef")
    return [required(path.child("secretRef", "name"))] if secret is not None and not secret.get("name") else []


def _partition(source: Object, path: Path) -> ErrorList:
    partition = source.get("partition") or 0
    return [] if 0 <= partition <= 255 else [invalid(path.child("partition"), partition, range_error(1, 255))]


def git_repo(source: Object, path: Path) -> ErrorList:
    errors = required_errors(source, path, "repository")
    return errors + descending_errors(source.get("directory") or "", path.child("directory"))


def gce_disk(source: Object, path: Path) -> ErrorList:
    return required_errors(source, path, "pdName") + _partition(source, path)


def aws_disk(source: Object, path: Path) -> ErrorList:
    return required_errors(source, path, "volumeID") + _partition(source, path)


def nfs(source: Object, path: Path) -> ErrorList:
    errors = required_errors(source, path, "server", "path")
    target = source.get("path") or ""
    if not target.startswith("/"):
        errors.append(invalid(path.child("path"), target, "must be an absolute path"))
    return errors


def iscsi(source: Object, path: Path) -> ErrorList:
    errors = required_errors(source, path, "targetPortal")
    name = source.get("iqn") or ""
    errors += initiator_errors(name, path.child("iqn")) if name else [required(path.child("iqn"))]
    lun = source.get("lun") or 0
    if not 0 <= lun <= 255:
        errors.append(invalid(path.child("lun"), lun, range_error(0, 255)))
    if (source.get("chapAuthDiscovery") or source.get("chapAuthSession")) and source.get("secretRef") is None:
        errors.append(required(path.child("secretRef")))
    if (initiator := source.get("initiatorName")) is not None:
        errors += initiator_errors(initiator, path.child("initiatorname"))
    return errors


def initiator_errors(
    name: str, path: Path, unknown: str = "must be valid format starting with iqn, eui, or naa"
) -> ErrorList:
    """An iSCSI name; `unknown` is what is said of one of no known form."""
    matches = _INITIATORS.get(name[:3])
    if matches is None:
        return [invalid(path, name, unknown)]
    return [] if matches(name) else [invalid(path, name, "must be valid format")]


def glusterfs(source: Object, path: Path) -> ErrorList:
    return required_errors(source, path, "endpoints", "path")


def flocker(source: Object, path: Path) -> ErrorList:
    name, uuid = source.get("datasetName") or "", source.get("datasetUUID")
    errors: ErrorList = []
    if not name and not uuid:
        errors.append(required(path, "one of datasetName and datasetUUID is required"))
    if name and uuid:
        errors.append(invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously"))
    if "/" in name:
        errors.append(invalid(path.child("datasetName"), name, "must not contain '/'"))
    return errors


def rbd(source: Object, path: Path) -> ErrorList:
    return required_errors(source, path, "monitors", "image")


def cinder(source: Object, path: Path) -> ErrorList:
    return required_errors(source, path, "volumeID") + _secret_name(source, path)


def cephfs(source: Object, path: Path) -> ErrorList:
    return required_errors(source, path, "monitors")


def quobyte(source: Object, path: Path) -> ErrorList:
    registry = source.get("registry") or ""
    errors: ErrorList = []
    if not registry:
        errors.append(required(path.child("registry"), _HOST_PORTS))
    elif len(source.get("tenant") or "") >= 65:
        detail = "must be a UUID and may not exceed a length of 64 characters"
        errors.append(required(path.child("tenant"), detail))
    else:
        for pair in registry.split(","):
            host, colon, _ = pair.rpartition(":")
            if not colon or (":" in host and not host.startswith("[")):
                errors.append(invalid(path.child("registry"), registry, _HOST_PORTS))
    return errors + required_errors(source, path, "volume")


def fibre_channel(source: Object, path: Path) -> ErrorList:
    names, ids, lun = source.get("targetWWNs"), source.get("wwids"), source.get("lun")
    at = path.child("targetWWNs")
    errors: ErrorList = []
    if not names and not ids:
        errors.append(required(at, "must specify either targetWWNs or wwids, but not both"))
    if names and ids:
        errors.append(invalid(at, names, "targetWWNs and wwids can not be specified simultaneously"))
    if not names:
        return errors
    if lun is None:
        errors.append(required(path.child("lun"), "lun is required if targetWWNs is specified"))
    elif not 0 <= lun <= 255:
        errors.append(invalid(path.child("lun"), lun, range_error(0, 255)))
    return errors


def flex(source: Object, path: Path) -> ErrorList:
    errors = required_errors(source, path, "driver")
    for option in source.get("options") or ():
        namespace = "." + option.partition("/")[0].lower()
        if namespace.endswith((".kubernetes.io", ".k8s.io")):
            detail = "kubernetes.io and k8s.io namespaces are reserved"
            errors.append(invalid(path.child("options").key(option), option, detail))
    return errors


def azure_file(source: Object, path: Path) -> ErrorList:
    return required_errors(source, path, "secretName", "shareName")


def vsphere(source: Object, path: Path) -> ErrorList:
    return required_errors(source, path, "volumePath")


def photon_disk(source: Object, path: Path) -> ErrorList:
    return required_errors(source, path, "pdID")


def portworx(source: Object, path: Path) -> ErrorList:
    return required_errors(source, path, "volumeID")


def azure_disk(source: Object, path: Path) -> ErrorList:
    errors = required_errors(source, path, "diskName", "diskURI")
    uri, caching, kind = source.get("diskURI") or "", source.get("cachingMode"), source.get("kind")
    if caching is not None and caching not in _CACHING_MODES:
        errors.append(not_supported(path.child("cachingMode"), caching, _CACHING_MODES))
    if kind is None:
        return errors
    if kind not in _AZURE_DISK_KINDS:
        errors.append(not_supported(path.child("kind"), kind, _AZURE_DISK_KINDS))
    if kind == "Managed" and not uri.startswith("/subscriptions/"):
        errors.append(not_supported(path.child("diskURI"), uri, [_MANAGED_DISK]))
    if kind != "Managed" and not uri.startswith("https://"):
        errors.append(not_supported(path.child("diskURI"), uri, [_BLOB_DISK]))
    return errors


def storageos(source: Object, path: Path) -> ErrorList:
    errors = required_errors(source, path, "volumeName")
    for field in ("volumeName", "volumeNamespace"):
        if name := source.get(field):
            errors += invalid_each(path.child(field), name, dns1123_label(name))
    return errors + _secret_name(source, path)


def scale_io(source: Object, path: Path) -> ErrorList:
    return required_errors(source, path, "gateway", "system", "volumeName")


def csi(source: Object, path: Path) -> ErrorList:
    errors = driver_name_errors(source.get("driver") or "", path.child("driver"))
    secret = source.get("nodePublishSecretRef")
    if secret is None:
        return errors
    if name := secret.get("name"):
        return errors + invalid_each(path.child("name"), name, name_is_dns_subdomain(name))
    return [*errors, required(path.child("nodePublishSecretRef", "name"))]


def driver_name_errors(driver: str, path: Path) -> ErrorList:
    """A CSI driver's name."""
    if not driver:
        return [required(path)]
    errors: ErrorList = []
    if len(driver) > _DRIVER_MAXIMUM:
        errors.append(too_long(path, _DRIVER_MAXIMUM))
    return errors + invalid_each(path, driver, dns1123_subdomain(driver.lower()))
