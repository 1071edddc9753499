"""Extenders: web servers that filter, score, bind and choose victims."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from minikube_py.controllers.scheduler import scheduler_descriptor
from minikube_py.controllers.scheduler.configuration import read_configuration
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import PODS
from tests.scheduler.pods import PodWorld, condition, container, node, pod

TYPE = {"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration"}
GPU = "example.com/gpu"


class Server:
    """What it answers by verb; what it was asked is kept."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: dict[str, Callable[[Object], Any]] = {}
        self.asked: list[tuple[str, Object]] = []

    async def handle(self, request: web.Request) -> web.Response:
        verb, arguments = request.path.removeprefix("/"), await request.json()
        self.asked.append((verb, arguments))
        if verb not in self.answers:
            return web.Response(status=500)
        return web.json_response(self.answers[verb](arguments))

    def config(self, **fields: Any) -> Object:
        return {"urlPrefix": self.url, **fields}


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server("")
    application = web.Application()
    application.router.add_post("/{verb}", made.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def world() -> AsyncIterator[PodWorld]:
    world = PodWorld()
    await world.begin()
    yield world
    await world.stop()


async def begin(world: PodWorld, *extenders: Object, nodes: int = 3) -> None:
    wanted = read_configuration({**TYPE, "extenders": list(extenders)})
    world.run(scheduler_descriptor(wanted.profiles, extenders=wanted.extenders))
    await world.nodes(*(node(f"node-{number}") for number in range(1, nodes + 1)))
    await world.settle()


async def placed(world: PodWorld, name: str = "a") -> str:
    await world.settle()
    return (await world.placed())[name]


def only(*names: str) -> Callable[[Object], Object]:
    return lambda _: {"NodeNames": list(names), "FailedNodes": {}}


async def test_filters_by_names(world: PodWorld, server: Server) -> None:
    server.answers["filter"] = only("node-2")
    await begin(world, server.config(filterVerb="filter", nodeCacheCapable=True))
    await world.create(pod())
    assert await placed(world) == "node-2"
    [(verb, arguments)] = server.asked
    assert verb == "filter" and arguments["Pod"]["metadata"]["name"] == "a" and arguments["Nodes"] is None
    assert sorted(arguments["NodeNames"]) == ["node-1", "node-2", "node-3"]


async def test_filters_by_nodes(world: PodWorld, server: Server) -> None:
    server.answers["filter"] = lambda asked: {
        "nodes": {"items": [each for each in asked["Nodes"]["items"] if each["metadata"]["name"] == "node-3"]}
    }
    await begin(world, server.config(filterVerb="filter"))
    await world.create(pod())
    assert await placed(world) == "node-3"


async def test_adds_its_scores(world: PodWorld, server: Server) -> None:
    server.answers["prioritize"] = lambda _: [{"Host": "node-2", "Score": 10}, {"Host": "node-1", "Score": 0}]
    await begin(world, server.config(prioritizeVerb="prioritize", weight=3, nodeCacheCapable=True))
    await world.create(pod("a"), pod("b"))
    assert await placed(world, "a") == await placed(world, "b") == "node-2"


async def test_scores_that_cannot_be_had_do_not_count(world: PodWorld, server: Server) -> None:
    await begin(world, server.config(prioritizeVerb="prioritize", weight=3))
    await world.create(pod())
    assert await placed(world)


async def test_tells_why_not(world: PodWorld, server: Server) -> None:
    server.answers["filter"] = lambda _: {
        "NodeNames": [],
        "FailedNodes": {"node-1": "too cold", "node-2": "too cold"},
        "FailedAndUnresolvableNodes": {"node-3": "on fire", "node-2": "on fire"},
    }
    await begin(world, server.config(filterVerb="filter", nodeCacheCapable=True))
    await world.create(pod())
    assert await placed(world) == ""
    found = condition(await world.get(), "PodScheduled")
    assert found["reason"] == "Unschedulable"
    assert found["message"] == (
        "0/3 nodes are available: 1 too cold, 2 on fire. no new claims to deallocate, preemption: 0/3 nodes are "
        "available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling."
    )
    server.answers["filter"] = only("node-1")
    await world.nodes(node("node-4"))
    assert await placed(world) == "node-1"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(None, "failed filter with extender at URL {url}/filter, code 500", id="status"),
        pytest.param({"Error": "no idea"}, "no idea", id="error"),
        pytest.param(
            {"NodeNames": ["node-9"]},
            'extender "{url}" claims a filtered node "node-9" which is not found in the input node list',
            id="unknown-node",
        ),
    ],
)
@pytest.mark.parametrize("ignorable", [False, True])
async def test_failures(world: PodWorld, server: Server, answer: Any, message: str, *, ignorable: bool) -> None:
    if answer is not None:
        server.answers["filter"] = lambda _: answer
    await begin(world, server.config(filterVerb="filter", nodeCacheCapable=True, ignorable=ignorable))
    await world.create(pod())
    if ignorable:
        assert await placed(world)
        return
    await world.settle(retries=False)
    found = condition(await world.get(), "PodScheduled")
    assert (found["reason"], found["message"]) == ("SchedulerError", message.format(url=server.url))
    server.answers["filter"] = only("node-1")
    await world.advance(2)
    assert await placed(world) == "node-1"


