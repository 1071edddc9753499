"""The scheduler: takes pods from its queue, chooses nodes, binds (pkg/scheduler/schedule_one.go)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from minikube_py.controllers.runtime import Context
from minikube_py.controllers.scheduler.binding import Bindings
from minikube_py.controllers.scheduler.cache import Cache
from minikube_py.controllers.scheduler.eventhandlers import EventHandlers
from minikube_py.controllers.scheduler.evictor import Evictor
from minikube_py.controllers.scheduler.extender import Extender, ExtenderError
from minikube_py.controllers.scheduler.extenders import Extenders
from minikube_py.controllers.scheduler.failures import SCHEDULER_ERROR, UNSCHEDULABLE, Failures
from minikube_py.controllers.scheduler.framework import ASSIGNED_POD, Event, Profile
from minikube_py.controllers.scheduler.handle import Handle
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podclaims import PodClaims, consult, gate
from minikube_py.controllers.scheduler.preemption import Preemption
from minikube_py.controllers.scheduler.queue import BACKOFF, Backoff, QueuedPod, SchedulingQueue
from minikube_py.controllers.scheduler.ranking import Ranking, Refusal
from minikube_py.controllers.scheduler.rankings import Rankings
from minikube_py.controllers.scheduler.remedies import NO_REMEDY, Remedy, attempted, remedy_for
from minikube_py.controllers.scheduler.requeue import Requeue
from minikube_py.machinery.cause import Cause, because
from minikube_py.machinery.clock import Turns
from minikube_py.machinery.errors import StatusError, is_conflict, is_not_found

log = logging.getLogger(__name__)

BINDERS = 4
"""Pods that are being bound at once; they are decided on one after the other."""


class Scheduler:
    """A Runnable. Its profiles share queue and cache."""

    def __init__(
        self,
        context: Context,
        profiles: Sequence[Profile],
        version: str,
        backoff: Backoff = BACKOFF,
        extenders: Sequence[Extender] = (),
    ) -> None:
        self.name = context.name
        self._context = context
        minor = int(version.split(".")[1])
        self._profiles = {profile.scheduler_name: profile.of(minor) for profile in profiles}
        recorders = {name: context.recorder(name) for name in self._profiles}
        self._cache = Cache()
        self._turns = Turns()
        self._handle = Handle(context, self._cache, version)
        self._extenders = Extenders(extenders, self._handle)
        self._binders = 1 if extenders else BINDERS
        """One after the other where extenders are asked before a pod's node is chosen."""
        self._evictor = Evictor(self._handle, self._profiles, recorders)
        self._failures = Failures(context, recorders)
        self._rankings = Rankings(self._profiles, self._handle)
        self._woken = asyncio.Event()
        self.scheduling_queue = SchedulingQueue(context.clock, context.stopwatch, self._woken.set, backoff)
        self._requeue = Requeue(self.scheduling_queue, self._profiles, self._promising, self._woken.set)
        self._bindings = Bindings(self._handle, recorders, self._extenders, self._not_bound)
        EventHandlers(
            self._handle,
            self.scheduling_queue,
            self._profiles,
            self._requeue.happened,
            self._bindings.cancel,
        )
        self._in_flight: dict[str, QueuedPod] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._begun = False

    def start(self) -> None:
        self._tasks = [asyncio.get_running_loop().create_task(self._run(), name=self.name)]

    async def _run(self) -> None:
        for informer in tuple(self._context.used.values()):
            await informer.wait_synced()
        self._begun = True
        create_task = asyncio.get_running_loop().create_task
        for number in range(self._binders):
            self._tasks.append(create_task(self._bind_forever(), name=f"{self.name} {number}"))

    async def stop(self) -> None:
        self.scheduling_queue.shut_down()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await self._bindings.stop()
        await self._extenders.stop()

    def busy(self) -> list[str]:
        if not self._begun:
            waiting = any(informer.waiting for informer in self._context.used.values())
            return [] if waiting or not self._tasks else [f"{self.name} has not begun"]
        culprits = [f"{self.name} is scheduling Pod {queued.key}" for queued in self._in_flight.values()]
        culprits += [f"{self.name} is binding Pod {each}" for each in self._bindings.busy()]
        first = self.scheduling_queue.first()
        if first is not None:
            culprits.append(f"{self.name} has pods queued, first Pod {first.key}")
        if self._requeue.pending:
            culprits.append(f"{self.name} has yet to look for room")
        return culprits

    async def _bind_forever(self) -> None:
        while True:
            await self._woken.wait()
            while (queued := self._next()) is not None:
                self._in_flight[queued.uid] = queued
                try:
                    await self._schedule(queued)
                finally:
                    del self._in_flight[queued.uid]
                await self._turns.step()
            self._woken.clear()

    def _next(self) -> QueuedPod | None:
        if self._requeue.pending:
            self._requeue.look()
        return self.scheduling_queue.pop()

    def _promising(self, queued: QueuedPod) -> bool:
        """Whether a waiting pod would fit now, or might preempt."""
        info = queued.info
        if self._cache.nominated_node(info.uid) is not None:
            return True
        if info.pod_class.individual or (info.pod_class.preempts and self._cache.any_below(info.priority)):
            return True
        return self._rankings.of(queued.scheduler_name, info).fits

    # One pod

    async def _schedule(self, queued: QueuedPod) -> None:
        context = self._context
        work = Cause(
            kind="reconcile",
            actor=queued.scheduler_name,
            subject=f"Pod {queued.key}",
            started=context.clock.now(),
            triggers=(queued.trigger,) if queued.trigger else (),
            reason=queued.reason,
            waited=context.stopwatch() - queued.since,
        )
        begun = context.stopwatch()
        try:
            with because(work):
                work.outcome = await self._schedule_one(queued)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            work.outcome = str(error) or type(error).__name__
            log.error("%s: Pod %s failed", self.name, queued.key, exc_info=error)
            self.scheduling_queue.back_off(queued)
        work.took = context.stopwatch() - begun
        context.ring.add(work)

    async def _schedule_one(self, queued: QueuedPod) -> str:
        """Bind the pod; or say why not, which is returned too. No await comes between the choice and assuming it."""
        if self._cache.node_of(queued.uid):
            return ""  # it is being bound just now
        if (held := self._gate(queued)) is not None:
            self.scheduling_queue.hold(queued, frozenset((held.plugin,)))
            return held.rejection.reasons[0]
        extended = bool(self._extenders.of(queued.pod)) and self._cache.known > 0
        claims = self._consult(queued, extended)
        ranking = claims.ranking if claims is not None else self._rankings.of(queued.scheduler_name, queued.info)
        if extended:
            try:
                node = await self._extenders.choose(queued, ranking)
            except ExtenderError as error:
                return await self._failed(queued, str(error))
            if node is not None and not ranking.admits(node, queued.uid):  # it has changed meanwhile
                self.scheduling_queue.back_off(queued)
                return ""
        else:
            node = self._choose(queued, ranking)
        if node is None:
            return await self._unschedulable(queued, ranking, claims, extended=extended)
        group = ranking if claims is None else queued.uid
        self._cache.assume(queued.info, node)
        reservations = claims.reserve(node.name) if claims is not None else []
        if reservations:
            self._bindings.begin(queued, node.name, reservations)
            return ""
        try:
            await self._bindings.bind(queued, node.name)
        except (StatusError, ExtenderError) as error:
            return await self._not_bound(queued, "Bind", "DefaultBinder", error)
        self.scheduling_queue.remove(queued.uid)
        self._requeue.succeeded(group, Event(ASSIGNED_POD, None, queued.pod))
        return ""

    def _gate(self, queued: QueuedPod) -> Refusal | None:
        if not queued.info.pod_class.individual:
            return None
        return gate(self._profiles[queued.scheduler_name], queued.pod, self._handle)

    def _consult(self, queued: QueuedPod, extended: bool) -> PodClaims | None:
        if not (queued.info.pod_class.individual or extended) or not self._cache.known:
            return None
        profile = self._profiles[queued.scheduler_name]
        return consult(profile, queued.pod, queued.info, self._handle)

    def _choose(self, queued: QueuedPod, ranking: Ranking) -> NodeInfo | None:
        """The node where room was made, if it does now; else the best."""
        nominated = self._cache.nominated_node(queued.uid)
        if nominated is not None and nominated.known and ranking.admits(nominated, queued.uid):
            return nominated
        return ranking.best()

    async def _unschedulable(
        self, queued: QueuedPod, ranking: Ranking, claims: PodClaims | None, *, extended: bool
    ) -> str:
        """Wait for room, which preemption may make."""
        message = ranking.explain(self._cache.known)
        rejectors = ranking.rejectors() if self._cache.known else frozenset()
        remedy = self._remedy(queued, ranking, claims) if self._cache.known else NO_REMEDY
        preemption: Preemption | None = None
        if self._cache.known and remedy.preemption:
            if extended:
                preemption = await self._evictor.preempt_with(self._extenders, queued, ranking)
            else:
                preemption = self._evictor.preempt(queued, ranking)
        group = ranking if not (queued.info.pod_class.individual or extended) else queued.uid
        self.scheduling_queue.wait(queued, group, rejectors)
        if extended and ranking.is_behind(self._cache):  # nobody waited for what happened while extenders were asked
            self.scheduling_queue.activate(queued, reason="changed meanwhile")
        remedy = await attempted(remedy)
        preemption = preemption if remedy.preemption else None
        nominated: str | None = ""
        told = [remedy.message]
        if preemption is not None:
            told = [preemption.message] if preemption.failed else [remedy.message, preemption.message]
            if preemption.node is not None:
                told = []
            nominated = preemption.nominated
            if preemption.node is not None:
                self._cache.nominate(queued.info, preemption.node.name)
                await self._evictor.evict(queued, preemption)
        message = f"{message} {', '.join(filter(None, told))}".rstrip()
        if nominated == "" and self._cache.denominate(queued.uid):
            self._requeue.happened(Event(ASSIGNED_POD, queued.pod, None))
        await self._failures.tell(queued, UNSCHEDULABLE, message, nominated)
        return message

    def _remedy(self, queued: QueuedPod, ranking: Ranking, claims: PodClaims | None) -> Remedy:
        profile = self._profiles[queued.scheduler_name]
        return remedy_for(profile, ranking.refused_by, claims.remedy if claims is not None else None)

    async def _not_bound(self, queued: QueuedPod, stage: str, plugin: str, error: Exception) -> str:
        self._cache.remove_pod(queued.uid)
        self._requeue.happened(Event(ASSIGNED_POD, queued.pod, None))
        if is_not_found(error):
            self.scheduling_queue.remove(queued.uid)
            return str(error)
        if isinstance(error, ExtenderError):
            return await self._failed(queued, str(error))
        message = f'running {stage} plugin "{plugin}": {error}'
        self.scheduling_queue.back_off(queued)
        if not is_conflict(error):
            await self._failures.tell(queued, SCHEDULER_ERROR, message, "")
        return message

    async def _failed(self, queued: QueuedPod, message: str) -> str:
        """It is no use to try it again before some time has passed."""
        self.scheduling_queue.back_off(queued)
        await self._failures.tell(queued, SCHEDULER_ERROR, message, "")
        return message
