"""What a write of a Service takes out of the cluster's ranges and gives back (pkg/registry/core/service/storage
alloc.go). Taken at once and undone if the write fails; given back only once it has succeeded."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from minikube_py.api.allocators import AllocationError, Full, NodePortOperation
from minikube_py.api.allocators.clusterips import ALLOCATED
from minikube_py.api.context import Context
from minikube_py.api.kinds.core.gates import strict_ips
from minikube_py.api.kinds.services import addressobjects, addressranges
from minikube_py.api.kinds.services.change import normalize_cluster_ips, patch_allocated
from minikube_py.api.kinds.services.families import CLUSTER_IPS, init_families, keeps_prefer_dual_stack
from minikube_py.api.kinds.services.spec import (
    EXTERNAL_NAME,
    Spec,
    allocates_node_ports,
    cluster_ips,
    ip_families,
    is_headless,
    needs_health_check,
    needs_node_ports,
    node_ports,
    ports,
)
from minikube_py.api.strategy import Finish
from minikube_py.machinery import errors
from minikube_py.machinery.field import ErrorList, Path, invalid
from minikube_py.machinery.gvr import Object

_PORTS = Path("spec", "ports")


class _Transaction:
    """One write's cluster IPs and node ports."""

    def __init__(self, ctx: Context, obj: Object) -> None:
        self.ctx = ctx
        self.obj = obj
        self.spec: Spec = obj["spec"]
        self.ports = NodePortOperation(ctx.registry.allocators.node_ports, ctx.dry_run)
        self._taken: list[str] = []
        self._released: list[str] = []

    def finish(self, success: bool) -> None:
        self.ports.finish(success)
        if self.ctx.dry_run:
            return
        allocator = self.ctx.registry.allocators.cluster_ips
        for address in self._released if success else self._taken:
            allocator.release(address)
        if success:
            addressobjects.remove(self.ctx, self._released)
            addressobjects.add(self.ctx, self.obj, self._taken)

    def fail(self, problems: ErrorList) -> errors.StatusError:
        name = self.obj["metadata"].get("name") or ""
        return errors.invalid("", "Service", name, problems)

    def take_address(self, family: str, wanted: str) -> str:
        """`wanted`, or any of the family where it is "". Raises StatusError."""
        addressranges.follow(self.ctx)
        try:
            found = self._take_wanted(wanted) if wanted else self._take_any(family)
        except Full as error:
            name = self.obj["metadata"].get("name") or ""
            raise errors.internal_error(f'failed to allocate a serviceIP for Service "{name}": {error}') from None
        except AllocationError as error:
            problem = invalid(CLUSTER_IPS, cluster_ips(self.spec), f"failed to allocate IP {wanted}: {error}")
            raise self.fail([problem]) from None
        return found

    def _take_wanted(self, wanted: str) -> str:
        """A dry run only asks whether the address is of the cluster's ranges."""
        allocator = self.ctx.registry.allocators.cluster_ips
        if self.ctx.dry_run:
            allocator.check(wanted)
            return wanted
        allocator.allocate(wanted)
        self._taken.append(wanted)
        if addressobjects.exists(self.ctx, wanted):
            raise AllocationError(ALLOCATED)
        return wanted

    def _take_any(self, family: str) -> str:
        """Addresses of IPAddress objects that others made are passed over."""
        allocator = self.ctx.registry.allocators.cluster_ips
        if self.ctx.dry_run:
            return allocator.network_address(family)
        passed: list[str] = []
        try:
            while addressobjects.exists(self.ctx, found := allocator.allocate_next(family)):
                passed.append(found)
        finally:
            for address in passed:
                allocator.release(address)
        self._taken.append(found)
        return found

    def release_addresses(self, addresses: Iterable[str]) -> None:
        self._released.extend(addresses)

    def take_port(self, index: int, port: int) -> None:
        """Raises StatusError."""
        try:
            self.ports.allocate(port)
        except AllocationError as error:
            raise self.fail([invalid(_PORTS.index(index).child("nodePort"), port, str(error))]) from None

    def take_any_port(self) -> int:
        try:
            return self.ports.allocate_next()
        except AllocationError as error:
            raise errors.internal_error(f"failed to allocate a nodePort: {error}") from None

    def take_health_check_port(self) -> None:
        wanted = self.spec.get("healthCheckNodePort")
        try:
            if wanted:
                self.ports.allocate(wanted)
            else:
                self.spec["healthCheckNodePort"] = self.ports.allocate_next()
        except AllocationError as error:
            which = f"requested HealthCheck NodePort {wanted}" if wanted else "a HealthCheck NodePort 0"
            raise errors.internal_error(f"failed to allocate {which}: {error}") from None


def allocate_create(ctx: Context, obj: Object) -> Finish:
    """Raises StatusError."""
    normalize_cluster_ips(obj["spec"], None)
    transaction = _Transaction(ctx, obj)
    return _run(transaction, lambda: _create(transaction))


