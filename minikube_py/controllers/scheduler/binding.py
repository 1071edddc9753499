"""Binding pods: at once, or once what was reserved for them is ready (schedule_one.go bindingCycle)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from minikube_py.client.events import EventRecorder
from minikube_py.controllers.runtime import Context
from minikube_py.controllers.scheduler.assumedvolumes import AssumedVolumes
from minikube_py.controllers.scheduler.framework import NotPrepared, Reservation
from minikube_py.controllers.scheduler.queue import QueuedPod
from minikube_py.machinery.cause import because, current
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import NamespacedName
from minikube_py.machinery.wellknown import PODS

Failed = Callable[[QueuedPod, str, str, Exception], Awaitable[str]]
"""Called with the extension point, the plugin and the error."""


class Bindings:
    def __init__(
        self, context: Context, volumes: AssumedVolumes, recorders: Mapping[str, EventRecorder], failed: Failed
    ) -> None:
        self._client = context.client
        self._volumes = volumes
        self._recorders = recorders
        self._failed = failed
        self._under_way: dict[str, tuple[NamespacedName, asyncio.Task[None], Sequence[Reservation]]] = {}
        """Those that wait for what was reserved, by uid."""

    async def bind(self, queued: QueuedPod, node: str) -> None:
        """Raises StatusError."""
        namespace, name = queued.key
        binding = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": name, "namespace": namespace, "uid": queued.uid},
            "target": {"kind": "Node", "name": node},
        }
        await self._client.create(PODS, binding, namespace=namespace, name=name, subresource="binding")
        message = f"Successfully assigned {namespace}/{name} to {node}"
        self._recorders[queued.scheduler_name].event(queued.pod, "Normal", "Scheduled", message)

    def begin(self, queued: QueuedPod, node: str, reservations: Sequence[Reservation]) -> None:
        """Bind the pod when all is ready; it stays in flight until then."""
        task = asyncio.get_running_loop().create_task(self._bind_later(queued, node, reservations))
        self._under_way[queued.uid] = queued.key, task, reservations

    async def _bind_later(self, queued: QueuedPod, node: str, reservations: Sequence[Reservation]) -> None:
        work = current()
        try:
            if work is None:
                await self._prepare(queued, node, reservations)
            else:
                with because(work):
                    await self._prepare(queued, node, reservations)
        finally:
            self._under_way.pop(queued.uid, None)

    async def _prepare(self, queued: QueuedPod, node: str, reservations: Sequence[Reservation]) -> None:
        stage, plugin = "PreBind", "VolumeBinding"
        try:
            for each in reservations:
                await each.prepare()
            stage, plugin = "Bind", "DefaultBinder"
            await self.bind(queued, node)
        except (StatusError, NotPrepared) as error:
            for each in reservations:
                each.release()
            await self._failed(queued, stage, plugin, error)

    def cancel(self, uid: str) -> None:
        """The pod is gone, or has a node."""
        found = self._under_way.get(uid)
        if found is not None:
            _, task, reservations = found
            task.cancel()
            for each in reservations:
                each.release()

    def busy(self) -> list[str]:
        """Those that are at work, and do not merely wait for others."""
        if len(self._under_way) <= self._volumes.waiting:
            return []
        return [str(key) for key, _, _ in self._under_way.values()]

    async def stop(self) -> None:
        tasks = [task for _, task, _ in self._under_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
