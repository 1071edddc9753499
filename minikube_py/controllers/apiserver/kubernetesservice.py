"""kubernetes-service: the Service default/kubernetes, and what tells where the API server is, come back within ten
seconds (pkg/controlplane/controller/kubernetesservice, pkg/controlplane/reconcilers).

Of the Service nothing is put right but that it is there; Endpoints and slice have to say what they should.
"""

from __future__ import annotations

import ipaddress

from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.meta import key
from minikube_py.machinery.wellknown import ENDPOINT_SLICES, ENDPOINTS, SERVICES

WHERE = NamespacedName("default", "kubernetes")
ADDRESS = "192.0.2.1"
"""The API server's own address inside the simulated network (of TEST-NET-1: nothing real is there)."""
PORT = 6443

PERIOD = 10.0
"""Seconds between two looks of upstream; here one follows a change after as long."""

_KEPT = {ENDPOINTS: ("subsets",), ENDPOINT_SLICES: ("endpoints", "ports")}
"""The fields that are put right."""


def service(service_cidr: str) -> Object:
    """It has the first address of the range."""
    network = ipaddress.ip_network(service_cidr)
    spec = {
        "clusterIP": str(network[1]),
        "type": "ClusterIP",
        "sessionAffinity": "None",
        "ipFamilyPolicy": "SingleStack",
        "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": PORT}],
    }
    return {**_object("v1", "Service", {"component": "apiserver", "provider": "kubernetes"}), "spec": spec}


def endpoints() -> Object:
    ports = [{"name": "https", "port": PORT, "protocol": "TCP"}]
    labels = {"endpointslice.kubernetes.io/skip-mirror": "true"}
    return {**_object("v1", "Endpoints", labels), "subsets": [{"addresses": [{"ip": ADDRESS}], "ports": ports}]}


def endpoint_slice() -> Object:
    return {
        **_object("discovery.k8s.io/v1", "EndpointSlice", {"kubernetes.io/service-name": WHERE.name}),
        "addressType": "IPv4",
        "endpoints": [{"addresses": [ADDRESS], "conditions": {"ready": True}}],
        "ports": [{"name": "https", "port": PORT, "protocol": "TCP"}],
    }


def _object(api_version: str, kind: str, labels: dict[str, str]) -> Object:
    metadata = {"name": WHERE.name, "namespace": WHERE.namespace, "labels": labels}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


def wanted(service_cidr: str) -> dict[GroupVersionResource, Object]:
    return {SERVICES: service(service_cidr), ENDPOINTS: endpoints(), ENDPOINT_SLICES: endpoint_slice()}


class KubernetesService:
    """Its only key is WHERE. Asks the server: caches need not hold more than one of each."""

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._wanted = wanted(context.settings.service_cluster_ip_range)

    async def reconcile(self, where: NamespacedName) -> None:
        for resource, made in self._wanted.items():
            present = await self._get(resource)
            if present is None:
                await self._client.create(resource, made)
                continue
            kept = {field: made[field] for field in _KEPT.get(resource, ())}
            if any(present.get(field) != value for field, value in kept.items()):
                await self._client.update(resource, {**present, **kept})

    async def _get(self, resource: GroupVersionResource) -> Object | None:
        try:
            return await self._client.get(resource, *WHERE)
        except StatusError as error:
            if is_not_found(error):
                return None
            raise


def new(context: Context) -> Controller:
    controller = Controller(context, "Service", KubernetesService(context), workers=1)

    def changed(obj: Object) -> None:
        if key(obj) == WHERE:
            controller.enqueue_after(WHERE, PERIOD)

    context.informer(SERVICES).add_handler(on_delete=changed)
    for resource in _KEPT:
        context.informer(resource).add_handler(None, lambda old, new: changed(new), changed)
    return controller


KUBERNETES_SERVICE = Descriptor("kubernetes-service", new)
