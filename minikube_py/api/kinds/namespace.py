"""Namespace: scopes of names, and the life that ends with everything in them (pkg/registry/core/namespace)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.resource import AGE, NAME, VERBS, Column, Resource, Subresource, age
from minikube_py.api.strategy import METADATA, Finish, StatusStrategy, Strategy, UpdateStrategy
from minikube_py.machinery import meta
from minikube_py.machinery.field import ErrorList, Path, as_json, invalid, invalid_each
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import name_is_dns_label, qualified_name
from minikube_py.machinery.objectmeta import validate_kube_object_meta_update

NAME_LABEL = "kubernetes.io/metadata.name"
KUBERNETES = "kubernetes"
"""The finalizer that the namespace controller takes away once the namespace is empty."""
ACTIVE = "Active"
TERMINATING = "Terminating"

_FINALIZERS = Path("spec", "finalizers")
_PHASE = Path("status", "Phase")
_STANDARD_FINALIZERS = frozenset({KUBERNETES, "orphan", "foregroundDeletion"})


def spec_finalizers(obj: Object) -> list[str]:
    return (obj.get("spec") or {}).get("finalizers") or []


def phase(obj: Object) -> str:
    return str((obj.get("status") or {}).get("phase") or "")


def validate_finalizer(finalizer: str, path: Path) -> ErrorList:
    """Qualified names, or one of Kubernetes' own."""
    errors = invalid_each(path, finalizer, qualified_name(finalizer))
    if "/" not in finalizer and finalizer not in _STANDARD_FINALIZERS:
        errors.append(invalid(path, finalizer, "name is neither a standard finalizer name nor is it fully qualified"))
    return errors


def _label(obj: Object) -> None:
    """Keep the label that says the name; namespaceSelectors find namespaces by it."""
    metadata = obj["metadata"]
    name = metadata.get("name")
    if name and (metadata.get("labels") or {}).get(NAME_LABEL) != name:
        metadata["labels"] = {**(metadata.get("labels") or {}), NAME_LABEL: name}


class NamespaceStrategy(Strategy):
    reset_fields = (("status",),)
    returns_deleted_object = True
    finalizing_marks_grace = False

    def validate_name(self, name: str, prefix: bool) -> list[str]:
        return name_is_dns_label(name, prefix)

    def default(self, obj: Object) -> None:
        _label(obj)
        if not phase(obj):
            obj["status"] = {**(obj.get("status") or {}), "phase": ACTIVE}

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        obj["status"] = {"phase": ACTIVE}
        if KUBERNETES not in spec_finalizers(obj):
            obj["spec"] = {**(obj.get("spec") or {}), "finalizers": [*spec_finalizers(obj), KUBERNETES]}

    def begin_create(self, ctx: Context, obj: Object) -> Finish | None:
        """A name made of generateName was not known when defaults ran (upstream's Canonicalize)."""
        _label(obj)
        return None

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        obj["status"] = old["status"]
        spec = {name: value for name, value in (obj.get("spec") or {}).items() if name != "finalizers"}
        obj["spec"] = {**spec, "finalizers": spec_finalizers(old)} if spec_finalizers(old) else spec

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        errors = self.validate_metadata(ctx, obj)
        for finalizer in spec_finalizers(obj):
            errors += validate_finalizer(finalizer, _FINALIZERS)
        return errors

    def finalizing(self, obj: Object) -> bool:
        return bool(spec_finalizers(obj))

    def mark_deleting(self, ctx: Context, obj: Object) -> None:
        obj["status"] = {**(obj.get("status") or {}), "phase": TERMINATING}


class FinalizeStrategy(UpdateStrategy):
    """Of `namespaces/finalize`, where alone spec.finalizers changes."""

    reset_fields = (("status",),)

    def default(self, obj: Object) -> None:
        STRATEGY.default(obj)

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        obj["status"] = old["status"]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        errors = validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA)
        for index, finalizer in enumerate(spec_finalizers(obj)):
            errors += validate_finalizer(finalizer, _FINALIZERS.index(index))
        return errors


def validate_status(obj: Object, old: Object) -> ErrorList:
    """The phase follows deletion."""
    deleting = meta.is_deleting(obj)
    expected, condition = (TERMINATING, "is not empty") if deleting else (ACTIVE, "is empty")
    if phase(obj) == expected:
        return []
    return [invalid(_PHASE, as_json(phase(obj)), f"may only be '{expected}' if `deletionTimestamp` {condition}")]


def cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], phase(obj), age(obj)]


STRATEGY = NamespaceStrategy()

RESOURCES = (
    Resource(
        group="",
        version="v1",
        plural="namespaces",
        kind="Namespace",
        namespaced=False,
        short_names=("ns",),
        verbs=tuple(verb for verb in VERBS if verb != "deletecollection"),
        strategy=STRATEGY,
        subresources=(
            Subresource("finalize", verbs=("update",), strategy=FinalizeStrategy()),
            Subresource("status", strategy=StatusStrategy(STRATEGY, validate_status)),
        ),
        columns=(NAME, Column("Status", description="The status of the namespace"), AGE),
        cells=cells,
        fields={"status.phase": phase},
    ),
)
