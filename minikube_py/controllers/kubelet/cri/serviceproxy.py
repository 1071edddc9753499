"""kube-proxy and the cluster's DNS in one: from a name to an address, and from a Service's address to an endpoint's
(pkg/proxy, github.com/kubernetes/dns docs/specification.md)."""

from __future__ import annotations

import errno
import ipaddress
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from minikube_py.client.indexer import Lister
from minikube_py.controllers.kubelet.cri.affinity import Affinities, Place
from minikube_py.controllers.kubelet.cri.resolvconf import CLUSTER_DOMAIN
from minikube_py.controllers.kubelet.cri.trafficpolicy import is_ready, local_endpoints, usable
from minikube_py.controllers.runtime.context import Context
from minikube_py.machinery.clock import Clock
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import key, labels
from minikube_py.machinery.rotation import Rotation
from minikube_py.machinery.wellknown import ENDPOINT_SLICES, SERVICES

SERVICE_NAME = "kubernetes.io/service-name"
AFFINITY_SECONDS = 10_800
"""How long a client stays with an endpoint where nothing else is said."""


BY_PLACE = "address and port"
"""Index of Services: "10.96.0.1 443 TCP", and " 30080 TCP" for node ports, which are at all nodes."""
BY_SERVICE = "service"
"""Index of EndpointSlices: "namespace/name"."""

Forward = Callable[[str, str, int, str], tuple[str, int]]
"""Where an address and port of a protocol lead who comes from a source."""
PROTOCOLS = ("TCP", "UDP")
"""That there are here."""
LOCAL = "Local"
PROXY_NAME = "service.kubernetes.io/service-proxy-name"
"""Label of a Service that another proxy has than kube-proxy."""
HEALTH = "health"
"""In the index BY_PLACE, in place of a protocol: " 30999 health", a healthCheckNodePort."""


class Caches(NamedTuple):
    services: Lister
    """With the index BY_PLACE."""
    slices: Lister
    """With the index BY_SERVICE."""


def service_caches(context: Context) -> Caches:
    context.informer(SERVICES).add_index(BY_PLACE, _places)
    context.informer(ENDPOINT_SLICES).add_index(BY_SERVICE, _service_of)
    return Caches(context.lister(SERVICES), context.lister(ENDPOINT_SLICES))


