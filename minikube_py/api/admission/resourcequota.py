"""ResourceQuota: what would use more than a quota of its namespace allows is refused, and what is used is counted at
once (apiserver/pkg/admission/plugin/resourcequota)."""

from __future__ import annotations

import copy
import dataclasses

from minikube_py.api.admission.refusal import forbidden
from minikube_py.api.context import Context
from minikube_py.machinery.errors import StatusError, is_conflict
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.quota import amounts
from minikube_py.machinery.quota.amounts import Amounts
from minikube_py.machinery.quota.evaluator import Evaluator, Verb
from minikube_py.machinery.quota.evaluators import evaluator_for

QUOTAS = GroupVersionResource("", "v1", "resourcequotas")
_MANAGER = "kube-apiserver"
_ATTEMPTS = 4

Growth = dict[str, Amounts]
"""By quota's name: what status.used is to become."""


class ResourceQuota:
    name = "ResourceQuota"
    handles = None
    verbs = frozenset({"create", "update"})

    async def validate(self, ctx: Context, obj: Object, old: Object | None) -> None:
        namespace = ctx.namespace
        if not namespace or ctx.resource.key == "namespaces":
            return
        stored = ctx.registry.store.list("resourcequotas", namespace)
        if not stored:
            return
        verb: Verb = "create" if old is None else "update"
        evaluator = evaluator_for(ctx.resource.group_resource)
        if evaluator is None or not evaluator.handles(verb, ctx.subresource, obj, old):
            return
        wanted = {each.object["metadata"]["name"] for each in stored}
        for _ in range(_ATTEMPTS):
            # A quota that was changed in between is looked at again, the others are counted already.
            quotas = [each.object for each in ctx.registry.store.list("resourcequotas", namespace)]
            grown = _check(ctx, evaluator, [each for each in quotas if each["metadata"]["name"] in wanted], obj, old)
            failure: StatusError | None = None
            for name, used in grown.items() if not ctx.dry_run else ():
                try:
                    await _write(ctx, name, used)
                    wanted.discard(name)
                except StatusError as error:
                    failure = error
                    if not is_conflict(error):
                        raise
            if failure is None:
                return
        raise failure or AssertionError("no attempt was made")


def _check(ctx: Context, evaluator: Evaluator, quotas: list[Object], obj: Object, old: Object | None) -> Growth:
    """What the request makes of the quotas. Raises StatusError 403."""
    concerned = []
    for quota in quotas:
        limits = amounts.parsed((quota.get("status") or {}).get("hard"))
        names = evaluator.matching(limits)
        if names and evaluator.is_counted(quota["spec"], obj):
            _require_figures(ctx, evaluator, quota, names, obj)
            concerned.append((quota, limits))
    if not concerned:
        return {}
    now = ctx.registry.clock.now()
    usage = evaluator.usage(obj, now)
    negative = [name for name, amount in usage.items() if amount.sign() < 0]
    if negative:
        raise forbidden(ctx, obj, f"quota usage is negative for resource(s): {','.join(sorted(negative))}")
    grown: Growth = {}
    for quota, limits in concerned:
        delta = usage
        if old is not None and evaluator.is_counted(quota["spec"], old):
            delta = amounts.increase(usage, evaluator.usage(old, now))
        delta = amounts.masked(amounts.without_zeros(delta), limits)
        if delta:
            grown[quota["metadata"]["name"]] = _used(ctx, quota, limits, delta, obj)
    return grown


def _require_figures(ctx: Context, evaluator: Evaluator, quota: Object, names: list[str], obj: Object) -> None:
    """Of the object and of the quota. Raises StatusError 403."""
    name = quota["metadata"]["name"]
    if missing := evaluator.missing(names, obj):
        raise forbidden(ctx, obj, f"failed quota: {name}: {missing}")
    used = quota["status"].get("used") or {}
    if any(each not in used for each in names):
        raise forbidden(ctx, obj, f"status unknown for quota: {name}, resources: {','.join(sorted(names))}")


def _used(ctx: Context, quota: Object, limits: Amounts, delta: Amounts, obj: Object) -> Amounts:
    """What is used with the request. Raises StatusError 403 where that is too much."""
    used = amounts.parsed(quota["status"].get("used"))
    total = amounts.added(used, delta)
    exceeded = amounts.exceeding(amounts.masked(total, delta), limits) if ctx.subresource != "status" else []
    if exceeded:
        requested, before, most = (amounts.in_words(amounts.masked(each, exceeded)) for each in (delta, used, limits))
        name = quota["metadata"]["name"]
        why = f"exceeded quota: {name}, requested: {requested}, used: {before}, limited: {most}"
        raise forbidden(ctx, obj, why)
    return total


async def _write(ctx: Context, name: str, used: Amounts) -> None:
    """Raises StatusError."""
    resource = ctx.registry.catalog.find(QUOTAS)
    assert resource is not None
    quota_ctx = dataclasses.replace(
        ctx,
        resource=resource,
        name=name,
        subresource="status",
        verb="update",
        field_manager=_MANAGER,
        empties=False,
        warnings=[],
    )
    draft = copy.deepcopy((await ctx.registry.get(quota_ctx)).object)
    draft["status"]["used"] = amounts.texts(used)
    await ctx.registry.update(quota_ctx, draft)


PLUGIN = ResourceQuota()
