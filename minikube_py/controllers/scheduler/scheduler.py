"""The scheduler: takes pods from its queue, chooses nodes, binds (pkg/scheduler/schedule_one.go, eventhandlers.go)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from minikube_py.client.protocol import STRATEGIC_MERGE_PATCH
from minikube_py.controllers.runtime import Context
from minikube_py.controllers.runtime.pods import condition, is_terminal
from minikube_py.controllers.scheduler.cache import Cache
from minikube_py.controllers.scheduler.evictor import Evictor
from minikube_py.controllers.scheduler.framework import Profile
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo, same_to_scheduler
from minikube_py.controllers.scheduler.podclass import DEFAULT_SCHEDULER, PodClasses
from minikube_py.controllers.scheduler.preemption import Preemption
from minikube_py.controllers.scheduler.queue import QueuedPod, SchedulingQueue
from minikube_py.controllers.scheduler.ranking import Ranking, Rankings
from minikube_py.machinery.cause import Cause, because
from minikube_py.machinery.clock import next_turn, rfc3339
from minikube_py.machinery.errors import StatusError, is_conflict, is_not_found
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import generation, is_deleting, key, uid
from minikube_py.machinery.wellknown import NODES, PODS

log = logging.getLogger(__name__)

BINDERS = 4
"""Pods that are being bound at once; they are decided on one after the other."""
BURST = 16
"""Pods that a binder takes before it lets others run."""
MAX_NOTE = 1024
"""Characters of an event's message."""


