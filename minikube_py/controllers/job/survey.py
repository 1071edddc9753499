"""What one sync of a Job knows of it and its pods, all worked out from values (pkg/controller/job syncJobCtx)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from minikube_py.controllers.job import backoff, indexes
from minikube_py.controllers.job.backoff import Record, finished_at
from minikube_py.controllers.job.indexes import UNKNOWN, Intervals, indexes_of, valid_index
from minikube_py.controllers.job.policies import FAIL_INDEX, match_failure
from minikube_py.controllers.runtime.features import NEWEST, Features
from minikube_py.controllers.runtime.pods import is_active, is_ready, is_terminating, phase
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import finalizers, is_deleting, uid

TRACKING = "batch.kubernetes.io/job-tracking"
"""The finalizer of pods that are not counted yet."""


def is_tracked(pod: Object) -> bool:
    return TRACKING in finalizers(pod)


def is_suspended(job: Object) -> bool:
    return bool(job["spec"].get("suspend"))


def is_indexed(job: Object) -> bool:
    return bool(job["spec"].get("completionMode") == "Indexed")


def replaces_only_failed(job: Object) -> bool:
    """Whether a terminating pod is not replaced before it has failed."""
    spec = job["spec"]
    return spec.get("podReplacementPolicy") == "Failed" or spec.get("podFailurePolicy") is not None


def is_failed(pod: Object, job: Object) -> bool:
    """A deleted pod counts as failed where it is replaced at once: an orphaned one never gets to say so."""
    if phase(pod) == "Failed":
        return True
    return not replaces_only_failed(job) and is_deleting(pod) and phase(pod) != "Succeeded"


class Survey:
    """`released` are the uids of pods whose finalizer is off although the cache does not show it yet; `record` is what
    is remembered of the Job's failures. Counts are those before anything is done."""

    def __init__(
        self,
        job: Object,
        pods: Sequence[Object],
        released: Collection[str],
        record: Record,
        now: float,
        features: Features = NEWEST,
    ) -> None:
        self.job = job
        self.features = features
        self.spec: Object = job["spec"]
        self.status: Object = job.get("status") or {}
        self.pods = pods
        self.now = now
        self.indexed = is_indexed(job)
        self.per_index = self.spec.get("backoffLimitPerIndex") is not None
        self.completions: int | None = self.spec.get("completions")
        self.uncounted: list[Object] = [pod for pod in pods if is_tracked(pod) and uid(pod) not in released]
        """Those that still carry the finalizer."""
        self.active = [pod for pod in pods if is_active(pod)]
        self.ready = sum(map(is_ready, self.active))
        self.terminating = sum(map(is_terminating, pods))
        listed = self.status.get("uncountedTerminatedPods") or {}
        self.listed_succeeded = frozenset(listed.get("succeeded") or ())
        self.listed_failed = frozenset(listed.get("failed") or ())
        new_succeeded = self._new(self.listed_succeeded, lambda pod: phase(pod) == "Succeeded")
        new_failed = self._new(self.listed_failed, lambda pod: is_failed(pod, job))
        self.record = backoff.after(record, new_succeeded, new_failed)
        """As it is with what has ended since."""
        counting = sum(match_failure(self.spec.get("podFailurePolicy"), pod).counts for pod in new_failed)
        self.succeeded = self.status.get("succeeded", 0) + len(new_succeeded) + len(self.listed_succeeded)
        self.failed = self.status.get("failed", 0) + counting + len(self.listed_failed)
        self.counted_indexes: Intervals = ()
        """Those that status has as succeeded already."""
        self.succeeded_indexes: Intervals = ()
        self.failed_indexes: Intervals | None = None
        self.awaiting_replacement: dict[int, Object] = {}
        """With limits per index: failed pods that stay until their replacement carries on their count, by index."""
        if self.indexed:
            self._survey_indexes()

    @property
    def limit(self) -> int:
        """Above all indexes."""
        return self.completions or 0

    def index(self, pod: Object) -> int:
        return valid_index(pod, self.limit)

    def _new(self, listed: frozenset[str], ended: Callable[[Object], bool]) -> list[Object]:
        """Pods that have ended and are not in the status yet."""
        return [
            pod
            for pod in self.uncounted
            if uid(pod) not in listed and (not self.indexed or self.index(pod) != UNKNOWN) and ended(pod)
        ]

    def _survey_indexes(self) -> None:
        tracked = [pod for pod in self.pods if is_tracked(pod) and self.index(pod) != UNKNOWN]
        self.counted_indexes = indexes.parse(self.status.get("completedIndexes") or "", self.limit)
        done = {self.index(pod) for pod in tracked if phase(pod) == "Succeeded"}
        self.succeeded_indexes = indexes.with_indexes(self.counted_indexes, done)
        self.succeeded = indexes.total(self.succeeded_indexes)
        if self.per_index:
            before = indexes.parse(self.status.get("failedIndexes") or "", self.limit)
            failed = {self.index(pod) for pod in tracked if self._fails_index(pod)}
            self.failed_indexes = indexes.with_indexes(before, failed)
            self._survey_replacements()

    def _fails_index(self, pod: Object) -> bool:
        if not is_failed(pod, self.job):
            return False
        match = match_failure(self.spec.get("podFailurePolicy"), pod)
        if match.action == FAIL_INDEX:
            return True
        return match.counts and indexes.failure_count(pod) >= self.spec["backoffLimitPerIndex"]

    def _survey_replacements(self) -> None:
        active = indexes_of(self.active)
        for pod in self.uncounted:
            index = self.index(pod)
            if index == UNKNOWN or index in active or not is_failed(pod, self.job) or self._is_settled(index):
                continue
            last = self.awaiting_replacement.get(index)
            if last is None or (_failures(last) <= _failures(pod) and finished_at(pod) >= finished_at(last)):
                self.awaiting_replacement[index] = pod

    def _is_settled(self, index: int) -> bool:
        return indexes.has(self.succeeded_indexes, index) or indexes.has(self.failed_indexes or (), index)


def _failures(pod: Object) -> int:
    return indexes.failure_count(pod) + indexes.ignored_failure_count(pod)
