"""Which endpoints of a Service get a connection (pkg/proxy/topology.go CategorizeEndpoints).

internalTrafficPolicy: Local    to its cluster IP: those on the client's node
externalTrafficPolicy: Local    to its node port at another node than the client's: those on that node
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from minikube_py.machinery.gvr import Object

Place = tuple[str, int]
"""Address and port."""


def usable(slices: Iterable[Object], port: str, node: str | None) -> list[Place]:
    """For a port by its name, on a node, or anywhere for None: those that are ready, and where there are none those
    that serve while they end."""
    found = [
        (endpoint, (str(endpoint["addresses"][0]), int(each["port"])))
        for slice in slices
        for each in slice.get("ports") or ()
        if (each.get("name") or "") == port
        for endpoint in slice.get("endpoints") or ()
        if node is None or endpoint.get("nodeName") == node
    ]
    ready = [place for endpoint, place in found if is_ready(endpoint)]
    return ready or [place for endpoint, place in found if _serves_to_the_end(endpoint)]


def is_ready(endpoint: Object) -> bool:
    """What is not said is true."""
    return (endpoint.get("conditions") or {}).get("ready") is not False


def _serves_to_the_end(endpoint: Object) -> bool:
    conditions = endpoint.get("conditions") or {}
    return bool(conditions.get("serving") and conditions.get("terminating"))


def local_endpoints(slices: Iterable[Object], node: str) -> int:
    """How many are ready on a node."""
    found: set[Sequence[str]] = set()
    for slice in slices:
        for endpoint in slice.get("endpoints") or ():
            if endpoint.get("nodeName") == node and is_ready(endpoint):
                found.add(tuple(endpoint["addresses"]))
    return len(found)