class Scheduler:
    """A Runnable. Its profiles share queue and cache."""

    def __init__(self, context: Context, profiles: Sequence[Profile]) -> None:
        self.name = context.name
        self._context = context
        self._profiles = {profile.scheduler_name: profile for profile in profiles}
        self._recorders = {name: context.recorder(name) for name in self._profiles}
        self._cache = Cache()
        self._evictor = Evictor(context, self._cache, self._recorders)
        self._classes = PodClasses()
        self._rankings = Rankings(self._profiles)
        self._woken = asyncio.Event()
        self.scheduling_queue = SchedulingQueue(context.clock, context.stopwatch, self._woken.set)
        self._freed: Object | None = None
        """The node or pod whose change may have made room, not yet looked into."""
        self._in_flight: dict[str, QueuedPod] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._begun = False
        context.informer(NODES).add_handler(self._node_added, self._node_updated, self._node_deleted)
        context.informer(PODS).add_handler(self._pod_added, self._pod_updated, self._pod_deleted)

    # What happens to nodes

    def _node_added(self, node: Object) -> None:
        self._cache.set_node(node)
        self._room(node)

    def _node_updated(self, old: Object, new: Object) -> None:
        if not same_to_scheduler(old, new):
            self._cache.set_node(new)
            self._room(new)

    def _node_deleted(self, node: Object) -> None:
        self._cache.remove_node(node["metadata"]["name"])

    def _room(self, cause: Object) -> None:
        if self.scheduling_queue.any_waiting:
            self._freed = cause
            self._woken.set()

    # What happens to pods

    def _pod_added(self, pod: Object) -> None:
        if pod["spec"].get("nodeName"):
            self._assigned(None, pod)
        else:
            self._unassigned(None, pod)

    def _pod_updated(self, old: Object, new: Object) -> None:
        if uid(old) != uid(new) or (old["spec"].get("nodeName") and not new["spec"].get("nodeName")):
            self._pod_deleted(old)  # a namesake, or what was restored to before it was bound
        if new["spec"].get("nodeName"):
            self._assigned(old, new)
        else:
            self._unassigned(old, new)

    def _pod_deleted(self, pod: Object) -> None:
        self.scheduling_queue.remove(uid(pod))
        if self._cache.remove_pod(uid(pod)):
            self._room(pod)

    def _assigned(self, old: Object | None, pod: Object) -> None:
        where, node = uid(pod), pod["spec"]["nodeName"]
        if is_terminal(pod):
            self._pod_deleted(pod)
            return
        self.scheduling_queue.remove(where)
        resized = old is not None and generation(old) != generation(pod)
        if resized or self._cache.node_of(where) != node:
            self._cache.add_pod(where, key(pod), self._classes.of(pod["spec"]), node)
            self._room(pod)

    def _unassigned(self, old: Object | None, pod: Object) -> None:
        spec = pod["spec"]
        if (spec.get("schedulerName") or DEFAULT_SCHEDULER) not in self._profiles:
            return
        if is_deleting(pod) or is_terminal(pod):
            self.scheduling_queue.remove(uid(pod))
            return
        if spec.get("schedulingGates"):
            return
        queued = self.scheduling_queue.get(uid(pod))
        if queued is None:
            self.scheduling_queue.add(pod, self._classes.of(spec))
            return
        queued.pod = pod
        if old is None or old["spec"] != spec:
            self.scheduling_queue.reclassify(queued, self._classes.of(spec))
            self.scheduling_queue.activate(queued, pod)

    # Running

    def start(self) -> None:
        self._tasks = [asyncio.get_running_loop().create_task(self._run(), name=self.name)]

    async def _run(self) -> None:
        for informer in tuple(self._context.used.values()):
            await informer.wait_synced()
        self._begun = True
        create_task = asyncio.get_running_loop().create_task
        for number in range(BINDERS):
            self._tasks.append(create_task(self._bind_forever(), name=f"{self.name} {number}"))

    async def stop(self) -> None:
        self.scheduling_queue.shut_down()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    def busy(self) -> list[str]:
        if not self._begun:
            waiting = any(informer.waiting for informer in self._context.used.values())
            return [] if waiting or not self._tasks else [f"{self.name} has not begun"]
        culprits = [f"{self.name} is scheduling Pod {queued.key}" for queued in self._in_flight.values()]
        first = self.scheduling_queue.first()
        if first is not None:
            culprits.append(f"{self.name} has pods queued, first Pod {first.key}")
        if self._freed is not None:
            culprits.append(f"{self.name} has yet to look for room")
        return culprits

    async def _bind_forever(self) -> None:
        while True:
            await self._woken.wait()
            taken = 0
            while (queued := self._next()) is not None:
                self._in_flight[queued.uid] = queued
                try:
                    await self._schedule(queued)
                finally:
                    del self._in_flight[queued.uid]
                taken += 1
                if taken % BURST == 0:
                    await next_turn()
            self._woken.clear()

    def _next(self) -> QueuedPod | None:
        if self._freed is not None:
            self._look_for_room()
        return self.scheduling_queue.pop()

    def _look_for_room(self) -> None:
        """Try again the first of each class of waiting pods that a node fits now. Its success makes the next try."""
        cause, self._freed = self._freed, None
        for queued in self.scheduling_queue.waiting():
            if self._rankings.of(queued.scheduler_name, queued.pod_class, self._cache).fits:
                self.scheduling_queue.activate(queued, cause)

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
        ranking = self._rankings.of(queued.scheduler_name, queued.pod_class, self._cache)
        node = ranking.best()
        if node is None:
            return await self._unschedulable(queued, ranking)
        self._cache.assume(queued.uid, queued.key, queued.pod_class, node)
        try:
            await self._bind(queued, node)
        except StatusError as error:
            return await self._not_bound(queued, error)
        self.scheduling_queue.remove(queued.uid)
        if self.scheduling_queue.any_waiting:
            self._freed = self._freed or queued.pod  # what was waiting beside it may fit too
        return ""

    async def _unschedulable(self, queued: QueuedPod, ranking: Ranking) -> str:
        """Wait for room, which preemption may make."""
        message = ranking.explain(self._cache.known)
        preemption = Preemption(None)
        if self._cache.known:
            preemption = self._evictor.preempt(queued, ranking)
            message = f"{message} {preemption.message}".rstrip()
        self.scheduling_queue.wait(queued)
        if preemption.node is not None:
            await self._evictor.evict(queued, preemption)
        await self._failed(queued, "Unschedulable", message, preemption.node)
        return message

    async def _bind(self, queued: QueuedPod, node: NodeInfo) -> None:
        namespace, name = queued.key
        binding = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": name, "namespace": namespace, "uid": queued.uid},
            "target": {"kind": "Node", "name": node.name},
        }
        await self._context.client.create(PODS, binding, namespace=namespace, name=name, subresource="binding")
        message = f"Successfully assigned {namespace}/{name} to {node.name}"
        self._recorders[queued.scheduler_name].event(queued.pod, "Normal", "Scheduled", message)

    async def _not_bound(self, queued: QueuedPod, error: StatusError) -> str:
        self._cache.remove_pod(queued.uid)
        self._room(queued.pod)
        if is_not_found(error):
            self.scheduling_queue.remove(queued.uid)
            return str(error)
        message = f'running Bind plugin "DefaultBinder": {error}'
        self.scheduling_queue.back_off(queued)
        if not is_conflict(error):
            await self._failed(queued, "SchedulerError", message)
        return message

    async def _failed(self, queued: QueuedPod, reason: str, message: str, nominated: NodeInfo | None = None) -> None:
        """Tell by an event and the pod's status (handleSchedulingFailure). `nominated` is where there will be room."""
        note = message if len(message) <= MAX_NOTE else f"{message[: MAX_NOTE - 4]} ..."
        pod = queued.pod
        self._recorders[queued.scheduler_name].event(pod, "Warning", "FailedScheduling", note)
        wanted = {"status": "False", "reason": reason, "message": message, "observedGeneration": generation(pod)}
        current = condition(pod, "PodScheduled") or {}
        if wanted.items() <= current.items() and nominated is None:
            return
        since = current.get("lastTransitionTime") if current.get("status") == "False" else None
        written = {
            "type": "PodScheduled",
            **wanted,
            "lastProbeTime": None,
            "lastTransitionTime": since or rfc3339(self._context.clock.now()),
        }
        status: Object = {"conditions": [written]}
        if nominated is not None:
            status["nominatedNodeName"] = nominated.name
        try:
            await self._context.client.patch(
                PODS,
                *queued.key,
                {"metadata": {"uid": queued.uid}, "status": status},
                patch_type=STRATEGIC_MERGE_PATCH,
                subresource="status",
            )
        except StatusError as error:
            log.debug("%s: condition of Pod %s: %s", self.name, queued.key, error)
