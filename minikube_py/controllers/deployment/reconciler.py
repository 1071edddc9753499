"""The Deployment controller (pkg/controller/deployment/deployment_controller.go)."""

from __future__ import annotations

from minikube_py.client.indexer import BY_CONTROLLER
from minikube_py.controllers.deployment.conditions import (
    DEADLINE_EXCEEDED,
    PAUSED,
    PROGRESSING,
    RESUMED,
    conditions_of,
)
from minikube_py.controllers.deployment.counts import active, replicas, total_observed
from minikube_py.controllers.deployment.proportional import plan_scale
from minikube_py.controllers.deployment.revisions import is_scaling_event
from minikube_py.controllers.deployment.rollback import roll_back, rollback_to
from minikube_py.controllers.deployment.rolling import Scaling, plan_new, plan_old
from minikube_py.controllers.deployment.rollout import Rollout
from minikube_py.controllers.deployment.status import (
    calculate_status,
    has_deadline,
    is_complete,
    rollout_status,
    until_deadline,
)
from minikube_py.controllers.runtime import Context, Controller, Result
from minikube_py.controllers.runtime.claims import Claimer
from minikube_py.controllers.runtime.dependents import Dependents
from minikube_py.controllers.runtime.podcontrol import NAMESPACE_TERMINATING
from minikube_py.controllers.runtime.pods import is_terminal
from minikube_py.machinery.conditions import find
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.labels import Selector
from minikube_py.machinery.labelselector import as_selector
from minikube_py.machinery.meta import controller_of, generation, is_deleting, key, labels, namespace, uid
from minikube_py.machinery.wellknown import DEPLOYMENT, DEPLOYMENTS, PODS, REPLICA_SETS


