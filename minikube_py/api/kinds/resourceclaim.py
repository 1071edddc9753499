"""ResourceClaim and ResourceClaimTemplate: devices that pods ask for (pkg/registry/resource)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.devices.allocations import (
    MOST_CONSUMERS,
    DeviceID,
    allocated_devices,
    validate_allocation,
    validate_consumer,
    validate_device_statuses,
)
from minikube_py.api.kinds.devices.items import validate_set
from minikube_py.api.kinds.devices.requests import default_claim, request_names, validate_claim
from minikube_py.api.kinds.workload.internal import internal_value
from minikube_py.api.resource import AGE, NAME, Column, Resource, Subresource, age
from minikube_py.api.strategy import METADATA, StatusStrategy, Strategy
from minikube_py.machinery import meta
from minikube_py.machinery.field import ErrorList, Path, forbidden, invalid
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.objectmeta import (
    FIELD_IMMUTABLE,
    validate_annotations,
    validate_kube_object_meta_update,
    validate_labels,
)

_SPEC = Path("spec")
_STATUS = Path("status")
_TEMPLATE_METADATA = ("annotations", "labels")


class ResourceClaimStrategy(Strategy):
    has_status = True
    reset_fields = (("status",),)
    returns_deleted_object = True

    def default(self, obj: Object) -> None:
        default_claim((obj.get("spec") or {}).get("devices") or {})

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*self.validate_metadata(ctx, obj), *validate_claim(devices_of(obj), _SPEC.child("devices"))]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        errors = [
            *self.validate_metadata(ctx, obj),
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
        ]
        return errors + _immutable_spec_errors(ctx, obj, old)


class ResourceClaimStatusStrategy(StatusStrategy):
    reset_fields = (("metadata",), ("spec",))

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        """What is told of devices goes with their allocation."""
        super().prepare_for_update(ctx, obj, old)
        for name in ("labels", "annotations", "finalizers", "ownerReferences"):
            obj["metadata"].pop(name, None)
            if name in old["metadata"]:
                obj["metadata"][name] = old["metadata"][name]
        status = obj.get("status") or {}
        gone = allocated_devices(old.get("status") or {}) - allocated_devices(status)
        kept = [device for device in status.get("devices") or () if DeviceID.of(device) not in gone]
        if kept:
            status["devices"] = kept
        else:
            status.pop("devices", None)

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        status, before = obj.get("status") or {}, old.get("status") or {}
        consumers, allocation = status.get("reservedFor") or [], status.get("allocation")
        at = _STATUS.child("reservedFor")
        errors = super().validate_update(ctx, obj, old)
        errors += validate_set(consumers, MOST_CONSUMERS, validate_consumer, lambda each: each.get("uid") or "", at)
        errors += validate_device_statuses(status, _STATUS.child("devices"))
        if consumers and allocation is None:
            errors.append(forbidden(at, "may not be specified when `allocated` is not set"))
        elif meta.is_deleting(obj) and any(each not in (before.get("reservedFor") or ()) for each in consumers):
            detail = "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set"
            errors.append(forbidden(at, detail))
        if allocation is None:
            return errors
        at = _STATUS.child("allocation")
        if before.get("allocation") is None:
            return errors + validate_allocation(allocation, request_names(devices_of(obj)), at)
        if allocation != before["allocation"]:
            type = ctx.resource.type.fields["status"].type.fields["allocation"].type
            errors.append(invalid(at, internal_value(type, allocation), FIELD_IMMUTABLE))
        return errors


class ResourceClaimTemplateStrategy(Strategy):
    returns_deleted_object = True

    def default(self, obj: Object) -> None:
        default_claim(((obj.get("spec") or {}).get("spec") or {}).get("devices") or {})

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        spec = obj.get("spec") or {}
        template, at = spec.get("metadata") or {}, _SPEC.child("metadata")
        errors = self.validate_metadata(ctx, obj)
        errors += validate_annotations(template.get("annotations") or {}, at.child("annotations"))
        errors += validate_labels(template.get("labels") or {}, at.child("labels"))
        errors += [
            forbidden(at.child(name), "cannot be set")
            for name, value in template.items()
            if value and name not in _TEMPLATE_METADATA
        ]
        return errors + validate_claim((spec.get("spec") or {}).get("devices") or {}, _SPEC.child("spec", "devices"))

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        errors = validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA)
        return errors + _immutable_spec_errors(ctx, obj, old)


def devices_of(obj: Object) -> Object:
    return (obj.get("spec") or {}).get("devices") or {}


def _immutable_spec_errors(ctx: Context, obj: Object, old: Object) -> ErrorList:
    if obj.get("spec") == old.get("spec"):
        return []
    shown = internal_value(ctx.resource.type.fields["spec"].type, obj.get("spec") or {})
    if shown.get("ObjectMeta") is not None:
        # embedded metadata stands in the struct itself
        shown = {**shown.pop("ObjectMeta"), **shown}
    return [invalid(_SPEC, shown, FIELD_IMMUTABLE)]


def _claim_cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], claim_state(obj), age(obj)]


def claim_state(obj: Object) -> str:
    """ "pending", "allocated", "allocated,reserved", "deleted,allocated"."""
    status = obj.get("status") or {}
    states = ["deleted"] if meta.is_deleting(obj) else []
    if status.get("allocation") is None:
        return "".join(states) or "pending"
    return ",".join([*states, "allocated", *(["reserved"] if status.get("reservedFor") else [])])


def _template_cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], age(obj)]


_STRATEGY = ResourceClaimStrategy()

RESOURCES = (
    Resource(
        group="resource.k8s.io",
        version="v1",
        plural="resourceclaims",
        kind="ResourceClaim",
        strategy=_STRATEGY,
        subresources=(Subresource("status", strategy=ResourceClaimStatusStrategy(_STRATEGY)),),
        columns=(
            NAME,
            Column("State", description="A summary of the current state (allocated, pending, reserved, etc.)."),
            AGE,
        ),
        cells=_claim_cells,
    ),
    Resource(
        group="resource.k8s.io",
        version="v1",
        plural="resourceclaimtemplates",
        kind="ResourceClaimTemplate",
        strategy=ResourceClaimTemplateStrategy(),
        columns=(NAME, AGE),
        cells=_template_cells,
    ),
)
