"""Update: read, transform, compare-and-set, again if somebody was faster (registry/store.go Update)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from minikube_py.api.apply.managed import ignoring_times
from minikube_py.api.context import Context
from minikube_py.api.registry import creation
from minikube_py.api.registry import metadata as system
from minikube_py.api.registry.reading import parse_error
from minikube_py.api.registry.served import hub_object, policy_object, served, served_object, stored_object
from minikube_py.api.registry.storable import storable
from minikube_py.api.resource import Subresource
from minikube_py.api.schema.decode import null_empties
from minikube_py.api.strategy import UpdateStrategy
from minikube_py.machinery import errors, names, objectmeta
from minikube_py.machinery.field import FieldError, Path, invalid
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import finalizers, is_deleting
from minikube_py.store import Exists, Mismatch, Missing, Stored

if TYPE_CHECKING:
    from minikube_py.api.registry.registry import Registry

Transform = Callable[[Object | None], Awaitable[Object]]
"""The served tree that is, or None -> the canonical served tree that shall be, a draft of its own."""

_METADATA = Path("metadata")


async def update(
    registry: Registry, ctx: Context, transform: Transform, *, uid: str = "", may_create: bool = False
) -> tuple[Object, bool]:
    """Store what `transform` makes of the object that is; the flag tells whether it was created.

    `uid` is a precondition; `may_create` is server-side apply's right to create.
    """
    resource = ctx.resource
    may_create = may_create or (not ctx.subresource and resource.strategy.allow_create_on_update)
    key = registry.key(ctx)
    while True:
        existing = registry.store.get(key)
        if existing is None and not may_create:
            raise errors.not_found(resource.group_resource, ctx.name)
        if uid and (existing is None or existing.object["metadata"]["uid"] != uid):
            raise _uid_mismatch(ctx, uid, existing)
        try:
            if existing is None:
                return served_object(resource, await _create_instead(registry, ctx, transform)), True
            return served_object(resource, await _update_existing(registry, ctx, transform, existing)), False
        except (Mismatch, Missing, Exists):
            continue  # somebody wrote between our read and our write: look again


async def _create_instead(registry: Registry, ctx: Context, transform: Transform) -> Object:
    ctx.verb = "create"
    draft = await transform(None)
    if draft["metadata"].get("uid"):
        uid = draft["metadata"]["uid"]
        text = f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
        raise errors.conflict(ctx.resource.group_resource, ctx.name, text)
    system.ensure_namespace(ctx, draft["metadata"])
    if ctx.empties:
        null_empties(ctx.resource.type, draft)
    draft = hub_object(ctx.resource, draft)
    await registry.admission.admit(ctx, draft, None)
    system.dedup_owner_references(ctx, draft["metadata"], after_admission=True)
    draft["metadata"].pop("resourceVersion", None)
    return await creation.insert(registry, ctx, draft)


async def _update_existing(registry: Registry, ctx: Context, transform: Transform, existing: Stored) -> Object:
    resource = ctx.resource
    subresource = resource.subresource_by_name.get(ctx.subresource)
    strategy = _policy(ctx, subresource)
    old = policy_object(resource, existing)
    draft = await transform(served(resource, existing).object)
    if ctx.empties:
        null_empties(resource.type, draft)
    draft = hub_object(resource, draft)
    await registry.admission.admit(ctx, draft, old)
    system.dedup_owner_references(ctx, draft["metadata"], after_admission=True)
    _check_version(ctx, strategy, draft, existing)
    finish = strategy.begin_update(ctx, draft, old)
    stored = False
    try:
        _prepare(ctx, strategy, draft, old)
        _validate(ctx, strategy, draft, old)
        if ctx.heard:
            ctx.warnings.extend(strategy.warnings_on_update(ctx, draft, old))
        draft = ignoring_times(draft, old)
        await registry.admission.validate(ctx, draft, old)
        draft = _store(registry, ctx, draft, existing)
        stored = not ctx.dry_run
    finally:
        if finish is not None:
            finish(stored)
    return draft


def _policy(ctx: Context, subresource: Subresource | None) -> UpdateStrategy:
    if subresource is not None and subresource.strategy is not None:
        return subresource.strategy
    return ctx.resource.strategy


def _check_version(ctx: Context, strategy: UpdateStrategy, draft: Object, existing: Stored) -> None:
    """Optimistic locking: the version given must be the stored one; none given means whichever is."""
    given = draft["metadata"].get("resourceVersion", "")
    group_resource = ctx.resource.group_resource
    if given in ("", "0"):
        if not strategy.allow_unconditional_update:
            found = invalid(_METADATA.child("resourceVersion"), 0, "must be specified for an update")
            raise errors.invalid(group_resource.group, group_resource.resource, ctx.name, [found])
    elif given != str(existing.revision):
        if why := parse_error(given):
            raise errors.unknown(why)
        raise errors.conflict(group_resource, ctx.name)
    draft["metadata"]["resourceVersion"] = str(existing.revision)


def _prepare(ctx: Context, strategy: UpdateStrategy, draft: Object, old: Object) -> None:
    """rest.BeforeUpdate up to validation: what an update can never change is taken back."""
    meta, old_meta = draft["metadata"], old["metadata"]
    _set(meta, "generation", old_meta.get("generation"))
    strategy.prepare_for_update(ctx, draft, old)
    if not meta.get("uid"):
        meta["uid"] = old_meta["uid"]
    meta["creationTimestamp"] = old_meta["creationTimestamp"]
    if "deletionTimestamp" in old_meta:
        meta["deletionTimestamp"] = old_meta["deletionTimestamp"]
        if "deletionGracePeriodSeconds" not in meta:
            _set(meta, "deletionGracePeriodSeconds", old_meta.get("deletionGracePeriodSeconds"))


def _set(tree: Object, field: str, value: Any) -> None:
    if value is None:
        tree.pop(field, None)
    else:
        tree[field] = value


def _validate(ctx: Context, strategy: UpdateStrategy, draft: Object, old: Object) -> None:
    meta, old_meta, namespaced = draft["metadata"], old["metadata"], ctx.resource.namespaced
    found: list[FieldError] = [
        *objectmeta.validate_object_meta(meta, namespaced, names.path_segment_name, _METADATA, old=old_meta),
        *objectmeta.validate_object_meta_update(meta, old_meta, _METADATA),
        *strategy.validate_update(ctx, draft, old),
    ]
    if found:
        raise errors.invalid(ctx.resource.error_group, ctx.resource.kind, ctx.name, found)


def _store(registry: Registry, ctx: Context, draft: Object, existing: Stored) -> Object:
    """Write the draft, or nothing if it is what is stored, or delete what had been waiting for this update."""
    old = existing.object
    draft = stored_object(ctx.resource, system.ordered(draft))
    if deletes(ctx, draft, old):
        if not ctx.dry_run:
            registry.store.delete(registry.key(ctx), existing.revision)
            ctx.resource.strategy.after_delete(ctx, old)
        return draft
    if draft == old:
        return old
    draft = storable(draft)
    if ctx.dry_run:
        return draft
    written = registry.store.update(registry.key(ctx), draft, existing.revision)
    if ctx.resource.strategy.expires:
        registry.expiry.renew(registry.key(ctx))
    return written.object


def deletes(ctx: Context, draft: Object, old: Object) -> bool:
    """Whether this update takes away the last reason to keep an object that is being deleted."""
    if finalizers(draft) or not is_deleting(old) or old["metadata"].get("deletionGracePeriodSeconds"):
        return False
    return not ctx.resource.strategy.finalizing(draft)


def change_stored(registry: Registry, ctx: Context, change: Callable[[Object], Object]) -> Object:
    """See Registry.guaranteed_update."""
    existing = registry.find(ctx)
    changed = change(existing.object)
    if changed is existing.object or changed == existing.object:
        return existing.object
    if ctx.dry_run:
        return changed
    # The store takes the tree over and writes its version into metadata, which may still be shared.
    changed = {**changed, "metadata": dict(changed["metadata"])}
    return registry.store.update(registry.key(ctx), changed, existing.revision).object


def _uid_mismatch(ctx: Context, uid: str, existing: Stored | None) -> errors.StatusError:
    have = existing.object["metadata"]["uid"] if existing is not None else ""
    path = "/".join(part for part in (ctx.resource.etcd_prefix, ctx.namespace, ctx.name) if part)
    text = (
        f"StorageError: invalid object, Code: 4, Key: {path}, ResourceVersion: 0, AdditionalErrorMsg: "
        f"Precondition failed: UID in precondition: {uid}, UID in object meta: {have}"
    )
    return errors.conflict(ctx.resource.group_resource, ctx.name, text)
