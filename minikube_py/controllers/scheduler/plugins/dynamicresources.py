"""DynamicResources: nodes where a pod's claims have devices, or can get them (plugins/dynamicresources).

    claim          on a node                                    when the pod is bound
    allocated      the allocation's nodes                       it is reserved for the pod
    not yet        devices that suit can be had for all claims  it is allocated, and reserved
    to be made     (the pod is not tried)

Selectors in CEL are not evaluated: what asks for devices by them is refused.
"""

from __future__ import annotations

from minikube_py.controllers.resourceallocation import Device, Judge, Unallocatable, allocate, needs
from minikube_py.controllers.resourceclaim.references import (
    RESOURCE_CLAIMS,
    claim_name,
    entries,
    is_for_pod,
    template_name,
)
from minikube_py.controllers.resourceclaim.reservations import consumers
from minikube_py.controllers.scheduler.assumeddevices import AssumedDevices, allocation_of
from minikube_py.controllers.scheduler.bindingconditions import is_stuck
from minikube_py.controllers.scheduler.devicereservation import DeviceReservation
from minikube_py.controllers.scheduler.framework import (
    NODE,
    UNSCHEDULED_POD,
    Claim,
    Event,
    Plugin,
    Rejection,
    Reservation,
)
from minikube_py.controllers.scheduler.handle import DEVICES_SINCE, Handle
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.plugins.nodeaffinity import selects
from minikube_py.controllers.scheduler.plugins.tainttoleration import tolerates
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import is_deleting, key, labels, name, namespace, uid

NOT_ALLOCATABLE = Rejection(("cannot allocate all claims",))
NOT_AVAILABLE = Rejection(("resourceclaim not available on the node",))
NOTHING_TO_DEALLOCATE, STILL_NOT = "no new claims to deallocate", "still not schedulable"
DEALLOCATED = "deallocation of ResourceClaim completed"

TAINTS_SINCE = 36
"""The minor version of Kubernetes that heeds taints of devices (DRADeviceTaints)."""

SHARES_SINCE = 36
"""The one that shares devices' capacity (DRAConsumableCapacity)."""

CONDITIONS_SINCE = 36
"""The one that waits until devices are ready (DRADeviceBindingConditions)."""

SCORES_SINCE = 35
"""The one that prefers nodes with devices that come first in a request's list (DRAPrioritizedList)."""

MOST_ALTERNATIVES = 8
"""Of one request."""


def pod_claims(pod: Object, devices: AssumedDevices) -> list[Object] | str:
    """The pod's claims, each once, or what is wrong with one."""
    found: dict[NamespacedName, Object] = {}
    for entry in entries(pod):
        wanted = claim_name(pod, entry)
        if wanted is None:
            return f"pod {quote(str(key(pod)))}: ResourceClaim not created yet"
        if not wanted:
            continue
        where = NamespacedName(namespace(pod), wanted)
        claim = devices.claims.get(where)
        if claim is None:
            return f"could not find ResourceClaim {quote(str(where))}"
        if is_deleting(claim):
            return f"resourceclaim {quote(wanted)} is being deleted"
        if template_name(entry) and not is_for_pod(pod, claim):
            return f"ResourceClaim {where} was not created for pod {key(pod)} (pod is not owner)"
        found[where] = claim
    return list(found.values())


def gate(pod: Object, handle: Handle) -> str:
    found = pod_claims(pod, handle.devices) if handle.devices is not None else []
    return found if isinstance(found, str) else ""


def claim(pod: Object, handle: Handle) -> Claim | Rejection | None:
    devices = handle.devices
    found = pod_claims(pod, devices) if devices is not None and entries(pod) else []
    if isinstance(found, str):
        return Rejection((found,))
    if devices is None or not found:
        return None
    if problem := next((problem for each in found if (problem := _problem(each, devices))), ""):
        return Rejection((problem,))
    search = Search(pod, found, handle, devices)
    chooses = handle.minor >= SCORES_SINCE and any(map(_alternatives, found))
    return Claim(search.check, search.score if chooses else None, search.reserve, search.deallocate)


def _alternatives(claim: Object) -> list[tuple[str, int]]:
    """What it would take for its requests, and what each is worth to it: 8 for what it likes best (computeScore)."""
    return [
        (f"{request['name']}/{each['name']}", MOST_ALTERNATIVES - place)
        for request in claim["spec"]["devices"].get("requests") or ()
        for place, each in enumerate(request.get("firstAvailable") or ())
    ]


def _problem(claim: Object, devices: AssumedDevices) -> str:
    """Why a claim can be allocated nowhere."""
    if allocation_of(claim) is not None:
        return ""
    if devices.is_in_flight(claim):
        return f"resource claim {key(claim)} is in the process of being allocated"
    try:
        wanted = [need for alternatives in needs(claim, devices.classes) for need in alternatives]
    except Unallocatable as error:
        return str(error)
    selecting = next((need for need in wanted if need.selectors), None)
    if selecting is not None:
        return f"claim {key(claim)}, request {selecting.request}: {_not_evaluated(selecting.selectors[0])}"
    return ""


