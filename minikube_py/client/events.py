"""Events: client-go's tools/record. Recorders say what happened; the broadcaster writes it through the client."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Any, Literal, NamedTuple

from minikube_py.client.correlation import Correlated, Correlator
from minikube_py.client.protocol import STRATEGIC_MERGE_PATCH, Client
from minikube_py.machinery import cause
from minikube_py.machinery.clock import Clock, next_turn, rfc3339
from minikube_py.machinery.errors import StatusError, is_already_exists, is_not_found
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import name_is_dns_subdomain
from minikube_py.machinery.random import Random
from minikube_py.machinery.wellknown import EVENTS

log = logging.getLogger(__name__)

EventType = Literal["Normal", "Warning"]

MAX_TRIES = 12
RETRY_DELAY = 10.0
"""Seconds between tries to write an event when the server cannot be reached (record/event.go)."""


BACKLOG = 2000
"""For so many events that wait, one more is written in a turn of the event loop."""


class _Recorded(NamedTuple):
    """What happened, until it is written: most of an event is made then."""

    recorder: EventRecorder
    when: float
    obj: Object
    type: EventType
    reason: str
    message: str
    field_path: str
    annotations: dict[str, str] | None
    cause: cause.Cause | None


class EventBroadcaster:
    """Writes events in the order they were recorded.

    What they tell of goes first: a turn of the event loop, in which everybody else does a piece of work, writes one,
    and more only as they pile up. Repeated events become a higher count on the first one, similar ones are combined,
    and a source that floods one object is silenced (see Correlator). What the server rejects is dropped.
    """

    def __init__(self, client: Client, clock: Clock, random: Random) -> None:
        self._client = client
        self._clock = clock
        self._random = random
        self._correlator = Correlator()
        self._queue: deque[_Recorded] = deque()
        self._writing = False
        self._last_name = 0
        self._woken: asyncio.Event = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def recorder(self, component: str, *, host: str = "", client: Client | None = None) -> EventRecorder:
        """A recorder of one component ("deployment-controller"); `host` is the node's name for a kubelet."""
        return EventRecorder(self, component, host, client or self._client, self._clock)

    def start(self) -> None:
        """Idempotent; what was recorded before is written then."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="event broadcaster")

    async def stop(self) -> None:
        """What is not written yet is lost, as with client-go's Shutdown."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self._queue.clear()

    @property
    def busy(self) -> bool:
        """Whether events are yet to be written."""
        return self._writing or bool(self._queue)

    def unique_name(self, name: str, when: float) -> str:
        """`<name>.<nanoseconds in hexadecimal>`; the clock may stand still, so up to 0.1 s of seeded noise tells
        events apart, and within one broadcaster names only rise."""
        nanoseconds = int(when * 1e6) * 1000 + self._random.below(100_000_000)
        self._last_name = max(self._last_name + 1, nanoseconds)
        unique = f"{name}.{self._last_name:x}"
        return self._random.uid() if name_is_dns_subdomain(unique) else unique

    def send(self, recorded: _Recorded) -> None:
        self._queue.append(recorded)
        self._woken.set()

    async def _run(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self._queue:
                self._writing = True
                try:
                    for _ in range(1 + len(self._queue) // BACKLOG):
                        await self._write(self._queue.popleft())
                finally:
                    self._writing = False
                await next_turn()

    async def _write(self, recorded: _Recorded) -> None:
        try:
            event = recorded.recorder.made(recorded)
            correlated = self._correlator.correlate(event, recorded.when, self.unique_name)
            if correlated is not None:
                with cause.because(recorded.cause):
                    await self._send(recorded.recorder.client, correlated)
        except Exception:
            log.exception("an event could not be written")

    async def _send(self, client: Client, correlated: Correlated) -> None:
        for attempt in range(MAX_TRIES):
            try:
                written = await self._put(client, *correlated)
            except StatusError as error:
                level = logging.DEBUG if _is_expected(error) else logging.WARNING
                log.log(level, "the server rejected an event: %s", error)
                return
            except OSError as error:
                log.warning("an event could not be written: %s", error)
                await self._clock.sleep(RETRY_DELAY if attempt else RETRY_DELAY * self._random.below(1000) / 1000)
            else:
                self._correlator.written(written)
                return

    async def _put(self, client: Client, event: Object, patch: Object | None) -> Object:
        metadata = event["metadata"]
        if patch is not None:
            try:
                return await client.patch(
                    EVENTS, metadata["namespace"], metadata["name"], patch, patch_type=STRATEGIC_MERGE_PATCH
                )
            except StatusError as error:
                if not is_not_found(error):
                    raise
        return await client.create(EVENTS, event, namespace=metadata["namespace"])


def _is_expected(error: StatusError) -> bool:
    return is_already_exists(error) or error.has_cause("NamespaceTerminating")


def object_reference(obj: Object, field_path: str = "") -> dict[str, Any]:
    """A core/v1 ObjectReference to the object at its resourceVersion (reference.GetReference)."""
    metadata = obj["metadata"]
    reference = {
        "kind": obj.get("kind", ""),
        "namespace": metadata.get("namespace", ""),
        "name": metadata.get("name", ""),
        "uid": metadata.get("uid", ""),
        "apiVersion": obj.get("apiVersion", ""),
        "resourceVersion": metadata.get("resourceVersion", ""),
        "fieldPath": field_path,
    }
    return {name: value for name, value in reference.items() if value}


class EventRecorder:
    """Records events about objects on behalf of one component. Never waits and never fails."""

    def __init__(self, broadcaster: EventBroadcaster, component: str, host: str, client: Client, clock: Clock) -> None:
        self.client = client
        self._broadcaster = broadcaster
        self._clock = clock
        self._source = {"component": component, "host": host} if host else {"component": component}

    def event(
        self,
        obj: Object,
        type: EventType,
        reason: str,
        message: str,
        *,
        field_path: str = "",
        annotations: dict[str, str] | None = None,
    ) -> None:
        """`obj` is the object or, without metadata, an ObjectReference to it. Cluster-scoped objects' events go to
        the namespace default."""
        now = self._clock.now()
        self._broadcaster.send(
            _Recorded(self, now, obj, type, reason, message, field_path, annotations, cause.current())
        )

    def made(self, recorded: _Recorded) -> Object:
        """The event that tells of it."""
        obj = recorded.obj
        involved = object_reference(obj, recorded.field_path) if "metadata" in obj else obj
        when = rfc3339(recorded.when)
        metadata: dict[str, Any] = {
            "name": self._broadcaster.unique_name(involved.get("name", ""), recorded.when),
            "namespace": involved.get("namespace") or "default",
        }
        if recorded.annotations:
            metadata["annotations"] = recorded.annotations
        return {
            "kind": "Event",
            "apiVersion": "v1",
            "metadata": metadata,
            "involvedObject": involved,
            "reason": recorded.reason,
            "message": recorded.message,
            "source": self._source,
            "firstTimestamp": when,
            "lastTimestamp": when,
            "count": 1,
            "type": recorded.type,
            "reportingComponent": self._source["component"],
            "reportingInstance": self._source.get("host", ""),
        }
