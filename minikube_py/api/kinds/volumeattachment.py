"""VolumeAttachment: a volume that is to be attached to a node (pkg/registry/storage/volumeattachment)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.core.gates import minor
from minikube_py.api.kinds.podspec.volumeplugins import driver_name_errors
from minikube_py.api.kinds.storage.volumespec import validate_inline_spec
from minikube_py.api.kinds.workload.internal import internal_value
from minikube_py.api.resource import AGE, NAME, Column, Resource, Subresource, age
from minikube_py.api.strategy import StatusStrategy, Strategy
from minikube_py.machinery.field import ErrorList, Path, forbidden, invalid, invalid_each, required, too_long
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import byte_length, dns1123_subdomain, range_error
from minikube_py.machinery.objectmeta import FIELD_IMMUTABLE

_SPEC = Path("spec")
_STATUS = Path("status")
_METADATA_MAXIMUM = 256 * 1024
_MESSAGE_MAXIMUM = 1024
_ERRORS = ("attachError", "detachError")
_ERROR_CODES_SINCE = 35
_ONE_SOURCE = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"


class VolumeAttachmentStrategy(Strategy):
    has_status = True
    reset_fields = (("status",),)
    returns_deleted_object = True
    allow_unconditional_update = False

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        """pkg/apis/storage/validation ValidateVolumeAttachment."""
        spec = obj["spec"]
        errors = [
            *self.validate_metadata(ctx, obj),
            *driver_name_errors(spec.get("attacher") or "", _SPEC.child("attacher")),
            *_source_errors(spec.get("source") or {}, _SPEC.child("source")),
        ]
        node = spec.get("nodeName") or ""
        errors += invalid_each(_SPEC.child("nodeName"), node, dns1123_subdomain(node))
        errors += _status_errors(obj.get("status") or {})
        volume = (spec.get("source") or {}).get("persistentVolumeName")
        if volume is not None:
            at = _SPEC.child("source", "persistentVolumeName")
            errors += invalid_each(at, volume, dns1123_subdomain(volume))
        return errors

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        """Upstream leaves changes of metadata to what holds for every object."""
        errors = self.validate(ctx, obj)
        if obj["spec"] != old["spec"]:
            shown = internal_value(ctx.resource.type.fields["spec"].type, obj["spec"])
            errors.append(invalid(_SPEC, shown, FIELD_IMMUTABLE))
        return errors


class VolumeAttachmentStatusStrategy(StatusStrategy):
    reset_fields = (("metadata",), ("spec",))
    allow_unconditional_update = False

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        super().prepare_for_update(ctx, obj, old)
        if minor(ctx) >= _ERROR_CODES_SINCE:
            return
        for name in _ERRORS:
            found, before = obj["status"].get(name), (old.get("status") or {}).get(name) or {}
            if found is not None and before.get("errorCode") is None:
                found.pop("errorCode", None)

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        """Of a status upstream checks the whole object."""
        assert isinstance(self.main, VolumeAttachmentStrategy)
        return self.main.validate_update(ctx, obj, old)


def _source_errors(source: Object, path: Path) -> ErrorList:
    inline, name = source.get("inlineVolumeSpec"), source.get("persistentVolumeName")
    if inline is None and name is None:
        return [required(path, _ONE_SOURCE)]
    if inline is not None and name is not None:
        return [forbidden(path, _ONE_SOURCE)]
    if inline is not None:
        return validate_inline_spec(inline, path.child("inlineVolumeSpec"))
    detail = "must specify non empty persistentVolumeName"
    return [] if name else [required(path.child("persistentVolumeName"), detail)]


def _status_errors(status: Object) -> ErrorList:
    metadata = status.get("attachmentMetadata") or {}
    errors: ErrorList = []
    if sum(byte_length(key) + byte_length(value) for key, value in metadata.items()) > _METADATA_MAXIMUM:
        errors.append(too_long(_STATUS.child("attachmentMetadata"), _METADATA_MAXIMUM))
    for name in _ERRORS:
        found, at = status.get(name) or {}, _STATUS.child(name)
        if byte_length(found.get("message") or "") > _MESSAGE_MAXIMUM:
            errors.append(too_long(at.child("message"), _METADATA_MAXIMUM))  # upstream names the other limit
        code = found.get("errorCode")
        if code is not None and code < 0:
            errors.append(invalid(at.child("errorCode"), code, range_error(0, 2**31 - 1)))
    return errors


def cells(obj: Object) -> list[Any]:
    spec = obj["spec"]
    return [
        obj["metadata"]["name"],
        spec.get("attacher") or "",
        (spec.get("source") or {}).get("persistentVolumeName") or "",
        spec.get("nodeName") or "",
        (obj.get("status") or {}).get("attached", False),
        age(obj),
    ]


_STRATEGY = VolumeAttachmentStrategy()
_DOC = "io.k8s.api.storage.v1.VolumeAttachment"

RESOURCES = (
    Resource(
        group="storage.k8s.io",
        version="v1",
        plural="volumeattachments",
        kind="VolumeAttachment",
        namespaced=False,
        strategy=_STRATEGY,
        subresources=(Subresource("status", strategy=VolumeAttachmentStatusStrategy(_STRATEGY)),),
        columns=(
            NAME,
            Column("Attacher", format="name", doc=f"{_DOC}Spec#attacher"),
            Column("PV", doc=f"{_DOC}Source#persistentVolumeName"),
            Column("Node", doc=f"{_DOC}Spec#nodeName"),
            Column("Attached", type="boolean", doc=f"{_DOC}Status#attached"),
            AGE,
        ),
        cells=cells,
    ),
)
