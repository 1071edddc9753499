"""The range allocator (pkg/controller/nodeipam/ipam/range_allocator.go)."""

from __future__ import annotations

from minikube_py.client.protocol import STRATEGIC_MERGE_PATCH
from minikube_py.controllers.nodeipam.cidrset import CidrSet, NoneRemaining
from minikube_py.controllers.runtime import Context, Controller
from minikube_py.controllers.runtime.reconciler import ReconcileFailure
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import is_deleting, key, name, uid
from minikube_py.machinery.wellknown import NODES

TRIES = 3
"""Of writing what a node was given (cidrUpdateRetries)."""
_SERVICES = "services"
"""The holder of the part of the range that is the Services'."""


def pod_cidrs(node: Object) -> list[str]:
    return (node.get("spec") or {}).get("podCIDRs") or []


class RangeAllocator:
    def __init__(self, context: Context, controller: Controller) -> None:
        self._client = context.client
        self._controller = controller
        self._informer = context.informer(NODES)
        self._recorder = context.recorder("cidrAllocator")
        self._cidrs = CidrSet(context.settings.cluster_cidr)
        self._cidrs.hold(context.settings.service_cluster_ip_range, _SERVICES)

    def watch(self) -> None:
        self._informer.add_handler(self._changed, self._updated, self._deleted)

    def _changed(self, node: Object) -> None:
        cidrs = pod_cidrs(node)
        for cidr in cidrs:
            self._cidrs.hold(cidr, uid(node))
        if not cidrs and not is_deleting(node):
            self._controller.enqueue(key(node), node)

    def _updated(self, old: Object, new: Object) -> None:
        if uid(old) != uid(new):
            self._deleted(old)
        if uid(old) != uid(new) or pod_cidrs(old) != pod_cidrs(new):
            self._changed(new)

    def _deleted(self, node: Object) -> None:
        for cidr in pod_cidrs(node):
            self._cidrs.release(cidr, uid(node))

    async def reconcile(self, where: NamespacedName) -> None:
        node = self._informer.lister.get(*where)
        if node is None or is_deleting(node) or pod_cidrs(node):
            return
        # The cache may be stale: what has a network already must not get another one.
        node = await self._client.get(NODES, *where)
        if pod_cidrs(node):
            return
        try:
            cidr = self._cidrs.allocate(uid(node))
        except NoneRemaining as error:
            self._tell(node, "CIDRNotAvailable")
            raise ReconcileFailure(f"failed to allocate cidr from cluster cidr at idx:0: {error}") from error
        await self._assign(node, cidr)

    async def _assign(self, node: Object, cidr: str) -> None:
        """Raises StatusError."""
        patch = {"spec": {"podCIDR": cidr, "podCIDRs": [cidr]}, "metadata": {"uid": uid(node)}}
        for attempt in range(1, TRIES + 1):
            try:
                await self._client.patch(NODES, "", name(node), patch, patch_type=STRATEGIC_MERGE_PATCH)
            except StatusError:
                if attempt == TRIES:
                    self._tell(node, "CIDRAssignmentFailed")
                    self._cidrs.release(cidr, uid(node))
                    raise
            else:
                return

    def _tell(self, node: Object, status: str) -> None:
        reference = {"apiVersion": "v1", "kind": "Node", "name": name(node), "uid": uid(node)}
        self._recorder.event(reference, "Normal", status, f"Node {name(node)} status is now: {status}")
