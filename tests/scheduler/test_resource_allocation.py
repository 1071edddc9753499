"""The search for devices, by values: what is asked, what there is, what is got."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.controllers.resourceallocation import (
    Device,
    DeviceID,
    Judge,
    Share,
    Unallocatable,
    allocate,
    gather,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.quantity import parse

DRIVER = "gpu.example.com"
CLASS = {"metadata": {"name": "gpu"}, "spec": {}}
FAST = {
    "metadata": {"name": "fast"},
    "spec": {"selectors": [{"cel": {"expression": "fast"}}], "config": [{"opaque": {}}]},
}
CLASSES = {"gpu": CLASS, "fast": FAST}
TAINT = {"key": "broken", "effect": "NoExecute"}


def matches(expression: str, device: Device) -> bool:
    """In place of CEL: the device has an attribute of that name."""
    return device.attribute(f"{device.id.driver}/{expression}") is not None


JUDGE = Judge(
    "here",
    selects_node=lambda selector: selector["nodeSelectorTerms"][0]["matchExpressions"][0]["key"] == "mine",
    tolerates=lambda toleration, taint: bool(toleration["key"] == taint["key"]),
    matches=matches,
)


def device(name: str, *attributes: str, model: str = "", **fields: Any) -> Object:
    found: Object = {each: {"bool": True} for each in attributes}
    if model:
        found["model"] = {"string": model}
    return {"name": name, "attributes": found, **fields}


def slice_of(*devices: Object, pool: str = "pool", generation: int = 1, slices: int = 1, **spec: Any) -> Object:
    where = spec if spec else {"allNodes": True}
    told = {"name": pool, "generation": generation, "resourceSliceCount": slices}
    return {"spec": {"driver": DRIVER, "pool": told, "devices": list(devices), **where}}


def exactly(name: str = "r", device_class: str = "gpu", **fields: Any) -> Object:
    return {"name": name, "exactly": {"deviceClassName": device_class, **fields}}


def claim(*requests: Object, name: str = "c", **devices: Any) -> Object:
    spec = {"devices": {"requests": list(requests), **devices}}
    return {"metadata": {"name": name, "namespace": "default"}, "spec": spec}


def selecting(label: str) -> Object:
    return {"nodeSelectorTerms": [{"matchExpressions": [{"key": label, "operator": "Exists"}]}]}


def got(claims: list[Object], slices: list[Object], *used: str) -> list[list[str]] | None:
    """By claim: "request device"."""
    allocated = {DeviceID(DRIVER, "pool", each) for each in used}
    made = allocate(claims, CLASSES, gather(slices), allocated, JUDGE)
    if made is None:
        return None
    return [[f"{each['request']} {each['device']}" for each in one["devices"]["results"]] for one in made]


THREE = slice_of(device("a"), device("b", "fast"), device("c", "fast"))
MODELS = slice_of(device("a", model="x"), device("b", model="y"), device("c", model="y"), device("d"))
SAME = [{"matchAttribute": f"{DRIVER}/model"}]
DIFFERENT = [{"distinctAttribute": f"{DRIVER}/model"}]
FALL_BACK = {
    "name": "r",
    "firstAvailable": [
        {"name": "many", "deviceClassName": "fast", "count": 3},
        {"name": "one", "deviceClassName": "fast"},
    ],
}


@pytest.mark.parametrize(
    ("wanted", "used", "expected"),
    [
        pytest.param([exactly()], [], ["r a"], id="the-first"),
        pytest.param([exactly(count=2)], ["a"], ["r b", "r c"], id="those-that-are-free"),
        pytest.param([exactly(count=2)], ["a", "b"], None, id="too-few"),
        pytest.param([exactly(device_class="fast")], [], ["r b"], id="the-class-selects"),
        pytest.param([exactly(selectors=[{"cel": {"expression": "fast"}}])], ["b"], ["r c"], id="the-request-selects"),
        pytest.param([exactly(selectors=[{"cel": {"expression": "none"}}])], [], None, id="nothing-suits"),
        pytest.param([exactly("r"), exactly("s", "fast")], [], ["r a", "s b"], id="two-requests"),
        pytest.param(
            [exactly("r", count=2), exactly("s", "fast")], [], ["r a", "r b", "s c"], id="enough-is-left-for-the-next"
        ),
        pytest.param(
            [exactly("r"), exactly("s"), exactly("t", "fast", allocationMode="All")], [], None, id="all-are-not-left"
        ),
        pytest.param([exactly("r", "fast", allocationMode="All")], [], ["r b", "r c"], id="all"),
        pytest.param([exactly("r", "fast", allocationMode="All")], ["c"], None, id="all-but-one-is-not-all"),
        pytest.param(
            [exactly(allocationMode="All", selectors=[{"cel": {"expression": "none"}}])], [], None, id="all-of-none"
        ),
        pytest.param([FALL_BACK], [], ["r/one b"], id="the-second-choice"),
        pytest.param([exactly("r", count=3, adminAccess=True)], ["a", "b"], ["r a", "r b", "r c"], id="admin"),
        pytest.param([exactly(count=33)], [], None, id="more-than-a-claim-may-have"),
    ],
)
def test_requests(wanted: list[Object], used: list[str], expected: list[str] | None) -> None:
    assert got([claim(*wanted)], [THREE], *used) == (None if expected is None else [expected])


@pytest.mark.parametrize(
    ("wanted", "constraints", "expected"),
    [
        pytest.param([exactly(count=2)], SAME, ["r b", "r c"], id="the-same"),
        pytest.param([exactly(count=3)], SAME, None, id="not-so-many-are-the-same"),
        pytest.param([exactly(count=2)], DIFFERENT, ["r a", "r b"], id="different"),
        pytest.param([exactly(count=3)], DIFFERENT, None, id="not-so-many-differ"),
        pytest.param([exactly("r"), exactly("s")], SAME, ["r b", "s c"], id="among-requests"),
        pytest.param(
            [exactly("r"), exactly("s"), exactly("t")],
            [{**SAME[0], "requests": ["s", "t"]}],
            ["r a", "s b", "t c"],
            id="among-some-requests",
        ),
        pytest.param([exactly()], [{"matchAttribute": "other.example.com/model"}], None, id="another-domain"),
        pytest.param([exactly()], [{}], None, id="of-a-kind-unknown"),
    ],
)
def test_constraints(wanted: list[Object], constraints: list[Object], expected: list[str] | None) -> None:
    found = got([claim(*wanted, constraints=constraints)], [MODELS])
    assert found == (None if expected is None else [expected])


@pytest.mark.parametrize(
    ("slices", "expected"),
    [
        pytest.param([slice_of(device("a"), nodeName="here")], ["r a"], id="of-this-node"),
        pytest.param([slice_of(device("a"), nodeName="there")], None, id="of-another"),
        pytest.param([slice_of(device("a"), nodeSelector=selecting("mine"))], ["r a"], id="selected"),
        pytest.param([slice_of(device("a"), nodeSelector=selecting("other"))], None, id="not-selected"),
        pytest.param(
            [slice_of(device("a", nodeName="there"), device("b", nodeName="here"), perDeviceNodeSelection=True)],
            ["r b"],
            id="each-device-by-itself",
        ),
        pytest.param(
            [slice_of(device("old")), slice_of(device("new"), generation=2)], ["r new"], id="the-newest-generation"
        ),
        pytest.param([slice_of(device("a"), slices=2)], None, id="a-slice-is-missing"),
        pytest.param(
            [slice_of(device("a"), slices=2, nodeName="there"), slice_of(device("b"), slices=2, nodeName="here")],
            ["r b"],
            id="slices-of-several-nodes",
        ),
        pytest.param(
            [slice_of(device("z"), pool="a", slices=2), slice_of(device("b"), pool="b")], ["r b"], id="another-pool"
        ),
        pytest.param([slice_of(device("a", taints=[TAINT]))], None, id="tainted"),
        pytest.param([slice_of(device("a", taints=[{**TAINT, "effect": "None"}]))], ["r a"], id="just-told-of"),
    ],
)
def test_pools(slices: list[Object], expected: list[str] | None) -> None:
    assert got([claim(exactly())], slices) == (None if expected is None else [expected])


def test_tolerations_are_passed_on() -> None:
    tolerations = [{"key": "broken", "operator": "Exists"}]
    tainted = slice_of(device("a", taints=[TAINT]))
    (made,) = allocate([claim(exactly(tolerations=tolerations))], CLASSES, gather([tainted]), (), JUDGE) or []
    assert made["devices"]["results"][0]["tolerations"] == tolerations


def partition(name: str, gigabytes: int) -> Object:
    counters = {"memory": {"value": f"{gigabytes}Gi"}}
    return device(name, consumesCounters=[{"counterSet": "gpu-0", "counters": counters}])


@pytest.mark.parametrize(
    ("count", "used", "expected"),
    [
        pytest.param(1, [], ["r whole"], id="whole"),
        pytest.param(2, [], ["r half", "r quarter"], id="parts"),
        pytest.param(1, ["half"], ["r quarter"], id="beside-a-part"),
        pytest.param(1, ["whole"], None, id="nothing-left"),
        pytest.param(3, [], None, id="more-than-there-is"),
    ],
)
def test_partitions(count: int, used: list[str], expected: list[str] | None) -> None:
    shared = [{"name": "gpu-0", "counters": {"memory": {"value": "40Gi"}}}]
    parts = [partition("whole", 40), partition("half", 20), partition("quarter", 10), partition("most", 30)]
    slices = [slice_of(*parts, slices=2), {"spec": {**slice_of(slices=2)["spec"], "sharedCounters": shared}}]
    assert got([claim(exactly(count=count))], slices, *used) == (None if expected is None else [expected])


GIGABYTES = {"value": "80Gi"}


def sharing(name: str = "gpu", memory: Object = GIGABYTES, **fields: Any) -> Object:
    return device(name, allowMultipleAllocations=True, capacity={"memory": memory}, **fields)


def asking(memory: str | None = None, name: str = "r", **fields: Any) -> Object:
    wanted = {"capacity": {"requests": {"memory": memory}}} if memory else {}
    return exactly(name, **wanted, **fields)


def policy(**fields: Any) -> Object:
    return {**GIGABYTES, "requestPolicy": fields}


BETWEEN = policy(default="20Gi", validRange={"min": "5Gi", "max": "40Gi", "step": "2Gi"})
AMONG = policy(default="10Gi", validValues=["10Gi", "40Gi"])


def shared(
    wanted: list[Object], *devices: Object, used: Sequence[tuple[str, str]] = (), **slices: Any
) -> list[str] | None:
    """ "request device amount" of what one claim gets."""
    shares = [Share(DeviceID(DRIVER, "pool", name), {"memory": parse(amount)}) for name, amount in used]
    judge = replace(JUDGE, new_share=lambda: "id")
    made = allocate([claim(*wanted)], CLASSES, gather([slice_of(*devices, **slices)]), set(), judge, shares)
    if made is None:
        return None
    results = made[0]["devices"]["results"]
    assert all(each.get("shareID") == ("id" if "consumedCapacity" in each else None) for each in results)
    return [
        " ".join([each["request"], each["device"], *(each.get("consumedCapacity") or {}).values()]) for each in results
    ]


@pytest.mark.parametrize(
    ("wanted", "memory", "expected"),
    [
        pytest.param(None, GIGABYTES, "80Gi", id="all-of-it"),
        pytest.param("10Gi", GIGABYTES, "10Gi", id="as-asked"),
        pytest.param("81Gi", GIGABYTES, None, id="more-than-it-has"),
        pytest.param(None, BETWEEN, "20Gi", id="the-default"),
        pytest.param("1Gi", BETWEEN, "5Gi", id="the-least"),
        pytest.param("7Gi", BETWEEN, "7Gi", id="a-step"),
        pytest.param("8Gi", BETWEEN, "9Gi", id="the-next-step"),
        pytest.param("41Gi", BETWEEN, None, id="beyond-the-most"),
        pytest.param("10Gi", AMONG, "10Gi", id="a-value"),
        pytest.param("11Gi", AMONG, "40Gi", id="the-next-value"),
        pytest.param("41Gi", AMONG, None, id="beyond-the-last-value"),
        pytest.param("12Gi", policy(default="12Gi"), "12Gi", id="no-more-than-a-default"),
    ],
)
def test_how_much_is_taken(wanted: str | None, memory: Object, expected: str | None) -> None:
    assert shared([asking(wanted)], sharing(memory=memory)) == (None if expected is None else [f"r gpu {expected}"])


TWO_GPUS = [sharing("a"), sharing("b")]


@pytest.mark.parametrize(
    ("wanted", "used", "expected"),
    [
        pytest.param([asking("40Gi"), asking("40Gi", "s")], [], ["r a 40Gi", "s a 40Gi"], id="two-requests"),
        pytest.param([asking("40Gi"), asking("50Gi", "s")], [], ["r a 40Gi", "s b 50Gi"], id="the-next-device"),
        pytest.param([asking("40Gi", count=2)], [], ["r a 40Gi", "r b 40Gi"], id="different-devices-for-one-request"),
        pytest.param([asking("40Gi", count=3)], [], None, id="more-devices-than-there-are"),
        pytest.param([asking("40Gi")], [("a", "50Gi")], ["r b 40Gi"], id="others-have-too-much"),
        pytest.param([asking("40Gi")], [("a", "50Gi"), ("b", "20Gi"), ("b", "30Gi")], None, id="nothing-left"),
        pytest.param([asking("10Gi", allocationMode="All")], [], ["r a 10Gi", "r b 10Gi"], id="all"),
        pytest.param([exactly(capacity={"requests": {"cores": "1"}})], [], None, id="no-such-capacity"),
    ],
)
def test_who_gets_a_share(wanted: list[Object], used: list[tuple[str, str]], expected: list[str] | None) -> None:
    assert shared(wanted, *TWO_GPUS, used=used) == expected


def test_what_is_not_shared_needs_to_be_large_enough() -> None:
    whole = [device(name, capacity={"memory": {"value": value}}) for name, value in (("a", "10Gi"), ("b", "20Gi"))]
    assert shared([asking("15Gi")], *whole) == ["r b"]
    assert shared([asking("15Gi"), asking("15Gi", "s")], *whole) is None


def test_counters_are_taken_once_for_all_shares() -> None:
    counters = [{"name": "gpu-0", "counters": {"memory": {"value": "40Gi"}}}]
    takes = [{"counterSet": "gpu-0", "counters": {"memory": {"value": "40Gi"}}}]
    parts = [sharing(name, consumesCounters=takes) for name in ("a", "b")]
    wanted = [asking("30Gi"), asking("40Gi", "s")]
    assert shared(wanted, *parts, sharedCounters=counters, allNodes=True) == ["r a 30Gi", "s a 40Gi"]
    wanted[1] = asking("60Gi", "s")
    assert shared(wanted, *parts, sharedCounters=counters, allNodes=True) is None
    assert shared([asking("30Gi")], *parts, used=[("b", "1Gi")], sharedCounters=counters, allNodes=True) == ["r b 30Gi"]


def test_claims_share_what_there_is() -> None:
    first, second = claim(exactly(count=2), name="first"), claim(exactly("s", "fast"), name="second")
    assert got([first, second], [THREE]) == [["r a", "r b"], ["s c"]]
    assert got([first, first], [THREE]) is None


@pytest.mark.parametrize(
    ("wanted", "slices", "message"),
    [
        pytest.param(exactly(device_class="none"), [], "request r: device class none does not exist", id="no-class"),
        pytest.param(
            exactly(allocationMode="All"),
            [slice_of(device("a"), slices=2)],
            "claim default/c, request r: asks for all devices, "
            "but resource pool gpu.example.com/pool is currently being updated",
            id="all-of-a-pool-that-changes",
        ),
        pytest.param(
            exactly(),
            [slice_of(device("a"), device("a"))],
            "invalid resource pools were encountered",
            id="a-pool-that-is-wrong",
        ),
        pytest.param(
            exactly(allocationMode="All"),
            [slice_of(device("a"), device("a"))],
            "claim default/c, request r: asks for all devices, "
            "but resource pool gpu.example.com/pool is currently invalid",
            id="all-of-a-pool-that-is-wrong",
        ),
    ],
)
def test_what_cannot_be(wanted: Object, slices: list[Object], message: str) -> None:
    with pytest.raises(Unallocatable) as raised:
        got([claim(wanted)], slices)
    assert str(raised.value) == message


def test_what_is_written() -> None:
    conditions = {"bindingConditions": ["x"], "bindingFailureConditions": ["y"]}
    slices = [
        slice_of(device("a", "fast", **conditions), nodeSelector=selecting("mine")),
        slice_of(device("b"), pool="z"),
    ]
    config = [{"requests": ["s"], "opaque": {"driver": "d"}}, {"requests": ["t"], "opaque": {}}, {"opaque": {"all": 1}}]
    wanted = claim(exactly("s", "fast", adminAccess=True), exactly("u", "gpu"), config=config)
    (made,) = allocate([wanted], CLASSES, gather(slices), {DeviceID(DRIVER, "pool", "a")}, JUDGE) or []
    assert made == {
        "devices": {
            "results": [
                {"request": "s", "driver": DRIVER, "pool": "pool", "device": "a", "adminAccess": True, **conditions},
                {"request": "u", "driver": DRIVER, "pool": "z", "device": "b"},
            ],
            "config": [
                {"source": "FromClass", "requests": ["s"], "opaque": {}},
                {"source": "FromClaim", "requests": ["s"], "opaque": {"driver": "d"}},
                {"source": "FromClaim", "opaque": {"all": 1}},
            ],
        },
        "nodeSelector": selecting("mine"),
    }


def test_the_configuration_of_a_class_is_passed_on_once() -> None:
    [made] = allocate([claim(exactly("r", "fast"), exactly("s", "fast"))], CLASSES, gather([THREE]), set(), JUDGE) or []
    assert made["devices"]["config"] == [{"source": "FromClass", "requests": ["r", "s"], "opaque": {}}]


def test_what_has_to_be_made_ready_is_taken_last() -> None:
    slow, fast = slice_of(device("a", bindingConditions=["x"]), pool="p"), slice_of(device("b"), pool="q")
    assert got([claim(exactly())], [slow, fast]) == [["r b"]]
    assert got([claim(exactly(count=2))], [slow, fast]) == [["r b", "r a"]]


@pytest.mark.parametrize(
    ("where", "fields", "expected"),
    [
        pytest.param({"allNodes": True}, {}, None, id="everywhere"),
        pytest.param({"nodeName": "here"}, {}, "here", id="its-node"),
        pytest.param({"allNodes": True}, {"bindsToNode": True}, "here", id="bound-to-the-node"),
    ],
)
def test_where_it_may_be_used(where: Object, fields: Object, expected: str | None) -> None:
    (made,) = allocate([claim(exactly())], CLASSES, gather([slice_of(device("a", **fields), **where)]), (), JUDGE) or []
    field = {"key": "metadata.name", "operator": "In", "values": [expected]}
    selector = {"nodeSelectorTerms": [{"matchFields": [field]}]}
    assert made.get("nodeSelector") == (selector if expected else None)


@given(
    st.lists(st.sampled_from(["x", "y", "z", ""]), max_size=7),
    st.sets(st.integers(0, 6), max_size=4),
    st.lists(st.integers(1, 3), min_size=1, max_size=3),
    st.booleans(),
)
def test_whatever_is_got_is_free_and_as_asked(models: list[str], used: set[int], wanted: list[int], same: bool) -> None:
    """And if nothing is got, nothing could be: without a constraint by counting, which is enough for one class."""
    devices = [device(str(number), model=model) for number, model in enumerate(models)]
    requests = [exactly(f"r{number}", count=count) for number, count in enumerate(wanted)]
    found = got([claim(*requests, constraints=SAME if same else [])], [slice_of(*devices)], *map(str, used))
    total = sum(wanted)
    free = [number for number in range(len(models)) if number not in used]
    most = max((sum(models[each] == model for each in free) for model in "xyz"), default=0) if same else len(free)
    assert (found is not None) == (total <= most)
    if found is not None:
        chosen = [int(each.split()[1]) for each in found[0]]
        assert len(set(chosen)) == total and not set(chosen) & used
        assert not same or len({models[each] for each in chosen}) == 1