async def test_nobody_listens(world: PodWorld) -> None:
    await begin(world, {"urlPrefix": "http://127.0.0.1:1/", "filterVerb": "filter"})
    await world.create(pod())
    await world.settle(retries=False)
    why = 'Post "http://127.0.0.1:1/filter": dial tcp 127.0.0.1:1: connect: connection refused'
    assert condition(await world.get(), "PodScheduled")["message"] == why


async def test_minds_its_own_resources(world: PodWorld, server: Server) -> None:
    server.answers["filter"] = only("node-2")
    managed = [{"name": GPU, "ignoredByScheduler": True}]
    await begin(world, server.config(filterVerb="filter", nodeCacheCapable=True, managedResources=managed))
    resources = {"requests": {GPU: "1"}, "limits": {GPU: "1"}}
    await world.create(pod("a"), pod("b", containers=[container(resources=resources)]))
    assert await placed(world, "a") and await placed(world, "b") == "node-2"
    assert len(server.asked) == 1


async def test_binds(world: PodWorld, server: Server) -> None:
    server.answers["bind"] = lambda _: {}
    await begin(world, server.config(bindVerb="bind"), nodes=1)
    await world.create(pod())
    await world.settle()
    made = await world.get()
    where = {"PodName": "a", "PodNamespace": "default", "PodUID": made["metadata"]["uid"], "Node": "node-1"}
    assert server.asked == [("bind", where)] and await placed(world) == ""
    assert await world.events() == ["a Scheduled: Successfully assigned default/a to node-1"]


async def test_a_binding_that_fails(world: PodWorld, server: Server) -> None:
    server.answers["bind"] = lambda _: {"Error": "the node is shy"}
    await begin(world, server.config(bindVerb="bind"), nodes=1)
    await world.create(pod())
    await world.settle(retries=False)
    found = condition(await world.get(), "PodScheduled")
    assert (found["reason"], found["message"]) == ("SchedulerError", "the node is shy")


def low(name: str, node: str) -> Object:
    return pod(name, nodeName=node, requests={"cpu": "4"}, priority=0)


@pytest.mark.parametrize("by_name", [False, True])
async def test_chooses_victims(world: PodWorld, server: Server, *, by_name: bool) -> None:
    def second(asked: Object) -> Object:
        told = asked["NodeNameToMetaVictims" if by_name else "NodeNameToVictims"]
        assert sorted(told) == ["node-1", "node-2"]
        [victim] = told["node-2"]["Pods"]
        uid = victim["UID"] if by_name else victim["metadata"]["uid"]
        return {"NodeNameToMetaVictims": {"node-2": {"Pods": [{"UID": uid}], "NumPDBViolations": 0}}}

    server.answers["preempt"] = second
    await begin(world, server.config(preemptVerb="preempt", nodeCacheCapable=by_name), nodes=2)
    await world.create(low("x", "node-1"), low("y", "node-2"))
    await world.settle()
    await world.create(pod(priority=10, requests={"cpu": "4"}))
    await world.settle()
    assert (await world.get())["status"]["nominatedNodeName"] == "node-2"
    items = (await world.client.list(PODS)).items
    assert [each["metadata"]["name"] for each in items if "deletionTimestamp" in each["metadata"]] == ["y"]


async def test_wants_nobody_to_go(world: PodWorld, server: Server) -> None:
    server.answers["preempt"] = lambda _: {"NodeNameToMetaVictims": {"node-1": {"Pods": []}}}
    await begin(world, server.config(preemptVerb="preempt"), nodes=1)
    await world.create(low("x", "node-1"))
    await world.settle()
    await world.create(pod(priority=10, requests={"cpu": "4"}))
    assert await placed(world) == ""
    message = condition(await world.get(), "PodScheduled")["message"]
    assert message.endswith('Insufficient cpu. preemption: expected at least one victim pod on node "node-1"')
    server.answers["preempt"] = lambda _: {"NodeNameToMetaVictims": {}}
    await world.advance(301)
    message = condition(await world.get(), "PodScheduled")["message"]
    assert message.endswith("no new claims to deallocate, preemption: no candidate node for preemption")


async def test_room_that_nobody_needs_to_make(world: PodWorld, server: Server) -> None:
    """The extender alone refuses the node: pods that go would not help."""
    server.answers["filter"] = lambda _: {"NodeNames": [], "FailedNodes": {"node-1": "too cold"}}
    await begin(world, server.config(filterVerb="filter", nodeCacheCapable=True), nodes=1)
    await world.create(pod("x", nodeName="node-1", priority=0))
    await world.settle()
    await world.create(pod(priority=10))
    await world.settle()
    assert condition(await world.get(), "PodScheduled")["message"] == (
        '0/1 nodes are available: 1 too cold. preemption: expected at least one victim pod on node "node-1"'
    )
