"""The garbage collector: informers of all that can be deleted, and the workers (garbagecollector/garbagecollector.go).

informers --events--> graph --nodes--> queue --> workers --> API
"""

from __future__ import annotations

import asyncio
import logging
from typing import Literal, NamedTuple

from minikube_py.client.informer import Handler, Informer
from minikube_py.client.protocol import DiscoveredResource
from minikube_py.client.workqueue import Item, WorkQueue
from minikube_py.controllers.garbagecollector.deletion import Deletion, Outcome
from minikube_py.controllers.garbagecollector.graph import Graph, Node
from minikube_py.controllers.garbagecollector.identity import of_reference
from minikube_py.controllers.garbagecollector.operations import Operations
from minikube_py.controllers.runtime import Context
from minikube_py.machinery.cause import Cause, because
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import GroupResource, GroupVersionResource, NamespacedName, Object

log = logging.getLogger(__name__)

WORKERS = 5
SYNC_TIMEOUT = 30.0
"""Seconds after which work begins though some resources cannot be listed."""
DISCOVERY_RETRY = 30.0
"""Seconds until the next try after discovery failed."""

IGNORED = (GroupResource("", "events"), GroupResource("events.k8s.io", "events"))
DEFINITIONS = (GroupResource("apiextensions.k8s.io", "customresourcedefinitions"),)
"""What makes new resources: when one of these changes, discovery is asked again. Upstream asks every 30 seconds."""


class Work(NamedTuple):
    """What the queue holds: to see whether a node is to be deleted, or to orphan its dependents."""

    action: Literal["delete", "orphan"]
    node: Node


class _Monitor:
    """Passes one informer's events on to the graph."""

    __slots__ = ("api_version", "collector", "handler", "informer", "kind")

    def __init__(self, collector: GarbageCollector, informer: Informer, found: DiscoveredResource) -> None:
        self.collector = collector
        self.informer = informer
        self.api_version = found.resource.api_version
        self.kind = found.kind
        self.handler: Handler = informer.add_handler(self.added, self.updated, self.deleted)

    def added(self, obj: Object) -> None:
        collector = self.collector
        collector.trigger = obj
        collector.graph.observe(obj, None, self.api_version, self.kind)
        collector.trigger = None

    def updated(self, old: Object, new: Object) -> None:
        if old["metadata"]["uid"] != new["metadata"]["uid"]:
            self.deleted(old)  # a namesake took its place unseen
            self.added(new)
            return
        collector = self.collector
        collector.trigger = new
        collector.graph.observe(new, old, self.api_version, self.kind)
        collector.trigger = None

    def deleted(self, obj: Object) -> None:
        collector = self.collector
        collector.trigger = obj
        collector.graph.deleted(obj, self.api_version, self.kind)
        collector.trigger = None


