"""EndpointSlice: where a Service's traffic goes (pkg/registry/discovery/endpointslice)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.core.gates import prefer_same_traffic_distribution, strict_ips
from minikube_py.api.kinds.core.ip import family_of, sound_family, validate_endpoint_ip
from minikube_py.api.kinds.services.ports import validate_protocol
from minikube_py.api.resource import AGE, NAME, Column, Resource, age
from minikube_py.api.strategy import Strategy
from minikube_py.machinery import meta
from minikube_py.machinery.field import (
    ErrorList,
    Path,
    as_json,
    duplicate,
    invalid,
    invalid_each,
    not_supported,
    required,
    too_many,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.ipnet import ip_warnings, validate_ip, validate_ip_legacy
from minikube_py.machinery.names import (
    dns1123_label,
    dns1123_subdomain,
    label_value,
    name_is_dns_subdomain,
    qualified_name,
)
from minikube_py.machinery.objectmeta import FIELD_IMMUTABLE

ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
_MAXIMUM_ADDRESSES, _MAXIMUM_PORTS, _MAXIMUM_ENDPOINTS, _MAXIMUM_HINTS = 100, 20000, 1000, 8
_MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
_CONTROLLERS = ("endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io")
_ADDRESS_TYPE = Path("addressType")
_ENDPOINTS = Path("endpoints")
_PORTS = Path("ports")
_SHOWN = 3
"""Values in a table's cell before "+ 4 more..."."""

Endpoint = dict[str, Any]


def endpoints(obj: Object) -> list[Endpoint]:
    return obj.get("endpoints") or []


def _address_type_errors(kind: str) -> ErrorList:
    if not kind:
        return [required(_ADDRESS_TYPE)]
    return [] if kind in ADDRESS_TYPES else [not_supported(_ADDRESS_TYPE, as_json(kind), ADDRESS_TYPES)]


def _ports_errors(ports: list[dict[str, Any]]) -> ErrorList:
    if len(ports) > _MAXIMUM_PORTS:
        return [too_many(_PORTS, len(ports), _MAXIMUM_PORTS)]
    errors: ErrorList = []
    names: set[str] = set()
    for index, port in enumerate(ports):
        path = _PORTS.index(index)
        name = port.get("name") or ""
        if name:
            errors += invalid_each(path.child("name"), name, dns1123_label(name))
        if name in names:
            errors.append(duplicate(path.child("name"), name))
        names.add(name)
        errors += validate_protocol(port.get("protocol") or "", path.child("protocol"))
        if (protocol := port.get("appProtocol")) is not None:
            errors += invalid_each(path.child("appProtocol"), protocol, qualified_name(protocol))
    return errors


def _endpoints_errors(found: list[Endpoint], kind: str, strict: bool) -> ErrorList:
    if len(found) > _MAXIMUM_ENDPOINTS:
        return [too_many(_ENDPOINTS, len(found), _MAXIMUM_ENDPOINTS)]
    errors: ErrorList = []
    for index, endpoint in enumerate(found):
        errors += _endpoint_errors(endpoint, kind, strict, _ENDPOINTS.index(index))
    return errors


def _endpoint_errors(endpoint: Endpoint, kind: str, strict: bool, path: Path) -> ErrorList:
    errors: ErrorList = []
    addresses = endpoint.get("addresses") or []
    at = path.child("addresses")
    if not addresses:
        errors.append(required(at, "must contain at least 1 address"))
    elif len(addresses) > _MAXIMUM_ADDRESSES:
        errors.append(too_many(at, len(addresses), _MAXIMUM_ADDRESSES))
    for index, address in enumerate(addresses):
        errors += _address_errors(address, kind, strict, at, index)
    if (node := endpoint.get("nodeName")) is not None:
        errors += invalid_each(path.child("nodeName"), node, name_is_dns_subdomain(node))
    if (hostname := endpoint.get("hostname")) is not None:
        errors += invalid_each(path.child("hostname"), hostname, dns1123_label(hostname))
    if (hints := endpoint.get("hints")) is not None:
        errors += _hints_errors(hints, path.child("hints"))
    return errors


def _address_errors(address: str, kind: str, strict: bool, path: Path, index: int) -> ErrorList:
    """That an address is of the other family is told of the list, not of the item."""
    if sound_family(address) == kind:
        return []
    if kind == "FQDN":
        return _domain_errors(address, path.index(index))
    if kind not in ("IPv4", "IPv6"):
        return []
    at = path.index(index)
    errors = validate_ip_legacy(at, address, strict) if kind == "IPv4" else validate_ip(at, address)
    if errors:
        return errors
    if family_of(address) != kind:
        errors.append(invalid(path, address, f"must be an {kind} address"))
    return [*errors, *validate_endpoint_ip(address, at)]


def _domain_errors(name: str, path: Path) -> ErrorList:
    """At least two labels (apimachinery/pkg/util/validation IsFullyQualifiedDomainName)."""
    if not name:
        return [required(path)]
    name = name.removesuffix(".")
    if problems := dns1123_subdomain(name):
        return [invalid(path, name, ",".join(problems))]
    labels = name.split(".")
    if len(labels) < 2:
        return [invalid(path, name, "should be a domain with at least two segments separated by dots")]
    for label in labels:
        if problems := dns1123_label(label):
            return [invalid(path, label, ",".join(problems))]
    return []