class DeploymentReconciler:
    def __init__(self, context: Context, controller: Controller) -> None:
        self._clock = context.clock
        self._client = context.client
        self._controller = controller
        self._recorder = context.recorder()
        self._deployments = context.lister(DEPLOYMENTS)
        self._sets = context.lister(REPLICA_SETS, BY_CONTROLLER)
        self._pods = context.lister(PODS, BY_CONTROLLER)
        self._claimer = Claimer(context.client, DEPLOYMENTS, DEPLOYMENT, REPLICA_SETS, "ReplicaSet")
        self._dependents = Dependents(controller, self._deployments, _selector_or_nothing)
        self._terminating = context.settings.features.terminating_of_sets

    def watch(self) -> None:
        self._controller.watches_for(DEPLOYMENTS)
        self._dependents.watch(REPLICA_SETS)
        self._controller.context.informer(PODS).add_handler(on_delete=self._pod_deleted)

    def _pod_deleted(self, pod: Object) -> None:
        """A Recreate Deployment goes on once its last pod is gone."""
        reference = controller_of(pod)
        if reference is None or reference["kind"] != "ReplicaSet":
            return
        replica_set = self._sets.get(namespace(pod), reference["name"])
        if replica_set is None or uid(replica_set) != reference["uid"]:
            return
        deployment = self._dependents.owner_of(replica_set)
        if deployment is None or _strategy(deployment) != "Recreate":
            return
        siblings = self._sets.controlled_by(uid(deployment))
        if not any(self._pods.controlled_by(uid(each)) for each in siblings):
            self._controller.enqueue(key(deployment), pod)

    async def reconcile(self, where: NamespacedName) -> Result:
        deployment = self._deployments.get(*where)
        if deployment is None:
            return Result()
        try:
            return await self._sync(deployment)
        except StatusError as error:
            if error.has_cause(NAMESPACE_TERMINATING):
                return Result()  # nothing can be made here any more
            raise

    async def _sync(self, deployment: Object) -> Result:
        if deployment["spec"].get("selector") == {}:
            return await self._refuse_to_select_all(deployment)
        matches = as_selector(deployment["spec"].get("selector")).matches
        candidates = self._sets.controlled_by(uid(deployment)) + self._sets.orphans(namespace(deployment))
        sets = await self._claimer.claim(deployment, candidates, lambda each: matches(labels(each)))
        rollout = self._rollout(deployment, sets)
        if is_deleting(deployment):
            await rollout.sync_revision(create=False)
            await self._write_counts(rollout)
            return Result()
        await self._check_paused(rollout)
        if deployment["spec"].get("paused"):
            return await self._scale(rollout)
        wanted_revision = rollback_to(deployment)
        if wanted_revision is not None:
            await roll_back(rollout, wanted_revision)
            return Result()
        await rollout.sync_revision(create=False)
        if is_scaling_event(rollout.deployment, rollout.sets):
            return await self._scale(rollout)
        if _strategy(deployment) == "Recreate":
            return await self._recreate(rollout)
        return await self._roll(rollout)

    def _rollout(self, deployment: Object, sets: list[Object]) -> Rollout:
        return Rollout(self._client, self._recorder, self._clock, self._sets, deployment, sets)

    async def _refuse_to_select_all(self, deployment: Object) -> Result:
        rollout = self._rollout(deployment, [])
        message = "This deployment is selecting all pods. A non-empty selector is required."
        rollout.event("Warning", "SelectingAll", message)
        status = deployment.get("status") or {}
        if status.get("observedGeneration", 0) < generation(deployment):
            await rollout.write_status({**status, "observedGeneration": generation(deployment)})
        return Result()

    async def _check_paused(self, rollout: Rollout) -> None:
        """Note that a rollout pauses or goes on, so that the time in between does not count as lack of progress."""
        deployment = rollout.deployment
        if not has_deadline(deployment):
            return
        current = find(conditions_of(deployment), PROGRESSING)
        reason = current.get("reason") if current is not None else None
        if reason == DEADLINE_EXCEEDED:
            return
        paused = bool(deployment["spec"].get("paused"))
        if paused and reason != PAUSED:
            condition = rollout.progress("Unknown", PAUSED, "Deployment is paused")
        elif not paused and reason == PAUSED:
            condition = rollout.progress("Unknown", RESUMED, "Deployment is resumed")
        else:
            return
        await rollout.write_status(rollout.status_with(condition))

    # The ways to go on

    async def _scale(self, rollout: Rollout) -> Result:
        """Its size changed, or it is paused: give each ReplicaSet its share, and roll nothing out."""
        await rollout.sync_revision(create=False)
        plan, update_annotations = plan_scale(rollout.deployment, rollout.new, rollout.old)
        await rollout.scale(plan, update_annotations=update_annotations)
        if rollout.deployment["spec"].get("paused") and rollback_to(rollout.deployment) is None:
            await rollout.clean_up()
        await self._write_counts(rollout)
        return Result()

    async def _roll(self, rollout: Rollout) -> Result:
        """One step: up if there is room, else down if that is allowed."""
        await rollout.sync_revision(create=True)
        new = rollout.new
        assert new is not None
        size = plan_new(rollout.deployment, rollout.sets, new)
        if await rollout.scale([Scaling(new, size)]):
            return await self._write_progress(rollout)
        if await rollout.scale(plan_old(rollout.deployment, rollout.old, new)):
            return await self._write_progress(rollout)
        if is_complete(rollout.deployment, rollout.deployment.get("status") or {}):
            await rollout.clean_up()
        return await self._write_progress(rollout)

    async def _recreate(self, rollout: Rollout) -> Result:
        """All old pods go, and only then come the new ones."""
        if await rollout.scale([Scaling(each, 0) for each in active(rollout.old)]):
            return await self._write_progress(rollout)
        if self._old_pods_run(rollout):
            return await self._write_progress(rollout)
        await rollout.sync_revision(create=True)
        assert rollout.new is not None
        await rollout.scale([Scaling(rollout.new, replicas(rollout.deployment))])
        if is_complete(rollout.deployment, rollout.deployment.get("status") or {}):
            await rollout.clean_up()
        return await self._write_progress(rollout)

    def _old_pods_run(self, rollout: Rollout) -> bool:
        if total_observed(rollout.old, "replicas") > 0:
            return True
        pods = (pod for each in rollout.old for pod in self._pods.controlled_by(uid(each)))
        return any(not is_terminal(pod) for pod in pods)

    # Status

    async def _write_counts(self, rollout: Rollout) -> None:
        deployment, sets, new = rollout.deployment, rollout.sets, rollout.new
        await rollout.write_status(calculate_status(deployment, sets, new, rollout.now, terminating=self._terminating))

    async def _write_progress(self, rollout: Rollout) -> Result:
        """Where nothing changed, look again once the progress deadline is over; a second later, as clocks are
        coarse."""
        deployment, sets, new = rollout.deployment, rollout.sets, rollout.new
        status = rollout_status(deployment, sets, new, rollout.now, terminating=self._terminating)
        if await rollout.write_status(status):
            return Result()
        left = until_deadline(rollout.deployment, status, rollout.now)
        if left is None:
            return Result()
        return Result(requeue=True) if left < 1 else Result(requeue_after=left + 1)


def _strategy(deployment: Object) -> str:
    return (deployment["spec"].get("strategy") or {}).get("type") or ""


def _selector_or_nothing(deployment: Object) -> Selector:
    try:
        return as_selector(deployment["spec"].get("selector"))
    except ValueError:
        return Selector(selectable=False)
