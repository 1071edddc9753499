"""The look at all nodes, every few seconds of the clock (node_lifecycle_controller.go monitorNodeHealth).

It decides and writes nothing: nodes of which something is to be written are enqueued. Where all is well, it costs a
few comparisons a node.
"""

from __future__ import annotations

from collections.abc import Callable

from minikube_py.controllers.nodelifecycle.health import TRUE, UNKNOWN, Health, observed
from minikube_py.controllers.nodelifecycle.taintqueue import TaintQueue
from minikube_py.controllers.nodelifecycle.taints import EVICTING, evicting
from minikube_py.controllers.nodelifecycle.zones import (
    EVICTION_RATE,
    EXCLUDED,
    Change,
    ZoneState,
    change,
    eviction_rate,
    zone_of,
    zone_state,
)
from minikube_py.controllers.runtime import Context
from minikube_py.machinery.clock import Timer
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import labels, name, uid
from minikube_py.machinery.wellknown import LEASES, NODES

PERIOD = 5.0
"""Seconds between looks (--node-monitor-period)."""

LEASE_NAMESPACE = "kube-node-lease"
SOURCE = "node-controller"
"""What its events are from."""


class Monitor:
    """Knows every node's health, and which nodes' pods are to be driven out."""

    def __init__(self, context: Context, enqueue: Callable[[str, str], None]) -> None:
        """`enqueue` is given a node's name and the reason why something is to be written of it."""
        self._clock = context.clock
        self._patience = context.settings.features.node_monitor_grace_period
        self._nodes = context.lister(NODES)
        self._leases = context.lister(LEASES)
        self._recorder = context.recorder(SOURCE)
        self._enqueue = enqueue
        self._healths: dict[str, Health] = {}
        self._states: dict[str, ZoneState] = {}
        self._queues: dict[str, TaintQueue] = {}
        self._granted: set[str] = set()
        """Nodes that are to have a NoExecute taint."""
        self._timer: Timer | None = None
        self._started = False
        context.informer(NODES).add_handler(on_add=lambda _: self._arm())

    # Running

    def start(self) -> None:
        """With a look at once; as long as there are no nodes, none follow."""
        self._started = True
        self._look()

    def _look(self) -> None:
        self._timer = None
        self.look()
        if self._healths:
            self._arm()

    def _arm(self) -> None:
        if self._started and self._timer is None:
            self._timer = self._clock.call_later(PERIOD, self._look)

    def stop(self) -> None:
        self._started = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for queue in self._queues.values():
            queue.stop()

    # What the others ask

    def is_silent(self, node: Object) -> bool:
        """Whether that is known of the node, and this state of it tells nothing new."""
        former, now = self._healths.get(name(node)), self._clock.now()
        return former is not None and self._observed(former, node, now).is_silent(now)

    def is_lost(self, node: str) -> bool:
        """Whether it is known not to be ready."""
        health = self._healths.get(node)
        return health is not None and health.verdict(self._clock.now()) not in (None, TRUE)

    def wanted(self, node: Object) -> str | None:
        """The key of the NoExecute taint that it is to have."""
        if name(node) not in self._granted:
            return None
        return EVICTING.get(self._healths[name(node)].verdict(self._clock.now()) or "")

    def _observed(self, former: Health | None, node: Object, now: float) -> Health:
        return observed(former, node, self._leases.get(LEASE_NAMESPACE, name(node)), now, self._patience)

    # Looking

    def look(self) -> None:
        nodes, now = self._nodes.list(), self._clock.now()
        self._welcome(nodes)
        self._part(nodes)
        statuses: dict[str, list[str | None]] = {}
        for node in nodes:
            health = self._healths[name(node)] = self._observed(self._healths.get(name(node)), node, now)
            verdict = health.verdict(now)
            if verdict == UNKNOWN != health.status:
                self._enqueue(name(node), "it is silent")
            self._queue_for_taint(node, verdict)
            if EXCLUDED not in labels(node):
                statuses.setdefault(zone_of(node), []).append(verdict)
        self._handle_disruption(statuses)
        for queue in self._queues.values():
            queue.run()
        for node in nodes:
            wanted = self.wanted(node)
            if evicting(node) != ({wanted} if wanted else set()):
                self._enqueue(name(node), "eviction")

    def _welcome(self, nodes: list[Object]) -> None:
        for node in nodes:
            if name(node) not in self._healths:
                self._tell(node, "RegisteredNode", f"Registered Node {name(node)} in Controller")

    def _part(self, nodes: list[Object]) -> None:
        if len(self._healths) <= len(nodes) and all(name(node) in self._healths for node in nodes):
            return
        present = {name(node) for node in nodes}
        for gone in [each for each in self._healths if each not in present]:
            self._tell(self._healths[gone].node, "RemovingNode", f"Removing Node {gone} from Controller")
            self._release(gone, zone_of(self._healths.pop(gone).node))

    def _tell(self, node: Object, reason: str, message: str) -> None:
        reference = {"apiVersion": "v1", "kind": "Node", "name": name(node), "uid": uid(node)}
        self._recorder.event(reference, "Normal", reason, f"Node {name(node)} event: {message}")

    # Driving pods out

    def _queue_for_taint(self, node: Object, verdict: str | None) -> None:
        if verdict == TRUE:
            if name(node) in self._granted or self._queues:
                self._release(name(node), zone_of(node))
        elif verdict is not None and name(node) not in self._granted:
            self._queue(zone_of(node)).add(name(node))

    def _queue(self, zone: str) -> TaintQueue:
        """Of a zone; made when the first of its nodes is lost, until when its bucket would only have been full."""
        queue = self._queues.get(zone)
        if queue is None:
            queue = self._queues[zone] = TaintQueue(self._clock, EVICTION_RATE, self._grant)
        return queue

    def _grant(self, node: str) -> None:
        self._granted.add(node)
        self._enqueue(node, "eviction")

    def _release(self, node: str, zone: str) -> None:
        self._granted.discard(node)
        if zone in self._queues:
            self._queues[zone].remove(node)

    def _handle_disruption(self, statuses: dict[str, list[str | None]]) -> None:
        former, self._states = self._states, {zone: zone_state(each) for zone, each in statuses.items()}
        what = change(former, self._states)
        if what is Change.ALL_LOST:
            self._granted.clear()
        elif what is Change.BACK:
            # Whoever was cut off with all others has the whole grace period again.
            now = self._clock.now()
            self._healths = {node: health._replace(probed=now) for node, health in self._healths.items()}
        if all(state is ZoneState.FULL for state in self._states.values()):
            for queue in self._queues.values():
                queue.set_rate(0.0)
            return
        for zone, state in self._states.items():
            if zone in self._queues or state is not ZoneState.NORMAL:
                self._queue(zone).set_rate(eviction_rate(state, len(statuses[zone])))
