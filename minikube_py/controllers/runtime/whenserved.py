"""A controller of a resource that not every version serves: upstream's requiredFeatureGates."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from minikube_py.client.workqueue import WorkQueue
from minikube_py.controllers.runtime.context import Context
from minikube_py.controllers.runtime.controller import Controller
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName


class WhenServed:
    """Asks, when started, whether a resource is served, and only then makes its controller, whose informers would
    never sync otherwise. Where it is not served, this does nothing.

        Descriptor("volumeattributesclass-protection-controller", lambda context: WhenServed(context, CLASSES, new))
    """

    def __init__(self, context: Context, resource: GroupVersionResource, new: Callable[[Context], Controller]) -> None:
        self.name = context.name
        self.controller: Controller | None = None
        self._context = context
        self._resource = resource
        self._new = new
        self._task: asyncio.Task[None] | None = None

    @property
    def queue(self) -> WorkQueue[NamespacedName] | None:
        return self.controller.queue if self.controller is not None else None

    @property
    def companions(self) -> Sequence[Controller]:
        return getattr(self.controller, "companions", ())

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run(), name=self.name)

    async def _run(self) -> None:
        if any(each.resource == self._resource for each in await self._context.client.discover()):
            self.controller = self._new(self._context)
            self._context.informers.start()
            self.controller.start()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self.controller is not None:
            await self.controller.stop()

    def busy(self) -> list[str]:
        if self._task is not None and not self._task.done():
            return [f"{self.name} has not begun"]
        return self.controller.busy() if self.controller is not None else []
