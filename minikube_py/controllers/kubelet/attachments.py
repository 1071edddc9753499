"""Volumes that have to be attached to a node before its pods can use them, and which of them a node says are in use
(volumemanager GetVolumesInUse, operationexecutor VerifyControllerAttachedVolume).

    pod-1 of node-1 uses volume V    node-1's status.volumesInUse has V
    V in its volumesAttached too     pod-1 is started
    pod-1 is over                    V goes from volumesInUse, and the attach-detach controller may detach it

Nodes that are not managed by that controller attach what they need themselves, and at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from minikube_py.client.protocol import MERGE_PATCH
from minikube_py.controllers.attachdetach.volumes import CSI_DRIVERS, MANAGED, needs_attaching, source_of, unique_name
from minikube_py.controllers.kubelet.life import Life, Objects
from minikube_py.controllers.runtime import Context
from minikube_py.machinery import meta
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import NODES, PERSISTENT_VOLUMES


def attachable(objects: Objects) -> Iterator[str]:
    """The unique names of those among what a pod refers to."""
    for (plural, _), volume in objects.items():
        if plural == PERSISTENT_VOLUMES.resource and volume is not None:
            driver = (source_of(volume) or {}).get("driver", "")
            if needs_attaching(volume, objects.get((CSI_DRIVERS.resource, driver))):
                yield unique_name(volume)


def waits_for_attachment(life: Life) -> bool:
    """Whether its node does not have one of them yet, or has not said that it is in use."""
    node = life.objects.get((NODES.resource, life.host.name))
    if node is None or meta.annotations(node).get(MANAGED) != "true":
        return False
    attached = {each["name"] for each in (node.get("status") or {}).get("volumesAttached") or ()}
    ready = attached.intersection(in_use(node))
    return any(each not in ready for each in attachable(life.objects))


def in_use(node: Object) -> list[str]:
    """As its status says."""
    return (node.get("status") or {}).get("volumesInUse") or []


class Attachments:
    """What is in use, by node and pod; `report_due` is called with the names of nodes whose status lags behind."""

    def __init__(self, context: Context, report_due: Callable[[str], None]) -> None:
        self._client = context.client
        self._nodes = context.lister(NODES)
        self._report_due = report_due
        self._used: dict[str, dict[str, frozenset[str]]] = {}

    def use(self, node: str, pod_uid: str, volumes: Collection[str]) -> None:
        """From now on the pod uses these and no others."""
        of_node = self._used.get(node)
        if not volumes and (of_node is None or pod_uid not in of_node):
            return
        if of_node is None:
            of_node = self._used[node] = {}
        if volumes:
            of_node[pod_uid] = frozenset(volumes)
        else:
            del of_node[pod_uid]
        self.check(node, self._nodes.get("", node))

    def forget(self, node: str) -> None:
        """It is not simulated any more."""
        self._used.pop(node, None)

    def check(self, name: str, node: Object | None) -> None:
        """See whether its status is right."""
        if node is not None and in_use(node) != self._wanted(name):
            self._report_due(name)

    def _wanted(self, node: str) -> list[str]:
        of_node = self._used.get(node)
        return sorted(frozenset().union(*of_node.values())) if of_node else []

    async def report(self, name: str) -> None:
        """Put its status right. Raises StatusError."""
        node, wanted = self._nodes.get("", name), self._wanted(name)
        if node is None or in_use(node) == wanted:
            return
        patch = {"status": {"volumesInUse": wanted or None}}
        try:
            await self._client.patch(NODES, "", name, patch, patch_type=MERGE_PATCH, subresource="status")
        except StatusError as error:
            if not is_not_found(error):
                raise
