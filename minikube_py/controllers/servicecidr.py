"""service-cidr-controller: ServiceCIDRs are ready, and stay while Services have addresses of them
(pkg/controller/servicecidrs).

    not being deleted    gets the finalizer, and is Ready
    being deleted        addresses would be left without a range: not Ready, Terminating
                         10 s after it was deleted: loses the finalizer, and is gone
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network

from minikube_py.client.protocol import APPLY_PATCH, STRATEGIC_MERGE_PATCH
from minikube_py.controllers.runtime import Context, Controller, Descriptor, Result
from minikube_py.controllers.runtime.whenserved import WhenServed
from minikube_py.machinery import meta
from minikube_py.machinery.clock import parse_rfc3339, rfc3339
from minikube_py.machinery.conditions import find
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.ipnet import Address, parse_ip
from minikube_py.machinery.meta import is_deleting, key, name

NAME = "service-cidr-controller"
SERVICE_CIDRS = GroupVersionResource("networking.k8s.io", "v1", "servicecidrs")
IP_ADDRESSES = SERVICE_CIDRS._replace(resource="ipaddresses")
FINALIZER = "networking.k8s.io/service-cidr-finalizer"
MANAGED_BY, ALLOCATOR = "ipaddress.kubernetes.io/managed-by", "ipallocator.k8s.io"
"""The label of IPAddresses that says who made them, and what it says of those of Services."""
GRACE_PERIOD = 10.0
"""Seconds after its deletion in which a range is kept anyway: whoever gives addresses may not know of it yet."""
MAX_RETRIES = 15
"""Failures in a row after which a ServiceCIDR is left alone until something changes."""

READY = {"type": "Ready", "status": "True", "reason": "", "message": "Kubernetes Service CIDR is ready"}
_IN_USE = "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR"
TERMINATING = {"type": "Ready", "status": "False", "reason": "Terminating", "message": _IN_USE}

Network = IPv4Network | IPv6Network


def networks(service_cidr: Object) -> list[Network]:
    return [ip_network(cidr) for cidr in service_cidr["spec"].get("cidrs") or ()]


def _contains(network: Network, address: Address) -> bool:
    """Whether the address can be given out of it: the first one cannot, nor can the last one of IPv4."""
    if address.version != network.version or address not in network:
        return False
    return address != network.network_address and (network.version == 6 or address != network.broadcast_address)


def _holds(outer: Network, inner: Network) -> bool:
    return outer.version == inner.version and outer.prefixlen <= inner.prefixlen and outer.overlaps(inner)


def containing(service_cidrs: Iterable[Object], address: Address) -> list[Object]:
    """Those that the address can be of."""
    return [each for each in service_cidrs if any(_contains(network, address) for network in networks(each))]


def overlapping(service_cidrs: Iterable[Object], one: Object) -> list[Object]:
    mine = networks(one)
    return [
        each
        for each in service_cidrs
        if any(
            network.version == other.version and network.overlaps(other) for network in mine for other in networks(each)
        )
    ]


def address_of(ip: Object) -> Address | None:
    """The address of a Service; None for what somebody else made."""
    return parse_ip(name(ip)) if meta.labels(ip).get(MANAGED_BY) == ALLOCATOR else None


def may_go(one: Object, service_cidrs: Sequence[Object], addresses: Iterable[Address]) -> bool:
    """Whether no address is left without a range when it goes."""
    others = [each for each in service_cidrs if name(each) != name(one)]
    rest = [network for each in others for network in networks(each)]
    if all(any(_holds(outer, network) for outer in rest) for network in networks(one)):
        return True
    return not any(containing([one], each) and not containing(others, each) for each in addresses)


class ServiceCIDRReconciler:
    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._clock = context.clock
        self._cidrs = context.lister(SERVICE_CIDRS)
        self._addresses = context.lister(IP_ADDRESSES)
        self._recorder = context.recorder()

    async def reconcile(self, where: NamespacedName) -> Result | None:
        cidr = self._cidrs.get(*where)
        if cidr is None:
            return None
        if is_deleting(cidr):
            return await self._release(cidr)
        if FINALIZER not in meta.finalizers(cidr):
            await self._patch(cidr, {"metadata": {"finalizers": [FINALIZER]}})
        try:
            await self._tell(cidr, READY)
        except StatusError:
            message = "The ServiceCIDR Status can not be set to Ready=True"
            self._recorder.event(cidr, "Warning", "KubernetesServiceCIDRError", message)
            raise
        return None

    async def _release(self, cidr: Object) -> Result | None:
        """Raises StatusError."""
        addresses = (address for each in self._addresses.list() if (address := address_of(each)) is not None)
        if not may_go(cidr, self._cidrs.list(), addresses):
            await self._tell(cidr, TERMINATING)
            return None
        left = parse_rfc3339(cidr["metadata"]["deletionTimestamp"]) + GRACE_PERIOD - self._clock.now()
        if left > 0:
            return Result(requeue_after=left)
        if FINALIZER in meta.finalizers(cidr):
            await self._patch(cidr, {"metadata": {"$deleteFromPrimitiveList/finalizers": [FINALIZER]}})
        return None

    async def _patch(self, cidr: Object, patch: Object) -> None:
        """Raises StatusError, but not for one that is gone."""
        try:
            await self._client.patch(SERVICE_CIDRS, "", name(cidr), patch, patch_type=STRATEGIC_MERGE_PATCH)
        except StatusError as error:
            if not is_not_found(error):
                raise

    async def _tell(self, cidr: Object, condition: Object) -> None:
        """Set a condition that it has not got. Raises StatusError."""
        present = find((cidr.get("status") or {}).get("conditions"), condition["type"]) or {}
        if all((present.get(field) or "") == value for field, value in condition.items()):
            return
        patch = {
            "apiVersion": SERVICE_CIDRS.api_version,
            "kind": "ServiceCIDR",
            "metadata": {"name": name(cidr)},
            "status": {"conditions": [{**condition, "lastTransitionTime": rfc3339(self._clock.now())}]},
        }
        await self._client.patch(
            SERVICE_CIDRS,
            "",
            name(cidr),
            patch,
            patch_type=APPLY_PATCH,
            subresource="status",
            field_manager=NAME,
            force=True,
        )


def new(context: Context) -> Controller:
    controller = Controller(context, "ServiceCIDR", ServiceCIDRReconciler(context), max_retries=MAX_RETRIES)
    cidrs = context.lister(SERVICE_CIDRS)

    def concerned(ip: Object) -> list[NamespacedName]:
        """The ranges that may go or not because of an address: only those that are asked to."""
        address = address_of(ip)
        deleted = [each for each in cidrs.list() if is_deleting(each)]
        return [key(each) for each in containing(deleted, address)] if deleted and address is not None else []

    controller.watches_for(SERVICE_CIDRS)
    controller.watches(
        SERVICE_CIDRS, lambda cidr: map(key, overlapping(cidrs.list(), cidr)), when=lambda old, _: old is None
    )
    controller.watches(IP_ADDRESSES, concerned, when=lambda old, new: old is None or new is None)
    return controller


def new_when_served(context: Context) -> WhenServed:
    """The feature MultiCIDRServiceAllocator, on by default since Kubernetes 1.33."""
    return WhenServed(context, SERVICE_CIDRS, new)


CONTROLLER = Descriptor(NAME, new_when_served)
