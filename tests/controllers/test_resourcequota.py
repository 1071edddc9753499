"""Quotas through the API: what the controller counts, and what admission counts and refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from minikube_py.controllers.replicaset import CONTROLLER as REPLICA_SET_CONTROLLER
from minikube_py.controllers.resourcequota import CONTROLLER
from minikube_py.controllers.resourcequota.reconciler import QUOTAS, evaluators_of, is_same, new_status
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.quota import amounts
from minikube_py.machinery.wellknown import CONFIG_MAPS, PODS, REPLICA_SETS, SECRETS, SERVICES
from tests.controllers.apiworld import LAGS, ApiWorld, add_node, api_world, run_pod
from tests.controllers.workloads import replica_set


def test_evaluators_of() -> None:
    found = evaluators_of(["pods", "requests.storage", "secrets", "count/jobs.batch", "count/events", "nonsense"])
    assert [str(each.resource) for each in found] == ["pods", "persistentvolumeclaims", "secrets", "jobs.batch"]


def test_new_status() -> None:
    quota = {
        "spec": {"hard": {"pods": "2", "count/x.y": "1", "cpu": "1"}},
        "status": {"hard": {"pods": "1"}, "used": {"count/x.y": "1", "memory": "1"}},
    }
    status = new_status(quota, amounts.parsed({"pods": "1", "cpu": "0"}))
    hard = {"count/x.y": "1", "cpu": "1", "pods": "2"}
    assert status == {"hard": hard, "used": {"count/x.y": "1", "cpu": "0", "pods": "1"}}
    assert is_same(status, {**status, "hard": {**hard, "cpu": "1000m"}})
    assert not is_same(status, quota["status"])


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    async with api_world(request.param) as world:
        world.run(CONTROLLER, REPLICA_SET_CONTROLLER)
        await add_node(world)
        yield world


async def add_quota(world: ApiWorld, name: str = "q", scopes: tuple[str, ...] = (), **hard: str) -> None:
    names = {key.replace("__", "/").replace("_", "."): value for key, value in hard.items()}
    spec: Object = {"hard": names, "scopes": list(scopes)} if scopes else {"hard": names}
    await world.client.create(QUOTAS, {"metadata": {"name": name, "namespace": "default"}, "spec": spec})
    await world.settle()


async def used(world: ApiWorld, name: str = "q") -> dict[str, str]:
    found: dict[str, str] = (await world.client.get(QUOTAS, "default", name))["status"].get("used", {})
    return found


def pod(name: str, cpu: str = "100m", **spec: Any) -> Object:
    container = {"name": "c", "image": "i", "resources": {"requests": {"cpu": cpu}} if cpu else {}}
    return {"metadata": {"name": name, "namespace": "default"}, "spec": {"containers": [container], **spec}}


async def create(world: ApiWorld, resource: GroupVersionResource, name: str, **fields: Any) -> None:
    await world.client.create(resource, {"metadata": {"name": name, "namespace": "default"}, **fields})


async def test_what_was_there_is_counted(world: ApiWorld) -> None:
    await create(world, CONFIG_MAPS, "a")
    await world.client.create(PODS, pod("a"))
    await add_quota(world, configmaps="5", pods="2", requests_cpu="1", count__replicasets_apps="3")
    assert await used(world) == {"configmaps": "1", "count/replicasets.apps": "0", "pods": "1", "requests.cpu": "100m"}


async def test_what_is_made_counts_at_once_and_what_goes_is_given_back(world: ApiWorld) -> None:
    await add_quota(world, pods="2", cpu="1", count__configmaps="1")
    await world.client.create(PODS, pod("a"))
    await create(world, CONFIG_MAPS, "a")
    assert await used(world) == {"count/configmaps": "1", "cpu": "100m", "pods": "1"}
    await world.client.delete(PODS, "default", "a", grace_period=0)
    await world.client.delete(CONFIG_MAPS, "default", "a")
    await world.settle()
    assert await used(world) == {"count/configmaps": "0", "cpu": "0", "pods": "0"}


async def test_a_pod_that_ends_gives_back(world: ApiWorld) -> None:
    await add_quota(world, pods="1", count__pods="2")
    await world.client.create(PODS, pod("a", nodeName="node"))
    await run_pod(world, "a", phase="Succeeded")
    await world.settle()
    assert await used(world) == {"count/pods": "1", "pods": "0"}


@pytest.mark.parametrize(
    ("resource", "body", "message"),
    [
        pytest.param(PODS, pod("b", "950m"), "requested: cpu=950m, used: cpu=100m, limited: cpu=1", id="cpu"),
        pytest.param(PODS, pod("b", ""), "failed quota: q: must specify cpu for: c", id="must be said"),
        pytest.param(
            SECRETS,
            {"metadata": {"name": "s", "namespace": "default"}},
            "exceeded quota: q, requested: secrets=1, used: secrets=0, limited: secrets=0",
            id="secrets",
        ),
        pytest.param(
            SERVICES,
            {"metadata": {"name": "s", "namespace": "default"}, "spec": {"type": "NodePort", "ports": [{"port": 1}]}},
            "requested: services.nodeports=1, used: services.nodeports=0, limited: services.nodeports=0",
            id="node ports",
        ),
    ],
)
async def test_refusals(world: ApiWorld, resource: GroupVersionResource, body: Object, message: str) -> None:
    await add_quota(world, pods="9", cpu="1", secrets="0", services_nodeports="0")
    await world.client.create(PODS, pod("a"))
    before = await used(world)
    with pytest.raises(StatusError) as refused:
        await world.client.create(resource, body)
    assert refused.value.code == 403
    assert message in str(refused.value)
    assert await used(world) == before


async def test_a_quota_without_figures_refuses(world: ApiWorld) -> None:
    await add_quota(world, pods="1")
    await world.client.patch(QUOTAS, "default", "q", {"status": {"used": None}}, subresource="status")
    with pytest.raises(StatusError, match="status unknown for quota: q, resources: pods"):
        await world.client.create(PODS, pod("a"))


async def test_dry_runs_do_not_count(world: ApiWorld) -> None:
    await add_quota(world, configmaps="1")
    made = {"metadata": {"name": "a", "namespace": "default"}}
    await world.client.create(CONFIG_MAPS, made, dry_run=True)
    assert await used(world) == {"configmaps": "0"}


async def test_two_quotas_and_scopes(world: ApiWorld) -> None:
    await add_quota(world, "best", ("BestEffort",), pods="1")
    await add_quota(world, "all", pods="5")
    await world.client.create(PODS, pod("a"))
    await world.client.create(PODS, pod("b", ""))
    assert (await used(world, "best"), await used(world, "all")) == ({"pods": "1"}, {"pods": "2"})
    with pytest.raises(StatusError, match="exceeded quota: best"):
        await world.client.create(PODS, pod("c", ""))
    assert (await used(world, "best"), await used(world, "all")) == ({"pods": "1"}, {"pods": "2"})


async def test_a_changed_service_is_counted(world: ApiWorld) -> None:
    await add_quota(world, services_nodeports="2")
    await create(world, SERVICES, "s", spec={"type": "NodePort", "ports": [{"port": 1}]})
    assert await used(world) == {"services.nodeports": "1"}
    ports = [{"name": f"p{port}", "port": port} for port in (1, 2, 3)]
    with pytest.raises(StatusError, match="exceeded quota: q"):
        await world.client.patch(SERVICES, "default", "s", {"spec": {"ports": ports}})
    await world.client.patch(SERVICES, "default", "s", {"spec": {"type": "ClusterIP"}})
    await world.settle()
    assert await used(world) == {"services.nodeports": "0"}


async def test_what_was_counted_and_not_stored_is_given_back(world: ApiWorld) -> None:
    await add_quota(world, configmaps="5")
    await create(world, CONFIG_MAPS, "a")
    with pytest.raises(StatusError, match="already exists"):
        await create(world, CONFIG_MAPS, "a")
    await world.advance(300)
    assert await used(world) == {"configmaps": "1"}


async def test_a_raised_limit(world: ApiWorld) -> None:
    await add_quota(world, pods="0")
    await world.client.patch(QUOTAS, "default", "q", {"spec": {"hard": {"pods": "1"}}})
    await world.settle()
    status = (await world.client.get(QUOTAS, "default", "q"))["status"]
    assert status == {"hard": {"pods": "1"}, "used": {"pods": "0"}}


async def test_a_replica_set_gets_as_many_as_fit(world: ApiWorld) -> None:
    await add_quota(world, pods="3")
    await world.client.create(REPLICA_SETS, replica_set(5))
    await world.settle()
    assert (len((await world.client.list(PODS)).items), await used(world)) == (3, {"pods": "3"})
    await world.client.patch(QUOTAS, "default", "q", {"spec": {"hard": {"pods": "10"}}})
    await world.advance(60)
    assert (len((await world.client.list(PODS)).items), await used(world)) == (5, {"pods": "5"})


@pytest.mark.parametrize("seed", [3, 4, 7])
async def test_what_comes_and_goes_before_a_cache_shows_it_is_given_back(seed: int) -> None:
    """A count that is the same as in a stale quota is not the same as in the quota."""
    async with api_world(12, seed) as world:
        world.run(CONTROLLER)
        await add_quota(world, configmaps="3")
        for name in "abc":
            await create(world, CONFIG_MAPS, name)
            await world.client.delete(CONFIG_MAPS, "default", name)
        await world.settle()
        assert await used(world) == {"configmaps": "0"}
