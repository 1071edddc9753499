"""Syncing one pod: what is due of its life, then its status, its events, its end (pkg/kubelet/pod_workers.go,
status/status_manager.go)."""

from __future__ import annotations

from collections.abc import Callable

from minikube_py.client.events import EventRecorder
from minikube_py.client.protocol import MERGE_PATCH
from minikube_py.controllers.kubelet.admission import NODE_AFFINITY, Admission, Refusal
from minikube_py.controllers.kubelet.attachments import Attachments, attachable
from minikube_py.controllers.kubelet.cri.runtime import ContainerRuntime
from minikube_py.controllers.kubelet.handlers import Handlers
from minikube_py.controllers.kubelet.kwok import Scripts, Turn
from minikube_py.controllers.kubelet.life import Host, Life
from minikube_py.controllers.kubelet.memory import Memory
from minikube_py.controllers.kubelet.poststart import hooked
from minikube_py.controllers.kubelet.probing import answered
from minikube_py.controllers.kubelet.questions import Questions
from minikube_py.controllers.kubelet.references import References
from minikube_py.controllers.kubelet.stages import advance
from minikube_py.controllers.runtime import Context
from minikube_py.controllers.runtime.pods import is_terminal
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import finalizers, is_deleting, key, name, namespace, resource_version, uid
from minikube_py.machinery.wellknown import NODES, PODS