def allocate_update(ctx: Context, obj: Object, old: Object) -> Finish:
    """Raises StatusError."""
    patch_allocated(obj["spec"], old["spec"])
    normalize_cluster_ips(obj["spec"], old["spec"])
    transaction = _Transaction(ctx, obj)
    return _run(transaction, lambda: _update(transaction, old["spec"]))


def _run(transaction: _Transaction, allocate: Callable[[], None]) -> Finish:
    try:
        allocate()
    except errors.StatusError:
        transaction.finish(False)
        raise
    return transaction.finish


def _init_families(transaction: _Transaction, old: Spec | None) -> None:
    ctx = transaction.ctx
    configured = ctx.registry.allocators.cluster_ips.families
    if problems := init_families(transaction.spec, old, configured, strict_ips(ctx)):
        raise transaction.fail(problems)


def _create(transaction: _Transaction) -> None:
    spec = transaction.spec
    _init_families(transaction, None)
    _take_addresses(transaction)
    if needs_node_ports(spec):
        _init_node_ports(transaction)
    if needs_health_check(spec):
        transaction.take_health_check_port()


def _take_addresses(transaction: _Transaction) -> None:
    """One address for each family, those asked for or any."""
    spec = transaction.spec
    if spec.get("type") == EXTERNAL_NAME or is_headless(spec):
        return
    wanted = cluster_ips(spec)
    padded = [*wanted, *[""] * (len(ip_families(spec)) - len(wanted))]
    spec["clusterIPs"] = padded
    found = list(padded)
    for index, family in enumerate(ip_families(spec)):
        found[index] = transaction.take_address(family, padded[index])
    spec["clusterIPs"] = found
    spec["clusterIP"] = found[0]


def _init_node_ports(transaction: _Transaction) -> None:
    """A port that serves two protocols gets one node port for both."""
    spec = transaction.spec
    given: dict[int, int] = {}
    for index, port in enumerate(ports(spec)):
        if not port.get("nodePort") and not allocates_node_ports(spec):
            continue
        number = port.get("port") or 0
        if number not in given:
            wanted = _requested(spec, number)
            if wanted:
                transaction.take_port(index, wanted)
            port["nodePort"] = given[number] = wanted or transaction.take_any_port()
        elif not port.get("nodePort"):
            port["nodePort"] = given[number]
        elif port["nodePort"] != given[number]:
            transaction.take_port(index, port["nodePort"])


def _requested(spec: Spec, number: int) -> int:
    """The first node port asked for by a port of this number."""
    for port in ports(spec):
        if port.get("port") == number and port.get("nodePort"):
            return int(port["nodePort"])
    return 0


def _update(transaction: _Transaction, old: Spec) -> None:
    spec = transaction.spec
    _init_families(transaction, old)
    _update_addresses(transaction, old)
    if needs_node_ports(spec):
        _update_node_ports(transaction, old)
    elif needs_node_ports(old):
        for port in node_ports(old):
            transaction.ports.release(port)
    if needs_health_check(spec) and not needs_health_check(old):
        transaction.take_health_check_port()
    elif needs_health_check(old) and not needs_health_check(spec):
        transaction.ports.release(old.get("healthCheckNodePort") or 0)


def _update_addresses(transaction: _Transaction, old: Spec) -> None:
    """From and to ExternalName everything changes, else only the secondary address comes or goes."""
    spec = transaction.spec
    if keeps_prefer_dual_stack(spec, old):
        return
    if old.get("type") == EXTERNAL_NAME and spec.get("type") != EXTERNAL_NAME:
        _take_addresses(transaction)
        return
    if is_headless(old):
        return
    if old.get("type") != EXTERNAL_NAME and spec.get("type") == EXTERNAL_NAME:
        transaction.release_addresses(cluster_ips(old))
        return
    before, after = len(ip_families(old)), len(ip_families(spec))
    if (before, after) == (1, 2):
        addresses = cluster_ips(spec)
        wanted = addresses[1] if len(addresses) > 1 else ""
        spec["clusterIPs"] = [*addresses[:1], wanted]
        spec["clusterIPs"] = [*addresses[:1], transaction.take_address(ip_families(spec)[1], wanted)]
    elif (before, after) == (2, 1):
        transaction.release_addresses(cluster_ips(old)[1:])


def _update_node_ports(transaction: _Transaction, old: Spec) -> None:
    spec = transaction.spec
    kept, taken = set(node_ports(old)), set[int]()
    seen: set[tuple[str, int]] = set()
    for index, port in enumerate(ports(spec)):
        if not port.get("nodePort"):
            if not allocates_node_ports(spec):
                continue
            port["nodePort"] = transaction.take_any_port()
        elif port["nodePort"] not in kept and port["nodePort"] not in taken:
            transaction.take_port(index, port["nodePort"])
            taken.add(port["nodePort"])
        pair = (port.get("protocol") or "", port["nodePort"])
        if pair in seen:
            raise errors.unknown(f"duplicate nodePort: {{{pair[0]} {pair[1]}}}")
        seen.add(pair)
    for number in kept.difference(node_ports(spec)):
        transaction.ports.release(number)
