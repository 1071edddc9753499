"""ServiceAccount: whom a pod acts as (pkg/registry/core/serviceaccount)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.core.tokenrequest import TOKEN_REQUEST, create_token
from minikube_py.api.resource import AGE, NAME, Resource, Subresource, age
from minikube_py.api.strategy import METADATA, Strategy
from minikube_py.machinery import meta
from minikube_py.machinery.field import ErrorList
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.objectmeta import validate_kube_object_meta_update

ENFORCE_MOUNTABLE_SECRETS = "kubernetes.io/enforce-mountable-secrets"
_WARNING = (
    f"metadata.annotations[{ENFORCE_MOUNTABLE_SECRETS}]: deprecated in v1.32+; "
    "prefer separate namespaces to isolate access to mounted secrets"
)


def _clean_secret_references(obj: Object) -> None:
    """Only a reference's name means anything here."""
    if secrets := obj.get("secrets"):
        obj["secrets"] = [{"name": secret["name"]} if secret.get("name") else {} for secret in secrets]


class ServiceAccountStrategy(Strategy):
    returns_deleted_object = True

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        _clean_secret_references(obj)

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        _clean_secret_references(obj)

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return [
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
            *self.validate(ctx, obj),
        ]

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        return [_WARNING] if ENFORCE_MOUNTABLE_SECRETS in meta.annotations(obj) else []

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        return [] if ENFORCE_MOUNTABLE_SECRETS in meta.annotations(old) else self.warnings_on_create(ctx, obj)


def cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], age(obj)]


RESOURCES = (
    Resource(
        group="",
        version="v1",
        plural="serviceaccounts",
        kind="ServiceAccount",
        short_names=("sa",),
        strategy=ServiceAccountStrategy(),
        subresources=(Subresource("token", verbs=("create",), kind=TOKEN_REQUEST, action=create_token),),
        columns=(NAME, AGE),
        cells=cells,
    ),
)
