"""Pods that are the same to the scheduler: those of one template fit the same nodes and score them alike.

Upstream signs pods for the same reason (framework SignPod, opportunistic batching).
"""

from __future__ import annotations

from typing import Any

import orjson

from minikube_py.controllers.scheduler.hostports import HostPort, host_ports
from minikube_py.controllers.scheduler.podrequests import Requests, pod_requests
from minikube_py.machinery.gvr import Object

DEFAULT_SCHEDULER = "default-scheduler"

_FIELDS = (
    "affinity",
    "initContainers",
    "nodeName",
    "nodeSelector",
    "overhead",
    "preemptionPolicy",
    "priority",
    "resources",
    "schedulerName",
    "tolerations",
)
MAX_CLASSES = 1024


class PodClass:
    """What of a pod's spec decides where it can go. Compared by identity."""

    __slots__ = ("affinity", "node_name", "node_selector", "ports", "preempts", "priority", "requests", "tolerations")

    def __init__(self, spec: Object) -> None:
        self.requests: Requests = pod_requests(spec)
        self.ports: tuple[HostPort, ...] = host_ports(spec)
        self.node_name: str = spec.get("nodeName") or ""
        self.node_selector: dict[str, str] = spec.get("nodeSelector") or {}
        self.affinity: Object = (spec.get("affinity") or {}).get("nodeAffinity") or {}
        self.tolerations: list[Object] = spec.get("tolerations") or []
        self.priority: int = spec.get("priority") or 0
        self.preempts: bool = spec.get("preemptionPolicy") != "Never"


class PodClasses:
    """The class of each spec; the MAX_CLASSES most recent signatures are known."""

    def __init__(self) -> None:
        self._known: dict[bytes, PodClass] = {}

    def of(self, spec: Object) -> PodClass:
        signature = _signature(spec)
        found = self._known.get(signature)
        if found is None:
            if len(self._known) >= MAX_CLASSES:
                del self._known[next(iter(self._known))]
            found = self._known[signature] = PodClass(spec)
        return found


def _signature(spec: Object) -> bytes:
    parts: list[Any] = [spec.get(field) for field in _FIELDS]
    for container in spec.get("containers") or ():
        parts.append(container.get("resources"))
        parts.append(container.get("ports"))
    return orjson.dumps(parts)
