"""The Endpoints controller (pkg/controller/endpoint/endpoints_controller.go)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from minikube_py.controllers.endpoints.subsets import (
    MAX_CAPACITY,
    Address,
    Entry,
    Port,
    Subset,
    count,
    expand,
    pack,
    truncate,
)
from minikube_py.controllers.endpointslice.pods import (
    IPV4,
    IPV6,
    EndpointPod,
    ServicePods,
    find_port,
    hostname_for,
    is_headless,
    pod_reference,
    selector_of,
)
from minikube_py.controllers.endpointslice.triggertime import TriggerTimes, annotated
from minikube_py.controllers.runtime import Context, Controller
from minikube_py.controllers.runtime.podcontrol import NAMESPACE_TERMINATING
from minikube_py.machinery import meta
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import key, labels, name, namespace, resource_version
from minikube_py.machinery.wellknown import ENDPOINTS, SERVICES

HEADLESS = "service.kubernetes.io/headless"
MANAGED_BY = "endpoints.kubernetes.io/managed-by"
MANAGER = "endpoint-controller"
OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity"
TRUNCATED = "truncated"
LEADER = "control-plane.alpha.kubernetes.io/leader"
"""The annotation of Endpoints that components elect their leader with, which have no Service."""


class EndpointsReconciler:
    def __init__(self, context: Context, controller: Controller) -> None:
        self._client = context.client
        self._controller = controller
        self._services = context.lister(SERVICES)
        self._informer = context.informer(ENDPOINTS)
        self._pods = ServicePods(context, controller)
        self._trigger_times = TriggerTimes()
        self._marks = {MANAGED_BY: MANAGER} if context.settings.features.managed_endpoints else {}
        self._recorder = context.recorder(MANAGER)
        self._replaced: dict[NamespacedName, str] = {}
        """The resourceVersions that were overwritten ("": none was there): a cache that shows them is stale."""
        self._behind: set[NamespacedName] = set()
        """Services that wait for the informer to show what was written."""

    def watch(self) -> None:
        self._controller.watches_for(SERVICES)
        self._pods.watch()
        self._informer.add_handler(self._added, lambda old, new: self._wake(new), self._deleted)

    def _added(self, endpoints: Object) -> None:
        self._wake(endpoints)
        if not self._informer.synced and LEADER not in meta.annotations(endpoints):
            # What was left over when its Service was deleted while nobody watched.
            self._controller.enqueue(key(endpoints), endpoints)

    def _deleted(self, endpoints: Object) -> None:
        self._replaced.pop(key(endpoints), None)
        self._behind.discard(key(endpoints))
        self._controller.enqueue(key(endpoints), endpoints)

    def _wake(self, endpoints: Object) -> None:
        if key(endpoints) in self._behind:
            self._behind.discard(key(endpoints))
            self._controller.enqueue(key(endpoints), endpoints)

    async def reconcile(self, where: NamespacedName) -> None:
        service = self._services.get(*where)
        if service is None:
            await self._delete(where)
            return
        if not selector_of(service):
            return
        pods = self._pods.selected(service)
        trigger_time = self._trigger_times.next(service, pods)
        current = self._informer.lister.get(*where)
        if self._replaced.get(where) == (resource_version(current) if current is not None else ""):
            self._behind.add(where)
            return
        subsets = pack(entries_of(service, pods))
        if current is None or not is_current(current, service, subsets, self._marks):
            wanted = desired(current, service, subsets, self._marks)
            await self._write(service, current, annotated(wanted, trigger_time))

    async def _delete(self, where: NamespacedName) -> None:
        self._trigger_times.forget(where)
        self._replaced.pop(where, None)
        self._behind.discard(where)
        try:
            await self._client.delete(ENDPOINTS, *where)
        except StatusError as error:
            if not is_not_found(error):
                raise

    async def _write(self, service: Object, current: Object | None, wanted: Object) -> None:
        """Raises StatusError."""
        try:
            if current is None:
                await self._client.create(ENDPOINTS, wanted, namespace=namespace(service))
                self._replaced[key(service)] = ""
                return
            written = await self._client.update(ENDPOINTS, wanted)
        except StatusError as error:
            if current is None and error.has_cause(NAMESPACE_TERMINATING):
                return
            about = f"{namespace(service)}/{name(service)}: {error}"
            if current is None:
                message = f"Failed to create endpoint for service {about}"
                self._recorder.event(wanted, "Warning", "FailedToCreateEndpoint", message)
            else:
                self._recorder.event(wanted, "Warning", "FailedToUpdateEndpoint", f"Failed to update endpoint {about}")
            raise
        # Some updates change nothing, and then no event will tell of them.
        if resource_version(written) != resource_version(current):
            self._replaced[key(service)] = resource_version(current)


def entries_of(service: Object, pods: Sequence[EndpointPod]) -> Iterator[Entry]:
    """Each port of each pod that belongs into the Service's Endpoints."""
    spec = service["spec"]
    publish = bool(spec.get("publishNotReadyAddresses"))
    service_ports = spec.get("ports") or []
    numeric = not any(isinstance(port.get("targetPort"), str) for port in service_ports)
    ports: list[Port] | None = None
    for pod in pods:
        if not pod.has_address or (pod.deleting and not publish):
            continue
        address = address_of(pod, service)
        if address is None:
            continue
        ready = publish or pod.ready
        if not service_ports:
            if is_headless(service):
                yield None, address, ready
            continue
        if ports is None or not numeric:
            ports = [made for port in service_ports if (made := _port(pod.pod, port)) is not None]
        for each in ports:
            yield each, address, ready


