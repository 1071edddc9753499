"""What a cluster can be told, by keyword or by flag; flags that kube-apiserver or kube-controller-manager have keep
their names."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, fields
from typing import Any

from minikube_py.api.schema.facts import VERSIONS
from minikube_py.machinery import duration
from minikube_py.machinery.ipranges import parse_ranges
from minikube_py.store.store import HISTORY


class InvalidOption(ValueError):
    """An option's value makes no sense; str() is "name: reason"."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name, self.reason = name, reason


# Written out rather than as a pydantic model: importing pydantic alone takes 50 ms and 10 MB.
@dataclass(frozen=True, kw_only=True)
class Options:
    """Settings of one cluster. Raises InvalidOption for values that make no sense."""

    kubernetes_version: str = VERSIONS[-1]
    """The version it answers as: "1.25" to "1.37"."""
    service_cluster_ip_range: str = "10.96.0.0/16"
    service_node_port_range: str = "30000-32767"
    cluster_cidr: str = "10.244.0.0/16"
    """Where the networks of nodes come from, each a /24."""
    load_balancer_ip_range: str = "172.18.255.200-172.18.255.250"
    """The addresses of Services of type LoadBalancer: ranges and CIDRs, with commas between."""
    event_ttl: str = "1h0m0s"
    """How long Events are kept after their last change, as Go writes durations; 0 is for ever."""
    nodes: int = 3
    """Simulated nodes that exist from the start; at most 5,000."""
    controllers: str = "*"
    """Which controllers run, as kube-controller-manager takes it: "*,-deployment-controller". The scheduler, the
    nodes and who tells metrics are among them, as "kube-scheduler", "kubelet" and "metrics-server"."""
    seed: int | None = None
    """Fixes uids, name suffixes and jitter; None draws one."""
    clock: str = "real"
    """"real" or "virtual"."""
    lag: int = 0
    """At most so many turns of the event loop are informers behind the store; drawn from the seed."""
    history: int = HISTORY
    """Events kept of each resource for watches that resume."""
    check_mutations: bool = False
    """Find whoever changes a stored object in place (costs memory and time)."""

    @classmethod
    def of(cls, given: dict[str, Any]) -> Options:
        """Options by name. Raises InvalidOption, for names that are none too."""
        known = {field.name for field in fields(cls)}
        for name in given:
            if name not in known:
                raise InvalidOption(name, "Extra inputs are not permitted")
        return cls(**given)

    def __post_init__(self) -> None:
        for name in _TEXTS:
            if not isinstance(getattr(self, name), str):
                raise InvalidOption(name, "Input should be a string")
        if not isinstance(self.check_mutations, bool):
            raise InvalidOption("check_mutations", "Input should be a boolean")
        for name, least, most in (("nodes", 0, 5000), ("lag", 0, None), ("history", 1, None)):
            _check_integer(name, getattr(self, name), least, most)
        if self.seed is not None:
            _check_integer("seed", self.seed, None, None)
        if self.clock not in ("real", "virtual"):
            raise InvalidOption("clock", "Input should be 'real' or 'virtual'")
        object.__setattr__(self, "kubernetes_version", _known_version(self.kubernetes_version))
        _check_network(self.service_cluster_ip_range)
        _check_port_range(self.service_node_port_range)
        _check_cluster_cidr(self.cluster_cidr)
        _check_addresses(self.load_balancer_ip_range)
        _check_duration("event_ttl", self.event_ttl)


_TEXTS = (
    "service_cluster_ip_range",
    "service_node_port_range",
    "cluster_cidr",
    "load_balancer_ip_range",
    "event_ttl",
    "controllers",
    "clock",
)


def _check_integer(name: str, value: Any, least: int | None, most: int | None) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidOption(name, "Input should be a valid integer")
    if least is not None and value < least:
        raise InvalidOption(name, f"Input should be greater than or equal to {least}")
    if most is not None and value > most:
        raise InvalidOption(name, f"Input should be less than or equal to {most}")


def _known_version(value: Any) -> str:
    """ "1.36" of "v1.36.2"."""
    short = ".".join(str(value).removeprefix("v").split(".")[:2])
    if short not in VERSIONS:
        known = f"{VERSIONS[0]} to {VERSIONS[-1]}"
        raise InvalidOption("kubernetes_version", f"Kubernetes {value} is not known; there are {known}")
    return short


def _check_network(value: str) -> None:
    try:
        network = ipaddress.ip_network(value)
    except ValueError as error:
        raise InvalidOption("service_cluster_ip_range", str(error)) from None
    if network.num_addresses < 8:
        raise InvalidOption("service_cluster_ip_range", f"{value} has too few addresses for services")


def _check_cluster_cidr(value: str) -> None:
    try:
        network = ipaddress.IPv4Network(value)
    except ValueError as error:
        raise InvalidOption("cluster_cidr", str(error)) from None
    if network.prefixlen > 24:
        raise InvalidOption("cluster_cidr", f"{value} has no room for the /24 of a node")


def _check_addresses(value: str) -> None:
    try:
        parse_ranges(value)
    except ValueError as error:
        raise InvalidOption("load_balancer_ip_range", str(error)) from None


def _check_duration(name: str, value: str) -> None:
    try:
        seconds = duration.parse(value)
    except ValueError as error:
        raise InvalidOption(name, str(error)) from None
    if seconds < 0:
        raise InvalidOption(name, f"{value} is negative")


def _check_port_range(value: str) -> None:
    first, _, last = value.partition("-")
    if not (first.isdigit() and last.isdigit() and 0 < int(first) <= int(last) <= 65535):
        raise InvalidOption("service_node_port_range", f"{value} is no range of ports such as 30000-32767")
