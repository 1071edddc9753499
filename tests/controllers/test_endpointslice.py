"""The EndpointSlice controller: plans as tables, and behaviour through the API with fresh and lagging informers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from minikube_py.controllers.endpointslice import CONTROLLER
from minikube_py.controllers.endpointslice.endpoint import ZONE, endpoint_of, identity
from minikube_py.controllers.endpointslice.hints import corrected, with_hints
from minikube_py.controllers.endpointslice.packing import pack
from minikube_py.controllers.endpointslice.plan import plan, slice_labels
from minikube_py.controllers.endpointslice.pods import EndpointPod, changes, find_port
from minikube_py.controllers.endpointslice.triggertime import ANNOTATION, TriggerTimes
from minikube_py.controllers.endpointslice.zones import (
    NO_NODES,
    TOO_UNEVEN,
    Allocation,
    Counts,
    Shares,
    Unhinted,
    allocations,
    is_overloaded,
    moves,
    shares_of,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import ENDPOINT_SLICES, NODES, PODS, SERVICES
from tests.controllers.apiworld import LAGS, ApiWorld, add_node, api_world, events, pod, run_pod

AUTO = {"metadata": {"annotations": {"service.kubernetes.io/topology-mode": "Auto"}}}
NODE: Object = {"metadata": {"name": "node", "labels": {"topology.kubernetes.io/zone": "z1"}}}


def service(**spec: Any) -> Object:
    base = {
        "clusterIP": "10.96.0.5",
        "ipFamilies": ["IPv4"],
        "selector": {"app": "web"},
        "ports": [{"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"}],
    }
    created = "2026-01-01T00:00:00Z"
    metadata = {"name": "web", "namespace": "default", "uid": "u-web", "creationTimestamp": created}
    return {"metadata": metadata, "spec": {**base, **spec}}


def ready_pod(number: int, **status: Any) -> EndpointPod:
    ip = f"10.244.{number // 250}.{number % 250 + 1}"
    conditions = [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:09Z"}]
    body = {"phase": "Running", "podIPs": [{"ip": ip}], "podIP": ip, "conditions": conditions, **status}
    made = pod(f"web-{number}")
    return EndpointPod({**made, "metadata": {**made["metadata"], "uid": f"u{number}"}, "status": body})


def stored(made: Object, name: str) -> Object:
    """A planned slice as it is after the API server created it."""
    return {**made, "metadata": {**made["metadata"], "name": name, "uid": f"u-{name}", "generation": 1}}


def node_named(name: str) -> Object | None:
    return NODE if name == "node" else None


def planned(count: int, existing: list[Object] | None = None, *, maximum: int = 3, **spec: Any) -> list[list[int]]:
    """How many endpoints the slices to create, update and delete have."""
    pods = [ready_pod(number) for number in range(count)]
    made = plan(service(**spec), pods, existing or [], node_named, maximum)
    return [[len(each.get("endpoints") or ()) for each in part] for part in (made.create, made.update, made.delete)]


def slices_of(*numbers: range) -> list[Object]:
    """Existing slices that hold the pods of these numbers."""
    return [
        stored(plan(service(), [ready_pod(number) for number in part], [], node_named, 100).create[0], f"web-{index}")
        for index, part in enumerate(numbers)
    ]


@pytest.mark.parametrize(
    ("pods", "existing", "create", "update", "delete"),
    [
        pytest.param(0, [], [0], [], [], id="nothing-a-placeholder"),
        pytest.param(2, [], [2], [], [], id="one-slice"),
        pytest.param(7, [], [3, 3, 1], [], [], id="full-slices-first"),
        pytest.param(2, [range(0, 2)], [], [], [], id="nothing-to-do"),
        pytest.param(3, [range(0, 2)], [], [3], [], id="fits-an-unchanged-slice"),
        pytest.param(5, [range(0, 2), range(2, 3)], [], [3], [], id="best-fit"),
        pytest.param(6, [range(0, 2)], [3], [3], [], id="more-than-a-slice"),
        pytest.param(2, [range(0, 3)], [], [2], [], id="one-leaves"),
        pytest.param(2, [range(0, 2), range(2, 4)], [], [], [2], id="a-slice-empties"),
        pytest.param(4, [range(4, 7), range(0, 3)], [], [1], [], id="deleted-and-created-becomes-updated"),
        pytest.param(0, [range(0, 3)], [], [0], [], id="back-to-the-placeholder"),
        pytest.param(5, [range(1, 3), range(4, 7)], [], [3], [], id="changed-slices-are-filled"),
    ],
)
def test_packing(pods: int, existing: list[range], create: list[int], update: list[int], delete: list[int]) -> None:
    assert planned(pods, slices_of(*existing)) == [create, update, delete]


def test_the_placeholder_stays() -> None:
    (placeholder,) = slices_of(range(0))
    assert planned(0, [placeholder]) == [[], [], []]


def test_a_former_services_slices_are_deleted() -> None:
    (old,) = slices_of(range(2))
    old["metadata"]["ownerReferences"][0]["uid"] = "former"
    assert planned(2, [old]) == [[2], [], [2]]
    old["endpoints"], old["ports"] = [], []
    assert planned(0, [old]) == [[0], [], [0]]


def test_slices_of_a_family_no_longer_wanted_are_deleted() -> None:
    (old,) = slices_of(range(2))
    assert planned(2, [{**old, "addressType": "IPv6"}]) == [[2], [], [2]]


def test_new_ports_replace_the_slice_in_place() -> None:
    (old,) = slices_of(range(2))
    changed = service(ports=[{"name": "http", "port": 80, "targetPort": 9090, "protocol": "TCP"}])
    made = plan(changed, [ready_pod(0), ready_pod(1)], [old], node_named)
    (update,) = made.update
    assert (made.create, made.delete, update["metadata"]["name"], update["ports"][0]["port"]) == ([], [], "web-0", 9090)


def test_a_pod_on_an_unknown_node_waits_unless_unready_addresses_are_published() -> None:
    lost = EndpointPod({**ready_pod(0).pod, "spec": {**ready_pod(0).pod["spec"], "nodeName": "gone"}})
    made = plan(service(), [lost, ready_pod(1)], [], node_named)
    assert made.problems == ["skipping Pod web-0 for Service default/web: Node gone Not Found"]
    assert len(made.create[0]["endpoints"]) == 1
    made = plan(service(publishNotReadyAddresses=True), [lost, ready_pod(1)], [], node_named)
    assert not made.problems and len(made.create[0]["endpoints"]) == 2


def test_named_ports_group_pods() -> None:
    one, other = ready_pod(0), ready_pod(1)
    container = {"name": "c", "image": "i", "ports": [{"name": "web", "containerPort": 9999}]}
    other = EndpointPod({**other.pod, "spec": {**other.pod["spec"], "containers": [container]}})
    made = plan(service(ports=[{"name": "http", "port": 80, "targetPort": "web"}]), [one, other], [], node_named)
    assert [[port["port"] for port in each["ports"]] for each in made.create] == [[8080], [9999]]


@pytest.mark.parametrize(
    ("port", "number"),
    [
        pytest.param({"port": 80, "targetPort": 8080}, 8080, id="number"),
        pytest.param({"port": 80}, 80, id="no-target"),
        pytest.param({"port": 80, "targetPort": "web"}, 8080, id="name"),
        pytest.param({"port": 80, "targetPort": "web", "protocol": "UDP"}, None, id="other-protocol"),
        pytest.param({"port": 80, "targetPort": "side"}, 9000, id="sidecar"),
        pytest.param({"port": 80, "targetPort": "init"}, None, id="init-container"),
    ],
)
def test_find_port(port: Object, number: int | None) -> None:
    sidecar = {"name": "s", "restartPolicy": "Always", "ports": [{"name": "side", "containerPort": 9000}]}
    init = {"name": "n", "ports": [{"name": "init", "containerPort": 9001}]}
    assert find_port(pod("p", initContainers=[sidecar, init]), port) == number


@pytest.mark.parametrize(
    ("deleting", "ready", "publish", "conditions"),
    [
        pytest.param(False, True, False, (True, True, False), id="ready"),
        pytest.param(False, False, False, (False, False, False), id="not-ready"),
        pytest.param(False, False, True, (True, False, False), id="published"),
        pytest.param(True, True, False, (False, True, True), id="serving-while-terminating"),
        pytest.param(True, False, True, (True, False, True), id="published-while-terminating"),
    ],
)
def test_conditions(deleting: bool, ready: bool, publish: bool, conditions: tuple[bool, bool, bool]) -> None:
    made = ready_pod(0, conditions=[{"type": "Ready", "status": str(ready)}]).pod
    if deleting:
        made = {**made, "metadata": {**made["metadata"], "deletionTimestamp": "2026-01-01T00:00:00Z"}}
    endpoint = endpoint_of(EndpointPod(made), NODE, service(publishNotReadyAddresses=publish), "IPv4")
    assert endpoint is not None and endpoint["zone"] == "z1"
    assert endpoint["conditions"] == dict(zip(("ready", "serving", "terminating"), conditions, strict=True))


def test_headless_services_give_hostnames_and_have_their_label() -> None:
    headless = service(clusterIP="None")
    made = ready_pod(0).pod
    named = EndpointPod({**made, "spec": {**made["spec"], "hostname": "h", "subdomain": "web"}})
    endpoint = endpoint_of(named, NODE, headless, "IPv4")
    assert endpoint is not None and endpoint["hostname"] == "h"
    assert slice_labels(headless)["service.kubernetes.io/headless"] == ""


@pytest.mark.parametrize(
    ("distribution", "hints"),
    [
        pytest.param("", None, id="none"),
        pytest.param("PreferClose", {"forZones": [{"name": "z1"}]}, id="close"),
        pytest.param("PreferSameZone", {"forZones": [{"name": "z1"}]}, id="zone"),
        pytest.param("PreferSameNode", {"forZones": [{"name": "z1"}], "forNodes": [{"name": "node"}]}, id="node"),
    ],
)
def test_hints(distribution: str, hints: Object | None) -> None:
    endpoint = endpoint_of(ready_pod(0), NODE, service(), "IPv4")
    made = with_hints({"endpoints": [endpoint]}, distribution)
    assert made["endpoints"][0].get("hints") == hints
    assert corrected([made], distribution) == []
    assert corrected([made], "") == ([] if hints is None else [{"endpoints": [endpoint]}])


def zoned_node(called: str, zone: str, cpu: str = "1", *, ready: str = "True", role: str = "") -> Object:
    made = {**({ZONE: zone} if zone else {}), **({f"node-role.kubernetes.io/{role}": ""} if role else {})}
    status = {"allocatable": {"cpu": cpu}, "conditions": [{"type": "Ready", "status": ready}]}
    return {"metadata": {"name": called, "labels": made}, "status": status}


@pytest.mark.parametrize(
    ("nodes", "shares"),
    [
        pytest.param(
            [zoned_node("a", "z1", "3"), zoned_node("b", "z2", "500m"), zoned_node("c", "z2", "500m")],
            0.75,
            id="by-cpu",
        ),
        pytest.param([zoned_node("a", "z1"), zoned_node("b", "z1")], 0, id="one-zone"),
        pytest.param([zoned_node("a", "z1"), zoned_node("b", "z2", ready="False")], 0, id="one-zone-that-is-ready"),
        pytest.param(
            [zoned_node("a", "z1"), zoned_node("b", "z2"), zoned_node("c", "")], 0, id="a-node-without-a-zone"
        ),
        pytest.param([zoned_node("a", "z1"), zoned_node("b", "z2"), zoned_node("c", "z2", "0")], 0, id="no-cpus"),
        pytest.param(
            [zoned_node("a", "z1"), zoned_node("b", "z2"), zoned_node("c", "", role="control-plane")],
            0.5,
            id="a-control-plane",
        ),
    ],
)
def test_shares_of_zones(nodes: list[Object], shares: float) -> None:
    assert shares_of(nodes) == ({"z1": shares, "z2": 1 - shares} if shares else {})


@pytest.mark.parametrize(
    ("shares", "count", "allocated"),
    [
        pytest.param({"a": 0.5, "b": 0.5}, 2, {"a": (1, 1), "b": (1, 1)}, id="one-each"),
        pytest.param({"a": 0.5, "b": 0.5}, 10, {"a": (5, 5), "b": (5, 5)}, id="no-room"),
        pytest.param({"a": 0.75, "b": 0.25}, 20, {"a": (15, 15), "b": (7, 5)}, id="room"),
        pytest.param({"a": 0.5, "b": 0.5}, 1, "Insufficient number of endpoints (1 endpoints, 2 zones)", id="too-few"),
        pytest.param({}, 5, NO_NODES, id="no-nodes"),
        pytest.param({"a": 0.5, "b": 0.5}, 3, f"{TOO_UNEVEN} (3 endpoints, 2 zones)", id="too-uneven"),
    ],
)
def test_allocations(shares: Shares, count: int, allocated: Any) -> None:
    if isinstance(allocated, str):
        with pytest.raises(Unhinted, match=re.escape(allocated)):
            allocations(shares, count)
    else:
        assert allocations(shares, count) == allocated


@pytest.mark.parametrize(
    ("counts", "desired", "giving", "receiving"),
    [
        pytest.param({"a": 3, "b": 3}, {"a": 3, "b": 3}, {}, {}, id="nothing-to-do"),
        pytest.param({"b": 6}, {"a": 4, "b": 2}, {"b": 4}, {"a": 4}, id="the-example"),
        pytest.param(
            {"a": 9, "b": 1, "c": 0}, {"a": 4, "b": 3, "c": 3}, {"a": 5}, {"c": 3, "b": 2}, id="who-lacks-most-first"
        ),
        pytest.param({"a": 5, "b": 4}, {"a": 4.6, "b": 4.4}, {}, {}, id="less-than-half-an-endpoint"),
        pytest.param({"a": 4, "b": 2, "c": 2}, {"a": 2.5, "b": 2.75, "c": 2.75}, {"a": 1}, {"b": 1}, id="halves"),
    ],
)
def test_moves_between_zones(counts: Counts, desired: dict[str, float], giving: Counts, receiving: Counts) -> None:
    assert moves(counts, {zone: Allocation(99, most) for zone, most in desired.items()}) == (giving, receiving)


@pytest.mark.parametrize(
    ("counts", "shares", "overloaded"),
    [
        pytest.param({}, {"a": 1.0}, False, id="without-hints"),
        pytest.param({"a": 1}, {}, True, id="nothing-is-known-of-nodes"),
        pytest.param({"a": 5, "b": 5}, {"a": 0.6, "b": 0.4}, False, id="a-fifth-too-much"),
        pytest.param({"a": 5, "b": 5}, {"a": 0.7, "b": 0.3}, True, id="more-than-that"),
        pytest.param({"a": 5}, {"a": 0.5, "b": 0.5}, True, id="a-new-zone"),
    ],
)
def test_overload(counts: Counts, shares: Shares, overloaded: bool) -> None:
    assert is_overloaded(counts, shares) is overloaded


def test_changes_of_pods() -> None:
    base = ready_pod(0).pod
    relabelled = {**base, "metadata": {**base["metadata"], "labels": {"app": "other"}}}
    annotated = {**base, "metadata": {**base["metadata"], "annotations": {"a": "b"}}}
    unready = ready_pod(0, conditions=[]).pod
    assert [changes(base, each) for each in (base, annotated, relabelled, unready)] == [
        (False, False),
        (False, False),
        (False, True),
        (True, False),
    ]


def test_trigger_times() -> None:
    times, one = TriggerTimes(), service()
    assert times.next(one, [ready_pod(0)]) == "2026-01-01T00:00:00Z"  # a new Service: when it was made
    assert times.next(one, [ready_pod(0)]) == ""
    assert times.next(one, [ready_pod(0), ready_pod(1)]) == "2026-01-01T00:00:09Z"


def test_packing_keeps_all_endpoints_once() -> None:
    pods = [ready_pod(number) for number in range(250)]
    endpoints = {identity(made): made for each in pods if (made := endpoint_of(each, NODE, service(), "IPv4"))}
    blank = {"metadata": {}, "endpoints": []}
    made = pack([], endpoints, blank, {}, set()).create
    assert [len(each["endpoints"]) for each in made] == [100, 100, 50]
    assert {identity(endpoint) for each in made for endpoint in each["endpoints"]} == set(endpoints)


# Behaviour


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    async with api_world(request.param) as world:
        await add_node(world, zone="z1")
        world.run(CONTROLLER)
        yield world


async def new_service(world: ApiWorld, **spec: Any) -> Object:
    base = {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80, "targetPort": "web"}]}
    metadata = {"name": "web", "namespace": "default", "labels": {"team": "a"}}
    return await world.client.create(SERVICES, {"metadata": metadata, "spec": {**base, **spec}})


async def slices(world: ApiWorld) -> list[Object]:
    return list((await world.client.list(ENDPOINT_SLICES, "default")).items)


async def new_pods(world: ApiWorld, *numbers: int, ready: bool = True) -> None:
    for number in numbers:
        await world.client.create(PODS, pod(f"web-{number}"))
        await run_pod(world, f"web-{number}", f"10.244.0.{number + 1}", ready=ready)


async def test_a_slice_shows_the_pods(world: ApiWorld) -> None:
    owner = await new_service(world)
    await new_pods(world, 0)
    await world.settle()
    (made,) = await slices(world)
    target = await world.client.get(PODS, "default", "web-0")
    assert made["metadata"]["generateName"] == "web-" and made["metadata"]["name"].startswith("web-")
    assert made["metadata"]["labels"] == {
        "team": "a",
        "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    }
    assert made["metadata"]["ownerReferences"][0]["uid"] == owner["metadata"]["uid"]
    assert made["metadata"]["annotations"] == {ANNOTATION: "2026-01-01T00:00:00Z"}
    assert made["addressType"] == "IPv4"
    assert made["ports"] == [{"name": "http", "port": 8080, "protocol": "TCP"}]
    uid = target["metadata"]["uid"]
    assert made["endpoints"] == [
        {
            "addresses": ["10.244.0.1"],
            "conditions": {"ready": True, "serving": True, "terminating": False},
            "targetRef": {"kind": "Pod", "namespace": "default", "name": "web-0", "uid": uid},
            "nodeName": "node",
            "zone": "z1",
        }
    ]


async def test_a_burst_is_one_write(world: ApiWorld) -> None:
    await new_service(world)
    await world.settle()
    (before,) = await slices(world)
    await new_pods(world, *range(30))
    await world.settle()
    (after,) = await slices(world)
    assert len(after["endpoints"]) == 30
    assert after["metadata"]["generation"] <= before["metadata"]["generation"] + 2


async def test_readiness_labels_and_deletion_move_endpoints(world: ApiWorld) -> None:
    await new_service(world)
    await new_pods(world, 0, 1, 2)
    await world.settle()
    world.clock.advance_to(world.clock.now() + 7)
    await run_pod(world, "web-0", "10.244.0.1", ready=False)
    await world.client.patch(PODS, "default", "web-1", {"metadata": {"labels": {"app": "other"}}})
    await world.client.delete(PODS, "default", "web-2", grace_period=0)
    await world.settle()
    (made,) = await slices(world)
    states = [(each["targetRef"]["name"], each["conditions"]["ready"]) for each in made["endpoints"]]
    assert states == [("web-0", False)]
    assert made["metadata"]["annotations"] == {ANNOTATION: "2026-01-01T00:00:07Z"}


async def test_a_deleted_slice_is_made_again_after_a_second(world: ApiWorld) -> None:
    await new_service(world)
    await new_pods(world, 0)
    await world.settle()
    (made,) = await slices(world)
    await world.client.delete(ENDPOINT_SLICES, "default", made["metadata"]["name"])
    await world.settle()
    assert await slices(world) == []
    await world.advance(1)
    assert len((await slices(world))[0]["endpoints"]) == 1


async def test_service_labels_are_mirrored(world: ApiWorld) -> None:
    await new_service(world)
    await new_pods(world, 0)
    await world.settle()
    await world.client.patch(SERVICES, "default", "web", {"metadata": {"labels": {"team": None, "tier": "b"}}})
    await world.settle()
    (made,) = await slices(world)
    assert made["metadata"]["labels"]["tier"] == "b" and "team" not in made["metadata"]["labels"]
    assert len(made["endpoints"]) == 1


async def test_services_without_a_selector_are_left_alone(world: ApiWorld) -> None:
    await new_service(world, selector=None)
    await new_pods(world, 0)
    await world.settle()
    assert await slices(world) == []


async def test_a_lost_node_is_told_and_tried_again(world: ApiWorld) -> None:
    await new_service(world)
    await world.client.create(PODS, pod("lost", node="gone"))
    await run_pod(world, "lost", "10.244.0.9")
    await world.settle(retries=False)
    await world.settle(retries=False)
    expected = (
        "Warning FailedToUpdateEndpointSlices: Error updating Endpoint Slices for Service default/web: "
        "skipping Pod lost for Service default/web: Node gone Not Found"
    )
    assert expected in await events(world)
    assert world.manager is not None
    retry = world.manager.next_retry()
    assert retry is not None and retry - world.clock.now() >= 1
    await world.client.create(NODES, {"metadata": {"name": "gone"}})
    await world.advance(2)
    assert len((await slices(world))[0]["endpoints"]) == 1


async def test_endpoints_are_spread_over_zones_by_cpu(world: ApiWorld) -> None:
    def hints(made: Object) -> list[str]:
        return sorted(each["hints"]["forZones"][0]["name"] for each in made["endpoints"] if "hints" in each)

    async def told() -> list[str]:
        return [each for each in await events(world) if "TopologyAware" in each]

    await new_service(world)
    await world.client.patch(SERVICES, "default", "web", AUTO)
    await new_pods(world, *range(6))
    await world.settle()
    assert hints((await slices(world))[0]) == []
    few = f"Warning TopologyAwareHintsDisabled: {NO_NODES}, addressType: IPv4"
    assert set(await told()) == {few}
    for called, zone, cpu in (("node", "z1", "2"), ("other", "z2", "4")):
        if called == "other":
            await add_node(world, "other", zone="z2")
        await world.client.patch(NODES, "", called, zoned_node(called, zone, cpu), subresource="status")
    await world.settle()
    await world.client.patch(SERVICES, "default", "web", {"metadata": {"labels": {"a": "b"}}})
    await world.settle()
    assert hints((await slices(world))[0]) == ["z1"] * 2 + ["z2"] * 4
    assert (await told())[
        -1
    ] == "Normal TopologyAwareHintsEnabled: Topology Aware Hints has been enabled, addressType: IPv4"
    await world.client.patch(NODES, "", "other", zoned_node("other", "z2", ready="False"), subresource="status")
    await world.settle()
    assert hints((await slices(world))[0]) == []
    await world.client.patch(NODES, "", "other", zoned_node("other", "z2", "4"), subresource="status")
    await world.client.patch(SERVICES, "default", "web", {"metadata": {"labels": {"a": "c"}}})
    await world.settle()
    await world.client.patch(SERVICES, "default", "web", {"metadata": {"annotations": None}})
    await world.settle()
    assert hints((await slices(world))[0]) == []
    assert (
        "Warning TopologyAwareHintsDisabled: Topology Aware Hints has been disabled, addressType: IPv4" in await told()
    )


async def test_a_restored_snapshot_is_followed(world: ApiWorld) -> None:
    await new_service(world)
    await new_pods(world, 0)
    await world.settle()
    snapshot = world.store.snapshot()
    await new_pods(world, 1)
    await world.settle()
    assert len((await slices(world))[0]["endpoints"]) == 2
    world.store.restore(snapshot)
    await world.advance(1)
    assert len((await slices(world))[0]["endpoints"]) == 1
    await new_pods(world, 2)
    await world.settle()
    assert [each["targetRef"]["name"] for each in (await slices(world))[0]["endpoints"]] == ["web-0", "web-2"]
