"""Templates of claims, as ephemeral volumes carry them: ValidatePersistentVolumeClaimTemplate."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.machinery import objectmeta
from minikube_py.machinery.field import (
    ErrorList,
    FieldError,
    Path,
    forbidden,
    invalid,
    invalid_each,
    not_supported,
    required,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.labelselector import validate_label_selector
from minikube_py.machinery.names import dns1123_subdomain, name_is_dns_label, name_is_dns_subdomain
from minikube_py.machinery.quantity import parse

_ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_VOLUME_MODES = ("Block", "Filesystem")
_TEMPLATE_METADATA = ("annotations", "labels")


def claim_template_errors(template: Object, path: Path) -> ErrorList:
    metadata = template.get("metadata") or {}
    at = path.child("metadata")
    errors = objectmeta.validate_annotations(metadata.get("annotations") or {}, at.child("annotations"))
    errors += objectmeta.validate_labels(metadata.get("labels") or {}, at.child("labels"))
    for name, value in metadata.items():
        if value and name not in _TEMPLATE_METADATA:
            errors.append(forbidden(at.child(name), "cannot be set"))
    return errors + claim_spec_errors(template.get("spec") or {}, path.child("spec"))


def claim_spec_errors(spec: Object, path: Path) -> ErrorList:
    """A PersistentVolumeClaimSpec."""
    errors = _access_mode_errors(spec, path)
    errors += _storage_errors(spec, path)
    if value := spec.get("storageClassName"):
        errors += invalid_each(path.child("storageClassName"), value, name_is_dns_subdomain(value))
    mode = spec.get("volumeMode")
    if mode is not None and mode not in _VOLUME_MODES:
        errors.append(not_supported(path.child("volumeMode"), mode, _VOLUME_MODES))
    errors += _data_source_errors(spec, path)
    if value := spec.get("volumeAttributesClassName"):
        errors += invalid_each(path.child("volumeAttributesClassName"), value, name_is_dns_subdomain(value))
    return errors


def _access_mode_errors(spec: Object, path: Path) -> ErrorList:
    modes: Sequence[str] = spec.get("accessModes") or ()
    at = path.child("accessModes")
    errors: ErrorList = []
    if not modes:
        errors.append(required(at, "at least 1 access mode is required"))
    errors += validate_label_selector(spec.get("selector"), path.child("selector"))
    errors += [not_supported(at, mode, _ACCESS_MODES) for mode in modes if mode not in _ACCESS_MODES]
    known = {mode for mode in modes if mode in _ACCESS_MODES}
    if "ReadWriteOncePod" in known and len(known) > 1:
        errors.append(forbidden(at, "may not use ReadWriteOncePod with other access modes"))
    return errors


def _storage_errors(spec: Object, path: Path) -> ErrorList:
    at = path.child("resources").key("storage")
    text = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if text is None:
        return [required(at)]
    if parse(text).sign() <= 0:
        return [invalid(at, text, "must be greater than zero")]
    return []


def _data_source_errors(spec: Object, path: Path) -> ErrorList:
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    errors: ErrorList = []
    if source is not None:
        errors += _typed_reference_errors(source, path.child("dataSource"))
    if reference is None:
        return errors
    at = path.child("dataSourceRef")
    errors += _typed_reference_errors(reference, at)
    namespace = reference.get("namespace")
    if namespace:
        errors += invalid_each(at.child("namespace"), namespace, name_is_dns_label(namespace))
        if source is not None:
            errors.append(_about_data_source(path, "may not be specified when dataSourceRef.namespace is specified"))
    elif source is not None and any(source.get(key) != reference.get(key) for key in ("apiGroup", "kind", "name")):
        errors.append(_about_data_source(path, "must match dataSourceRef"))
    return errors


def _about_data_source(path: Path, detail: str) -> FieldError:
    """Upstream shows the path's struct, which marshals empty."""
    return invalid(path, {}, detail)


def _typed_reference_errors(reference: Object, path: Path) -> ErrorList:
    group, kind = reference.get("apiGroup") or "", reference.get("kind") or ""
    errors: ErrorList = []
    if not reference.get("name"):
        errors.append(required(path.child("name")))
    if not kind:
        errors.append(required(path.child("kind")))
    if group:
        errors += invalid_each(path.child("apiGroup"), group, dns1123_subdomain(group))
    elif kind != "PersistentVolumeClaim":
        errors.append(invalid(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"))
    return errors
