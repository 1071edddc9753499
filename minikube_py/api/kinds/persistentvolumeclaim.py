"""PersistentVolumeClaim: a wish for storage (pkg/registry/core/persistentvolumeclaim)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.core.gates import minor
from minikube_py.api.kinds.podspec.claims import claim_spec_errors
from minikube_py.api.kinds.podspec.defaults import default_resource_list
from minikube_py.api.kinds.podspec.godiff import diff
from minikube_py.api.kinds.podspec.resources import is_native
from minikube_py.api.kinds.storage.accessmodes import access_modes_text
from minikube_py.api.kinds.storage.claimsource import attributes_classes, prepare_source
from minikube_py.api.kinds.storage.classes import CLASS_ANNOTATION, class_name
from minikube_py.api.kinds.workload.internal import internal_value
from minikube_py.api.resource import AGE, NAME, Column, Resource, Subresource, age
from minikube_py.api.strategy import METADATA, StatusStrategy, Strategy
from minikube_py.machinery import meta
from minikube_py.machinery.field import ErrorList, Path, as_json, forbidden, invalid, invalid_each, not_supported
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import qualified_name
from minikube_py.machinery.objectmeta import FIELD_IMMUTABLE, validate_kube_object_meta_update
from minikube_py.machinery.quantity import Quantity, parse

_SPEC = Path("spec")
_STATUS = Path("status")
_RECOVERY_SINCE = 32
"""The minor version from which on a claim may shrink back to what it has (RecoverVolumeExpansionFailure)."""
_RESIZE_STATUSES = (
    "ControllerResizeInProgress",
    "ControllerResizeInfeasible",
    "NodeResizeInProgress",
    "NodeResizeInfeasible",
    "NodeResizePending",
)
_IMMUTABLE = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
_RECOVERY_FIELDS = ("allocatedResources", "allocatedResourceStatuses")
_ATTRIBUTES_FIELDS = ("currentVolumeAttributesClassName", "modifyVolumeStatus")


class PersistentVolumeClaimStrategy(Strategy):
    has_status = True
    returns_deleted_object = True
    reset_fields = (("status",),)

    def default(self, obj: Object) -> None:
        spec, status = obj.setdefault("spec", {}), obj.setdefault("status", {})
        if not status.get("phase"):
            status["phase"] = "Pending"
        spec.setdefault("volumeMode", "Filesystem")
        for amounts in (spec.get("resources") or {}).values():
            default_resource_list(amounts)
        for name in ("capacity", "allocatedResources"):
            default_resource_list(status.get(name) or {})

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        obj["status"] = {"phase": "Pending"}
        _prepare_spec(ctx, obj["spec"], None)

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        super().prepare_for_update(ctx, obj, old)
        _prepare_spec(ctx, obj["spec"], old["spec"])

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*self.validate_metadata(ctx, obj), *claim_spec_errors(obj["spec"], _SPEC)]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        """pkg/apis/core/validation ValidatePersistentVolumeClaimUpdate."""
        errors = [
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
            *self.validate(ctx, obj),
        ]
        spec, before = obj["spec"], dict(old["spec"])
        new = _as_if_unchanged(obj, old)
        errors += _class_annotation_errors(obj, old)
        if not before.get("volumeName") and new.get("volumeName"):
            before["volumeName"] = new["volumeName"]
        if new != before:
            kind = ctx.resource.type.fields["spec"].type
            shown = diff(internal_value(kind, before), internal_value(kind, new))
            errors.append(forbidden(_SPEC, f"{_IMMUTABLE}\n{shown}"))
        errors += _shrink_errors(ctx, obj, old)
        if spec.get("volumeMode") != before.get("volumeMode"):
            errors.append(invalid(Path("volumeMode"), as_json(spec.get("volumeMode")), FIELD_IMMUTABLE))
        return errors + _attributes_class_errors(ctx, obj, old)

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        return _warnings(obj)

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        return _warnings(obj)


class PersistentVolumeClaimStatusStrategy(StatusStrategy):
    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        super().prepare_for_update(ctx, obj, old)
        status, before = obj["status"], old.get("status") or {}
        kept_back = () if attributes_classes(ctx) else _ATTRIBUTES_FIELDS
        for name in kept_back if _recovers(ctx) else (*kept_back, *_RECOVERY_FIELDS):
            if name not in before:
                status.pop(name, None)

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        errors = super().validate_update(ctx, obj, old)
        status = obj["status"]
        for resource, text in (status.get("capacity") or {}).items():
            errors += _basic_errors(parse(text), _STATUS.child("capacity").key(resource))
        return errors + _resize_status_errors(status) + _allocated_errors(status)


def _prepare_spec(ctx: Context, spec: Object, old_spec: Object | None) -> None:
    name = "volumeAttributesClassName"
    if not attributes_classes(ctx) and name not in (old_spec or {}):
        spec.pop(name, None)
    prepare_source(spec, old_spec)


def _recovers(ctx: Context) -> bool:
    return minor(ctx) >= _RECOVERY_SINCE


def _as_if_unchanged(obj: Object, old: Object) -> Object:
    """The new spec with the old one's values where a change is allowed."""
    spec, before = dict(obj["spec"]), old["spec"]
    if _class_may_be_set(obj, old):
        spec.pop("storageClassName", None)
    if (obj.get("status") or {}).get("phase") != "Bound":
        return spec
    resources = spec.get("resources") or {}
    requests = resources.get("requests")
    if requests is not None:
        asked = (before.get("resources") or {}).get("requests") or {}
        spec["resources"] = {**resources, "requests": {**requests, "storage": asked.get("storage", "0")}}
    name = "volumeAttributesClassName"
    spec.pop(name, None)
    if name in before:
        spec[name] = before[name]
    return spec


