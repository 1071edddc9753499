"""Ports that pods take on their node: scheduler framework's HostPortInfo."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from minikube_py.machinery.gvr import Object
from minikube_py.machinery.podresources import is_sidecar

ANY_ADDRESS = "0.0.0.0"


class HostPort(NamedTuple):
    address: str
    protocol: str
    port: int


def host_ports(spec: Object) -> tuple[HostPort, ...]:
    """Of the containers that run for as long as the pod does."""
    sidecars = [each for each in spec.get("initContainers") or () if is_sidecar(each)]
    found: list[HostPort] = []
    for container in (*sidecars, *(spec.get("containers") or ())):
        for port in container.get("ports") or ():
            if port.get("hostPort"):
                address, protocol = port.get("hostIP") or ANY_ADDRESS, port.get("protocol") or "TCP"
                found.append(HostPort(address, protocol, port["hostPort"]))
    return tuple(found)


def conflict(wanted: HostPort, used: Iterable[HostPort]) -> bool:
    """The same port of the same protocol, on the same address or where either takes all addresses."""
    return any(
        wanted.port == other.port
        and wanted.protocol == other.protocol
        and (wanted.address == other.address or ANY_ADDRESS in (wanted.address, other.address))
        for other in used
    )
