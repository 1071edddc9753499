"""The ReplicaSet controller: keeps a number of pods alive (pkg/controller/replicaset/replica_set.go)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from minikube_py.client.expectations import Expectations
from minikube_py.client.indexer import BY_CONTROLLER, orphans
from minikube_py.controllers.replicaset.ranking import pods_to_delete
from minikube_py.controllers.replicaset.status import calculate_status
from minikube_py.controllers.runtime import Context, Controller, Result
from minikube_py.controllers.runtime.claims import Claimer
from minikube_py.controllers.runtime.dependents import Dependents
from minikube_py.controllers.runtime.podcontrol import NAMESPACE_TERMINATING, PodControl, pod_from_template
from minikube_py.controllers.runtime.pods import (
    VIEWS_BY_CONTROLLER,
    Answers,
    PodView,
    index_views,
    is_ready,
    until_available,
)
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import GroupVersionKind, GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.labels import Matcher, Selector
from minikube_py.machinery.meta import controller_of, is_deleting, key, labels, name, namespace, uid
from minikube_py.machinery.wellknown import PODS

BURST = 500
"""How many pods one reconcile creates or deletes at most (BurstReplicas)."""

SLOW_START = 1
"""The size of the first batch of creations; each batch that succeeds is followed by one twice as large."""


@dataclass(frozen=True)
class Kind:
    """What differs between ReplicaSets and ReplicationControllers."""

    resource: GroupVersionResource
    kind: GroupVersionKind
    selector_of: Callable[[Object], Selector]
    """Raises ValueError for an invalid one."""
    reports_terminating: bool = True
    """Whether status.terminatingReplicas is kept."""
    component: str = ""
    """Who its events are from; the controller's name by default."""


