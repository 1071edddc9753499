"""PodDisruptionBudgets: their arithmetic from values, and their status through the API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from minikube_py.controllers.deployment import CONTROLLER as DEPLOYMENT_CONTROLLER
from minikube_py.controllers.disruption import CONTROLLER
from minikube_py.controllers.disruption.budget import Expected, disrupted, expected, new_status
from minikube_py.controllers.disruption.reconciler import BUDGETS
from minikube_py.controllers.disruption.staleconditions import until_stale
from minikube_py.controllers.replicaset import CONTROLLER as REPLICA_SET_CONTROLLER
from minikube_py.machinery.clock import parse_rfc3339, rfc3339
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import controller_reference
from minikube_py.machinery.wellknown import DEPLOYMENTS, JOB, JOBS, PODS
from tests.controllers.apiworld import LAGS, ApiWorld, add_node, api_world, events, pod, run_pod
from tests.controllers.workloads import LABELS, deployment

NOW = parse_rfc3339("2026-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("spec", "scale", "present", "wanted"),
    [
        pytest.param({"minAvailable": 2}, 9, 5, (5, 2), id="a number of those there are"),
        pytest.param({"minAvailable": "50%"}, 7, 5, (7, 4), id="a percentage of those wanted"),
        pytest.param({"maxUnavailable": 1}, 3, 9, (3, 2), id="may be missing"),
        pytest.param({"maxUnavailable": "50%"}, 7, 9, (7, 3), id="percentage that may be missing"),
        pytest.param({"maxUnavailable": 5}, 3, 3, (3, 0), id="all may be missing"),
        pytest.param({}, 3, 3, (0, 0), id="says nothing"),
    ],
)
def test_expected(spec: Object, scale: int, present: int, wanted: tuple[int, int]) -> None:
    assert tuple(expected(spec, scale, present)) == wanted


@pytest.mark.parametrize(
    ("current", "wanted", "allowed", "reason"),
    [
        pytest.param(3, Expected(3, 2), 1, "SufficientPods", id="one"),
        pytest.param(2, Expected(3, 2), 0, "InsufficientPods", id="none"),
        pytest.param(1, Expected(3, 2), 0, "InsufficientPods", id="not less than none"),
        pytest.param(0, Expected(0, 0), 0, "InsufficientPods", id="no pods"),
    ],
)
def test_status(current: int, wanted: Expected, allowed: int, reason: str) -> None:
    budget = {"metadata": {"name": "b", "generation": 2}, "spec": {}}
    assert new_status(budget, current, wanted, {}, NOW) == {
        "observedGeneration": 2,
        "disruptionsAllowed": allowed,
        "currentHealthy": current,
        "desiredHealthy": wanted.healthy,
        "expectedPods": wanted.pods,
        "conditions": [
            {
                "type": "DisruptionAllowed",
                "status": str(bool(allowed)),
                "observedGeneration": 2,
                "reason": reason,
                "message": "",
                "lastTransitionTime": "2026-01-01T00:00:00Z",
            }
        ],
    }


def test_disrupted_pods() -> None:
    listed = {"gone": 10, "soon": 10, "late": 120, "deleting": 10}
    status = {"disruptedPods": {name: rfc3339(NOW - ago) for name, ago in listed.items()}}
    there: list[Object] = [{"metadata": {"name": name}} for name in ("soon", "late", "other")]
    there.append({"metadata": {"name": "deleting", "deletionTimestamp": rfc3339(NOW)}})
    found = disrupted(status, there, NOW)
    assert found.pods == {"soon": rfc3339(NOW - 10)}
    assert [each["metadata"]["name"] for each in found.overdue] == ["late"]
    assert found.recheck == 110


def target(status: str = "True", reason: str = "EvictionByEvictionAPI", phase: str = "Running", **meta: str) -> Object:
    when = rfc3339(NOW - 50)
    condition = {"type": "DisruptionTarget", "status": status, "reason": reason, "lastTransitionTime": when}
    return {"metadata": {"name": "p", **meta}, "status": {"phase": phase, "conditions": [condition]}}


@pytest.mark.parametrize(
    ("what", "wanted"),
    [
        pytest.param(target(), 70, id="to be disrupted"),
        pytest.param(target("False"), None, id="not any more"),
        pytest.param(target(reason="TerminationByKubelet"), None, id="by the kubelet"),
        pytest.param(target(deletionTimestamp="now"), None, id="deleted"),
        pytest.param(target(phase="Failed"), None, id="ended"),
        pytest.param({"metadata": {}, "status": {}}, None, id="none"),
    ],
)
def test_until_stale(what: Object, wanted: float | None) -> None:
    assert until_stale(what, NOW) == wanted


# Through the API


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    async with api_world(request.param) as world:
        world.run(CONTROLLER, DEPLOYMENT_CONTROLLER, REPLICA_SET_CONTROLLER)
        await add_node(world)
        yield world


async def add_budget(world: ApiWorld, name: str = "b", **spec: Any) -> None:
    body = {"selector": {"matchLabels": LABELS}, **spec}
    await world.client.create(BUDGETS, {"metadata": {"name": name, "namespace": "default"}, "spec": body})
    await world.settle()


async def counts(world: ApiWorld, name: str = "b") -> tuple[int, int, int, int]:
    """Allowed, current, desired, expected."""
    status = (await world.client.get(BUDGETS, "default", name))["status"]
    fields = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
    return tuple(status[field] for field in fields)  # type: ignore[return-value]


async def condition(world: ApiWorld) -> str:
    [found] = (await world.client.get(BUDGETS, "default", "b"))["status"]["conditions"]
    return f"{found['status']} {found['reason']}: {found['message']}"


async def deploy(world: ApiWorld, replicas: int = 3) -> list[str]:
    await world.client.create(DEPLOYMENTS, deployment(replicas))
    await world.settle()
    return await make_ready(world)


async def make_ready(world: ApiWorld) -> list[str]:
    names = [each["metadata"]["name"] for each in (await world.client.list(PODS, "default")).items]
    for name in names:
        await run_pod(world, name)
    await world.settle()
    return names


async def test_a_deployment(world: ApiWorld) -> None:
    await add_budget(world, maxUnavailable=1)
    assert (await counts(world), await condition(world)) == ((0, 0, 0, 0), "False InsufficientPods: ")
    names = await deploy(world)
    assert (await counts(world), await condition(world)) == ((1, 3, 2, 3), "True SufficientPods: ")
    await run_pod(world, names[0], ready=False)
    await world.settle()
    assert (await counts(world), await condition(world)) == ((0, 2, 2, 3), "False InsufficientPods: ")


async def test_scaling_shows_before_pods_do(world: ApiWorld) -> None:
    await add_budget(world, minAvailable="60%")
    await deploy(world)
    assert await counts(world) == (1, 3, 2, 3)
    await world.client.patch(DEPLOYMENTS, "default", "web", {"spec": {"replicas": 6}})
    await world.settle()
    assert await counts(world) == (0, 3, 4, 6)
    await make_ready(world)
    assert await counts(world) == (2, 6, 4, 6)


async def test_evictions(world: ApiWorld) -> None:
    await add_budget(world, maxUnavailable=1)
    first, second, _ = await deploy(world)

    async def evict(name: str) -> None:
        eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": "default"}}
        await world.client.create(PODS, eviction, namespace="default", name=name, subresource="eviction")

    await evict(first)
    with pytest.raises(StatusError, match="disruption budget"):
        await evict(second)
    await world.settle()
    assert await counts(world) == (0, 2, 2, 3)
    await make_ready(world)
    assert await counts(world) == (1, 3, 2, 3)


async def test_an_eviction_that_comes_to_nothing(world: ApiWorld) -> None:
    await add_budget(world, minAvailable=1)
    await world.client.create(PODS, pod("a", LABELS))
    await run_pod(world, "a")
    await world.settle()
    listed = {"status": {"disruptedPods": {"a": rfc3339(world.clock.now())}}}
    await world.client.patch(BUDGETS, "default", "b", listed, subresource="status")
    await world.settle()
    assert await counts(world) == (0, 0, 1, 1)
    await world.advance(119)
    assert await counts(world) == (0, 0, 1, 1)
    await world.advance(1)
    assert await counts(world) == (0, 1, 1, 1)
    assert "disruptedPods" not in (await world.client.get(BUDGETS, "default", "b"))["status"]
    assert "Warning NotDeleted: Pod was expected by PDB default/b to be deleted but it wasn't" in await events(world)


async def test_pods_without_a_controller(world: ApiWorld) -> None:
    await add_budget(world, minAvailable="50%")
    await world.client.create(PODS, pod("a", LABELS))
    await world.settle()
    assert await counts(world) == (0, 0, 0, 0)
    [told] = {each for each in await events(world) if "UnmanagedPods" in each}
    assert "(selector: &LabelSelector{MatchLabels:map[string]string{app: web,}" in told


async def test_controllers_without_a_scale(world: ApiWorld) -> None:
    await add_budget(world, maxUnavailable=1)
    template = {"spec": {"containers": [{"name": "c", "image": "i"}], "restartPolicy": "Never"}}
    wanted: Object = {"metadata": {"name": "j", "namespace": "default"}, "spec": {"template": template}}
    job = await world.client.create(JOBS, wanted)
    made = pod("a", LABELS)
    made["metadata"]["ownerReferences"] = [controller_reference(job, JOB)]
    await world.client.create(PODS, made)
    await world.settle()
    why = "jobs.batch does not implement the scale subresource"
    assert await condition(world) == f"False SyncFailed: {why}"
    told = f"Warning CalculateExpectedPodCountFailed: Failed to calculate the number of expected pods: {why}"
    assert told in await events(world)


async def test_two_budgets(world: ApiWorld) -> None:
    await add_budget(world, minAvailable=1)
    await add_budget(world, "c", minAvailable=1)
    await world.client.create(PODS, pod("a", LABELS))
    await run_pod(world, "a")
    await world.settle()
    assert await counts(world) == await counts(world, "c") == (0, 1, 1, 1)
    told = 'Pod "default"/"a" matches multiple PodDisruptionBudgets.  Chose "b" arbitrarily.'
    assert f"Warning MultiplePodDisruptionBudgets: {told}" in await events(world)


async def test_a_stale_condition_is_taken_back(world: ApiWorld) -> None:
    await world.client.create(PODS, pod("a", LABELS))
    condition = {"type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI"}
    await run_pod(world, "a", conditions=[{**condition, "lastTransitionTime": rfc3339(world.clock.now())}])
    await world.advance(119)
    assert (await world.client.get(PODS, "default", "a"))["status"]["conditions"][0]["status"] == "True"
    await world.advance(1)
    [taken_back] = (await world.client.get(PODS, "default", "a"))["status"]["conditions"]
    assert taken_back == {
        "type": "DisruptionTarget",
        "observedGeneration": 1,
        "status": "False",
        "lastProbeTime": None,
        "lastTransitionTime": rfc3339(world.clock.now()),
    }
