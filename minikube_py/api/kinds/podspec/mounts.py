"""How containers mount volumes, as file systems and as block devices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from minikube_py.api.kinds.podspec.paths import backstep_errors, descending_errors
from minikube_py.machinery.field import ErrorList, Path, forbidden, invalid, not_found, not_supported, required
from minikube_py.machinery.gvr import Object

_PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")
_RECURSIVE_READ_ONLY = ("Disabled", "Enabled", "IfPossible")


def mount_errors(container: Object, volumes: Mapping[str, Object], path: Path) -> ErrorList:
    """`volumeMounts`; `volumes` are the pod's valid ones."""
    mounts: Sequence[Object] = container.get("volumeMounts") or ()
    devices: Sequence[Object] = container.get("volumeDevices") or ()
    errors: ErrorList = []
    seen: set[str] = set()
    for index, mount in enumerate(mounts):
        name, target = mount.get("name") or "", mount.get("mountPath") or ""
        if not name:
            errors.append(required(path.index(index).child("name")))
        if name not in volumes:
            errors.append(not_found(path.index(index).child("name"), name))
        if not target:
            errors.append(required(path.index(index).child("mountPath")))
        if target in seen:
            errors.append(invalid(path.index(index).child("mountPath"), target, "must be unique"))
        seen.add(target)
        if devices:
            errors += _taken_by_device(name, target, devices, path.index(index))
        if len(mount) > 2:
            errors += _option_errors(mount, container, path, index)
    return errors


def _taken_by_device(name: str, target: str, devices: Sequence[Object], path: Path) -> ErrorList:
    errors: ErrorList = []
    taken = {device.get("name") or "": device.get("devicePath") or "" for device in devices}
    if name in taken:
        errors.append(invalid(path.child("name"), name, "must not already exist in volumeDevices"))
    if target in taken.values():
        detail = "must not already exist as a path in volumeDevices"
        errors.append(invalid(path.child("mountPath"), target, detail))
    return errors


def _option_errors(mount: Object, container: Object, path: Path, index: int) -> ErrorList:
    """Most of these name the list, not the mount."""
    errors: ErrorList = []
    sub_path, expression = mount.get("subPath"), mount.get("subPathExpr")
    if sub_path:
        errors += descending_errors(sub_path, path.child("subPath"))
    if expression:
        if sub_path:
            detail = "subPathExpr and subPath are mutually exclusive"
            errors.append(invalid(path.index(index).child("subPathExpr"), expression, detail))
        errors += descending_errors(expression, path.child("subPathExpr"))
    propagation = mount.get("mountPropagation")
    if propagation is not None:
        errors += _propagation_errors(propagation, container, path.child("mountPropagation"))
    if (recursive := mount.get("recursiveReadOnly")) is not None:
        errors += _recursive_read_only_errors(recursive, mount, path.child("recursiveReadOnly"))
    return errors


def _propagation_errors(propagation: str, container: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    if propagation not in _PROPAGATIONS:
        errors.append(not_supported(path, propagation, _PROPAGATIONS))
    privileged = (container.get("securityContext") or {}).get("privileged")
    if propagation == "Bidirectional" and not privileged:
        detail = "Bidirectional mount propagation is available only to privileged containers"
        errors.append(forbidden(path, detail))
    return errors


def _recursive_read_only_errors(recursive: str, mount: Object, path: Path) -> ErrorList:
    if recursive == "Disabled":
        return []
    if recursive not in _RECURSIVE_READ_ONLY:
        return [not_supported(path, recursive, _RECURSIVE_READ_ONLY)]
    errors: ErrorList = []
    if not mount.get("readOnly"):
        errors.append(forbidden(path, "may only be specified when readOnly is true"))
    if mount.get("mountPropagation") not in (None, "None"):
        errors.append(forbidden(path, "may only be specified when mountPropagation is None or not specified"))
    return errors


def device_errors(container: Object, volumes: Mapping[str, Object], path: Path) -> ErrorList:
    """`volumeDevices`."""
    errors: ErrorList = []
    names: set[str] = set()
    targets: set[str] = set()
    mounted = {mount.get("name") or "": mount.get("mountPath") or "" for mount in container.get("volumeMounts") or ()}
    for index, device in enumerate(container.get("volumeDevices") or ()):
        at = path.index(index)
        name, target = device.get("name") or "", device.get("devicePath") or ""
        errors += _device_name_errors(name, names, volumes, at.child("name"))
        if not target:
            errors.append(required(at.child("devicePath")))
        if target in targets:
            errors.append(invalid(at.child("devicePath"), target, "must be unique"))
        if target and backstep_errors(target, at):
            errors.append(invalid(at.child("devicePath"), target, "can not contain backsteps ('..')"))
        else:
            targets.add(target)
        if name in mounted:
            errors.append(invalid(at.child("name"), name, "must not already exist in volumeMounts"))
        if target in mounted.values():
            detail = "must not already exist as a path in volumeMounts"
            errors.append(invalid(at.child("devicePath"), target, detail))
        if name:
            names.add(name)
    return errors


def _device_name_errors(name: str, names: set[str], volumes: Mapping[str, Object], path: Path) -> ErrorList:
    errors: ErrorList = []
    if not name:
        errors.append(required(path))
    if name in names:
        errors.append(invalid(path, name, "must be unique"))
    volume = volumes.get(name)
    if volume is None:
        errors.append(not_found(path, name))
    elif "persistentVolumeClaim" not in volume and "ephemeral" not in volume:
        detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
        errors.append(invalid(path, name, detail))
    return errors
