"""All changes to the slices of one Service: Reconcile of k8s.io/endpointslice reconciler.go. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from minikube_py.controllers.endpointslice.endpoint import (
    Endpoint,
    Identity,
    Port,
    PortKey,
    endpoint_of,
    identity,
    port_key,
    ports_of,
)
from minikube_py.controllers.endpointslice.hints import distributed, distribution_of, is_auto
from minikube_py.controllers.endpointslice.packing import MAX_ENDPOINTS, Changes, pack
from minikube_py.controllers.endpointslice.pods import IPV4, IPV6, EndpointPod, is_headless
from minikube_py.controllers.endpointslice.tracker import SERVICE_NAME
from minikube_py.controllers.endpointslice.zones import DISABLED, ENABLED, Counts, Shares, Unhinted, hinted
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import controller_reference, labels, name, namespace, owner_references, uid
from minikube_py.machinery.names import name_is_dns_subdomain
from minikube_py.machinery.wellknown import SERVICE

MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
MANAGER = "endpointslice-controller.k8s.io"
HEADLESS = "service.kubernetes.io/headless"
RESERVED = (SERVICE_NAME, MANAGED_BY, HEADLESS)

Nodes = Callable[[str], Object | None]


class Told(NamedTuple):
    """An event about the Service."""

    type: Literal["Normal", "Warning"]
    reason: str
    message: str


class Plan(NamedTuple):
    create: list[Object]
    update: list[Object]
    delete: list[Object]
    problems: list[str]
    """Why some pods are left out for now, so that another try is needed."""
    told: list[Told]
    counts: dict[str, Counts]
    """How many endpoints serve each zone, by family, where hints go by zones."""


class _Group(NamedTuple):
    """The endpoints that share a set of ports."""

    ports: list[Port]
    endpoints: dict[Identity, Endpoint]


def plan(
    service: Object,
    pods: Sequence[EndpointPod],
    existing: Sequence[Object],
    nodes: Nodes,
    maximum: int = MAX_ENDPOINTS,
    shares: Callable[[], Shares] = dict,
    has_hints: bool = False,
) -> Plan:
    """What to do with the `existing` slices (none of them being deleted) so that they show the `pods`. `has_hints`:
    whether hints went by zones so far; `shares` tells by which of them they would."""
    families = address_types(service)
    result = Plan([], [], [each for each in existing if each.get("addressType") not in families], [], [], {})
    for family in families:
        own = [each for each in existing if each.get("addressType") == family]
        packed, problems = _plan_family(service, pods, own, nodes, family, maximum)
        changes, told, counts = _hinted(service, own, packed, family, shares, has_hints)
        changes, has_hints = _reuse(changes, service), bool(counts)
        result.told.extend(told)
        if counts:
            result.counts[family] = counts
        result.create.extend(changes.create)
        result.update.extend(changes.update)
        result.delete.extend(changes.delete)
        result.problems.extend(problem for problem in problems if problem not in result.problems)
    return result


def address_types(service: Object) -> list[str]:
    """The Service's families; both for a headless one that does not say (getAddressTypesForService)."""
    spec = service["spec"]
    families = [each for each in spec.get("ipFamilies") or () if each in (IPV4, IPV6)]
    if families:
        return families
    if is_headless(service):
        return [IPV4, IPV6]
    return [IPV6 if ":" in spec["clusterIP"] else IPV4]


def _plan_family(
    service: Object, pods: Sequence[EndpointPod], existing: Sequence[Object], nodes: Nodes, family: str, maximum: int
) -> tuple[Changes, list[str]]:
    owned: dict[PortKey, list[Object]] = {}
    delete: list[Object] = []
    for each in existing:
        if owned_by(each, service):
            owned.setdefault(port_key(each.get("ports")), []).append(each)
        else:
            delete.append(each)
    groups, problems = desired_endpoints(service, pods, nodes, family)
    wanted = slice_labels(service)
    create: list[Object] = []
    update: list[Object] = []
    for which, group in groups.items():
        own = owned.pop(which, [])
        stale = {name(each) for each in own if _plain(labels(each)) != _plain(labels(service))}
        changes = pack(own, group.endpoints, new_slice(service, family, group.ports), wanted, stale, maximum)
        create += changes.create
        update += changes.update
        delete += changes.delete
    for obsolete in owned.values():
        delete += obsolete
    if len(existing) == len(delete) and not create:
        # There is always a slice, so that consumers can tell a Service without endpoints from one not handled yet.
        placeholder = new_slice(service, family, [])
        if len(delete) == 1 and _is_placeholder(delete[0], placeholder):
            delete = []
        else:
            create.append(placeholder)
    return Changes(create, update, delete), problems


