"""PodDisruptionBudget: how many pods evictions must leave (pkg/registry/policy, pkg/apis/policy)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.workload.counts import validate_nonnegative
from minikube_py.api.kinds.workload.intorpercent import validate_at_most_100_percent, validate_int_or_percent
from minikube_py.api.resource import AGE, NAME, Column, Resource, Subresource, age
from minikube_py.api.strategy import StatusStrategy, Strategy
from minikube_py.machinery import labelselector
from minikube_py.machinery.conditions import validate_conditions
from minikube_py.machinery.field import ErrorList, Path, as_json, invalid, not_supported
from minikube_py.machinery.gvr import Object

_SPEC = Path("spec")
_STATUS = Path("status")
_POLICIES = ("AlwaysAllow", "IfHealthyBudget")
_COUNTERS = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")


class PodDisruptionBudgetStrategy(Strategy):
    """Upstream leaves metadata to what every object's must be: names may be more than elsewhere."""

    has_status = True
    has_generation = True
    reset_fields = (("status",),)
    allow_unconditional_update = False

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return validate_budget_spec(obj.get("spec") or {})

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return validate_budget_spec(obj.get("spec") or {})


class PodDisruptionBudgetStatusStrategy(StatusStrategy):
    allow_unconditional_update = False

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        """pkg/apis/policy/validation ValidatePodDisruptionBudgetStatusUpdate."""
        status = obj.get("status") or {}
        return [
            *validate_conditions(status.get("conditions") or [], _STATUS.child("conditions")),
            *validate_nonnegative(status, _STATUS, *_COUNTERS),
        ]


def validate_budget_spec(spec: Object) -> ErrorList:
    """pkg/apis/policy/validation ValidatePodDisruptionBudgetSpec."""
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    errors: ErrorList = []
    if least is not None and most is not None:
        detail = "minAvailable and maxUnavailable cannot be both set"
        errors.append(invalid(_SPEC, as_json(_internal_spec(spec)), detail))
    for name, value in (("minAvailable", least), ("maxUnavailable", most)):
        if value is not None:
            errors += validate_int_or_percent(value, _SPEC.child(name))
            errors += validate_at_most_100_percent(value, _SPEC.child(name))
    errors += labelselector.validate_label_selector(spec.get("selector"), _SPEC.child("selector"))
    policy = spec.get("unhealthyPodEvictionPolicy")
    if policy is not None and policy not in _POLICIES:
        errors.append(not_supported(_SPEC.child("unhealthyPodEvictionPolicy"), as_json(policy), _POLICIES))
    return errors


def _internal_spec(spec: Object) -> Object:
    """As upstream's internal type prints it."""
    return {
        "MinAvailable": spec.get("minAvailable"),
        "Selector": labelselector.in_go_order(spec.get("selector")),
        "MaxUnavailable": spec.get("maxUnavailable"),
        "UnhealthyPodEvictionPolicy": spec.get("unhealthyPodEvictionPolicy"),
    }


def cells(obj: Object) -> list[Any]:
    spec = obj.get("spec") or {}
    return [
        obj["metadata"]["name"],
        str(spec.get("minAvailable", "N/A")),
        str(spec.get("maxUnavailable", "N/A")),
        (obj.get("status") or {}).get("disruptionsAllowed", 0),
        age(obj),
    ]


_STRATEGY = PodDisruptionBudgetStrategy()

RESOURCES = (
    Resource(
        group="policy",
        version="v1",
        plural="poddisruptionbudgets",
        kind="PodDisruptionBudget",
        short_names=("pdb",),
        strategy=_STRATEGY,
        subresources=(Subresource("status", strategy=PodDisruptionBudgetStatusStrategy(_STRATEGY)),),
        columns=(
            NAME,
            Column("Min Available", description="The minimum number of pods that must be available."),
            Column("Max Unavailable", description="The maximum number of pods that may be unavailable."),
            Column(
                "Allowed Disruptions",
                type="integer",
                description="Calculated number of pods that may be disrupted at this time.",
            ),
            AGE,
        ),
        cells=cells,
    ),
)
