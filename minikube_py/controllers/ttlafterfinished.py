"""ttl-after-finished-controller: deletes Jobs some time after they have finished (pkg/controller/ttlafterfinished)."""

from __future__ import annotations

from minikube_py.controllers.runtime import Context, Controller, Descriptor, Result
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.conditions import find, is_true
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import is_deleting, uid
from minikube_py.machinery.wellknown import JOBS


def time_left(job: Object, now: float) -> float | None:
    """Seconds until it is to be deleted, 0 or less when it is; None if it is to stay, or has not finished."""
    ttl = job["spec"].get("ttlSecondsAfterFinished")
    if ttl is None or is_deleting(job):
        return None
    conditions = (job.get("status") or {}).get("conditions")
    for type in ("Complete", "Failed"):
        if is_true(conditions, type):
            finished = (find(conditions, type) or {}).get("lastTransitionTime")
            return float(parse_rfc3339(finished) + ttl - now) if finished else None
    return None


class TTLReconciler:
    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._clock = context.clock
        self._jobs = context.lister(JOBS)

    async def reconcile(self, where: NamespacedName) -> Result:
        job = self._jobs.get(*where)
        left = time_left(job, self._clock.now()) if job is not None else None
        if left is None or left > 0:
            return Result(requeue_after=left)
        try:
            # The cache may be stale: what was given more time, or made anew, must stay.
            fresh = await self._client.get(JOBS, *where)
            left = time_left(fresh, self._clock.now())
            if left is None or left > 0:
                return Result(requeue_after=left)
            await self._client.delete(JOBS, *where, propagation="Foreground", uid=uid(fresh))
        except StatusError as error:
            if not is_not_found(error):
                raise
        return Result()


def new(context: Context) -> Controller:
    controller = Controller(context, "Job", TTLReconciler(context))
    controller.watches_for(JOBS)
    return controller


CONTROLLER = Descriptor("ttl-after-finished-controller", new, ("ttl-after-finished",))
