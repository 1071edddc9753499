"""What a node is told is attached: its status.volumesAttached (attachdetach/statusupdater)."""

from __future__ import annotations

from collections.abc import Iterator

from minikube_py.client.protocol import MERGE_PATCH
from minikube_py.controllers.attachdetach.volumes import (
    VOLUME_ATTACHMENTS,
    is_attached,
    is_ours,
    node_of,
    unique_name,
    volume_of,
)
from minikube_py.controllers.runtime import Context, Controller
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.wellknown import NODES, PERSISTENT_VOLUMES

BY_NODE = "attachments by node"


class NodeStatus:
    def __init__(self, context: Context, controller: Controller) -> None:
        self._client = context.client
        self._controller = controller
        self._nodes = context.lister(NODES)
        self._volumes = context.lister(PERSISTENT_VOLUMES)
        context.informer(VOLUME_ATTACHMENTS).add_index(BY_NODE, lambda each: (node_of(each),) if is_ours(each) else ())
        self._attachments = context.lister(VOLUME_ATTACHMENTS)

    def watch(self) -> None:
        self._controller.watches(VOLUME_ATTACHMENTS, lambda each: (NamespacedName("", node_of(each)),))

    async def reconcile(self, where: NamespacedName) -> None:
        node = self._nodes.get(*where)
        if node is None:
            return
        wanted = [{"devicePath": "", "name": each} for each in sorted(self._attached(where.name))]
        if ((node.get("status") or {}).get("volumesAttached") or []) == wanted:
            return
        patch = {"status": {"volumesAttached": wanted or None}}
        try:
            await self._client.patch(NODES, "", where.name, patch, patch_type=MERGE_PATCH, subresource="status")
        except StatusError as error:
            if not is_not_found(error):
                raise

    def _attached(self, node: str) -> Iterator[str]:
        attachments: list[Object] = self._attachments.by_index(BY_NODE, node)
        for each in attachments:
            volume = self._volumes.get("", volume_of(each)) if is_attached(each) else None
            if volume is not None:
                yield unique_name(volume)
