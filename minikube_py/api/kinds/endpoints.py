"""Endpoints: where a Service's traffic went before there were EndpointSlices (pkg/registry/core/endpoint)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.core.gates import strict_ips
from minikube_py.api.kinds.core.ip import sound_family, validate_endpoint_ip
from minikube_py.api.kinds.services.ports import validate_protocol
from minikube_py.api.resource import AGE, NAME, Column, Deprecation, Resource, age
from minikube_py.api.strategy import METADATA, Strategy
from minikube_py.machinery import meta
from minikube_py.machinery.field import ErrorList, Path, invalid_each, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.ipnet import ip_warnings, validate_ip_legacy
from minikube_py.machinery.names import dns1123_label, name_is_dns_subdomain, port_number, qualified_name
from minikube_py.machinery.objectmeta import validate_object_meta_update

_SUBSETS = Path("subsets")
_MANAGED_BY = "endpoints.kubernetes.io/managed-by"
_CONTROLLER = "endpoint-controller"
_SHOWN = 3
"""Addresses in the table's cell before "+ 4 more..."."""

Subset = dict[str, Any]


def subsets(obj: Object) -> list[Subset]:
    return obj.get("subsets") or []


def _address_paths(obj: Object) -> Iterator[tuple[Path, dict[str, Any]]]:
    for index, subset in enumerate(subsets(obj)):
        for field in ("addresses", "notReadyAddresses"):
            for position, address in enumerate(subset.get(field) or ()):
                yield _SUBSETS.index(index).child(field).index(position), address


def validate_subsets(obj: Object, strict: bool) -> ErrorList:
    """pkg/apis/core/validation validateEndpointSubsets."""
    errors: ErrorList = []
    for index, subset in enumerate(subsets(obj)):
        path = _SUBSETS.index(index)
        ready, not_ready = subset.get("addresses") or [], subset.get("notReadyAddresses") or []
        if not ready and not not_ready:
            errors.append(required(path, "must specify `addresses` or `notReadyAddresses`"))
        for field, addresses in (("addresses", ready), ("notReadyAddresses", not_ready)):
            for position, address in enumerate(addresses):
                errors += _address_errors(address, strict, path.child(field).index(position))
        ports = subset.get("ports") or []
        for position, port in enumerate(ports):
            errors += _port_errors(port, len(ports) > 1, path.child("ports").index(position))
    return errors


def _address_errors(address: dict[str, Any], strict: bool, path: Path) -> ErrorList:
    text, hostname, node = address.get("ip") or "", address.get("hostname") or "", address.get("nodeName")
    sound = bool(sound_family(text))
    errors = [] if sound else validate_ip_legacy(path.child("ip"), text, strict)
    if hostname:
        errors += invalid_each(path.child("hostname"), hostname, dns1123_label(hostname))
    if node is not None:
        errors += invalid_each(path.child("nodeName"), node, name_is_dns_subdomain(node))
    return errors if sound else [*errors, *validate_endpoint_ip(text, path.child("ip"))]


def _port_errors(port: dict[str, Any], named: bool, path: Path) -> ErrorList:
    errors: ErrorList = []
    name, number = port.get("name") or "", port.get("port") or 0
    if name:
        errors += invalid_each(path.child("name"), name, dns1123_label(name))
    elif named:
        errors.append(required(path.child("name")))
    errors += invalid_each(path.child("port"), number, port_number(number))
    errors += validate_protocol(port.get("protocol") or "", path.child("protocol"))
    if (protocol := port.get("appProtocol")) is not None:
        errors += invalid_each(path.child("appProtocol"), protocol, qualified_name(protocol))
    return errors


class EndpointsStrategy(Strategy):
    allow_create_on_update = True

    def default(self, obj: Object) -> None:
        if subsets(obj):
            obj["subsets"] = [_default_subset(subset) for subset in subsets(obj)]

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*self.validate_metadata(ctx, obj), *validate_subsets(obj, strict_ips(ctx))]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        """Subsets that stay as they are need not fulfil rules that came later."""
        errors = validate_object_meta_update(obj["metadata"], old["metadata"], METADATA)
        errors += self.validate_metadata(ctx, obj)
        if subsets(obj) != subsets(old):
            errors += validate_subsets(obj, strict_ips(ctx))
        return errors

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        if meta.labels(obj).get(_MANAGED_BY) == _CONTROLLER:
            return []
        warnings: list[str] = []
        for path, address in _address_paths(obj):
            text = address.get("ip") or ""
            if not sound_family(text):
                warnings += ip_warnings(path.child("ip"), text)
        return warnings

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        return self.warnings_on_create(ctx, obj)


def _default_subset(subset: Subset) -> Subset:
    if all(port.get("protocol") for port in subset.get("ports") or ()):
        return subset
    ports = [port if port.get("protocol") else {**port, "protocol": "TCP"} for port in subset["ports"]]
    return {**subset, "ports": ports}


def cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], _addresses_text(obj), age(obj)]


def _addresses_text(obj: Object) -> str:
    """The first three of address:port, every port of a subset with each of its addresses."""
    if not subsets(obj):
        return "<none>"
    shown: list[str] = []
    for subset in subsets(obj):
        addresses = [address.get("ip") or "" for address in subset.get("addresses") or ()]
        ports = subset.get("ports") or []
        shown += [_host_port(address, port) for port in ports for address in addresses] if ports else addresses
    text = ",".join(shown[:_SHOWN])
    return f"{text} + {len(shown) - _SHOWN} more..." if len(shown) > _SHOWN else text


def _host_port(address: str, port: dict[str, Any]) -> str:
    host = f"[{address}]" if ":" in address else address
    return f"{host}:{port.get('port') or 0}"


RESOURCES = (
    Resource(
        group="",
        version="v1",
        plural="endpoints",
        kind="Endpoints",
        singular="endpoints",
        short_names=("ep",),
        strategy=EndpointsStrategy(),
        columns=(NAME, Column("Endpoints", doc="io.k8s.api.core.v1.Endpoints#subsets"), AGE),
        cells=cells,
        deprecation=Deprecation(33, "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"),
    ),
)
