"""Carrying a preemption out: the victims are told why, and deleted (pkg/scheduler/framework/preemption/executor.go)."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from minikube_py.client.events import EventRecorder
from minikube_py.client.protocol import STRATEGIC_MERGE_PATCH
from minikube_py.controllers.runtime.pods import condition
from minikube_py.controllers.scheduler.extender import ExtenderError
from minikube_py.controllers.scheduler.extenders import Extenders
from minikube_py.controllers.scheduler.framework import Profile
from minikube_py.controllers.scheduler.handle import Handle
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podinfo import PodInfo
from minikube_py.controllers.scheduler.preemption import (
    NO_CANDIDATE,
    TERMINATING,
    Budgets,
    Found,
    Limits,
    Preemption,
    barred,
    failure,
    search,
    select,
)
from minikube_py.controllers.scheduler.queue import QueuedPod
from minikube_py.controllers.scheduler.ranking import Ranking
from minikube_py.machinery.clock import parse_rfc3339, rfc3339
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import generation, is_deleting, key, uid
from minikube_py.machinery.wellknown import PODS

log = logging.getLogger(__name__)

DISRUPTION_TARGET, BY_SCHEDULER = "DisruptionTarget", "PreemptionByScheduler"


class Evictor:
    def __init__(self, handle: Handle, profiles: Mapping[str, Profile], recorders: Mapping[str, EventRecorder]) -> None:
        self._handle = handle
        self._client = handle.context.client
        self._clock = handle.context.clock
        self._random = handle.context.random
        self._profiles = profiles
        self._recorders = recorders

    def preempt(self, queued: QueuedPod, ranking: Ranking) -> Preemption | None:
        """Whom to evict; nobody as long as those are still leaving who were evicted for it before. None if the
        scheduler's profile has no preemption."""
        limits = self._limits(queued, ranking)
        if limits is None or isinstance(limits, Preemption):
            return limits
        return select(self._search(queued, ranking, limits), self._handle.cache.known, self._started)

    async def preempt_with(self, extenders: Extenders, queued: QueuedPod, ranking: Ranking) -> Preemption | None:
        """The same, where extenders have a say in it."""
        limits = self._limits(queued, ranking)
        if limits is None or isinstance(limits, Preemption):
            return limits
        found, known = self._search(queued, ranking, limits), self._handle.cache.known
        if not found.candidates:
            return select(found, known, self._started)
        try:
            candidates = await extenders.preempt(queued, found.candidates)
        except ExtenderError as error:
            return failure(str(error))
        if not candidates:
            return Preemption(None, message=NO_CANDIDATE, keeps_nomination=True)
        return select(found._replace(candidates=candidates), known, self._started)

    def _search(self, queued: QueuedPod, ranking: Ranking, limits: Limits) -> Found:
        cache, budgets = self._handle.cache, Budgets(self._handle.budgets.list())
        return search(queued.info, ranking, cache, budgets, self._started, limits, self._random.below)

    def _limits(self, queued: QueuedPod, ranking: Ranking) -> Limits | Preemption | None:
        """How many nodes are tried; or what comes of it without that."""
        plugin = next((each for each in self._profiles[queued.scheduler_name].plugins if each.preempts), None)
        if plugin is None:
            return None
        if refused := barred(queued.info):
            return refused
        if self._still_leaving(queued, ranking):
            return Preemption(None, message=TERMINATING, keeps_nomination=True)
        return plugin.arguments or Limits()

    def _still_leaving(self, queued: QueuedPod, ranking: Ranking) -> bool:
        node = self._handle.cache.nominated_node(queued.uid)
        if node is None or not node.known:
            return False
        refusal = ranking.refusals().get(node.name)
        if refusal is None or not refusal.rejection.resolvable:
            return False  # it will not fit there, however many leave
        lower = [each for each in node.pods.values() if each.priority < queued.info.priority]
        return any((pod := self._pod(each)) is not None and _leaves_for_another(pod) for each in lower)

    def _started(self, info: PodInfo) -> float:
        pod = self._pod(info)
        start = (pod.get("status") or {}).get("startTime") if pod is not None else None
        return parse_rfc3339(start) if start else self._clock.now()

    def _pod(self, info: PodInfo) -> Object | None:
        pod = self._handle.pods.get(*info.key)
        return pod if pod is not None and uid(pod) == info.uid else None

    async def evict(self, queued: QueuedPod, preemption: Preemption) -> None:
        """Failures are left to the next try."""
        assert preemption.node is not None
        recorder = self._recorders[queued.scheduler_name]
        message = f"Preempted by pod {queued.uid} on node {preemption.node.name}"
        await self._withdraw(queued, preemption.node)
        for victim in [pod for each in preemption.victims if (pod := self._pod(each)) is not None]:
            if is_deleting(victim):
                continue
            try:
                await self._tell(victim, queued.scheduler_name)
                await self._client.delete(PODS, *key(victim), uid=uid(victim))
            except StatusError as error:
                log.debug("preempting Pod %s: %s", key(victim), error)
                continue
            recorder.event(victim, "Normal", "Preempted", message)

    async def _withdraw(self, queued: QueuedPod, node: NodeInfo) -> None:
        """Less important pods for which room was made there have to look for another node."""
        for info in [each for each in node.nominated.values() if each.priority < queued.info.priority]:
            self._handle.cache.denominate(info.uid)
            patch = {"metadata": {"uid": info.uid}, "status": {"nominatedNodeName": None}}
            try:
                await self._client.patch(PODS, *info.key, patch, patch_type=STRATEGIC_MERGE_PATCH, subresource="status")
            except StatusError as error:
                log.debug("nomination of Pod %s: %s", info.key, error)

    async def _tell(self, victim: Object, scheduler_name: str) -> None:
        told = {
            "type": DISRUPTION_TARGET,
            "observedGeneration": generation(victim),
            "status": "True",
            "lastProbeTime": None,
            "lastTransitionTime": rfc3339(self._clock.now()),
            "reason": BY_SCHEDULER,
            "message": f"{scheduler_name}: preempting to accommodate a higher priority pod",
        }
        patch = {"metadata": {"uid": uid(victim)}, "status": {"conditions": [told]}}
        await self._client.patch(PODS, *key(victim), patch, patch_type=STRATEGIC_MERGE_PATCH, subresource="status")


def _leaves_for_another(pod: Object) -> bool:
    """Whether the pod is being deleted because a scheduler wanted its room."""
    told = condition(pod, DISRUPTION_TARGET) if is_deleting(pod) else None
    return told is not None and told["status"] == "True" and told.get("reason") == BY_SCHEDULER