class GarbageCollector:
    """A Runnable of its own: its keys are nodes of a graph, and what it watches is known only by discovery."""

    def __init__(self, context: Context) -> None:
        self.name = context.name
        self.queue: WorkQueue[Work] = WorkQueue(context.clock, context.stopwatch)
        self.graph = Graph(self._to_delete, self._to_orphan, self._report_invalid, self._to_delete_later)
        self.trigger: Object | None = None
        """The object whose event the graph is being told, None between events."""
        self._context = context
        self._operations = Operations(context.client)
        self._deletion = Deletion(self.graph, self._operations, self._to_delete)
        self._recorder = context.recorder()
        self._monitors: dict[GroupVersionResource, _Monitor] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._begun = False
        self._syncing = False
        self._waiting = False
        """Whether discovery failed, so that only the clock can bring it on."""
        self._outdated = asyncio.Event()
        """Set while discovery has to be asked (again)."""

    # What the graph asks for

    def _to_delete(self, node: Node) -> None:
        self.queue.add(Work("delete", node), trigger=self.trigger)

    def _to_delete_later(self, node: Node) -> None:
        self.queue.add_rate_limited(Work("delete", node))

    def _to_orphan(self, node: Node) -> None:
        self.queue.add(Work("orphan", node), trigger=self.trigger)

    def _report_invalid(self, node: Node, reference: Object) -> None:
        own = node.identity
        involved = {
            "kind": own.kind,
            "apiVersion": own.api_version,
            "namespace": own.namespace,
            "name": own.name,
            "uid": own.uid,
        }
        owner = of_reference(reference, own.namespace)
        message = f"ownerRef {owner} does not exist in namespace {quote(own.namespace)}"
        self._recorder.event(
            {name: value for name, value in involved.items() if value}, "Warning", "OwnerRefInvalidNamespace", message
        )

    # Running

    def start(self) -> None:
        self._outdated.set()
        self._tasks = [asyncio.get_running_loop().create_task(self._run(), name=self.name)]

    async def stop(self) -> None:
        """Idempotent."""
        self.queue.shut_down()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        for monitor in self._monitors.values():
            monitor.informer.remove_handler(monitor.handler)
        self._monitors.clear()

    def busy(self) -> list[str]:
        if not self._tasks:
            return []
        if not self._begun:
            waiting = any(monitor.informer.waiting for monitor in self._monitors.values())
            return [] if self._waiting or waiting else [f"{self.name} has not begun"]
        culprits = [f"{self.name} is looking at {work.node.identity}" for work in self.queue.processing()]
        if self._syncing or self._outdated.is_set():
            culprits.append(f"{self.name} has yet to discover what is served")
        if queued := self.queue.queued():
            culprits.append(f"{self.name} has {len(queued)} queued, first {queued[0].node.identity}")
        return culprits

    async def _run(self) -> None:
        while True:
            await self._outdated.wait()
            self._outdated.clear()
            self._syncing, self._waiting = True, False
            try:
                await self._sync_monitors()
            except (StatusError, OSError) as error:
                log.warning("%s: discovery failed: %s", self.name, error)
                self._waiting = True
                self._context.clock.call_later(DISCOVERY_RETRY, self._outdated.set)
            else:
                await self._begin()
            finally:
                self._syncing = False

    async def _begin(self) -> None:
        if not self._begun:
            await self._wait_synced()
            self._begun = True
            create_task = asyncio.get_running_loop().create_task
            for number in range(WORKERS):
                self._tasks.append(create_task(self._work(), name=f"{self.name} {number}"))

    async def _sync_monitors(self) -> None:
        """Follow all resources that discovery tells of now, and no others. Raises StatusError."""
        served = await self._operations.discover()
        wanted = {each.resource: each for each in served if is_collectable(each)}
        for resource, found in wanted.items():
            if resource not in self._monitors:
                self._follow(resource, found)
        existing = {resource.group_resource for resource in wanted}
        for resource in [resource for resource in self._monitors if resource not in wanted]:
            monitor = self._monitors.pop(resource)
            monitor.informer.remove_handler(monitor.handler)
            await self._context.informers.discard(resource)
            if resource.group_resource not in existing:
                # Its last objects went with it, though their events may not have come any more.
                for obj in monitor.informer.indexer.objects():
                    monitor.deleted(obj)

    def _follow(self, resource: GroupVersionResource, found: DiscoveredResource) -> None:
        informer = self._context.informers.informer(resource)
        self._monitors[resource] = _Monitor(self, informer, found)
        if resource.group_resource in DEFINITIONS:
            changed = self._definition_changed
            informer.add_handler(changed, lambda old, new: changed(new), changed)
        informer.start()

    def _definition_changed(self, obj: Object) -> None:
        self._outdated.set()

    async def _wait_synced(self) -> None:
        async def all_synced() -> None:
            for monitor in tuple(self._monitors.values()):
                await monitor.informer.wait_synced()

        create_task = asyncio.get_running_loop().create_task
        either = {create_task(all_synced()), create_task(self._context.clock.sleep(SYNC_TIMEOUT))}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in either:
                task.cancel()
            await asyncio.gather(*either, return_exceptions=True)

    async def _work(self) -> None:
        while (item := await self.queue.get()) is not None:
            try:
                await self._process(item)
            finally:
                self.queue.done(item.key)
            await next_turn()

    async def _process(self, item: Item[Work]) -> None:
        context, (action, node) = self._context, item.key
        identity = node.identity
        work = Cause(
            kind="reconcile",
            actor=self.name,
            subject=f"{identity.kind} {NamespacedName(identity.namespace, identity.name)}",
            started=context.clock.now(),
            triggers=item.triggers,
            reason=item.reason or action,
            waited=item.waited,
        )
        begun = context.stopwatch()
        try:
            with because(work):
                outcome = await (self._deletion.attempt(node) if action == "delete" else self._deletion.orphan(node))
        except asyncio.CancelledError:
            raise
        except Exception as error:
            work.outcome = str(error) or type(error).__name__
            log.log(_level(error), "%s: %s: %s", self.name, identity, work.outcome)
            outcome = Outcome.RETRY
        if outcome is Outcome.RETRY:
            self.queue.add_rate_limited(item.key)
        else:
            self.queue.forget(item.key)
        work.took = context.stopwatch() - begun
        context.ring.add(work)


def is_collectable(found: DiscoveredResource) -> bool:
    """Whether objects of the resource can be watched and deleted, each object in one version."""
    complete = found.verbs >= {"delete", "list", "watch"}
    return found.preferred and complete and found.resource.group_resource not in IGNORED


def _level(error: Exception) -> int:
    """What resolves by itself is not worth a warning."""
    return logging.WARNING if isinstance(error, StatusError) and error.code >= 500 else logging.DEBUG
