"""What is created at the start: system namespaces, the Service `kubernetes`, the system's priority classes, and the
day since when the use of accounts' old tokens is written down.

Upstream: pkg/controlplane (systemnamespaces, kubernetesservice, legacytokentracking), pkg/registry/scheduling/rest.
"""

from __future__ import annotations

from minikube_py.client.protocol import Client
from minikube_py.controllers.apiserver import kubernetesservice
from minikube_py.controllers.apiserver.systemnamespaces import NAMES, system_namespace
from minikube_py.controllers.legacyserviceaccounttokencleaner import SINCE, TRACKING
from minikube_py.machinery.errors import StatusError, is_already_exists
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.wellknown import CONFIG_MAPS, NAMESPACES, PRIORITY_CLASSES

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
        await _ensure(client, NAMESPACES, system_namespace(name))
    for name, value, text in PRIORITIES:
        obj = _object("scheduling.k8s.io/v1", "PriorityClass", {"name": name})
        obj |= {"value": value, "description": text, "preemptionPolicy": "PreemptLowerPriority"}
        await _ensure(client, PRIORITY_CLASSES, obj)
    for resource, made in kubernetesservice.wanted(service_cidr).items():
        await _ensure(client, resource, made)
    if today:
        tracking = _object("v1", "ConfigMap", {"name": TRACKING.name, "namespace": TRACKING.namespace})
        await _ensure(client, CONFIG_MAPS, {**tracking, "data": {SINCE: today}})


def _object(api_version: str, kind: str, metadata: Object) -> Object:
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


async def _ensure(client: Client, resource: GroupVersionResource, obj: Object) -> None:
    try:
        await client.create(resource, obj)
    except StatusError as error:
        if not is_already_exists(error):
            raise
