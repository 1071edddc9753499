"""Deployment: keeps ReplicaSets, one a template (pkg/registry/apps/deployment, pkg/apis/apps)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.podspec.template import default_pod_template
from minikube_py.api.kinds.workload.counts import (
    validate_collision_count,
    validate_nonnegative,
    validate_not_above,
)
from minikube_py.api.kinds.workload.intorpercent import (
    amount,
    validate_at_most_100_percent,
    validate_int_or_percent,
)
from minikube_py.api.kinds.workload.podtemplate import (
    CONTAINERS,
    IMAGES,
    SPEC,
    containers_and_images,
    template_of,
    warnings_on_create,
    warnings_on_update,
)
from minikube_py.api.kinds.workload.replicas import validate_immutable_selector, validate_selector_and_template
from minikube_py.api.resource import AGE, NAME, Column, Resource, Scale, Subresource, age
from minikube_py.api.strategy import METADATA, StatusStrategy, Strategy
from minikube_py.machinery import labelselector
from minikube_py.machinery.field import ErrorList, Path, as_json, forbidden, invalid, not_supported, required
from minikube_py.machinery.gvr import GroupVersionKind, Object
from minikube_py.machinery.objectmeta import validate_kube_object_meta_update

_STATUS = Path("status")
_COUNTERS = (
    "observedGeneration",
    "replicas",
    "updatedReplicas",
    "readyReplicas",
    "availableReplicas",
    "unavailableReplicas",
    "terminatingReplicas",
    "collisionCount",
)


class DeploymentStrategy(Strategy):
    has_status = True
    has_generation = True
    reset_fields = (("status",),)

    def default(self, obj: Object) -> None:
        """pkg/apis/apps/v1 SetDefaults_Deployment."""
        spec = obj.setdefault("spec", {})
        default_pod_template(spec.setdefault("template", {}))
        for name, value in (("replicas", 1), ("revisionHistoryLimit", 10), ("progressDeadlineSeconds", 600)):
            if spec.get(name) is None:
                spec[name] = value
        strategy = spec.setdefault("strategy", {})
        if not strategy.get("type"):
            strategy["type"] = "RollingUpdate"
        if strategy["type"] == "RollingUpdate":
            rolling = strategy.setdefault("rollingUpdate", {})
            rolling.setdefault("maxUnavailable", "25%")
            rolling.setdefault("maxSurge", "25%")

    def generation_changes(self, obj: Object, old: Object) -> bool:
        """Annotations count too, because they are copied to the ReplicaSets."""
        if obj.get("spec") != old.get("spec"):
            return True
        return (obj["metadata"].get("annotations") or {}) != (old["metadata"].get("annotations") or {})

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*self.validate_metadata(ctx, obj), *validate_deployment_spec(obj["spec"])]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return [
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
            *validate_deployment_spec(obj["spec"]),
            *validate_immutable_selector(obj["spec"], old["spec"]),
        ]

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        return warnings_on_create(obj)

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        return warnings_on_update(obj, old)


class DeploymentStatusStrategy(StatusStrategy):
    """Labels stay too."""

    reset_fields = (("spec",), ("metadata", "labels"))

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        super().prepare_for_update(ctx, obj, old)
        labels = old["metadata"].get("labels")
        if labels:
            obj["metadata"]["labels"] = labels
        else:
            obj["metadata"].pop("labels", None)


def validate_deployment_spec(spec: Object) -> ErrorList:
    """pkg/apis/apps/validation ValidateDeploymentSpec."""
    errors = validate_nonnegative(spec, SPEC, "replicas")
    errors += validate_selector_and_template(spec)
    errors += validate_deployment_strategy(spec.get("strategy") or {}, SPEC.child("strategy"))
    errors += validate_nonnegative(spec, SPEC, "minReadySeconds", "revisionHistoryLimit")
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None:
        errors += validate_nonnegative(spec, SPEC, "progressDeadlineSeconds")
        if deadline <= (spec.get("minReadySeconds") or 0):
            path = SPEC.child("progressDeadlineSeconds")
            errors.append(invalid(path, deadline, "must be greater than minReadySeconds"))
    return errors


def validate_deployment_strategy(strategy: Object, path: Path) -> ErrorList:
    kind, rolling = strategy.get("type") or "", strategy.get("rollingUpdate")
    if kind == "Recreate":
        detail = "may not be specified when strategy `type` is 'Recreate'"
        return [] if rolling is None else [forbidden(path.child("rollingUpdate"), detail)]
    if kind == "RollingUpdate":
        if rolling is None:
            return [required(path.child("rollingUpdate"), "this should be defaulted and never be nil")]
        return _validate_rolling_update(rolling, path.child("rollingUpdate"))
    return [not_supported(path, as_json(_internal_strategy(strategy)), ["Recreate", "RollingUpdate"])]


def _internal_strategy(strategy: Object) -> Object:
    """The strategy under the names that upstream's internal type prints."""
    rolling = strategy.get("rollingUpdate")
    shown = rolling and {
        "MaxUnavailable": rolling.get("maxUnavailable", 0),
        "MaxSurge": rolling.get("maxSurge", 0),
    }
    return {"Type": strategy.get("type") or "", "RollingUpdate": shown}


