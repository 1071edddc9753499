"""PersistentVolumeSpec, of volumes and inline in attachments (pkg/apis/core/validation)."""

from __future__ import annotations

import posixpath

from minikube_py.api.kinds.podspec.affinity import node_selector_errors
from minikube_py.api.kinds.storage.accessmodes import VOLUME_MODES, validate_access_modes
from minikube_py.api.kinds.storage.volumesources import validate_sources
from minikube_py.machinery.field import (
    ErrorList,
    Path,
    as_json,
    forbidden,
    invalid,
    invalid_each,
    not_supported,
    required,
)
from minikube_py.machinery.gotext import sorted_map
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import dns1123_subdomain
from minikube_py.machinery.quantity import parse

_RECLAIM_POLICIES = ("Delete", "Recycle", "Retain")
_INLINE = "in the context of inline volumes"
_NOT_INLINE = f"may not be specified {_INLINE}"


def validate_volume_spec(spec: Object, name: str, path: Path) -> ErrorList:
    """`name` is the volume's."""
    modes = spec.get("accessModes") or []
    errors: ErrorList = [] if modes else [required(path.child("accessModes"))]
    errors += validate_access_modes(modes, path.child("accessModes"))
    errors += _capacity_errors(spec.get("capacity") or {}, path.child("capacity"))
    policy, affinity = spec.get("persistentVolumeReclaimPolicy") or "", spec.get("nodeAffinity")
    at = path.child("persistentVolumeReclaimPolicy")
    if policy and policy not in _RECLAIM_POLICIES:
        errors.append(not_supported(at, as_json(policy), _RECLAIM_POLICIES))
    if affinity is not None:
        errors += _affinity_errors(affinity, path.child("nodeAffinity"))
    errors += validate_sources(spec, name, affinity is not None, path)
    errors += _recycled_root_errors(spec, at)
    if class_name := spec.get("storageClassName"):
        errors += invalid_each(path.child("storageClassName"), class_name, dns1123_subdomain(class_name))
    mode = spec.get("volumeMode")
    if mode is not None and mode not in VOLUME_MODES:
        errors.append(not_supported(path.child("volumeMode"), as_json(mode), VOLUME_MODES))
    return errors + _attributes_class_errors(spec, path)


def validate_inline_spec(spec: Object, path: Path) -> ErrorList:
    """What a VolumeAttachment may carry in place of a volume's name."""
    errors: ErrorList = []
    if spec.get("claimRef") is not None:
        errors.append(forbidden(path.child("claimRef"), _NOT_INLINE))
    if spec.get("capacity"):
        errors.append(forbidden(path.child("capacity"), _NOT_INLINE))
    if spec.get("csi") is None:
        errors.append(required(path.child("csi"), f"has to be specified {_INLINE}"))
    modes, policy = spec.get("accessModes") or [], spec.get("persistentVolumeReclaimPolicy") or ""
    if not modes:
        errors.append(required(path.child("accessModes")))
    errors += validate_access_modes(modes, path.child("accessModes"))
    at = path.child("persistentVolumeReclaimPolicy")
    if policy and policy != "Retain":
        errors.append(forbidden(at, f"may only be Retain {_INLINE}"))
    if spec.get("nodeAffinity") is not None:
        errors.append(forbidden(path.child("nodeAffinity"), _NOT_INLINE))
    errors += validate_sources(spec, "", False, path)
    errors += _recycled_root_errors(spec, at)
    if spec.get("storageClassName"):
        errors.append(forbidden(path.child("storageClassName"), _NOT_INLINE))
    if spec.get("volumeMode") not in (None, "Filesystem"):
        detail = f"may not specify volumeMode other than Filesystem {_INLINE}"
        errors.append(forbidden(path.child("volumeMode"), detail))
    return errors


def _capacity_errors(capacity: Object, path: Path) -> ErrorList:
    errors: ErrorList = [] if capacity else [required(path)]
    if set(capacity) != {"storage"}:
        errors.append(not_supported(path, sorted_map(capacity) or None, ("storage",)))
    for resource, text in capacity.items():
        quantity, at = parse(text), path.key(resource)
        if quantity.sign() < 0:
            errors.append(invalid(at, quantity.value(), "must be a valid resource quantity"))
        if quantity.sign() <= 0:
            errors.append(invalid(at, str(quantity), "must be greater than zero"))
    return errors


def _affinity_errors(affinity: Object, path: Path) -> ErrorList:
    selector, at = affinity.get("required"), path.child("required")
    if selector is None:
        return [required(at, "must specify required node constraints")]
    return node_selector_errors(selector, at)


def _recycled_root_errors(spec: Object, path: Path) -> ErrorList:
    target = (spec.get("hostPath") or {}).get("path")
    if spec.get("persistentVolumeReclaimPolicy") != "Recycle" or not target or posixpath.normpath(target).strip("/"):
        return []
    return [forbidden(path, "may not be 'recycle' for a hostPath mount of '/'")]


def _attributes_class_errors(spec: Object, path: Path) -> ErrorList:
    name, at = spec.get("volumeAttributesClassName"), path.child("volumeAttributesClassName")
    if name is None:
        return []
    errors = invalid_each(at, name, dns1123_subdomain(name))
    if not name:
        errors = [required(at, "an empty string is disallowed")]
    if spec.get("csi") is None:
        errors.append(required(path.child("csi"), "has to be specified when using volumeAttributesClassName"))
    return errors
