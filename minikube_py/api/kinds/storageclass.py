"""StorageClass and VolumeAttributesClass: how volumes are made and tuned (pkg/registry/storage)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.podspec.warnings import DEPRECATED_NODE_LABELS
from minikube_py.api.kinds.storage.classes import is_default_class
from minikube_py.api.kinds.storage.parameters import validate_parameters, validate_provisioner
from minikube_py.api.kinds.storage.topology import validate_topologies
from minikube_py.api.resource import AGE, NAME, Column, Resource, age
from minikube_py.api.strategy import METADATA, Strategy
from minikube_py.machinery.field import ErrorList, Path, as_json, forbidden, invalid, not_supported, required
from minikube_py.machinery.gotext import sorted_map
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.objectmeta import FIELD_IMMUTABLE, validate_kube_object_meta_update

_PROVISIONER = Path("provisioner")
_PARAMETERS = Path("parameters")
_POLICY = Path("reclaimPolicy")
_BINDING = Path("volumeBindingMode")
_TOPOLOGIES = Path("allowedTopologies")
_DRIVER = Path("driverName")
_POLICIES = ("Delete", "Retain")
_BINDING_MODES = ("Immediate", "WaitForFirstConsumer")


class StorageClassStrategy(Strategy):
    returns_deleted_object = True

    def default(self, obj: Object) -> None:
        if obj.get("reclaimPolicy") is None:
            obj["reclaimPolicy"] = "Delete"
        if obj.get("volumeBindingMode") is None:
            obj["volumeBindingMode"] = "Immediate"

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        errors = self.validate_metadata(ctx, obj)
        errors += validate_provisioner(obj.get("provisioner") or "", _PROVISIONER)
        errors += validate_parameters(obj.get("parameters"), _PARAMETERS, allow_empty=True)
        policy, mode = obj.get("reclaimPolicy"), obj.get("volumeBindingMode")
        if policy and policy not in _POLICIES:
            errors.append(not_supported(_POLICY, as_json(policy), _POLICIES))
        if mode is None:
            errors.append(required(_BINDING))
        elif mode not in _BINDING_MODES:
            errors.append(not_supported(_BINDING, as_json(mode), _BINDING_MODES))
        return errors + validate_topologies(obj.get("allowedTopologies"), _TOPOLOGIES)

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        errors = super().validate_update(ctx, obj, old)
        if (obj.get("parameters") or {}) != (old.get("parameters") or {}):
            errors.append(invalid(_PARAMETERS, sorted_map(obj.get("parameters")), FIELD_IMMUTABLE))
        if obj.get("provisioner") != old.get("provisioner"):
            errors.append(invalid(_PROVISIONER, obj.get("provisioner") or "", FIELD_IMMUTABLE))
        for name in ("reclaimPolicy", "volumeBindingMode"):
            if obj.get(name) != old.get(name):
                errors.append(invalid(Path(name), as_json(obj.get(name)), FIELD_IMMUTABLE))
        return errors

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        return _topology_warnings(obj)

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        return _topology_warnings(obj)


def _topology_warnings(obj: Object) -> list[str]:
    warnings = []
    for index, term in enumerate(obj.get("allowedTopologies") or ()):
        for position, expression in enumerate(term.get("matchLabelExpressions") or ()):
            text = DEPRECATED_NODE_LABELS.get(expression.get("key") or "")
            if text:
                path = _TOPOLOGIES.index(index).child("matchLabelExpressions").index(position).child("key")
                warnings.append(f"{path}: {text}")
    return warnings


class VolumeAttributesClassStrategy(Strategy):
    returns_deleted_object = True

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [
            *self.validate_metadata(ctx, obj),
            *validate_provisioner(obj.get("driverName") or "", _DRIVER),
            *validate_parameters(obj.get("parameters"), _PARAMETERS, allow_empty=False),
        ]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        errors = validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA)
        for name in ("driverName", "parameters"):
            if (obj.get(name) or None) != (old.get(name) or None):
                errors.append(forbidden(Path(name), f"updates to {name} are forbidden."))
        return errors + self.validate(ctx, obj)


def _class_cells(obj: Object) -> list[Any]:
    name = obj["metadata"]["name"]
    return [
        f"{name} (default)" if is_default_class(obj) else name,
        obj.get("provisioner") or "",
        obj.get("reclaimPolicy", "Delete"),
        obj.get("volumeBindingMode", "Immediate"),
        obj.get("allowVolumeExpansion", False),
        age(obj),
    ]


def _attributes_cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], obj.get("driverName") or "", age(obj)]


_DOC = "io.k8s.api.storage.v1.StorageClass"

RESOURCES = (
    Resource(
        group="storage.k8s.io",
        version="v1",
        plural="storageclasses",
        kind="StorageClass",
        namespaced=False,
        short_names=("sc",),
        strategy=StorageClassStrategy(),
        columns=(
            NAME,
            Column("Provisioner", doc=f"{_DOC}#provisioner"),
            Column("ReclaimPolicy", doc=f"{_DOC}#reclaimPolicy"),
            Column("VolumeBindingMode", doc=f"{_DOC}#volumeBindingMode"),
            Column("AllowVolumeExpansion", doc=f"{_DOC}#allowVolumeExpansion"),
            AGE,
        ),
        cells=_class_cells,
    ),
    Resource(
        group="storage.k8s.io",
        version="v1",
        plural="volumeattributesclasses",
        kind="VolumeAttributesClass",
        namespaced=False,
        short_names=("vac",),
        strategy=VolumeAttributesClassStrategy(),
        columns=(NAME, Column("DriverName", doc="io.k8s.api.storage.v1.VolumeAttributesClass#driverName"), AGE),
        cells=_attributes_cells,
    ),
)
