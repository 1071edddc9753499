"""The status of ValidatingAdmissionPolicies."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.controllers.validatingadmissionpolicystatus import CONTROLLER, MANAGER, POLICIES, is_due, looked_at
from minikube_py.machinery.gvr import Object
from tests.controllers.apiworld import LAGS, api_world


def policy(generation: int = 1, **status: Any) -> Object:
    return {"metadata": {"name": "p", "generation": generation}, "spec": {}, "status": status}


@pytest.mark.parametrize(
    ("obj", "due"),
    [
        pytest.param(policy(), True, id="new"),
        pytest.param(policy(2, observedGeneration=1), True, id="changed"),
        pytest.param(policy(2, observedGeneration=2), False, id="looked at"),
    ],
)
def test_is_due(obj: Object, due: bool) -> None:
    assert is_due(obj) == due


def test_looked_at() -> None:
    warning = {"fieldRef": "spec.validations[0].expression", "warning": "no such field"}
    assert looked_at(policy(3), ())["status"] == {"observedGeneration": 3, "typeChecking": {}}
    assert looked_at(policy(3), [warning])["status"]["typeChecking"] == {"expressionWarnings": [warning]}


SPEC = {
    "matchConstraints": {
        "resourceRules": [
            {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["deployments"]}
        ]
    },
    "validations": [{"expression": "object.spec.replicas <= 5"}],
}


@pytest.mark.parametrize("lag", LAGS)
async def test_policies_are_looked_at(lag: int) -> None:
    async with api_world(lag) as world:
        world.run(CONTROLLER)
        await world.client.create(POLICIES, {"metadata": {"name": "p"}, "spec": SPEC})
        await world.settle()
        found = await world.client.get(POLICIES, "", "p")
        assert found["status"] == {"observedGeneration": 1, "typeChecking": {}}
        applied = next(each for each in found["metadata"]["managedFields"] if each["manager"] == MANAGER)
        assert (applied["operation"], applied["subresource"]) == ("Apply", "status")
        await world.client.patch(POLICIES, "", "p", {"spec": {"failurePolicy": "Ignore"}})
        await world.settle()
        assert (await world.client.get(POLICIES, "", "p"))["status"]["observedGeneration"] == 2
