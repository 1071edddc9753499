"""HorizontalPodAutoscaler: the number of replicas that a load needs (pkg/registry/autoscaling, pkg/apis/autoscaling).

Stored as autoscaling/v2; autoscaling/v1 is a view of it, and v2beta2 (until 1.25) the same by another name.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.autoscaling.metrics import validate_metrics
from minikube_py.api.kinds.autoscaling.reference import ReferenceOptions, validate_reference, version_problem
from minikube_py.api.kinds.autoscaling.scalingrules import default_behavior, validate_behavior
from minikube_py.api.kinds.autoscaling.targets import metrics_text
from minikube_py.api.kinds.autoscaling.versions import (
    DEFAULT_UTILIZATION,
    V1,
    V2,
    cpu_utilization,
    drop_round_trip_annotations,
    to_v1,
    to_v2,
)
from minikube_py.api.kinds.workload.counts import validate_nonnegative
from minikube_py.api.resource import AGE, NAME, Column, Conversion, Deprecation, Resource, Subresource, age
from minikube_py.api.strategy import METADATA, StatusStrategy, Strategy
from minikube_py.machinery.field import ErrorList, Path, invalid, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.objectmeta import validate_kube_object_meta_update

_SPEC = Path("spec")


class HorizontalPodAutoscalerStrategy(Strategy):
    """The policy of both versions: but for defaults, it sees v2."""

    has_status = True
    reset_fields = (("status",),)

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*self.validate_metadata(ctx, obj), *_validate_spec(obj["spec"], None)]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return [
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
            *_validate_spec(obj["spec"], old["spec"]),
        ]

    def clear_status(self, ctx: Context, obj: Object) -> None:
        obj["status"] = {"desiredReplicas": 0, "currentMetrics": None}


class V1Strategy(HorizontalPodAutoscalerStrategy):
    def default(self, obj: Object) -> None:
        """pkg/apis/autoscaling/v1 SetDefaults_HorizontalPodAutoscaler, and what v2 makes of it: the default of the
        CPU's utilization comes with the conversion, and whoever left it out owns it too."""
        obj.setdefault("spec", {}).setdefault("minReplicas", 1)
        seen = to_v1(to_v2(obj))
        for name in ("metadata", "spec", "status"):
            obj[name] = seen[name]


class V2Strategy(HorizontalPodAutoscalerStrategy):
    def default(self, obj: Object) -> None:
        """pkg/apis/autoscaling/v2 SetDefaults_HorizontalPodAutoscaler."""
        spec = obj.setdefault("spec", {})
        spec.setdefault("minReplicas", 1)
        if not spec.get("metrics"):
            spec["metrics"] = [cpu_utilization(DEFAULT_UTILIZATION)]
        if spec.get("behavior") is not None:
            default_behavior(spec["behavior"])
        obj["metadata"] = drop_round_trip_annotations(obj)["metadata"]


def validate_status(obj: Object, old: Object) -> ErrorList:
    return validate_nonnegative(obj.get("status") or {}, Path("status"), "currentReplicas", "desiredReplicas")


def _validate_spec(spec: Object, old: Object | None) -> ErrorList:
    """pkg/apis/autoscaling/validation validateHorizontalPodAutoscalerSpec."""
    errors: ErrorList = []
    lowest = 0 if old is not None and old.get("minReplicas") == 0 else 1
    minimum, maximum = spec.get("minReplicas"), spec.get("maxReplicas") or 0
    path = _SPEC.child("maxReplicas")
    if minimum is not None and minimum < lowest:
        detail = f"must be greater than or equal to {lowest}"
        errors.append(invalid(_SPEC.child("minReplicas"), minimum, detail, "minimum"))
    if maximum == 0:
        errors.append(required(path, "must be set and greater than 0"))
    elif maximum < 0:
        errors.append(invalid(path, maximum, "must be greater than or equal to 1", "minimum"))
    if minimum is not None and maximum < minimum:
        errors.append(invalid(path, maximum, "must be greater than or equal to `minReplicas`"))
    target = spec.get("scaleTargetRef") or {}
    errors += validate_reference(target, _SPEC.child("scaleTargetRef"), _target_options(target, old))
    metrics = spec.get("metrics") or []
    errors += validate_metrics(metrics, _SPEC.child("metrics"), minimum, _object_options(old))
    return errors + validate_behavior(spec.get("behavior"), _SPEC.child("behavior"))