class ReplicaSetReconciler:
    def __init__(self, context: Context, controller: Controller, kind: Kind) -> None:
        self._clock = context.clock
        self._client = context.client
        self._controller = controller
        self._kind = kind
        self._reports_terminating = kind.reports_terminating and context.settings.features.terminating_of_sets
        self._sets = context.lister(kind.resource, BY_CONTROLLER)
        self._pods = context.lister(PODS, BY_CONTROLLER)
        index_views(context.informer(PODS))
        self._pod_control = PodControl(context.client, context.recorder(kind.component))
        self._claimer = Claimer(context.client, kind.resource, kind.kind, PODS, "Pod")
        self._expectations: Expectations[NamespacedName] = Expectations(context.clock)
        self._dependents = Dependents(
            controller, self._sets, self._selector_or_nothing, self._expectations, self._pod_updated
        )

    def watch(self) -> None:
        self._controller.watches_for(self._kind.resource)
        # Expectations of a set that is gone must not bind its namesake.
        self._controller.context.informer(self._kind.resource).add_handler(on_delete=self._set_deleted)
        self._dependents.watch(PODS)

    def _set_deleted(self, replica_set: Object) -> None:
        self._expectations.forget(key(replica_set))

    def _pod_updated(self, replica_set: Object, old: Object, new: Object) -> None:
        """A pod that became ready becomes available minReadySeconds later."""
        min_ready = replica_set["spec"].get("minReadySeconds") or 0
        if min_ready > 0 and not is_ready(old) and is_ready(new):
            self._controller.enqueue_after(key(replica_set), min_ready)

    def _selector_or_nothing(self, replica_set: Object) -> Selector:
        try:
            return self._kind.selector_of(replica_set)
        except ValueError:
            return Selector(selectable=False)

    async def reconcile(self, where: NamespacedName) -> Result:
        replica_set = self._sets.get(*where)
        if replica_set is None:
            self._expectations.forget(where)
            return Result()
        try:
            matches = self._kind.selector_of(replica_set).matches
        except ValueError:
            return Result()
        may_manage = self._expectations.satisfied(where)
        active, terminating = await self._claim(replica_set, matches)
        failure: Exception | None = None
        if may_manage and not is_deleting(replica_set):
            failure = await self._manage(where, replica_set, active)
        now = self._clock.now()
        updated = await self._write_status(
            replica_set, calculate_status(replica_set, active, terminating, failure, now)
        )
        if failure is not None:
            raise failure
        return self._next_check(updated, active, now)

    async def _claim(self, replica_set: Object, matches: Matcher) -> tuple[list[PodView], int | None]:
        """The active pods it owns, adopted ones included, and how many are terminating, if its kind reports that."""
        answers = Answers(matches)
        active: list[PodView] = []
        doubtful: list[PodView] = []
        terminating = 0
        for view in self._pods.views(VIEWS_BY_CONTROLLER, uid(replica_set)):
            if view.active:
                (active if answers[view.label_set] else doubtful).append(view)
            elif view.terminating and answers[view.label_set]:
                terminating += 1
        for view in self._pods.views(VIEWS_BY_CONTROLLER, orphans(namespace(replica_set))):
            if view.active and answers[view.label_set]:
                doubtful.append(view)
        if doubtful:
            candidates = [view.pod for view in doubtful]
            claimed = await self._claimer.claim(replica_set, candidates, lambda pod: matches(labels(pod)))
            active += [view for view in doubtful if any(view.pod is pod for pod in claimed)]
        return active, terminating if self._reports_terminating else None

    # Managing pods

    async def _manage(self, where: NamespacedName, replica_set: Object, active: list[PodView]) -> Exception | None:
        """Create or delete pods up to the number wanted, at most BURST at once; returns what went wrong."""
        difference = len(active) - (replica_set["spec"].get("replicas") or 0)
        if difference < 0:
            return await self._create_pods(where, replica_set, min(-difference, BURST))
        if difference > 0:
            related = self._related_pods(replica_set)
            pods = [view.pod for view in active]
            doomed = pods_to_delete(pods, related, min(difference, BURST), self._clock.now())
            return await self._delete_pods(where, replica_set, doomed)
        return None

    async def _create_pods(self, where: NamespacedName, replica_set: Object, count: int) -> Exception | None:
        """In batches of 1, 2, 4, ... so that what fails for all (a quota) is not tried for each."""
        self._expectations.expect_creations(where, count)
        pod = pod_from_template(replica_set["spec"]["template"], replica_set, self._kind.kind)
        remaining, batch = count, min(count, SLOW_START)
        while batch > 0:
            failures = [error for _ in range(batch) if (error := await self._create_pod(pod, replica_set)) is not None]
            remaining -= batch - len(failures)
            if failures:
                for _ in range(remaining):
                    self._expectations.creation_observed(where)
                return failures[0]
            batch = min(2 * batch, remaining)
        return None

    async def _create_pod(self, pod: Object, replica_set: Object) -> Exception | None:
        try:
            await self._pod_control.create(pod, replica_set)
        except StatusError as error:
            # In a namespace that is going, no creation will succeed, and none is missed.
            return None if error.has_cause(NAMESPACE_TERMINATING) else error
        except ValueError as error:
            return error
        return None

    async def _delete_pods(self, where: NamespacedName, replica_set: Object, doomed: list[Object]) -> Exception | None:
        self._expectations.expect_deletions(where, [uid(pod) for pod in doomed])
        failures: list[Exception] = []
        for pod in doomed:
            try:
                await self._pod_control.delete(pod, replica_set)
            except StatusError as error:
                self._expectations.deletion_observed(where, uid(pod))
                if not is_not_found(error):
                    failures.append(error)
        return failures[0] if failures else None

    def _related_pods(self, replica_set: Object) -> list[Object]:
        """The pods of all sets that the same owner controls, this one's among them."""
        reference = controller_of(replica_set)
        if reference is None:
            return []
        found: dict[str, Object] = {}
        for each in self._sets.controlled_by(reference["uid"]):
            matches = self._selector_or_nothing(each).matches
            for pod in self._pods.controlled_by(uid(each)):
                if matches(labels(pod)):
                    found[uid(pod)] = pod
        return list(found.values())

    # Status

    async def _write_status(self, replica_set: Object, status: dict[str, Any]) -> Object:
        """With one more try on the object as it is now. Raises StatusError."""
        if (replica_set.get("status") or {}) == status:
            return replica_set
        try:
            return await self._put_status(replica_set, status)
        except StatusError:
            fresh = await self._client.get(self._kind.resource, namespace(replica_set), name(replica_set))
            if uid(fresh) != uid(replica_set):
                raise
            return await self._put_status(fresh, status)

    async def _put_status(self, replica_set: Object, status: dict[str, Any]) -> Object:
        changed = {**replica_set, "status": status}
        updated = await self._client.update(self._kind.resource, changed, subresource="status")
        if "terminatingReplicas" not in updated["status"]:
            self._reports_terminating = False  # a server that does not keep it is not told again and again
        return updated

    def _next_check(self, replica_set: Object, active: list[PodView], now: float) -> Result:
        """Look again when the next ready pod becomes available."""
        min_ready = replica_set["spec"].get("minReadySeconds") or 0
        status = replica_set.get("status") or {}
        if min_ready == 0 or status.get("readyReplicas", 0) == status.get("availableReplicas", 0):
            return Result()
        waits = [wait for view in active if (wait := until_available(view.pod, min_ready, now)) is not None]
        return Result(requeue_after=min(waits, default=float(min_ready)))


def new_controller(context: Context, kind: Kind) -> Controller:
    controller = Controller(context, kind.kind.kind)
    reconciler = ReplicaSetReconciler(context, controller, kind)
    reconciler.watch()
    controller.reconciler = reconciler
    return controller
