"""Syncing one pod: what is due of its life, then its status, its events, its end (pkg/kubelet/pod_workers.go,
status/status_manager.go)."""

from __future__ import annotations

from minikube_py.client.events import EventRecorder
from minikube_py.client.protocol import MERGE_PATCH
from minikube_py.controllers.kubelet.cri.runtime import ContainerRuntime
from minikube_py.controllers.kubelet.life import Host, Life, Memory
from minikube_py.controllers.kubelet.stages import STAGES, advance
from minikube_py.controllers.runtime import Context
from minikube_py.controllers.runtime.pods import is_terminal
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import finalizers, is_deleting, key, name, namespace, resource_version, uid
from minikube_py.machinery.wellknown import PODS


class PodWorker:
    """Knows each pod's memory and the newest state of it, which its own write may be ahead of the informer with."""

    def __init__(self, context: Context, runtime: ContainerRuntime) -> None:
        self._runtime = runtime
        self._client = context.client
        self._clock = context.clock
        self._memories: dict[str, Memory] = {}
        self._written: dict[NamespacedName, Object] = {}
        """What was written and is yet to be seen by the informer."""

    def adopt(self, pod: Object, host: Host) -> None:
        """A pod is seen for the first time: what it has already is its own."""
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
        self._runtime.forget(uid(pod))
        host.network.release(uid(pod))
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
        memory.killing = memory.killing and is_deleting(pod)
        life = Life(pod, host, memory, self._clock.now())
        again = advance(life, STAGES)
        status = life.status()
        # The last status of what is about to vanish is of interest only where it was at work.
        if status != life.old and not (life.gone and not memory.killing and not finalizers(pod)):
            pod = await self._write(pod, status)
        self._runtime.sync(pod, memory.killing)
        for type, reason, message, path in life.events:
            recorder.event(pod, type, reason, message, field_path=path)
        if life.stopped_for_good:
            host.network.release(uid(pod))
        if life.gone and not (finalizers(pod) and not pod["metadata"].get("deletionGracePeriodSeconds")):
            await self._delete(pod)
        return again

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
