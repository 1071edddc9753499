"""Cluster IPs, node ports, and what a Service holds of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from minikube_py.api.allocators import AllocationError, Allocators, ClusterIPs, Full, NodePortOperation, NodePorts
from minikube_py.machinery.random import Random


def cluster_ips(cidrs: str = "10.96.0.0/16") -> ClusterIPs:
    return ClusterIPs(cidrs, Random(1))


@pytest.mark.parametrize(
    ("address", "words"),
    [
        pytest.param("10.1.2.3", "the provided network does not match the current range", id="of no range"),
        pytest.param("fd00::1", "the provided network does not match the current range", id="of no family"),
        pytest.param(
            "10.96.0.0",
            "the provided IP (10.96.0.0) is not in the valid range. The range of valid IPs is 10.96.0.0/16",
            id="the network's own",
        ),
        pytest.param(
            "10.96.255.255",
            "the provided IP (10.96.255.255) is not in the valid range. The range of valid IPs is 10.96.0.0/16",
            id="the broadcast address",
        ),
        pytest.param("10.96.0.9", "provided IP is already allocated", id="taken"),
        pytest.param("010.096.0.9", "provided IP is already allocated", id="taken, in other words"),
        pytest.param("::ffff:10.96.0.9", "provided IP is already allocated", id="taken, as IPv6"),
    ],
)
def test_addresses_that_cannot_be_had(address: str, words: str) -> None:
    addresses = cluster_ips()
    addresses.allocate("10.96.0.9")
    with pytest.raises(AllocationError) as raised:
        addresses.allocate(address)
    assert str(raised.value) == words


def test_any_address_avoids_the_static_band() -> None:
    addresses = cluster_ips()
    found = [addresses.allocate_next("IPv4") for _ in range(100)]
    assert len(set(found)) == 100
    assert not [address for address in found if address.startswith("10.96.0.")]


def test_a_small_range_runs_out() -> None:
    addresses = cluster_ips("10.0.0.0/30")
    assert {addresses.allocate_next("IPv4") for _ in range(2)} == {"10.0.0.1", "10.0.0.2"}
    with pytest.raises(Full):
        addresses.allocate_next("IPv4")
    addresses.release("10.0.0.2")
    assert addresses.allocate_next("IPv4") == "10.0.0.2"


def test_two_families() -> None:
    addresses = cluster_ips("10.0.0.0/24,fd00::/112")
    assert addresses.families == ("IPv4", "IPv6")
    assert addresses.primary_family == "IPv4"
    assert addresses.first == "10.0.0.1"
    assert addresses.allocate_next("IPv6").startswith("fd00::")


def test_ranges_come_and_go() -> None:
    addresses = cluster_ips("10.0.0.0/30")
    addresses.offer(["10.1.0.0/30", "10.0.0.0/30"])
    assert {addresses.allocate_next("IPv4") for _ in range(2)} == {"10.0.0.1", "10.0.0.2"}
    assert len({addresses.allocate_next("IPv4") for _ in range(2)}) == 2
    addresses.release("10.1.0.1")
    addresses.offer(["10.0.0.0/30"])
    with pytest.raises(Full):
        addresses.allocate_next("IPv4")
    with pytest.raises(AllocationError, match="does not match"):
        addresses.allocate("10.1.0.1")
    addresses.offer(["10.1.0.0/30"])
    assert addresses.allocate_next("IPv4") == "10.1.0.1"
    with pytest.raises(AllocationError, match="does not match"):
        addresses.check("10.1.0.3")


@pytest.mark.parametrize(
    ("port", "words"),
    [
        pytest.param(
            8080,
            "provided port is not in the valid range. The range of valid ports is 30000-32767",
            id="below the range",
        ),
        pytest.param(
            32768,
            "provided port is not in the valid range. The range of valid ports is 30000-32767",
            id="above the range",
        ),
        pytest.param(30001, "provided port is already allocated", id="taken"),
    ],
)
def test_ports_that_cannot_be_had(port: int, words: str) -> None:
    ports = NodePorts("30000-32767", Random(1))
    ports.allocate(30001)
    with pytest.raises(AllocationError) as raised:
        ports.allocate(port)
    assert str(raised.value) == words


def test_a_range_of_one_port() -> None:
    ports = NodePorts("30000", Random(1))
    assert str(ports) == "30000-30000"
    assert ports.allocate_next() == 30000


def _take(operation: NodePortOperation) -> None:
    operation.allocate(30005)
    operation.release(30001)


@pytest.mark.parametrize(
    ("dry_run", "success", "held"),
    [
        pytest.param(False, True, {30005}, id="success gives back what was released"),
        pytest.param(False, False, {30001}, id="failure gives back what was taken"),
        pytest.param(True, True, {30001}, id="a dry run changes nothing"),
        pytest.param(True, False, {30001}, id="nor does one that fails"),
    ],
)
def test_an_operation_ends(dry_run: bool, success: bool, held: set[int]) -> None:
    ports = NodePorts("30000-30010", Random(1))
    ports.allocate(30001)
    operation = NodePortOperation(ports, dry_run)
    _take(operation)
    operation.finish(success)
    assert {port for port in range(30000, 30011) if ports.has(port)} == held


def test_a_dry_run_shows_dummies() -> None:
    operation = NodePortOperation(NodePorts("30000-30010", Random(1)), dry_run=True)
    assert [operation.allocate_next(), operation.allocate_next()] == [32769, 32770]
    with pytest.raises(AllocationError, match="already allocated"):
        operation.allocate(32769)


def service(**spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "s", "namespace": "n"}, "spec": spec}


SERVICES = [
    service(type="ClusterIP", clusterIPs=["10.96.0.7"]),
    service(type="ClusterIP", clusterIPs=["None"]),
    service(type="ExternalName", externalName="a.b"),
    service(
        type="LoadBalancer",
        clusterIPs=["10.96.0.8"],
        healthCheckNodePort=30009,
        ports=[{"port": 53, "protocol": "TCP", "nodePort": 30003}, {"port": 53, "protocol": "UDP", "nodePort": 30003}],
    ),
]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda allocators: None, id="from nothing"),
        pytest.param(lambda allocators: allocators.cluster_ips.allocate("10.96.0.99"), id="from more"),
        pytest.param(lambda allocators: allocators.rebuild(SERVICES), id="once more"),
    ],
)
def test_rebuild_holds_exactly_what_services_hold(change: Callable[[Allocators], None]) -> None:
    allocators = Allocators("10.96.0.0/16")
    change(allocators)
    allocators.rebuild(SERVICES)
    assert len(allocators.cluster_ips) == 2
    assert allocators.cluster_ips.has("10.96.0.7") and allocators.cluster_ips.has("10.96.0.8")
    assert len(allocators.node_ports) == 2
    assert allocators.node_ports.has(30003) and allocators.node_ports.has(30009)


def test_release_gives_back_all() -> None:
    allocators = Allocators("10.96.0.0/16")
    allocators.rebuild(SERVICES)
    for held in SERVICES:
        allocators.release(held)
    assert len(allocators.cluster_ips) == len(allocators.node_ports) == 0
