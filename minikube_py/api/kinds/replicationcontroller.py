"""ReplicationController: what ReplicaSets replaced (pkg/registry/core/replicationcontroller)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.podspec.template import default_pod_template, template_warnings
from minikube_py.api.kinds.replicaset import validate_replica_set_status
from minikube_py.api.kinds.workload.counts import validate_nonnegative
from minikube_py.api.kinds.workload.podtemplate import (
    CONTAINERS,
    IMAGES,
    SPEC,
    TEMPLATE,
    containers_and_images,
    format_labels,
    labels_of,
    template_of,
    validate_replica_template,
    warnings_on_create,
)
from minikube_py.api.resource import AGE, NAME, Column, Resource, Scale, Subresource, age
from minikube_py.api.strategy import METADATA, StatusStrategy, Strategy
from minikube_py.machinery import labels
from minikube_py.machinery.field import ErrorList, required
from minikube_py.machinery.gvr import GroupVersionKind, Object
from minikube_py.machinery.objectmeta import validate_kube_object_meta_update


class ReplicationControllerStrategy(Strategy):
    has_status = True
    has_generation = True
    reset_fields = (("status",),)
    garbage_collection = "Orphan"

    def default(self, obj: Object) -> None:
        """pkg/apis/core/v1 SetDefaults_ReplicationController: the template's labels serve as selector and labels."""
        spec = obj.setdefault("spec", {})
        if spec.get("replicas") is None:
            spec["replicas"] = 1
        template = spec.get("template")
        if template is None:
            return
        default_pod_template(template)
        if found := labels_of(template):
            if not spec.get("selector"):
                spec["selector"] = dict(found)
            metadata = obj.setdefault("metadata", {})
            if not metadata.get("labels"):
                metadata["labels"] = dict(found)

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*self.validate_metadata(ctx, obj), *validate_replication_controller_spec(obj["spec"])]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return [
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
            *validate_replication_controller_spec(obj["spec"]),
        ]

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        return warnings_on_create(obj)

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        """Upstream looks at the old template where it means the new one, and so warns of what went away."""
        if obj["metadata"].get("generation") == old["metadata"].get("generation"):
            return []
        return template_warnings(template_of(old), template_of(obj), TEMPLATE)


def validate_replication_controller_spec(spec: Object) -> ErrorList:
    """pkg/apis/core/validation ValidateReplicationControllerSpec."""
    errors = validate_nonnegative(spec, SPEC, "minReadySeconds")
    selector = spec.get("selector")
    if not selector:
        errors.append(required(SPEC.child("selector")))
    errors += validate_nonnegative(spec, SPEC, "replicas")
    template = spec.get("template")
    if template is None:
        return [*errors, required(TEMPLATE)]
    return errors + validate_replica_template(template, labels.from_set(selector), TEMPLATE, "ReplicationController")


def cells(obj: Object) -> list[Any]:
    spec, status = obj["spec"], obj.get("status") or {}
    return [
        obj["metadata"]["name"],
        spec.get("replicas", 0),
        status.get("replicas", 0),
        status.get("readyReplicas", 0),
        age(obj),
        *containers_and_images(template_of(obj)),
        format_labels(spec.get("selector")),
    ]


def _status_replicas(obj: Object) -> str:
    return str((obj.get("status") or {}).get("replicas", 0))


_STRATEGY = ReplicationControllerStrategy()

RESOURCES = (
    Resource(
        group="",
        version="v1",
        plural="replicationcontrollers",
        kind="ReplicationController",
        short_names=("rc",),
        categories=("all",),
        strategy=_STRATEGY,
        subresources=(
            Subresource("status", strategy=StatusStrategy(_STRATEGY, validate_replica_set_status)),
            Subresource("scale", kind=GroupVersionKind("autoscaling", "v1", "Scale"), scale=Scale()),
        ),
        columns=(
            NAME,
            Column("Desired", type="integer", doc="io.k8s.api.core.v1.ReplicationControllerSpec#replicas"),
            Column("Current", type="integer", doc="io.k8s.api.core.v1.ReplicationControllerStatus#replicas"),
            Column("Ready", type="integer", doc="io.k8s.api.core.v1.ReplicationControllerStatus#readyReplicas"),
            AGE,
            CONTAINERS,
            IMAGES,
            Column("Selector", priority=1, doc="io.k8s.api.core.v1.ReplicationControllerSpec#selector"),
        ),
        cells=cells,
        fields={"status.replicas": _status_replicas},
    ),
)