def _class_may_be_set(obj: Object, old: Object) -> bool:
    """From nothing to something, if an annotation does not tell otherwise."""
    name = obj["spec"].get("storageClassName")
    if name is None or old["spec"].get("storageClassName") is not None:
        return False
    return bool(meta.annotations(old).get(CLASS_ANNOTATION, name) == name)


def _class_annotation_errors(obj: Object, old: Object) -> ErrorList:
    """The annotation stays, though it may go once the field says the same."""
    new, before = meta.annotations(obj).get(CLASS_ANNOTATION), meta.annotations(old).get(CLASS_ANNOTATION)
    moved = (
        before is not None
        and old["spec"].get("storageClassName") is None
        and obj["spec"].get("storageClassName") == before
        and new in (None, before)
    )
    if moved or (new or "") == (before or ""):
        return []
    return [invalid(METADATA.child("annotations", CLASS_ANNOTATION), new or "", FIELD_IMMUTABLE)]


def _storage(of: Object | None) -> Quantity:
    return parse((of or {}).get("storage", "0"))


def _shrink_errors(ctx: Context, obj: Object, old: Object) -> ErrorList:
    size = _storage((obj["spec"].get("resources") or {}).get("requests"))
    if size >= _storage((old["spec"].get("resources") or {}).get("requests")):
        return []
    at = _SPEC.child("resources", "requests", "storage")
    if not _recovers(ctx):
        return [forbidden(at, "field can not be less than previous value")]
    if size <= _storage((old.get("status") or {}).get("capacity")):
        return [forbidden(at, "field can not be less than status.capacity")]
    return []


def _attributes_class_errors(ctx: Context, obj: Object, old: Object) -> ErrorList:
    name = "volumeAttributesClassName"
    new, at = obj["spec"].get(name), _SPEC.child(name)
    if new == old["spec"].get(name) or (old.get("status") or {}).get("currentVolumeAttributesClassName") is None:
        return []
    what = "nil" if new is None else "empty string" if not new else ""
    detail = f"update to {what} is forbidden when status.currentVolumeAttributesClassName is not nil"
    return [forbidden(at, detail)] if what else []


