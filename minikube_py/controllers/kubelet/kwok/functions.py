"""Functions that KWOK gives to templates beside Go's and sprig's (kwok pkg/utils/gotpl/funcs.go, controllers)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from minikube_py.controllers.kubelet.gotemplate import FUNCTIONS, Functions
from minikube_py.controllers.kubelet.life import Hosts
from minikube_py.controllers.kubelet.network import Exhausted
from minikube_py.machinery.gotext import json_text, quote

VERSION = "v0.7.0"
"""Of KWOK, whose Stages these are."""

PORT = 10250

NODE_CONDITIONS = [
    {"type": type, "status": status, "reason": reason, "message": message}
    for type, status, reason, message in (
        ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
        ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ("NetworkUnavailable", "False", "RouteCreated", "RouteController created a route"),
    )
]


def functions(hosts: Hosts, node: str, now: float, begun: float) -> Functions:
    """Of templates for an object on `node` (or of it); `begun` is when all this began. Seconds."""

    def node_ips(name: str) -> list[str]:
        host = hosts.get(name)
        return [host.address] if host is not None else []

    def pod_ips(name: str, host_network: Any, uid: str, pod: str = "", namespace: str = "") -> list[str]:
        host = hosts.get(name)
        if host is None:
            return []
        if host_network:
            return [host.address]
        try:
            return [host.network.allocate(uid)]
        except Exhausted:
            return []

    def first(many: Callable[..., list[str]]) -> Callable[..., str]:
        return lambda *arguments: next(iter(many(*arguments)), "")

    return {
        **FUNCTIONS,
        "Quote": _quoted,
        "YAML": _yaml,
        "Now": lambda: rfc3339_nano(now),
        "StartTime": lambda: rfc3339_nano(begun),
        "Version": lambda: VERSION,
        "NodeConditions": lambda: NODE_CONDITIONS,
        "NodeName": lambda: node,
        "NodePort": lambda: PORT,
        "NodeIP": lambda: first(node_ips)(node),
        "NodeHostIPs": lambda: node_ips(node),
        "NodeIPWith": first(node_ips),
        "NodeIPsWith": node_ips,
        "PodIP": lambda: first(pod_ips)(node, False, ""),
        "PodIPWith": first(pod_ips),
        "PodIPsWith": pod_ips,
    }


def rfc3339_nano(when: float) -> str:
    """As Go's RFC3339Nano: without what is zero at the end."""
    text = datetime.fromtimestamp(round(when, 6), UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return text.rstrip("0").rstrip(".") + "Z"


def _quoted(value: Any = None) -> str:
    """A string of YAML, whatever the value is."""
    written = json_text(value)
    return written if written.startswith('"') else quote(written)


def _yaml(value: Any, indent: int = 0) -> str:
    import yaml  # 10 ms that only templates spend

    written = str(yaml.safe_dump(json.loads(json.dumps(value)), default_flow_style=False))
    if not indent:
        return written
    return ("\n" + written).replace("\n", "\n" + " " * (2 * indent))
