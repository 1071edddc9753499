"""Validation of metadata: apimachinery's api/validation/objectmeta.go and meta/v1/validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from minikube_py.machinery.field import (
    ErrorList,
    Path,
    as_json,
    forbidden,
    invalid,
    invalid_each,
    required,
    too_long,
)
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import NameFn, byte_length, label_value, name_is_dns_label, qualified_name

ANNOTATIONS_MAXIMUM = 256 * 1024
"""Bytes of all annotation keys and values together."""
FIELD_MANAGER_MAXIMUM = 128
"""Bytes of a field manager's name."""
SUBRESOURCE_MAXIMUM = 256
"""Bytes of a managedFields entry's subresource."""
FIELD_IMMUTABLE = "field is immutable"

_OWNER_FIELDS = ("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion")
_ORPHAN = "orphan"
_FOREGROUND = "foregroundDeletion"
_STANDARD_FINALIZERS = frozenset({"kubernetes", _ORPHAN, _FOREGROUND})


_NOTHING: Object = {}


def validate_object_meta(
    metadata: Object,
    requires_namespace: bool,
    name_fn: NameFn,
    path: Path,
    *,
    check_generate_name: bool = True,
    old: Object = _NOTHING,
) -> ErrorList:
    """What a new object's metadata may be. The few kinds that upstream validates through ValidateObjectMetaWithOpts
    (ReplicationController, DeviceClass) look at the generated name alone. `old`: metadata that is stored, and so valid;
    what is as there is not looked at again."""
    errors: ErrorList = []
    if check_generate_name and (generate_name := metadata.get("generateName")):
        errors += invalid_each(path.child("generateName"), generate_name, name_fn(generate_name, True))
    if name := metadata.get("name"):
        errors += invalid_each(path.child("name"), name, name_fn(name, False))
    else:
        errors.append(required(path.child("name"), "name or generateName is required"))
    errors += _namespace_errors(metadata.get("namespace") or "", requires_namespace, path)
    if (generation := metadata.get("generation") or 0) < 0:
        errors.append(invalid(path.child("generation"), generation, "must be greater than or equal to 0", "minimum"))
    errors += _common_errors(metadata, path, old, with_finalizers=True)
    return errors


def _namespace_errors(namespace: str, required_: bool, path: Path) -> ErrorList:
    if not required_:
        return [forbidden(path.child("namespace"), "not allowed on this type")] if namespace else []
    if not namespace:
        return [required(path.child("namespace"))]
    problems = name_is_dns_label(namespace)
    return invalid_each(path.child("namespace"), namespace, problems) if problems else []


def _common_errors(metadata: Object, path: Path, old: Object, with_finalizers: bool) -> ErrorList:
    """What holds for new and for changed objects; what is absent, or was there before, costs next to nothing."""
    errors: ErrorList = []
    if (labels := metadata.get("labels")) and labels != old.get("labels"):
        errors += validate_labels(labels, path.child("labels"))
    if (annotations := metadata.get("annotations")) and annotations != old.get("annotations"):
        errors += validate_annotations(annotations, path.child("annotations"))
    if (owners := metadata.get("ownerReferences")) and owners != old.get("ownerReferences"):
        errors += validate_owner_references(owners, path.child("ownerReferences"))
    if with_finalizers and (finalizers := metadata.get("finalizers")) and finalizers != old.get("finalizers"):
        errors += validate_finalizers(finalizers, path.child("finalizers"))
    if (managed := metadata.get("managedFields")) and managed is not old.get("managedFields"):
        errors += validate_managed_fields(managed, path.child("managedFields"))
    return errors


