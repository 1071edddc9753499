"""The disruption controller: keeps the status of PodDisruptionBudgets, which evictions go by
(pkg/controller/disruption/disruption.go)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from minikube_py.client.workqueue import Item
from minikube_py.controllers.disruption.budget import (
    Expected,
    disrupted,
    expected,
    failed_status,
    healthy,
    needs_scale,
    new_status,
)
from minikube_py.controllers.disruption.scales import WORKLOADS, Scales, ScaleUnknown
from minikube_py.controllers.disruption.staleconditions import StaleConditionReconciler
from minikube_py.controllers.endpointslice.lull import lull
from minikube_py.controllers.runtime import Context, Controller, Result
from minikube_py.controllers.runtime.accompanied import AccompaniedController
from minikube_py.machinery.errors import StatusError, is_conflict, is_not_found
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.labels import Selector
from minikube_py.machinery.labelselector import as_selector, go_text
from minikube_py.machinery.meta import key, labels, name, namespace
from minikube_py.machinery.wellknown import PODS

BUDGETS = GroupVersionResource("policy", "v1", "poddisruptionbudgets")
BY_NAMESPACE = "budgets with their selectors by namespace"

_UNMANAGED = (
    "Pods selected by this PodDisruptionBudget (selector: {}) were found to be unmanaged. As a result, the status of "
    "the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please "
    'set ".spec.minAvailable" field of the PDB to an integer value.'
)


class _Selecting(NamedTuple):
    key: NamespacedName
    selector: Selector


def _selecting(budget: Object) -> _Selecting:
    return _Selecting(key(budget), _selector_of(budget))


def _selector_of(budget: Object) -> Selector:
    try:
        return as_selector(budget["spec"].get("selector"))
    except ValueError:
        return Selector(selectable=False)


class BudgetReconciler:
    def __init__(self, context: Context, controller: Controller) -> None:
        self._client = context.client
        self._clock = context.clock
        self._controller = controller
        self._budgets = context.lister(BUDGETS)
        context.informer(BUDGETS).add_index(BY_NAMESPACE, lambda budget: (namespace(budget),), _selecting)
        self._pods = context.lister(PODS)
        self._scales = Scales(context)
        self._recorder = context.recorder("controllermanager")

    def watch(self) -> None:
        """Unlike upstream, workloads too: what is scaled shows at once, and not only with the next pod."""
        self._controller.watches_for(BUDGETS)
        self._controller.context.informer(PODS).add_handler(self._pod_seen, self._pod_updated, self._pod_gone)
        for resource in WORKLOADS.values():
            self._controller.watches(resource, self._keys_in_namespace, when=_is_scaled)

    def _keys_in_namespace(self, workload: Object) -> Iterable[NamespacedName]:
        return (each.key for each in self._budgets.views(BY_NAMESPACE, namespace(workload)))

    def _matching(self, pod: Object) -> list[NamespacedName]:
        budgets: Sequence[_Selecting] = self._budgets.views(BY_NAMESPACE, namespace(pod))
        if not budgets:
            return []
        own = labels(pod)
        return [each.key for each in budgets if each.selector.matches(own)]

    def _pod_seen(self, pod: Object) -> None:
        matching = self._matching(pod)
        if len(matching) > 1:
            chosen = f'Chose "{matching[0].name}" arbitrarily.'
            message = f'Pod "{namespace(pod)}"/"{name(pod)}" matches multiple PodDisruptionBudgets.  {chosen}'
            self._recorder.event(pod, "Warning", "MultiplePodDisruptionBudgets", message)
        for where in matching:
            self._controller.enqueue(where, pod)

    def _pod_updated(self, old: Object, new: Object) -> None:
        self._pod_seen(new)
        if labels(old) != labels(new):
            self._pod_gone(old)

    def _pod_gone(self, pod: Object) -> None:
        for where in self._matching(pod):
            self._controller.enqueue(where, pod)

    async def reconcile(self, where: NamespacedName) -> Result:
        budget = self._budgets.get(*where)
        if budget is None:
            return Result()
        try:
            return await self._sync(budget)
        except (StatusError, ScaleUnknown, ValueError) as error:
            if isinstance(error, StatusError) and (is_conflict(error) or is_not_found(error)):
                raise
            await self._write(budget, failed_status(budget, str(error), self._clock.now()))
            return Result()

    async def _sync(self, budget: Object) -> Result:
        """Raises StatusError, ScaleUnknown, ValueError."""
        matches = as_selector(budget["spec"].get("selector")).matches
        pods = self._pods.list(namespace(budget), lambda pod: matches(labels(pod)))
        if not pods:
            self._recorder.event(budget, "Normal", "NoPods", "No matching pods found")
        try:
            wanted = await self._expected(budget, pods)
        except (StatusError, ScaleUnknown, ValueError) as error:
            message = f"Failed to calculate the number of expected pods: {error}"
            self._recorder.event(budget, "Warning", "CalculateExpectedPodCountFailed", message)
            raise
        now = self._clock.now()
        going = disrupted(budget.get("status") or {}, pods, now)
        for pod in going.overdue:
            message = f"Pod was expected by PDB {key(budget)} to be deleted but it wasn't"
            self._recorder.event(pod, "Warning", "NotDeleted", message)
        await self._write(budget, new_status(budget, healthy(pods, going.pods), wanted, going.pods, now))
        return Result(requeue_after=going.recheck)

    async def _expected(self, budget: Object, pods: Sequence[Object]) -> Expected:
        spec = budget["spec"]
        if not needs_scale(spec):
            return expected(spec, 0, len(pods))
        scale = await self._scales.of(pods)
        if scale.unmanaged:
            message = _UNMANAGED.format(go_text(spec.get("selector") or {}))
            self._recorder.event(budget, "Warning", "UnmanagedPods", message)
        return expected(spec, scale.pods, len(pods))

    async def _write(self, budget: Object, status: Object) -> None:
        if status != (budget.get("status") or {}):
            await self._client.update(BUDGETS, {**budget, "status": status}, subresource="status")


def _is_scaled(old: Object | None, new: Object | None) -> bool:
    if old is None or new is None:
        return new is not None
    return bool(old["spec"].get("replicas") != new["spec"].get("replicas"))


class DisruptionController(AccompaniedController):
    """Waits for a lull in the pods' events: a rollout makes many of them at once."""

    async def _process(self, item: Item[NamespacedName]) -> None:
        await lull(self.context.informer(PODS))
        await super()._process(item)


def new_controller(context: Context) -> Controller:
    controller = DisruptionController(context, "PodDisruptionBudget")
    reconciler = BudgetReconciler(context, controller)
    reconciler.watch()
    controller.reconciler = reconciler
    stale = Controller(context, "Pod")
    conditions = StaleConditionReconciler(context, stale)
    conditions.watch()
    stale.reconciler = conditions
    controller.companions.append(stale)
    return controller
