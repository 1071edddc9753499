"""PersistentVolume: a piece of storage (pkg/registry/core/persistentvolume)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.core.gates import minor
from minikube_py.api.kinds.podspec.defaults import default_resource_list, default_volume
from minikube_py.api.kinds.podspec.godiff import diff
from minikube_py.api.kinds.podspec.warnings import DEPRECATED_NODE_LABELS
from minikube_py.api.kinds.storage.accessmodes import access_modes_text
from minikube_py.api.kinds.storage.claimsource import attributes_classes
from minikube_py.api.kinds.storage.classes import CLASS_ANNOTATION, class_name
from minikube_py.api.kinds.storage.volumesources import SOURCES
from minikube_py.api.kinds.storage.volumespec import validate_volume_spec
from minikube_py.api.kinds.workload.internal import internal_value
from minikube_py.api.resource import AGE, NAME, Column, Resource, Subresource, age
from minikube_py.api.strategy import METADATA, StatusStrategy, Strategy
from minikube_py.machinery import meta
from minikube_py.machinery.field import ErrorList, Path, as_json, forbidden, invalid
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.objectmeta import FIELD_IMMUTABLE

_SPEC = Path("spec")
_MOUNT_OPTIONS = "volume.beta.kubernetes.io/mount-options"
_DEPRECATED_ANNOTATIONS = {
    CLASS_ANNOTATION: 'deprecated since v1.8; use "storageClassName" attribute instead',
    _MOUNT_OPTIONS: 'deprecated since v1.31; use "mountOptions" attribute instead',
}
_DEPRECATED_SOURCES = {
    "cephfs": "spec.cephfs: deprecated in v1.28, non-functional in v1.31+",
    "photonPersistentDisk": "spec.photonPersistentDisk: deprecated in v1.11, non-functional in v1.16+",
    "scaleIO": "spec.scaleIO: deprecated in v1.16, non-functional in v1.22+",
    "storageos": "spec.storageOS: deprecated in v1.22, non-functional in v1.25+",
    "glusterfs": "spec.glusterfs: deprecated in v1.25, non-functional in v1.26+",
    "rbd": "spec.rbd: deprecated in v1.28, non-functional in v1.31+",
}
_WITH_MOUNT_OPTIONS = (
    "gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "nfs", "rbd", "quobyte", "iscsi", "cinder", "cephfs",
    "azureFile", "vsphereVolume", "azureDisk", "photonPersistentDisk",
)  # fmt: skip
"""Sources that know the annotation of mount options."""
_GA_LABELS = {
    "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
    "beta.kubernetes.io/os": "kubernetes.io/os",
    "beta.kubernetes.io/arch": "kubernetes.io/arch",
    "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
}
_PHASE_TIMES_SINCE = 29
"""The minor version from which on the time of the last change of phase is kept."""


class PersistentVolumeStrategy(Strategy):
    has_status = True
    returns_deleted_object = True
    reset_fields = (("status",),)

    def default(self, obj: Object) -> None:
        spec, status = obj.setdefault("spec", {}), obj.setdefault("status", {})
        if not status.get("phase"):
            status["phase"] = "Pending"
        if not spec.get("persistentVolumeReclaimPolicy"):
            spec["persistentVolumeReclaimPolicy"] = "Retain"
        spec.setdefault("volumeMode", "Filesystem")
        default_resource_list(spec.get("capacity") or {})
        sources = {name: spec[name] for name in SOURCES if name in spec}
        if sources:
            default_volume({"name": "", **sources})

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        status = {"phase": "Pending"}
        if minor(ctx) >= _PHASE_TIMES_SINCE:
            status["lastPhaseTransitionTime"] = ctx.now
        obj["status"] = status
        if not attributes_classes(ctx):
            obj["spec"].pop("volumeAttributesClassName", None)

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        super().prepare_for_update(ctx, obj, old)
        if not attributes_classes(ctx) and "volumeAttributesClassName" not in old["spec"]:
            obj["spec"].pop("volumeAttributesClassName", None)

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        name = obj["metadata"].get("name") or ""
        return [
            *self.validate_metadata(ctx, obj),
            *validate_volume_spec(obj["spec"], name, _SPEC),
            *_mount_option_errors(obj),
        ]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        """Upstream checks the spec twice here, and leaves changes of metadata to what holds for every object."""
        name = obj["metadata"]["name"]
        return [
            *self.validate(ctx, obj),
            *self.validate_metadata(ctx, obj),
            *validate_volume_spec(obj["spec"], name, _SPEC),
            *_change_errors(ctx, obj, old),
        ]

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        return _warnings(obj)

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        return _warnings(obj)


class PersistentVolumeStatusStrategy(StatusStrategy):
    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        """Keeps the time of the last change of phase, unless whoever changes it tells another."""
        super().prepare_for_update(ctx, obj, old)
        status, before = obj["status"], old.get("status") or {}
        if minor(ctx) < _PHASE_TIMES_SINCE:
            return
        time, old_time = status.get("lastPhaseTransitionTime"), before.get("lastPhaseTransitionTime")
        if status.get("phase") == before.get("phase"):
            if time is None and old_time is not None:
                status["lastPhaseTransitionTime"] = old_time
        elif time is None or time == old_time:
            status["lastPhaseTransitionTime"] = ctx.now


def _mount_option_errors(obj: Object) -> ErrorList:
    """pkg/volume/validation."""
    spec = obj["spec"]
    if _MOUNT_OPTIONS not in meta.annotations(obj) or any(name in spec for name in _WITH_MOUNT_OPTIONS):
        return []
    at = METADATA.child("annotations", _MOUNT_OPTIONS)
    return [forbidden(at, "may not specify mount options for this volume type")]


def _change_errors(ctx: Context, obj: Object, old: Object) -> ErrorList:
    spec, before = obj["spec"], old["spec"]
    fields = ctx.resource.type.fields["spec"].type.fields
    errors: ErrorList = []
    source, old_source = _source(spec), _source(before)
    if _without_new_expand_secret(source, old_source) != old_source:
        shown = [
            {fields[name].go_name: internal_value(fields[name].type, each[name]) for name in SOURCES if name in each}
            for each in (old_source, source)
        ]
        detail = f"spec.persistentvolumesource is immutable after creation\n{diff(*shown)}"
        errors.append(forbidden(_SPEC.child("persistentvolumesource"), detail))
    if spec.get("volumeMode") != before.get("volumeMode"):
        errors.append(invalid(Path("volumeMode"), as_json(spec.get("volumeMode")), FIELD_IMMUTABLE))
    affinity, old_affinity = spec.get("nodeAffinity"), before.get("nodeAffinity")
    if old_affinity is not None and not _same_affinity(affinity, old_affinity):
        affinity_shown = None if affinity is None else internal_value(fields["nodeAffinity"].type, affinity)
        detail = f"{FIELD_IMMUTABLE}, except for updating from beta label to GA"
        errors.append(invalid(Path("nodeAffinity"), affinity_shown, detail))
    if before.get("volumeAttributesClassName") is not None and spec.get("volumeAttributesClassName") is None:
        detail = "update from non-nil value to nil is forbidden"
        errors.append(forbidden(_SPEC.child("volumeAttributesClassName"), detail))
    return errors


def _source(spec: Object) -> Object:
    return {name: spec[name] for name in SOURCES if spec.get(name) is not None}


def _without_new_expand_secret(source: Object, old_source: Object) -> Object:
    """The secret for growing a volume may be added later."""
    name, csi, old_csi = "controllerExpandSecretRef", source.get("csi"), old_source.get("csi")
    if csi is None or old_csi is None or name in old_csi:
        return source
    return {**source, "csi": {key: value for key, value in csi.items() if key != name}}


def _same_affinity(new: Object | None, old: Object) -> bool:
    """Equal, but that a label's beta name may have become its final one."""
    return new is not None and _with_ga_labels(new, old) == old


