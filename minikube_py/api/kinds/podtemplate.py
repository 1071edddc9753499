"""PodTemplate: a pod template kept as an object (pkg/registry/core/podtemplate)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.podspec.template import default_pod_template, template_warnings, validate_pod_template
from minikube_py.api.kinds.workload.podtemplate import containers_and_images, format_labels, labels_of
from minikube_py.api.resource import NAME, Column, Resource
from minikube_py.api.strategy import METADATA, Strategy
from minikube_py.machinery.field import ErrorList, Path
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.objectmeta import validate_kube_object_meta_update

_TEMPLATE = Path("template")


class PodTemplateStrategy(Strategy):
    has_generation = True
    returns_deleted_object = True

    def default(self, obj: Object) -> None:
        default_pod_template(obj.setdefault("template", {}))

    def generation_changes(self, obj: Object, old: Object) -> bool:
        return bool(obj.get("template") != old.get("template"))

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*self.validate_metadata(ctx, obj), *validate_pod_template(obj["template"], _TEMPLATE)]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return [
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
            *validate_pod_template(obj["template"], _TEMPLATE),
        ]

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        return template_warnings(obj["template"], None, _TEMPLATE)

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        if obj["metadata"].get("generation") == old["metadata"].get("generation"):
            return []
        return template_warnings(obj["template"], old["template"], _TEMPLATE)


def cells(obj: Object) -> list[Any]:
    template = obj["template"]
    return [obj["metadata"]["name"], *containers_and_images(template), format_labels(labels_of(template))]


RESOURCES = (
    Resource(
        group="",
        version="v1",
        plural="podtemplates",
        kind="PodTemplate",
        strategy=PodTemplateStrategy(),
        columns=(
            NAME,
            Column("Containers", description="Names of each container in the template."),
            Column("Images", description="Images referenced by each container in the template."),
            Column("Pod Labels", description="The labels for the pod template."),
        ),
        cells=cells,
    ),
)
