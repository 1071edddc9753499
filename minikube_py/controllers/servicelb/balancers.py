"""The simulated cloud: the load balancers there are, and the addresses that they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.ipnet import Address, parse_ip
from minikube_py.machinery.ipranges import IPRange
from minikube_py.machinery.meta import key, uid


class NoAddress(Exception):
    """A load balancer cannot be had; str() says why."""


class Balancer(NamedTuple):
    uid: str
    """Of its Service."""
    addresses: tuple[str, ...]


def shown(service: Object) -> list[str]:
    """The addresses in its status."""
    ingress = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    return [each["ip"] for each in ingress if each.get("ip")]


class Balancers:
    """Each Service has one address of each of its families that a range has. In this order it gets:

    what it asks for in loadBalancerIP, what it has, what its status shows (from before a restore), the first free one

    `find` looks a Service up: what belonged to one that is gone, or was made anew, is free.
    """

    def __init__(self, ranges: Sequence[IPRange], find: Callable[[NamespacedName], Object | None]) -> None:
        self._ranges = ranges
        self._find = find
        self._balancers: dict[NamespacedName, Balancer] = {}
        self._holders: dict[str, NamespacedName] = {}

    def __contains__(self, service: Object) -> bool:
        found = self._balancers.get(key(service))
        return found is not None and found.uid == uid(service)

    @property
    def services(self) -> Iterable[NamespacedName]:
        """Those that have one."""
        return tuple(self._balancers)

    def ensure(self, service: Object) -> tuple[str, ...]:
        """The addresses of its load balancer, which is made if there is none. Raises NoAddress."""
        where = key(service)
        families = service["spec"].get("ipFamilies") or ["IPv4"]
        served = [family for family in families if any(each.family == family for each in self._ranges)]
        if not served:
            raise NoAddress(f"there are no {families[0]} addresses in {self._text()}")
        had = self._balancers[where].addresses if service in self else ()
        preferred = [*had, *shown(service)]
        asked = service["spec"].get("loadBalancerIP") or ""
        if asked:
            self._check(where, asked, served)
            preferred.insert(0, asked)
        addresses = tuple(self._choose(where, family, preferred) for family in served)
        self.delete(where)
        self._balancers[where] = Balancer(uid(service), addresses)
        self._holders.update(dict.fromkeys(addresses, where))
        return addresses

    def delete(self, where: NamespacedName) -> None:
        """Its addresses are free again; idempotent."""
        gone = self._balancers.pop(where, None)
        for address in gone.addresses if gone is not None else ():
            if self._holders.get(address) == where:
                del self._holders[address]

    def _check(self, where: NamespacedName, asked: str, served: Sequence[str]) -> None:
        """Raises NoAddress for one that cannot be given."""
        address = parse_ip(asked)
        if address is None or self._range(address) is None or f"IPv{address.version}" not in served:
            raise NoAddress(f"{asked} is not in {self._text()}")
        if not self._is_free(str(address), where):
            raise NoAddress(f"{asked} is in use by service {self._holders[str(address)]}")

    def _choose(self, where: NamespacedName, family: str, preferred: Iterable[str]) -> str:
        """Raises NoAddress."""
        for text in preferred:
            address = parse_ip(text)
            found = self._range(address) if address is not None else None
            if found is not None and found.family == family and self._is_free(str(address), where):
                return str(address)
        for each in self._ranges:
            if each.family == family:
                for number in range(int(each.first), int(each.last) + 1):
                    candidate = str(type(each.first)(number))
                    if self._is_free(candidate, where):
                        return candidate
        raise NoAddress(f"no address is free in {self._text()}")

    def _is_free(self, address: str, where: NamespacedName) -> bool:
        holder = self._holders.get(address)
        if holder is None or holder == where:
            return True
        service = self._find(holder)
        return service is None or service not in self

    def _range(self, address: Address) -> IPRange | None:
        return next((each for each in self._ranges if address in each), None)

    def _text(self) -> str:
        return ",".join(map(str, self._ranges))