def _with_ga_labels(new: Any, old: Any) -> Any:
    """`new` with the old keys where `new` has their successors."""
    if isinstance(new, list) and isinstance(old, list) and len(new) == len(old):
        return [_with_ga_labels(each, other) for each, other in zip(new, old, strict=True)]
    if not isinstance(new, dict) or not isinstance(old, dict):
        return new
    if "operator" in new and "key" in new and _GA_LABELS.get(old.get("key") or "") == new["key"]:
        return {**new, "key": old["key"]}
    return {name: _with_ga_labels(value, old.get(name)) for name, value in new.items()}


def _warnings(obj: Object) -> list[str]:
    annotations, spec = meta.annotations(obj), obj["spec"]
    warnings = [
        f"metadata.annotations[{key}]: {text}" for key, text in _DEPRECATED_ANNOTATIONS.items() if key in annotations
    ]
    if spec.get("persistentVolumeReclaimPolicy") == "Recycle":
        warnings.append(
            "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. "
            "Instead, the recommended approach is to use dynamic provisioning."
        )
    terms = ((spec.get("nodeAffinity") or {}).get("required") or {}).get("nodeSelectorTerms") or ()
    for index, term in enumerate(terms):
        for position, expression in enumerate(term.get("matchExpressions") or ()):
            key = expression.get("key") or ""
            if key in DEPRECATED_NODE_LABELS:
                at = f"spec.nodeAffinity.required.nodeSelectorTerms[{index}].matchExpressions[{position}].key"
                warnings.append(f"{at}: {key} is {DEPRECATED_NODE_LABELS[key]}")
    return warnings + [text for source, text in _DEPRECATED_SOURCES.items() if source in spec]