def _not_evaluated(expression: str) -> str:
    return f"device selectors in CEL are not supported by this scheduler: {expression}"


def _in_cel(expression: str, device: Device) -> bool:
    raise Unallocatable(_not_evaluated(expression))


class Search:
    """For one pod, at one try to schedule it."""

    def __init__(self, pod: Object, claims: list[Object], handle: Handle, devices: AssumedDevices) -> None:
        self._pod = pod
        self._claims = claims
        self._handle = handle
        self._devices = devices
        self._wanted = [each for each in claims if allocation_of(each) is None]
        self._classes = devices.classes if self._wanted else {}
        self._unavailable: list[Object] = []
        """The claims whose allocation a node does not reach that would do otherwise."""
        self._found: dict[str, list[Object] | Rejection] = {}
        """By node: the allocations of what is wanted."""

    def check(self, node: NodeInfo) -> Rejection | None:
        if node.name not in self._found:
            self._found[node.name] = self._ask(node)
        found = self._found[node.name]
        return found if isinstance(found, Rejection) else None

    def _ask(self, node: NodeInfo) -> list[Object] | Rejection:
        allocations = self._allocate(node) if self._wanted else []
        if isinstance(allocations, Rejection):
            return allocations
        beyond = [each for each in self._claims if not _reaches(each, node) or self._is_stuck(each)]
        self._unavailable += [each for each in beyond if each not in self._unavailable]
        return NOT_AVAILABLE if beyond else allocations

    def _is_stuck(self, claim: Object) -> bool:
        waits = self._handle.minor >= CONDITIONS_SINCE and allocation_of(claim) is not None
        return waits and is_stuck(claim, self._handle.context.clock.now())

    def _allocate(self, node: NodeInfo) -> list[Object] | Rejection:
        heeds_taints = self._handle.minor >= TAINTS_SINCE
        judge = Judge(
            node.name,
            selects_node=lambda selector: selects(selector, node),
            tolerates=lambda toleration, taint: not heeds_taints or tolerates(toleration, taint),
            matches=_in_cel,
            new_share=self._handle.context.random.uid if self._handle.minor >= SHARES_SINCE else None,
        )
        devices = self._devices
        try:
            found = allocate(self._wanted, self._classes, devices.pools, devices.taken, judge, devices.shares)
        except Unallocatable as error:
            return Rejection((str(error),))
        return found if found is not None else NOT_ALLOCATABLE

    def score(self, node: NodeInfo) -> int:
        """The more the sooner its devices come in the claims' lists."""
        found = self._found[node.name]
        fresh = dict(
            zip((uid(each) for each in self._wanted), [] if isinstance(found, Rejection) else found, strict=True)
        )
        total = 0
        for each in self._claims:
            allocation = allocation_of(each) or fresh[uid(each)]
            got = {result["request"] for result in allocation["devices"].get("results") or ()}
            total += sum(worth for request, worth in _alternatives(each) if request in got)
        return total

    def reserve(self, node: str) -> Reservation:
        found = self._found[node]
        assert not isinstance(found, Rejection)
        allocations = dict(zip((uid(each) for each in self._wanted), found, strict=True))
        return DeviceReservation(self._pod, node, self._claims, allocations, self._handle, self._devices)

    async def deallocate(self) -> str:
        """One claim that keeps the pod from its nodes, if nobody else has it."""
        for each in self._unavailable:
            if all(consumer["uid"] == uid(self._pod) for consumer in consumers(each)):
                dropped = ("allocation", "reservedFor", "devices")
                status = {field: value for field, value in each["status"].items() if field not in dropped}
                await self._handle.context.client.update(
                    RESOURCE_CLAIMS, {**each, "status": status}, subresource="status"
                )
                return DEALLOCATED
        return STILL_NOT


def _reaches(claim: Object, node: NodeInfo) -> bool:
    selector = (allocation_of(claim) or {}).get("nodeSelector")
    return selector is None or selects(selector, node)


def may_help(pod: Object, event: Event) -> bool:
    old, new = event.old, event.new
    if new is None:
        return False
    match event.resource:
        case "ResourceClaim":
            return _claim_may_help(pod, old, new)
        case "ResourceSlice" | "DeviceClass":
            return True
        case resource if resource == UNSCHEDULED_POD:
            return uid(pod) == uid(new)
        case _:
            return event.resource == NODE and (old is None or _node_part(old) != _node_part(new))


def _claim_may_help(pod: Object, old: Object | None, new: Object) -> bool:
    """Devices were given back; or it is a claim of the pod, and new or changed."""
    if old is not None and allocation_of(old) is not None and allocation_of(new) is None:
        return True
    if namespace(pod) != namespace(new) or name(new) not in (claim_name(pod, entry) for entry in entries(pod)):
        return False
    return old is None or old.get("status") != new.get("status")


def _node_part(node: Object) -> object:
    return labels(node), (node.get("status") or {}).get("allocatable")


DYNAMIC_RESOURCES = Plugin(
    "DynamicResources",
    gate=gate,
    claim=claim,
    hint=may_help,
    no_remedy=NOTHING_TO_DEALLOCATE,
    weight=2,
    since=DEVICES_SINCE,
)
