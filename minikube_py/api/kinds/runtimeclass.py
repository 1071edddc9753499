"""RuntimeClass: how a node runs containers (pkg/registry/node/runtimeclass)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.podspec.requirements import container_requirement_errors
from minikube_py.api.kinds.podspec.tolerations import toleration_errors
from minikube_py.api.kinds.podspec.warnings import DEPRECATED_NODE_LABELS
from minikube_py.api.resource import AGE, NAME, Column, Resource, age
from minikube_py.api.strategy import METADATA, Strategy
from minikube_py.machinery.field import ErrorList, FieldError, Path, invalid, invalid_each, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import dns1123_label
from minikube_py.machinery.objectmeta import (
    FIELD_IMMUTABLE,
    validate_labels,
    validate_object_meta,
    validate_object_meta_update,
)

_HANDLER = Path("handler")
_OVERHEAD = Path("overhead")
_SCHEDULING = Path("scheduling")


class RuntimeClassStrategy(Strategy):
    allow_create_on_update = True
    allow_unconditional_update = False

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        """pkg/apis/node/validation ValidateRuntimeClass; overhead is checked as a container's limits."""
        errors = validate_object_meta(obj["metadata"], False, self.validate_name, METADATA)
        handler = obj.get("handler") or ""
        if handler:
            errors += invalid_each(_HANDLER, handler, dns1123_label(handler))
        else:
            errors.append(required(_HANDLER))
        if (overhead := obj.get("overhead")) is not None:
            limits = {"limits": overhead.get("podFixed") or {}}
            errors += container_requirement_errors(limits, (), _OVERHEAD)
        if scheduling := obj.get("scheduling"):
            errors += validate_labels(scheduling.get("nodeSelector") or {}, _SCHEDULING.child("nodeSelector"))
            errors += _tolerations_errors(scheduling.get("tolerations") or [], _SCHEDULING.child("tolerations"))
        return errors

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        errors = [
            *self.validate(ctx, obj),
            *validate_object_meta_update(obj["metadata"], old["metadata"], METADATA),
        ]
        if obj.get("handler") != old.get("handler"):
            errors.append(invalid(_HANDLER, obj.get("handler") or "", FIELD_IMMUTABLE))
        return errors

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        return _warnings(obj)

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        return _warnings(obj)


def _tolerations_errors(tolerations: Sequence[Object], path: Path) -> ErrorList:
    errors = toleration_errors(tolerations, path)
    seen: set[tuple[str, ...]] = set()
    for index, toleration in enumerate(tolerations):
        key = tuple(toleration.get(name) or "" for name in ("key", "operator", "value", "effect"))
        if key in seen:
            names = ("Key", "Operator", "Value", "Effect")
            shown = {**dict(zip(names, key, strict=True)), "TolerationSeconds": toleration.get("tolerationSeconds")}
            errors.append(FieldError("FieldValueDuplicate", path.index(index), shown, ""))
        seen.add(key)
    return errors


def _warnings(obj: Object) -> list[str]:
    selector = (obj.get("scheduling") or {}).get("nodeSelector") or {}
    path = _SCHEDULING.child("nodeSelector")
    return [f"{path}: {DEPRECATED_NODE_LABELS[key]}" for key in selector if key in DEPRECATED_NODE_LABELS]


def cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], obj.get("handler") or "", age(obj)]


RESOURCES = (
    Resource(
        group="node.k8s.io",
        version="v1",
        plural="runtimeclasses",
        kind="RuntimeClass",
        namespaced=False,
        strategy=RuntimeClassStrategy(),
        columns=(NAME, Column("Handler"), AGE),
        cells=cells,
    ),
)
