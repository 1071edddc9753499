"""The Job controller: runs pods until enough of them have succeeded (pkg/controller/job/job_controller.go)."""

from __future__ import annotations

from minikube_py.client.expectations import Expectations
from minikube_py.client.indexer import BY_CONTROLLER
from minikube_py.controllers.job import conditions, tracking
from minikube_py.controllers.job.backoff import Record
from minikube_py.controllers.job.orphans import OrphanReconciler, managed_by_others
from minikube_py.controllers.job.podactions import Effect, PodActions
from minikube_py.controllers.job.podplan import Wait, plan
from minikube_py.controllers.job.survey import TRACKING, Survey, is_suspended, is_tracked
from minikube_py.controllers.job.verdict import completed, until_deadline, verdict
from minikube_py.controllers.runtime import Context, Controller, Result
from minikube_py.controllers.runtime.accompanied import AccompaniedController
from minikube_py.controllers.runtime.claims import Claimer
from minikube_py.controllers.runtime.dependents import Dependents
from minikube_py.controllers.runtime.ownwrites import OwnWrites
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.labels import Selector
from minikube_py.machinery.labelselector import as_selector
from minikube_py.machinery.meta import controller_of, finalizers, is_deleting, key, labels, resource_version, uid
from minikube_py.machinery.wellknown import JOB, JOBS, PODS

SHORTEST_WAIT = 1.0
"""Seconds: what waits for its back-off waits at least so long (SyncJobBatchPeriod)."""