def desired_endpoints(
    service: Object, pods: Sequence[EndpointPod], nodes: Nodes, family: str
) -> tuple[dict[PortKey, _Group], list[str]]:
    """The endpoints of one family by their ports, and what is wrong with pods that are left out."""
    groups: dict[PortKey, _Group] = {}
    problems: list[str] = []
    by_number: _Group | None = None
    numeric = not any(isinstance(port.get("targetPort"), str) for port in service["spec"].get("ports") or ())
    publish = service["spec"].get("publishNotReadyAddresses")
    for pod in pods:
        if not pod.has_address:
            continue
        group = by_number if numeric else None
        if group is None:
            ports = ports_of(service, pod.pod)
            group = groups.setdefault(port_key(ports), _Group(ports, {}))
            by_number = group
        node = nodes(pod.node)
        if node is None and not publish:
            # A pod on a node that is gone is to be collected; meanwhile it must not hold up the others.
            problems.append(
                f"skipping Pod {name(pod.pod)} for Service {namespace(service)}/{name(service)}: "
                f"Node {pod.node} Not Found"
            )
            continue
        endpoint = endpoint_of(pod, node, service, family)
        if endpoint is not None:
            group.endpoints[identity(endpoint)] = endpoint
    return groups, problems


def new_slice(service: Object, family: str, ports: list[Port]) -> Object:
    prefix = f"{name(service)}-"
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "generateName": name(service) if name_is_dns_subdomain(prefix, True) else prefix,
            "namespace": namespace(service),
            "labels": slice_labels(service),
            "ownerReferences": [controller_reference(service, SERVICE)],
        },
        "addressType": family,
        "endpoints": [],
        "ports": ports,
    }


def slice_labels(service: Object) -> dict[str, str]:
    """The Service's labels and the controller's own."""
    made = _plain(labels(service))
    if is_headless(service):
        made[HEADLESS] = ""
    return {**made, SERVICE_NAME: name(service), MANAGED_BY: MANAGER}


def _plain(given: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in given.items() if key not in RESERVED}


def owned_by(made: Object, service: Object) -> bool:
    return any(
        each.get("uid") == uid(service) and each.get("kind") == "Service" and each.get("apiVersion") == "v1"
        for each in owner_references(made)
    )


def _is_placeholder(made: Object, placeholder: Object) -> bool:
    return (
        not made.get("endpoints")
        and not made.get("ports")
        and made.get("addressType") == placeholder["addressType"]
        and labels(made) == labels(placeholder)
        and owner_references(made) == owner_references(placeholder)
    )


def _hinted(
    service: Object,
    existing: Sequence[Object],
    changes: Changes,
    family: str,
    shares: Callable[[], Shares],
    had_hints: bool,
) -> tuple[Changes, list[Told], Counts]:
    touched = {name(each) for each in (*changes.update, *changes.delete)}
    unchanged = [each for each in existing if name(each) not in touched]
    if not is_auto(service):
        told = [_told("Warning", DISABLED, "Topology Aware Hints has been disabled", family)] if had_hints else []
        return distributed(changes, unchanged, distribution_of(service)), told, {}
    try:
        made, counts = hinted(changes, unchanged, shares())
    except Unhinted as reason:
        return distributed(changes, unchanged, ""), [_told("Warning", DISABLED, str(reason), family)], {}
    told = [] if had_hints else [_told("Normal", ENABLED, "Topology Aware Hints has been enabled", family)]
    return made, told, counts


def _told(type: Literal["Normal", "Warning"], reason: str, text: str, family: str) -> Told:
    return Told(type, reason, f"{text}, addressType: {family}")


def _reuse(changes: Changes, service: Object) -> Changes:
    """Rather than create one slice and delete another, update the other. Slices of a former Service of the name are
    left to be deleted."""
    create, update, delete = list(changes.create), list(changes.update), []
    for each in changes.delete:
        if create and owned_by(each, service):
            made = create.pop()
            update.append({**made, "metadata": {**made["metadata"], "name": name(each)}})
        else:
            delete.append(each)
    return Changes(create, update, delete)
