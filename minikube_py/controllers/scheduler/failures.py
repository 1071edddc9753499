"""Telling that a pod could not be scheduled: by an event, and in its status (handleSchedulingFailure)."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from minikube_py.client.events import EventRecorder
from minikube_py.client.protocol import STRATEGIC_MERGE_PATCH
from minikube_py.controllers.runtime import Context
from minikube_py.controllers.runtime.pods import condition
from minikube_py.controllers.scheduler.queue import QueuedPod
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import generation
from minikube_py.machinery.wellknown import PODS

log = logging.getLogger(__name__)

UNSCHEDULABLE, SCHEDULER_ERROR = "Unschedulable", "SchedulerError"
MAX_NOTE = 1024
"""Characters of an event's message."""


class Failures:
    def __init__(self, context: Context, recorders: Mapping[str, EventRecorder]) -> None:
        self._context = context
        self._recorders = recorders

    async def tell(self, queued: QueuedPod, reason: str, message: str, nominated: str | None = None) -> None:
        """`nominated` is the node where there will be room, "" for none; None leaves what the pod's status says."""
        note = message if len(message) <= MAX_NOTE else f"{message[: MAX_NOTE - 4]} ..."
        pod = queued.pod
        self._recorders[queued.scheduler_name].event(pod, "Warning", "FailedScheduling", note)
        status = self._changes(pod, reason, message)
        if nominated is not None and nominated != ((pod.get("status") or {}).get("nominatedNodeName") or ""):
            status["nominatedNodeName"] = nominated or None
        if not status:
            return
        patch = {"metadata": {"uid": queued.uid}, "status": status}
        try:
            await self._context.client.patch(
                PODS, *queued.key, patch, patch_type=STRATEGIC_MERGE_PATCH, subresource="status"
            )
        except StatusError as error:
            log.debug("%s: condition of Pod %s: %s", self._context.name, queued.key, error)

    def _changes(self, pod: Object, reason: str, message: str) -> Object:
        wanted = {"status": "False", "reason": reason, "message": message, "observedGeneration": generation(pod)}
        current = condition(pod, "PodScheduled") or {}
        if wanted.items() <= current.items():
            return {}
        since = current.get("lastTransitionTime") if current.get("status") == "False" else None
        written = {
            "type": "PodScheduled",
            **wanted,
            "lastProbeTime": None,
            "lastTransitionTime": since or rfc3339(self._context.clock.now()),
        }
        return {"conditions": [written]}
