"""node-lifecycle-controller: a node's conditions become NoSchedule taints, so that the scheduler stays away from nodes
that are not ready or lack something.

Upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go (doNoScheduleTaintingPass).
"""

from __future__ import annotations

from minikube_py.client.protocol import JSON_PATCH
from minikube_py.controllers.runtime import Context, Controller, Descriptor, Result
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.wellknown import NODES

NO_SCHEDULE = "NoSchedule"
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"

TAINTS = {
    ("Ready", "False"): "node.kubernetes.io/not-ready",
    ("Ready", "Unknown"): "node.kubernetes.io/unreachable",
    ("MemoryPressure", "True"): "node.kubernetes.io/memory-pressure",
    ("DiskPressure", "True"): "node.kubernetes.io/disk-pressure",
    ("NetworkUnavailable", "True"): "node.kubernetes.io/network-unavailable",
    ("PIDPressure", "True"): "node.kubernetes.io/pid-pressure",
}
"""(condition, status) -> the taint it means."""

_OURS = frozenset({UNSCHEDULABLE, *TAINTS.values()})


def plan(node: Object) -> list[Object] | None:
    """The node's taints as they should be, or None if they are.

    Only NoSchedule taints of the keys above are added and taken away; all others stay, in their order.
    """
    spec = node.get("spec") or {}
    conditions = (node.get("status") or {}).get("conditions") or []
    wanted = [
        TAINTS[each["type"], each["status"]] for each in conditions if (each["type"], each["status"]) in TAINTS
    ]
    if spec.get("unschedulable"):
        wanted.append(UNSCHEDULABLE)
    taints: list[Object] = spec.get("taints") or []
    ours = {each["key"] for each in taints if each["effect"] == NO_SCHEDULE and each["key"] in _OURS}
    if ours == set(wanted):
        return None
    kept = [each for each in taints if each["effect"] != NO_SCHEDULE or each["key"] not in ours - set(wanted)]
    return [*kept, *({"key": key, "effect": NO_SCHEDULE} for key in wanted if key not in ours)]


class NodeLifecycleReconciler:
    """Keeps the NoSchedule taints of one node."""

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._nodes = context.lister(NODES)

    async def reconcile(self, key: NamespacedName) -> Result | None:
        node = self._nodes.get(key.namespace, key.name)
        if node is None:
            return None
        taints = plan(node)
        if taints is None:
            return None
        version = node["metadata"]["resourceVersion"]
        patch = [
            {"op": "test", "path": "/metadata/resourceVersion", "value": version},
            {"op": "add", "path": "/spec/taints", "value": taints},
        ]
        await self._client.patch(NODES, "", key.name, patch, patch_type=JSON_PATCH)
        return None


def new(context: Context) -> Controller:
    controller = Controller(context, "Node", NodeLifecycleReconciler(context))
    controller.watches_for(NODES)
    return controller


CONTROLLER = Descriptor("node-lifecycle-controller", new, aliases=("nodelifecycle",))
