"""CustomResourceDefinition (apiextensions-apiserver's registry/customresourcedefinition, apis/apiextensions/v1)."""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.api.customresources.crd import CLEANUP, with_condition
from minikube_py.api.kinds.apiextensions.defaults import Facts
from minikube_py.api.kinds.apiextensions.definition import (
    validate_crd,
    validate_crd_status_update,
    validate_crd_update,
)
from minikube_py.api.kinds.apiextensions.formats import unrecognized_formats
from minikube_py.api.resource import Resource, Subresource
from minikube_py.api.strategy import METADATA, StatusStrategy, Strategy
from minikube_py.machinery import meta, objectmeta
from minikube_py.machinery.field import FieldError
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object

WEBHOOK_PORT = 443


class CustomResourceDefinitionStrategy(Strategy):
    has_status = True
    has_generation = True
    allow_unconditional_update = False
    finalizing_marks_grace = False
    garbage_collection = ""
    reset_fields = (("status",),)

    def default(self, obj: Object) -> None:
        spec = obj["spec"]
        wanted = spec["names"]
        if not wanted.get("singular"):
            wanted["singular"] = wanted.get("kind", "").lower()
        if not wanted.get("listKind") and wanted.get("kind"):
            wanted["listKind"] = wanted["kind"] + "List"
        if spec.get("conversion") is None:
            spec["conversion"] = {"strategy": "None"}
        service = ((spec["conversion"].get("webhook") or {}).get("clientConfig") or {}).get("service")
        if service is not None and service.get("port") is None:
            service["port"] = WEBHOOK_PORT
        if not obj["status"].get("storedVersions"):
            _store_versions(obj, [])

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        super().prepare_for_create(ctx, obj)
        _store_versions(obj, [])

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        super().prepare_for_update(ctx, obj, old)
        _store_versions(obj, old["status"].get("storedVersions") or [])

    def validate(self, ctx: Context, obj: Object) -> list[FieldError]:
        return validate_crd(obj, _facts(ctx))

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> list[FieldError]:
        return validate_crd_update(obj, old, _facts(ctx))

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        return [f"unrecognized format {quote(format)}" for format in unrecognized_formats(obj, _minor(ctx))]

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        known = set(unrecognized_formats(old, _minor(ctx)))
        new = (format for format in unrecognized_formats(obj, _minor(ctx)) if format not in known)
        return [f"unrecognized format {quote(format)}" for format in new]

    def finalizing(self, obj: Object) -> bool:
        """Deletion begins by its own finalizer, which the registrar takes away again."""
        return not meta.is_deleting(obj)

    def mark_deleting(self, ctx: Context, obj: Object) -> None:
        held = obj["metadata"].get("finalizers") or []
        if CLEANUP not in held:
            obj["metadata"]["finalizers"] = [*held, CLEANUP]
        message = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"
        obj["status"] = with_condition(obj, "Terminating", "True", "InstanceDeletionPending", message, ctx.now)


class CustomResourceDefinitionStatusStrategy(StatusStrategy):
    allow_unconditional_update = False

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        super().prepare_for_update(ctx, obj, old)
        # ResetObjectMetaForStatus is called with the new metadata as the old one, so that finalizers can be taken away.

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> list[FieldError]:
        found = objectmeta.validate_object_meta_update(obj["metadata"], old["metadata"], METADATA)
        return found + validate_crd_status_update(obj, old)


def _store_versions(obj: Object, before: list[str]) -> None:
    """The version that is stored now is one of those that may be found stored."""
    for version in obj["spec"].get("versions") or ():
        if version.get("storage"):
            name = version["name"]
            obj["status"] = {**obj["status"], "storedVersions": before if name in before else [*before, name]}
            return


def _minor(ctx: Context) -> int:
    return int(ctx.registry.catalog.schema.version.partition(".")[2])


def _facts(ctx: Context) -> Facts:
    metadata = ctx.registry.catalog.schema.definition("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
    assert metadata is not None, "every version has ObjectMeta"
    return Facts(_minor(ctx), metadata)


STRATEGY = CustomResourceDefinitionStrategy()

RESOURCES = (
    Resource(
        group="apiextensions.k8s.io",
        version="v1",
        plural="customresourcedefinitions",
        kind="CustomResourceDefinition",
        namespaced=False,
        short_names=("crd", "crds"),
        categories=("api-extensions",),
        strategy=STRATEGY,
        subresources=(Subresource("status", strategy=CustomResourceDefinitionStatusStrategy(STRATEGY)),),
    ),
)