class ServiceProxy:
    """Implements Router. It keeps nothing but whose turn it is."""

    def __init__(
        self,
        caches: Caches,
        clock: Clock,
        is_node: Callable[[str], bool],
        node_of: Callable[[str], str],
        forwarded: Forward,
    ) -> None:
        """`is_node` tells nodes' addresses, where node ports are; `node_of` the node an address is on, "" for none; and
        `forwarded` knows containers' host ports."""
        self._caches = caches
        self._is_node = is_node
        self._node_of = node_of
        self._forwarded = forwarded
        self._clock = clock
        self._rotation = Rotation()
        self._affinities = Affinities()

    async def resolve(self, name: str, namespace: str) -> str:
        """The address of a name as a pod in that namespace sees it. Raises OSError."""
        try:
            return str(ipaddress.ip_address(name))
        except ValueError:
            pass
        labels = name.rstrip(".").removesuffix(f".svc.{CLUSTER_DOMAIN}").removesuffix(".svc").split(".")
        if len(labels) == 1:
            return await self._service_address(labels[0], namespace, name)
        if len(labels) == 2:
            try:
                return await self._service_address(labels[0], labels[1], name)
            except OSError:  # else "web-0.web": the pod's own namespace is searched too
                return await self._pod_address(labels[0], labels[1], namespace, name)
        if len(labels) == 3:
            return await self._pod_address(labels[0], labels[1], labels[2], name)
        raise _no_such_host(name)

    async def _service_address(self, service: str, namespace: str, name: str) -> str:
        found = self._caches.services.get(namespace, service)
        if found is None:
            raise _no_such_host(name)
        if is_external(found):
            return await self.resolve(found["spec"]["externalName"], namespace)
        address = found["spec"].get("clusterIP", "")
        if address not in ("", "None"):
            return str(address)
        ready = [each for slice in service_slices(self._caches, found) for each in ready_endpoints(slice)]
        if not ready:
            raise _no_such_host(name)
        endpoint = self._rotation.next(("dns", namespace, service), ready)
        return str(endpoint["addresses"][0])

    async def _pod_address(self, hostname: str, service: str, namespace: str, name: str) -> str:
        """Of "web-0.web.default": a pod with a hostname in a headless Service."""
        found = self._caches.services.get(namespace, service)
        for slice in service_slices(self._caches, found) if found is not None else ():
            for endpoint in ready_endpoints(slice):
                if endpoint.get("hostname") == hostname:
                    return str(endpoint["addresses"][0])
        raise _no_such_host(name)

    def route(self, source: str, address: str, port: int, protocol: str = "TCP") -> tuple[str, int]:
        """A Service's cluster IP, external address or node port leads to an endpoint, a container's host port to its
        pod; all else is as it is. Raises OSError if there is no endpoint."""
        services = self._caches.services
        for service in services.by_index(BY_PLACE, f"{address} {port} {protocol}"):
            found, node = _port(service, "port", port, protocol), None
            if service["spec"].get("internalTrafficPolicy") == LOCAL and address in service["spec"]["clusterIPs"]:
                node = self._node_of(source) or None
            return self._endpoint(source, service, found, f"{address}:{port}", node)
        for service in services.by_index(BY_PLACE, f" {port} {protocol}"):
            if self._is_node(address):
                found, node = _port(service, "nodePort", port, protocol), None
                if service["spec"].get("externalTrafficPolicy") == LOCAL:
                    node = self._from_elsewhere(source, address)
                return self._endpoint(source, service, found, f"{address}:{port}", node)
        return self._forwarded(source, address, port, protocol)

    def _from_elsewhere(self, source: str, address: str) -> str | None:
        """The node at an address, unless who comes is on it."""
        node = self._node_of(address)
        return node if self._node_of(source) not in ("", node) else None

    def health_check(self, node: str, port: int) -> tuple[NamespacedName, int] | None:
        """The Service whose healthCheckNodePort it is, and how many endpoints of it are ready on the node."""
        for service in self._caches.services.by_index(BY_PLACE, f" {port} {HEALTH}"):
            return key(service), local_endpoints(service_slices(self._caches, service), node)
        return None

    def _endpoint(self, source: str, service: Object, port: Object, asked: str, node: str | None) -> tuple[str, int]:
        """One on the node, where there is one said."""
        slices, name = service_slices(self._caches, service), port.get("name", "")
        found = usable(slices, name, node)
        if not found:
            dialled = f"dial {protocol_of(port).lower()} {asked}: connect"
            if usable(slices, name, None):  # kube-proxy drops what it has no local endpoint for
                raise OSError(errno.ETIMEDOUT, f"{dialled}: connection timed out")
            raise ConnectionRefusedError(errno.ECONNREFUSED, f"{dialled}: connection refused")
        place = (service["metadata"]["uid"], f"{port['port']} {protocol_of(port)}")
        if service["spec"].get("sessionAffinity") != "ClientIP":
            return self._rotation.next(place, found)
        return self._with_affinity(source, service, place, found)

    def _with_affinity(
        self, source: str, service: Object, place: Place, found: list[tuple[str, int]]
    ) -> tuple[str, int]:
        said: dict[str, Any] = (service["spec"].get("sessionAffinityConfig") or {}).get("clientIP") or {}
        now, timeout = self._clock.now(), said.get("timeoutSeconds", AFFINITY_SECONDS)
        endpoint = self._affinities.find(place, source, timeout, now)
        if endpoint is None or endpoint not in found:
            endpoint = self._rotation.next(place, found)
        self._affinities.keep(place, source, endpoint, now)
        return endpoint


def is_external(service: Object) -> bool:
    """Only then its externalName counts: it may be left from when it was."""
    return bool(service["spec"].get("type") == "ExternalName")


def service_slices(caches: Caches, service: Object) -> Sequence[Object]:
    return caches.slices.by_index(BY_SERVICE, "/".join(key(service)))


def _service_of(slice: Object) -> Sequence[str]:
    name = labels(slice).get(SERVICE_NAME)
    return (f"{slice['metadata']['namespace']}/{name}",) if name else ()


def _places(service: Object) -> Sequence[str]:
    if PROXY_NAME in labels(service):
        return ()
    ports = [(each, protocol_of(each)) for each in service["spec"].get("ports") or ()]
    known = [(port, protocol) for port, protocol in ports if protocol in PROTOCOLS]
    found = {f" {port['nodePort']} {protocol}" for port, protocol in known if port.get("nodePort")}
    addresses = _addresses(service)
    if service["spec"].get("healthCheckNodePort"):
        found.add(f" {service['spec']['healthCheckNodePort']} {HEALTH}")
    return [*found, *{f"{address} {port['port']} {protocol}" for port, protocol in known for address in addresses}]


def protocol_of(port: Object) -> str:
    """Of a Service's port or a container's."""
    return str(port.get("protocol") or "TCP")


def _port(service: Object, field: str, number: int, protocol: str) -> Object:
    ports = service["spec"]["ports"]
    return next(each for each in ports if each.get(field) == number and protocol_of(each) == protocol)


def ready_endpoints(slice: Object) -> list[Object]:
    return [each for each in slice.get("endpoints") or () if is_ready(each)]


def _addresses(service: Object) -> tuple[str, ...]:
    """At which its ports are."""
    spec = service["spec"]
    balancer = (service.get("status") or {}).get("loadBalancer") or {}
    ingress = (each.get("ip", "") for each in balancer.get("ingress") or ())
    return (*(spec.get("clusterIPs") or ()), *(spec.get("externalIPs") or ()), *ingress)


def _no_such_host(name: str) -> OSError:
    return OSError(errno.ENOENT, f"lookup {name}: no such host")
