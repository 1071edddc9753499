"""The policy of custom kinds (apiextensions-apiserver/pkg/registry/customresource).

What x-kubernetes-validations say is not evaluated: `CustomStrategy.validate` and `validate_update` are where upstream
does, after all else.
"""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.api.customresources.defaulting import apply_defaults
from minikube_py.api.customresources.embedded import has_embedded, validate_embedded
from minikube_py.api.customresources.listtypes import has_list_types, validate_lists
from minikube_py.api.customresources.nesting import dotted, nested
from minikube_py.api.customresources.structural import Structural
from minikube_py.api.customresources.values import Validator
from minikube_py.api.resource import Scale
from minikube_py.api.strategy import METADATA, Strategy, UpdateStrategy
from minikube_py.machinery import names, objectmeta
from minikube_py.machinery.field import FieldError, invalid
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object

MAX_INT32 = 2**31 - 1
_STANDARD_FINALIZERS = frozenset(("orphan", "foregroundDeletion", "kubernetes"))
_BLOCKING = frozenset(
    ("FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid")
)
"""Errors after which rules are not evaluated."""
_UNCHECKED = (
    "some validation rules were not checked because the object was invalid; correct the existing errors to complete "
    "validation"
)


class CustomStrategy(Strategy):
    """Policy of one version of a custom kind."""

    allow_unconditional_update = False

    def __init__(self, schema: Structural, minor: int, *, status: bool, scale: Scale | None) -> None:
        self.schema = schema
        self.minor = minor
        self.scale = scale
        self.has_status = status  # type: ignore[misc]  # per kind here, where others have it per class
        self.reset_fields = (("status",),) if status else ()  # type: ignore[misc]
        self._validator = Validator(schema.schema, minor)
        self._embedded, self._lists = has_embedded(schema), has_list_types(schema)

    def default(self, obj: Object) -> None:
        apply_defaults(obj, self.schema)

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        if self.has_status:
            obj.pop("status", None)
        obj["metadata"]["generation"] = 1

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        if self.has_status:
            obj.pop("status", None)
            if "status" in old:
                obj["status"] = old["status"]
        if _without_metadata(obj) != _without_metadata(old):
            obj["metadata"]["generation"] = int(old["metadata"].get("generation", 0)) + 1

    def validate(self, ctx: Context, obj: Object) -> list[FieldError]:
        found = objectmeta.validate_object_meta(
            obj["metadata"], ctx.resource.namespaced, names.name_is_dns_subdomain, METADATA
        )
        found += self._value_errors(obj)
        found += self.embedded_errors(obj)
        found += self.list_errors(obj)
        return found + self.unchecked_rules(found)

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> list[FieldError]:
        found = objectmeta.validate_object_meta_update(obj["metadata"], old["metadata"], METADATA)
        found += self._value_errors(obj)
        found += self.embedded_errors(obj)
        found += self.new_list_errors(obj, old)
        return found + self.unchecked_rules(found)

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        return _finalizer_warnings(obj["metadata"].get("finalizers") or [])

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        before = old["metadata"].get("finalizers") or []
        return _finalizer_warnings([each for each in obj["metadata"].get("finalizers") or [] if each not in before])

    # Parts

    def _value_errors(self, obj: Object) -> list[FieldError]:
        found = self._validator.errors(obj)
        if self.scale is not None:
            found += _replicas_errors(obj, self.scale.spec_replicas)
            found += scale_status_errors(obj, self.scale)
        return found

    def embedded_errors(self, obj: Object) -> list[FieldError]:
        return validate_embedded(obj, self.schema, None) if self._embedded else []

    def list_errors(self, obj: Object) -> list[FieldError]:
        return validate_lists(obj, self.schema, None) if self._lists else []

    def new_list_errors(self, obj: Object, old: Object) -> list[FieldError]:
        """None where the old object had any already."""
        found = self.list_errors(obj)
        return [] if found and self.list_errors(old) else found

    def unchecked_rules(self, found: list[FieldError]) -> list[FieldError]:
        if self.schema.rules and any(error.type in _BLOCKING for error in found):
            return [invalid(None, None, _UNCHECKED)]
        return []


class CustomStatusStrategy(UpdateStrategy):
    """Policy of a custom kind's status subresource: nothing but the status changes."""

    reset_fields = (("metadata",), ("spec",))
    allow_unconditional_update = False

    def __init__(self, main: CustomStrategy) -> None:
        self._main = main
        status = main.schema.properties.get("status")
        self._validator = Validator(status.schema, main.minor) if status is not None else None

    def default(self, obj: Object) -> None:
        self._main.default(obj)

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        kept = {key: value for key, value in obj.items() if key == "status"}
        managed = obj["metadata"].get("managedFields")
        for key in [key for key in obj if key != "metadata"]:
            del obj[key]
        obj.update({key: value for key, value in old.items() if key not in ("metadata", "status")}, **kept)
        metadata = obj["metadata"]
        metadata.clear()
        metadata.update(old["metadata"])
        metadata.pop("managedFields", None)
        if managed:
            metadata["managedFields"] = managed

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> list[FieldError]:
        found = objectmeta.validate_object_meta_update(obj["metadata"], old["metadata"], METADATA)
        if "status" in obj and self._validator is not None:
            found += self._validator.errors(obj["status"], "status")
        if self._main.scale is not None:
            found += scale_status_errors(obj, self._main.scale)
        found += self._main.new_list_errors(obj, old)
        return found + self._main.unchecked_rules(found)


def _without_metadata(obj: Object) -> Object:
    return {key: value for key, value in obj.items() if key != "metadata"}


# -- finalizers ------------------------------------------------------------------------------------------------------


def _finalizer_warnings(finalizers: list[str]) -> list[str]:
    return [warning for finalizer in sorted(set(finalizers)) for warning in _of_finalizer(finalizer)]


def _of_finalizer(finalizer: str) -> list[str]:
    prefix = f"metadata.finalizers: {quote(finalizer)}: "
    found = [prefix + problem for problem in names.qualified_name(finalizer)]
    if "/" not in finalizer and finalizer not in _STANDARD_FINALIZERS:
        path = " including a path (/)" if "." in finalizer else ""
        found.append(
            f"{prefix}prefer a domain-qualified finalizer name{path} to avoid accidental conflicts with other "
            "finalizer writers"
        )
    return found


# -- scale -----------------------------------------------------------------------------------------------------------


def scale_status_errors(obj: Object, scale: Scale) -> list[FieldError]:
    found = _replicas_errors(obj, scale.status_replicas)
    if scale.selector:
        value, problem = nested(obj, scale.selector, str)
        if problem:
            found.append(invalid(dotted(scale.selector), value or "", problem))
    return found


def _replicas_errors(obj: Object, path: tuple[str, ...]) -> list[FieldError]:
    replicas, problem = nested(obj, path, int)
    if problem:
        return [invalid(dotted(path), 0, problem)]
    if replicas is None:
        return []
    if replicas < 0:
        return [invalid(dotted(path), replicas, "should be a non-negative integer")]
    if replicas > MAX_INT32:
        return [invalid(dotted(path), replicas, f"should be less than or equal to {MAX_INT32}")]
    return []
