"""Delete: grace, finalizers, propagation (apiserver's registry/rest/delete.go and registry/store.go Delete).

asked     grace left   finalizers   what happens
first     none         none         the object goes
first     none         some         marked: deletionTimestamp now; the last update without finalizers deletes
first     some         any          marked: deletionTimestamp after the grace; whoever runs it deletes with grace 0
again     shorter      any          the grace is shortened; 0 deletes
again     not shorter  any          nothing changes
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from minikube_py.api.context import Context
from minikube_py.api.options import DeleteOptions, ListOptions
from minikube_py.api.registry.metadata import ordered
from minikube_py.api.registry.reading import Page, list_page
from minikube_py.api.registry.served import served_object
from minikube_py.machinery import errors
from minikube_py.machinery.clock import parse_rfc3339, rfc3339
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import GroupResource, Object
from minikube_py.store import Mismatch, Missing, Stored

if TYPE_CHECKING:
    from minikube_py.api.registry.registry import Registry

ORPHAN = "orphan"
FOREGROUND = "foregroundDeletion"
"""The finalizers by which the garbage collector is asked to orphan, or to delete first, what an object owns."""


async def delete(registry: Registry, ctx: Context, options: DeleteOptions) -> tuple[Object, bool]:
    """Delete ctx.name; returns the object or a Status, and whether it is gone."""
    while True:
        existing = registry.find(ctx)
        await registry.admission.admit(ctx, None, existing.object)
        await registry.admission.validate(ctx, None, existing.object)
        try:
            return _delete(registry, ctx, options, existing)
        except (Mismatch, Missing):
            continue  # somebody wrote while admission was asked


def _delete(registry: Registry, ctx: Context, options: DeleteOptions, existing: Stored) -> tuple[Object, bool]:
    _check_preconditions(ctx, options, existing.object)
    ctx.warnings.extend(ctx.resource.strategy.warnings_on_delete(ctx, existing.object, options))
    draft = {**existing.object, "metadata": dict(existing.object["metadata"])}
    grace = _begin_grace(ctx, options, draft)
    if grace == "pending":
        return _answer(ctx, existing.object), False
    changed = _set_finalizers(ctx, options, draft["metadata"])
    waiting = bool(draft["metadata"].get("finalizers")) or ctx.resource.strategy.finalizing(draft)
    if grace == "none" and waiting:
        _mark(ctx, draft)
    if not waiting and (grace == "none" or not draft["metadata"]["deletionGracePeriodSeconds"]):
        return _remove(registry, ctx, existing, draft if grace == "graceful" or changed else existing.object), True
    if ctx.dry_run:
        return _served(ctx, draft), False
    if draft != existing.object:
        draft = registry.store.update(registry.key(ctx), ordered(draft), existing.revision).object
    return _served(ctx, draft), False


def _remove(registry: Registry, ctx: Context, existing: Stored, last: Object) -> Object:
    """Take the object away. What a graceful deletion has changed is told to watchers first, as upstream does."""
    if not ctx.dry_run:
        if last is not existing.object:
            existing = registry.store.update(registry.key(ctx), ordered(last), existing.revision)
            last = existing.object
        registry.store.delete(registry.key(ctx), existing.revision)
        ctx.resource.strategy.after_delete(ctx, existing.object)
    return _answer(ctx, last)


def _check_preconditions(ctx: Context, options: DeleteOptions, obj: Object) -> None:
    """Raises StatusError 409; it names the kind where other conflicts name the resource, as upstream's does."""
    meta = obj["metadata"]
    if not ctx.resource.strategy.finalizing_marks_grace:
        _check_own_preconditions(ctx, options, meta)
    kind = GroupResource(ctx.resource.group, ctx.resource.kind)
    if options.uid and options.uid != meta["uid"]:
        text = (
            f"the UID in the precondition ({options.uid}) does not match the UID in record ({meta['uid']}). "
            "The object might have been deleted and then recreated"
        )
        raise errors.conflict(kind, meta["name"], text)
    if options.resource_version and options.resource_version != meta["resourceVersion"]:
        text = (
            f"the ResourceVersion in the precondition ({options.resource_version}) does not match the ResourceVersion "
            f"in record ({meta['resourceVersion']}). The object might have been modified"
        )
        raise errors.conflict(kind, meta["name"], text)


