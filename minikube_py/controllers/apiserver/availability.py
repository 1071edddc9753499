"""remote-availability: whether the Service that an APIService names could answer for it.

    no such Service                        ServiceNotFound
    it does not have the port              ServicePortError
    nothing is behind it                   EndpointsNotFound, MissingEndpoints
    all that is there, but nobody listens  FailedDiscoveryCheck: containers are simulated
    and the server itself answers for it   available, as metrics-server is that somebody installs

Upstream: kube-aggregator/pkg/controllers/status/remote/remote_available_controller.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from minikube_py.client.indexer import Lister
from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.machinery import meta
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.conditions import set_condition
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.wellknown import API_SERVICES, ENDPOINT_SLICES, SERVICES

_SERVICE_NAME = "kubernetes.io/service-name"
_REFUSED = "FailedDiscoveryCheck"


class Verdict(NamedTuple):
    reason: str
    message: str


def service_of(api_service: Object) -> NamespacedName | None:
    """The Service that serves it; None where the API server does so itself."""
    service = api_service["spec"].get("service")
    return None if service is None else NamespacedName(service.get("namespace", ""), service.get("name", ""))


def verdict(api_service: Object, service: Object | None, slices: Sequence[Object]) -> Verdict:
    """Why it is not available."""
    reference = api_service["spec"]["service"]
    namespace, name, port = reference["namespace"], reference["name"], reference["port"]
    where = f"service/{name} in {quote(namespace)}"
    if service is None:
        return Verdict("ServiceNotFound", f"{where} is not present")
    if service["spec"].get("type") == "ClusterIP":
        listening = next((each for each in service["spec"].get("ports") or () if each["port"] == port), None)
        if listening is None:
            return Verdict("ServicePortError", f"{where} is not listening on port {port}")
        if not slices:
            return Verdict("EndpointsNotFound", f"cannot find endpointslices for {where}")
        port_name = listening.get("name", "")
        if not any(_has_endpoint(each, port_name) for each in slices):
            text = f"endpointslices for {where} have no addresses with port name {quote(port_name)}"
            return Verdict("MissingEndpoints", text)
    return Verdict(_REFUSED, _refused(api_service, service, port))


def _has_endpoint(endpoint_slice: Object, port_name: str) -> bool:
    ready = any((each.get("conditions") or {}).get("ready", True) for each in endpoint_slice.get("endpoints") or ())
    ports = endpoint_slice.get("ports") or ()
    return ready and any(each.get("name", "") == port_name and each.get("port") is not None for each in ports)


def _refused(api_service: Object, service: Object, port: int) -> str:
    spec = api_service["spec"]
    host = service["spec"].get("externalName") or service["spec"].get("clusterIP", "")
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    url = f"https://{address}/apis/{spec['group']}/{spec['version']}"
    return f'failing or missing response from {url}: Get "{url}": dial tcp {address}: connect: connection refused'


class Availability:
    """Its keys are APIServices."""

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._clock = context.clock
        self._api_services = context.lister(API_SERVICES)
        self._services = context.lister(SERVICES)
        self._slices = context.lister(ENDPOINT_SLICES)

    async def reconcile(self, key: NamespacedName) -> None:
        api_service = self._api_services.get("", key.name)
        reference = service_of(api_service) if api_service is not None else None
        if api_service is None or reference is None:
            return
        slices = [each for each in self._slices.list(reference.namespace) if _service_name(each) == reference.name]
        found = verdict(api_service, self._services.get(*reference), slices)
        available = found.reason == _REFUSED and await self._is_served(api_service)
        if available:
            found = Verdict("Passed", "all checks passed")
        condition = {"type": "Available", "status": str(available), "reason": found.reason, "message": found.message}
        status = api_service.get("status") or {}
        before = status.get("conditions") or []
        conditions = set_condition(before, condition, rfc3339(self._clock.now()))
        if conditions != before:
            changed = {**api_service, "status": {**status, "conditions": conditions}}
            await self._client.update(API_SERVICES, changed, subresource="status")

    async def _is_served(self, api_service: Object) -> bool:
        spec = api_service["spec"]
        wanted = (spec.get("group", ""), spec["version"])
        return any(each.resource[:2] == wanted for each in await self._client.discover())


def _service_name(endpoint_slice: Object) -> str:
    """The Service whose endpoints it has."""
    return meta.labels(endpoint_slice).get(_SERVICE_NAME, "")


def _keys(api_services: Lister, reference: NamespacedName) -> Iterable[NamespacedName]:
    """The APIServices that a Service serves."""
    return [NamespacedName("", meta.name(each)) for each in api_services.list() if service_of(each) == reference]


def new(context: Context) -> Controller:
    controller = Controller(context, "APIService", Availability(context), workers=1)
    api_services = context.lister(API_SERVICES)

    def of_slice(endpoint_slice: Object) -> Iterable[NamespacedName]:
        return _keys(api_services, NamespacedName(meta.namespace(endpoint_slice), _service_name(endpoint_slice)))

    controller.watches(
        API_SERVICES,
        lambda each: (NamespacedName("", meta.name(each)),),
        when=lambda old, new: new is not None and service_of(new) is not None,
    )
    controller.watches(SERVICES, lambda service: _keys(api_services, meta.key(service)))
    controller.watches(ENDPOINT_SLICES, of_slice)
    return controller


AVAILABILITY = Descriptor("remote-availability", new)
