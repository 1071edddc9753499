"""Nodes that somebody makes, and that are simulated then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from minikube_py.controllers.kubelet import kubelet_descriptor
from minikube_py.controllers.kubelet.nodes import FAKE, as_given, next_free, node_status, numbered
from minikube_py.controllers.scheduler import SCHEDULER
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import LEASES, NODES
from tests.scheduler.pods import PodWorld, pod

CAPACITY = {"cpu": "2", "memory": "4Gi", "pods": "10"}


def fake(name: str = "fake", status: Object | None = None, **spec: Any) -> Object:
    metadata = {"name": name, "annotations": {FAKE: "fake"}, "labels": {"type": "kwok"}}
    return {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "spec": spec, "status": status or {}}


async def begun(world: PodWorld, nodes: int = 0, **more: Any) -> None:
    world.run(kubelet_descriptor(nodes, **more), SCHEDULER)
    await world.settle()


async def test_a_fake_node_lives(world: PodWorld) -> None:
    await begun(world)
    await world.client.create(NODES, fake(status={"capacity": CAPACITY, "nodeInfo": {"kubeletVersion": "fake"}}))
    await world.create(pod())
    await world.advance(20)
    [node] = (await world.client.list(NODES)).items
    status = node["status"]
    assert status["capacity"] == status["allocatable"] == CAPACITY
    assert status["nodeInfo"]["kubeletVersion"] == "fake" and status["nodeInfo"]["operatingSystem"] == "linux"
    assert node["metadata"]["labels"].items() >= {"type": "kwok", "kubernetes.io/hostname": "fake"}.items()
    assert "True" in [each["status"] for each in status["conditions"] if each["type"] == "Ready"]
    lease = await world.client.get(LEASES, "kube-node-lease", "fake")
    assert lease["spec"]["renewTime"] == "2026-01-01T00:00:20.000000Z"
    found = await world.get()
    assert (found["spec"]["nodeName"], found["status"]["phase"]) == ("fake", "Running")
    assert found["status"]["hostIP"] == status["addresses"][0]["address"]


async def test_it_ends_with_its_node_and_lives_again_with_another(world: PodWorld) -> None:
    await begun(world)
    await world.client.create(NODES, fake(podCIDR="10.9.0.0/24"))
    await world.settle()
    await world.client.delete(NODES, "", "fake")
    await world.create(pod("lost", nodeName="fake"))
    await world.advance(20)
    assert (await world.get("lost"))["status"]["phase"] == "Pending"
    await world.client.create(NODES, fake(podCIDR="10.9.0.0/24"))
    await world.settle()
    assert (await world.get("lost"))["status"]["podIP"] == "10.9.0.2"


async def test_nodes_that_are_not_fake_are_others(world: PodWorld) -> None:
    await begun(world)
    await world.client.create(NODES, {"metadata": {"name": "alien"}})
    await world.advance(20)
    [node] = (await world.client.list(NODES)).items
    assert "conditions" not in node["status"]
    await world.client.patch(NODES, "", "alien", {"metadata": {"annotations": {FAKE: "fake"}}})
    await world.settle()
    [node] = (await world.client.list(NODES)).items
    assert node["status"]["capacity"]["cpu"] == "32"


async def test_all_may_be_taken_on(world: PodWorld) -> None:
    await begun(world, takes_on=lambda node: True)
    await world.client.create(NODES, {"metadata": {"name": "alien"}})
    await world.create(pod())
    await world.settle()
    assert await world.placed() == {"a": "alien"}


async def test_addresses_are_of_one_node_each(world: PodWorld) -> None:
    await begun(world, nodes=1)
    await world.client.create(NODES, fake("one"))
    await world.client.create(NODES, fake("two"))
    await world.settle()
    addresses = [each["status"]["addresses"][0]["address"] for each in (await world.client.list(NODES)).items]
    assert sorted(addresses) == ["172.18.0.2", "172.18.0.3", "172.18.0.4"]


async def test_resources_that_others_tell_of_stay(world: PodWorld) -> None:
    await begun(world, nodes=1)
    gpu = {"status": {"capacity": {"example.com/gpu": "4"}}}
    await world.client.patch(NODES, "", "node-1", gpu, subresource="status")
    await world.advance(310)
    [node] = (await world.client.list(NODES)).items
    assert node["status"]["allocatable"]["example.com/gpu"] == "4" and node["status"]["capacity"]["cpu"] == "32"


@pytest.mark.parametrize(
    ("made", "address", "cidr", "version", "capacity"),
    [
        pytest.param(fake(), "172.18.0.2", "10.244.0.0/24", "v1.36.0", "32", id="nothing-said"),
        pytest.param(
            fake(status={"addresses": [{"type": "InternalIP", "address": "192.168.0.7"}]}),
            "192.168.0.7",
            "10.244.0.0/24",
            "v1.36.0",
            "32",
            id="address",
        ),
        pytest.param(fake(podCIDR="10.1.0.0/16"), "172.18.0.2", "10.1.0.0/16", "v1.36.0", "32", id="network"),
        pytest.param(fake(podCIDR="fd00::/64"), "172.18.0.2", "10.244.0.0/24", "v1.36.0", "32", id="of-ipv6"),
        pytest.param(
            fake(status={"allocatable": {"cpu": "1"}, "nodeInfo": {"kubeletVersion": "v1.30.1", "osImage": ""}}),
            "172.18.0.2",
            "10.244.0.0/24",
            "v1.30.1",
            "1",
            id="status",
        ),
    ],
)
def test_what_is_given(made: Object, address: str, cidr: str, version: str, capacity: str) -> None:
    template = as_given(made, numbered(1, "1.36"))
    status = node_status(template, {}, 0.0)
    assert (template.address, template.pod_cidr, template.version) == (address, cidr, version)
    assert (status["capacity"]["cpu"], status["nodeInfo"]["osImage"]) == (capacity, "Simulated node")


def test_the_next_that_is_free() -> None:
    present = {"node-1": numbered(1, "1.36"), "node-3": replace(numbered(2, "1.36"), name="node-3")}
    assert next_free(present, set(), "1.36").name == "node-4"
    assert next_free(present, set(), "1.36", "big") == replace(numbered(3, "1.36"), name="big")
    assert next_free(present, {"10.244.2.0/24"}, "1.36", "big") == replace(numbered(4, "1.36"), name="big")
