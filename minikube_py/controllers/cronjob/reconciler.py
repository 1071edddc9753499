"""The CronJob controller: makes Jobs at the times of a schedule (pkg/controller/cronjob/cronjob_controllerv2.go)."""

from __future__ import annotations

import time
from collections.abc import Sequence

from minikube_py.client.indexer import BY_CONTROLLER
from minikube_py.controllers.cronjob.activejobs import (
    COMPLETE,
    FAILED,
    drop,
    is_active,
    latest_success,
    outcome,
    reference,
    superfluous,
)
from minikube_py.controllers.cronjob.schedule import MANY, InvalidSchedule, Next, next_of, recent, until_next
from minikube_py.controllers.cronjob.template import CRON_JOB, job_from_template, job_name
from minikube_py.controllers.runtime import Context, Controller, Result
from minikube_py.controllers.runtime.ownwrites import OwnWrites
from minikube_py.controllers.runtime.podcontrol import NAMESPACE_TERMINATING
from minikube_py.machinery import cron
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.errors import StatusError, is_already_exists, is_not_found
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.meta import (
    is_controlled_by,
    is_deleting,
    key,
    name,
    namespace,
    resource_version,
    uid,
)
from minikube_py.machinery.wellknown import JOBS

CRON_JOBS = GroupVersionResource("batch", "v1", "cronjobs")

_ZONE_WARNING = (
    "CRON_TZ or TZ used in schedule {} is not officially supported, see "
    "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details"
)