def cells(obj: Object) -> list[Any]:
    spec, status = obj["spec"], obj.get("status") or {}
    claim = spec.get("claimRef")
    return [
        obj["metadata"]["name"],
        (spec.get("capacity") or {}).get("storage", "0"),
        access_modes_text(spec.get("accessModes")),
        spec.get("persistentVolumeReclaimPolicy") or "",
        "Terminating" if meta.is_deleting(obj) else status.get("phase") or "",
        f"{claim.get('namespace') or ''}/{claim.get('name') or ''}" if claim is not None else "",
        class_name(obj),
        spec.get("volumeAttributesClassName", "<unset>"),
        status.get("reason") or "",
        age(obj),
        spec.get("volumeMode", "<unset>"),
    ]


_STRATEGY = PersistentVolumeStrategy()
_SPEC_DOC = "io.k8s.api.core.v1.PersistentVolumeSpec"
_STATUS_DOC = "io.k8s.api.core.v1.PersistentVolumeStatus"

RESOURCES = (
    Resource(
        group="",
        version="v1",
        plural="persistentvolumes",
        kind="PersistentVolume",
        namespaced=False,
        short_names=("pv",),
        strategy=_STRATEGY,
        subresources=(Subresource("status", strategy=PersistentVolumeStatusStrategy(_STRATEGY)),),
        columns=(
            NAME,
            Column("Capacity", doc=f"{_SPEC_DOC}#capacity"),
            Column("Access Modes", doc=f"{_SPEC_DOC}#accessModes"),
            Column("Reclaim Policy", doc=f"{_SPEC_DOC}#persistentVolumeReclaimPolicy"),
            Column("Status", doc=f"{_STATUS_DOC}#phase"),
            Column("Claim", doc=f"{_SPEC_DOC}#claimRef"),
            Column("StorageClass", description="StorageClass of the pv"),
            Column("VolumeAttributesClass", description="VolumeAttributesClass of the pv"),
            Column("Reason", doc=f"{_STATUS_DOC}#reason"),
            AGE,
            Column("VolumeMode", priority=1, doc=f"{_SPEC_DOC}#volumeMode"),
        ),
        cells=cells,
    ),
)
