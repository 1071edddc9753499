"""CSIStorageCapacity: how much storage there is, where and of which class (pkg/registry/storage/csistoragecapacity)."""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.api.kinds.podspec.warnings import DEPRECATED_NODE_LABELS
from minikube_py.api.resource import Conversion, Deprecation, Resource
from minikube_py.api.strategy import METADATA, Strategy
from minikube_py.machinery.field import ErrorList, Path, invalid, invalid_each
from minikube_py.machinery.gvr import GroupVersionKind, Object
from minikube_py.machinery.labelselector import in_go_order, validate_label_selector
from minikube_py.machinery.names import dns1123_subdomain
from minikube_py.machinery.objectmeta import FIELD_IMMUTABLE, validate_kube_object_meta_update
from minikube_py.machinery.quantity import parse

_TOPOLOGY = Path("nodeTopology")
_CLASS = Path("storageClassName")
_CAPACITY = Path("capacity")


class CSIStorageCapacityStrategy(Strategy):
    allow_unconditional_update = False

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return self._errors(ctx, obj, lenient=False)

    def _errors(self, ctx: Context, obj: Object, *, lenient: bool) -> ErrorList:
        """pkg/apis/storage/validation ValidateCSIStorageCapacity."""
        name, capacity = obj.get("storageClassName") or "", obj.get("capacity")
        errors = [
            *self.validate_metadata(ctx, obj),
            *validate_label_selector(obj.get("nodeTopology"), _TOPOLOGY, allow_invalid_values=lenient),
            *invalid_each(_CLASS, name, dns1123_subdomain(name)),
        ]
        if capacity is not None and parse(capacity).sign() < 0:
            errors.append(invalid(_CAPACITY, capacity, "must be greater than or equal to 0"))
        return errors

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        lenient = bool(validate_label_selector(old.get("nodeTopology"), _TOPOLOGY))
        errors = [
            *self._errors(ctx, obj, lenient=lenient),
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
        ]
        if obj.get("nodeTopology") != old.get("nodeTopology"):
            errors.append(invalid(_TOPOLOGY, in_go_order(obj.get("nodeTopology")), FIELD_IMMUTABLE))
        if obj.get("storageClassName") != old.get("storageClassName"):
            errors.append(invalid(_CLASS, obj.get("storageClassName") or "", FIELD_IMMUTABLE))
        return errors

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        topology = obj.get("nodeTopology") or {}
        warnings = []
        for index, expression in enumerate(topology.get("matchExpressions") or ()):
            key = expression.get("key") or ""
            if key in DEPRECATED_NODE_LABELS:
                path = _TOPOLOGY.child("matchExpressions").index(index).child("key")
                warnings.append(f"{path}: {key} is {DEPRECATED_NODE_LABELS[key]}")
        for key in topology.get("matchLabels") or ():
            if key in DEPRECATED_NODE_LABELS:
                warnings.append(f"{_TOPOLOGY.child('matchLabels').child(key)}: {DEPRECATED_NODE_LABELS[key]}")
        return warnings

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        return self.warnings_on_create(ctx, obj)


def _as_version(version: str, obj: Object) -> Object:
    return {**obj, "apiVersion": f"storage.k8s.io/{version}"}


def _resource(version: str) -> Resource:
    old = version != "v1"
    conversion = Conversion(lambda obj: _as_version("v1", obj), lambda obj: _as_version(version, obj))
    kind = GroupVersionKind("storage.k8s.io", version, "CSIStorageCapacity")
    return Resource(
        group=kind.group,
        version=version,
        plural="csistoragecapacities",
        kind=kind.kind,
        strategy=CSIStorageCapacityStrategy(),
        served=(25, 26) if old else None,
        hub=conversion if old else None,
        deprecation=Deprecation.of(kind, 24, 27, "storage.k8s.io/v1") if old else None,
    )


RESOURCES = (_resource("v1"), _resource("v1beta1"))
