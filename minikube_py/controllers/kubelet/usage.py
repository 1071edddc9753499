"""What simulated containers use of their node.

A running container uses a tenth of the CPU and half of the memory that it requests, and a little where it requests
none. A pod's annotations say otherwise, for all of its containers or for one, and may be changed while it runs:

    metadata:
      annotations:
        minikube-py/cpu: 250m            # each of its containers uses a quarter of a core,
        minikube-py/memory: 64Mi         # 64 MiB,
        minikube-py/cpu.proxy: "1"       # and the container "proxy" a whole core

Limits hold nothing back, and nothing is killed for using more: what is said is what is used. It is used from the
moment the container runs, without the time that a real one takes to be measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from minikube_py.controllers.kubelet.behaviour import PREFIX
from minikube_py.machinery import podresources, quantity
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.quantity import BINARY_SI, DECIMAL_SI, Quantity

Usage = dict[str, Quantity]
"""By "cpu" and "memory"."""

UNASKED = {"cpu": "5m", "memory": "16Mi"}
"""Used by a container that requests nothing."""
SHARES = {"cpu": 10, "memory": 50}
"""Percent of what is requested."""
NODE_BASE = {"cpu": "50m", "memory": "256Mi"}
"""Used by the node's own programs."""

_FORMATS = {"cpu": DECIMAL_SI, "memory": BINARY_SI}
_SCALES = {"cpu": -9, "memory": 0}
"""Metrics are whole nanocores and bytes."""
_NOTHING: Object = {}


def pod_usage(pod: Object) -> dict[str, Usage]:
    """By its running containers, in the order of its spec."""
    running = _running(pod.get("status") or _NOTHING)
    annotations = pod["metadata"].get("annotations") or _NOTHING
    return {
        container["name"]: container_usage(container, annotations)
        for container in _containers(pod["spec"])
        if container["name"] in running
    }


def node_usage(pods: Iterable[Object]) -> Usage:
    """Of a node that runs these pods."""
    total = {name: _parsed(name, text) for name, text in NODE_BASE.items()}
    for pod in pods:
        for usage in pod_usage(pod).values():
            podresources.add(total, usage)
    return total


def container_usage(container: Object, annotations: dict[str, str]) -> Usage:
    """Of a running container. What cannot be read is passed over, as what is less than nothing."""
    requests = (container.get("resources") or _NOTHING).get("requests") or _NOTHING
    usage = {}
    for name in _FORMATS:
        said = annotations.get(f"{PREFIX}{name}.{container['name']}", annotations.get(PREFIX + name))
        found = None if said is None else _said(name, said)
        usage[name] = _by_default(name, requests.get(name)) if found is None else found
    return usage


def _containers(spec: Object) -> Iterable[Object]:
    for key in ("containers", "initContainers", "ephemeralContainers"):
        yield from spec.get(key) or ()


def _running(status: Object) -> set[str]:
    if status.get("phase") not in ("Pending", "Running"):
        return set()
    keys = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")
    statuses = (each for key in keys for each in status.get(key) or ())
    return {each["name"] for each in statuses if (each.get("state") or _NOTHING).get("running") is not None}


@lru_cache(maxsize=1024)
def _said(name: str, text: str) -> Quantity | None:
    try:
        found = _parsed(name, text)
    except ValueError:
        return None
    return None if found.sign() < 0 else found


@lru_cache(maxsize=1024)
def _by_default(name: str, requested: str | None) -> Quantity:
    if requested is None or not (asked := quantity.parse(requested)):
        return _parsed(name, UNASKED[name])
    return Quantity(asked.scaled(_SCALES[name]) * SHARES[name] // 100, _SCALES[name], _FORMATS[name])


def _parsed(name: str, text: str) -> Quantity:
    """In the notation of metrics. Raises ValueError."""
    return Quantity(quantity.parse(text).scaled(_SCALES[name]), _SCALES[name], _FORMATS[name])
