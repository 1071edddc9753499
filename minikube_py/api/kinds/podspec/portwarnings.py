"""Warnings about ports that containers of a pod give twice: pkg/api/pod/warnings.go."""

from __future__ import annotations

from minikube_py.api.kinds.podspec.windows import all_containers
from minikube_py.machinery.field import Path
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object


def port_warnings(spec: Object, path: Path) -> list[str]:
    """`path` is the pod spec's."""
    ports = [
        (port, at.child("ports").index(index))
        for container, at in all_containers(spec, path)
        if container.get("ports")
        for index, port in enumerate(container["ports"])
    ]
    if not ports:
        return []
    warnings = []
    known: dict[tuple[int, str], list[tuple[Object, Path]]] = {}
    for port, at in ports:
        if port.get("hostIP") and not port.get("hostPort"):
            warnings.append(f"{at}: hostIP set without hostPort: {_go_struct(port)}")
        others = known.setdefault((port.get("containerPort", 0), port.get("protocol", "")), [])
        for other, there in others:
            if relation := _relation(port, other):
                warnings.append(f"{at}: {relation} port definition with {there}")
        others.append((port, at))
    return warnings + _name_warnings(ports)


def _relation(port: Object, other: Object) -> str:
    """How two definitions of one port and protocol go together; "" where they do."""
    host, host_port = port.get("hostIP") or "", port.get("hostPort") or 0
    other_host, other_host_port = other.get("hostIP") or "", other.get("hostPort") or 0
    if host == other_host and host_port == other_host_port:
        return "duplicate"
    if not host_port or not other_host_port:
        return "overlapping"
    if host_port == other_host_port and bool(host) != bool(other_host):
        return "dangerously ambiguous"
    return ""


def _go_struct(port: Object) -> str:
    """As %+v prints a ContainerPort."""
    return (
        f"{{Name:{port.get('name', '')} HostPort:{port.get('hostPort', 0)} "
        f"ContainerPort:{port.get('containerPort', 0)} Protocol:{port.get('protocol', '')} "
        f"HostIP:{port.get('hostIP', '')}}}"
    )


def _name_warnings(ports: list[tuple[Object, Path]]) -> list[str]:
    warnings = []
    known: dict[str, Path] = {}
    for port, at in ports:
        name = port.get("name")
        if not name:
            continue
        first = known.setdefault(name, at)
        if first is not at:
            warnings.append(
                f"{at}: duplicate port name {quote(name)} with {first}, "
                f"services and probes that select ports by name will use {first}"
            )
    return warnings
