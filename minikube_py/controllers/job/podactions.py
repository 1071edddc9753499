"""Creating, deleting and releasing the pods of a Job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from minikube_py.client.expectations import Expectations
from minikube_py.client.protocol import STRATEGIC_MERGE_PATCH
from minikube_py.controllers.job.podplan import Create, Delete, Plan
from minikube_py.controllers.job.survey import TRACKING, Survey, is_tracked
from minikube_py.controllers.job.template import base_pod, indexed_pod
from minikube_py.controllers.runtime import Context
from minikube_py.controllers.runtime.podcontrol import NAMESPACE_TERMINATING, PodControl
from minikube_py.controllers.runtime.pods import is_ready
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import key, name, namespace, uid
from minikube_py.machinery.wellknown import PODS


class Effect(NamedTuple):
    """By how much counts have changed, and what went wrong first."""

    active: int = 0
    ready: int = 0
    terminating: int = 0
    error: Exception | None = None


class PodActions:
    def __init__(self, context: Context, expectations: Expectations[NamespacedName]) -> None:
        self._client = context.client
        self._control = PodControl(context.client, context.recorder())
        self._expectations = expectations
        self.released: set[str] = set()
        """Uids of pods whose finalizer was taken off, until the informer shows it or their end."""

    async def perform(self, plan: Plan, survey: Survey) -> Effect:
        if isinstance(plan, Delete):
            return await self._delete_managed(survey.job, plan.pods)
        if isinstance(plan, Create):
            return await self._create(survey, plan)
        return Effect()

    # Deleting

    async def delete_active(self, job: Object, pods: Sequence[Object]) -> Effect:
        """Of a Job that is over. Finalizers stay until the pods are counted."""
        return await self._delete(job, pods, release=False)

    async def _delete_managed(self, job: Object, pods: Sequence[Object]) -> Effect:
        """Of a Job that goes on and has too many; these are never counted."""
        if pods:
            self._expectations.expect_deletions(key(job), [uid(pod) for pod in pods])
        return await self._delete(job, pods, release=True)

    async def _delete(self, job: Object, pods: Sequence[Object], release: bool) -> Effect:
        deleted = ready = 0
        failure: Exception | None = None
        for pod in pods:
            try:
                if release and is_tracked(pod):
                    await self._patch(pod)
                await self._control.delete(pod, job)
            except StatusError as error:
                self._expectations.deletion_observed(key(job), uid(pod))
                if not is_not_found(error):
                    failure = failure or error
                    continue
            deleted += 1
            ready += is_ready(pod)
        return Effect(-deleted, -ready, deleted, failure)

    # Releasing

    async def release(self, pods: Sequence[Object]) -> tuple[set[str], Exception | None]:
        """Take their finalizers off. The uids of those that have none any more, and what went wrong first."""
        done: set[str] = set()
        failure: Exception | None = None
        for pod in pods:
            self.released.add(uid(pod))
            try:
                await self._patch(pod)
            except StatusError as error:
                self.released.discard(uid(pod))
                if not is_not_found(error):
                    failure = failure or error
                    continue
            done.add(uid(pod))
        return done, failure

    async def _patch(self, pod: Object) -> None:
        patch = {"metadata": {"$deleteFromPrimitiveList/finalizers": [TRACKING]}}
        await self._client.patch(PODS, namespace(pod), name(pod), patch, patch_type=STRATEGIC_MERGE_PATCH)

    # Creating

    async def _create(self, survey: Survey, plan: Create) -> Effect:
        """In batches of 1, 2, 4, ... so that what fails for all is not tried for each."""
        job, where = survey.job, key(survey.job)
        self._expectations.expect_creations(where, plan.number)
        label = survey.features.index_labels
        base = base_pod(job, index_label=label)
        pods = [base] * plan.number
        if plan.indexes:
            replaced = survey.awaiting_replacement
            pods = [indexed_pod(base, job, each, replaced.get(each), index_label=label) for each in plan.indexes]
        begun, batch, failed = 0, 1, 0
        failure: Exception | None = None
        while begun < plan.number and failure is None:
            for pod in pods[begun : begun + batch]:
                error = await self._create_pod(pod, job)
                if error is not None:
                    failure = failure or error
                    failed += 1
            begun, batch = min(begun + batch, plan.number), 2 * batch
        missing = failed + plan.number - begun
        for _ in range(missing):
            self._expectations.creation_observed(where)
        return Effect(plan.number - missing, error=failure)

    async def _create_pod(self, pod: Object, job: Object) -> Exception | None:
        try:
            await self._control.create(pod, job)
        except StatusError as error:
            # In a namespace that is going, no creation will succeed, and none is missed.
            return None if error.has_cause(NAMESPACE_TERMINATING) else error
        except ValueError as error:
            return error
        return None
