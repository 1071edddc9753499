"""ReplicaSet: keeps a number of pods (pkg/registry/apps/replicaset, pkg/apis/apps)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.podspec.template import default_pod_template
from minikube_py.api.kinds.workload.counts import validate_nonnegative, validate_not_above
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
from minikube_py.machinery.field import ErrorList, Path
from minikube_py.machinery.gvr import GroupVersionKind, Object
from minikube_py.machinery.objectmeta import validate_kube_object_meta_update

_STATUS = Path("status")
_COUNTERS = (
    "replicas",
    "fullyLabeledReplicas",
    "readyReplicas",
    "availableReplicas",
    "observedGeneration",
    "terminatingReplicas",
)


class ReplicaSetStrategy(Strategy):
    has_status = True
    has_generation = True
    reset_fields = (("status",),)

    def default(self, obj: Object) -> None:
        """pkg/apis/apps/v1 SetDefaults_ReplicaSet."""
        spec = obj.setdefault("spec", {})
        default_pod_template(spec.setdefault("template", {}))
        if spec.get("replicas") is None:
            spec["replicas"] = 1

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*self.validate_metadata(ctx, obj), *validate_replica_set_spec(obj["spec"])]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return [
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
            *validate_replica_set_spec(obj["spec"]),
            *validate_immutable_selector(obj["spec"], old["spec"]),
        ]

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        return warnings_on_create(obj)

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        return warnings_on_update(obj, old)


def validate_replica_set_spec(spec: Object) -> ErrorList:
    """pkg/apis/apps/validation ValidateReplicaSetSpec."""
    errors = validate_nonnegative(spec, SPEC, "replicas", "minReadySeconds")
    return errors + validate_selector_and_template(spec)


def validate_replica_set_status(obj: Object, old: Object) -> ErrorList:
    """pkg/apis/apps/validation ValidateReplicaSetStatus; a ReplicationController's status follows it too."""
    status = obj.get("status") or {}
    errors = validate_nonnegative(status, _STATUS, *_COUNTERS)
    counters = ("fullyLabeledReplicas", "readyReplicas", "availableReplicas")
    errors += validate_not_above(status, _STATUS, "replicas", "status.replicas", *counters)
    return errors + validate_not_above(status, _STATUS, "readyReplicas", "readyReplicas", "availableReplicas")


def cells(obj: Object) -> list[Any]:
    spec, status = obj["spec"], obj.get("status") or {}
    return [
        obj["metadata"]["name"],
        spec.get("replicas", 0),
        status.get("replicas", 0),
        status.get("readyReplicas", 0),
        age(obj),
        *containers_and_images(template_of(obj)),
        labelselector.format_selector(spec.get("selector")),
    ]


_STRATEGY = ReplicaSetStrategy()

RESOURCES = (
    Resource(
        group="apps",
        version="v1",
        plural="replicasets",
        kind="ReplicaSet",
        short_names=("rs",),
        categories=("all",),
        strategy=_STRATEGY,
        subresources=(
            Subresource("status", strategy=StatusStrategy(_STRATEGY, validate_replica_set_status)),
            Subresource("scale", kind=GroupVersionKind("autoscaling", "v1", "Scale"), scale=Scale()),
        ),
        columns=(
            NAME,
            Column("Desired", type="integer", doc="io.k8s.api.apps.v1.ReplicaSetSpec#replicas"),
            Column("Current", type="integer", doc="io.k8s.api.apps.v1.ReplicaSetStatus#replicas"),
            Column("Ready", type="integer", doc="io.k8s.api.apps.v1.ReplicaSetStatus#readyReplicas"),
            AGE,
            CONTAINERS,
            IMAGES,
            Column("Selector", priority=1, doc="io.k8s.api.apps.v1.ReplicaSetSpec#selector"),
        ),
        cells=cells,
    ),
)