class PodWorker:
    """Knows each pod's memory and the newest state of it, which its own write may be ahead of the informer with.

    `wake` is called with the keys of pods that are to be synced for what happened beside them.
    """

    def __init__(
        self,
        context: Context,
        wake: Callable[[NamespacedName], None],
        scripts: Scripts,
        runtime: ContainerRuntime,
        handlers: Handlers,
        attachments: Attachments,
    ) -> None:
        self._attachments = attachments
        self._runtime = runtime
        self._client = context.client
        self._clock = context.clock
        self._scripts = scripts
        self._wake = wake
        self._references = References(context, wake)
        self._questions = Questions(context.clock, wake)
        self._handlers = handlers
        self._memories: dict[str, Memory] = {}
        self._written: dict[NamespacedName, Object] = {}
        """What was written and is yet to be seen by the informer."""

    def adopt(self, pod: Object, host: Host) -> None:
        """A pod is seen for the first time: what it has already is its own."""
        if host.admission is not None and _is_taken(pod):
            host.admission.take(pod)
        address = (pod.get("status") or {}).get("podIP")
        if address and not is_terminal(pod) and not pod["spec"].get("hostNetwork"):
            host.network.reserve(uid(pod), address)

    def is_own_write(self, pod: Object) -> bool:
        """Whether this state of it is what was written last, and so no news."""
        written = self._written.get(key(pod))
        if written is None or resource_version(written) != resource_version(pod):
            return False
        del self._written[key(pod)]
        return True

    def latest(self, cached: Object | None) -> Object | None:
        """The pod as it is known to be, if it still is."""
        if cached is None:
            return None
        written = self._written.get(key(cached))
        if written is None or uid(written) != uid(cached):
            return cached
        if int(resource_version(written) or 0) > int(resource_version(cached) or 0):
            return written
        del self._written[key(cached)]
        return cached

    def forget(self, pod: Object, host: Host, recorder: EventRecorder | None) -> None:
        """It is gone. One that was not stopped before is stopped now; without a recorder nobody tells of it."""
        memory = self._memories.pop(uid(pod), None)
        self._written.pop(key(pod), None)
        self._questions.forget(pod)
        self._scripts.forget(pod)
        self._runtime.forget(uid(pod))
        self._handlers.forget(pod)
        self._release(pod, host)
        if recorder is not None and memory is not None and not memory.killing and not is_terminal(pod):
            life = Life(pod, host, memory, self._clock.now())
            for container in life.containers:
                if "running" in life.statuses[container["name"]]["state"]:
                    message = f"Stopping container {container['name']}"
                    recorder.event(pod, "Normal", "Killing", message, field_path=life.path(container))

    async def sync(self, pod: Object, host: Host, recorder: EventRecorder) -> float | None:
        """The seconds until something is due again, None if nothing is. Raises StatusError."""
        memory = self._memories.get(uid(pod))
        if memory is None:
            memory = self._memories[uid(pod)] = Memory()
        soon: float | None = None
        if memory.scripted or self._scripts.are_about("Pod"):
            turn = await self._play(pod, host, memory, recorder)
            if turn is not None:
                if turn.is_all or turn.obj is None:
                    return turn.wait
                pod, soon = turn.obj, turn.wait
        again = await self._live(pod, host, memory, recorder)
        if self._scripts.are_about("Pod") and self.latest(pod) is not pod:
            self._wake(key(pod))  # what it has come to may be what a Stage is about
        return min(each for each in (again, soon) if each is not None) if soon is not None else again

    async def _play(self, pod: Object, host: Host, memory: Memory, recorder: EventRecorder) -> Turn | None:
        """What Stages make of it; None where none is about it. Raises StatusError."""
        try:
            turn = await self._scripts.play(PODS, "Pod", pod, host.name, recorder)
        finally:
            if self._memories.get(uid(pod)) is not memory:  # it has gone meanwhile
                self._release(pod, host)
        if turn is None and memory.scripted:  # it has no life but theirs, and no death either
            if is_deleting(pod) and not finalizers(pod):
                await self._delete(pod)
            return Turn(pod, None, False, True)
        if turn is not None:
            memory.scripted = memory.scripted or turn.told_status
            if host.admission is not None and turn.is_all:
                host.admission.take(pod)
            if turn.obj is not None and turn.obj is not pod:
                self._written[key(pod)] = turn.obj
            turn = turn._replace(is_all=turn.is_all or memory.scripted)
        return turn

    async def _live(self, pod: Object, host: Host, memory: Memory, recorder: EventRecorder) -> float | None:
        """By the kubelet's own stages. Raises StatusError."""
        objects = await self._references.of(pod, memory)
        refusal = await self._refusal(pod, host)
        if self._memories.get(uid(pod)) is not memory:  # it has gone meanwhile
            self._release(pod, host)
            return None
        if refusal is not None and (wait := self._until_turn(memory, host)) > 0:
            return wait
        before, answers, outcomes = memory.copy(), self._questions.answers(pod), self._handlers.outcomes(pod)
        memory.killing = memory.killing and is_deleting(pod)
        life = Life(pod, host, memory, self._clock.now(), objects)
        life.refusal = refusal
        for ask, outcome in answers:
            answered(life, ask, outcome)
        for call, came in outcomes:
            hooked(life, call, came)
        again = advance(life)
        if life.pending is None and host.admission is not None:
            host.admission.settle(uid(pod))
        if objects and not life.stopped_for_good:
            self._attachments.use(host.name, uid(pod), tuple(attachable(objects)))
        try:
            pod = await self._report(pod, life)
        except StatusError:
            if self._memories.get(uid(pod)) is memory:  # nothing of it has come to be
                self._memories[uid(pod)] = before
                self._questions.put_back(pod, answers)
                self._handlers.put_back(pod, outcomes)
            raise
        if self._memories.get(uid(pod)) is memory:
            self._runtime.sync(pod, memory.signalled(), memory.starting())
            if life.calls or life.given_up:
                self._handlers.run(pod, life)
        for type, reason, message, path in life.events:
            recorder.event(pod, type, reason, message, field_path=path)
        if life.asks and self._memories.get(uid(pod)) is memory:
            self._questions.ask(life)
        if life.granted and host.admission is not None:
            self._wake_deferred(host.admission)
        if life.stopped_for_good:
            self._release(pod, host)
        if life.gone and not (finalizers(pod) and not pod["metadata"].get("deletionGracePeriodSeconds")):
            await self._delete(pod)
        return again

    def is_probing(self) -> bool:
        """Whether containers were asked that may answer without time passing."""
        return self._questions.may_answer()

    async def stop(self) -> None:
        await self._questions.stop()

    def _release(self, pod: Object, host: Host) -> None:
        """What it took is free again, for those too that wait for more."""
        host.network.release(uid(pod))
        self._attachments.use(host.name, uid(pod), ())
        if host.admission is not None:
            host.admission.release(uid(pod))
            self._wake_deferred(host.admission)

    def _wake_deferred(self, admission: Admission) -> None:
        """There may be room by now for what pods wait for."""
        for each in admission.deferred():
            self._wake(each)

    async def _refusal(self, pod: Object, host: Host) -> Refusal | None:
        """Why a new pod is not taken, if it is not; else it takes its place. Raises StatusError."""
        admission = host.admission
        if admission is None or is_deleting(pod) or is_terminal(pod) or _is_taken(pod):
            return None
        refusal = admission.refusal(pod)
        if refusal is not None and refusal.reason == NODE_AFFINITY:  # it may know the node from before
            admission.set_node(await self._client.get(NODES, "", host.name))
            refusal = admission.refusal(pod)
        if refusal is None:
            admission.take(pod)
        return refusal

    def _until_turn(self, memory: Memory, host: Host) -> float:
        """Seconds until a pod that is not taken may be told so."""
        now = self._clock.now()
        if memory.turn is None:
            memory.turn = host.pace.turn(now)
        return memory.turn - now

    async def _report(self, pod: Object, life: Life) -> Object:
        """Write its status if it is news. Raises StatusError."""
        status = life.status()
        # The last status of what is about to vanish is of interest only where it was at work.
        if status == life.old or (life.gone and not life.memory.killing and not finalizers(pod)):
            return pod
        return await self._write(pod, status)

    async def _write(self, pod: Object, status: Object) -> Object:
        """Raises StatusError, a conflict if the pod has changed meanwhile."""
        old = pod.get("status") or {}
        patch = {
            "metadata": {"uid": uid(pod), "resourceVersion": resource_version(pod)},
            "status": {field: value for field, value in status.items() if old.get(field) != value},
        }
        written = await self._client.patch(
            PODS, namespace(pod), name(pod), patch, patch_type=MERGE_PATCH, subresource="status"
        )
        self._written[key(pod)] = written
        return written

    async def _delete(self, pod: Object) -> None:
        try:
            await self._client.delete(PODS, namespace(pod), name(pod), grace_period=0, uid=uid(pod))
        except StatusError as error:
            if not is_not_found(error):
                raise


def _is_taken(pod: Object) -> bool:
    """Whether its node has taken it before, and it is not over."""
    return bool((pod.get("status") or {}).get("startTime")) and not is_terminal(pod)
