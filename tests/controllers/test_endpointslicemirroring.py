"""The mirroring of Endpoints: plans as tables, and behaviour through the API with fresh and lagging informers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from minikube_py.controllers.endpointslicemirroring import CONTROLLER
from minikube_py.controllers.endpointslicemirroring.mirror import MAX_ADDRESSES, mirror_of
from minikube_py.controllers.endpointslicemirroring.plan import plan
from minikube_py.controllers.endpointslicemirroring.reconciler import may_mirror
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import ENDPOINT_SLICES, ENDPOINTS, SERVICES
from tests.controllers.apiworld import LAGS, ApiWorld, api_world, events

HTTP = {"name": "http", "port": 80, "protocol": "TCP"}
DNS = {"name": "dns", "port": 53, "protocol": "UDP"}


def subset(*ips: str, ports: list[Object] | None = None, unready: tuple[str, ...] = ()) -> Object:
    made: Object = {"addresses": [{"ip": ip} for ip in ips], "ports": [HTTP] if ports is None else ports}
    return made | ({"notReadyAddresses": [{"ip": ip} for ip in unready]} if unready else {})


def endpoints(*subsets: Object, uid: str = "u", **metadata: Any) -> Object:
    return {"metadata": {"name": "db", "namespace": "default", "uid": uid, **metadata}, "subsets": list(subsets)}


@pytest.mark.parametrize(
    ("subsets", "expected"),
    [
        pytest.param([], [], id="empty"),
        pytest.param([subset("10.0.0.1", "10.0.0.2")], [("IPv4", ["http"], 2, 0)], id="one"),
        pytest.param([subset("10.0.0.1", unready=("10.0.0.2",))], [("IPv4", ["http"], 1, 1)], id="not ready"),
        pytest.param(
            [subset("10.0.0.1", "fd00::1")], [("IPv4", ["http"], 1, 0), ("IPv6", ["http"], 1, 0)], id="families"
        ),
        pytest.param(
            [subset("10.0.0.1"), subset("10.0.0.2", ports=[DNS])],
            [("IPv4", ["dns"], 1, 0), ("IPv4", ["http"], 1, 0)],
            id="sets of ports",
        ),
        pytest.param(
            [subset("10.0.0.1"), subset("10.0.0.1", ports=[DNS])], [("IPv4", ["dns", "http"], 1, 0)], id="repacked"
        ),
        pytest.param([subset("10.0.0.1", ports=[])], [("IPv4", [], 1, 0)], id="without ports"),
        pytest.param([subset("nonsense")], [], id="no address"),
    ],
)
def test_groups(subsets: list[Object], expected: list[Any]) -> None:
    groups = []
    for family, ports, found in mirror_of(endpoints(*subsets)).groups.values():
        ready = [each["conditions"]["ready"] for each in found.values()]
        groups.append((family, [each["name"] for each in ports], sum(ready), len(ready) - sum(ready)))
    assert groups == expected


@pytest.mark.parametrize(
    ("given", "maximum", "shown", "invalid", "skipped"),
    [
        pytest.param(subset("10.0.0.1", "10.0.0.2"), 2, ["10.0.0.1", "10.0.0.2"], 0, 0, id="just enough"),
        pytest.param(subset("10.0.0.2", unready=("10.0.0.1",)), 1, ["10.0.0.2"], 0, 1, id="ready first"),
        pytest.param(subset("10.0.0.1", "fd00::1", "10.0.0.2"), 2, ["10.0.0.1", "10.0.0.2"], 0, 1, id="families"),
        pytest.param(subset("!", "10.0.0.1", "10.0.0.2"), 2, ["10.0.0.1", "10.0.0.2"], 1, 1, id="invalid"),
        pytest.param(subset("10.0.0.1", "b"), 1, ["10.0.0.1"], 0, 1, id="invalid past the end"),
        pytest.param(subset("010.0.0.1"), 1, ["10.0.0.1"], 0, 0, id="leading zero"),
    ],
)
def test_limits(given: Object, maximum: int, shown: list[str], invalid: int, skipped: int) -> None:
    mirror = mirror_of(endpoints(given), maximum)
    found = [each["addresses"][0] for group in mirror.groups.values() for each in group.endpoints.values()]
    assert (sorted(found), mirror.invalid, mirror.skipped) == (shown, invalid, skipped)


def made(given: Object, *names: str) -> list[Object]:
    """Slices as they are after the API server created them."""
    slices = plan(given, mirror_of(given), []).create
    return [{**each, "metadata": {**each["metadata"], "name": name}} for each, name in zip(slices, names, strict=True)]


OLD = endpoints(subset("10.0.0.1"))


@pytest.mark.parametrize(
    ("wanted", "existing", "create", "update", "delete"),
    [
        pytest.param(OLD, [], 1, [], [], id="new"),
        pytest.param(OLD, made(OLD, "a"), 0, [], [], id="current"),
        pytest.param(endpoints(subset("10.0.0.2")), made(OLD, "a"), 0, ["a"], [], id="address"),
        pytest.param(endpoints(subset(unready=("10.0.0.1",))), made(OLD, "a"), 0, ["a"], [], id="readiness"),
        pytest.param(endpoints(subset("10.0.0.1"), labels={"a": "b"}), made(OLD, "a"), 0, ["a"], [], id="labels"),
        pytest.param(
            endpoints(subset("10.0.0.1"), annotations={"a": "b"}), made(OLD, "a"), 0, ["a"], [], id="annotations"
        ),
        pytest.param(
            endpoints(
                subset("10.0.0.1"),
                annotations={
                    "endpoints.kubernetes.io/last-change-trigger-time": "x",
                    "kubectl.kubernetes.io/last-applied-configuration": "{}",
                },
            ),
            made(OLD, "a"),
            0,
            [],
            [],
            id="annotations that are not mirrored",
        ),
        pytest.param(endpoints(subset("10.0.0.1"), uid="v"), made(OLD, "a"), 0, ["a"], [], id="made anew"),
        pytest.param(OLD, made(OLD, "a") + made(OLD, "b"), 0, [], ["b"], id="one too many"),
        pytest.param(endpoints(subset("10.0.0.1", ports=[DNS])), made(OLD, "a"), 0, ["a"], [], id="ports: recycled"),
        pytest.param(endpoints(subset("fd00::1")), made(OLD, "a"), 1, [], ["a"], id="another family is not recycled"),
        pytest.param(endpoints(), made(OLD, "a"), 0, [], ["a"], id="nothing left"),
    ],
)
def test_plan(wanted: Object, existing: list[Object], create: int, update: list[str], delete: list[str]) -> None:
    changes = plan(wanted, mirror_of(wanted), existing)
    names = [[each["metadata"]["name"] for each in part] for part in (changes.update, changes.delete)]
    assert (len(changes.create), *names) == (create, update, delete)


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        pytest.param({}, True, id="plain"),
        pytest.param({"labels": {"endpointslice.kubernetes.io/skip-mirror": "true"}}, False, id="skipped"),
        pytest.param({"labels": {"endpointslice.kubernetes.io/skip-mirror": "false"}}, True, id="not skipped"),
        pytest.param({"annotations": {"control-plane.alpha.kubernetes.io/leader": "{}"}}, False, id="leader"),
    ],
)
def test_what_may_be_mirrored(metadata: Object, expected: bool) -> None:
    assert may_mirror(endpoints(**metadata)) is expected


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    async with api_world(request.param) as world:
        world.run(CONTROLLER)
        yield world


async def new_service(world: ApiWorld, **spec: Any) -> Object:
    metadata = {"name": "db", "namespace": "default"}
    return await world.client.create(SERVICES, {"metadata": metadata, "spec": {"ports": [{"port": 80}], **spec}})


async def new_endpoints(world: ApiWorld, *subsets: Object, **metadata: Any) -> Object:
    body = {"metadata": {"name": "db", "namespace": "default", **metadata}, "subsets": list(subsets)}
    return await world.client.create(ENDPOINTS, body)


async def slices(world: ApiWorld) -> list[Object]:
    await world.settle()
    return list((await world.client.list(ENDPOINT_SLICES, "default")).items)


async def test_a_mirror(world: ApiWorld) -> None:
    address = {"ip": "10.0.0.1", "hostname": "one", "nodeName": "n"}
    given = {"addresses": [address], "ports": [{**HTTP, "appProtocol": "kubernetes.io/h2c"}]}
    owner = await new_endpoints(world, given, labels={"team": "a"}, annotations={"note": "b"})
    assert await slices(world) == []
    await new_service(world)
    (mirror,) = await slices(world)
    assert mirror["metadata"]["generateName"] == "db-" and mirror["metadata"]["name"].startswith("db-")
    assert mirror["metadata"]["labels"] == {
        "team": "a",
        "kubernetes.io/service-name": "db",
        "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io",
    }
    assert mirror["metadata"]["annotations"] == {"note": "b"}
    (reference,) = mirror["metadata"]["ownerReferences"]
    assert (reference["kind"], reference["uid"], reference["controller"]) == (
        "Endpoints",
        owner["metadata"]["uid"],
        True,
    )
    assert mirror["addressType"] == "IPv4" and mirror["ports"] == given["ports"]
    assert mirror["endpoints"] == [
        {"addresses": ["10.0.0.1"], "conditions": {"ready": True}, "hostname": "one", "nodeName": "n"}
    ]


async def test_a_mirror_follows(world: ApiWorld) -> None:
    await new_service(world)
    await new_endpoints(world, subset("10.0.0.1"))
    (first,) = await slices(world)
    for ips in (("10.0.0.2",), ("10.0.0.2", "fd00::1"), ("10.0.0.3",)):
        await world.client.patch(ENDPOINTS, "default", "db", {"subsets": [subset(*ips)]})
        mirrors = await slices(world)
        assert sorted(each["endpoints"][0]["addresses"][0] for each in mirrors) == sorted(ips)
        assert first["metadata"]["name"] in [each["metadata"]["name"] for each in mirrors]
    await world.client.delete(ENDPOINTS, "default", "db")
    assert await slices(world) == []


@pytest.mark.parametrize("by", [pytest.param("edit", id="edited"), pytest.param("delete", id="deleted")])
async def test_what_others_do_to_a_mirror_is_undone(world: ApiWorld, by: str) -> None:
    await new_service(world)
    await new_endpoints(world, subset("10.0.0.1"))
    (mirror,) = await slices(world)
    name = mirror["metadata"]["name"]
    if by == "edit":
        await world.client.patch(ENDPOINT_SLICES, "default", name, {"endpoints": []})
    else:
        await world.client.delete(ENDPOINT_SLICES, "default", name)
    (again,) = await slices(world)
    assert again["endpoints"] == mirror["endpoints"]


async def test_a_selector_ends_it_and_its_end_begins_it(world: ApiWorld) -> None:
    await new_service(world)
    await new_endpoints(world, subset("10.0.0.1"))
    assert len(await slices(world)) == 1
    await world.client.patch(SERVICES, "default", "db", {"spec": {"selector": {"app": "db"}}})
    assert await slices(world) == []
    await world.client.patch(SERVICES, "default", "db", {"spec": {"selector": None}})
    assert len(await slices(world)) == 1
    label = {"endpointslice.kubernetes.io/skip-mirror": "true"}
    await world.client.patch(ENDPOINTS, "default", "db", {"metadata": {"labels": label}})
    assert await slices(world) == []


async def test_a_service_that_goes_takes_its_mirror_along(world: ApiWorld) -> None:
    await new_service(world)
    await new_endpoints(world, subset("10.0.0.1"))
    assert len(await slices(world)) == 1
    await world.client.delete(SERVICES, "default", "db")
    assert await slices(world) == []


async def test_too_many_addresses_are_told_of(world: ApiWorld) -> None:
    await new_service(world)
    ips = [f"10.0.{number // 250}.{number % 250 + 1}" for number in range(MAX_ADDRESSES + 2)]
    await new_endpoints(world, subset(*ips))
    (mirror,) = await slices(world)
    assert len(mirror["endpoints"]) == MAX_ADDRESSES
    text = "A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. 2 addresses were skipped"
    assert await events(world) == [f"Warning TooManyAddressesToMirror: {text}"]


async def test_endpoints_of_services_with_selectors_cost_nothing(world: ApiWorld) -> None:
    await new_service(world, selector={"app": "db"})
    await world.settle()
    await new_endpoints(world, subset("10.0.0.1"))
    assert await slices(world) == []
    assert not [cause for cause in world.ring.recent if cause.actor == CONTROLLER.name]
