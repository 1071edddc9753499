"""The resource quota controller: counts anew what a namespace uses (pkg/controller/resourcequota).

The server's admission adds what is created to status.used at once; what is deleted or shrinks shows here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from minikube_py.client.indexer import Lister
from minikube_py.controllers.endpointslice.lull import PatientController
from minikube_py.controllers.resourcequota.monitors import Monitors
from minikube_py.controllers.runtime import Context, Controller, Result
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.meta import key, namespace
from minikube_py.machinery.quota import amounts
from minikube_py.machinery.quota.amounts import Amounts
from minikube_py.machinery.quota.evaluator import Evaluator
from minikube_py.machinery.quota.evaluators import SPECIAL, counted_resource, evaluator_for

QUOTAS = GroupVersionResource("", "v1", "resourcequotas")

RESYNC = 300.0
"""Seconds after which everything is counted again (--resource-quota-sync-period): what admission counted and then was
not stored is given back."""
REDISCOVERY = 30.0
"""Seconds after which a resource that was not served is looked for again."""


def evaluators_of(names: Iterable[str]) -> list[Evaluator]:
    """Those that a quota with these resources needs."""
    names = list(names)
    found = [each for each in SPECIAL if each.matching(names)]
    for name in names:
        resource = counted_resource(name)
        evaluator = evaluator_for(resource) if resource is not None else None
        if evaluator is not None and evaluator not in found:
            found.append(evaluator)
    return found


def new_status(quota: Object, counted: Amounts) -> Object:
    """What could not be counted keeps its figure."""
    hard = quota["spec"].get("hard") or {}
    used = {**amounts.parsed((quota.get("status") or {}).get("used")), **counted}
    status: Object = {}
    if hard:
        status["hard"] = dict(sorted(hard.items()))
    if used := amounts.masked(used, hard):
        status["used"] = amounts.texts(used)
    return status


def is_same(status: Object, other: Object) -> bool:
    """Whatever the quantities' notation."""
    return all(amounts.parsed(status.get(field)) == amounts.parsed(other.get(field)) for field in ("hard", "used"))


class QuotaReconciler:
    def __init__(self, context: Context, controller: Controller) -> None:
        self._client = context.client
        self._clock = context.clock
        self._controller = controller
        self._quotas = context.lister(QUOTAS)
        self._monitors = Monitors(context, self._changed, context.informer(QUOTAS))

    def watch(self) -> None:
        self._controller.watches(QUOTAS, lambda quota: (key(quota),), when=_is_news)

    def _changed(self, evaluator: Evaluator, obj: Object) -> None:
        for quota in self._quotas.list(namespace(obj)):
            if evaluator.matching(quota["spec"].get("hard") or ()):
                self._controller.enqueue(key(quota), obj)

    async def reconcile(self, where: NamespacedName) -> Result:
        quota = self._quotas.get(*where)
        if quota is None:
            return Result()
        listers, complete = await self._listers(quota)
        # A count from caches that are behind would take back what admission has counted, and let too much in.
        await self._monitors.caught_up()
        quota = self._quotas.get(*where)
        if quota is None:
            return Result()
        status = new_status(quota, self._count(quota, listers))
        if not is_same(status, quota.get("status") or {}):
            await self._client.update(QUOTAS, {**quota, "status": status}, subresource="status")
        return Result(requeue_after=RESYNC if complete else REDISCOVERY)

    async def _listers(self, quota: Object) -> tuple[dict[Evaluator, Lister], bool]:
        """The caches of what it limits, and whether these are all. Raises StatusError."""
        found: dict[Evaluator, Lister] = {}
        complete = True
        for evaluator in evaluators_of(quota["spec"].get("hard") or ()):
            lister = await self._monitors.lister(evaluator)
            if lister is None:
                complete = False
            else:
                found[evaluator] = lister
        return found, complete

    def _count(self, quota: Object, listers: Mapping[Evaluator, Lister]) -> Amounts:
        """What is used. Raises StatusError."""
        spec, now = quota["spec"], self._clock.now()
        names = list(spec.get("hard") or ())
        counted: Amounts = {}
        for evaluator, lister in listers.items():
            objects = lister.list(namespace(quota))
            counted = amounts.added(counted, evaluator.total(spec, evaluator.matching(names), objects, now))
        return counted


def _is_news(old: Object | None, new: Object | None) -> bool:
    if old is None or new is None:
        return True
    return bool(old["spec"].get("hard") != new["spec"].get("hard"))


def new_controller(context: Context) -> Controller:
    controller = PatientController(context, "ResourceQuota")
    reconciler = QuotaReconciler(context, controller)
    reconciler.watch()
    controller.reconciler = reconciler
    return controller
