"""Networks for the pods of nodes that come without one."""

from __future__ import annotations

import dataclasses
from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.controllers.nodeipam import CONTROLLER
from minikube_py.controllers.nodeipam.cidrset import CidrSet, NoneRemaining
from minikube_py.controllers.runtime import Context, Descriptor, Runnable
from minikube_py.controllers.runtime.settings import Settings
from minikube_py.machinery.errors import bad_request
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import EVENTS, NODES
from tests.controllers.conftest import World


@pytest.mark.parametrize(
    ("cluster", "held", "expected"),
    [
        pytest.param("10.244.0.0/23", [], ["10.244.0.0/24", "10.244.1.0/24", ""], id="in order"),
        pytest.param("10.244.0.0/24", [], ["10.244.0.0/24", ""], id="one"),
        pytest.param("10.244.0.0/22", ["10.244.1.0/24"], ["10.244.0.0/24", "10.244.2.0/24"], id="held"),
        pytest.param("10.244.0.0/22", ["10.244.0.0/23"], ["10.244.2.0/24", "10.244.3.0/24", ""], id="larger"),
        pytest.param("10.244.0.0/23", ["10.244.0.128/25"], ["10.244.1.0/24", ""], id="smaller"),
        pytest.param("10.244.0.0/23", ["10.0.0.0/8"], [""], id="the whole"),
        pytest.param("10.244.0.0/24", ["10.244.1.0/24", "10.243.255.0/24"], ["10.244.0.0/24"], id="outside"),
        pytest.param("10.244.0.0/24", ["fd00::/64"], ["10.244.0.0/24"], id="the other family"),
    ],
)
def test_networks(cluster: str, held: list[str], expected: list[str]) -> None:
    cidrs = CidrSet(cluster)
    for each in held:
        cidrs.hold(each, "other")
    for number, network in enumerate(expected):
        if network:
            assert cidrs.allocate(str(number)) == network
        else:
            with pytest.raises(NoneRemaining):
                cidrs.allocate(str(number))


def test_what_is_released_comes_last() -> None:
    cidrs = CidrSet("10.244.0.0/22")
    first, second = cidrs.allocate("a"), cidrs.allocate("b")
    cidrs.hold(second, "also b")
    cidrs.release(first, "a")
    cidrs.release(second, "b")
    assert [cidrs.allocate("c") for _ in range(3)] == ["10.244.2.0/24", "10.244.3.0/24", first]
    with pytest.raises(NoneRemaining):
        cidrs.allocate("c")


@given(st.lists(st.one_of(st.none(), st.integers(0, 7)), max_size=40))
def test_no_two_overlap(steps: list[int | None]) -> None:
    """None allocates; a number releases what was allocated so many networks ago."""
    cidrs = CidrSet("10.0.0.0/21")
    held: list[str] = []
    for step in steps:
        if step is None and len(held) < 8:
            held.append(cidrs.allocate("x"))
        elif step is not None and step < len(held):
            cidrs.release(held.pop(step), "x")
    networks = [IPv4Network(each) for each in held]
    assert not any(one.overlaps(other) for one in networks for other in networks if one is not other)


def configured(**settings: str) -> Descriptor:
    """The controller with other settings."""

    def new(context: Context) -> Runnable:
        return CONTROLLER.new(dataclasses.replace(context, settings=Settings(**settings)))

    return Descriptor(CONTROLLER.name, new)


async def add(world: World, name: str, *cidrs: str) -> None:
    spec = {"podCIDR": cidrs[0], "podCIDRs": list(cidrs)} if cidrs else {}
    await world.client.create(NODES, {"metadata": {"name": name}, "spec": spec})


async def networks(world: World) -> dict[str, str]:
    await world.settle()
    nodes = (await world.client.list(NODES)).items
    assert all(each["spec"].get("podCIDRs", [""])[0] == each["spec"].get("podCIDR", "") for each in nodes)
    return {each["metadata"]["name"]: each["spec"].get("podCIDR", "") for each in nodes}


async def events(world: World) -> list[tuple[str, str, Object]]:
    items = (await world.client.list(EVENTS)).items
    return [(each["reason"], each["message"], each["involvedObject"]) for each in items]


async def test_nodes_get_what_is_free(world: World) -> None:
    await add(world, "a", "10.244.0.0/24")
    world.run(CONTROLLER)
    await world.settle()
    await add(world, "b")
    await add(world, "c", "10.244.1.0/24")
    await world.settle()
    await add(world, "d")
    found = await networks(world)
    assert found["a"] == "10.244.0.0/24" and found["c"] == "10.244.1.0/24"
    assert found["d"] not in ("", found["a"], found["b"], found["c"]) and found["b"]


async def test_a_node_that_goes_leaves_its_network(world: World) -> None:
    world.run(configured(cluster_cidr="10.244.0.0/23"))
    await add(world, "a")
    await add(world, "b")
    assert await networks(world) == {"a": "10.244.0.0/24", "b": "10.244.1.0/24"}
    await add(world, "c")
    await world.settle()
    ((reason, message, about),) = await events(world)
    uid = (await world.client.get(NODES, "", "c"))["metadata"]["uid"]
    assert (reason, message) == ("CIDRNotAvailable", "Node c status is now: CIDRNotAvailable")
    assert about == {"apiVersion": "v1", "kind": "Node", "name": "c", "uid": uid}
    await world.client.delete(NODES, "", "a")
    await world.advance(1000)
    assert await networks(world) == {"b": "10.244.1.0/24", "c": "10.244.0.0/24"}


async def test_the_services_keep_their_part(world: World) -> None:
    world.run(configured(cluster_cidr="10.96.0.0/22", service_cluster_ip_range="10.96.0.0/23"))
    await add(world, "a")
    assert await networks(world) == {"a": "10.96.2.0/24"}


async def test_what_cannot_be_written_is_told_and_tried_again(world: World) -> None:
    failures = iter([bad_request("no")] * 3)
    world.client.reaction = lambda verb, *_: next(failures, None) if verb == "patch" else None
    world.run(CONTROLLER)
    await add(world, "a")
    assert await networks(world) == {"a": "10.244.1.0/24"}
    assert [reason for reason, _, _ in await events(world)] == ["CIDRAssignmentFailed"]
