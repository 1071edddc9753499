"""ConfigMap: configuration that pods read (pkg/registry/core/configmap)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.core.data import MAXIMUM_SIZE, decoded_length, validate_immutable, validate_key
from minikube_py.api.resource import AGE, NAME, Column, Resource, age
from minikube_py.api.strategy import METADATA, Strategy
from minikube_py.machinery.field import ErrorList, Path, invalid, too_long
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import byte_length
from minikube_py.machinery.objectmeta import validate_kube_object_meta_update

_DATA = Path("data")
_BINARY_DATA = Path("binaryData")
_WHOLE = Path("")


class ConfigMapStrategy(Strategy):
    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        """pkg/apis/core/validation ValidateConfigMap."""
        errors = self.validate_metadata(ctx, obj)
        data: dict[str, str] = obj.get("data") or {}
        binary: dict[str, str] = obj.get("binaryData") or {}
        size = 0
        for key, value in data.items():
            errors += validate_key(key, _DATA)
            if key in binary:
                errors.append(invalid(_DATA.key(key), key, "duplicate of key present in binaryData"))
            size += byte_length(value)
        for key, value in binary.items():
            errors += validate_key(key, _BINARY_DATA)
            size += decoded_length(value)
        if size > MAXIMUM_SIZE:
            errors.append(too_long(_WHOLE, MAXIMUM_SIZE))
        return errors

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return [
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
            *validate_immutable(obj, old, ("data", "binaryData")),
            *self.validate(ctx, obj),
        ]


def cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], len(obj.get("data") or {}) + len(obj.get("binaryData") or {}), age(obj)]


RESOURCES = (
    Resource(
        group="",
        version="v1",
        plural="configmaps",
        kind="ConfigMap",
        short_names=("cm",),
        strategy=ConfigMapStrategy(),
        columns=(NAME, Column("Data", doc="io.k8s.api.core.v1.ConfigMap#data"), AGE),
        cells=cells,
    ),
)
