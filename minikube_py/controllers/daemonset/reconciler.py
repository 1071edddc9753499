"""The DaemonSet controller (pkg/controller/daemon/daemon_controller.go)."""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.client.expectations import Expectations
from minikube_py.client.indexer import BY_CONTROLLER
from minikube_py.controllers.daemonset import placement, rolling
from minikube_py.controllers.daemonset.backoff import FailedPodsBackoff, Key
from minikube_py.controllers.daemonset.eligibility import Checks, Eligibility, node_info
from minikube_py.controllers.daemonset.placement import Changes, Placement, by_node, min_ready_seconds
from minikube_py.controllers.daemonset.podtemplate import new_pod, target_node
from minikube_py.controllers.daemonset.revisions import DaemonHistory
from minikube_py.controllers.daemonset.status import count, new_status
from minikube_py.controllers.runtime import Context, Controller, Result
from minikube_py.controllers.runtime.claims import Claimer
from minikube_py.controllers.runtime.dependents import Dependents
from minikube_py.controllers.runtime.history import REVISION_HASH
from minikube_py.controllers.runtime.podcontrol import NAMESPACE_TERMINATING, PodControl
from minikube_py.controllers.runtime.pods import is_ready, phase, until_available
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.labels import Matcher, Selector, nothing
from minikube_py.machinery.labelselector import as_selector
from minikube_py.machinery.meta import generation, is_deleting, key, labels, name, namespace, uid
from minikube_py.machinery.wellknown import CONTROLLER_REVISIONS, DAEMON_SET, DAEMON_SETS, NODES, PODS

BURST = 250
"""How many pods one reconcile creates, and how many it deletes, at most (BurstReplicas)."""

INFOS = "daemon node infos"
"""Index of nodes: all of them, as NodeInfos."""


