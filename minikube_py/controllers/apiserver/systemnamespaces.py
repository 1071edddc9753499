"""system-namespaces: the namespaces that every cluster has come back within a minute
(pkg/controlplane/controller/systemnamespaces)."""

from __future__ import annotations

from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.machinery.errors import StatusError, is_already_exists
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import key, name
from minikube_py.machinery.wellknown import NAMESPACES

NAMES = ("default", "kube-system", "kube-public", "kube-node-lease")

PERIOD = 60.0
"""Seconds between two looks of upstream; here the one look that matters is as long after a deletion."""


class NamespaceKeeper:
    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._namespaces = context.lister(NAMESPACES)

    async def reconcile(self, where: NamespacedName) -> None:
        if self._namespaces.get(*where) is not None:
            return
        try:
            await self._client.create(NAMESPACES, system_namespace(where.name))
        except StatusError as error:
            if not is_already_exists(error):
                raise


def system_namespace(called: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": called}}


def new(context: Context) -> Controller:
    controller = Controller(context, "Namespace", NamespaceKeeper(context), workers=1)

    def gone(namespace: Object) -> None:
        if name(namespace) in NAMES:
            controller.enqueue_after(key(namespace), PERIOD)

    context.informer(NAMESPACES).add_handler(on_delete=gone)
    return controller


SYSTEM_NAMESPACES = Descriptor("system-namespaces", new)
