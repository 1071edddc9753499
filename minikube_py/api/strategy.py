"""A kind's policy, its methods named by when they run (kube-apiserver's rest.RESTCreateStrategy and kin).

    create   default -> [managedFields, admission] -> begin_create -> prepare_for_create -> validate -> store
    update   default -> [managedFields, admission] -> begin_update -> prepare_for_update -> validate_update -> store
    delete   grace_period -> [finalizers] -> store

Objects given as `obj` are drafts that belong to the request and may be changed by default, prepare_for_* and
begin_*; `old` is stored and read-only, and what is taken over from it into `obj` must not be changed afterwards.
Validation never mutates.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

from minikube_py.api.context import Context
from minikube_py.api.options import DeleteOptions
from minikube_py.api.schema.zero import zero
from minikube_py.machinery import names, objectmeta
from minikube_py.machinery.field import FieldError, Path
from minikube_py.machinery.gvr import Object

Finish = Callable[[bool], None]
"""Called once with whether the write succeeded: commits or rolls back what begin_* took."""

METADATA = Path("metadata")


class UpdateStrategy:
    """Policy of one way to change an object that exists: the kind's own, or that of a subresource such as status."""

    reset_fields: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Paths that this way never changes, so that it never owns them: ("status",), ("metadata", "labels")."""
    allow_unconditional_update: ClassVar[bool] = True
    """Whether an update without resourceVersion is taken."""

    def default(self, obj: Object) -> None:
        """Fill in what was left out. Runs on every decoded object, and must be idempotent."""

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        """Take back what this way may not change; bump metadata.generation."""

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> list[FieldError]:
        return objectmeta.validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA)

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        return []

    def begin_update(self, ctx: Context, obj: Object, old: Object) -> Finish | None:
        """Take what the update needs (addresses, ports). Raises StatusError."""
        return None


class Strategy(UpdateStrategy):
    """Policy of a kind."""

    has_status: ClassVar[bool] = False
    """Create drops .status and update keeps the old one; the status subresource changes it."""
    has_generation: ClassVar[bool] = False
    """metadata.generation is 1 at first and grows when `generation_changes`."""
    allow_create_on_update: ClassVar[bool] = False
    """Whether PUT may create."""
    garbage_collection: ClassVar[Literal["Background", "Orphan", ""]] = "Background"
    """What becomes of dependents when a delete does not say (upstream's DefaultGarbageCollectionPolicy)."""
    returns_deleted_object: ClassVar[bool] = False
    """Whether a delete answers with the object rather than with a Status."""
    finalizing_marks_grace: ClassVar[bool] = True
    """Whether deletionGracePeriodSeconds is set to 0, and the generation grows, where finalizers hold what is deleted
    (upstream's Namespaces and CustomResourceDefinitions are marked by a way of their own that does neither)."""

    expires: ClassVar[bool] = False
    """Whether objects vanish some time after their last write (upstream's TTLFunc)."""

    def validate_name(self, name: str, prefix: bool) -> list[str]:
        """Messages against a name, or against a generateName `prefix`."""
        return names.name_is_dns_subdomain(name, prefix)

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        if self.has_status:
            self.clear_status(ctx, obj)
        if self.has_generation:
            obj["metadata"]["generation"] = 1

    def validate(self, ctx: Context, obj: Object) -> list[FieldError]:
        """Errors of a new object, in upstream's order; begins with those of metadata."""
        return self.validate_metadata(ctx, obj)

    def validate_metadata(self, ctx: Context, obj: Object) -> list[FieldError]:
        return objectmeta.validate_kube_object_meta(
            obj["metadata"], ctx.resource.namespaced, self.validate_name, METADATA
        )

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        return []

    def begin_create(self, ctx: Context, obj: Object) -> Finish | None:
        """Take what the object needs (addresses, ports), writing it into `obj`. Raises StatusError."""
        return None

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        if self.has_status:
            _take_over("status", obj, old)
        if self.has_generation:
            generation = int(old["metadata"].get("generation", 0))
            obj["metadata"]["generation"] = generation + self.generation_changes(obj, old)

    def generation_changes(self, obj: Object, old: Object) -> bool:
        """Whether an update is a new generation: the spec differs."""
        return bool(obj.get("spec") != old.get("spec"))

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> list[FieldError]:
        return [
            *self.validate(ctx, obj),
            *objectmeta.validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
        ]

    def grace_period(self, ctx: Context, obj: Object, requested: int | None) -> int | None:
        """Seconds that a deletion leaves the object; None where the kind knows no graceful deletion."""
        return None

    def warnings_on_delete(self, ctx: Context, obj: Object, options: DeleteOptions) -> list[str]:
        return []

    def finalizing(self, obj: Object) -> bool:
        """Whether an object that is being deleted must stay although it has no finalizers and no grace left."""
        return False

    def mark_deleting(self, ctx: Context, obj: Object) -> None:
        """Change the draft of an object whose deletion begins (a Namespace's phase)."""

    def after_create(self, ctx: Context, obj: Object) -> None:
        """Called once the object is stored."""

    def after_delete(self, ctx: Context, obj: Object) -> None:
        """Called once the object is gone: gives back what begin_* took."""

    def clear_status(self, ctx: Context, obj: Object) -> None:
        """Leave the status at its zero value."""
        field = ctx.resource.type.fields.get("status")
        obj.pop("status", None)
        if field is not None and not field.omitempty:
            obj["status"] = zero(field.type)


class StatusStrategy(UpdateStrategy):
    """Policy of the status subresource: only the status changes, and metadata but for what deletion waits for."""

    reset_fields: ClassVar[tuple[tuple[str, ...], ...]] = (("spec",),)

    def __init__(self, main: Strategy, validate_status: StatusValidation | None = None) -> None:
        self.main = main
        self._validate_status = validate_status

    def default(self, obj: Object) -> None:
        self.main.default(obj)

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        _take_over("spec", obj, old)
        generation = old["metadata"].get("generation")
        if generation:
            obj["metadata"]["generation"] = generation

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> list[FieldError]:
        errors = super().validate_update(ctx, obj, old)
        if self._validate_status is not None:
            errors.extend(self._validate_status(obj, old))
        return errors


StatusValidation = Callable[[Object, Object], list[FieldError]]
"""(obj, old) -> errors of the status."""


def _take_over(field: str, obj: Object, old: Object) -> None:
    if field in old:
        obj[field] = old[field]
    else:
        obj.pop(field, None)