def validate_object_meta_update(new: Object, old: Object, path: Path) -> ErrorList:
    """How metadata may change."""
    errors: ErrorList = []
    if old.get("deletionTimestamp"):
        errors += _no_new_finalizers(new.get("finalizers") or [], old.get("finalizers") or [], path.child("finalizers"))
    if not new.get("resourceVersion"):
        errors.append(invalid(path.child("resourceVersion"), "", "must be specified for an update"))
    generation = new.get("generation") or 0
    if generation < (old.get("generation") or 0):
        errors.append(invalid(path.child("generation"), generation, "must not be decremented"))
    for name in ("name", "namespace"):
        errors += validate_immutable(new.get(name) or "", old.get(name) or "", path.child(name))
    errors += validate_immutable(new.get("uid") or "", old.get("uid") or "", path.child("uid"), named=True)
    for name in ("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"):
        errors += validate_immutable(new.get(name), old.get(name), path.child(name), named=True)
    errors += _common_errors(new, path, old, with_finalizers=False)
    return errors


def validate_kube_object_meta(
    metadata: Object, requires_namespace: bool, name_fn: NameFn, path: Path, *, check_generate_name: bool = True
) -> ErrorList:
    """validate_object_meta as the built-in kinds have it (pkg/apis/core/validation): finalizers without a domain must
    be standard ones. Custom resources go without this."""
    errors = validate_object_meta(metadata, requires_namespace, name_fn, path, check_generate_name=check_generate_name)
    return errors + _kube_finalizer_errors(metadata.get("finalizers"), path)


def validate_kube_object_meta_update(new: Object, old: Object, path: Path) -> ErrorList:
    """validate_object_meta_update as the built-in kinds have it."""
    return validate_object_meta_update(new, old, path) + _kube_finalizer_errors(new.get("finalizers"), path)


def _kube_finalizer_errors(finalizers: Sequence[str] | None, path: Path) -> ErrorList:
    detail = "name is neither a standard finalizer name nor is it fully qualified"
    return [
        invalid(path.child("finalizers").index(index), finalizer, detail)
        for index, finalizer in enumerate(finalizers or ())
        if "/" not in finalizer and finalizer not in _STANDARD_FINALIZERS
    ]


def validate_immutable(new: Any, old: Any, path: Path, *, named: bool = False) -> ErrorList:
    """`named`: the Go type is no plain string, so that the message shows JSON."""
    return [] if new == old else [invalid(path, as_json(new) if named else new, FIELD_IMMUTABLE)]


def validate_labels(labels: Mapping[str, str], path: Path) -> ErrorList:
    """All errors name the map, not the key."""
    errors: ErrorList = []
    for key, value in labels.items():
        if problems := qualified_name(key):
            errors += invalid_each(path, key, problems, "format=k8s-label-key")
        if problems := label_value(value):
            errors += invalid_each(path, value, problems, "format=k8s-label-value")
    return errors


def validate_label_name(name: str, path: Path) -> ErrorList:
    problems = qualified_name(name)
    return invalid_each(path, name, problems, "format=k8s-label-key") if problems else []


def validate_annotations(annotations: Mapping[str, str], path: Path) -> ErrorList:
    """Keys as labels', but with capitals in the prefix; values are free up to 256 KiB in all."""
    errors: ErrorList = []
    size = 0
    for key, value in annotations.items():
        if problems := qualified_name(key.lower()):
            errors += invalid_each(path, key, problems, "format=k8s-label-key")
        size += byte_length(key) + byte_length(value)
    if size > ANNOTATIONS_MAXIMUM:
        errors.append(too_long(path, ANNOTATIONS_MAXIMUM))
    return errors


def _go_owner(reference: Object) -> Object:
    """The reference as Go marshals it."""
    always = {"apiVersion": "", "kind": "", "name": "", "uid": ""}
    known = {key: reference[key] for key in _OWNER_FIELDS if reference.get(key) is not None}
    return {**always, **known}


