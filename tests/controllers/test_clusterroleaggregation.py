"""ClusterRoles that gather others' rules."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.controllers.clusterroleaggregation import CLUSTER_ROLES, CONTROLLER, MANAGER, gathered
from minikube_py.machinery.gvr import Object
from tests.controllers.apiworld import LAGS, ApiWorld, api_world


def rule(*verbs: str, resource: str = "pods") -> Object:
    return {"verbs": list(verbs), "apiGroups": [""], "resources": [resource]}


def role(name: str, *rules: Object, **labels: str) -> Object:
    return {"metadata": {"name": name, "labels": labels}, "rules": list(rules)}


def gathering(name: str, *selectors: dict[str, Any], **labels: str) -> Object:
    return {**role(name, **labels), "aggregationRule": {"clusterRoleSelectors": list(selectors)}}


def labelled(**labels: str) -> dict[str, Any]:
    return {"matchLabels": labels}


READ, WRITE = rule("get"), rule("update")


@pytest.mark.parametrize(
    ("selectors", "others", "expected"),
    [
        pytest.param([labelled(a="1")], [], [], id="nobody"),
        pytest.param([labelled(a="1")], [role("y", WRITE, a="1"), role("x", READ, a="1")], [READ, WRITE], id="by name"),
        pytest.param([labelled(a="1")], [role("x", READ, a="2")], [], id="another label"),
        pytest.param([labelled(a="1")], [role("x", READ, a="1"), role("y", READ, a="1")], [READ], id="each rule once"),
        pytest.param(
            [labelled(a="2"), labelled(a="1")],
            [role("x", READ, a="1"), role("y", WRITE, a="2")],
            [WRITE, READ],
            id="selector by selector",
        ),
        pytest.param([{}], [role("x", READ)], [READ], id="everybody"),
        pytest.param([], [role("x", READ)], [], id="no selectors"),
        pytest.param(
            [{}], [role("x", {**READ, "resourceNames": [], "nonResourceURLs": None})], [READ], id="without empty fields"
        ),
    ],
)
def test_gathered(selectors: list[dict[str, Any]], others: list[Object], expected: list[Object]) -> None:
    own = {**gathering("all", *selectors, a="1"), "rules": [rule("delete")]}
    assert gathered(own, [own, *others]) == expected


async def rules_of(world: ApiWorld, name: str) -> list[Object]:
    found = await world.client.get(CLUSTER_ROLES, "", name)
    return found["rules"] or []


@pytest.mark.parametrize("lag", LAGS)
async def test_rules_follow(lag: int) -> None:
    async with api_world(lag) as world:
        world.run(CONTROLLER)
        await world.client.create(CLUSTER_ROLES, gathering("edit", labelled(edit="yes"), admin="yes"))
        await world.client.create(CLUSTER_ROLES, gathering("admin", labelled(admin="yes")))
        await world.settle()
        assert await rules_of(world, "edit") == []
        await world.client.create(CLUSTER_ROLES, role("x", WRITE, edit="yes"))
        await world.settle()
        assert await rules_of(world, "edit") == await rules_of(world, "admin") == [WRITE]
        await world.client.patch(CLUSTER_ROLES, "", "admin", {"rules": [READ]})
        await world.settle()
        assert await rules_of(world, "admin") == [WRITE]
        found = await world.client.get(CLUSTER_ROLES, "", "admin")
        managed = {each["manager"]: each for each in found["metadata"]["managedFields"]}
        assert managed[MANAGER]["operation"] == "Apply" and managed[MANAGER]["fieldsV1"] == {"f:rules": {}}
        await world.client.patch(CLUSTER_ROLES, "", "x", {"metadata": {"labels": {"edit": None}}})
        await world.settle()
        assert await rules_of(world, "edit") == await rules_of(world, "admin") == []


async def test_rules_that_nobody_gathered_stay_as_long_as_there_is_nothing_to_gather() -> None:
    async with api_world() as world:
        world.run(CONTROLLER)
        await world.client.create(CLUSTER_ROLES, {**gathering("edit", labelled(edit="yes")), "rules": [READ]})
        await world.settle()
        assert await rules_of(world, "edit") == [READ]
        await world.client.create(CLUSTER_ROLES, role("x", WRITE, edit="yes"))
        await world.settle()
        assert await rules_of(world, "edit") == [WRITE]
        await world.client.delete(CLUSTER_ROLES, "", "x")
        await world.settle()
        assert (await world.client.get(CLUSTER_ROLES, "", "edit"))["rules"] is None
