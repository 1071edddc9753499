"""PriorityClass: how important pods are (pkg/registry/scheduling/priorityclass)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.resource import AGE, NAME, Column, Resource, age
from minikube_py.api.strategy import METADATA, Strategy
from minikube_py.machinery import errors as status_errors
from minikube_py.machinery.field import ErrorList, Path, as_json, forbidden, invalid, not_supported, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.objectmeta import FIELD_IMMUTABLE, validate_kube_object_meta_update

_SYSTEM_PREFIX = "system-"
_SYSTEM = {"system-node-critical": 2000001000, "system-cluster-critical": 2000000000}
_HIGHEST = 1000000000
"""The highest value that users may give."""
_VALUE = Path("value")
_POLICY = Path("preemptionPolicy")
_POLICIES = ("PreemptLowerPriority", "Never")


class PriorityClassStrategy(Strategy):
    def default(self, obj: Object) -> None:
        if obj.get("preemptionPolicy") is None:
            obj["preemptionPolicy"] = "PreemptLowerPriority"

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        obj["metadata"]["generation"] = 1

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        """pkg/apis/scheduling/validation ValidatePriorityClass."""
        errors = self.validate_metadata(ctx, obj)
        name = obj["metadata"].get("name") or ""
        if name.startswith(_SYSTEM_PREFIX):
            if problem := _system_problem(name, obj):
                reserved = f"priority class names with '{_SYSTEM_PREFIX}' prefix are reserved for system use only"
                errors.append(forbidden(METADATA.child("name"), f"{reserved}. error: {problem}"))
        elif obj.get("value", 0) > _HIGHEST:
            detail = f"maximum allowed value of a user defined priority is {_HIGHEST}"
            errors.append(forbidden(_VALUE, detail))
        return errors + _policy_errors(obj.get("preemptionPolicy"))

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        errors = validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA)
        if obj.get("value", 0) != old.get("value", 0):
            errors.append(forbidden(_VALUE, "may not be changed in an update."))
        if obj.get("preemptionPolicy") != old.get("preemptionPolicy"):
            errors.append(invalid(_POLICY, as_json(obj.get("preemptionPolicy")), FIELD_IMMUTABLE))
        return errors

    def grace_period(self, ctx: Context, obj: Object, requested: int | None) -> int | None:
        """Raises StatusError 403 for what the system itself needs."""
        name = obj["metadata"]["name"]
        if name in _SYSTEM:
            reason = "this is a system priority class and cannot be deleted"
            raise status_errors.forbidden(ctx.resource.group_resource, name, reason)
        return None


def _system_problem(name: str, obj: Object) -> str:
    value = _SYSTEM.get(name)
    if value is None:
        return f"{name} is not a known system priority class"
    if obj.get("value", 0) != value:
        return f"value of {name} PriorityClass must be {value}"
    return f"globalDefault of {name} PriorityClass must be false" if obj.get("globalDefault") else ""


def _policy_errors(policy: str | None) -> ErrorList:
    if policy is None or policy in _POLICIES:
        return []
    return [not_supported(_POLICY, as_json(policy), _POLICIES) if policy else required(_POLICY)]


def cells(obj: Object) -> list[Any]:
    return [
        obj["metadata"]["name"],
        obj.get("value", 0),
        obj.get("globalDefault", False),
        age(obj),
        obj.get("preemptionPolicy") or "",
    ]


_DOC = "io.k8s.api.scheduling.v1.PriorityClass"

RESOURCES = (
    Resource(
        group="scheduling.k8s.io",
        version="v1",
        plural="priorityclasses",
        kind="PriorityClass",
        namespaced=False,
        short_names=("pc",),
        strategy=PriorityClassStrategy(),
        columns=(
            NAME,
            Column("Value", type="integer", doc=f"{_DOC}#value"),
            Column("Global-Default", type="boolean", doc=f"{_DOC}#globalDefault"),
            AGE,
            Column("PreemptionPolicy", doc=f"{_DOC}#preemptionPolicy"),
        ),
        cells=cells,
    ),
)
