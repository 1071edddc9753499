"""A Service's status: what its load balancer says of itself (ValidateLoadBalancerStatus)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from minikube_py.api.kinds.services.spec import LOAD_BALANCER
from minikube_py.machinery.field import (
    ErrorList,
    Path,
    as_json,
    forbidden,
    invalid,
    invalid_each,
    not_supported,
    required,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.ipnet import ip_warnings, parse_ip, validate_ip_legacy
from minikube_py.machinery.names import dns1123_subdomain

_INGRESS = Path("status", "loadBalancer", "ingress")
_MODES = ("Proxy", "VIP")


def ingress(obj: Object) -> list[dict[str, Any]]:
    return ((obj.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []


def validate_load_balancer(obj: Object, old: Object, strict: bool) -> ErrorList:
    if ingress(obj) and obj["spec"].get("type") != LOAD_BALANCER:
        return [forbidden(_INGRESS, "may only be used when `spec.type` is 'LoadBalancer'")]
    known = {point["ip"] for point in ingress(old) if point.get("ip")}
    errors: ErrorList = []
    for index, point in enumerate(ingress(obj)):
        errors += _point_errors(point, known, strict, _INGRESS.index(index))
    return errors


def _point_errors(point: dict[str, Any], known: Collection[str], strict: bool, path: Path) -> ErrorList:
    address, mode, hostname = point.get("ip") or "", point.get("ipMode"), point.get("hostname") or ""
    errors = validate_ip_legacy(path.child("ip"), address, strict, known) if address else []
    if mode is None:
        if address:
            errors.append(required(path.child("ipMode"), "must be specified when `ip` is set"))
    elif not address:
        errors.append(forbidden(path.child("ipMode"), "may not be specified when `ip` is not set"))
    elif mode not in _MODES:
        errors.append(not_supported(path.child("ipMode"), as_json(mode), _MODES))
    if hostname:
        errors += invalid_each(path.child("hostname"), hostname, dns1123_subdomain(hostname))
        if parse_ip(hostname) is not None:
            errors.append(invalid(path.child("hostname"), hostname, "must be a DNS name, not an IP address"))
    return errors


def status_warnings(obj: Object) -> list[str]:
    warnings: list[str] = []
    for index, point in enumerate(ingress(obj)):
        if point.get("ip"):
            warnings += ip_warnings(_INGRESS.index(index), point["ip"])
    return warnings
