"""How long kubelets may believe what they know, by the size of the cluster."""

from __future__ import annotations

import pytest

from minikube_py.controllers.ttl import ANNOTATION, CONTROLLER, STEPS, step_for
from minikube_py.machinery.wellknown import NODES
from tests.controllers.conftest import World


@pytest.mark.parametrize(
    ("nodes", "current", "seconds"),
    [
        pytest.param(0, 0, 0, id="empty"),
        pytest.param(100, 0, 0, id="at the edge"),
        pytest.param(101, 0, 15, id="over the edge"),
        pytest.param(90, 1, 15, id="shrunk a little"),
        pytest.param(89, 1, 0, id="shrunk"),
        pytest.param(5000, 0, 300, id="all steps at once"),
        pytest.param(1800, 4, 300, id="large, shrunk a little"),
        pytest.param(3, 4, 0, id="all steps down"),
    ],
)
def test_steps(nodes: int, current: int, seconds: int) -> None:
    assert STEPS[step_for(nodes, current)].seconds == seconds


async def told(world: World) -> dict[str, str | None]:
    await world.settle()
    nodes = (await world.client.list(NODES)).items
    return {each["metadata"]["name"]: each["metadata"].get("annotations", {}).get(ANNOTATION) for each in nodes}


async def test_nodes_are_told(world: World) -> None:
    world.run(CONTROLLER)
    await world.client.create(NODES, {"metadata": {"name": "a", "annotations": {"mine": "x"}}, "spec": {}})
    await world.client.create(NODES, {"metadata": {"name": "b", "annotations": {ANNOTATION: "7"}}, "spec": {}})
    assert await told(world) == {"a": "0", "b": "0"}
    assert (await world.client.get(NODES, "", "a"))["metadata"]["annotations"]["mine"] == "x"
    await world.client.patch(NODES, "", "a", {"metadata": {"annotations": {ANNOTATION: None}}})
    assert await told(world) == {"a": "0", "b": "0"}


async def test_a_cluster_that_grows_tells_nodes_with_their_next_change(world: World) -> None:
    world.run(CONTROLLER)
    for number in range(101):
        await world.client.create(NODES, {"metadata": {"name": f"n{number}"}, "spec": {}})
        if number == 99:
            assert set((await told(world)).values()) == {"0"}
    found = await told(world)
    assert (found["n0"], found["n100"]) == ("0", "15")
    await world.client.patch(NODES, "", "n0", {"metadata": {"labels": {"a": "b"}}})
    assert (await told(world))["n0"] == "15"
