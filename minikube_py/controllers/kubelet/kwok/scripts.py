"""KWOK's Stages as kubelets know them: where there are none, nothing of them is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from minikube_py.client.events import EventRecorder
from minikube_py.controllers.kubelet.kwok.catalog import Stages
from minikube_py.controllers.kubelet.kwok.turn import Turn
from minikube_py.controllers.kubelet.life import Hosts
from minikube_py.controllers.runtime import Context
from minikube_py.machinery.gvr import GroupVersionResource, Object

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.kwok.player import Player


class Scripts:
    """`given` are Stages that are there from the start; `changed` is called when there are others."""

    def __init__(self, context: Context, given: Iterable[Object], hosts: Hosts, changed: Callable[[], None]) -> None:
        self._context = context
        self._hosts = hosts
        self._stages = Stages(given, changed)
        self._stages.watch(context)
        self._player: Player | None = None

    def are_about(self, kind: str) -> bool:
        return bool(self._stages.of(kind))

    async def play(
        self, resource: GroupVersionResource, kind: str, obj: Object, node: str, recorder: EventRecorder
    ) -> Turn | None:
        """All stages that are due of an object on `node`, or of the node; None if no stage is about it now. Raises
        StatusError: what was not done then is done the next time."""
        if self._player is None:
            from minikube_py.controllers.kubelet.kwok.player import Player  # for those who have stages alone

            context = self._context
            random = context.random.fork("stages")
            self._player = Player(context.client, context.clock, random, self._stages, self._hosts)
        return await self._player.play(resource, kind, obj, node, recorder)

    def forget(self, obj: Object) -> None:
        """It is gone; idempotent."""
        if self._player is not None:
            self._player.forget(obj)
