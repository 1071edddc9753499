"""Stages are played: an object waits for the one that is next, and then that is done (kwok pkg/kwok/controllers
pod_controller.go, node_controller.go)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from minikube_py.client.events import EventRecorder, EventType
from minikube_py.client.protocol import MERGE_PATCH, Client
from minikube_py.controllers.kubelet.gotemplate import Functions, TemplateError
from minikube_py.controllers.kubelet.kwok.catalog import Stages
from minikube_py.controllers.kubelet.kwok.functions import functions
from minikube_py.controllers.kubelet.kwok.lifecycle import choose
from minikube_py.controllers.kubelet.kwok.stage import Apply, Stage, Step
from minikube_py.controllers.kubelet.kwok.steps import applied, finalizers_of, patch_of
from minikube_py.controllers.kubelet.kwok.turn import Turn
from minikube_py.controllers.kubelet.kwok.yamltree import YAMLTextError
from minikube_py.controllers.kubelet.life import Hosts
from minikube_py.machinery.clock import Clock
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.meta import finalizers, name, namespace, resource_version, uid
from minikube_py.machinery.random import Random

log = logging.getLogger(__name__)

MAX_STAGES = 100
"""That an object can go through at one time: a guard against Stages that never come to rest."""

PAUSE = 1.0
"""Seconds until one goes on that did not."""


@dataclass
class _Waiting:
    """For a stage; `step` is the first that is yet to be done."""

    stage: Stage
    due: float
    step: int = 0


class Player:
    """For all Stages, of all objects of a cluster's nodes."""

    def __init__(self, client: Client, clock: Clock, random: Random, stages: Stages, hosts: Hosts) -> None:
        self._client = client
        self._clock = clock
        self._random = random
        self._stages = stages
        self._hosts = hosts
        self._begun = clock.now()
        self._waiting: dict[str, _Waiting] = {}
        self._resting: dict[str, float] = {}
        """Until when those rest that did not come to rest."""

    def forget(self, obj: Object) -> None:
        """It is gone; idempotent."""
        self._waiting.pop(uid(obj), None)
        self._resting.pop(uid(obj), None)

    async def play(
        self, resource: GroupVersionResource, kind: str, obj: Object, node: str, recorder: EventRecorder
    ) -> Turn | None:
        """All stages that are due of an object on `node`, or of the node; None if no stage is about it now. Raises
        StatusError: what was not done then is done the next time."""
        rest = self._resting.get(uid(obj), 0.0) - self._clock.now()
        if rest > 0:
            return Turn(obj, rest, False, True)
        told = played = False
        for _ in range(MAX_STAGES):
            waiting = self._next(kind, obj)
            if waiting is None:
                return Turn(obj, None, told, told) if played else None
            stage, wait = waiting.stage, waiting.due - self._clock.now()
            if wait > 1e-6:
                return Turn(obj, wait, told, told or stage.is_all)
            after = await self._play(resource, kind, obj, waiting, node, recorder)
            self._waiting.pop(uid(obj), None)
            told, played = told or stage.tells_status, True
            if after is None or resource_version(after) == resource_version(obj):
                return Turn(after, None, told, told or stage.is_all)
            obj = after
        self._resting[uid(obj)] = self._clock.now() + PAUSE
        return Turn(obj, PAUSE, told, True)

    def _next(self, kind: str, obj: Object) -> _Waiting | None:
        """The stage that it waits for already, if that still is about it, or another one from now on."""
        waiting = self._waiting.get(uid(obj))
        if waiting is not None and (waiting.step or waiting.stage.matches(obj)):
            return waiting
        stage = choose(self._stages.of(kind), obj, self._random)
        if stage is None:
            self._waiting.pop(uid(obj), None)
            return None
        now = self._clock.now()
        waiting = self._waiting[uid(obj)] = _Waiting(stage, now + stage.delay(obj, now, self._random))
        return waiting

    async def _play(
        self,
        resource: GroupVersionResource,
        kind: str,
        obj: Object,
        waiting: _Waiting,
        node: str,
        recorder: EventRecorder,
    ) -> Object | None:
        """The object after it; one of which the template makes no sense is left as it is. Raises StatusError."""
        given = functions(self._hosts, node, self._clock.now(), self._begun)
        current: Object | None = obj
        for number, step in enumerate(waiting.stage.steps):
            if number < waiting.step:
                continue
            if step.event:
                _tell(kind, obj, step.event, recorder)
            if current is not None:
                try:
                    current = await self._do(resource, step, obj, current, given)
                except (TemplateError, YAMLTextError) as error:
                    log.warning("stage %s: %s %s: %s", waiting.stage.name, kind, name(obj), error)
                    return obj
            waiting.step = number + 1
        return current

    async def _do(
        self, resource: GroupVersionResource, step: Step, obj: Object, current: Object, given: Functions
    ) -> Object | None:
        """Templates are of the object as it was before the stage."""
        if step.finalizers:
            kept = finalizers_of(step.finalizers, finalizers(current))
            if kept != finalizers(current):
                metadata = {"finalizers": kept or None, "resourceVersion": resource_version(current)}
                current = await self._patch(resource, current, {"metadata": metadata}, MERGE_PATCH, "")
        if step.delete:
            await self._delete(resource, current)
            return None
        if step.patch is not None:
            body, type = patch_of(step.patch, obj, given)
            current = await self._patch(resource, current, body, type, step.patch.subresource)
        if step.apply is not None:
            await self._apply(step.apply, obj, given)
        return current

    async def _patch(
        self, resource: GroupVersionResource, obj: Object, body: Any, type: str, subresource: str
    ) -> Object:
        return await self._client.patch(
            resource, namespace(obj), name(obj), body, patch_type=type, subresource=subresource
        )

    async def _delete(self, resource: GroupVersionResource, obj: Object) -> None:
        try:
            await self._client.delete(resource, namespace(obj), name(obj), grace_period=0, uid=uid(obj))
        except StatusError as error:
            if not is_not_found(error):
                raise

    async def _apply(self, apply: Apply, obj: Object, given: Functions) -> None:
        body, type = applied(apply, obj, given)
        metadata = body.get("metadata") or {}
        for each in await self._client.discover():
            if each.kind == body.get("kind") and each.resource.api_version == body.get("apiVersion"):
                where = metadata.get("namespace") or (namespace(obj) if each.namespaced else "")
                await self._client.patch(
                    each.resource,
                    where,
                    metadata["name"],
                    body,
                    patch_type=type,
                    subresource=apply.subresource,
                    field_manager="kwok",
                    force=True,
                )
                return
        raise TemplateError(f"no kind {body.get('kind')} in {body.get('apiVersion')}")


def _tell(kind: str, obj: Object, event: Object, recorder: EventRecorder) -> None:
    reference = {"kind": "Node", "name": name(obj), "uid": name(obj)} if kind == "Node" else obj
    type: EventType = "Warning" if event.get("type") == "Warning" else "Normal"
    recorder.event(reference, type, event.get("reason", ""), event.get("message", ""))