def _port(pod: Object, port: Port) -> Port | None:
    number = find_port(pod, port)
    if number is None:
        return None
    made: Port = {"name": port["name"]} if port.get("name") else {}
    made |= {"port": number, "protocol": port.get("protocol") or "TCP"}
    if port.get("appProtocol") is not None:
        made["appProtocol"] = port["appProtocol"]
    return made


def address_of(pod: EndpointPod, service: Object) -> Address | None:
    """Read-only; None if the pod has no address of the Service's first family (podToEndpointAddressForService)."""
    family = _family(service, pod)
    hostname = hostname_for(pod.pod, service)
    basis = ("endpoints", family, hostname)
    if basis not in pod.endpoints:
        ip = next((text for each, text in pod.ips if each == family), None)
        made: Address | None = None
        if ip is not None:
            made = {"ip": ip, **({"hostname": hostname} if hostname else {}), "nodeName": pod.node}
            made["targetRef"] = pod_reference(pod.pod)
        pod.endpoints[basis] = made
    found: Address | None = pod.endpoints[basis]
    return found


def _family(service: Object, pod: EndpointPod) -> str:
    spec = service["spec"]
    families = spec.get("ipFamilies")
    if families:
        return str(families[0])
    text = spec["clusterIP"] if not is_headless(service) else (pod.pod.get("status") or {}).get("podIP") or ""
    return IPV6 if ":" in text else IPV4


def is_current(current: Object, service: Object, subsets: list[Subset], marks: dict[str, str]) -> bool:
    """Whether the cached Endpoints say all that they should; `marks` are labels that are not the Service's."""
    found = current.get("subsets") or []
    if count(found) > MAX_CAPACITY or OVER_CAPACITY in meta.annotations(current):
        return False
    own = labels(current)
    plain = {key: value for key, value in own.items() if key != HEADLESS and key not in marks}
    if not marks.items() <= own.items() or plain != labels(service):
        return False
    return found == subsets or pack(expand(found)) == subsets


def desired(current: Object | None, service: Object, subsets: list[Subset], marks: dict[str, str]) -> Object:
    """The Endpoints as they should be, over what is there."""
    base = current or {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {"name": name(service), "namespace": namespace(service)},
    }
    wanted = {key: value for key, value in labels(service).items() if key != HEADLESS}
    if is_headless(service):
        wanted[HEADLESS] = ""
    wanted |= marks
    kept = truncate(subsets)
    notes = {key: value for key, value in meta.annotations(base).items() if key != OVER_CAPACITY}
    if count(subsets) > MAX_CAPACITY:
        notes[OVER_CAPACITY] = TRUNCATED
    metadata = {name: value for name, value in base["metadata"].items() if name != "annotations"}
    metadata |= {"labels": wanted, **({"annotations": notes} if notes else {})}
    made = {**base, "metadata": metadata, "subsets": kept}
    if not kept:
        del made["subsets"]
    return made
