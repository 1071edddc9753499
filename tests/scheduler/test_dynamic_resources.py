"""Pods with claims of devices: where they can go, and what is written of their claims before they are bound."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st

from minikube_py.cluster import Cluster
from minikube_py.controllers.garbagecollector import CONTROLLER as GARBAGE_COLLECTOR
from minikube_py.controllers.resourceclaim import CONTROLLER as CLAIMS
from minikube_py.controllers.resourceclaim.references import RESOURCE_CLAIM_TEMPLATES, RESOURCE_CLAIMS
from minikube_py.controllers.resourceclaim.reservations import FINALIZER
from minikube_py.controllers.scheduler import SCHEDULER, scheduler_descriptor
from minikube_py.controllers.scheduler.assumeddevices import DEVICE_CLASSES, RESOURCE_SLICES, allocation_of
from minikube_py.controllers.scheduler.framework import Event
from minikube_py.controllers.scheduler.plugins.dynamicresources import may_help
from minikube_py.machinery import errors
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.wellknown import NODES, PERSISTENT_VOLUME_CLAIMS, PODS
from tests.scheduler.pods import PodWorld, condition, node, pod

DRIVER = "gpu.example.com"
ZONE = "topology.kubernetes.io/zone"
UNHELPFUL = "preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."
FAILURE = errors.internal_error("no")
MADE = [{"name": "made", "resourceClaimTemplateName": "t"}]
SHARED = [{"name": "shared", "resourceClaimName": "c"}]
NOW = "2026-01-01T00:00:00Z"
CEL = [{"cel": {"expression": "device.driver == 'x'"}}]


def devices_on(where: str, *devices: str | Object, **spec: Any) -> Object:
    """A slice of its own pool; on a node unless the spec says otherwise."""
    told = {"name": where, "generation": 1, "resourceSliceCount": 1}
    listed = [{"name": each} if isinstance(each, str) else each for each in devices]
    made = {"driver": DRIVER, "pool": told, "devices": listed, **(spec or {"nodeName": where})}
    return {"metadata": {"name": f"{where}-slice"}, "spec": made}


def request(device_class: str = "gpu", **fields: Any) -> Object:
    return {"name": "r", "exactly": {"deviceClassName": device_class, **fields}}


def claim(name: str = "c", *requests: Object, **devices: Any) -> Object:
    spec = {"devices": {"requests": list(requests) or [request()], **devices}}
    return {"metadata": {"name": name, "namespace": "default"}, "spec": spec}


TEMPLATE = {"metadata": {"name": "t", "namespace": "default"}, "spec": {"spec": claim()["spec"]}}


def using(*claims: str, name: str = "a", **spec: Any) -> Object:
    """A pod with these claims, or one made from the template."""
    entries = [{"name": f"d{index}", "resourceClaimName": each} for index, each in enumerate(claims)]
    return pod(name, resourceClaims=entries or [{"name": "d", "resourceClaimTemplateName": "t"}], **spec)


async def begun(lag: int) -> PodWorld:
    """With the controller of claims, two nodes, a class of devices and a template of claims."""
    world = PodWorld(lag)
    await world.begin()
    await world.client.create(DEVICE_CLASSES, {"metadata": {"name": "gpu"}, "spec": {}})
    await world.client.create(RESOURCE_CLAIM_TEMPLATES, TEMPLATE)
    world.run(SCHEDULER, CLAIMS, GARBAGE_COLLECTOR)
    await world.nodes(node("node-1", labels={ZONE: "a"}), node("node-2", labels={ZONE: "b"}))
    return world


@pytest.fixture
async def world(request: pytest.FixtureRequest) -> Any:
    world = await begun(getattr(request, "param", 0))
    yield world
    await world.stop()


lagging = pytest.mark.parametrize(
    "world", [pytest.param(0, id="fresh"), pytest.param(3, id="lagging"), pytest.param(12, id="late")], indirect=True
)


async def make(world: PodWorld, resource: GroupVersionResource, *objects: Object) -> None:
    for each in objects:
        await world.client.create(resource, each)


async def offer(world: PodWorld, *slices: Object) -> None:
    await make(world, RESOURCE_SLICES, *slices)
    await world.settle()


async def why(world: PodWorld, name: str = "a") -> str:
    return str(condition(await world.get(name), "PodScheduled")["message"])


async def given(world: PodWorld) -> dict[str, list[str]]:
    """Devices by claim."""
    return {
        each["metadata"]["name"]: [result["device"] for result in allocation["devices"]["results"]]
        for each in (await world.client.list(RESOURCE_CLAIMS)).items
        if (allocation := allocation_of(each)) is not None
    }


async def finish(world: PodWorld, name: str) -> None:
    await world.client.patch(PODS, "default", name, {"status": {"phase": "Succeeded"}}, subresource="status")
    await world.settle()


# Having devices


@lagging
async def test_a_pod_goes_where_its_device_is(world: PodWorld) -> None:
    await offer(world, devices_on("node-2", "gpu-0"))
    await world.create(using())
    await world.settle()
    assert await world.placed() == {"a": "node-2"}
    [made] = (await world.client.list(RESOURCE_CLAIMS)).items
    allocation = dict(made["status"]["allocation"])
    assert allocation.pop("allocationTimestamp")
    assert allocation == {
        "devices": {"results": [{"request": "r", "driver": DRIVER, "pool": "node-2", "device": "gpu-0"}]},
        "nodeSelector": {
            "nodeSelectorTerms": [{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["node-2"]}]}]
        },
    }
    held_by = {"resource": "pods", "name": "a", "uid": (await world.get())["metadata"]["uid"]}
    assert (made["status"]["reservedFor"], made["metadata"]["finalizers"]) == ([held_by], [FINALIZER])


async def test_what_is_written_in_which_order(world: PodWorld) -> None:
    await make(world, RESOURCE_CLAIMS, claim())
    await offer(world, devices_on("node-1", "gpu-0"))
    world.client.calls.clear()
    await world.client.create(PODS, using("c"))
    await world.settle()
    assert [call for call in world.client.calls if call[1] != "events"][1:] == [
        ("patch", "pods/status", "a"),
        ("update", "resourceclaims", "c"),
        ("update", "resourceclaims/status", "c"),
        ("create", "pods/binding", "a"),
    ]


@lagging
async def test_two_pods_share_a_claim(world: PodWorld) -> None:
    await make(world, RESOURCE_CLAIMS, claim())
    await offer(world, devices_on("node-1", "gpu-0"), devices_on("node-2", "gpu-0"))
    await world.create(using("c", name="a"), using("c", name="b"))
    await world.settle()
    await world.advance(10)
    assert len(set((await world.placed()).values())) == 1
    shared = await world.client.get(RESOURCE_CLAIMS, "default", "c")
    assert sorted(each["name"] for each in shared["status"]["reservedFor"]) == ["a", "b"]
    assert await given(world) == {"c": ["gpu-0"]}


@lagging
async def test_a_device_is_given_once_and_goes_to_the_next_when_its_pod_has_ended(world: PodWorld) -> None:
    await offer(world, devices_on("node-2", "gpu-0"))
    await world.create(using(name="a"), using(name="b"))
    await world.settle()
    placed = await world.placed()
    [first], [second] = ([name for name, on in placed.items() if bool(on) is has] for has in (True, False))
    assert (await why(world, second)).startswith("0/2 nodes are available: 2 cannot allocate all claims. still not ")
    await finish(world, first)
    await world.advance(10)
    assert (await world.placed())[second] == "node-2"
    assert list((await given(world)).values()) == [["gpu-0"]]


@lagging
async def test_a_crowd_for_few_devices(world: PodWorld) -> None:
    await offer(world, devices_on("node-1", "gpu-0", "gpu-1"), devices_on("node-2", "gpu-0"))
    names = [f"p{number}" for number in range(7)]
    await world.create(*(using(name=name) for name in names))
    for _ in range(3):
        await world.advance(15)
        placed = [name for name, on in (await world.placed()).items() if on]
        assert len(placed) == min(3, len(names))
        for name in placed:
            await world.client.delete(PODS, "default", name, grace_period=0)
            names.remove(name)
    assert not names


@pytest.mark.parametrize(
    ("slices", "expected"),
    [
        pytest.param([devices_on("pool", "gpu-0", allNodes=True)], {"node-1", "node-2"}, id="everywhere"),
        pytest.param([devices_on("node-1", "gpu-0")], {"node-1"}, id="on-a-node"),
        pytest.param(
            [
                devices_on(
                    "pool",
                    "gpu-0",
                    nodeSelector={
                        "nodeSelectorTerms": [{"matchExpressions": [{"key": ZONE, "operator": "In", "values": ["b"]}]}]
                    },
                )
            ],
            {"node-2"},
            id="by-labels",
        ),
        pytest.param(
            [
                devices_on("node-1", {"name": "gpu-0", "taints": [{"key": "broken", "effect": "NoSchedule"}]}),
                devices_on("node-2", "gpu-0"),
            ],
            {"node-2"},
            id="not-tainted",
        ),
    ],
)
async def test_where_devices_can_be_had(world: PodWorld, slices: list[Object], expected: set[str]) -> None:
    await offer(world, *slices)
    await world.create(using())
    await world.settle()
    assert set((await world.placed()).values()) <= expected
    assert (await world.placed())["a"]


async def test_what_a_claim_likes_best_decides_where(world: PodWorld) -> None:
    await make(world, DEVICE_CLASSES, {"metadata": {"name": "big"}, "spec": {}})
    taint = {"key": "big", "effect": "NoSchedule"}
    tolerant = {"tolerations": [{"key": "big", "operator": "Exists"}]}
    await offer(
        world,
        devices_on("node-1", "small-1", {"name": "big-1", "taints": [{"key": "broken", "effect": "NoSchedule"}]}),
        devices_on("node-2", "small-2", {"name": "big-2", "taints": [taint]}),
    )
    choices = [
        {"name": "two", "deviceClassName": "big", "count": 2, **tolerant},
        {"name": "one", "deviceClassName": "gpu"},
    ]
    await make(world, RESOURCE_CLAIMS, claim("c", {"name": "r", "firstAvailable": choices}))
    # node-1 has a better place for all else
    await world.create(pod("filler", nodeName="node-2", requests={"cpu": "500m"}), using("c"))
    await world.settle()
    assert (await world.placed())["a"] == "node-2"
    assert await given(world) == {"c": ["small-2", "big-2"]}


async def test_pods_share_a_device(world: PodWorld) -> None:
    device = {"name": "gpu-0", "allowMultipleAllocations": True, "capacity": {"memory": {"value": "40Gi"}}}
    await offer(world, devices_on("node-1", device))
    for name in ("x", "y", "z"):
        part = request(capacity={"requests": {"memory": "20Gi"}})
        await make(world, RESOURCE_CLAIMS, claim(name, part))
        await world.create(using(name, name=name))
        await world.settle()
    assert await world.placed() == {"x": "node-1", "y": "node-1", "z": ""}
    results = [
        allocation["devices"]["results"][0]
        for each in (await world.client.list(RESOURCE_CLAIMS)).items
        if (allocation := allocation_of(each)) is not None
    ]
    assert [each["consumedCapacity"] for each in results] == [{"memory": "20Gi"}] * 2
    assert len({each["shareID"] for each in results}) == 2
    await finish(world, "x")
    await world.settle()
    assert (await world.placed())["z"] == "node-1"


SLOW = {"name": "gpu-0", "bindingConditions": ["Attached"], "bindingFailureConditions": ["Broken"], "bindsToNode": True}


async def tell_of_device(world: PodWorld, type: str) -> None:
    told = {"type": type, "status": "True", "reason": "Told", "message": "so it is", "lastTransitionTime": NOW}
    device = {"driver": DRIVER, "pool": "node-1", "device": "gpu-0", "conditions": [told]}
    await world.client.patch(RESOURCE_CLAIMS, "default", "c", {"status": {"devices": [device]}}, subresource="status")
    await world.settle()


@pytest.fixture
async def preparing(world: PodWorld) -> PodWorld:
    """A pod has a device that is yet to be attached to its node."""
    await offer(world, devices_on("node-1", SLOW))
    await make(world, RESOURCE_CLAIMS, claim())
    await world.create(using("c"))
    await world.settle()
    assert await world.placed() == {"a": ""} and await given(world) == {"c": ["gpu-0"]}
    return world


async def test_a_pod_waits_until_its_device_is_ready(preparing: PodWorld) -> None:
    waits = "a BindingConditionsPending: waiting for binding conditions for device on node node-1"
    assert await preparing.events() == [waits]
    await preparing.advance(500)
    assert await preparing.placed() == {"a": ""}
    await tell_of_device(preparing, "Attached")
    assert await preparing.placed() == {"a": "node-1"}


async def test_a_device_that_does_not_become_ready(preparing: PodWorld) -> None:
    await preparing.client.patch(NODES, "", "node-1", {"spec": {"unschedulable": True}})
    await tell_of_device(preparing, "Broken")
    failed = 'device binding failed: claim=c, reason=Told, message="so it is"'
    assert f'a FailedScheduling: running PreBind plugin "DynamicResources": {failed}' in await preparing.events()
    await preparing.advance(5)
    assert await given(preparing) == {}  # it is given back, for another


async def test_a_device_that_takes_too_long(preparing: PodWorld) -> None:
    await preparing.client.patch(NODES, "", "node-1", {"spec": {"unschedulable": True}})
    await preparing.advance(601)
    late = "device binding timeout: context deadline exceeded"
    assert f'a FailedScheduling: running PreBind plugin "DynamicResources": {late}' in await preparing.events()


async def test_nobody_is_left_waiting(preparing: PodWorld) -> None:
    await preparing.client.delete(PODS, "default", "a", grace_period=0)
    await preparing.settle()
    assert await preparing.placed() == {} and await given(preparing) == {}


# Whatever happens

NUMBER = st.integers(0, 5)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["known", "known", "made", "shared", "both", "end", "delete"]), NUMBER),
        st.tuples(st.sampled_from(["turns", "seconds"]), st.integers(1, 8)),
        st.tuples(st.just("fail"), st.sampled_from([errors.conflict(RESOURCE_CLAIMS, "c", "changed"), FAILURE])),
    ),
    min_size=6,
    max_size=25,
)


@settings(max_examples=25)
@given_any(steps=STEPS, lag=st.sampled_from([0, 6]))
def test_no_device_is_given_twice(steps: list[Any], lag: int) -> None:
    asyncio.run(_follow(steps, lag))


async def _follow(steps: list[Any], lag: int) -> None:
    world = await begun(lag)
    await make(world, RESOURCE_CLAIMS, claim("c"), *(claim(f"cp{number}") for number in range(6)))
    await offer(world, devices_on("node-1", "gpu-0", "gpu-1"), devices_on("pool", "gpu-0", allNodes=True))
    failures: list[Exception] = []
    twice: list[tuple[str, str]] = []

    def react(verb: str, resource: GroupVersionResource, obj: Object) -> Exception | None:
        if (verb, resource) != ("update", RESOURCE_CLAIMS):
            return None
        if failures:
            return failures.pop()
        others = [each.object for each in world.store.list(str(RESOURCE_CLAIMS), None)]
        others = [each for each in others if each["metadata"]["name"] != obj["metadata"]["name"]]
        used = [device for each in (*others, obj) for device in held_devices(each)]
        twice.extend(device for device in set(used) if used.count(device) > 1)
        return None

    world.client.reaction = react
    for step, what in steps:
        if step == "fail":
            failures.append(what)
        elif step == "turns":
            for _ in range(what):
                await next_turn()
        elif step == "seconds":
            await world.advance(what)
        else:
            await _meddle(world, step, f"p{what}")
    await world.advance(600)
    assert not twice
    pods = (await world.client.list(PODS)).items
    waiting = [each for each in pods if not each["spec"].get("nodeName") and each["status"]["phase"] == "Pending"]
    free = 3 - sum(len(devices) for devices in (await given(world)).values())
    assert not waiting or free < 2
    await world.stop()


async def _meddle(world: PodWorld, step: str, name: str) -> None:
    try:
        if step == "end":
            await world.client.patch(PODS, "default", name, {"status": {"phase": "Succeeded"}}, subresource="status")
        elif step == "delete":
            await world.client.delete(PODS, "default", name, grace_period=0)
        else:
            known = [{"name": "known", "resourceClaimName": f"c{name}"}]
            claims = {"known": known, "made": MADE, "shared": SHARED, "both": [*known, *SHARED]}[step]
            await world.create(pod(name, resourceClaims=claims))
    except errors.StatusError:
        pass  # there is such a pod, or there is none


def held_devices(claim: Object) -> list[tuple[str, str]]:
    results = ((allocation_of(claim) or {}).get("devices") or {}).get("results") or ()
    return [(each["pool"], each["device"]) for each in results]


# Not having them


@pytest.mark.parametrize(
    ("requests", "expected"),
    [
        pytest.param(
            [request("none")],
            "request r: device class none does not exist. no new claims to deallocate, ",
            id="no-such-class",
        ),
        pytest.param(
            [request(selectors=CEL)],
            "claim default/c, request r: device selectors in CEL are not supported by this scheduler: "
            "device.driver == 'x'. no new claims to deallocate, ",
            id="selectors-of-the-request",
        ),
        pytest.param(
            [request("picky")],
            "claim default/c, request r: device selectors in CEL are not supported by this scheduler: "
            "device.driver == 'x'. no new claims to deallocate, ",
            id="selectors-of-the-class",
        ),
        pytest.param([request(count=3)], "2 cannot allocate all claims. still not schedulable, ", id="too-many"),
    ],
)
async def test_why_not(world: PodWorld, requests: list[Object], expected: str) -> None:
    await make(world, DEVICE_CLASSES, {"metadata": {"name": "picky"}, "spec": {"selectors": CEL}})
    await make(world, RESOURCE_CLAIMS, claim("c", *requests))
    await offer(world, devices_on("node-1", "gpu-0", "gpu-1"))
    await world.create(using("c"))
    await world.settle()
    assert await why(world) == f"0/2 nodes are available: {expected}{UNHELPFUL}"


async def test_a_pool_that_is_being_changed(world: PodWorld) -> None:
    half = devices_on("node-1", "gpu-0")
    half["spec"]["pool"]["resourceSliceCount"] = 2
    await make(world, RESOURCE_CLAIMS, claim("c", request(allocationMode="All")))
    await offer(world, half)
    await world.create(using("c"))
    await world.settle()
    assert await why(world) == (
        "0/2 nodes are available: 1 cannot allocate all claims, 1 claim default/c, request r: asks for all devices, "
        f"but resource pool {DRIVER}/node-1 is currently being updated. still not schedulable, {UNHELPFUL}"
    )


async def test_a_pod_whose_claim_is_not_there_is_not_tried(world: PodWorld) -> None:
    await offer(world, devices_on("node-1", "gpu-0"))
    await world.create(using("later"))
    await world.settle()
    assert "conditions" not in (await world.get()).get("status", {})
    assert await world.events() == []
    assert world.ring.recent[-1].outcome == 'could not find ResourceClaim "default/later"'
    await make(world, RESOURCE_CLAIMS, claim("later"))
    await world.settle()
    assert await world.placed() == {"a": "node-1"}


async def test_a_claim_that_is_being_deleted(world: PodWorld) -> None:
    await make(world, RESOURCE_CLAIMS, {**claim(), "metadata": {**claim()["metadata"], "finalizers": ["a.b/c"]}})
    await offer(world, devices_on("node-1", "gpu-0"))
    await world.client.delete(RESOURCE_CLAIMS, "default", "c")
    await world.settle()
    await world.create(using("c"))
    await world.settle()
    assert world.ring.recent[-1].outcome == 'resourceclaim "c" is being deleted'


@pytest.mark.parametrize(
    "comes",
    [
        pytest.param((RESOURCE_SLICES, devices_on("node-2", "gpu-0")), id="a-slice"),
        pytest.param((DEVICE_CLASSES, {"metadata": {"name": "rare"}, "spec": {}}), id="a-class"),
    ],
)
async def test_what_was_missing_comes(world: PodWorld, comes: tuple[GroupVersionResource, Object]) -> None:
    resource, obj = comes
    missing_class = resource == DEVICE_CLASSES
    await make(world, RESOURCE_CLAIMS, claim("c", request("rare" if missing_class else "gpu")))
    if missing_class:
        await offer(world, devices_on("node-2", "gpu-0"))
    await world.create(using("c"))
    await world.settle()
    assert await world.placed() == {"a": ""}
    await make(world, resource, obj)
    await world.settle()
    assert await world.placed() == {"a": "node-2"}


# Failing


async def test_others_get_in_the_way_of_a_write(world: PodWorld) -> None:
    await make(world, RESOURCE_CLAIMS, claim())
    await offer(world, devices_on("node-1", "gpu-0"))
    left = [3]

    def react(verb: str, resource: GroupVersionResource, obj: Object) -> Exception | None:
        if (verb, resource) != ("update", RESOURCE_CLAIMS) or not left[0]:
            return None
        left[0] -= 1
        return errors.conflict(RESOURCE_CLAIMS, "c", "changed")

    world.client.reaction = react
    await world.create(using("c"))
    await world.settle()
    assert (await world.placed(), left) == ({"a": "node-1"}, [0])


async def test_a_write_fails(world: PodWorld) -> None:
    """The device is free again."""
    await make(world, RESOURCE_CLAIMS, claim("c"), claim("d"))
    await offer(world, devices_on("node-1", "gpu-0"))

    def react(verb: str, resource: GroupVersionResource, obj: Object) -> Exception | None:
        fails = (verb, resource, obj["metadata"]["name"]) == ("update", RESOURCE_CLAIMS, "c") and "status" in obj
        return errors.internal_error("no") if fails and allocation_of(obj) else None

    world.client.reaction = react
    await world.create(using("c", name="a"))
    await world.settle()
    assert await why(world) == (
        'running PreBind plugin "DynamicResources": add allocation and reservation to claim default/c: '
        "Internal error occurred: no"
    )
    await world.create(using("d", name="b"))
    await world.settle()
    assert await world.placed() == {"a": "", "b": "node-1"}


async def test_binding_fails(world: PodWorld) -> None:
    """The claim stays allocated, and is not held until the next try."""
    await make(world, RESOURCE_CLAIMS, claim())
    await offer(world, devices_on("node-1", "gpu-0"))
    refusing = True

    def react(verb: str, resource: GroupVersionResource, obj: Object) -> Exception | None:
        return errors.internal_error("no") if refusing and obj.get("kind") == "Binding" else None

    world.client.reaction = react
    await world.create(using("c"))
    await world.settle(retries=False)
    left = await world.client.get(RESOURCE_CLAIMS, "default", "c")
    assert allocation_of(left) is None or not left["status"].get("reservedFor")
    refusing = False
    await world.advance(5)
    assert await world.placed() == {"a": "node-1"}
    assert len((await world.client.get(RESOURCE_CLAIMS, "default", "c"))["status"]["reservedFor"]) == 1


@lagging
async def test_the_pod_goes_while_its_claim_is_written(world: PodWorld) -> None:
    """The write is not cut off; then the device goes to the next."""
    await make(world, RESOURCE_CLAIMS, claim("c"), claim("d"))
    await offer(world, devices_on("node-1", "gpu-0"))
    deletions = []

    def react(verb: str, resource: GroupVersionResource, obj: Object) -> Exception | None:
        if (verb, resource) == ("update", RESOURCE_CLAIMS) and not deletions:
            deletion = world.client.delete(PODS, "default", "a", grace_period=0)
            deletions.append(asyncio.get_running_loop().create_task(deletion))
        return None

    world.client.reaction = react
    await world.create(using("c", name="a"))
    await world.settle()
    await world.create(using("d", name="b"))
    await world.advance(10)
    assert deletions
    assert await world.placed() == {"b": "node-1"}
    assert await given(world) == {"d": ["gpu-0"]}


# Making room


async def test_an_unused_allocation_elsewhere_is_given_back(world: PodWorld) -> None:
    await make(world, RESOURCE_CLAIMS, claim())
    await offer(world, devices_on("node-1", "gpu-0"), devices_on("node-2", "gpu-0"))
    selector = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["node-1"]}]}
    results = [{"request": "r", "driver": DRIVER, "pool": "node-1", "device": "gpu-0"}]
    allocation = {"devices": {"results": results}, "nodeSelector": {"nodeSelectorTerms": [selector]}}
    await world.client.patch(
        RESOURCE_CLAIMS, "default", "c", {"status": {"allocation": allocation}}, subresource="status"
    )
    await world.settle()
    await world.create(using("c", nodeSelector={ZONE: "b"}))
    await world.settle()
    told = (
        "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, "
        "1 resourceclaim not available on the node. deallocation of ResourceClaim completed, "
    )
    assert f"a FailedScheduling: {told}{UNHELPFUL}" in await world.events()
    await world.advance(5)
    assert await world.placed() == {"a": "node-2"}


async def test_preemption_makes_room_where_the_device_is(world: PodWorld) -> None:
    await offer(world, devices_on("node-2", "gpu-0"))
    low: Object = {"requests": {"cpu": "3"}, "priority": 1, "terminationGracePeriodSeconds": 0}
    await world.create(*(pod(f"low-{zone}", nodeSelector={ZONE: zone}, **low) for zone in "ab"))
    await world.settle()
    await world.create(
        using(containers=[{"name": "c", "image": "i", "resources": {"requests": {"cpu": "2"}}}], priority=9)
    )
    await world.settle()
    await world.advance(60)
    assert await world.placed() == {"low-a": "node-1", "a": "node-2"}


async def test_a_pod_that_was_refused_before(world: PodWorld) -> None:
    """DynamicResources is not prepared to say anything then, and there is no preemption."""
    volume_claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    metadata = {"name": "data", "namespace": "default"}
    await make(world, PERSISTENT_VOLUME_CLAIMS, {"metadata": metadata, "spec": volume_claim})
    await world.create(pod(volumes=[{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]))
    await world.settle()
    assert await why(world) == ("0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found")


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        pytest.param("1.33", "0/1 nodes are available: 1 Insufficient cpu. preemption: ", id="1.33"),
        pytest.param(
            "1.34",
            "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: ",
            id="1.34",
        ),
    ],
)
async def test_versions(version: str, expected: str) -> None:
    world = PodWorld()
    await world.begin()
    world.run(scheduler_descriptor(version=version))
    await world.nodes(node("node-1", cpu="1"))
    await world.create(pod(requests={"cpu": "2"}))
    await world.settle()
    assert (await why(world)).startswith(expected)
    watched = {each.resource for each in world.manager.informers.informers} if world.manager else set()
    assert ("resourceslices" in watched) is (version == "1.34")
    await world.stop()


# What may help

ALLOCATED = {**claim("c"), "status": {"allocation": {"devices": {}}}}
MINE = {**using("c"), "metadata": {"name": "a", "namespace": "default", "uid": "u"}}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(Event("ResourceClaim", None, claim("c")), True, id="its-claim"),
        pytest.param(Event("ResourceClaim", None, claim("d")), False, id="another-claim"),
        pytest.param(Event("ResourceClaim", claim("c"), ALLOCATED), True, id="its-claim-is-allocated"),
        pytest.param(Event("ResourceClaim", ALLOCATED, ALLOCATED), False, id="nothing-new"),
        pytest.param(Event("ResourceClaim", {**ALLOCATED, **claim("d")}, claim("d")), True, id="devices-are-free"),
        pytest.param(Event("ResourceClaim", ALLOCATED, None), False, id="a-claim-goes"),
        pytest.param(Event("ResourceSlice", None, devices_on("node-1")), True, id="a-slice"),
        pytest.param(Event("ResourceSlice", devices_on("node-1"), None), False, id="a-slice-goes"),
        pytest.param(Event("DeviceClass", None, {"metadata": {"name": "gpu"}}), True, id="a-class"),
        pytest.param(Event("UnscheduledPod", MINE, MINE), True, id="itself"),
        pytest.param(Event("UnscheduledPod", None, {**MINE, "metadata": {"uid": "v"}}), False, id="another-pod"),
        pytest.param(Event("AssignedPod", MINE, None), False, id="a-pod-goes"),
        pytest.param(Event("Node", None, node("n")), True, id="a-node"),
        pytest.param(Event("Node", node("n"), node("n", labels={ZONE: "a"})), True, id="labels"),
        pytest.param(Event("Node", node("n"), node("n", unschedulable=True)), False, id="cordoned"),
    ],
)
def test_hints(event: Event, expected: bool) -> None:
    assert may_help(MINE, event) is expected


async def test_in_a_cluster() -> None:
    async with Cluster(port=None, clock="virtual", seed=1, nodes=2) as cluster:
        client = cluster.client
        await client.create(DEVICE_CLASSES, {"metadata": {"name": "gpu"}, "spec": {}})
        await client.create(RESOURCE_CLAIM_TEMPLATES, TEMPLATE)
        where = (await client.list(NODES)).items[1]["metadata"]["name"]
        await client.create(RESOURCE_SLICES, devices_on(where, "gpu-0"))
        for name in ("a", "b"):
            await client.create(PODS, using(name=name, restartPolicy="Never"))
        await cluster.settle()
        pods = (await client.list(PODS, "default")).items
        assert sorted(each["status"]["phase"] for each in pods) == ["Pending", "Running"]
        [running] = [each for each in pods if each["status"]["phase"] == "Running"]
        assert running["spec"]["nodeName"] == where
        await client.delete(PODS, "default", running["metadata"]["name"])
        await cluster.advance(60)
        [left] = (await client.list(PODS, "default")).items
        assert (left["status"]["phase"], left["spec"]["nodeName"]) == ("Running", where)
