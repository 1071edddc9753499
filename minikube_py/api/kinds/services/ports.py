"""A Service's ports by themselves (pkg/apis/core/validation validateServicePort)."""

from __future__ import annotations

from typing import Any

from minikube_py.machinery.field import (
    ErrorList,
    Path,
    as_json,
    duplicate,
    invalid_each,
    not_supported,
    required,
)
from minikube_py.machinery.names import dns1123_label, port_name, port_number, qualified_name

PROTOCOLS = ("SCTP", "TCP", "UDP")
_PORTS = Path("spec", "ports")


def validate_ports(ports: list[dict[str, Any]]) -> ErrorList:
    errors: ErrorList = []
    names: set[str] = set()
    for index, port in enumerate(ports):
        path = _PORTS.index(index)
        errors += _name_errors(port.get("name") or "", len(ports) > 1, names, path.child("name"))
        number = port.get("port") or 0
        errors += invalid_each(path.child("port"), number, port_number(number))
        errors += validate_protocol(port.get("protocol") or "", path.child("protocol"))
        errors += _target_errors(port.get("targetPort", 0), path.child("targetPort"))
        if (protocol := port.get("appProtocol")) is not None:
            errors += invalid_each(path.child("appProtocol"), protocol, qualified_name(protocol))
    return errors


def _name_errors(name: str, needed: bool, names: set[str], path: Path) -> ErrorList:
    """Ports need names where there are several; `names` are those before, and this one after."""
    if not name:
        return [required(path)] if needed else []
    errors = invalid_each(path, name, dns1123_label(name))
    if name in names:
        errors.append(duplicate(path, name))
    names.add(name)
    return errors


def validate_protocol(protocol: str, path: Path) -> ErrorList:
    if not protocol:
        return [required(path)]
    return [] if protocol in PROTOCOLS else [not_supported(path, as_json(protocol), PROTOCOLS)]


def _target_errors(target: int | str, path: Path) -> ErrorList:
    problems = port_name(target) if isinstance(target, str) else port_number(target)
    return invalid_each(path, target, problems)