class JobReconciler:
    """Unlike upstream it does not wait a second for more pod events: keys are queued once anyway."""

    def __init__(self, context: Context, controller: Controller, orphans: Controller) -> None:
        self._client = context.client
        self._clock = context.clock
        self._controller = controller
        self._orphans = orphans
        self._jobs = context.lister(JOBS)
        self._pods = context.lister(PODS, BY_CONTROLLER)
        self._recorder = context.recorder()
        self._claimer = Claimer(context.client, JOBS, JOB, PODS, "Pod", (TRACKING,))
        self._expectations: Expectations[NamespacedName] = Expectations(context.clock)
        self._actions = PodActions(context, self._expectations)
        self._dependents = Dependents(controller, self._jobs, _selector_or_nothing, self._expectations)
        self._records: dict[NamespacedName, Record] = {}
        self._own_writes = OwnWrites()
        self._features = context.settings.features

    # Watching

    def watch(self) -> None:
        context = self._controller.context
        context.informer(JOBS).add_handler(self._job_added, self._job_updated, self._job_deleted)
        # First what the finalizers tell, then the keys.
        context.informer(PODS).add_handler(self._pod_changed, lambda old, new: self._pod_changed(new), self._pod_gone)
        self._dependents.watch(PODS)

    def _job_added(self, job: Object) -> None:
        self._controller.enqueue(key(job), job)

    def _job_updated(self, old: Object, new: Object) -> None:
        if resource_version(old) == resource_version(new):
            return
        self._controller.enqueue(key(new), new)
        if conditions.is_finished(new):
            self._release_orphans(new)

    def _job_deleted(self, job: Object) -> None:
        self._expectations.forget(key(job))
        self._controller.enqueue(key(job), job)
        self._release_orphans(job)

    def _release_orphans(self, job: Object) -> None:
        for pod in self._pods.controlled_by(uid(job)):
            if is_tracked(pod):
                self._orphans.enqueue(key(pod), job)

    def _pod_changed(self, pod: Object) -> None:
        if not is_tracked(pod):
            self._actions.released.discard(uid(pod))
        elif controller_of(pod) is None or (is_deleting(pod) and self._is_uncared(pod)):
            self._orphans.enqueue(key(pod), pod)

    def _pod_gone(self, pod: Object) -> None:
        self._actions.released.discard(uid(pod))

    def _is_uncared(self, pod: Object) -> bool:
        job = self._dependents.owner_of(pod)
        return job is None or conditions.is_finished(job)

    # Reconciling

    async def reconcile(self, where: NamespacedName) -> Result:
        job = self._jobs.get(*where)
        if job is None or conditions.is_finished(job):
            self._records.pop(where, None)
            self._own_writes.forget(where)
            if job is None:
                self._expectations.forget(where)
            return Result()
        if managed_by_others(job) or not self._own_writes.precede(job):
            return Result()
        may_manage = self._expectations.satisfied(where)
        pods = await self._claim(job)
        record, now = self._records.get(where, Record()), self._clock.now()
        survey = Survey(job, pods, self._actions.released, record, now, self._features)
        return await self._sync(where, survey, may_manage)

    async def _claim(self, job: Object) -> list[Object]:
        """The pods it owns, those adopted by now included, which are tracked from now on."""
        candidates = [*self._pods.controlled_by(uid(job)), *self._pods.orphans(job["metadata"]["namespace"])]
        matches = as_selector(job["spec"].get("selector")).matches
        claimed = await self._claimer.claim(job, candidates, lambda pod: matches(labels(pod)))
        return [pod if controller_of(pod) is not None else _adopted(pod) for pod in claimed]

    async def _sync(self, where: NamespacedName, survey: Survey, may_manage: bool) -> Result:
        job, now = survey.job, survey.now
        status: Object = {**survey.status}
        status.setdefault("uncountedTerminatedPods", {})
        if "startTime" not in status and not is_suspended(job):
            status["startTime"] = rfc3339(now)
        waits = [until_deadline(survey)]
        finished = verdict(survey)
        flush = False
        if finished is not None:
            effect = await self._actions.delete_active(job, survey.active)
            if -effect.active != len(survey.active) or not may_manage:
                finished = None  # pods may be left, or not be in the cache yet
        else:
            managing = may_manage and not is_deleting(job)
            what = plan(survey) if managing else None
            effect = await self._actions.perform(what, survey)
            if isinstance(what, Wait):
                waits.append(max(what.seconds, SHORTEST_WAIT))
            finished = completed(survey, len(survey.active) + effect.active)
            if finished is None and managing:
                flush = self._suspend_or_resume(job, status, now)
        flush = _enter_counts(survey, effect, status) or flush
        await self._track(where, survey, status, finished, flush)
        if effect.error is not None:
            raise effect.error
        return Result(requeue_after=min((wait for wait in waits if wait is not None and wait > 0), default=None))

    def _suspend_or_resume(self, job: Object, status: Object, now: float) -> bool:
        """Enter the condition Suspended into the draft; whether it changed."""
        suspended = is_suspended(job)
        reason, message = ("JobSuspended", "Job suspended") if suspended else ("JobResumed", "Job resumed")
        wanted = conditions.new(conditions.SUSPENDED, reason, message, now, "True" if suspended else "False")
        changed = conditions.ensured(status.get("conditions") or [], wanted)
        if changed is None:
            return False
        status["conditions"] = changed
        self._recorder.event(job, "Normal", "Suspended" if suspended else "Resumed", message)
        if not suspended:
            # The deadline counts from here on.
            status["startTime"] = rfc3339(now)
        elif self._features.suspension_clears_start:
            status.pop("startTime", None)
        return True

    # Tracking

    async def _track(
        self, where: NamespacedName, survey: Survey, status: Object, finished: Object | None, flush: bool
    ) -> None:
        """Count the pods that have ended and, when all are, end the Job. Raises StatusError."""
        tracked = {uid(pod) for pod in survey.uncounted}
        flush = tracking.count_released(status, tracked) or flush
        counted = tracking.count(survey, status, finished)
        final, announced = tracking.announce(status, finished, survey.now)
        job = survey.job
        if flush or counted.changed or announced:
            job = await self._write(job, status)
            status = {**job["status"]}
            self._records[where] = survey.record
        done, failure = await self._actions.release(counted.done)
        if failure is None:
            # Failures that a policy ignores may leave the status as it is, and are seen only once all the same.
            self._records[where] = survey.record
        flush = tracking.count_released(status, tracked - done)
        if failure is not None:
            if flush:
                await self._write(job, status)
            raise failure
        patient = self._features.interim_conditions
        over = not counted.full and tracking.finish(status, final, survey.now, patient=patient)
        if flush or over:
            job = await self._write(job, status)
        if over and final is not None:
            self._tell(job, final)

    async def _write(self, job: Object, status: Object) -> Object:
        updated = await self._client.update(JOBS, {**job, "status": status}, subresource="status")
        self._own_writes.note(updated)
        return updated

    def _tell(self, job: Object, final: Object) -> None:
        if final["type"] != conditions.COMPLETE:
            self._recorder.event(job, "Warning", final["reason"], final["message"])
            return
        completions = job["spec"].get("completions")
        if completions is not None and job["status"].get("succeeded", 0) > completions:
            message = "Too many succeeded pods running after completion count reached"
            self._recorder.event(job, "Warning", "TooManySucceededPods", message)
        self._recorder.event(job, "Normal", "Completed", "Job completed")


def _selector_or_nothing(job: Object) -> Selector:
    try:
        return as_selector(job["spec"].get("selector"))
    except ValueError:
        return Selector(selectable=False)


def _adopted(pod: Object) -> Object:
    if is_tracked(pod):
        return pod
    return {**pod, "metadata": {**pod["metadata"], "finalizers": [*finalizers(pod), TRACKING]}}


def _enter_counts(survey: Survey, effect: Effect, status: Object) -> bool:
    """Enter active, ready and terminating into the draft; whether they changed."""
    counts = {"active": len(survey.active) + effect.active, "ready": survey.ready + effect.ready}
    if survey.features.terminating_of_jobs:
        counts["terminating"] = survey.terminating + effect.terminating
    before = {"active": 0, **{each: status[each] for each in counts if each in status}}
    status.update(counts)
    tracking.put(status, "active", counts["active"])
    return before != counts


def new_controller(context: Context) -> Controller:
    controller = AccompaniedController(context, JOB.kind)
    orphans = Controller(context, "Pod", OrphanReconciler(context))
    controller.companions.append(orphans)
    reconciler = JobReconciler(context, controller, orphans)
    reconciler.watch()
    controller.reconciler = reconciler
    return controller