def _validate_rolling_update(rolling: Object, path: Path) -> ErrorList:
    unavailable, surge = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
    at = path.child("maxUnavailable")
    errors = validate_int_or_percent(unavailable, at)
    errors += validate_int_or_percent(surge, path.child("maxSurge"))
    if amount(unavailable) == 0 and amount(surge) == 0:
        errors.append(invalid(at, as_json(unavailable), "may not be 0 when `maxSurge` is 0"))
    return errors + validate_at_most_100_percent(unavailable, at)


def validate_deployment_status(obj: Object, old: Object) -> ErrorList:
    """pkg/apis/apps/validation ValidateDeploymentStatusUpdate."""
    status = obj.get("status") or {}
    errors = validate_nonnegative(status, _STATUS, *_COUNTERS)
    counters = ("updatedReplicas", "readyReplicas", "availableReplicas")
    errors += validate_not_above(status, _STATUS, "replicas", "status.replicas", *counters)
    errors += validate_not_above(status, _STATUS, "readyReplicas", "readyReplicas", "availableReplicas")
    return errors + validate_collision_count(status, old.get("status") or {}, _STATUS)


def cells(obj: Object) -> list[Any]:
    spec, status = obj["spec"], obj.get("status") or {}
    try:
        selector = str(labelselector.as_selector(spec.get("selector")))
    except ValueError:
        selector = "<invalid>"
    return [
        obj["metadata"]["name"],
        f"{status.get('readyReplicas', 0)}/{spec.get('replicas', 0)}",
        status.get("updatedReplicas", 0),
        status.get("availableReplicas", 0),
        age(obj),
        *containers_and_images(template_of(obj)),
        selector,
    ]


_STRATEGY = DeploymentStrategy()

RESOURCES = (
    Resource(
        group="apps",
        version="v1",
        plural="deployments",
        kind="Deployment",
        short_names=("deploy",),
        categories=("all",),
        strategy=_STRATEGY,
        subresources=(
            Subresource("status", strategy=DeploymentStatusStrategy(_STRATEGY, validate_deployment_status)),
            Subresource("scale", kind=GroupVersionKind("autoscaling", "v1", "Scale"), scale=Scale()),
        ),
        columns=(
            NAME,
            Column("Ready", description="Number of the pod with ready state"),
            Column("Up-to-date", doc="io.k8s.api.apps.v1.DeploymentStatus#updatedReplicas"),
            Column("Available", doc="io.k8s.api.apps.v1.DeploymentStatus#availableReplicas"),
            AGE,
            CONTAINERS,
            IMAGES,
            Column("Selector", priority=1, doc="io.k8s.api.apps.v1.DeploymentSpec#selector"),
        ),
        cells=cells,
    ),
)