def validate_owner_references(references: Sequence[Object], path: Path) -> ErrorList:
    """At most one controller, and never an Event."""
    errors: ErrorList = []
    controller = ""
    for reference in references:
        errors += _owner_errors(reference, path)
        if not reference.get("controller"):
            continue
        this = f"{reference.get('kind') or ''}/{reference.get('name') or ''}"
        if controller:
            detail = (
                "Only one reference can have Controller set to true. "
                f'Found "true" in references for {controller} and {this}'
            )
            errors.append(invalid(path, [_go_owner(each) for each in references], detail))
        else:
            controller = this
    return errors


def _owner_errors(reference: Object, path: Path) -> ErrorList:
    api_version, kind = reference.get("apiVersion") or "", reference.get("kind") or ""
    errors: ErrorList = []
    # "a/b/c" is no group and version at all; "/" and "" lack the version
    if api_version.count("/") > 1 or not api_version.rpartition("/")[2]:
        errors.append(invalid(path.child("apiVersion"), api_version, "version must not be empty"))
    if not kind:
        errors.append(invalid(path.child("kind"), kind, "must not be empty"))
    for field in ("name", "uid"):
        if not reference.get(field):
            errors.append(invalid(path.child(field), "", "must not be empty"))
    if kind == "Event" and api_version in ("v1", "/v1"):
        errors.append(invalid(path, _go_owner(reference), "/v1, Kind=Event is disallowed from being an owner"))
    return errors


def validate_finalizers(finalizers: Sequence[str], path: Path) -> ErrorList:
    errors: ErrorList = []
    for finalizer in finalizers:
        if problems := qualified_name(finalizer):
            errors += invalid_each(path, finalizer, problems)
    if _ORPHAN in finalizers and _FOREGROUND in finalizers:
        detail = f"finalizer {_ORPHAN} and {_FOREGROUND} cannot be both set"
        errors.append(invalid(path, list(finalizers), detail))
    return errors


def _no_new_finalizers(new: Sequence[str], old: Sequence[str], path: Path) -> ErrorList:
    extra = sorted(set(new).difference(old))
    if not extra:
        return []
    found = f"[]string{{{', '.join(quote(finalizer) for finalizer in extra)}}}"
    detail = f"no new finalizers can be added if the object is being deleted, found new finalizers {found}"
    return [forbidden(path, detail)]


def validate_managed_fields(entries: Sequence[Object], path: Path) -> ErrorList:
    errors: ErrorList = []
    for index, entry in enumerate(entries):
        operation, fields_type = entry.get("operation") or "", entry.get("fieldsType") or ""
        if operation not in ("Apply", "Update"):
            at = path.index(index).child("operation")
            errors.append(invalid(at, as_json(operation), "must be `Apply` or `Update`"))
        if fields_type and fields_type != "FieldsV1":
            errors.append(invalid(path.index(index).child("fieldsType"), fields_type, "must be `FieldsV1`"))
        if (manager := entry.get("manager")) and not _is_plain(manager):
            errors += validate_field_manager(manager, path.index(index).child("manager"))
        if byte_length(entry.get("subresource") or "") > SUBRESOURCE_MAXIMUM:
            errors.append(too_long(path.index(index).child("subresource"), SUBRESOURCE_MAXIMUM))
    return errors


def _is_plain(manager: str) -> bool:
    """Whether nothing is wrong with a field manager, as hardly ever there is."""
    return len(manager) <= FIELD_MANAGER_MAXIMUM and manager.isascii() and manager.isprintable()


def validate_field_manager(manager: str, path: Path) -> ErrorList:
    """At most 128 bytes, all printable."""
    if _is_plain(manager):
        return []
    errors: ErrorList = []
    if byte_length(manager) > FIELD_MANAGER_MAXIMUM:
        errors.append(too_long(path, FIELD_MANAGER_MAXIMUM))
    for index, char in enumerate(manager):
        if not char.isprintable():
            position = byte_length(manager[:index])
            errors.append(invalid(path, manager, f"invalid character U+{ord(char):04X} (at position {position})"))
    return errors
