"""Carrying a preemption out: the victims are told why, and deleted (pkg/scheduler/framework/preemption/executor.go)."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from minikube_py.client.events import EventRecorder
from minikube_py.client.protocol import STRATEGIC_MERGE_PATCH
from minikube_py.controllers.runtime import Context
from minikube_py.controllers.scheduler.cache import Cache
from minikube_py.controllers.scheduler.preemption import TERMINATING, Preemption, preempt
from minikube_py.controllers.scheduler.queue import QueuedPod
from minikube_py.controllers.scheduler.ranking import Ranking
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import generation, is_deleting, key, uid
from minikube_py.machinery.wellknown import PODS

log = logging.getLogger(__name__)


class Evictor:
    def __init__(self, context: Context, cache: Cache, recorders: Mapping[str, EventRecorder]) -> None:
        self._client = context.client
        self._clock = context.clock
        self._pods = context.lister(PODS)
        self._cache = cache
        self._recorders = recorders

    def preempt(self, queued: QueuedPod, ranking: Ranking) -> Preemption:
        """Whom to evict; nobody as long as those are still leaving who were evicted for it before."""
        if queued.pod_class.preempts and self._still_leaving(queued):
            return Preemption(None, message=TERMINATING)
        return preempt(queued.pod_class, ranking, self._cache)

    def _still_leaving(self, queued: QueuedPod) -> bool:
        nominated = (queued.pod.get("status") or {}).get("nominatedNodeName")
        node = self._cache.nodes.get(nominated) if nominated else None
        if node is None:
            return False
        lower = [each for each, other in node.pods.items() if other.priority < queued.pod_class.priority]
        return any((pod := self._pod(each)) is not None and is_deleting(pod) for each in lower)

    def _pod(self, pod_uid: str) -> Object | None:
        pod = self._pods.get(*self._cache.key_of(pod_uid))
        return pod if pod is not None and uid(pod) == pod_uid else None

    async def evict(self, queued: QueuedPod, preemption: Preemption) -> None:
        """Failures are left to the next try."""
        assert preemption.node is not None
        recorder = self._recorders[queued.scheduler_name]
        message = f"Preempted by pod {queued.uid} on node {preemption.node.name}"
        for victim in [pod for each in preemption.victims if (pod := self._pod(each)) is not None]:
            try:
                if not is_deleting(victim):
                    await self._tell(victim, queued.scheduler_name)
                    await self._client.delete(PODS, *key(victim), uid=uid(victim))
            except StatusError as error:
                log.debug("preempting Pod %s: %s", key(victim), error)
                continue
            recorder.event(victim, "Normal", "Preempted", message)

    async def _tell(self, victim: Object, scheduler_name: str) -> None:
        condition = {
            "type": "DisruptionTarget",
            "observedGeneration": generation(victim),
            "status": "True",
            "lastProbeTime": None,
            "lastTransitionTime": rfc3339(self._clock.now()),
            "reason": "PreemptionByScheduler",
            "message": f"{scheduler_name}: preempting to accommodate a higher priority pod",
        }
        patch = {"metadata": {"uid": uid(victim)}, "status": {"conditions": [condition]}}
        await self._client.patch(PODS, *key(victim), patch, patch_type=STRATEGIC_MERGE_PATCH, subresource="status")