def _target_options(target: Object, old: Object | None) -> ReferenceOptions:
    """What stood there may stay; and a ReplicationController is in no group."""
    if old is not None:
        before = old.get("scaleTargetRef") or {}
        if all((target.get(name) or "") == (before.get(name) or "") for name in ("apiVersion", "kind")):
            return ReferenceOptions(any_version=True)
    return ReferenceOptions(core_group=target.get("kind") == "ReplicationController")


def _object_options(old: Object | None) -> ReferenceOptions:
    options = ReferenceOptions(core_group=True)
    for metric in (old or {}).get("metrics") or ():
        if metric.get("type") == "Object" and metric.get("object") is not None:
            described = metric["object"].get("describedObject") or {}
            if version_problem(described.get("apiVersion") or "", options):
                return ReferenceOptions(any_version=True)
    return options


def cells(obj: Object) -> list[Any]:
    """Of either version."""
    shown = to_v2(obj) if obj.get("apiVersion") == V1 else obj
    spec, status = shown["spec"], shown.get("status") or {}
    target, minimum = spec.get("scaleTargetRef") or {}, spec.get("minReplicas")
    return [
        obj["metadata"]["name"],
        f"{target.get('kind', '')}/{target.get('name', '')}",
        metrics_text(spec.get("metrics") or [], status.get("currentMetrics") or []),
        "<unset>" if minimum is None else str(minimum),
        spec.get("maxReplicas", 0),
        status.get("currentReplicas", 0),
        age(obj),
    ]


_DOC = "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec#"
_COLUMNS = (
    NAME,
    Column("Reference", doc=_DOC + "scaleTargetRef"),
    Column("Targets", doc=_DOC + "metrics"),
    Column("MinPods", doc=_DOC + "minReplicas"),
    Column("MaxPods", doc=_DOC + "maxReplicas"),
    Column("Replicas", doc="io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus#currentReplicas"),
    AGE,
)


def _internal_metadata(obj: Object) -> Object:
    """Without the annotations that conversion to v1 adds."""
    metadata: Object = drop_round_trip_annotations(obj)["metadata"]
    return metadata


def _resource(version: str, strategy: Strategy, hub: Conversion | None) -> Resource:
    return Resource(
        group="autoscaling",
        version=version,
        plural="horizontalpodautoscalers",
        kind="HorizontalPodAutoscaler",
        short_names=("hpa",),
        categories=("all",),
        strategy=strategy,
        subresources=(Subresource("status", strategy=StatusStrategy(strategy, validate_status)),),
        columns=_COLUMNS,
        cells=cells,
        row_metadata=_internal_metadata,
        hub=hub,
    )


def _as_version(version: str, obj: Object) -> Object:
    return {**drop_round_trip_annotations(obj), "apiVersion": f"autoscaling/{version}"}


def _beta() -> Resource:
    conversion = Conversion(lambda obj: _as_version("v2", obj), lambda obj: _as_version("v2beta2", obj))
    resource = _resource("v2beta2", V2Strategy(), conversion)
    deprecation = Deprecation.of(resource.gvk, 23, 26, V2)
    return dataclasses.replace(resource, served=(25, 25), deprecation=deprecation)


RESOURCES = (
    _resource("v2", V2Strategy(), None),
    _resource("v1", V1Strategy(), Conversion(to_hub=to_v2, from_hub=to_v1)),
    _beta(),
)
