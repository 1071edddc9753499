"""ResourceQuota: how much a namespace may use in all (pkg/registry/core/resourcequota)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.podspec.defaults import default_resource_list
from minikube_py.api.kinds.quota.resources import validate_quota_amounts
from minikube_py.api.kinds.quota.scopes import validate_scope_selector, validate_scopes
from minikube_py.api.resource import AGE, NAME, Column, Resource, Subresource, age
from minikube_py.api.strategy import METADATA, StatusStrategy, Strategy
from minikube_py.machinery.field import ErrorList, Path, invalid
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.objectmeta import FIELD_IMMUTABLE, validate_kube_object_meta_update
from minikube_py.machinery.quantity import parse

_SPEC = Path("spec")
_STATUS = Path("status")
_LIMITED = ("cpu", "memory", "storage", "ephemeral-storage")
_BARE = ("cpu", "memory")
"""Resources whose bare name means their requests."""


class ResourceQuotaStrategy(Strategy):
    has_status = True
    reset_fields = (("status",),)
    returns_deleted_object = True

    def default(self, obj: Object) -> None:
        spec, status = obj.get("spec") or {}, obj.get("status") or {}
        for amounts in (spec.get("hard"), status.get("hard"), status.get("used")):
            default_resource_list(amounts or {})

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*self.validate_metadata(ctx, obj), *_spec_errors(obj.get("spec") or {})]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        spec = obj.get("spec") or {}
        errors = [
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
            *_spec_errors(spec),
        ]
        scopes, before = spec.get("scopes") or [], (old.get("spec") or {}).get("scopes") or []
        if set(scopes) != set(before):
            errors.append(invalid(_SPEC.child("scopes"), scopes or None, FIELD_IMMUTABLE))
        return errors

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        """Requests should not be above limits."""
        hard = (obj.get("spec") or {}).get("hard") or {}
        warnings = []
        for name in _LIMITED:
            request, limit = f"requests.{name}", f"limits.{name}"
            if request not in hard and name in _BARE:
                request = name
            if request in hard and limit in hard and parse(hard[request]) > parse(hard[limit]):
                below = f"should be less than {limit} ({hard[limit]})"
                warnings.append(f"ResourceQuota {request} ({hard[request]}) {below}")
        return warnings


def _spec_errors(spec: Object) -> ErrorList:
    return [
        *validate_quota_amounts(spec.get("hard"), _SPEC.child("hard")),
        *validate_scopes(spec, _SPEC),
        *validate_scope_selector(spec, _SPEC),
    ]


def _status_errors(obj: Object, old: Object) -> ErrorList:
    status = obj.get("status") or {}
    return [
        *validate_quota_amounts(status.get("hard"), _STATUS.child("hard")),
        *validate_quota_amounts(status.get("used"), _STATUS.child("used")),
    ]


def cells(obj: Object) -> list[Any]:
    status = obj.get("status") or {}
    used = status.get("used") or {}
    texts = {
        resource: f"{resource}: {used.get(resource, '0')}/{amount}"
        for resource, amount in sorted((status.get("hard") or {}).items())
    }
    limits = {resource for resource in texts if resource.startswith("limits.")}
    return [
        obj["metadata"]["name"],
        ", ".join(text for resource, text in texts.items() if resource not in limits),
        ", ".join(text for resource, text in texts.items() if resource in limits),
        age(obj),
    ]


_STRATEGY = ResourceQuotaStrategy()

RESOURCES = (
    Resource(
        group="",
        version="v1",
        plural="resourcequotas",
        kind="ResourceQuota",
        short_names=("quota",),
        strategy=_STRATEGY,
        subresources=(Subresource("status", strategy=StatusStrategy(_STRATEGY, _status_errors)),),
        columns=(
            NAME,
            Column(
                "Request",
                description="Request represents a minimum amount of cpu/memory that a container may consume.",
            ),
            Column(
                "Limit",
                description=(
                    "Limits control the maximum amount of cpu/memory that a container may use independent of "
                    "contention on the node."
                ),
            ),
            AGE,
        ),
        cells=cells,
    ),
)
