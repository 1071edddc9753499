"""Ranges of Services' addresses: ready, and held as long as addresses need them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from ipaddress import ip_address

import pytest

from minikube_py.cluster import Cluster
from minikube_py.controllers.servicecidr import (
    CONTROLLER,
    FINALIZER,
    IP_ADDRESSES,
    SERVICE_CIDRS,
    address_of,
    containing,
    may_go,
    overlapping,
)
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import finalizers, name
from minikube_py.machinery.wellknown import SERVICES


def cidr(called: str, *cidrs: str) -> Object:
    return {"metadata": {"name": called}, "spec": {"cidrs": list(cidrs)}}


ONE = cidr("one", "10.0.0.0/24")


@pytest.mark.parametrize(
    ("others", "addresses", "expected"),
    [
        pytest.param([], [], True, id="no-addresses"),
        pytest.param([], ["10.0.0.7"], False, id="an-address"),
        pytest.param([], ["10.0.1.7", "fd00::1"], True, id="other-addresses"),
        pytest.param([], ["10.0.0.0", "10.0.0.255"], True, id="addresses-that-are-not-given"),
        pytest.param([cidr("two", "10.0.0.0/16")], ["10.0.0.7"], True, id="within-another"),
        pytest.param([cidr("two", "10.0.0.0/24")], ["10.0.0.7"], True, id="the-same-again"),
        pytest.param([cidr("two", "10.0.0.0/25")], ["10.0.0.7"], True, id="part-of-it-is-enough"),
        pytest.param([cidr("two", "10.0.0.0/25")], ["10.0.0.200"], False, id="part-of-it-is-not-enough"),
        pytest.param([cidr("two", "10.0.0.0/29")], ["10.0.0.7"], False, id="the-last-of-the-other-is-not-given"),
        pytest.param([cidr("two", "fd00::/64")], ["10.0.0.7"], False, id="the-other-family"),
    ],
)
def test_may_go(others: list[Object], addresses: list[str], expected: bool) -> None:
    assert may_go(ONE, [ONE, *others], map(ip_address, addresses)) is expected


def test_both_families_must_be_held() -> None:
    dual = cidr("dual", "10.0.0.0/24", "fd00::/64")
    used = [ip_address("fd00::1")]
    assert not may_go(dual, [dual, ONE], used)
    assert may_go(dual, [dual, ONE, cidr("six", "fd00::/60")], used)


def test_which_are_concerned() -> None:
    ranges = [ONE, cidr("wide", "10.0.0.0/8"), cidr("far", "192.168.0.0/24"), cidr("six", "::/8")]
    assert [name(each) for each in overlapping(ranges, ONE)] == ["one", "wide"]
    assert [name(each) for each in containing(ranges, ip_address("10.0.0.0"))] == []
    assert [name(each) for each in containing(ranges, ip_address("10.0.0.1"))] == ["one", "wide"]


def test_whose_addresses_count() -> None:
    labels = {"ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io"}
    assert address_of({"metadata": {"name": "10.0.0.1", "labels": labels}}) == ip_address("10.0.0.1")
    assert address_of({"metadata": {"name": "10.0.0.1"}}) is None


@pytest.fixture(params=[pytest.param(0, id="fresh"), pytest.param(3, id="lagging")])
async def cluster(request: pytest.FixtureRequest) -> AsyncIterator[Cluster]:
    options = {"clock": "virtual", "seed": 1, "check_mutations": True, "lag": request.param, "nodes": 0}
    async with Cluster(port=None, controllers=CONTROLLER.name, **options) as cluster:
        yield cluster


async def current(cluster: Cluster, called: str) -> Object:
    await cluster.settle()
    return await cluster.client.get(SERVICE_CIDRS, "", called)


def ready(found: Object) -> tuple[str, str]:
    (condition,) = found["status"]["conditions"]
    return condition["status"], condition["reason"]


async def is_gone(cluster: Cluster, called: str) -> bool:
    try:
        await current(cluster, called)
    except StatusError as error:
        assert is_not_found(error)
        return True
    return False


async def add_address(cluster: Cluster, called: str) -> None:
    labels = {"ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io"}
    parent = {"resource": "services", "namespace": "default", "name": "web"}
    body = {"metadata": {"name": called, "labels": labels}, "spec": {"parentRef": parent}}
    await cluster.client.create(IP_ADDRESSES, body)


async def test_a_range_is_ready_and_goes_after_a_while(cluster: Cluster) -> None:
    await cluster.client.create(SERVICE_CIDRS, cidr("mine", "10.7.0.0/24"))
    for called in ("kubernetes", "mine"):
        found = await current(cluster, called)
        assert ready(found) == ("True", "") and finalizers(found) == [FINALIZER]
        assert found["status"]["conditions"][0]["message"] == "Kubernetes Service CIDR is ready"
    await cluster.client.delete(SERVICE_CIDRS, "", "mine")
    await cluster.advance(9)
    assert ready(await current(cluster, "mine")) == ("True", "")
    await cluster.advance(1)
    assert await is_gone(cluster, "mine")


async def test_addresses_hold_a_range(cluster: Cluster) -> None:
    await cluster.client.create(SERVICE_CIDRS, cidr("mine", "10.7.0.0/24"))
    await add_address(cluster, "10.7.0.9")
    await cluster.settle()
    await cluster.client.delete(SERVICE_CIDRS, "", "mine")
    await cluster.advance(60)
    assert ready(await current(cluster, "mine")) == ("False", "Terminating")
    await cluster.client.delete(IP_ADDRESSES, "", "10.7.0.9")
    assert await is_gone(cluster, "mine")


async def test_a_wider_range_sets_one_free(cluster: Cluster) -> None:
    await cluster.client.create(SERVICE_CIDRS, cidr("mine", "10.7.0.0/24"))
    await add_address(cluster, "10.7.0.9")
    await cluster.settle()
    await cluster.client.delete(SERVICE_CIDRS, "", "mine")
    await cluster.advance(60)
    await cluster.client.create(SERVICE_CIDRS, cidr("wider", "10.7.0.0/16"))
    assert await is_gone(cluster, "mine")


async def test_services_get_addresses_of_ranges_that_are_ready(cluster: Cluster) -> None:
    async def add_service(called: str, address: str) -> Object:
        spec = {"clusterIP": address, "ports": [{"port": 80}]}
        body = {"metadata": {"name": called, "namespace": "default"}, "spec": spec}
        return await cluster.client.create(SERVICES, body)

    await cluster.client.create(SERVICE_CIDRS, cidr("mine", "10.7.0.0/29"))
    await cluster.settle()
    assert (await add_service("a", "10.7.0.1"))["spec"]["clusterIPs"] == ["10.7.0.1"]
    assert name(await cluster.client.get(IP_ADDRESSES, "", "10.7.0.1")) == "10.7.0.1"
    with pytest.raises(StatusError, match="provided IP is already allocated"):
        await add_service("b", "10.7.0.1")
    await cluster.client.delete(SERVICE_CIDRS, "", "mine")
    assert ready(await current(cluster, "mine")) == ("False", "Terminating")
    with pytest.raises(StatusError, match="the provided network does not match the current range"):
        await add_service("b", "10.7.0.2")
    await cluster.client.delete(SERVICES, "default", "a")
    await cluster.advance(10)
    assert await is_gone(cluster, "mine")


async def test_a_deleted_range_gives_no_addresses(cluster: Cluster) -> None:
    await cluster.client.delete(SERVICE_CIDRS, "", "kubernetes")
    assert ready(await current(cluster, "kubernetes")) == ("False", "Terminating")
    service = {"metadata": {"name": "a", "namespace": "default"}, "spec": {"ports": [{"port": 80}]}}
    with pytest.raises(StatusError, match='failed to allocate a serviceIP for Service "a": range is full'):
        await cluster.client.create(SERVICES, service)
    await cluster.client.create(SERVICE_CIDRS, cidr("more", "10.7.0.0/24"))
    assert (await cluster.client.create(SERVICES, service))["spec"]["clusterIP"].startswith("10.7.0.")


async def test_versions_without_them_do_without_it() -> None:
    async with Cluster(port=None, nodes=0, kubernetes_version="1.32", clock="virtual") as cluster:
        await cluster.settle()
        assert cluster.managers[0].busy() == []
