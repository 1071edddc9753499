"""Pods that nobody will count any more lose the tracking finalizer, or they could never go: their Job is gone or over,
or they were orphaned."""

from __future__ import annotations

from minikube_py.client.protocol import STRATEGIC_MERGE_PATCH
from minikube_py.controllers.job import conditions
from minikube_py.controllers.job.survey import TRACKING, is_tracked
from minikube_py.controllers.runtime import Context
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import controller_of, namespace, uid
from minikube_py.machinery.wellknown import JOB, JOBS, PODS

CONTROLLER_NAME = "kubernetes.io/job-controller"
"""What spec.managedBy says of the Jobs that are ours."""


def managed_by_others(job: Object) -> bool:
    return bool(job["spec"].get("managedBy", CONTROLLER_NAME) != CONTROLLER_NAME)


class OrphanReconciler:
    """Its keys are pods."""

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._jobs = context.lister(JOBS)
        self._pods = context.lister(PODS)

    async def reconcile(self, where: NamespacedName) -> None:
        pod = self._pods.get(*where)
        if pod is None or not is_tracked(pod) or self._is_owned(pod):
            return
        patch = {"metadata": {"uid": uid(pod), "$deleteFromPrimitiveList/finalizers": [TRACKING]}}
        try:
            await self._client.patch(PODS, *where, patch, patch_type=STRATEGIC_MERGE_PATCH)
        except StatusError as error:
            if not is_not_found(error):
                raise

    def _is_owned(self, pod: Object) -> bool:
        """Whether somebody will see to its finalizer."""
        reference = controller_of(pod)
        if reference is None:
            return False
        if reference["kind"] != JOB.kind or reference["apiVersion"] != JOB.api_version:
            return True
        job = self._jobs.get(namespace(pod), reference["name"])
        if job is None or uid(job) != reference["uid"]:
            return False
        return managed_by_others(job) or not conditions.is_finished(job)