def _hints_errors(hints: dict[str, Any], path: Path) -> ErrorList:
    errors: ErrorList = []
    for field, check in (("forZones", label_value), ("forNodes", name_is_dns_subdomain)):
        found = hints.get(field) or []
        if len(found) > _MAXIMUM_HINTS:
            return [*errors, too_many(path.child(field), len(found), _MAXIMUM_HINTS)]
        seen: set[str] = set()
        for index, hint in enumerate(found):
            name, at = hint.get("name") or "", path.child(field).index(index).child("name")
            if name in seen:
                errors.append(duplicate(at, name))
            seen.add(name)
            errors += invalid_each(at, name, check(name))
    return errors


class EndpointSliceStrategy(Strategy):
    def default(self, obj: Object) -> None:
        if obj.get("ports"):
            obj["ports"] = [_default_port(port) for port in obj["ports"]]

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        obj["metadata"]["generation"] = 1
        _drop_fields(ctx, obj)

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        """Labels count as content: they say which Service it is of."""
        _drop_fields(ctx, obj)
        same = {**obj, "metadata": None} == {**old, "metadata": None} and meta.labels(obj) == meta.labels(old)
        obj["metadata"]["generation"] = meta.generation(old) + (not same)

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        kind = obj.get("addressType") or ""
        return [
            *self.validate_metadata(ctx, obj),
            *_address_type_errors(kind),
            *_ports_errors(obj.get("ports") or []),
            *_endpoints_errors(endpoints(obj), kind, strict_ips(ctx)),
        ]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        """Endpoints that stay as they are need not fulfil rules that came later."""
        kind = obj.get("addressType") or ""
        errors = [
            *self.validate_metadata(ctx, obj),
            *_address_type_errors(kind),
            *_ports_errors(obj.get("ports") or []),
        ]
        if endpoints(obj) != endpoints(old):
            errors += _endpoints_errors(endpoints(obj), kind, strict_ips(ctx))
        if kind != old.get("addressType"):
            errors.append(invalid(_ADDRESS_TYPE, as_json(kind), FIELD_IMMUTABLE))
        return errors

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        fqdn = ["spec.addressType: FQDN endpoints are deprecated"] if obj.get("addressType") == "FQDN" else []
        return fqdn + self._address_warnings(obj)

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        return self._address_warnings(obj)

    def _address_warnings(self, obj: Object) -> list[str]:
        if meta.labels(obj).get(_MANAGED_BY) in _CONTROLLERS:
            return []
        warnings: list[str] = []
        for index, endpoint in enumerate(endpoints(obj)):
            for position, address in enumerate(endpoint.get("addresses") or ()):
                if sound_family(address):
                    continue
                warnings += ip_warnings(_ENDPOINTS.index(index).child("addresses").index(position), address)
        return warnings


def _default_port(port: dict[str, Any]) -> dict[str, Any]:
    defaults = {"name": "", "protocol": "TCP"}
    return {**port, **{name: value for name, value in defaults.items() if port.get(name) is None}}


def _drop_fields(ctx: Context, obj: Object) -> None:
    """deprecatedTopology cannot be written through v1; forNodes is younger than some versions. Empty lists are null,
    as after a round through storage."""
    obj["endpoints"], obj["ports"] = obj.get("endpoints") or None, obj.get("ports") or None
    keeps_nodes = prefer_same_traffic_distribution(ctx)
    found = endpoints(obj)
    if any("deprecatedTopology" in endpoint or ("hints" in endpoint and not keeps_nodes) for endpoint in found):
        obj["endpoints"] = [_without_dropped(endpoint, keeps_nodes) for endpoint in found]


def _without_dropped(endpoint: Endpoint, keeps_nodes: bool) -> Endpoint:
    endpoint = {name: value for name, value in endpoint.items() if name != "deprecatedTopology"}
    if endpoint.get("hints") and not keeps_nodes:
        endpoint["hints"] = {name: value for name, value in endpoint["hints"].items() if name != "forNodes"}
    return endpoint


def cells(obj: Object) -> list[Any]:
    ports = [_port_text(port) for port in obj.get("ports") or ()]
    addresses = [address for endpoint in endpoints(obj) for address in endpoint.get("addresses") or ()]
    return [obj["metadata"]["name"], obj.get("addressType") or "", _listed(ports), _listed(addresses), age(obj)]


def _port_text(port: dict[str, Any]) -> str:
    if port.get("port") is not None:
        return str(port["port"])
    return port["name"] if port.get("name") is not None else "*"


def _listed(values: list[str]) -> str:
    text = ",".join(values[:_SHOWN])
    return f"{text} + {len(values) - _SHOWN} more..." if len(values) > _SHOWN else text or "<unset>"


_DOC = "io.k8s.api.discovery.v1.EndpointSlice"

RESOURCES = (
    Resource(
        group="discovery.k8s.io",
        version="v1",
        plural="endpointslices",
        kind="EndpointSlice",
        strategy=EndpointSliceStrategy(),
        columns=(
            NAME,
            Column("AddressType", doc=f"{_DOC}#addressType"),
            Column("Ports", doc=f"{_DOC}#ports"),
            Column("Endpoints", doc=f"{_DOC}#endpoints"),
            AGE,
        ),
        cells=cells,
    ),
)
