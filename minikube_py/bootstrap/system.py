"""What is created at the start: system namespaces, the Service `kubernetes`, the system's priority classes, and the
day since when the use of accounts' old tokens is written down.

Upstream: pkg/controlplane (systemnamespaces, kubernetesservice, legacytokentracking), pkg/registry/scheduling/rest.
"""

from __future__ import annotations

import ipaddress

from minikube_py.client.protocol import Client
from minikube_py.controllers.legacyserviceaccounttokencleaner import SINCE, TRACKING
from minikube_py.machinery.errors import StatusError, is_already_exists
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.wellknown import (
    CONFIG_MAPS,
    ENDPOINT_SLICES,
    ENDPOINTS,
    NAMESPACES,
    PRIORITY_CLASSES,
    SERVICES,
)

NAMES = ("default", "kube-system", "kube-public", "kube-node-lease")

API_SERVER_ADDRESS = "192.0.2.1"
"""The API server's own address inside the simulated network (of TEST-NET-1: nothing real is there)."""
API_SERVER_PORT = 6443

PRIORITIES = (
    (
        "system-node-critical",
        2000001000,
        "Used for system critical pods that must not be moved from their current node.",
    ),
    (
        "system-cluster-critical",
        2000000000,
        "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
    ),
)


async def create_system(client: Client, service_cidr: str, today: str) -> None:
    """Create what is not there yet. `today`: as "2026-01-31", "" for versions that track no tokens."""
    for name in NAMES:
        await _ensure(client, NAMESPACES, _object("v1", "Namespace", {"name": name}))
    for name, value, text in PRIORITIES:
        obj = _object("scheduling.k8s.io/v1", "PriorityClass", {"name": name})
        obj |= {"value": value, "description": text, "preemptionPolicy": "PreemptLowerPriority"}
        await _ensure(client, PRIORITY_CLASSES, obj)
    await _ensure(client, SERVICES, kubernetes_service(service_cidr))
    await _ensure(client, ENDPOINTS, _kubernetes_endpoints())
    await _ensure(client, ENDPOINT_SLICES, _kubernetes_slice())
    if today:
        tracking = _object("v1", "ConfigMap", {"name": TRACKING.name, "namespace": TRACKING.namespace})
        await _ensure(client, CONFIG_MAPS, {**tracking, "data": {SINCE: today}})


def kubernetes_service(service_cidr: str) -> Object:
    """The Service default/kubernetes; it has the first address of the range."""
    network = ipaddress.ip_network(service_cidr)
    meta = {
        "name": "kubernetes",
        "namespace": "default",
        "labels": {"component": "apiserver", "provider": "kubernetes"},
    }
    spec = {
        "clusterIP": str(network[1]),
        "type": "ClusterIP",
        "sessionAffinity": "None",
        "ipFamilyPolicy": "SingleStack",
        "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": API_SERVER_PORT}],
    }
    return {**_object("v1", "Service", meta), "spec": spec}


def _kubernetes_endpoints() -> Object:
    labels = {"endpointslice.kubernetes.io/skip-mirror": "true"}
    meta = {"name": "kubernetes", "namespace": "default", "labels": labels}
    ports = [{"name": "https", "port": API_SERVER_PORT, "protocol": "TCP"}]
    subsets = [{"addresses": [{"ip": API_SERVER_ADDRESS}], "ports": ports}]
    return {**_object("v1", "Endpoints", meta), "subsets": subsets}


def _kubernetes_slice() -> Object:
    labels = {"kubernetes.io/service-name": "kubernetes"}
    meta = {"name": "kubernetes", "namespace": "default", "labels": labels}
    return {
        **_object("discovery.k8s.io/v1", "EndpointSlice", meta),
        "addressType": "IPv4",
        "endpoints": [{"addresses": [API_SERVER_ADDRESS], "conditions": {"ready": True}}],
        "ports": [{"name": "https", "port": API_SERVER_PORT, "protocol": "TCP"}],
    }


def _object(api_version: str, kind: str, metadata: Object) -> Object:
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


async def _ensure(client: Client, resource: GroupVersionResource, obj: Object) -> None:
    try:
        await client.create(resource, obj)
    except StatusError as error:
        if not is_already_exists(error):
            raise
