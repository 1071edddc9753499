"""Binding pods: at once, or once what was reserved for them is ready (schedule_one.go bindingCycle)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from minikube_py.client.events import EventRecorder
from minikube_py.client.protocol import STRATEGIC_MERGE_PATCH
from minikube_py.controllers.scheduler.extender import ExtenderError
from minikube_py.controllers.scheduler.extenders import Extenders
from minikube_py.controllers.scheduler.framework import NotPrepared, Reservation
from minikube_py.controllers.scheduler.handle import Handle
from minikube_py.controllers.scheduler.queue import QueuedPod
from minikube_py.machinery.cause import because, current
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import NamespacedName
from minikube_py.machinery.wellknown import PODS

log = logging.getLogger(__name__)

Failed = Callable[[QueuedPod, str, str, Exception], Awaitable[str]]
"""Called with the extension point, the plugin and the error."""


class Bindings:
    def __init__(
        self, handle: Handle, recorders: Mapping[str, EventRecorder], extenders: Extenders, failed: Failed
    ) -> None:
        self._extenders = extenders
        self._client = handle.context.client
        self._handle = handle
        self._announces = int(handle.kubernetes_version.split(".")[1]) >= 35
        """Whether a pod that waits says where it will go (NominatedNodeNameForExpectation)."""
        self._recorders = recorders
        self._failed = failed
        self._under_way: dict[str, tuple[NamespacedName, asyncio.Task[None], Sequence[Reservation]]] = {}
        """Those that wait for what was reserved, by uid."""

    async def bind(self, queued: QueuedPod, node: str) -> None:
        """Raises StatusError and ExtenderError."""
        if not await self._extenders.bind(queued, node):
            await self._bind(queued, node)
        message = f"Successfully assigned {queued.key.namespace}/{queued.key.name} to {node}"
        self._recorders[queued.scheduler_name].event(queued.pod, "Normal", "Scheduled", message)

    async def _bind(self, queued: QueuedPod, node: str) -> None:
        namespace, name = queued.key
        binding = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": name, "namespace": namespace, "uid": queued.uid},
            "target": {"kind": "Node", "name": node},
        }
        await self._client.create(PODS, binding, namespace=namespace, name=name, subresource="binding")

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
        stage, plugin = "PreBind", ""
        if self._announces:
            await self._announce(queued, node)
        try:
            for each in reservations:
                plugin = each.plugin
                await each.prepare()
            stage, plugin = "Bind", "DefaultBinder"
            await self.bind(queued, node)
        except (StatusError, ExtenderError, NotPrepared) as error:
            for each in reservations:
                each.release()
                await each.withdraw()
            await self._failed(queued, stage, plugin, error)

    async def _announce(self, queued: QueuedPod, node: str) -> None:
        """A failure does no harm."""
        patch = {"metadata": {"uid": queued.uid}, "status": {"nominatedNodeName": node}}
        try:
            await self._client.patch(PODS, *queued.key, patch, patch_type=STRATEGIC_MERGE_PATCH, subresource="status")
        except StatusError as error:
            log.debug("nomination of Pod %s: %s", queued.key, error)

    def cancel(self, uid: str) -> None:
        """The pod is gone, or has a node. What is being written is written to its end, and then taken back."""
        found = self._under_way.get(uid)
        if found is not None:
            _, task, reservations = found
            if any(each.is_writing for each in reservations):
                return
            task.cancel()
            for each in reservations:
                each.release()

    def _waiting(self) -> int:
        devices = self._handle.devices
        return len(self._handle.volumes.waiting) + (len(devices.waiting) if devices is not None else 0)

    def busy(self) -> list[str]:
        """Those that are at work, and do not merely wait for others."""
        if len(self._under_way) <= self._waiting():
            return []
        return [str(key) for key, _, _ in self._under_way.values()]

    async def stop(self) -> None:
        tasks = [task for _, task, _ in self._under_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
