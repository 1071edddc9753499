"""Volumes projected out of several sources, and the downward API as files."""

from __future__ import annotations

from minikube_py.api.kinds.podspec.fieldrefs import VOLUME_FIELDS, field_ref_errors, resource_ref_errors
from minikube_py.api.kinds.podspec.paths import DEFAULT_MODE, is_plain, mode_errors, non_reserved_errors
from minikube_py.machinery.field import ErrorList, Path, forbidden, invalid, required
from minikube_py.machinery.gvr import Object

_TOKEN_SECONDS_MINIMUM = 600
_TOKEN_SECONDS_MAXIMUM = 1 << 32


def downward_api_errors(source: Object, path: Path) -> ErrorList:
    """Files' errors name the source, not the file."""
    errors = mode_errors(source.get("defaultMode"), path.child("defaultMode"))
    for file in source.get("items") or ():
        errors += _file_errors(file, path)
    return errors


def _file_errors(file: Object, path: Path) -> ErrorList:
    """A DownwardAPIVolumeFile."""
    target = file.get("path") or ""
    errors: ErrorList = []
    if not target:
        errors.append(required(path.child("path")))
    elif not is_plain(target):
        errors += non_reserved_errors(target, path.child("path"))
    if "fieldRef" in file:
        errors += field_ref_errors(file["fieldRef"], VOLUME_FIELDS, path.child("fieldRef"))
        if "resourceFieldRef" in file:
            detail = "fieldRef and resourceFieldRef can not be specified simultaneously"
            errors.append(invalid(path, "resource", detail))
    elif "resourceFieldRef" in file:
        errors += resource_ref_errors(file["resourceFieldRef"], path.child("resourceFieldRef"), in_volume=True)
    else:
        errors.append(required(path, "one of fieldRef and resourceFieldRef is required"))
    if "mode" in file:
        errors += mode_errors(file["mode"], path.child("mode"))
    return errors


def projected_errors(source: Object, path: Path) -> ErrorList:
    """A ProjectedVolumeSource."""
    mode = source.get("defaultMode")
    errors = [] if mode == DEFAULT_MODE else mode_errors(mode, path.child("defaultMode"))
    taken: set[str] = set()
    for index, projection in enumerate(source.get("sources") or ()):
        at = path.child("sources").index(index)
        count = 0
        for kind in ("secret", "configMap"):
            if kind in projection:
                count += 1
                errors += _keys_errors(projection[kind], taken, path, at.child(kind))
        if "downwardAPI" in projection:
            count += 1
            errors += _files_errors(projection["downwardAPI"], taken, path, at.child("downwardAPI"))
        if "serviceAccountToken" in projection:
            count += 1
            errors += _token_errors(projection["serviceAccountToken"], path, at.child("serviceAccountToken"))
        if count > 1:
            errors.append(forbidden(at, "may not specify more than 1 volume type per source"))
    return errors


def _keys_errors(projection: Object, taken: set[str], volume: Path, path: Path) -> ErrorList:
    errors: ErrorList = []
    name = projection.get("name") or ""
    if not name:
        errors.append(required(path.child("name")))
    for index, item in enumerate(projection.get("items") or ()):
        errors += key_to_path_errors(item, path, index)
        errors += _taken_errors(item.get("path") or "", name, taken, volume)
    return errors


def key_to_path_errors(item: Object, source: Path, index: int) -> ErrorList:
    """A KeyToPath, an item of the source at that path."""
    target = item.get("path") or ""
    if target and item.get("key") and "mode" not in item and is_plain(target):
        return []
    path = source.child("items").index(index)
    errors: ErrorList = []
    if not item.get("key"):
        errors.append(required(path.child("key")))
    if not target:
        errors.append(required(path.child("path")))
    errors += non_reserved_errors(target, path.child("path"))
    return errors + mode_errors(item.get("mode"), path.child("mode"))


def _files_errors(projection: Object, taken: set[str], volume: Path, path: Path) -> ErrorList:
    errors: ErrorList = []
    for file in projection.get("items") or ():
        errors += _file_errors(file, path)
        target = file.get("path") or ""
        errors += _taken_errors(target, target, taken, volume)
    return errors


def _taken_errors(target: str, shown: str, taken: set[str], volume: Path) -> ErrorList:
    """Two sources may not write one file."""
    if not target:
        return []
    if target in taken:
        return [invalid(volume, shown, "conflicting duplicate paths")]
    taken.add(target)
    return []


def _token_errors(projection: Object, volume: Path, path: Path) -> ErrorList:
    """The errors of its path name the volume."""
    errors: ErrorList = []
    seconds = projection.get("expirationSeconds") or 0
    if seconds < _TOKEN_SECONDS_MINIMUM:
        detail = "may not specify a duration less than 10 minutes"
        errors.append(invalid(path.child("expirationSeconds"), seconds, detail))
    if seconds > _TOKEN_SECONDS_MAXIMUM:
        detail = "may not specify a duration larger than 2^32 seconds"
        errors.append(invalid(path.child("expirationSeconds"), seconds, detail))
    target = projection.get("path") or ""
    if not target:
        errors.append(required(volume.child("path")))
    elif not is_plain(target):
        errors += non_reserved_errors(target, volume.child("path"))
    return errors
