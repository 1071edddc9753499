"""Nodes come and stay alive: registration, leases, heartbeats (pkg/kubelet/kubelet_node_status.go, component-helpers
apimachinery/lease)."""

from __future__ import annotations

import logging
from collections.abc import Callable

from minikube_py.client.events import EventRecorder
from minikube_py.controllers.kubelet.nodes import (
    HEARTBEAT,
    LEASE_NAMESPACE,
    RENEWAL,
    NodeTemplate,
    default_labels,
    new_lease,
    new_node,
    node_status,
    renewed,
)
from minikube_py.controllers.runtime import Context
from minikube_py.machinery.cause import Cause, because
from minikube_py.machinery.clock import Timer, next_turn
from minikube_py.machinery.errors import StatusError, is_already_exists
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import labels
from minikube_py.machinery.wellknown import LEASES, NODES

log = logging.getLogger(__name__)

BATCH = 16
"""Nodes whose hearts beat before others run."""


class _Beating:
    """A registered node."""

    __slots__ = ("lease", "node", "recorder", "registered", "relieved", "reported", "template")

    def __init__(self, template: NodeTemplate, recorder: EventRecorder) -> None:
        self.template = template
        self.recorder = recorder
        self.node: Object | None = None
        self.lease: Object | None = None
        self.reported = 0.0
        """When its status was."""
        self.registered = False
        self.relieved = False
        """Whether somebody else tells its status."""


class Heart:
    """All nodes' hearts beat at once, by one timer; `beat_due` is called when it is time."""

    def __init__(self, context: Context, beat_due: Callable[[], None]) -> None:
        self._client = context.client
        self._clock = context.clock
        self._beat_due = beat_due
        self._nodes: dict[str, _Beating] = {}
        self._timer: Timer | None = None
        self._started = False

    def add(self, template: NodeTemplate, recorder: EventRecorder) -> None:
        self._nodes[template.name] = _Beating(template, recorder)
        if self._started:
            self.start()

    def remove(self, name: str) -> None:
        """It beats no more; idempotent."""
        self._nodes.pop(name, None)

    def start(self) -> None:
        """Idempotent; without nodes there is nothing to be timed."""
        self._started = True
        if self._nodes and self._timer is None:
            self._timer = self._clock.call_later(RENEWAL, self._due)

    def _due(self) -> None:
        self._beat_due()
        self._timer = self._clock.call_later(RENEWAL, self._due)

    def stop(self) -> None:
        self._started = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def relieve(self, name: str) -> None:
        """Somebody else tells the status of a node from now on: only its lease is kept. Idempotent."""
        if name in self._nodes:
            self._nodes[name].relieved = True

    def is_registered(self, name: str) -> bool:
        """Whether it is, or is not to be."""
        return name not in self._nodes or self._nodes[name].registered

    async def register(self, node: str) -> None:
        """Make the node, or take over the one there is, as a kubelet does when it starts. Raises StatusError."""
        beating, now = self._nodes.get(node), self._clock.now()
        if beating is None:
            return  # it was stopped meanwhile
        try:
            beating.node = await self._client.create(NODES, new_node(beating.template, now))
        except StatusError as error:
            if not is_already_exists(error):
                raise
            await self._label(await self._client.get(NODES, "", node))
            await self._report(beating, now)
        beating.reported, beating.registered = now, True
        reference = {"kind": "Node", "name": node, "uid": node}
        beating.recorder.event(reference, "Normal", "Starting", "Starting kubelet.")
        message = f"Node {node} status is now: NodeReady"
        beating.recorder.event(reference, "Normal", "NodeReady", message)
        await self._renew(beating, now)

    async def _label(self, node: Object) -> None:
        """Give a node that is there already what it lacks of the labels that kubelets give (updateDefaultLabels)."""
        there, name = labels(node), node["metadata"]["name"]
        missing = {label: text for label, text in default_labels(name).items() if label not in there}
        if missing:
            await self._client.patch(NODES, "", name, {"metadata": {"labels": missing}})

    async def beat(self) -> None:
        """Renew all leases; what fails is tried again with the next beat."""
        now = self._clock.now()
        for number, (name, beating) in enumerate(tuple(self._nodes.items()), 1):
            if self._nodes.get(name) is not beating:
                continue
            cause = Cause("reconcile", f"kubelet {name}", f"Node {name}", started=now, reason="heartbeat")
            with because(cause):
                try:
                    await self._beat(beating, now)
                except StatusError as error:
                    log.debug("kubelet %s: heartbeat: %s", name, error)
                    beating.node = beating.lease = None  # either may be gone
            if number % BATCH == 0:
                await next_turn()

    async def _beat(self, beating: _Beating, now: float) -> None:
        """Raises StatusError. A node that is deleted has no heart, until there is one of its name again."""
        if beating.node is None or now - beating.reported >= HEARTBEAT:
            await self._report(beating, now)
        await self._renew(beating, now)

    async def _renew(self, beating: _Beating, now: float) -> None:
        assert beating.node is not None
        if beating.lease is not None:
            beating.lease = await self._client.update(LEASES, renewed(beating.lease, now))
            return
        try:
            beating.lease = await self._client.create(LEASES, new_lease(beating.node, now), namespace=LEASE_NAMESPACE)
        except StatusError as error:
            if not is_already_exists(error):
                raise
            found = await self._client.get(LEASES, LEASE_NAMESPACE, beating.template.name)
            beating.lease = await self._client.update(LEASES, renewed(found, now))

    async def _report(self, beating: _Beating, now: float) -> None:
        node = await self._client.get(NODES, "", beating.template.name)
        if beating.relieved:
            beating.node, beating.reported = node, now
            return
        status = node_status(beating.template, node.get("status") or {}, now)
        beating.node = await self._client.update(NODES, {**node, "status": status}, subresource="status")
        beating.reported = now
