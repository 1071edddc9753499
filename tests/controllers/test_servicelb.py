"""Load balancers of Services: what wants one, which address it gets, and its life through the API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from minikube_py.controllers.servicelb import CONTROLLER
from minikube_py.controllers.servicelb.backends import EXCLUDED
from minikube_py.controllers.servicelb.balancers import Balancers, NoAddress, shown
from minikube_py.controllers.servicelb.wants import FINALIZER, changes, needs_cleanup, wants_load_balancer
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.ipranges import parse_ranges
from minikube_py.machinery.meta import finalizers, key
from minikube_py.machinery.wellknown import NODES, SERVICES
from tests.controllers.apiworld import LAGS, ApiWorld, add_node, api_world, events

FIRST, SECOND = "172.18.255.200", "172.18.255.201"


def service(name: str = "web", *, type: str = "LoadBalancer", uid: str = "u", **spec: Any) -> Object:
    body = {"type": type, "ports": [{"port": 80, "targetPort": 8080}], **spec}
    return {"metadata": {"name": name, "namespace": "default", "uid": uid}, "spec": body}


def marked(obj: Object, **metadata: Any) -> Object:
    return {**obj, "metadata": {**obj["metadata"], "finalizers": [FINALIZER], **metadata}}


@pytest.mark.parametrize(
    ("given", "wants", "cleanup"),
    [
        pytest.param(service(), True, False, id="new"),
        pytest.param(service(type="ClusterIP"), False, False, id="another-type"),
        pytest.param(service(loadBalancerClass="a/b"), False, False, id="a-class"),
        pytest.param(marked(service()), True, False, id="marked"),
        pytest.param(marked(service(), deletionTimestamp="now"), True, True, id="deleted"),
        pytest.param(marked(service(type="ClusterIP")), False, True, id="changed-type"),
    ],
)
def test_wants(given: Object, wants: bool, cleanup: bool) -> None:
    assert (wants_load_balancer(given), needs_cleanup(given)) == (wants, cleanup)


PORTS = [{"port": 81, "targetPort": 8080}]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param(service(), service(), None, id="nothing"),
        pytest.param(service(type="ClusterIP"), service(type="NodePort"), None, id="none-of-ours"),
        pytest.param(service(), marked(service()), None, id="finalizer"),
        pytest.param(service(type="NodePort"), service(), ["Type: NodePort -> LoadBalancer"], id="type"),
        pytest.param(service(), service(ports=PORTS), [], id="ports"),
        pytest.param(service(), service(sessionAffinity="ClientIP"), [], id="affinity"),
        pytest.param(service(), marked(service(), annotations={"a": "b"}), [], id="annotations"),
        pytest.param(
            service(),
            service(loadBalancerSourceRanges=["10.0.0.0/8", "10.0.0.0/9"]),
            ["LoadBalancerSourceRanges: [] -> [10.0.0.0/8 10.0.0.0/9]"],
            id="sources",
        ),
        pytest.param(service(), service(loadBalancerIP="1.2.3.4"), ["LoadbalancerIP:  -> 1.2.3.4"], id="address"),
        pytest.param(service(), service(externalIPs=["1.1.1.1"]), ["ExternalIP: Count: 0 -> 1"], id="external-count"),
        pytest.param(
            service(externalIPs=["1.1.1.1"]), service(externalIPs=["2.2.2.2"]), ["ExternalIP: Added: 2.2.2.2"], id="ext"
        ),
        pytest.param(service(), service(uid="v"), ["UID: u -> v"], id="made-anew"),
        pytest.param(
            service(externalTrafficPolicy="Cluster"),
            service(externalTrafficPolicy="Local", healthCheckNodePort=30001),
            ["ExternalTrafficPolicy: Cluster -> Local"],
            id="policy",
        ),
        pytest.param(
            service(), service(healthCheckNodePort=30001), ["HealthCheckNodePort: 0 -> 30001"], id="health-check"
        ),
        pytest.param(
            service(ipFamilies=["IPv4"]),
            service(ipFamilies=["IPv4", "IPv6"]),
            ["IPFamilies: Count: 1 -> 2"],
            id="families",
        ),
        pytest.param(service(), service(ports=PORTS, loadBalancerIP="1.2.3.4"), [], id="the-first-counts"),
    ],
)
def test_changes(old: Object, new: Object, told: list[str] | None) -> None:
    found = changes(old, new)
    assert (found if found is None else [f"{each.reason}: {each.message}" for each in found]) == told


def with_status(obj: Object, *ips: str) -> Object:
    return {**obj, "status": {"loadBalancer": {"ingress": [{"ip": ip, "ipMode": "VIP"} for ip in ips]}}}


V4, BOTH = "10.0.0.1-10.0.0.2", "10.0.0.1-10.0.0.2,fd00::/126"
DUAL = ["IPv6", "IPv4"]


@pytest.mark.parametrize(
    ("ranges", "given", "expected"),
    [
        pytest.param(V4, [service()], [("10.0.0.1",)], id="first"),
        pytest.param(V4, [service("a"), service("b")], [("10.0.0.1",), ("10.0.0.2",)], id="next"),
        pytest.param(V4, [service("a"), service("a")], [("10.0.0.1",), ("10.0.0.1",)], id="again-the-same"),
        pytest.param(V4, [service(loadBalancerIP="10.0.0.2")], [("10.0.0.2",)], id="asked"),
        pytest.param(
            V4,
            [service("a"), service("b", loadBalancerIP="10.0.0.1")],
            [("10.0.0.1",), "10.0.0.1 is in use by service default/a"],
            id="asked-but-in-use",
        ),
        pytest.param(V4, [service(loadBalancerIP="1.2.3.4")], [f"1.2.3.4 is not in {V4}"], id="asked-too-much"),
        pytest.param(
            V4,
            [service("a"), service("b"), service("c")],
            [("10.0.0.1",), ("10.0.0.2",), f"no address is free in {V4}"],
            id="full",
        ),
        pytest.param(V4, [service("a"), service("a", loadBalancerIP="10.0.0.2"), service("b")], None, id="moved"),
        pytest.param(V4, [with_status(service(), "10.0.0.2")], [("10.0.0.2",)], id="keeps-what-it-shows"),
        pytest.param(V4, [with_status(service(), "9.9.9.9")], [("10.0.0.1",)], id="shows-what-is-not-ours"),
        pytest.param(BOTH, [service(ipFamilies=DUAL)], [("fd00::", "10.0.0.1")], id="dual"),
        pytest.param(V4, [service(ipFamilies=DUAL)], [("10.0.0.1",)], id="dual-but-one-range"),
        pytest.param(V4, [service(ipFamilies=["IPv6"])], [f"there are no IPv6 addresses in {V4}"], id="no-range"),
    ],
)
def test_addresses(ranges: str, given: list[Object], expected: list[Any] | None) -> None:
    services = {key(each): each for each in given}
    balancers = Balancers(parse_ranges(ranges), services.get)
    found: list[Any] = []
    for each in given:
        try:
            found.append(balancers.ensure(each))
        except NoAddress as error:
            found.append(str(error))
    assert found == (expected or [("10.0.0.1",), ("10.0.0.2",), ("10.0.0.1",)])


def test_addresses_of_what_is_gone_are_free() -> None:
    services = {key(each): each for each in (service("a"), service("b"))}
    balancers = Balancers(parse_ranges("10.0.0.1/32"), services.get)
    balancers.ensure(services.pop(key(service("a"))))
    assert balancers.ensure(service("b")) == ("10.0.0.1",)
    balancers.delete(key(service("a")))
    assert service("b") in balancers and service("a") not in balancers
    with pytest.raises(NoAddress):
        balancers.ensure(service("c"))


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    async with api_world(request.param) as world:
        await add_node(world)
        world.run(CONTROLLER)
        await world.settle()
        yield world


async def create(world: ApiWorld, name: str = "web", **spec: Any) -> Object:
    made = service(name, **spec)
    del made["metadata"]["uid"]
    return await world.client.create(SERVICES, made)


async def current(world: ApiWorld, name: str = "web") -> Object:
    await world.settle()
    return await world.client.get(SERVICES, "default", name)


ENSURED = ["Normal EnsuringLoadBalancer: Ensuring load balancer", "Normal EnsuredLoadBalancer: Ensured load balancer"]
DELETED = ["Normal DeletingLoadBalancer: Deleting load balancer", "Normal DeletedLoadBalancer: Deleted load balancer"]


async def test_a_life(world: ApiWorld) -> None:
    await create(world)
    found = await current(world)
    assert found["status"] == {"loadBalancer": {"ingress": [{"ip": FIRST, "ipMode": "VIP"}]}}
    assert finalizers(found) == [FINALIZER]
    assert await events(world) == ENSURED
    await world.client.delete(SERVICES, "default", "web")
    with pytest.raises(StatusError) as caught:
        await current(world)
    assert is_not_found(caught.value)
    assert await events(world) == [*ENSURED, *DELETED]
    await create(world, "next")
    assert shown(await current(world, "next")) == [FIRST]


async def test_a_type_changes_and_back(world: ApiWorld) -> None:
    await create(world, type="ClusterIP")
    assert finalizers(await current(world)) == []
    await world.client.patch(SERVICES, "default", "web", {"spec": {"type": "LoadBalancer"}})
    assert shown(await current(world)) == [FIRST]
    await world.client.patch(SERVICES, "default", "web", {"spec": {"type": "NodePort"}})
    found = await current(world)
    assert shown(found) == [] and finalizers(found) == []
    told = [each for each in await events(world) if "Type" in each]
    assert told == ["Normal Type: ClusterIP -> LoadBalancer", "Normal Type: LoadBalancer -> NodePort"]
    assert (await events(world))[-2:] == DELETED


async def test_a_class_is_somebody_elses(world: ApiWorld) -> None:
    await create(world, loadBalancerClass="example.com/other")
    found = await current(world)
    assert shown(found) == [] and finalizers(found) == [] and await events(world) == []


async def test_an_address_that_is_asked_for(world: ApiWorld) -> None:
    await create(world, loadBalancerIP=SECOND)
    assert shown(await current(world)) == [SECOND]
    await create(world, "late", loadBalancerIP=SECOND)
    assert shown(await current(world, "late")) == []
    why = f"failed to ensure load balancer: {SECOND} is in use by service default/web"
    assert (await events(world))[-1] == f"Warning SyncLoadBalancerFailed: Error syncing load balancer: {why}"
    await world.client.delete(SERVICES, "default", "web")
    await world.advance(20)
    assert shown(await current(world, "late")) == [SECOND]


async def test_a_restart_keeps_addresses(world: ApiWorld) -> None:
    for name in ("a", "b"):
        await create(world, name)
        await world.settle()
    await world.client.delete(SERVICES, "default", "a")
    await world.settle()
    assert world.manager is not None
    await world.manager.stop()
    world.run(CONTROLLER)
    await create(world, "c")
    assert [shown(await current(world, name)) for name in ("b", "c")] == [[SECOND], [FIRST]]


async def test_a_snapshot_brings_addresses_back(world: ApiWorld) -> None:
    await create(world, "a")
    await world.settle()
    snapshot = world.store.snapshot()
    await world.client.delete(SERVICES, "default", "a")
    await world.settle()
    await create(world, "b")
    assert shown(await current(world, "b")) == [FIRST]
    world.store.restore(snapshot)
    assert shown(await current(world, "a")) == [FIRST]
    await create(world, "c")
    assert shown(await current(world, "c")) == [SECOND]


async def test_nodes_come_and_go(world: ApiWorld) -> None:
    await create(world)
    await world.settle()
    await add_node(world, "other")
    await world.settle()
    assert (await events(world))[2:] == ["Normal UpdatedLoadBalancer: Updated load balancer with new hosts"]
    for name in ("node", "other"):
        await world.client.patch(NODES, "", name, {"metadata": {"labels": {EXCLUDED: ""}}})
    await world.settle()
    unavailable = "Warning UnAvailableLoadBalancer: There are no available nodes for LoadBalancer"
    assert (await events(world))[-1] == unavailable
    await create(world, "late")
    assert shown(await current(world, "late")) == [SECOND]
    assert (await events(world))[-3:] == [ENSURED[0], unavailable, ENSURED[1]]
