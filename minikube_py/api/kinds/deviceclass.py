"""DeviceClass: a kind of devices that claims ask for (pkg/registry/resource/deviceclass)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.devices.items import validate_list
from minikube_py.api.kinds.devices.requests import MOST_CONFIGS, validate_config, validate_selectors
from minikube_py.api.kinds.podspec.requirements import is_extended
from minikube_py.api.resource import AGE, NAME, Resource, age
from minikube_py.api.strategy import METADATA, Strategy
from minikube_py.machinery.field import ErrorList, Path, invalid
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.objectmeta import validate_kube_object_meta, validate_kube_object_meta_update

_SPEC = Path("spec")


class DeviceClassStrategy(Strategy):
    has_generation = True
    returns_deleted_object = True

    def validate_metadata(self, ctx: Context, obj: Object) -> ErrorList:
        """Only the generated name is looked at, not what it is generated from."""
        return validate_kube_object_meta(
            obj["metadata"], False, self.validate_name, METADATA, check_generate_name=False
        )

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*self.validate_metadata(ctx, obj), *_spec_errors(obj.get("spec") or {})]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return [
            *self.validate_metadata(ctx, obj),
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
            *_spec_errors(obj.get("spec") or {}),
        ]


def _spec_errors(spec: Object) -> ErrorList:
    errors = validate_selectors(spec, _SPEC)
    errors += validate_list(spec.get("config") or [], MOST_CONFIGS, validate_config, _SPEC.child("config"))
    name = spec.get("extendedResourceName")
    if name is not None and not is_extended(name):
        at = _SPEC.child("extendedResourceName")
        errors.append(invalid(at, name, "must be a valid extended resource name"))
    return errors


def cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], age(obj)]


RESOURCES = (
    Resource(
        group="resource.k8s.io",
        version="v1",
        plural="deviceclasses",
        kind="DeviceClass",
        namespaced=False,
        strategy=DeviceClassStrategy(),
        columns=(NAME, AGE),
        cells=cells,
    ),
)
