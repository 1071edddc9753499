"""root-ca-certificate-publisher-controller: the cluster's CA in every namespace, where pods mount it from
(pkg/controller/certificates/rootcacertpublisher/publisher.go).

Upstream is given the CA as a file. Here it is the one that the cluster publishes for its clients, in the ConfigMap
kube-system/extension-apiserver-authentication. A cluster that serves plain HTTP has none until it signs a certificate,
and ca.crt is empty.
"""

from __future__ import annotations

from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.controllers.runtime.podcontrol import NAMESPACE_TERMINATING
from minikube_py.machinery import meta
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.wellknown import CONFIG_MAPS, NAMESPACES

NAME = "kube-root-ca.crt"
DESCRIPTION_ANNOTATION = "kubernetes.io/description"
DESCRIPTION = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
    "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes "
    "clusters."
)
SOURCE = NamespacedName("kube-system", "extension-apiserver-authentication")
SOURCE_FIELD = "client-ca-file"


def root_ca(source: Object | None) -> str:
    """The CA bundle (PEM) that the ConfigMap SOURCE holds; "" without one."""
    return ((source or {}).get("data") or {}).get(SOURCE_FIELD) or ""


def desired(current: Object | None, ca: str) -> Object | None:
    """The ConfigMap as it should be, None if it is. What else is on it stays."""
    data = {"ca.crt": ca}
    if current is None:
        metadata: Object = {"name": NAME, "annotations": {DESCRIPTION_ANNOTATION: DESCRIPTION}}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
    notes = meta.annotations(current)
    if (current.get("data") or {}) == data and notes.get(DESCRIPTION_ANNOTATION):
        return None
    annotations = {**notes, DESCRIPTION_ANNOTATION: DESCRIPTION}
    return {**current, "metadata": {**current["metadata"], "annotations": annotations}, "data": data}


class RootCAPublisher:
    """Its keys are namespaces."""

    def __init__(self, context: Context, controller: Controller) -> None:
        self._client = context.client
        self._controller = controller
        self._namespaces = context.lister(NAMESPACES)
        self._config_maps = context.lister(CONFIG_MAPS)

    def watch(self) -> None:
        context = self._controller.context
        context.informer(NAMESPACES).add_handler(self._enqueue, self._namespace_updated)
        context.informer(CONFIG_MAPS).add_handler(
            self._source_changed, lambda old, new: self._changed(new), self._changed
        )

    def _enqueue(self, obj: Object) -> None:
        self._controller.enqueue(NamespacedName("", meta.name(obj)), obj)

    def _namespace_updated(self, old: Object, new: Object) -> None:
        if (new.get("status") or {}).get("phase") == "Active":
            self._enqueue(new)

    def _changed(self, obj: Object) -> None:
        if meta.name(obj) == NAME:
            self._controller.enqueue(NamespacedName("", meta.namespace(obj)), obj)
        self._source_changed(obj)

    def _source_changed(self, obj: Object) -> None:
        if meta.key(obj) == SOURCE:
            for each in self._namespaces.list():
                self._controller.enqueue(NamespacedName("", meta.name(each)), obj)

    async def reconcile(self, where: NamespacedName) -> None:
        current = self._config_maps.get(where.name, NAME)
        wanted = desired(current, root_ca(self._config_maps.get(*SOURCE)))
        if wanted is None:
            return
        if current is not None:
            await self._client.update(CONFIG_MAPS, wanted)
            return
        try:
            await self._client.create(CONFIG_MAPS, wanted, namespace=where.name)
        except StatusError as error:
            if not (is_not_found(error) or error.has_cause(NAMESPACE_TERMINATING)):
                raise


def new(context: Context) -> Controller:
    controller = Controller(context, "Namespace")
    publisher = RootCAPublisher(context, controller)
    publisher.watch()
    controller.reconciler = publisher
    return controller


CONTROLLER = Descriptor("root-ca-certificate-publisher-controller", new, ("root-ca-cert-publisher",))
