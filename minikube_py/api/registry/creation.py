"""Create (apiserver's handlers/create.go and registry/store.go Create)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikube_py.api.context import Context
from minikube_py.api.registry import metadata as system
from minikube_py.api.registry.served import hub_object, served_object, stored_object
from minikube_py.api.registry.storable import storable
from minikube_py.api.schema.decode import null_empties
from minikube_py.machinery import errors, names, objectmeta
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.field import Path
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import is_deleting
from minikube_py.store import Exists, Key

if TYPE_CHECKING:
    from minikube_py.api.registry.registry import Registry

NAME_ATTEMPTS = 8
"""So many generated names are tried before AlreadyExists is answered."""

_METADATA = Path("metadata")


async def create(registry: Registry, ctx: Context, draft: Object) -> Object:
    """Store a draft of the served version; returns the stored object as served."""
    resource = ctx.resource
    meta = draft["metadata"]
    if not ctx.name:
        ctx.name = meta.get("name", "")
    if resource.key == "namespaces":
        ctx.namespace = ctx.name
    system.wipe_system_fields(meta)
    system.ensure_namespace(ctx, meta)
    system.dedup_owner_references(ctx, meta, after_admission=False)
    draft = registry.field_manager(resource, None).update(None, draft, ctx.field_manager, ctx.now)
    if ctx.empties:
        null_empties(resource.type, draft)
    draft = hub_object(resource, draft)
    await registry.admission.admit(ctx, draft, None)
    system.dedup_owner_references(ctx, draft["metadata"], after_admission=True)
    generating = bool(meta.get("generateName")) and not meta.get("name")
    for attempt in range(NAME_ATTEMPTS if generating else 1):
        if generating:
            draft["metadata"].pop("name", None)
        if draft["metadata"].get("resourceVersion", "0") != "0":
            raise errors.unknown("resourceVersion should not be set on objects to be created")
        try:
            return served_object(resource, await insert(registry, ctx, draft))
        except Exists:
            if attempt == NAME_ATTEMPTS - 1 or not generating:
                raise _already_exists(registry, ctx, draft, generating) from None
    raise AssertionError("unreachable: the last attempt returns or raises")


async def insert(registry: Registry, ctx: Context, draft: Object) -> Object:
    """From metadata's system fields to the store; the draft is a hub tree. Raises Exists, StatusError."""
    strategy = ctx.resource.strategy
    meta = draft["metadata"]
    system.fill_system_fields(ctx, meta)
    if not meta.get("name") and meta.get("generateName"):
        meta["name"] = system.generate_name(ctx, meta["generateName"])
    finish = strategy.begin_create(ctx, draft)
    stored = False
    try:
        strategy.prepare_for_create(ctx, draft)
        validate(ctx, draft)
        if ctx.heard:
            ctx.warnings.extend(strategy.warnings_on_create(ctx, draft))
        await registry.admission.validate(ctx, draft, None)
        key = Key(ctx.resource.key, meta.get("namespace", ""), meta["name"])
        draft = storable(stored_object(ctx.resource, system.ordered(draft)))
        if ctx.dry_run:
            if registry.store.get(key) is not None:
                raise Exists(key)
        else:
            draft = registry.store.create(key, draft).object
            stored = True
    finally:
        if finish is not None:
            finish(stored)
    if stored:
        if strategy.expires:
            registry.expiry.renew(key)
        strategy.after_create(ctx, draft)
    return draft


def validate(ctx: Context, draft: Object) -> None:
    """Raises StatusError 422: the kind's errors or, without any, those every object's metadata can have."""
    resource = ctx.resource
    found = resource.strategy.validate(ctx, draft) or objectmeta.validate_object_meta(
        draft["metadata"], resource.namespaced, names.path_segment_name, _METADATA
    )
    if found:
        raise errors.invalid(resource.error_group, resource.kind, draft["metadata"].get("name", ""), found)


def _already_exists(registry: Registry, ctx: Context, draft: Object, generated: bool) -> StatusError:
    meta = draft["metadata"]
    group_resource = ctx.resource.group_resource
    if meta.get("generateName"):
        error = errors.generate_name_conflict(group_resource, meta["name"])
    else:
        error = errors.already_exists(group_resource, meta["name"])
    present = registry.store.get(Key(ctx.resource.key, meta.get("namespace", ""), meta["name"]))
    if present is not None and is_deleting(present.object):
        error.message = f"object is being deleted: {error.message}"
    return error
