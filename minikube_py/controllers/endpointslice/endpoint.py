"""One pod as an endpoint of a Service (k8s.io/endpointslice utils.go)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minikube_py.controllers.endpointslice.pods import EndpointPod, find_port, hostname_for, is_headless, pod_reference
from minikube_py.machinery.gvr import Object

ZONE = "topology.kubernetes.io/zone"

Endpoint = dict[str, Any]
Port = dict[str, Any]
Identity = tuple[tuple[str, ...], str, str, str]
PortKey = tuple[tuple[str, int, str, str], ...]


def endpoint_of(pod: EndpointPod, node: Object | None, service: Object, family: str) -> Endpoint | None:
    """Read-only; None if the pod has no address of the family."""
    publish = bool(service["spec"].get("publishNotReadyAddresses"))
    zone = ((node or {}).get("metadata", {}).get("labels") or {}).get(ZONE) or ""
    hostname = hostname_for(pod.pod, service)
    basis = (family, publish, zone, hostname)
    if basis not in pod.endpoints:
        pod.endpoints[basis] = _endpoint(pod, *basis)
    made: Endpoint | None = pod.endpoints[basis]
    return made


def _endpoint(pod: EndpointPod, family: str, publish: bool, zone: str, hostname: str) -> Endpoint | None:
    addresses = [text for each, text in pod.ips if each == family]
    if not addresses:
        return None
    made: Endpoint = {
        "addresses": addresses,
        "conditions": {
            # Never ready while terminating, unless the Service wants its pods known anyway.
            "ready": publish or (pod.ready and not pod.deleting),
            "serving": pod.ready,
            "terminating": pod.deleting,
        },
    }
    if hostname:
        made["hostname"] = hostname
    made["targetRef"] = pod_reference(pod.pod)
    if pod.node:
        made["nodeName"] = pod.node
    if zone:
        made["zone"] = zone
    return made


def identity(endpoint: Endpoint) -> Identity:
    """What makes two endpoints the same one: all else can be updated in place (hashEndpoint)."""
    target = endpoint.get("targetRef") or {}
    addresses = endpoint["addresses"]
    return (
        tuple(addresses) if len(addresses) == 1 else tuple(sorted(addresses)),
        endpoint.get("hostname") or "",
        target.get("namespace") or "",
        target.get("name") or "",
    )


def same_state(one: Endpoint, other: Endpoint) -> bool:
    """Whether two endpoints of one identity agree in all the rest but hints (EndpointsEqualBeyondHash)."""
    return (
        one["conditions"] == other.get("conditions")
        and one.get("nodeName") == other.get("nodeName")
        and one.get("zone") == other.get("zone")
        and _target(one) == _target(other)
    )


def _target(endpoint: Endpoint) -> Object:
    target: Object = endpoint.get("targetRef") or {}
    if "resourceVersion" not in target:
        return target
    return {name: value for name, value in target.items() if name != "resourceVersion"}


def ports_of(service: Object, pod: Object) -> list[Port]:
    """The Service's ports as the pod has them; named ports it does not have are left out. In the Service's order,
    where upstream's is that of hashes."""
    spec = service["spec"]
    if not spec.get("ports") and is_headless(service):
        return []
    made: list[Port] = []
    for port in spec.get("ports") or ():
        number = find_port(pod, port)
        if number is not None:
            each: Port = {"name": port.get("name") or "", "port": number, "protocol": port.get("protocol") or "TCP"}
            if port.get("appProtocol") is not None:
                each["appProtocol"] = port["appProtocol"]
            made.append(each)
    return made


def port_key(ports: Sequence[Port] | None) -> PortKey:
    """Equal for the same set of ports."""
    return tuple(
        sorted(
            (
                each.get("name") or "",
                each.get("port") or 0,
                each.get("protocol") or "TCP",
                each.get("appProtocol") or "",
            )
            for each in ports or ()
        )
    )
