"""PriorityLevelConfiguration: how many requests of a kind run at once (pkg/registry/flowcontrol)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.flowcontrol.limits import default_limited, validate_exempt, validate_limited
from minikube_py.api.kinds.flowcontrol.mandatory import EXEMPT, PRIORITY_LEVELS
from minikube_py.api.kinds.flowcontrol.status import FlowStatusStrategy, validate_conditions
from minikube_py.api.kinds.flowcontrol.versions import GROUP, SERVED, SHARES, conversion, deprecation, shares_field
from minikube_py.api.kinds.workload.internal import internal_value
from minikube_py.api.resource import AGE, NAME, Column, Resource, Subresource, age
from minikube_py.api.strategy import METADATA, Strategy
from minikube_py.machinery import meta
from minikube_py.machinery.field import ErrorList, Path, as_json, forbidden, invalid, not_supported, required
from minikube_py.machinery.gvr import Object

_SPEC = Path("spec")
_TYPES = ("Exempt", "Limited")
_ROUND_TRIP = "flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares"
"""An annotation of v1beta3 alone."""


class PriorityLevelConfigurationStrategy(Strategy):
    has_status = True
    has_generation = True
    reset_fields = (("status",),)

    def __init__(self, version: str) -> None:
        self._shares = shares_field(version)
        self._zero_is_unset = version != "v1"

    def default(self, obj: Object) -> None:
        spec = obj.setdefault("spec", {})
        if (exempt := spec.get("exempt")) is not None:
            exempt.setdefault(SHARES, 0)
            exempt.setdefault("lendablePercent", 0)
        if (limited := spec.get("limited")) is not None:
            default_limited(limited, self._shares, self._zero_is_unset)

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        """pkg/apis/flowcontrol/validation ValidatePriorityLevelConfiguration."""
        name, spec = obj["metadata"].get("name") or "", obj["spec"]
        errors = self.validate_metadata(ctx, obj)
        if _ROUND_TRIP in meta.annotations(obj):
            errors.append(forbidden(METADATA.child("annotations"), f"annotation '{_ROUND_TRIP}' is forbidden"))
        errors += self._spec_errors(name, spec)
        if not _is_mandatory(name, spec):
            shown = internal_value(ctx.resource.type.fields["spec"].type, spec)
            except_exempt = " except the 'spec.exempt' field" if name == EXEMPT else ""
            errors.append(invalid(_SPEC, shown, f"spec of '{name}'{except_exempt} must equal the fixed value"))
        return errors + validate_conditions(obj)

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return self.validate(ctx, obj)

    def _spec_errors(self, name: str, spec: Object) -> ErrorList:
        kind, limited, exempt = spec.get("type") or "", spec.get("limited"), spec.get("exempt")
        errors: ErrorList = []
        if (name == EXEMPT) != (kind == "Exempt"):
            detail = "must be 'Exempt' if and only if `name` is 'exempt'"
            errors.append(invalid(_SPEC.child("type"), as_json(kind), detail))
        if kind == "Exempt":
            if limited is not None:
                errors.append(forbidden(_SPEC.child("limited"), "must be nil if the type is not Limited"))
            return errors if exempt is None else errors + validate_exempt(exempt, _SPEC.child("exempt"))
        if kind != "Limited":
            return [*errors, not_supported(_SPEC.child("type"), as_json(kind), _TYPES)]
        if exempt is not None:
            errors.append(forbidden(_SPEC.child("exempt"), "must be nil if the type is Limited"))
        if limited is None:
            return [*errors, required(_SPEC.child("limited"), "must not be empty when type is Limited")]
        return errors + validate_limited(limited, self._shares, _SPEC.child("limited"))


def _is_mandatory(name: str, spec: Object) -> bool:
    """Whether a spec is what its name fixes, if it fixes one."""
    fixed = PRIORITY_LEVELS.get(name)
    if fixed is None:
        return True
    return spec == fixed or (name == EXEMPT and {**spec, "exempt": None} == {**fixed, "exempt": None})


def cells(obj: Object) -> list[Any]:
    spec = obj["spec"]
    limited = spec.get("limited")
    queuing = ((limited or {}).get("limitResponse") or {}).get("queuing") or {}
    shares = "<none>" if limited is None else limited.get(SHARES, limited.get(shares_field("v1beta1"), 0))
    return [
        obj["metadata"]["name"],
        spec.get("type") or "",
        shares,
        queuing.get("queues", "<none>"),
        queuing.get("handSize", "<none>"),
        queuing.get("queueLengthLimit", "<none>"),
        age(obj),
    ]


_DOC = "io.k8s.api.flowcontrol.v1"


def _resource(version: str, served: tuple[int, int] | None) -> Resource:
    strategy = PriorityLevelConfigurationStrategy(version)
    return Resource(
        group=GROUP,
        version=version,
        plural="prioritylevelconfigurations",
        kind="PriorityLevelConfiguration",
        namespaced=False,
        strategy=strategy,
        subresources=(Subresource("status", strategy=FlowStatusStrategy(strategy)),),
        columns=(
            NAME,
            Column("Type", doc=f"{_DOC}.PriorityLevelConfigurationSpec#type"),
            Column(
                "NominalConcurrencyShares", doc=f"{_DOC}.LimitedPriorityLevelConfiguration#nominalConcurrencyShares"
            ),
            Column("Queues", doc=f"{_DOC}.QueuingConfiguration#queues"),
            Column("HandSize", doc=f"{_DOC}.QueuingConfiguration#handSize"),
            Column("QueueLengthLimit", doc=f"{_DOC}.QueuingConfiguration#queueLengthLimit"),
            AGE,
        ),
        cells=cells,
        hub=conversion(version),
        served=served,
        deprecation=deprecation(version, "PriorityLevelConfiguration"),
    )


RESOURCES = tuple(_resource(version, served) for version, served in SERVED.items())
