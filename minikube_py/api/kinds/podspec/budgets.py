"""Disruption budgets as evictions use them up (pkg/registry/core/pod/storage/eviction.go)."""

from __future__ import annotations

import copy
import dataclasses

from minikube_py.api.context import Context
from minikube_py.machinery import errors
from minikube_py.machinery.errors import StatusError, is_conflict
from minikube_py.machinery.gvr import GroupResource, GroupVersionResource, Object
from minikube_py.machinery.labelselector import as_selector

BUDGETS = GroupVersionResource("policy", "v1", "poddisruptionbudgets")
_MANAGER = "kube-apiserver"
_VIOLATION = "Cannot evict pod as it would violate the pod's disruption budget."
_DISRUPTED_MAXIMUM = 2000
_RETRY_SECONDS = 10
_ATTEMPTS = 20


def budgets_of(ctx: Context, pod: Object) -> list[Object]:
    """The budgets whose selector matches the pod; one that is invalid matches nothing."""
    labels = pod["metadata"].get("labels") or {}
    found = []
    for stored in ctx.registry.store.list(str(BUDGETS), ctx.namespace):
        try:
            selector = as_selector((stored.object.get("spec") or {}).get("selector"))
        except ValueError:
            continue
        if selector.matches(labels):
            found.append(stored.object)
    return found


def spares_unhealthy(budget: Object) -> bool:
    """Whether a pod that is not ready may go without being counted."""
    if budget["spec"].get("unhealthyPodEvictionPolicy") == "AlwaysAllow":
        return True
    status = budget.get("status") or {}
    desired = status.get("desiredHealthy") or 0
    return desired > 0 and (status.get("currentHealthy") or 0) >= desired


def still_processed(name: str) -> StatusError:
    """429: try again."""
    return _too_many(f"The disruption budget {name} is still being processed by the server.", _RETRY_SECONDS)


def _too_many(message: str, seconds: int) -> StatusError:
    error = errors.too_many_requests(_VIOLATION, seconds)
    cause = {"reason": "DisruptionBudget", "message": message}
    error.details = {"causes": [cause], **(error.details or {})}
    return error


async def take(ctx: Context, name: str) -> None:
    """Count one disruption of ctx.name against the budget. Raises StatusError 429 where none is left."""
    resource = ctx.registry.catalog.find(BUDGETS)
    if resource is None:
        return
    budget_ctx = dataclasses.replace(
        ctx, resource=resource, name=name, subresource="status", verb="update", field_manager=_MANAGER
    )
    for attempt in range(_ATTEMPTS):
        budget = (await ctx.registry.get(budget_ctx)).object
        changed = _counted(budget, ctx.name, ctx.now)
        if ctx.dry_run:
            return
        try:
            await ctx.registry.update(budget_ctx, changed)
        except StatusError as error:
            if not is_conflict(error):
                raise
            if attempt == _ATTEMPTS - 1:
                text = f'couldn\'t update PodDisruptionBudget "{name}" due to conflicts'
                raise errors.timeout(text, _RETRY_SECONDS) from None
        else:
            return


def _counted(budget: Object, pod: str, now: str) -> Object:
    """A draft of the budget with one disruption less. Raises StatusError."""
    metadata, status = budget["metadata"], budget.get("status") or {}
    name, allowed = metadata["name"], status.get("disruptionsAllowed") or 0
    if (status.get("observedGeneration") or 0) < (metadata.get("generation") or 0):
        raise still_processed(name)
    resource = GroupResource("policy", "poddisruptionbudget")
    if allowed < 0:
        raise errors.forbidden(resource, name, "pdb disruptions allowed is negative")
    if len(status.get("disruptedPods") or ()) > _DISRUPTED_MAXIMUM:
        why = "DisruptedPods map too big - too many evictions not confirmed by PDB controller"
        raise errors.forbidden(resource, name, why)
    if not allowed:
        raise _too_many(_refusal(name, status), 0)
    draft = copy.deepcopy(budget)
    draft["status"]["disruptionsAllowed"] = allowed - 1
    disrupted = draft["status"].get("disruptedPods") or {}
    draft["status"]["disruptedPods"] = dict(sorted({**disrupted, pod: now}.items()))
    if allowed == 1:
        _set_exhausted(draft["status"], now)
    return draft


def _refusal(name: str, status: Object) -> str:
    """Why a budget allows nothing."""
    conditions = status.get("conditions") or ()
    condition: Object = next((c for c in conditions if c.get("type") == "DisruptionAllowed"), {})
    message = condition.get("message") if condition.get("status") == "False" else ""
    current, desired = status.get("currentHealthy") or 0, status.get("desiredHealthy") or 0
    if message and condition.get("reason") == "SyncFailed":
        return f"The disruption budget {name} does not allow evicting pods currently because it failed sync: {message}"
    if current <= desired:
        return f"The disruption budget {name} needs {desired} healthy pods and has {current} currently"
    if message:
        reason = condition.get("reason", "")
        return f"The disruption budget {name} does not allow evicting pods currently ({reason}): {message}"
    return f"The disruption budget {name} does not allow evicting pods currently"


def _set_exhausted(status: Object, now: str) -> None:
    """The condition of a budget that allows nothing more (pkg/util/pdb's UpdateDisruptionAllowedCondition)."""
    conditions = status.setdefault("conditions", [])
    condition: Object | None = next((c for c in conditions if c.get("type") == "DisruptionAllowed"), None)
    if condition is None:
        condition = {"type": "DisruptionAllowed", "lastTransitionTime": now}
        conditions.append(condition)
    elif condition.get("status") != "False":
        condition["lastTransitionTime"] = now
    condition.update(status="False", reason="InsufficientPods", message="")
    if status.get("observedGeneration"):
        condition["observedGeneration"] = status["observedGeneration"]
