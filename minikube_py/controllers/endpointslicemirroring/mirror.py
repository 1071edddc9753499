"""The endpoints that an Endpoints object asks for (endpointslicemirroring reconciler_helpers.go, utils.go). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from minikube_py.controllers.endpoints.subsets import Address, Subset, pack
from minikube_py.controllers.endpoints.subsets import expand as entries_of
from minikube_py.controllers.endpointslice.endpoint import Endpoint, Identity, Port, PortKey, identity, port_key
from minikube_py.controllers.endpointslice.pods import IPV4, IPV6
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.ipnet import address_text, parse_ip

MAX_ADDRESSES = 1000
"""Of each subset that are mirrored, all into one slice (--mirroring-max-endpoints-per-subset)."""

GroupKey = tuple[str, PortKey]
"""A family and a set of ports."""


class Group(NamedTuple):
    """The endpoints of one family that share a set of ports."""

    family: str
    ports: list[Port]
    endpoints: dict[Identity, Endpoint]


class Mirror(NamedTuple):
    groups: dict[GroupKey, Group]
    invalid: int
    """Addresses that are none."""
    skipped: int
    """Addresses that are left out, invalid ones among them."""


def mirror_of(endpoints: Object, maximum: int = MAX_ADDRESSES) -> Mirror:
    """Of each subset ready addresses go first; the families count together."""
    groups: dict[GroupKey, Group] = {}
    invalid = skipped = 0
    for subset in pack(entries_of(endpoints.get("subsets") or ())):
        ports = [_port(each) for each in subset.get("ports") or ()]
        taken = 0
        for address, ready in _addresses(subset):
            made = _endpoint(address, ready) if taken < maximum else None
            if made is not None:
                family, endpoint = made
                group = groups.setdefault((family, port_key(ports)), Group(family, ports, {}))
                group.endpoints[identity(endpoint)] = endpoint
                taken += 1
            else:
                skipped += 1
                invalid += taken < maximum
    return Mirror(groups, invalid, skipped)


def _addresses(subset: Subset) -> Iterator[tuple[Address, bool]]:
    for address in subset.get("addresses") or ():
        yield address, True
    for address in subset.get("notReadyAddresses") or ():
        yield address, False


def _endpoint(address: Address, ready: bool) -> tuple[str, Endpoint] | None:
    """Its family and the endpoint; None if it is no address."""
    parsed = parse_ip(address["ip"])
    if parsed is None:
        return None
    text = address_text(parsed)
    made: Endpoint = {"addresses": [text], "conditions": {"ready": ready}}
    for field in ("hostname", "targetRef", "nodeName"):
        if address.get(field):
            made[field] = address[field]
    return IPV6 if ":" in text else IPV4, made


def _port(port: Port) -> Port:
    made: Port = {"name": port.get("name") or "", "port": port["port"], "protocol": port.get("protocol") or "TCP"}
    if port.get("appProtocol") is not None:
        made["appProtocol"] = port["appProtocol"]
    return made
