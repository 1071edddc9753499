"""kube-proxy and the cluster's DNS in one: from a name to an address, and from a Service's address to an endpoint's
(pkg/proxy, github.com/kubernetes/dns docs/specification.md)."""

from __future__ import annotations

import errno
import ipaddress
from collections.abc import Callable
from typing import Any

from minikube_py.client.protocol import Client
from minikube_py.machinery.clock import Clock
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.rotation import Rotation
from minikube_py.machinery.wellknown import ENDPOINT_SLICES, SERVICES

CLUSTER_DOMAIN = "cluster.local"
SERVICE_NAME = "kubernetes.io/service-name"
AFFINITY_SECONDS = 10_800
"""How long a client stays with an endpoint where nothing else is said."""


Forward = Callable[[str, int], tuple[str, int]]
"""Where an address and port lead."""


class ServiceProxy:
    """Implements Router. It looks at the API when it is asked, and keeps nothing but whose turn it is."""

    def __init__(self, client: Client, clock: Clock, is_node: Callable[[str], bool], forwarded: Forward) -> None:
        """`is_node` tells nodes' addresses, where node ports are; `forwarded` knows containers' host ports."""
        self._client = client
        self._is_node = is_node
        self._forwarded = forwarded
        self._clock = clock
        self._rotation = Rotation()
        self._affinities: dict[tuple[str, int, str], tuple[tuple[str, int], float]] = {}
        """By Service, port and client: the endpoint, and when it was last used."""

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
        try:
            found = await self._client.get(SERVICES, namespace, service)
        except StatusError as error:
            if not is_not_found(error):
                raise
            raise _no_such_host(name) from None
        if found["spec"].get("externalName"):
            return await self.resolve(found["spec"]["externalName"], namespace)
        address = found["spec"].get("clusterIP", "")
        if address not in ("", "None"):
            return str(address)
        ready = [each for slice in await self._slices(found) for each in _ready(slice)]
        if not ready:
            raise _no_such_host(name)
        endpoint = self._rotation.next(("dns", namespace, service), ready)
        return str(endpoint["addresses"][0])

    async def _pod_address(self, hostname: str, service: str, namespace: str, name: str) -> str:
        """Of "web-0.web.default": a pod with a hostname in a headless Service."""
        try:
            found = await self._client.get(SERVICES, namespace, service)
        except StatusError:
            raise _no_such_host(name) from None
        for slice in await self._slices(found):
            for endpoint in _ready(slice):
                if endpoint.get("hostname") == hostname:
                    return str(endpoint["addresses"][0])
        raise _no_such_host(name)

    async def route(self, source: str, address: str, port: int) -> tuple[str, int]:
        """A Service's cluster IP, external address or node port leads to an endpoint, a container's host port to its
        pod; all else is as it is. Raises
        OSError if there is no endpoint."""
        for service in (await self._client.list(SERVICES)).items:
            for each in service["spec"].get("ports") or ():
                if each.get("protocol", "TCP") == "TCP" and self._is_for(service, each, address, port):
                    return await self._endpoint(source, service, each, f"{address}:{port}")
        return self._forwarded(address, port)

    def _is_for(self, service: Object, port: Object, address: str, number: int) -> bool:
        if port["port"] == number and address in _addresses(service):
            return True
        return port.get("nodePort") == number and self._is_node(address)

    async def _endpoint(self, source: str, service: Object, port: Object, asked: str) -> tuple[str, int]:
        found = [
            (str(endpoint["addresses"][0]), int(each["port"]))
            for slice in await self._slices(service)
            for each in slice.get("ports") or ()
            if (each.get("name") or "") == port.get("name", "")
            for endpoint in _ready(slice)
        ]
        if not found:
            raise ConnectionRefusedError(errno.ECONNREFUSED, f"dial tcp {asked}: connect: connection refused")
        place = (service["metadata"]["uid"], int(port["port"]))
        if service["spec"].get("sessionAffinity") != "ClientIP":
            return self._rotation.next(place, found)
        return self._with_affinity(source, service, place, found)

    def _with_affinity(
        self, source: str, service: Object, place: tuple[str, int], found: list[tuple[str, int]]
    ) -> tuple[str, int]:
        said: dict[str, Any] = (service["spec"].get("sessionAffinityConfig") or {}).get("clientIP") or {}
        now, key = self._clock.now(), (*place, source)
        endpoint, used = self._affinities.get(key, (None, 0.0))
        if endpoint not in found or now - used > said.get("timeoutSeconds", AFFINITY_SECONDS):
            endpoint = self._rotation.next(place, found)
        assert endpoint is not None
        self._affinities[key] = (endpoint, now)
        return endpoint

    async def _slices(self, service: Object) -> list[Object]:
        metadata = service["metadata"]
        selector = f"{SERVICE_NAME}={metadata['name']}"
        listed = await self._client.list(ENDPOINT_SLICES, metadata["namespace"], label_selector=selector)
        return list(listed.items)


def _ready(slice: Object) -> list[Object]:
    """What is not said is true."""
    return [each for each in slice.get("endpoints") or () if (each.get("conditions") or {}).get("ready") is not False]


def _addresses(service: Object) -> tuple[str, ...]:
    """At which its ports are."""
    spec = service["spec"]
    balancer = (service.get("status") or {}).get("loadBalancer") or {}
    ingress = (each.get("ip", "") for each in balancer.get("ingress") or ())
    return (*(spec.get("clusterIPs") or ()), *(spec.get("externalIPs") or ()), *ingress)


def _no_such_host(name: str) -> OSError:
    return OSError(errno.ENOENT, f"lookup {name}: no such host")
