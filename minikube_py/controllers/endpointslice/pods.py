"""Services and their pods: k8s.io/endpointslice/util controller_utils.go.

Both controllers of endpoints read pods through the views that are kept here, one per state of a pod.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Sequence
from typing import Any

from minikube_py.controllers.runtime import Context, Controller
from minikube_py.controllers.runtime.pods import condition, is_terminal
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.ipnet import address_text, parse_ip
from minikube_py.machinery.meta import key
from minikube_py.machinery.wellknown import PODS, SERVICES

BY_LABEL = "endpoint pods by label"
"""Index of EndpointPods: "namespace/key=value" of each label."""

SELECTORS = "selectors by namespace"
"""Index of (service's key, its selector's items) of the Services that select pods."""

IPV4, IPV6 = "IPv4", "IPv6"

_NOTHING: Object = {}


class EndpointPod:
    """What endpoints need to know of a pod, read once per state of it."""

    __slots__ = ("deleting", "endpoints", "has_address", "ips", "labels", "node", "pod", "ready", "ready_changed")

    def __init__(self, pod: Object) -> None:
        metadata, status = pod["metadata"], pod.get("status") or _NOTHING
        ready = condition(pod, "Ready") or _NOTHING
        self.pod = pod
        self.labels: ItemsView[str, str] = (metadata.get("labels") or _NOTHING).items()
        self.deleting = bool(metadata.get("deletionTimestamp"))
        self.ready = ready.get("status") == "True"
        self.ready_changed: str = ready.get("lastTransitionTime") or ""
        """RFC 3339, "" if it never said."""
        self.has_address = not is_terminal(pod) and bool(status.get("podIP") or status.get("podIPs"))
        """Whether it may be an endpoint at all: it has an address, and is not finished."""
        self.ips = addresses(status) if self.has_address else ()
        self.node: str = (pod.get("spec") or _NOTHING).get("nodeName") or ""
        self.endpoints: dict[Any, Any] = {}
        """What it looks like as an endpoint, by all that this depends on besides the pod."""


def addresses(status: Object) -> tuple[tuple[str, str], ...]:
    """Family and canonical text of each of a pod's addresses."""
    found = []
    for each in status.get("podIPs") or ():
        parsed = parse_ip(each.get("ip") or "")
        if parsed is not None:
            text = address_text(parsed)
            found.append((IPV6 if ":" in text else IPV4, text))
    return tuple(found)


def label_index(pod: Object) -> Sequence[str]:
    metadata = pod["metadata"]
    namespace = metadata.get("namespace", "")
    return [f"{namespace}/{name}={value}" for name, value in (metadata.get("labels") or _NOTHING).items()]


def selector_of(service: Object) -> dict[str, str]:
    """Empty for Services whose endpoints are somebody else's business: without a selector, or ExternalName."""
    spec = service.get("spec") or _NOTHING
    return {} if spec.get("type") == "ExternalName" else spec.get("selector") or {}


def _selector_index(service: Object) -> Sequence[str]:
    return (service["metadata"].get("namespace", ""),) if (service.get("spec") or _NOTHING).get("selector") else ()


def _selector_view(service: Object) -> tuple[NamespacedName, ItemsView[str, str]]:
    return key(service), service["spec"]["selector"].items()


class ServicePods:
    """Enqueues the Services that a change of a pod concerns, and finds the pods of a Service."""

    def __init__(self, context: Context, controller: Controller) -> None:
        self._controller = controller
        services, self._informer = context.informer(SERVICES), context.informer(PODS)
        services.add_index(SELECTORS, _selector_index, _selector_view)
        self._informer.add_index(BY_LABEL, label_index, EndpointPod)
        self._services, self._pods = services.lister, self._informer.lister

    def watch(self) -> None:
        self._informer.add_handler(self._added, self._updated, self._added)

    def selected(self, service: Object) -> list[EndpointPod]:
        """The pods that a Service selects, in a stable order; some may not be endpoints yet."""
        selector = selector_of(service)
        namespace = service["metadata"].get("namespace", "")
        if not selector:
            return []
        wanted = selector.items()
        views = (self._pods.views(BY_LABEL, f"{namespace}/{name}={value}") for name, value in wanted)
        candidates = min(views, key=len)
        return list(candidates) if len(wanted) == 1 else [pod for pod in candidates if wanted <= pod.labels]

    def services_of(self, pod: Object) -> set[NamespacedName]:
        metadata = pod["metadata"]
        labels = (metadata.get("labels") or _NOTHING).items()
        views = self._services.views(SELECTORS, metadata.get("namespace", ""))
        return {where for where, selector in views if selector <= labels}

    def _added(self, pod: Object) -> None:
        self._enqueue(self.services_of(pod), pod)

    def _updated(self, old: Object, new: Object) -> None:
        changed, moved = changes(old, new)
        if not moved:
            if changed:
                self._enqueue(self.services_of(new), new)
            return
        before, after = self.services_of(old), self.services_of(new)
        self._enqueue(before | after if changed else before ^ after, new)

    def _enqueue(self, services: Iterable[NamespacedName], pod: Object) -> None:
        for where in sorted(services):
            self._controller.enqueue(where, pod)


def changes(old: Object, new: Object) -> tuple[bool, bool]:
    """Whether a pod changed as an endpoint, and whether it may have changed its Services (podEndpointsChanged)."""
    one, other = old["metadata"], new["metadata"]
    before, after = old.get("spec") or _NOTHING, new.get("spec") or _NOTHING
    moved = (
        (one.get("labels") or _NOTHING) != (other.get("labels") or _NOTHING)
        or before.get("hostname") != after.get("hostname")
        or before.get("subdomain") != after.get("subdomain")
    )
    changed = (
        one.get("deletionTimestamp") != other.get("deletionTimestamp")
        or _is_ready(old) != _is_ready(new)
        or _ips(old) != _ips(new)
        or is_terminal(old) != is_terminal(new)
    )
    return changed, moved


def _is_ready(pod: Object) -> bool:
    return (condition(pod, "Ready") or _NOTHING).get("status") == "True"


def _ips(pod: Object) -> list[Object]:
    return (pod.get("status") or _NOTHING).get("podIPs") or []


def find_port(pod: Object, port: Object) -> int | None:
    """The number of the container port that a Service's port means: as it is, or by its name among all containers
    and sidecars (FindPort); None without one."""
    target = port.get("targetPort", port.get("port"))
    if not isinstance(target, str):
        return int(target or 0)
    spec = pod["spec"]
    sidecars = (each for each in spec.get("initContainers") or () if each.get("restartPolicy") == "Always")
    for container in (*(spec.get("containers") or ()), *sidecars):
        for candidate in container.get("ports") or ():
            same_protocol = candidate.get("protocol", "TCP") == port.get("protocol", "TCP")
            if candidate.get("name") == target and same_protocol:
                return int(candidate["containerPort"])
    return None


def hostname_for(pod: Object, service: Object) -> str:
    """The name it is known by in the Service's domain; "" without one (ShouldSetHostname)."""
    spec = pod["spec"]
    hostname = spec.get("hostname") or ""
    return hostname if hostname and (spec.get("subdomain") or "") == service["metadata"]["name"] else ""


def is_headless(service: Object) -> bool:
    return service["spec"].get("clusterIP") in (None, "", "None")


def pod_reference(pod: Object) -> Object:
    """The targetRef of an endpoint."""
    metadata = pod["metadata"]
    return {
        "kind": "Pod",
        "namespace": metadata.get("namespace", ""),
        "name": metadata["name"],
        "uid": metadata["uid"],
    }
