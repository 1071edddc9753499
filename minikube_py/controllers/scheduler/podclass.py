"""Pods that are the same to the scheduler: those of one template fit the same nodes and score them alike.

Upstream signs pods for the same reason (framework SignPod, opportunistic batching).
"""

from __future__ import annotations

from typing import Any

import orjson

from minikube_py.controllers.scheduler.affinityterms import PodTerms, has_pod_terms
from minikube_py.controllers.scheduler.hostports import HostPort, host_ports
from minikube_py.controllers.scheduler.podrequests import Requests, pod_requests
from minikube_py.machinery.declaredfeatures import needed_to_run
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
    "resourceClaims",
    "resources",
    "schedulerName",
    "tolerations",
    "topologySpreadConstraints",
)
MAX_CLASSES = 1024

_SOURCES = (
    "persistentVolumeClaim",
    "ephemeral",
    "image",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "iscsi",
    "rbd",
)
"""The volumes that matter where a pod goes."""

_NOTHING: Object = {}


class PodClass:
    """What of a pod's spec decides where it can go. Compared by identity."""

    __slots__ = (
        "affinity",
        "claims",
        "features",
        "images",
        "individual",
        "node_name",
        "node_selector",
        "ports",
        "preempts",
        "priority",
        "requests",
        "spread",
        "terms",
        "tolerations",
        "volumes",
    )

    def __init__(self, spec: Object, namespace: str = "") -> None:
        affinity = spec.get("affinity") or _NOTHING
        self.requests: Requests = pod_requests(spec)
        self.ports: tuple[HostPort, ...] = host_ports(spec)
        self.node_name: str = spec.get("nodeName") or ""
        self.node_selector: dict[str, str] = spec.get("nodeSelector") or {}
        self.affinity: Object = affinity.get("nodeAffinity") or {}
        self.terms: PodTerms | None = PodTerms(affinity, namespace) if has_pod_terms(affinity) else None
        """Of affinity to other pods, None without any."""
        self.spread: list[Object] = spec.get("topologySpreadConstraints") or []
        self.tolerations: list[Object] = spec.get("tolerations") or []
        self.priority: int = spec.get("priority") or 0
        self.preempts: bool = spec.get("preemptionPolicy") != "Never"
        self.volumes: tuple[Object, ...] = tuple(_volumes(spec))
        """Those whose whereabouts the API tells, or that pods cannot share."""
        self.claims: tuple[str, ...] = tuple(_claims(self.volumes))
        """The names of the claims that its volumes name."""
        self.individual = bool(self.volumes or spec.get("resourceClaims"))
        """Whether each pod has to be asked of by itself: its volumes or devices decide where it can go."""
        self.features = frozenset(needed_to_run(spec))
        """What it needs of its node's kubelet."""
        self.images: tuple[tuple[str, ...], int] = _images(spec)
        """Those that its containers and volumes name, and how many containers there are."""


def _volumes(spec: Object) -> list[Object]:
    volumes = spec.get("volumes")
    return [each for each in volumes if any(each.get(source) is not None for source in _SOURCES)] if volumes else []


def _claims(volumes: tuple[Object, ...]) -> list[str]:
    sources = [each.get("persistentVolumeClaim") for each in volumes]
    return [source.get("claimName") or "" for source in sources if source is not None]


def _images(spec: Object) -> tuple[tuple[str, ...], int]:
    containers = [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]
    names = [container.get("image") or "" for container in containers]
    for volume in spec.get("volumes") or ():
        if volume.get("image") is not None:
            names.append(volume["image"].get("reference") or "")
    return tuple(names), len(containers)


class PodClasses:
    """The class of each pod; the MAX_CLASSES most recent signatures are known."""

    def __init__(self) -> None:
        self._known: dict[bytes, PodClass] = {}

    def of(self, pod: Object) -> PodClass:
        spec = pod["spec"]
        namespace = pod["metadata"].get("namespace", "") if has_pod_terms(spec.get("affinity") or _NOTHING) else ""
        signature = _signature(spec, namespace)
        found = self._known.get(signature)
        if found is None:
            if len(self._known) >= MAX_CLASSES:
                del self._known[next(iter(self._known))]
            found = self._known[signature] = PodClass(spec, namespace)
        return found


def _signature(spec: Object, namespace: str) -> bytes:
    parts: list[Any] = [spec.get(field) for field in _FIELDS]
    parts.append(namespace)
    for container in spec.get("containers") or ():
        parts.append(container.get("image"))
        parts.append(container.get("resources"))
        parts.append(container.get("ports"))
        parts.append(container.get("restartPolicyRules"))
    if spec.get("volumes"):
        parts.append(_volumes(spec))
    return orjson.dumps(parts)
