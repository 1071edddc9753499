"""The records that the cluster's DNS has (github.com/kubernetes/dns docs/specification.md).

web.shop.svc.cluster.local                 A       10.96.3.4, or the endpoints' of a headless Service
web-0.web.shop.svc.cluster.local           A       an endpoint's, by its hostname, or by its address as 10-244-0-5
_http._tcp.web.shop.svc.cluster.local      SRV     0 100 80 web.shop.svc.cluster.local.
elsewhere.shop.svc.cluster.local           CNAME   shop.example.com.
4.3.96.10.in-addr.arpa                     PTR     web.shop.svc.cluster.local.
10-244-0-5.shop.pod.cluster.local          A       10.244.0.5
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from typing import NamedTuple

from minikube_py.client.indexer import Lister
from minikube_py.controllers.kubelet.cri.resolvconf import CLUSTER_DOMAIN
from minikube_py.controllers.kubelet.cri.serviceproxy import (
    Caches,
    is_external,
    protocol_of,
    ready_endpoints,
    service_slices,
)
from minikube_py.machinery.gvr import Object

_ZONE, _PODS, _REVERSE = f".svc.{CLUSTER_DOMAIN}", f".pod.{CLUSTER_DOMAIN}", ".in-addr.arpa"
WEIGHTS = 100
"""That all records of a SRV answer share."""


class Record(NamedTuple):
    name: str
    """With a dot at its end."""
    kind: str
    """A, AAAA, CNAME, SRV or PTR."""
    data: str


LookUp = Callable[[str, str], list[Record]]


class ClusterDns:
    def __init__(self, caches: Caches) -> None:
        self._caches = caches

    def look_up(self, name: str, kind: str) -> list[Record]:
        """Of a whole name, with or without a dot at its end. A CNAME counts as an answer to all questions."""
        bare = name.rstrip(".").lower()
        if bare.endswith(_REVERSE):
            data = [("PTR", each) for each in self._reverse(bare.removesuffix(_REVERSE))]
        elif bare.endswith(_PODS):
            data = _by_family(address for address in (_dotted(bare.partition(".")[0]),) if address)
        elif bare.endswith(_ZONE):
            data = list(self._of_service(bare.removesuffix(_ZONE).split(".")))
        else:
            data = []
        return [Record(f"{bare}.", each, text) for each, text in data if each in (kind, "CNAME")]

    def _of_service(self, labels: list[str]) -> Iterator[tuple[str, str]]:
        if len(labels) < 2:
            return
        service = self._caches.services.get(labels[-1], labels[-2])
        if service is None:
            return
        if is_external(service):
            yield "CNAME", f"{service['spec']['externalName'].rstrip('.')}."
        elif len(labels) == 2:
            yield from _by_family(self._addresses(service))
        elif len(labels) == 3:
            endpoints = self._endpoints(service)
            yield from _by_family(address for host, address, _ in endpoints if host == labels[0])
        elif len(labels) == 4 and labels[0].startswith("_") and labels[1].startswith("_"):
            yield from self._ports(service, labels[0][1:], labels[1][1:])

    def _addresses(self, service: Object) -> Iterator[str]:
        if _is_headless(service):
            yield from dict.fromkeys(address for _, address, _ in self._endpoints(service))
        else:
            yield from service["spec"].get("clusterIPs") or ()

    def _ports(self, service: Object, name: str, protocol: str) -> Iterator[tuple[str, str]]:
        own = f"{service['metadata']['name']}.{service['metadata']['namespace']}{_ZONE}."
        if not _is_headless(service):
            for port in service["spec"].get("ports") or ():
                if port.get("name") == name and protocol_of(port).lower() == protocol:
                    yield "SRV", f"0 {WEIGHTS} {port['port']} {own}"
            return
        found = [
            (host, port["port"])
            for host, _, ports in self._endpoints(service)
            for port in ports
            if port.get("name") == name and protocol_of(port).lower() == protocol
        ]
        for host, number in found:
            yield "SRV", f"0 {WEIGHTS // len(found)} {number} {host}.{own}"

    def _endpoints(self, service: Object) -> Iterator[tuple[str, str, list[Object]]]:
        """Names, addresses and ports."""
        for slice in service_slices(self._caches, service):
            for endpoint in ready_endpoints(slice):
                for address in endpoint["addresses"]:
                    yield endpoint.get("hostname") or _dashed(address), address, slice.get("ports") or []

    def _reverse(self, numbers: str) -> Iterator[str]:
        address = ".".join(reversed(numbers.split(".")))
        services: Lister = self._caches.services
        for service in services.list():
            where = f"{service['metadata']['name']}.{service['metadata']['namespace']}{_ZONE}."
            if address in (service["spec"].get("clusterIPs") or ()):
                yield where
            elif _is_headless(service):
                yield from (f"{host}.{where}" for host, each, _ in self._endpoints(service) if each == address)


def _is_headless(service: Object) -> bool:
    return bool(service["spec"].get("clusterIP") == "None")


def _by_family(addresses: Iterator[str]) -> list[tuple[str, str]]:
    return [("AAAA" if ":" in address else "A", address) for address in addresses]


def _dashed(address: str) -> str:
    return address.replace(".", "-").replace(":", "-")


def _dotted(text: str) -> str | None:
    """The address of a pod's name."""
    for sign in (".", ":"):
        try:
            return str(ipaddress.ip_address(text.replace("-", sign)))
        except ValueError:
            continue
    return None