class DaemonSetReconciler:
    def __init__(self, context: Context, controller: Controller) -> None:
        self._clock = context.clock
        self._client = context.client
        self._controller = controller
        self._recorder = context.recorder()
        self._sets = context.lister(DAEMON_SETS)
        self._pods = context.lister(PODS, BY_CONTROLLER)
        self._revisions = context.lister(CONTROLLER_REVISIONS, BY_CONTROLLER)
        self._nodes = context.lister(NODES)
        context.informer(NODES).add_index(INFOS, lambda node: ("",), node_info)
        self._pod_control = PodControl(context.client, self._recorder)
        self._history = DaemonHistory(context.client)
        self._claimer = Claimer(context.client, DAEMON_SETS, DAEMON_SET, PODS, "Pod")
        self._revision_claimer = Claimer(
            context.client, DAEMON_SETS, DAEMON_SET, CONTROLLER_REVISIONS, "ControllerRevision"
        )
        self._expectations: Expectations[NamespacedName] = Expectations(context.clock)
        self._checks = Checks()
        self._backoff = FailedPodsBackoff()

    def watch(self) -> None:
        controller = self._controller
        controller.watches_for(DAEMON_SETS)
        informer = controller.context.informer
        informer(DAEMON_SETS).add_handler(on_delete=self._set_deleted)
        Dependents(controller, self._sets, _selector_or_nothing, self._expectations, self._pod_updated).watch(PODS)
        Dependents(controller, self._sets, _selector_or_nothing, heeds_new=False).watch(CONTROLLER_REVISIONS)
        informer(NODES).add_handler(self._node_came_or_went, self._node_updated, self._node_came_or_went)

    def _set_deleted(self, daemon_set: Object) -> None:
        """What is known of it must not bind its namesake."""
        self._expectations.forget(key(daemon_set))
        self._checks.forget(daemon_set)

    def _pod_updated(self, daemon_set: Object, old: Object, new: Object) -> None:
        """A pod that became ready becomes available minReadySeconds later."""
        min_ready = min_ready_seconds(daemon_set)
        if min_ready > 0 and not is_ready(old) and is_ready(new):
            self._controller.enqueue_after(key(daemon_set), min_ready)

    def _node_came_or_went(self, node: Object) -> None:
        for daemon_set in self._sets.list():
            self._controller.enqueue(key(daemon_set), node)

    def _node_updated(self, old: Object, new: Object) -> None:
        """Only labels and taints decide about pods; a heartbeat changes neither."""
        if labels(old) == labels(new) and _taints(old) == _taints(new):
            return
        before, after = node_info(old), node_info(new)
        for daemon_set in self._sets.list():
            check = self._checks.of(daemon_set)
            misscheduled = (daemon_set.get("status") or {}).get("numberMisscheduled")
            if misscheduled or check(before) != check(after):
                self._controller.enqueue(key(daemon_set), new)

    async def reconcile(self, where: NamespacedName) -> Result:
        daemon_set = self._sets.get(*where)
        if daemon_set is None:
            self._expectations.forget(where)
            return Result()
        if daemon_set["spec"].get("selector") == {}:
            message = "This daemon set is selecting all pods. A non-empty selector is required."
            self._recorder.event(daemon_set, "Warning", "SelectingAll", message)
            return Result()
        if is_deleting(daemon_set):
            return Result()
        matches = as_selector(daemon_set["spec"].get("selector")).matches
        revisions = await self._claim_revisions(daemon_set, matches)
        pods = await self._claim_pods(daemon_set, matches)
        current, old = await self._history.current(daemon_set, revisions, pods)
        sync = _Sync(daemon_set, matches, labels(current)[REVISION_HASH])
        if not self._expectations.satisfied(where):
            return await self._report(sync, observed=False)
        failure: Exception | None = None
        wait: float | None = None
        try:
            wait = await self._act(sync, old)
        except (StatusError, ValueError) as error:
            failure = error
        result = await self._report(sync, observed=True)
        if failure is not None:
            raise failure
        waits = [each for each in (wait, result.requeue_after) if each is not None]
        return Result(requeue_after=min(waits, default=None))

    # Reading

    async def _claim_revisions(self, daemon_set: Object, matches: Matcher) -> list[Object]:
        there = self._revisions.controlled_by(uid(daemon_set)) + self._revisions.orphans(namespace(daemon_set))
        return await self._revision_claimer.claim(daemon_set, there, lambda each: matches(labels(each)))

    async def _claim_pods(self, daemon_set: Object, matches: Matcher) -> list[Object]:
        there = self._pods.controlled_by(uid(daemon_set)) + self._pods.orphans(namespace(daemon_set))
        return await self._claimer.claim(daemon_set, there, lambda each: matches(labels(each)))

    async def _placement(self, sync: _Sync) -> Placement:
        """As things are now."""
        daemon_set, now = sync.daemon_set, self._clock.now()
        check = self._checks.of(daemon_set)
        eligible: dict[str, Eligibility] = {info.name: check(info) for info in self._nodes.views(INFOS, "")}
        pods = await self._claim_pods(daemon_set, sync.matches)
        return Placement(
            daemon_set,
            sync.hash,
            eligible,
            by_node(pods),
            now,
            lambda node: self._backoff.remaining(_backoff_key(daemon_set, node), now),
        )

    # Acting

    async def _act(self, sync: _Sync, old_revisions: list[Object]) -> float | None:
        """Seconds after which to look again, if at all. Raises StatusError, ValueError."""
        daemon_set = sync.daemon_set
        placed = placement.plan(await self._placement(sync))
        self._tell_finished(daemon_set, placed.finished)
        await self._carry_out(sync, placed)
        strategy = daemon_set["spec"].get("updateStrategy") or {}
        if self._expectations.satisfied(key(daemon_set)) and strategy.get("type") == "RollingUpdate":
            await self._carry_out(sync, rolling.plan(await self._placement(sync)))
        pods = await self._claim_pods(daemon_set, sync.matches)
        await self._history.clean_up(daemon_set, old_revisions, pods)
        return placed.wait

    def _tell_finished(self, daemon_set: Object, pods: Iterable[Object]) -> None:
        for pod in pods:
            where = f"{key(pod)} on node {target_node(pod)}"
            if phase(pod) == "Failed":
                self._backoff.failed(_backoff_key(daemon_set, target_node(pod)), self._clock.now())
                message = f"Found failed daemon pod {where}, will try to kill it"
                self._recorder.event(daemon_set, "Warning", "FailedDaemonPod", message)
            else:
                message = f"Found succeeded daemon pod {where}, will try to delete it"
                self._recorder.event(daemon_set, "Normal", "SucceededDaemonPod", message)

    async def _carry_out(self, sync: _Sync, changes: Changes) -> None:
        """Raises the first failure once all was tried."""
        create, delete = changes.create[:BURST], changes.delete[:BURST]
        if not create and not delete:
            return
        self._expectations.expect(key(sync.daemon_set), len(create), [uid(pod) for pod in delete])
        failures = await self._create_pods(sync, create)
        failures += await self._delete_pods(sync.daemon_set, delete)
        if failures:
            raise failures[0]

    async def _create_pods(self, sync: _Sync, nodes: list[str]) -> list[Exception]:
        """In batches of 1, 2, 4, ... so that what fails for all (a quota) is not tried for each."""
        where = key(sync.daemon_set)
        done, batch = 0, 1
        while done < len(nodes):
            failures: list[Exception] = []
            tried = nodes[done : done + batch]
            for node in tried:
                try:
                    await self._pod_control.create(new_pod(sync.daemon_set, node, sync.hash), sync.daemon_set)
                except (StatusError, ValueError) as error:
                    # In a namespace that is going, no creation will succeed, and none is missed.
                    if not (isinstance(error, StatusError) and error.has_cause(NAMESPACE_TERMINATING)):
                        self._expectations.creation_observed(where)
                        failures.append(error)
            done += len(tried)
            if failures:
                for _ in nodes[done:]:
                    self._expectations.creation_observed(where)
                return failures
            batch *= 2
        return []

    async def _delete_pods(self, daemon_set: Object, doomed: list[Object]) -> list[Exception]:
        failures: list[Exception] = []
        for pod in doomed:
            try:
                await self._pod_control.delete(pod, daemon_set)
            except StatusError as error:
                self._expectations.deletion_observed(key(daemon_set), uid(pod))
                if not is_not_found(error):
                    failures.append(error)
        return failures

    # Status

    async def _report(self, sync: _Sync, *, observed: bool) -> Result:
        """Write the status, with one more try on the DaemonSet as it is now. Raises StatusError."""
        daemon_set = sync.daemon_set
        now_placed = await self._placement(sync)
        counts = count(now_placed)
        generation_observed = generation(daemon_set) if observed else None
        status = new_status(daemon_set, counts, generation_observed)
        if status is not None:
            try:
                await self._client.update(DAEMON_SETS, {**daemon_set, "status": status}, subresource="status")
            except StatusError:
                fresh = await self._client.get(DAEMON_SETS, namespace(daemon_set), name(daemon_set))
                if uid(fresh) != uid(daemon_set):
                    raise
                status = new_status(fresh, counts, generation_observed)
                if status is not None:
                    await self._client.update(DAEMON_SETS, {**fresh, "status": status}, subresource="status")
        min_ready = min_ready_seconds(daemon_set)
        if min_ready == 0 or counts["numberReady"] == counts["numberAvailable"]:
            return Result()
        pods = (pod for pods in now_placed.pods.values() for pod in pods)
        waits = [wait for pod in pods if (wait := until_available(pod, min_ready, now_placed.now)) is not None]
        return Result(requeue_after=min(waits, default=float(min_ready)))


class _Sync:
    """One reconcile's DaemonSet, what it selects, and the hash of its template's revision."""

    __slots__ = ("daemon_set", "hash", "matches")

    def __init__(self, daemon_set: Object, matches: Matcher, hash: str) -> None:
        self.daemon_set = daemon_set
        self.matches = matches
        self.hash = hash


def _taints(node: Object) -> list[Object]:
    return (node.get("spec") or {}).get("taints") or []


def _backoff_key(daemon_set: Object, node: str) -> Key:
    return uid(daemon_set), (daemon_set.get("status") or {}).get("observedGeneration") or 0, node


def _selector_or_nothing(daemon_set: Object) -> Selector:
    try:
        return as_selector(daemon_set["spec"].get("selector"))
    except ValueError:
        return nothing()


def new_controller(context: Context) -> Controller:
    controller = Controller(context, "DaemonSet")
    reconciler = DaemonSetReconciler(context, controller)
    reconciler.watch()
    controller.reconciler = reconciler
    return controller
