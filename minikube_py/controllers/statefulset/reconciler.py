"""The StatefulSet controller (pkg/controller/statefulset/stateful_set.go)."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.client.expectations import Expectations
from minikube_py.client.indexer import BY_CONTROLLER
from minikube_py.controllers.runtime import Context, Controller, Result
from minikube_py.controllers.runtime.claims import Claimer
from minikube_py.controllers.runtime.consistency import Consistency
from minikube_py.controllers.runtime.dependents import Dependents
from minikube_py.controllers.runtime.history import RevisionControl, new_revision, number, ordered
from minikube_py.controllers.runtime.pods import is_ready, until_available
from minikube_py.controllers.statefulset.identity import claim_names, member
from minikube_py.controllers.statefulset.plan import Plan, Step, Verb, World, is_ordered, plan
from minikube_py.controllers.statefulset.podcontrol import ClaimError, StatefulPodControl
from minikube_py.controllers.statefulset.revisions import HASH, choose, current_of, superfluous
from minikube_py.controllers.statefulset.status import (
    Status,
    as_written,
    count,
    is_news,
    min_ready_seconds,
    with_completion,
)
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.labels import Matcher, Selector, nothing
from minikube_py.machinery.labelselector import as_selector
from minikube_py.machinery.meta import generation, is_deleting, key, labels, name, namespace, uid
from minikube_py.machinery.wellknown import (
    CONTROLLER_REVISIONS,
    PERSISTENT_VOLUME_CLAIMS,
    PODS,
    STATEFUL_SET,
    STATEFUL_SETS,
)

MAX_BATCH = 500
"""How many steps of a parallel set are made before looking whether they failed."""


class StatefulSetReconciler:
    def __init__(self, context: Context, controller: Controller) -> None:
        self._clock = context.clock
        self._client = context.client
        self._controller = controller
        self._sets = context.lister(STATEFUL_SETS)
        self._pods = context.lister(PODS, BY_CONTROLLER)
        self._claims = context.lister(PERSISTENT_VOLUME_CLAIMS)
        self._revisions = context.lister(CONTROLLER_REVISIONS, BY_CONTROLLER)
        self._consistency = Consistency(controller, STATEFUL_SETS, PODS, PERSISTENT_VOLUME_CLAIMS)
        self._index_label = context.settings.features.index_labels
        self._pod_control = StatefulPodControl(
            context.client, context.recorder(), self._claims, self._consistency, self._index_label
        )
        self._revision_control = RevisionControl(context.client)
        self._claimer = Claimer(context.client, STATEFUL_SETS, STATEFUL_SET, PODS, "Pod")
        self._revision_claimer = Claimer(
            context.client, STATEFUL_SETS, STATEFUL_SET, CONTROLLER_REVISIONS, "ControllerRevision"
        )
        self._expectations: Expectations[NamespacedName] = Expectations(context.clock)
        self._dependents = Dependents(
            controller, self._sets, _selector_or_nothing, self._expectations, self._pod_updated
        )

    def watch(self) -> None:
        self._controller.watches_for(STATEFUL_SETS)
        self._dependents.watch(PODS)
        informer = self._controller.context.informer
        informer(STATEFUL_SETS).add_handler(on_delete=self._set_deleted)
        informer(PERSISTENT_VOLUME_CLAIMS).add_handler(on_delete=self._claim_deleted)

    def _set_deleted(self, stateful_set: Object) -> None:
        """What is known of it must not bind its namesake."""
        self._consistency.forget(key(stateful_set))
        self._expectations.forget(key(stateful_set))

    def _claim_deleted(self, claim: Object) -> None:
        """A pod may wait for a former claim to go, or for its claim to be made again. (Upstream would notice at the
        next event of the set.)"""
        ordinal = member(name(claim)).ordinal
        for stateful_set in self._sets.list(namespace(claim)):
            if name(claim) in claim_names(stateful_set, ordinal):
                self._controller.enqueue(key(stateful_set), claim)

    def _pod_updated(self, stateful_set: Object, old: Object, new: Object) -> None:
        """A pod that became ready becomes available minReadySeconds later."""
        min_ready = min_ready_seconds(stateful_set)
        if min_ready > 0 and not is_ready(old) and is_ready(new):
            self._controller.enqueue_after(key(stateful_set), min_ready)

    async def reconcile(self, where: NamespacedName) -> Result:
        stateful_set = self._sets.get(*where)
        if stateful_set is None:
            return Result()
        # Deletions are waited for too, unlike upstream: else a lagging cache would have pods deleted, and told, twice.
        if self._consistency.is_behind(where) or not self._expectations.satisfied(where):
            return Result()
        try:
            matches = as_selector(stateful_set["spec"].get("selector")).matches
        except ValueError:
            return Result()
        revisions = await self._claim_revisions(stateful_set, matches)
        if is_deleting(stateful_set) and not revisions:
            return Result()  # they are gone or orphaned already: none is to be made any more
        pods = await self._claim_pods(stateful_set, matches)
        return await self._sync(stateful_set, pods, revisions)

    async def _claim_revisions(self, stateful_set: Object, matches: Matcher) -> list[Object]:
        """The set's revisions in order, adopted ones included."""
        there = self._revisions.controlled_by(uid(stateful_set)) + self._revisions.orphans(namespace(stateful_set))
        candidates = [each for each in there if matches(labels(each))]
        return ordered(await self._revision_claimer.claim(stateful_set, candidates, lambda each: True))

    async def _claim_pods(self, stateful_set: Object, matches: Matcher) -> list[Object]:
        set_name = name(stateful_set)
        candidates = self._pods.controlled_by(uid(stateful_set)) + [
            pod for pod in self._pods.orphans(namespace(stateful_set)) if member(name(pod)).set_name == set_name
        ]
        return await self._claimer.claim(
            stateful_set, candidates, lambda pod: matches(labels(pod)) and member(name(pod)).set_name == set_name
        )

    async def _sync(self, stateful_set: Object, pods: list[Object], revisions: list[Object]) -> Result:
        update, collisions = await self._update_revision(stateful_set, revisions)
        current = current_of(stateful_set, revisions, update)
        now = self._clock.now()
        world = World(
            stateful_set,
            current,
            update,
            pods,
            lambda claim_name: self._claims.get(namespace(stateful_set), claim_name),
            now,
            self._index_label,
        )
        planned = plan(world)
        replaced, failure = await self._carry_out(stateful_set, planned)
        status = count(stateful_set, planned.counted, name(current), name(update), now)
        status["currentReplicas"] = max(0, status["currentReplicas"] - replaced)
        status |= {
            "observedGeneration": generation(stateful_set),
            "currentRevision": name(current),
            "updateRevision": name(update),
            "collisionCount": collisions,
        }
        try:
            await self._write_status(stateful_set, status)
        finally:
            for each in superfluous(stateful_set, revisions, pods, (current, update)):
                await self._revision_control.delete(each)
        if failure is not None:
            raise failure
        return self._next_check(stateful_set, status, pods, now)

    # Revisions

    async def _update_revision(self, stateful_set: Object, revisions: Sequence[Object]) -> tuple[Object, int]:
        """The revision of the template as it is, made if need be, and how often names have collided."""
        collisions = (stateful_set.get("status") or {}).get("collisionCount") or 0
        chosen = choose(stateful_set, revisions)
        if chosen.revision is not None:
            if number(chosen.revision) == chosen.number:
                return chosen.revision, collisions
            return await self._revision_control.renumber(chosen.revision, chosen.number), collisions
        while True:
            wanted = new_revision(stateful_set, STATEFUL_SET, chosen.number, collisions, HASH)
            created = await self._revision_control.create(wanted)
            if created is not None:
                return created, collisions
            collisions += 1

    # Acting

    async def _carry_out(self, stateful_set: Object, planned: Plan) -> tuple[int, Exception | None]:
        """How many outdated pods were deleted, and what went wrong."""
        phases = (planned.wanted, planned.claims, planned.condemned, planned.outdated)
        doomed = [uid(step.pod) for phase in phases for step in phase if step.verb is Verb.DELETE]
        if doomed:
            self._expectations.expect_deletions(key(stateful_set), doomed)
        for phase in phases[:-1]:
            _, failure = await self._run(stateful_set, phase)
            if failure is not None:
                self._expectations.forget(key(stateful_set))
                return 0, failure
        replaced, failure = await self._run(stateful_set, planned.outdated, one_by_one=True)
        if failure is not None:
            self._expectations.forget(key(stateful_set))
        return replaced, failure

    async def _run(
        self, stateful_set: Object, steps: Sequence[Step], *, one_by_one: bool = False
    ) -> tuple[int, Exception | None]:
        """How many steps went well, and the first failure. Parallel sets make steps in batches of 1, 2, 4, ...: what
        fails for all is not tried for each."""
        doubling = not (one_by_one or is_ordered(stateful_set))
        done, tried, batch = 0, 0, 1
        while tried < len(steps):
            failures = []
            for step in steps[tried : tried + batch]:
                try:
                    await self._make(stateful_set, step)
                    done += 1
                except (StatusError, ClaimError) as error:
                    failures.append(error)
            if failures:
                return done, failures[0]
            tried += batch
            batch = min(2 * batch, MAX_BATCH) if doubling else 1
        return done, None

    async def _make(self, stateful_set: Object, step: Step) -> None:
        control, pod = self._pod_control, step.pod
        if step.verb is Verb.CREATE:
            await control.create(stateful_set, pod)
        elif step.verb is Verb.DELETE:
            if not await control.delete(stateful_set, pod):
                self._expectations.deletion_observed(key(stateful_set), uid(pod))
        elif step.verb is Verb.UPDATE:
            await control.update(stateful_set, pod)
        elif step.verb is Verb.CREATE_CLAIMS:
            await control.create_claims(stateful_set, pod)
        else:
            await control.own_claims(stateful_set, pod)

    # Status

    async def _write_status(self, stateful_set: Object, status: Status) -> None:
        """With one more try on the set as it is now. Raises StatusError."""
        status = with_completion(stateful_set, status)
        if not is_news(stateful_set, status):
            return
        try:
            updated = await self._put_status(stateful_set, status)
        except StatusError:
            fresh = await self._client.get(STATEFUL_SETS, namespace(stateful_set), name(stateful_set))
            if uid(fresh) != uid(stateful_set):
                raise
            updated = await self._put_status(fresh, status)
        self._consistency.wrote(key(stateful_set), STATEFUL_SETS, updated)

    async def _put_status(self, stateful_set: Object, status: Status) -> Object:
        changed = {**stateful_set, "status": as_written(status)}
        return await self._client.update(STATEFUL_SETS, changed, subresource="status")

    def _next_check(self, stateful_set: Object, status: Status, pods: Sequence[Object], now: float) -> Result:
        """Look again when the next ready pod becomes available."""
        min_ready = min_ready_seconds(stateful_set)
        if min_ready == 0 or status["readyReplicas"] == status["availableReplicas"]:
            return Result()
        waits = [wait for pod in pods if (wait := until_available(pod, min_ready, now)) is not None]
        return Result(requeue_after=min(waits, default=float(min_ready)))


def _selector_or_nothing(stateful_set: Object) -> Selector:
    try:
        return as_selector(stateful_set["spec"].get("selector"))
    except ValueError:
        return nothing()


def new_controller(context: Context) -> Controller:
    controller = Controller(context, "StatefulSet")
    reconciler = StatefulSetReconciler(context, controller)
    reconciler.watch()
    controller.reconciler = reconciler
    return controller