def _basic_errors(quantity: Quantity, path: Path) -> ErrorList:
    return [invalid(path, quantity.value(), "must be a valid resource quantity")] if quantity.sign() < 0 else []


def _resource_key_errors(resource: str, path: Path) -> ErrorList:
    """Storage alone, or a resource of somebody's own domain."""
    if problems := qualified_name(resource):
        return invalid_each(path, resource, problems)
    return [not_supported(path, resource, ("storage",))] if is_native(resource) and resource != "storage" else []


def _resize_status_errors(status: Object) -> ErrorList:
    at = _STATUS.child("allocatedResourceStatuses")
    errors: ErrorList = []
    for resource, state in (status.get("allocatedResourceStatuses") or {}).items():
        errors += _resource_key_errors(resource, at)
        if state not in _RESIZE_STATUSES:
            errors.append(not_supported(at, as_json(resource), _RESIZE_STATUSES))
    return errors


def _allocated_errors(status: Object) -> ErrorList:
    at = _STATUS.child("allocatedResources")
    errors: ErrorList = []
    for resource, text in (status.get("allocatedResources") or {}).items():
        quantity = parse(text)
        found = _resource_key_errors(resource, at) or _basic_errors(quantity, at.key(resource))
        if not found and quantity.milli_value() % 1000:
            found = [invalid(at.key(resource), str(quantity), "must be an integer")]
        errors += found
    return errors


def _warnings(obj: Object) -> list[str]:
    warnings = []
    if CLASS_ANNOTATION in meta.annotations(obj):
        text = 'deprecated since v1.8; use "storageClassName" attribute instead'
        warnings.append(f"metadata.annotations[{CLASS_ANNOTATION}]: {text}")
    for name in ("requests", "limits"):
        size = _storage((obj["spec"].get("resources") or {}).get(name))
        if size.milli_value() % 1000:
            at = _SPEC.child("resources", name).key("storage")
            warnings.append(f"{at}: fractional byte value {quote(str(size))} is invalid, must be an integer")
    return warnings


def cells(obj: Object) -> list[Any]:
    spec, status = obj["spec"], obj.get("status") or {}
    volume = spec.get("volumeName") or ""
    return [
        obj["metadata"]["name"],
        "Terminating" if meta.is_deleting(obj) else status.get("phase") or "",
        volume,
        (status.get("capacity") or {}).get("storage", "0") if volume else "",
        access_modes_text(status.get("accessModes")) if volume else "",
        class_name(obj),
        spec.get("volumeAttributesClassName", "<unset>"),
        age(obj),
        spec.get("volumeMode", "<unset>"),
    ]


_STRATEGY = PersistentVolumeClaimStrategy()
_SPEC_DOC = "io.k8s.api.core.v1.PersistentVolumeClaimSpec"
_STATUS_DOC = "io.k8s.api.core.v1.PersistentVolumeClaimStatus"

RESOURCES = (
    Resource(
        group="",
        version="v1",
        plural="persistentvolumeclaims",
        kind="PersistentVolumeClaim",
        short_names=("pvc",),
        strategy=_STRATEGY,
        subresources=(Subresource("status", strategy=PersistentVolumeClaimStatusStrategy(_STRATEGY)),),
        columns=(
            NAME,
            Column("Status", doc=f"{_STATUS_DOC}#phase"),
            Column("Volume", doc=f"{_SPEC_DOC}#volumeName"),
            Column("Capacity", doc=f"{_STATUS_DOC}#capacity"),
            Column("Access Modes", doc=f"{_STATUS_DOC}#accessModes"),
            Column("StorageClass", description="StorageClass of the pvc"),
            Column("VolumeAttributesClass", description="VolumeAttributesClass of the pvc"),
            AGE,
            Column("VolumeMode", priority=1, doc=f"{_SPEC_DOC}#volumeMode"),
        ),
        cells=cells,
    ),
)
