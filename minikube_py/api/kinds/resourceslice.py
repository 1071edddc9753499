"""ResourceSlice: devices that a driver offers (pkg/registry/resource/resourceslice)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.devices.slices import validate_devices, validate_place, validate_pool
from minikube_py.api.kinds.podspec.volumeplugins import driver_name_errors
from minikube_py.api.resource import AGE, NAME, Column, Resource, age
from minikube_py.api.strategy import METADATA, Strategy
from minikube_py.machinery.field import ErrorList, Path, invalid
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.objectmeta import FIELD_IMMUTABLE, validate_kube_object_meta_update

_SPEC = Path("spec")


class ResourceSliceStrategy(Strategy):
    has_generation = True
    returns_deleted_object = True

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        super().prepare_for_create(ctx, obj)
        _stamp_taints(ctx, obj)

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        _stamp_taints(ctx, obj)
        super().prepare_for_update(ctx, obj, old)

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*self.validate_metadata(ctx, obj), *_spec_errors(spec_of(obj), None)]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return [
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
            *_spec_errors(spec_of(obj), spec_of(old)),
        ]


def spec_of(obj: Object) -> Object:
    return obj.get("spec") or {}


def _stamp_taints(ctx: Context, obj: Object) -> None:
    """Taints tell since when they are there."""
    for device in spec_of(obj).get("devices") or ():
        if device.get("taints"):
            device["taints"] = [
                taint if taint.get("timeAdded") is not None else {**taint, "timeAdded": ctx.now}
                for taint in device["taints"]
            ]


def _spec_errors(spec: Object, old_spec: Object | None) -> ErrorList:
    driver, pool = spec.get("driver") or "", spec.get("pool") or {}
    errors = driver_name_errors(driver, _SPEC.child("driver"))
    errors += validate_pool(pool, _SPEC.child("pool"))
    if old_spec is not None:
        name = pool.get("name") or ""
        if name != ((old_spec.get("pool") or {}).get("name") or ""):
            errors.append(invalid(_SPEC.child("pool", "name"), name, FIELD_IMMUTABLE))
        if driver != (old_spec.get("driver") or ""):
            errors.append(invalid(_SPEC.child("driver"), driver, FIELD_IMMUTABLE))
        if spec.get("nodeName") != old_spec.get("nodeName"):
            errors.append(invalid(_SPEC.child("nodeName"), spec.get("nodeName"), FIELD_IMMUTABLE))
    return errors + validate_place(spec, _SPEC) + validate_devices(spec, old_spec or {}, _SPEC)


def cells(obj: Object) -> list[Any]:
    spec = spec_of(obj)
    pool = (spec.get("pool") or {}).get("name") or ""
    return [obj["metadata"]["name"], spec.get("nodeName") or "", spec.get("driver") or "", pool, age(obj)]


_DOC = "io.k8s.api.resource.v1"

RESOURCES = (
    Resource(
        group="resource.k8s.io",
        version="v1",
        plural="resourceslices",
        kind="ResourceSlice",
        namespaced=False,
        strategy=ResourceSliceStrategy(),
        columns=(
            NAME,
            Column("Node", doc=f"{_DOC}.ResourceSliceSpec#nodeName"),
            Column("Driver", doc=f"{_DOC}.ResourceSliceSpec#driver"),
            Column("Pool", doc=f"{_DOC}.ResourcePool#name"),
            AGE,
        ),
        cells=cells,
        fields={
            "spec.nodeName": lambda obj: spec_of(obj).get("nodeName") or "",
            "spec.driver": lambda obj: spec_of(obj).get("driver") or "",
        },
    ),
)
