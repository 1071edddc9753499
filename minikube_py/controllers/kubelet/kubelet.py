"""The kubelets of all simulated nodes, run as one: they register their nodes, take pods through their lives, and
renew their leases."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from minikube_py.client.events import EventRecorder
from minikube_py.client.workqueue import Item, WorkQueue
from minikube_py.controllers.kubelet.admission import Admission
from minikube_py.controllers.kubelet.attachments import Attachments
from minikube_py.controllers.kubelet.behaviour import Behaviours, default_behaviour
from minikube_py.controllers.kubelet.cri.images import Images
from minikube_py.controllers.kubelet.cri.probing import ContainerProber
from minikube_py.controllers.kubelet.cri.runtime import ContainerRuntime
from minikube_py.controllers.kubelet.cri.serviceproxy import service_caches
from minikube_py.controllers.kubelet.features import Features
from minikube_py.controllers.kubelet.handlers import Handlers
from minikube_py.controllers.kubelet.heart import Heart
from minikube_py.controllers.kubelet.kwok import Scripts, Turn
from minikube_py.controllers.kubelet.life import Host
from minikube_py.controllers.kubelet.network import PodNetwork
from minikube_py.controllers.kubelet.nodes import NodeTemplate, as_given, is_fake, new_node, next_free
from minikube_py.controllers.kubelet.podworker import PodWorker
from minikube_py.controllers.kubelet.reach import Reach
from minikube_py.controllers.runtime import Context
from minikube_py.controllers.runtime.podsonnode import BY_NODE, pods_by_node
from minikube_py.controllers.scheduler.podinfo import PodInfos
from minikube_py.machinery.cause import Cause, because
from minikube_py.machinery.clock import Turns
from minikube_py.machinery.errors import StatusError, is_conflict, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import is_deleting, key, name, uid
from minikube_py.machinery.wellknown import NODES, PODS

log = logging.getLogger(__name__)

WORKERS = 4
HEARTBEAT_KEY = NamespacedName("", "")
"""Among the keys, which else are pods, and with an empty namespace nodes to be registered."""


class Kubelets:
    """A Runnable. Every write is put down to the kubelet of its node: "kubelet node-1"."""

    def __init__(
        self,
        context: Context,
        templates: Sequence[NodeTemplate],
        version: str,
        behaviours: Behaviours = default_behaviour,
        images: Images | None = None,
        takes_on: Callable[[Object], bool] = is_fake,
        stages: Iterable[Object] = (),
    ) -> None:
        """Behaviours that are not the default ones say all there is to say of containers whose image has no program.
        `takes_on` tells of which Nodes that somebody else made kubelets are simulated too; `stages` are KWOK's."""
        self.name = context.name
        self.clock = context.clock
        self.queue: WorkQueue[NamespacedName] = WorkQueue(context.clock, context.stopwatch)
        self._context = context
        self._version = version
        self._features = Features.of(version)
        self._takes_on = takes_on
        self._taken_on: set[str] = set()
        """Nodes that somebody else made: their kubelets end with their Nodes."""
        self._behaviours = behaviours
        self._templates: dict[str, NodeTemplate] = {}
        self._hosts: dict[str, Host] = {}
        self._recorders: dict[str, EventRecorder] = {}
        self._stopped: set[str] = set()
        """Nodes whose kubelets do nothing, until they are started again."""
        self._pod_infos = PodInfos()
        self.pods = pods_by_node(context)
        """All there are, by node too."""
        self._nodes = context.lister(NODES)
        self._scripts = Scripts(context, stages, self._hosts, self._scripts_changed)
        images = images or Images({})
        self.runtime = ContainerRuntime(
            context.client,
            context.clock,
            images,
            Reach(self),
            self._exited,
            service_caches(context),
            default_shell=behaviours is default_behaviour,
        )
        self._prober = ContainerProber(self.runtime, behaviours)
        self._handlers = Handlers(self.runtime, images, context.clock, self._wake)
        self._attachments = Attachments(context, self._report_due)
        self._worker = PodWorker(context, self._wake, self._scripts, self.runtime, self._handlers, self._attachments)
        self._heart = Heart(context, self._beat)
        self._turns = Turns()
        self._tasks: list[asyncio.Task[None]] = []
        self._begun = False
        for template in templates:
            self.add_node(template)
        context.informer(PODS).add_handler(self._pod_added, self._pod_updated, self._pod_deleted)
        context.informer(NODES).add_handler(self._node_seen, lambda _, node: self._node_seen(node), self._node_deleted)

    def add_node(self, template: NodeTemplate) -> None:
        """Simulate one more node; may be called at any time."""
        name = template.name
        network = PodNetwork(template.pod_cidr)
        random = self._context.random.fork(name)
        self._templates[name] = template
        admission = Admission(new_node(template, self._context.clock.now()), self._pod_infos)
        self._hosts[name] = Host(
            name,
            template.address,
            network,
            self._features,
            self._behaviours,
            random,
            admission,
            runtime=self.runtime,
            hooks=self._handlers,
            prober=self._prober,
        )
        self._recorders[name] = self._context.broadcaster.recorder("kubelet", host=name, client=self._context.client)
        for pod in self.pods.by_index(BY_NODE, name):
            self._worker.adopt(pod, self._hosts[name])
        self._begin(name)

    def remove_node(self, name: str) -> None:
        """Simulate it no more. Its pods are left as they are. Raises KeyError for one that is not simulated."""
        self.stop_node(name)
        host = self._hosts.pop(name)
        for pod in self.pods.by_index(BY_NODE, name):
            self._worker.forget(pod, host, None)
        self._attachments.forget(name)
        del self._templates[name], self._recorders[name]
        self._stopped.discard(name)
        self._taken_on.discard(name)

    def stop_node(self, name: str) -> None:
        """Its kubelet falls silent: no heartbeats, and nothing becomes of its pods. Idempotent. Raises KeyError for
        one that is not simulated."""
        if name not in self._hosts:
            raise KeyError(name)
        self._stopped.add(name)
        self._heart.remove(name)

    def start_node(self, name: str) -> None:
        """Its kubelet starts: it reports its node, and catches up on its pods. Idempotent. Raises KeyError for one
        that is not simulated."""
        if name not in self._hosts:
            raise KeyError(name)
        if name in self._stopped:
            self._stopped.remove(name)
            self._begin(name)

    def _begin(self, name: str) -> None:
        self._heart.add(self._templates[name], self._recorders[name])
        self.queue.add(NamespacedName("", name), reason="start")
        for pod in self.pods.by_index(BY_NODE, name):
            self.queue.add(key(pod), reason="start")

    @property
    def nodes(self) -> Mapping[str, NodeTemplate]:
        """Those that are simulated, stopped ones too, by name."""
        return self._templates

    @property
    def hosts(self) -> Mapping[str, Host]:
        """What is known of each of them."""
        return self._hosts

    @property
    def stopped(self) -> AbstractSet[str]:
        """Those of them whose kubelets do nothing."""
        return self._stopped

    def _beat(self) -> None:
        self.queue.add(HEARTBEAT_KEY, reason="heartbeat")

    def _exited(self, pod: NamespacedName) -> None:
        self.queue.add(pod, reason="exit")

    def _report_due(self, node: str) -> None:
        self.queue.add(NamespacedName("", node), reason="volumes in use")

    def _wake(self, pod: NamespacedName) -> None:
        self.queue.add(pod, reason="something it waits for")

    def _node_seen(self, node: Object) -> None:
        host = self._hosts.get(name(node))
        if host is None:
            if self._takes_on(node) and not is_deleting(node):
                self._take_on(node)
            return
        if host.admission is not None:
            host.admission.set_node(node)
        self._follow_network(host, node)
        self._attachments.check(host.name, node)
        if self._scripts.are_about("Node"):
            self.queue.add(NamespacedName("", host.name), trigger=node)

    def _follow_network(self, host: Host, node: Object) -> None:
        """A Node that came without a network may be given one (node-ipam-controller)."""
        cidr = as_given(node, self._templates[host.name]).pod_cidr
        if cidr != host.network.cidr and not host.network.in_use:
            host.network = PodNetwork(cidr)
            self._templates[host.name] = replace(self._templates[host.name], pod_cidr=cidr)

    def _take_on(self, node: Object) -> None:
        networks = {(each.get("spec") or {}).get("podCIDR") for each in self._nodes.list()}
        cidr = self._context.settings.cluster_cidr
        template = as_given(node, next_free(self._templates, networks, self._version, name(node), cidr))
        self._taken_on.add(template.name)
        self.add_node(template)

    def _scripts_changed(self) -> None:
        """Any of them may be about any pod or node."""
        for node in self._hosts:
            if node in self._stopped:
                continue
            self.queue.add(NamespacedName("", node), reason="stages")
            for pod in self.pods.by_index(BY_NODE, node):
                self.queue.add(key(pod), reason="stages")

    def _node_deleted(self, node: Object) -> None:
        self._scripts.forget(node)
        if name(node) in self._taken_on:
            self._taken_on.remove(name(node))
            self.remove_node(name(node))

    # What happens to pods

    def _pod_added(self, pod: Object) -> None:
        host = self._hosts.get(pod["spec"].get("nodeName", ""))
        if host is not None:
            self._worker.adopt(pod, host)
            if host.name not in self._stopped:
                self.queue.add(key(pod), trigger=pod)

    def _pod_updated(self, old: Object, new: Object) -> None:
        if uid(old) != uid(new) or old["spec"].get("nodeName") != new["spec"].get("nodeName"):
            self._pod_deleted(old)
            self._pod_added(new)
        elif self._runs(new["spec"].get("nodeName", "")) and not self._worker.is_own_write(new):
            self.queue.add(key(new), trigger=new)

    def _pod_deleted(self, pod: Object) -> None:
        name = pod["spec"].get("nodeName", "")
        host = self._hosts.get(name)
        if host is not None:
            self._worker.forget(pod, host, self._recorders[name] if self._runs(name) else None)

    def _runs(self, node: str) -> bool:
        return node in self._hosts and node not in self._stopped

    # Running

    def start(self) -> None:
        self._tasks = [asyncio.get_running_loop().create_task(self._run(), name=self.name)]

    async def _run(self) -> None:
        for informer in tuple(self._context.used.values()):
            await informer.wait_synced()
        self._begun = True
        self._heart.start()
        create_task = asyncio.get_running_loop().create_task
        for number in range(WORKERS):
            self._tasks.append(create_task(self._work(), name=f"{self.name} {number}"))

    async def stop(self) -> None:
        self._heart.stop()
        self.queue.shut_down()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._worker.stop()
        await self.runtime.stop()
        self._tasks.clear()

    def busy(self) -> list[str]:
        if not self._begun:
            waiting = any(informer.waiting for informer in self._context.used.values())
            return [] if waiting or not self._tasks else [f"{self.name} has not begun"]
        culprits = self.runtime.busy()
        if self.queue.idle:
            return [*culprits, f"{self.name} is probing"] if self._worker.is_probing() else culprits
        queued = self.queue.queued()
        culprits += [f"{self.name} is syncing {_subject(each)}" for each in self.queue.processing()]
        if queued:
            culprits.append(f"{self.name} has {len(queued)} queued, first {_subject(queued[0])}")
        return culprits

    async def _work(self) -> None:
        while (item := await self.queue.get()) is not None:
            try:
                await self._process(item)
            finally:
                self.queue.done(item.key)
            await self._turns.step()

    async def _process(self, item: Item[NamespacedName]) -> None:
        if item.key == HEARTBEAT_KEY:
            await self._heart.beat()
        elif not item.key.namespace:
            await self._caused(item, item.key.name, self._sync_node(item.key.name))
        else:
            await self._sync(item)

    async def _sync_node(self, name: str) -> float | None:
        """What Stages make of it, and its registration. Raises StatusError."""
        if not self._runs(name):
            return None
        turn: Turn | None = None
        node = self._nodes.get("", name) if self._scripts.are_about("Node") else None
        if node is not None:
            turn = await self._scripts.play(NODES, "Node", node, name, self._recorders[name])
            if turn is not None and turn.is_all:
                self._heart.relieve(name)
        if not self._heart.is_registered(name):
            await self._heart.register(name)
        await self._attachments.report(name)
        return turn.wait if turn is not None else None

    async def _sync(self, item: Item[NamespacedName]) -> None:
        pod = self._worker.latest(self.pods.get(*item.key))
        host = self._hosts.get(pod["spec"].get("nodeName", "")) if pod is not None else None
        if pod is not None and host is not None and host.name not in self._stopped:
            await self._caused(item, host.name, self._worker.sync(pod, host, self._recorders[host.name]))

    async def _caused(self, item: Item[NamespacedName], node: str, work: Awaitable[float | None]) -> None:
        """Do it in the node's name, and record what became of it."""
        context = self._context
        cause = Cause(
            kind="reconcile",
            actor=f"kubelet {node}",
            subject=_subject(item.key),
            started=context.clock.now(),
            triggers=item.triggers,
            reason=item.reason,
            waited=item.waited,
        )
        begun = context.stopwatch()
        try:
            with because(cause):
                again = await work
        except asyncio.CancelledError:
            raise
        except Exception as error:
            cause.outcome = str(error) or type(error).__name__
            self._failed(item.key, node, error)
        else:
            self.queue.forget(item.key)
            if again is not None:
                self.queue.add_after(item.key, again)
        cause.took = context.stopwatch() - begun
        context.ring.add(cause)

    def _failed(self, where: NamespacedName, node: str, error: Exception) -> None:
        if is_conflict(error) or is_not_found(
            error
        ):  # it has changed or gone meanwhile, of which there is news to come
            log.debug("kubelet %s: %s: %s", node, _subject(where), error)
        elif isinstance(error, StatusError):
            log.warning("kubelet %s: %s: %s", node, _subject(where), error)
        else:
            log.error("kubelet %s: %s failed", node, _subject(where), exc_info=error)
        self.queue.add_rate_limited(where)


def _subject(where: NamespacedName) -> str:
    return f"Pod {where}" if where.namespace else f"Node {where}" if where.name else "heartbeat"
