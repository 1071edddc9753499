"""What kubelets still have mounted, and for how long that keeps it attached (attachdetach/reconciler, cache
actual_state_of_world.go).

    node          not wanted for    what it has in use
    ready         any time          stays attached
    not ready     < 6 min           stays attached
    not ready     6 min             is detached by force
    out of service                  is detached by force

A node that is deleted is not ready, and has in use what it had at last.
"""

from __future__ import annotations

from minikube_py.controllers.runtime import Context
from minikube_py.machinery.conditions import is_true
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import name
from minikube_py.machinery.wellknown import NODES

OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"
"""The taint of nodes that are known to be off: what they have mounted does not count."""

MAX_WAIT = 360.0
"""Seconds for which nodes that are not ready are waited for (reconcilerMaxWaitForUnmountDuration)."""


def in_use(node: Object) -> list[str]:
    """Volumes that its kubelet has mounted."""
    return (node.get("status") or {}).get("volumesInUse") or []


def is_out_of_service(node: Object) -> bool:
    return any(taint.get("key") == OUT_OF_SERVICE for taint in (node.get("spec") or {}).get("taints") or ())


def is_ready(node: Object) -> bool:
    return is_true((node.get("status") or {}).get("conditions"), "Ready")


class Mounts:
    """Volumes are known by their unique names."""

    def __init__(self, context: Context) -> None:
        self._clock = context.clock
        self._nodes = context.lister(NODES)
        self._left: dict[str, set[str]] = {}
        """Of nodes that are deleted: what they had in use."""
        self._asked: dict[tuple[str, str], float] = {}
        """Volumes and nodes, and since when the one is no longer wanted on the other."""
        context.informer(NODES).add_handler(on_add=self._came, on_delete=self._went)

    def _came(self, node: Object) -> None:
        self._left.pop(name(node), None)

    def _went(self, node: Object) -> None:
        if in_use(node):
            self._left[name(node)] = set(in_use(node))

    def hold(self, volume: str, node: str) -> float | None:
        """Seconds for which a volume that is not wanted on the node any more is kept there at most, 0 if it need not be
        kept; None for as long as the node says that it is in use."""
        found = self._nodes.get("", node)
        mounted = volume in (in_use(found) if found is not None else self._left.get(node, ()))
        now = self._clock.now()
        asked = self._asked.setdefault((volume, node), now)
        if not mounted or (found is not None and is_out_of_service(found)):
            return 0.0
        remaining = asked + MAX_WAIT - now
        if remaining > 0:
            return remaining
        return None if found is not None and is_ready(found) else 0.0

    def wanted(self, volume: str, node: str) -> None:
        """It is, or again."""
        self._asked.pop((volume, node), None)

    def detached(self, volume: str, node: str) -> None:
        self._asked.pop((volume, node), None)
        left = self._left.get(node)
        if left is not None:
            left.discard(volume)
            if not left:
                del self._left[node]
