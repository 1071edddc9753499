"""How nodes score by their resources and images."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.controllers.scheduler.framework import Plugin
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.plugins.balancedallocation import BALANCED_ALLOCATION, balanced_allocation
from minikube_py.controllers.scheduler.plugins.imagelocality import IMAGE_LOCALITY
from minikube_py.controllers.scheduler.plugins.noderesources import Arguments, node_resources_fit
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.controllers.scheduler.profiles import DEFAULT
from minikube_py.controllers.scheduler.resourcescores import Strategy, broken_line
from minikube_py.machinery.gvr import Object
from tests.scheduler.board import Board
from tests.scheduler.pods import container, node, pod, pod_info


def info(made: Object, *requests: dict[str, str]) -> NodeInfo:
    found = NodeInfo(made["metadata"]["name"], 1)
    found.set_node(made)
    for number, each in enumerate(requests):
        found.add_pod(pod_info(pod(requests=each), str(number)))
    return found


def score(plugin: Plugin, requests: dict[str, str], on: NodeInfo) -> int | None:
    assert plugin.score is not None
    scored = plugin.score(PodClass(pod(requests=requests)["spec"]))
    return scored(on) if scored is not None else None


def fit(**strategy: Any) -> Plugin:
    return node_resources_fit(Arguments(Strategy(**strategy)))


CPU_AND_MEMORY = (("cpu", 3), ("memory", 1))
GPU = (("example.com/gpu", 1),)
NODE = node("n", cpu="4", memory="8Gi", scalars={"example.com/gpu": "4"})
USED = {"cpu": "1", "memory": "1Gi"}
SHAPE = ((0, 0), (50, 10), (100, 0))


@pytest.mark.parametrize(
    ("plugin", "requests", "expected"),
    [
        pytest.param(fit(), {"cpu": "1", "memory": "1Gi"}, (50 + 75) // 2, id="least-allocated"),
        pytest.param(
            fit(resources=CPU_AND_MEMORY), {"cpu": "1", "memory": "1Gi"}, (3 * 50 + 75) // 4, id="least-weighted"
        ),
        pytest.param(fit(type="MostAllocated"), {"cpu": "1", "memory": "1Gi"}, (50 + 25) // 2, id="most-allocated"),
        pytest.param(fit(type="MostAllocated"), {"cpu": "9", "memory": "1Gi"}, (100 + 25) // 2, id="most-of-all"),
        pytest.param(fit(resources=GPU), {"example.com/gpu": "1"}, 75, id="extended"),
        pytest.param(fit(resources=GPU), {"cpu": "1"}, 0, id="extended-that-is-not-requested"),
        pytest.param(
            fit(type="RequestedToCapacityRatio", shape=SHAPE),
            {"cpu": "1", "memory": "1Gi"},
            round((100 + 50) / 2),
            id="shape",
        ),
        pytest.param(
            fit(type="RequestedToCapacityRatio", shape=SHAPE),
            {"cpu": "9", "memory": "1Gi"},
            50,
            id="what-scores-nothing-has-no-weight",
        ),
    ],
)
def test_strategies(plugin: Plugin, requests: dict[str, str], expected: int) -> None:
    assert score(plugin, requests, info(NODE, USED)) == expected


def test_ignored_resources() -> None:
    plugin = node_resources_fit(Arguments(ignored_groups=frozenset(("example.com",))))
    assert plugin.filter is not None
    check = plugin.filter(PodClass(pod(requests={"example.com/gpu": "9"})["spec"]))
    assert check is not None and check(info(NODE)) is None


@pytest.mark.parametrize(
    ("at", "expected"),
    [pytest.param(at, value, id=str(at)) for at, value in ((-1, 0), (25, 5), (50, 10), (60, 8), (200, 0))],
)
def test_a_broken_line(at: int, expected: int) -> None:
    assert broken_line(SHAPE)(at) == expected


@pytest.mark.parametrize(
    ("requests", "used", "expected"),
    [
        pytest.param({"cpu": "1", "memory": "2Gi"}, [], 75, id="stays-balanced"),
        pytest.param({"cpu": "2"}, [], 50 + (50 + 75 - 100) // 2, id="unbalances"),
        pytest.param({"memory": "4Gi"}, [{"cpu": "2"}], 50 + (50 + 100 - 75) // 2, id="balances"),
        pytest.param({"cpu": "9", "memory": "9Gi"}, [], 75, id="more-than-there-is"),
        pytest.param({}, [], None, id="requests-nothing"),
    ],
)
def test_balanced_allocation(requests: dict[str, str], used: list[dict[str, str]], expected: int | None) -> None:
    assert score(BALANCED_ALLOCATION, requests, info(NODE, *used)) == expected


def test_balance_of_three() -> None:
    plugin = balanced_allocation((("cpu", 1), ("memory", 1), ("example.com/gpu", 1)))
    on = info(NODE)
    # fractions 0.5, 0, 1: their standard deviation is 0.408
    assert score(plugin, {"cpu": "2", "example.com/gpu": "4"}, on) == 50 + (50 + 59 - 100) // 2


MIB = 1024 * 1024


def stocked(name: str, **sizes: int) -> Object:
    """A node with images of so many MiB."""
    made = node(name)
    images = [{"names": [f"{image}:1"], "sizeBytes": size * MIB} for image, size in sizes.items()]
    return {**made, "status": {**made["status"], "images": images}}


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        pytest.param(["big:1"], {"a": 48, "b": 0}, id="one-of-two-nodes-has-it"),
        pytest.param(["big:1", "small:1"], {"a": 25, "b": 0}, id="of-two-containers"),
        pytest.param(["common:1"], {"a": 48, "b": 48}, id="both-have-it"),
        pytest.param(["small:1"], {"a": 0, "b": 0}, id="too-small-to-matter"),
        pytest.param(["absent"], None, id="nobody-has-it"),
    ],
)
def test_image_locality(images: list[str], expected: dict[str, int] | None) -> None:
    board = Board([stocked("a", big=1000, small=60, common=500), stocked("b", common=500)])
    wanted = pod(containers=[container(str(number), image=image) for number, image in enumerate(images)])
    assert board.scores(wanted, IMAGE_LOCALITY) == expected


def test_all_scores_together() -> None:
    """Images weigh less than a preference, which weighs as the user says."""
    board = Board([stocked("stocked", web=2000), node("preferred", labels={"disk": "ssd"}), node("plain")])
    assert (best := board.ranking(pod()).best()) is not None and best.name == "stocked"
    term = {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]}
    preference = {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "preference": term}]}
    wanted = pod(affinity={"nodeAffinity": preference})
    assert (best := board.ranking(wanted, DEFAULT).best()) is not None and best.name == "preferred"
