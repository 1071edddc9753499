"""The informers of what quotas count: made when the first quota asks, so that what nobody limits costs nothing
(pkg/controller/resourcequota/resource_quota_monitor.go)."""

from __future__ import annotations

from collections.abc import Callable

from minikube_py.client.indexer import Lister
from minikube_py.client.informer import Informer
from minikube_py.controllers.runtime import Context
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.gvr import GroupResource, GroupVersionResource, Object
from minikube_py.machinery.quota.evaluator import Evaluator

Changed = Callable[[Evaluator, Object], None]
"""Called with an object that went, or uses more or less. Admission has counted those that came."""

_VERBS = frozenset({"create", "list", "watch", "delete"})
"""What cannot be made and deleted is not counted."""


TURNS = 100
"""Of the event loop that are waited at most for caches that are behind."""


class Monitors:
    def __init__(self, context: Context, changed: Changed, quotas: Informer) -> None:
        self._client = context.client
        self._informers = context.informers
        self._changed = changed
        self._watched: dict[GroupResource, Informer] = {}
        self._quotas = quotas

    async def lister(self, evaluator: Evaluator) -> Lister | None:
        """The cache of what an evaluator counts, synced; None if it is not served now. Raises StatusError."""
        informer = self._watched.get(evaluator.resource)
        if informer is None or self._informers.informers.get(informer.resource) is not informer:
            # Never asked for, or gone meanwhile with its resource.
            resource = await self._served(evaluator.resource)
            if resource is None:
                return None
            informer = self._watch(evaluator, resource)
        while not informer.synced and not informer.waiting:
            await next_turn()
        return informer.lister if informer.synced else None

    async def caught_up(self) -> None:
        """Wait until all caches show what is known to be under way to them."""
        for _ in range(TURNS):
            if all(informer.idle or informer.waiting for informer in (self._quotas, *self._watched.values())):
                return
            await next_turn()

    async def _served(self, resource: GroupResource) -> GroupVersionResource | None:
        if not resource.group:
            return GroupVersionResource("", "v1", resource.resource)
        for each in await self._client.discover():
            is_countable = each.preferred and each.namespaced and each.verbs >= _VERBS
            if is_countable and each.resource.group_resource == resource:
                return each.resource
        return None

    def _watch(self, evaluator: Evaluator, resource: GroupVersionResource) -> Informer:
        informer = self._watched[evaluator.resource] = self._informers.informer(resource)

        def gone(obj: Object) -> None:
            self._changed(evaluator, obj)

        def updated(old: Object, new: Object) -> None:
            if evaluator.replenishes(old, new):
                self._changed(evaluator, new)

        informer.add_handler(None, updated, gone)
        informer.start()
        return informer
