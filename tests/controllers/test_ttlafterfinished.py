"""Jobs that go some time after they have finished."""

from __future__ import annotations

import pytest

from minikube_py.controllers.ttlafterfinished import CONTROLLER, time_left
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import JOBS
from tests.controllers.apiworld import LAGS, ApiWorld, api_world
from tests.controllers.jobs import create, job_descriptors, manifest, pods

NOW = parse_rfc3339("2026-01-01T00:01:00Z")


def finished(ttl: int | None, type: str = "Complete", status: str = "True", **metadata: str) -> Object:
    condition = {"type": type, "status": status, "lastTransitionTime": "2026-01-01T00:00:30Z"}
    spec = {} if ttl is None else {"ttlSecondsAfterFinished": ttl}
    return {"metadata": metadata, "spec": spec, "status": {"conditions": [condition]}}


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        pytest.param(finished(40), 10, id="some time left"),
        pytest.param(finished(0, "Failed"), -30, id="over"),
        pytest.param(finished(None), None, id="stays"),
        pytest.param(finished(40, "Suspended"), None, id="not finished"),
        pytest.param(finished(40, status="False"), None, id="not finished after all"),
        pytest.param(finished(40, deletionTimestamp="now"), None, id="deleted"),
    ],
)
def test_time_left(job: Object, expected: float | None) -> None:
    assert time_left(job, NOW) == expected


async def exists(world: ApiWorld) -> bool:
    try:
        await world.client.get(JOBS, "default", "j")
    except StatusError as error:
        assert is_not_found(error)
        return False
    return True


@pytest.mark.parametrize("lag", LAGS)
async def test_a_job_and_its_pods_go(lag: int) -> None:
    async with api_world(lag) as world:
        await world.begin("kube-node-lease")
        world.run(CONTROLLER, *job_descriptors())
        await create(world, manifest("exit 0", ttlSecondsAfterFinished=100))
        await world.advance(60)
        await world.client.patch(JOBS, "default", "j", {"spec": {"ttlSecondsAfterFinished": 200}})
        await world.advance(139)
        assert await exists(world)
        await world.advance(1)
        assert not await exists(world)
        assert await pods(world) == []


@pytest.mark.parametrize("lag", LAGS)
async def test_less_time_is_taken_too(lag: int) -> None:
    async with api_world(lag) as world:
        await world.begin("kube-node-lease")
        world.run(CONTROLLER, *job_descriptors())
        await create(world, manifest("exit 1", backoffLimit=0, ttlSecondsAfterFinished=1000))
        await world.advance(5)
        await world.client.patch(JOBS, "default", "j", {"spec": {"ttlSecondsAfterFinished": 0}})
        await world.settle()
        assert not await exists(world)
