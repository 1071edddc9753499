"""How the API server reaches the kubelets: the connection behind pods/log (and, later, exec, attach, port-forward)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from minikube_py.machinery import errors
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.quantity import Quantity

Usage = Mapping[str, Quantity]
"""What is used of a node's resources: by "cpu" and "memory"."""


class LogOptions(NamedTuple):
    """core/v1 PodLogOptions."""

    container: str
    follow: bool = False
    previous: bool = False
    since_seconds: int | None = None
    since_time: float | None = None
    timestamps: bool = False
    tail_lines: int | None = None
    limit_bytes: int | None = None


class NodeConnection(Protocol):
    """The kubelets' doors, by the pod that is asked about."""

    async def logs(self, pod: Object, options: LogOptions) -> bytes:
        """What the container has written. Raises StatusError."""
        ...

    async def pod_usage(self, pod: Object) -> Mapping[str, Usage]:
        """What its running containers use, by name; empty if none runs."""
        ...

    async def node_usage(self, node: Object, pods: Iterable[Object]) -> Usage:
        """What is used of a node that runs these pods; empty if it does not tell."""
        ...


class Unreachable:
    """No kubelet runs."""

    async def logs(self, pod: Object, options: LogOptions) -> bytes:
        node = pod["spec"].get("nodeName", "")
        raise errors.internal_error(f'Get "https://{node}:10250/containerLogs": dial tcp: lookup {node}: no such host')

    async def pod_usage(self, pod: Object) -> Mapping[str, Usage]:
        return {}

    async def node_usage(self, node: Object, pods: Iterable[Object]) -> Usage:
        return {}