class CronJobReconciler:
    """Works on a draft of the status, which is written once at the end."""

    def __init__(self, context: Context, controller: Controller) -> None:
        self._client = context.client
        self._clock = context.clock
        self._controller = controller
        self._cron_jobs = context.lister(CRON_JOBS)
        self._jobs = context.lister(JOBS, BY_CONTROLLER)
        self._recorder = context.recorder()
        self._own_writes = OwnWrites()
        self._stamped = context.settings.features.scheduled_timestamps

    def watch(self) -> None:
        self._controller.context.informer(CRON_JOBS).add_handler(self._enqueue, self._updated, self._enqueue)
        self._controller.owns(JOBS)

    def _enqueue(self, cron_job: Object) -> None:
        self._controller.enqueue(key(cron_job), cron_job)

    def _updated(self, old: Object, new: Object) -> None:
        """A new schedule is for times to come; whatever else changes is for now."""
        if resource_version(old) == resource_version(new):
            return
        if all(old["spec"].get(field) == new["spec"].get(field) for field in ("schedule", "timeZone")):
            self._enqueue(new)
            return
        try:
            wait = until_next(new, self._clock.now(), next_of(new))
        except ValueError:
            message = f"unparseable schedule for cronjob: {new['spec']['schedule']}"
            self._recorder.event(new, "Warning", "UnParseableCronJobSchedule", message)
            return
        if wait is not None:
            self._controller.enqueue_after(key(new), wait)

    async def reconcile(self, where: NamespacedName) -> Result:
        cron_job = self._cron_jobs.get(*where)
        if cron_job is None:
            self._own_writes.forget(where)
            return Result()
        if not self._own_writes.precede(cron_job):
            return Result()
        jobs = self._jobs.controlled_by(uid(cron_job))
        status: Object = {**(cron_job.get("status") or {})}
        draft = {**cron_job, "status": status}
        failure: StatusError | None = None
        wait: float | None = None
        try:
            await self._clean_up(draft, jobs)
            await self._take_stock(draft, jobs)
            if not is_deleting(draft):
                wait = await self._run(draft)
        except StatusError as error:
            failure = error
        if status != (cron_job.get("status") or {}):
            self._own_writes.note(await self._client.update(CRON_JOBS, draft, subresource="status"))
        if failure is not None:
            raise failure
        return Result(requeue_after=wait)

    # What was

    async def _clean_up(self, draft: Object, jobs: Sequence[Object]) -> None:
        spec = draft["spec"]
        for end, limit in ((COMPLETE, "successfulJobsHistoryLimit"), (FAILED, "failedJobsHistoryLimit")):
            for job in superfluous([job for job in jobs if outcome(job) == end], spec.get(limit)):
                await self._delete(draft, job)

    async def _delete(self, draft: Object, job: Object) -> bool:
        """With its pods. Whether it is gone."""
        try:
            await self._client.delete(JOBS, namespace(job), name(job), propagation="Background")
        except StatusError as error:
            if not is_not_found(error):
                self._recorder.event(draft, "Warning", "FailedDelete", f"Deleted job: {error}")
                return False
        else:
            self._recorder.event(draft, "Normal", "SuccessfulDelete", f"Deleted job {name(job)}")
        drop(draft["status"], uid(job))
        return True

    async def _take_stock(self, draft: Object, jobs: Sequence[Object]) -> None:
        """Enter what has become of its Jobs into the draft. Raises StatusError."""
        status = draft["status"]
        for job in jobs:
            end, listed = outcome(job), is_active(status, uid(job))
            if end and listed:
                drop(status, uid(job))
                message = f"Saw completed job: {name(job)}, condition: {end}"
                self._recorder.event(draft, "Normal", "SawCompletedJob", message)
            elif not end and not listed:
                message = f"Saw a job that the controller did not create or forgot: {name(job)}"
                self._recorder.event(draft, "Warning", "UnexpectedJob", message)
        if (latest := latest_success(status, jobs)) is not None:
            status["lastSuccessfulTime"] = latest
        known = {uid(job) for job in jobs}
        for listed_job in tuple(status.get("active") or ()):
            if listed_job["uid"] not in known and await self._is_missing(listed_job):
                self._recorder.event(draft, "Normal", "MissingJob", f"Active job went missing: {listed_job['name']}")
                drop(status, listed_job["uid"])

    async def _is_missing(self, listed: Object) -> bool:
        """By the server: the cache may not have it yet."""
        try:
            await self._client.get(JOBS, listed["namespace"], listed["name"])
        except StatusError as error:
            if is_not_found(error):
                return True
            raise
        return False

    # What is due

    async def _run(self, draft: Object) -> float | None:
        """Make the Job that is due, if one is. The seconds until the next, None without one. Raises StatusError."""
        following = self._schedule(draft)
        if following is None:
            return None
        now = self._clock.now()
        try:
            _, due, missed = recent(draft, now, following, with_deadline=True)
        except InvalidSchedule as error:
            message = f"invalid schedule: {draft['spec']['schedule']} : {error}"
            self._recorder.event(draft, "Warning", "InvalidSchedule", message)
            return None
        if due is None:
            return until_next(draft, now, following)
        if missed > MANY:
            message = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"
            self._recorder.event(draft, "Warning", "TooManyMissedTimes", message)
        if self._may_start(draft, due, now):
            await self._start(draft, due)
        return until_next(draft, now, following)

    def _schedule(self, draft: Object) -> Next | None:
        """None for one that cannot be or is not to be followed."""
        spec = draft["spec"]
        text, zone = spec["schedule"], spec.get("timeZone")
        if zone is not None:
            try:
                cron.load_zone(zone)
            except ValueError as error:
                message = f"invalid timeZone: {quote(zone)}: {error}"
                self._recorder.event(draft, "Warning", "UnknownTimeZone", message)
                return None
        if spec.get("suspend"):
            return None
        if "TZ" in text:
            self._recorder.event(draft, "Warning", "UnsupportedSchedule", _ZONE_WARNING.format(quote(text)))
        try:
            return next_of(draft)
        except ValueError as error:
            message = f"unparseable schedule: {quote(text)} : {error}"
            self._recorder.event(draft, "Warning", "UnparseableSchedule", message)
            return None

    def _may_start(self, draft: Object, due: float, now: float) -> bool:
        """Whether the run that is due is to be made: neither too late, nor made before, nor held up by another."""
        spec, status = draft["spec"], draft["status"]
        deadline = spec.get("startingDeadlineSeconds")
        if deadline is not None and due + deadline < now:
            when = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(due))
            self._recorder.event(draft, "Warning", "MissSchedule", f"Missed scheduled time to start a job: {when}")
            return False
        active = status.get("active") or ()
        if status.get("lastScheduleTime") == rfc3339(due):
            return False
        if any(each["name"] == job_name(draft, due) for each in active):
            return False
        if spec.get("concurrencyPolicy") == "Forbid" and active:
            message = "Not starting job because prior execution is running and concurrency policy is Forbid"
            self._recorder.event(draft, "Normal", "JobAlreadyActive", message)
            return False
        return True

    async def _start(self, draft: Object, due: float) -> None:
        """Make the Job and enter it into the draft. Raises StatusError."""
        if draft["spec"].get("concurrencyPolicy") == "Replace":
            await self._replace(draft)
        wanted = job_from_template(draft, due, stamped=self._stamped)
        try:
            job = await self._client.create(JOBS, wanted, namespace=namespace(draft))
        except StatusError as error:
            if not is_already_exists(error):
                if not error.has_cause(NAMESPACE_TERMINATING):
                    self._recorder.event(draft, "Warning", "FailedCreate", f"Error creating job: {error}")
                raise
            # Made by this controller before it could tell so in the status, or by somebody else.
            job = await self._client.get(JOBS, namespace(draft), name(wanted))
            if not is_controlled_by(job, draft) or is_active(draft["status"], uid(job)):
                return
        else:
            self._recorder.event(draft, "Normal", "SuccessfulCreate", f"Created job {name(job)}")
        status = draft["status"]
        status["active"] = [*(status.get("active") or ()), reference(job)]
        status["lastScheduleTime"] = rfc3339(due)

    async def _replace(self, draft: Object) -> None:
        """Delete what still runs. Raises StatusError."""
        for listed in tuple(draft["status"].get("active") or ()):
            try:
                job = await self._client.get(JOBS, listed["namespace"], listed["name"])
            except StatusError as error:
                self._recorder.event(draft, "Warning", "FailedGet", f"Get job: {error}")
                raise
            if not await self._delete(draft, job):
                raise StatusError(500, "InternalError", f"could not replace job {key(job)}")


def new_controller(context: Context) -> Controller:
    controller = Controller(context, CRON_JOB.kind)
    reconciler = CronJobReconciler(context, controller)
    reconciler.watch()
    controller.reconciler = reconciler
    return controller
