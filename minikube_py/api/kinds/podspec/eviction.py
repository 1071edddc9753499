"""Eviction: deleting a pod if its disruption budget allows (pkg/registry/core/pod/storage/eviction.go)."""

from __future__ import annotations

import dataclasses

from minikube_py.api.context import Context
from minikube_py.api.kinds.podspec import budgets
from minikube_py.api.kinds.podspec.binding import CREATED
from minikube_py.api.kinds.podspec.conditions import condition_status, set_condition
from minikube_py.api.options import DeleteOptions
from minikube_py.api.registry import metadata as system
from minikube_py.machinery import errors
from minikube_py.machinery.errors import is_conflict
from minikube_py.machinery.field import Path, invalid
from minikube_py.machinery.gvr import GroupResource, Object

_IGNORE_ERRORS = "ignoreStoreReadErrorWithClusterBreakingPotential"
_UNPROTECTED = ("Succeeded", "Failed", "Pending")
_ATTEMPTS = 20
_CONDITION = {
    "type": "DisruptionTarget",
    "status": "True",
    "reason": "EvictionByEvictionAPI",
    "message": "Eviction API: evicting",
}
_TWO_BUDGETS = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."


async def evict(ctx: Context, eviction: Object) -> Object:
    """POST pods/NAME/eviction. Raises StatusError 429 where a budget forbids."""
    system.ensure_namespace(ctx, eviction["metadata"])
    if eviction["metadata"].get("name", "") != ctx.name:
        raise errors.bad_request("name in URL does not match name in Eviction object")
    given = eviction.get("deleteOptions") or {}
    if given.get(_IGNORE_ERRORS):
        path = Path("deleteOptions", _IGNORE_ERRORS)
        detail = "can not be set for pod eviction, try after removing the option"
        raise errors.invalid("policy", "Eviction", ctx.name, [invalid(path, True, detail)])
    options = _options(given, ctx.dry_run)
    await ctx.registry.admission.admit(ctx, eviction, None)
    await ctx.registry.admission.validate(ctx, eviction, None)
    pod_ctx = dataclasses.replace(ctx, subresource="", verb="delete", dry_run=options.dry_run)
    if not await _evict_unprotected(pod_ctx, options):
        await _evict_within_budget(pod_ctx, options)
    return dict(CREATED)


def _options(given: Object, dry_run: bool) -> DeleteOptions:
    preconditions = given.get("preconditions") or {}
    return DeleteOptions(
        grace_period=given.get("gracePeriodSeconds"),
        propagation=given.get("propagationPolicy") or "",
        orphan=given.get("orphanDependents"),
        uid=preconditions.get("uid") or "",
        resource_version=preconditions.get("resourceVersion") or "",
        dry_run=dry_run or bool(given.get("dryRun")),
    )


async def _evict_unprotected(ctx: Context, options: DeleteOptions) -> bool:
    """Delete a pod that no budget counts: one that has not run yet, has finished, or is being deleted."""
    for attempt in range(_ATTEMPTS):
        pod = (await ctx.registry.get(ctx)).object
        phase = (pod.get("status") or {}).get("phase")
        deleting = bool(pod["metadata"].get("deletionTimestamp"))
        if phase not in _UNPROTECTED and not deleting:
            return False
        # a pending pod may become ready meanwhile, and then a budget counts it
        pinned = options
        if phase == "Pending" and not deleting and not options.resource_version:
            pinned = dataclasses.replace(options, resource_version=pod["metadata"]["resourceVersion"])
        try:
            await _mark_and_delete(ctx, pinned)
        except errors.StatusError as error:
            if options.resource_version or not is_conflict(error) or attempt == _ATTEMPTS - 1:
                raise
            if options.uid and options.uid != pod["metadata"]["uid"]:
                raise
        else:
            return True
    raise AssertionError("unreachable: the last attempt returns or raises")


async def _evict_within_budget(ctx: Context, options: DeleteOptions) -> None:
    pod = (await ctx.registry.get(ctx)).object
    found = budgets.budgets_of(ctx, pod)
    if len(found) > 1:
        raise errors.unknown(_TWO_BUDGETS)
    pinned = options
    if found:
        budget = found[0]
        if condition_status(pod, "Ready") != "True" and budgets.spares_unhealthy(budget):
            # the budget does not count it, as long as it stays unready
            pinned = dataclasses.replace(options, resource_version=pod["metadata"]["resourceVersion"])
        else:
            await budgets.take(ctx, budget["metadata"]["name"])
    try:
        await _mark_and_delete(ctx, pinned)
    except errors.StatusError as error:
        if is_conflict(error) and pinned is not options and not options.resource_version:
            raise budgets.still_processed(found[0]["metadata"]["name"]) from None
        raise


async def _mark_and_delete(ctx: Context, options: DeleteOptions) -> None:
    if not options.dry_run:
        now = ctx.now

        def marked(pod: Object) -> Object:
            _check_preconditions(pod, options)
            status = dict(pod.get("status") or {})
            return {**pod, "status": status} if set_condition(status, _CONDITION, now) else pod

        pod = await ctx.registry.guaranteed_update(ctx, marked)
        if options.resource_version:
            options = dataclasses.replace(options, resource_version=pod["metadata"]["resourceVersion"])
    await ctx.registry.delete(ctx, options)


def _check_preconditions(pod: Object, options: DeleteOptions) -> None:
    """Raises StatusError 409."""
    metadata = pod["metadata"]
    kind = GroupResource("", "Pod")
    if options.uid and options.uid != metadata["uid"]:
        text = (
            f"the UID in the precondition ({options.uid}) does not match the UID in record ({metadata['uid']}). "
            "The object might have been deleted and then recreated"
        )
        raise errors.conflict(kind, metadata["name"], text)
    if options.resource_version and options.resource_version != metadata["resourceVersion"]:
        text = (
            f"the ResourceVersion in the precondition ({options.resource_version}) does not match the "
            f"ResourceVersion in record ({metadata['resourceVersion']}). The object might have been modified"
        )
        raise errors.conflict(kind, metadata["name"], text)