def _check_own_preconditions(ctx: Context, options: DeleteOptions, meta: Object) -> None:
    """In the words of the kinds that upstream deletes by a way of their own: Namespaces, CustomResourceDefinitions."""
    for what, given, found in (
        ("UID", options.uid, meta["uid"]),
        ("ResourceVersion", options.resource_version, meta["resourceVersion"]),
    ):
        if given and given != found:
            text = f"Precondition failed: {what} in precondition: {given}, {what} in object meta: {found}"
            raise errors.conflict(ctx.resource.group_resource, meta["name"], text)


def _begin_grace(ctx: Context, options: DeleteOptions, draft: Object) -> str:
    """Set the grace of a deletion. "none": the kind knows none, or it is used up; "pending": one is running that
    this request does not shorten; "graceful": the draft has a new one."""
    meta = draft["metadata"]
    requested = options.grace_period
    if requested is not None and requested < 0:
        requested = 1
    if meta.get("deletionTimestamp"):
        return _shorten_grace(ctx, meta, requested)
    grace = ctx.resource.strategy.grace_period(ctx, draft, requested)
    if grace is None:
        return "none"
    meta["deletionTimestamp"] = rfc3339(ctx.registry.clock.now() + grace)
    meta["deletionGracePeriodSeconds"] = grace
    if meta.get("generation"):
        meta["generation"] += 1
    return "graceful"


def _shorten_grace(ctx: Context, meta: Object, requested: int | None) -> str:
    running = meta.get("deletionGracePeriodSeconds")
    if not running:
        return "none"
    if requested is None or requested >= running:
        return "pending"
    now = ctx.registry.clock.now()
    deadline = parse_rfc3339(meta["deletionTimestamp"]) - running + requested
    if deadline < now:
        deadline = now
        requested = min(requested, 1)
    meta["deletionTimestamp"] = rfc3339(deadline)
    meta["deletionGracePeriodSeconds"] = requested
    return "graceful"


def _set_finalizers(ctx: Context, options: DeleteOptions, meta: Object) -> bool:
    """Put the garbage collector's finalizers as the propagation policy asks; whether that changed any."""
    before = meta.get("finalizers") or []
    policy = _propagation(ctx, options, before)
    after = [name for name in before if name not in (ORPHAN, FOREGROUND)]
    after += {"Orphan": [ORPHAN], "Foreground": [FOREGROUND]}.get(policy, [])
    if set(after) == set(before):
        return False
    if after:
        meta["finalizers"] = after
    else:
        meta.pop("finalizers")
    return True


def _propagation(ctx: Context, options: DeleteOptions, finalizers: list[str]) -> str:
    """What was said counts before the finalizers that are there, and these before the kind's default."""
    default = ctx.resource.strategy.garbage_collection
    if not default:
        return ""
    if options.orphan is not None:
        return "Orphan" if options.orphan else "Background"
    if options.propagation:
        return options.propagation
    for name in finalizers:
        if name in (ORPHAN, FOREGROUND):
            return "Orphan" if name == ORPHAN else "Foreground"
    return default


def _mark(ctx: Context, draft: Object) -> None:
    """Deletion begins, and finalizers hold the object."""
    meta = draft["metadata"]
    now = ctx.registry.clock.now()
    if not meta.get("deletionTimestamp"):
        if meta.get("generation") and ctx.resource.strategy.finalizing_marks_grace:
            meta["generation"] += 1
        meta["deletionTimestamp"] = rfc3339(now)
    elif parse_rfc3339(meta["deletionTimestamp"]) > now:
        meta["deletionTimestamp"] = rfc3339(now)
    if ctx.resource.strategy.finalizing_marks_grace:
        meta["deletionGracePeriodSeconds"] = 0
    ctx.resource.strategy.mark_deleting(ctx, draft)


def _answer(ctx: Context, obj: Object) -> Object:
    """What a delete answers once nothing more is to come of it: a Status, or for some kinds the object."""
    if ctx.resource.strategy.returns_deleted_object:
        return _served(ctx, obj)
    meta = obj["metadata"]
    details = {"name": meta["name"], "group": ctx.resource.group, "kind": ctx.resource.plural, "uid": meta["uid"]}
    if not ctx.resource.group:
        del details["group"]
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}


def _served(ctx: Context, obj: Object) -> Object:
    return served_object(ctx.resource, obj)


async def delete_collection(registry: Registry, ctx: Context, options: DeleteOptions, selection: ListOptions) -> Page:
    """Delete all that is selected; what is gone meanwhile does not matter."""
    page = list_page(registry, ctx, selection)
    for stored in page.items:
        meta = stored.object["metadata"]
        one = replace(ctx, name=meta["name"], namespace=meta.get("namespace", ""), verb="delete")
        try:
            await delete(registry, one, options)
        except StatusError as error:
            if not is_not_found(error):
                raise
    return page
