"""How the API server reaches kubelets and what runs on their nodes: for logs, exec, attach, port-forward, proxies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from minikube_py.machinery import errors
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.quantity import Quantity
from minikube_py.machinery.streams import Command, CommandFailed, Reader, Writer

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
    stream: str = "All"
    """Or "Stdout" or "Stderr"."""


class NodeConnection(Protocol):
    """The kubelets' doors, by the pod that is asked about."""

    async def logs(self, pod: Object, options: LogOptions) -> AsyncIterator[bytes]:
        """What the container has written, piece by piece, and with `follow` what it goes on to write. Raises
        StatusError."""
        ...

    async def exec(self, pod: Object, container: str, command: Sequence[str]) -> Command:
        """A command, ready to run in a running container. Raises CommandFailed in the kubelet's words."""
        ...

    async def attach(self, pod: Object, container: str) -> Command:
        """What joins streams to those of a container's first process. Raises CommandFailed."""
        ...

    async def forward(self, pod: Object, port: int, reader: Reader, writer: Writer) -> None:
        """Carry a connection to a port of the pod, both ways, until it ends. Raises CommandFailed."""
        ...

    async def dial(self, address: str, port: int, protocol: asyncio.Protocol) -> None:
        """Connect a protocol to an address of the simulated network: a pod's, a node's. Raises OSError."""
        ...

    async def pod_usage(self, pod: Object) -> Mapping[str, Usage]:
        """What its running containers use, by name; empty if none runs."""
        ...

    async def node_usage(self, node: Object, pods: Iterable[Object]) -> Usage:
        """What is used of a node that runs these pods; empty if it does not tell."""
        ...


class Unreachable:
    """No kubelet runs. Implements NodeConnection."""

    async def logs(self, pod: Object, options: LogOptions) -> AsyncIterator[bytes]:
        node = pod["spec"].get("nodeName", "")
        raise errors.internal_error(f'Get "https://{node}:10250/containerLogs": dial tcp: lookup {node}: no such host')

    async def exec(self, pod: Object, container: str, command: Sequence[str]) -> Command:
        raise _no_such_host(pod)

    async def attach(self, pod: Object, container: str) -> Command:
        raise _no_such_host(pod)

    async def forward(self, pod: Object, port: int, reader: Reader, writer: Writer) -> None:
        raise _no_such_host(pod)

    async def dial(self, address: str, port: int, protocol: asyncio.Protocol) -> None:
        raise OSError(f"dial tcp {address}:{port}: connect: no route to host")

    async def pod_usage(self, pod: Object) -> Mapping[str, Usage]:
        return {}

    async def node_usage(self, node: Object, pods: Iterable[Object]) -> Usage:
        return {}


def _no_such_host(pod: Object) -> CommandFailed:
    node = pod["spec"].get("nodeName", "")
    return CommandFailed(f"error dialing backend: dial tcp: lookup {node}: no such host")
