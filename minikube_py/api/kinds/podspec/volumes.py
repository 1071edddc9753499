"""Volumes of pods: ValidateVolumes of pkg/apis/core/validation/validation.go."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from minikube_py.api.kinds.podspec import volumeplugins as plugins
from minikube_py.api.kinds.podspec.claims import claim_template_errors
from minikube_py.api.kinds.podspec.paths import backstep_errors, mode_errors
from minikube_py.api.kinds.podspec.projections import downward_api_errors, key_to_path_errors, projected_errors
from minikube_py.machinery.field import (
    ErrorList,
    Path,
    duplicate,
    forbidden,
    invalid,
    invalid_each,
    not_supported,
    required,
)
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import dns1123_label, name_is_dns_subdomain
from minikube_py.machinery.quantity import parse

PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_HOST_PATH_TYPES = (
    "",
    "BlockDevice",
    "CharDevice",
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket",
)
SECOND_SOURCE = "may not specify more than 1 volume type"
_INITIATOR_PROBLEM = (
    "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters "
    "if iscsi.initiatorName is specified."
)

Volumes = dict[str, Object]
"""The valid volumes by name."""


def volume_errors(volumes: Sequence[Object], pod_name: str, path: Path, *, is_pod: bool) -> tuple[Volumes, ErrorList]:
    """The volumes that containers may mount, and the errors. `pod_name` is empty where it is not known."""
    errors: ErrorList = []
    valid: Volumes = {}
    created = _created_claims(volumes, pod_name)
    for index, volume in enumerate(volumes):
        at = path.index(index)
        name = volume.get("name") or ""
        found = _source_errors(volume, name, pod_name, at, is_pod)
        if not name:
            found.append(required(at.child("name")))
        elif problems := dns1123_label(name):
            found += invalid_each(at.child("name"), name, problems)
        if name in valid:
            found.append(duplicate(at.child("name"), name))
        if found:
            errors += found
        else:
            valid[name] = volume
        if created and (claim := (volume.get("persistentVolumeClaim") or {}).get("claimName")) in created:
            detail = "must not reference a PVC that gets created for an ephemeral volume"
            errors.append(invalid(at.child("persistentVolumeClaim", "claimName"), claim, detail))
    return valid, errors


def _created_claims(volumes: Sequence[Object], pod_name: str) -> set[str]:
    """Names of the claims that will be made for ephemeral volumes."""
    if not pod_name:
        return set()
    return {f"{pod_name}-{volume.get('name', '')}" for volume in volumes if "ephemeral" in volume}


def _source_errors(volume: Object, name: str, pod_name: str, path: Path, is_pod: bool) -> ErrorList:
    sources = [source for source in volume if source in _SOURCES]
    if not sources:
        return [required(path, "must specify a volume type")]
    if len(sources) > 1:
        sources.sort(key=_ORDER.__getitem__)
    errors: ErrorList = []
    for position, source in enumerate(sources):
        if position:
            errors.append(forbidden(path.child(_FORBIDDEN_AS.get(source, source)), SECOND_SOURCE))
        else:
            if source == "image" and is_pod and not volume[source].get("reference"):
                errors.append(required(path.child("image", "reference")))
            errors += _SOURCES[source](volume[source], path.child(_CHECKED_AS.get(source, source)))
            if source == "ephemeral" and pod_name and name:
                errors += _claim_name_errors(f"{pod_name}-{name}", name, path)
        if source == "iscsi":
            errors += _initiator_errors(volume[source], name, path)
    return errors


def _initiator_errors(source: Object, name: str, path: Path) -> ErrorList:
    if "initiatorName" in source and len(f"{name}:{source.get('targetPortal', '')}") > 64:
        return [invalid(path.child("name"), name, _INITIATOR_PROBLEM)]
    return []


def _claim_name_errors(claim: str, name: str, path: Path) -> ErrorList:
    problems = [f"PVC name {quote(claim)}: {problem}" for problem in name_is_dns_subdomain(claim)]
    return invalid_each(path.child("name"), name, problems)


def _empty_dir(source: Object, path: Path) -> ErrorList:
    limit = source.get("sizeLimit")
    if limit is not None and parse(limit).sign() < 0:
        return [forbidden(path.child("sizeLimit"), "SizeLimit field must be a valid resource quantity")]
    return []


def host_path_errors(source: Object, path: Path) -> ErrorList:
    target = source.get("path")
    if not target:
        return [required(path.child("path"))]
    errors = backstep_errors(target, path.child("path"))
    if (kind := source.get("type") or "") not in _HOST_PATH_TYPES:
        errors.append(not_supported(path.child("type"), kind, _HOST_PATH_TYPES))
    return errors


def _secret(source: Object, path: Path) -> ErrorList:
    return _keys_of("secretName", source, path)


def _config_map(source: Object, path: Path) -> ErrorList:
    return _keys_of("name", source, path)


def _keys_of(name: str, source: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    if not source.get(name):
        errors.append(required(path.child(name)))
    errors += mode_errors(source.get("defaultMode"), path.child("defaultMode"))
    for index, item in enumerate(source.get("items") or ()):
        errors += key_to_path_errors(item, path, index)
    return errors


def _claim(source: Object, path: Path) -> ErrorList:
    return [] if source.get("claimName") else [required(path.child("claimName"))]


def _ephemeral(source: Object, path: Path) -> ErrorList:
    template = source.get("volumeClaimTemplate")
    at = path.child("volumeClaimTemplate")
    return [required(at)] if template is None else claim_template_errors(template, at)


def _image(source: Object, path: Path) -> ErrorList:
    return pull_policy_errors(source.get("pullPolicy") or "", path.child("pullPolicy"))


def pull_policy_errors(policy: str, path: Path) -> ErrorList:
    if policy in PULL_POLICIES:
        return []
    return [not_supported(path, policy, PULL_POLICIES) if policy else required(path)]


_SOURCES: dict[str, Callable[[Object, Path], ErrorList]] = {
    "emptyDir": _empty_dir,
    "hostPath": host_path_errors,
    "gitRepo": plugins.git_repo,
    "gcePersistentDisk": plugins.gce_disk,
    "awsElasticBlockStore": plugins.aws_disk,
    "secret": _secret,
    "nfs": plugins.nfs,
    "iscsi": plugins.iscsi,
    "glusterfs": plugins.glusterfs,
    "flocker": plugins.flocker,
    "persistentVolumeClaim": _claim,
    "rbd": plugins.rbd,
    "cinder": plugins.cinder,
    "cephfs": plugins.cephfs,
    "quobyte": plugins.quobyte,
    "downwardAPI": downward_api_errors,
    "fc": plugins.fibre_channel,
    "flexVolume": plugins.flex,
    "configMap": _config_map,
    "azureFile": plugins.azure_file,
    "vsphereVolume": plugins.vsphere,
    "photonPersistentDisk": plugins.photon_disk,
    "portworxVolume": plugins.portworx,
    "azureDisk": plugins.azure_disk,
    "storageos": plugins.storageos,
    "projected": projected_errors,
    "scaleIO": plugins.scale_io,
    "csi": plugins.csi,
    "ephemeral": _ephemeral,
    "image": _image,
}
_ORDER = {source: rank for rank, source in enumerate(_SOURCES)}
_CHECKED_AS = {"gcePersistentDisk": "persistentDisk"}
"""What errors inside a source call it, where that is not its JSON name."""
_FORBIDDEN_AS = {"cephfs": "cephFS", "downwardAPI": "downwarAPI"}
"""What errors over a second source call it; the spelling is upstream's."""
