"""CronJobs: their times from values, and what becomes of them through the API."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from minikube_py.controllers.cronjob import CONTROLLER
from minikube_py.controllers.cronjob.activejobs import superfluous
from minikube_py.controllers.cronjob.reconciler import CRON_JOBS
from minikube_py.controllers.cronjob.schedule import InvalidSchedule, Recent, next_of, recent, until_next
from minikube_py.controllers.cronjob.template import job_from_template
from minikube_py.machinery.clock import parse_rfc3339, rfc3339
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import JOBS
from tests.controllers.apiworld import LAGS, ApiWorld, api_world, events
from tests.controllers.jobs import job_descriptors


def cron_job(schedule: str = "0 * * * *", *, created: str = "09:00", last: str = "", **spec: Any) -> Object:
    status = {"lastScheduleTime": f"2026-01-01T{last}:00Z"} if last else {}
    metadata = {"name": "c", "namespace": "default", "uid": "u", "creationTimestamp": f"2026-01-01T{created}:00Z"}
    return {"metadata": metadata, "spec": {"schedule": schedule, "jobTemplate": {}, **spec}, "status": status}


def at(text: str, day: str = "2026-01-01") -> float:
    return parse_rfc3339(f"{day}T{text}:00Z")


@pytest.mark.parametrize(
    ("what", "now", "expected"),
    [
        pytest.param(cron_job(), "09:10", ("09:00", None, 0), id="not yet"),
        pytest.param(cron_job(), "10:00", ("09:00", "10:00", 0), id="just now"),
        pytest.param(cron_job(), "10:59", ("09:00", "10:00", 0), id="one, late"),
        pytest.param(cron_job(), "12:10", ("09:00", "12:00", 3), id="three"),
        pytest.param(cron_job(last="11:00"), "12:10", ("11:00", "12:00", 0), id="since the last one"),
        pytest.param(cron_job("* * * * *"), "11:00", ("09:00", "11:00", 120), id="many"),
        pytest.param(cron_job(startingDeadlineSeconds=600), "12:10", ("12:00", None, 0), id="too late"),
        pytest.param(cron_job(startingDeadlineSeconds=601), "12:10", ("11:59", "12:00", 0), id="not too late"),
        pytest.param(cron_job("0 9,11 * * *"), "11:30", ("09:00", "11:00", 0), id="uneven"),
        pytest.param(cron_job("@every 30m"), "10:40", ("09:00", "10:30", 3), id="every"),
        pytest.param(cron_job("0 12 * * *", timeZone="Europe/Berlin"), "11:00", ("09:00", "11:00", 0), id="zone"),
        pytest.param(
            cron_job("TZ=Asia/Tokyo 0 19 * * *", timeZone="Europe/Berlin"),
            "10:00",
            ("09:00", "10:00", 0),
            id="own zone",
        ),
    ],
)
def test_recent(what: Object, now: str, expected: tuple[str, str | None, int]) -> None:
    since, due, missed = expected
    found = recent(what, at(now), next_of(what), with_deadline=True)
    assert rfc3339(found.since)[11:16] == since
    assert found[1:] == Recent(0, None if due is None else at(due), missed)[1:]


def test_a_schedule_that_never_comes() -> None:
    what = cron_job("59 23 31 2 *")
    with pytest.raises(InvalidSchedule, match="time difference between two schedules is less than 1 second"):
        recent(what, at("10:00"), next_of(what), with_deadline=True)
    assert until_next(what, at("10:00"), next_of(what)) is None


@pytest.mark.parametrize(
    ("what", "now", "expected"),
    [
        pytest.param(cron_job(), "09:10", 3000.1, id="first"),
        pytest.param(cron_job(), "10:00", 3600.1, id="due now, so the one after"),
        pytest.param(cron_job(startingDeadlineSeconds=60), "12:10", 3000.1, id="whatever the deadline"),
    ],
)
def test_until_next(what: Object, now: str, expected: float) -> None:
    assert until_next(what, at(now), next_of(what)) == pytest.approx(expected)


def test_the_job() -> None:
    template = {"metadata": {"labels": {"a": "b"}, "annotations": {"c": "d"}}, "spec": {"parallelism": 1}}
    made = job_from_template(cron_job(jobTemplate=template, timeZone="Europe/Berlin"), at("09:00"))
    assert made == {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": "c-29454300",
            "namespace": "default",
            "labels": {"a": "b"},
            "annotations": {"c": "d", "batch.kubernetes.io/cronjob-scheduled-timestamp": "2026-01-01T10:00:00+01:00"},
            "ownerReferences": [
                {
                    "apiVersion": "batch/v1",
                    "kind": "CronJob",
                    "name": "c",
                    "uid": "u",
                    "controller": True,
                    "blockOwnerDeletion": True,
                }
            ],
        },
        "spec": {"parallelism": 1},
    }
    stamp = job_from_template(cron_job(), at("09:00"))["metadata"]["annotations"]
    assert stamp == {"batch.kubernetes.io/cronjob-scheduled-timestamp": "2026-01-01T09:00:00Z"}
    assert "annotations" not in job_from_template(cron_job(), at("09:00"), stamped=False)["metadata"]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        pytest.param(None, [], id="no limit"),
        pytest.param(3, [], id="not reached"),
        pytest.param(1, ["b", "a"], id="the oldest go"),
        pytest.param(0, ["b", "a", "new"], id="all go, what never began last"),
    ],
)
def test_history(limit: int | None, expected: list[str]) -> None:
    jobs = [
        {"metadata": {"name": "new"}},
        {"metadata": {"name": "a"}, "status": {"startTime": "2026-01-01T10:00:00Z"}},
        {"metadata": {"name": "b"}, "status": {"startTime": "2026-01-01T09:00:00Z"}},
    ]
    assert [job["metadata"]["name"] for job in superfluous(jobs, limit)] == expected


# Through the API, from 2026-01-01T00:00:00Z on


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    async with api_world(request.param) as world:
        await world.begin("kube-node-lease")
        world.run(CONTROLLER, *job_descriptors())
        yield world


def manifest(schedule: str = "*/10 * * * *", script: str = "exit 0", **spec: Any) -> Object:
    container = {"name": "c", "image": "busybox", "command": ["sh", "-c", script]}
    pod = {"containers": [container], "restartPolicy": "Never"}
    template = {"spec": {"template": {"spec": pod}, "backoffLimit": 0}}
    made: Object = {"schedule": schedule, "jobTemplate": template, **spec}
    return {"metadata": {"name": "c", "namespace": "default"}, "spec": made}


async def create(world: ApiWorld, obj: Object) -> None:
    await world.client.create(CRON_JOBS, obj)
    await world.settle()


async def status(world: ApiWorld) -> Object:
    got: Object = (await world.client.get(CRON_JOBS, "default", "c"))["status"]
    return got


async def jobs(world: ApiWorld) -> list[str]:
    """When they were scheduled."""
    stamp = "batch.kubernetes.io/cronjob-scheduled-timestamp"
    items = (await world.client.list(JOBS, "default")).items
    return sorted(job["metadata"]["annotations"][stamp][11:16] for job in items)


async def test_runs_and_history(world: ApiWorld) -> None:
    await create(world, manifest())
    await world.advance(600)
    assert await jobs(world) == []
    await world.advance(1)
    assert await jobs(world) == ["00:10"]
    assert await status(world) == {
        "lastScheduleTime": "2026-01-01T00:10:00Z",
        "lastSuccessfulTime": "2026-01-01T00:10:00Z",
    }
    await world.advance(3600)
    assert await jobs(world) == ["00:50", "01:00", "01:10"]
    told = await events(world)
    name = f"c-{int(at('00:10')) // 60}"
    assert f"Normal SuccessfulCreate: Created job {name}" in told
    assert f"Normal SawCompletedJob: Saw completed job: {name}, condition: Complete" in told
    assert f"Normal SuccessfulDelete: Deleted job {name}" in told


async def test_failed_runs(world: ApiWorld) -> None:
    await create(world, manifest(script="exit 1", failedJobsHistoryLimit=2))
    await world.advance(3600)
    assert await jobs(world) == ["00:40", "00:50"]
    assert await status(world) == {"lastScheduleTime": "2026-01-01T00:50:00Z"}


@pytest.mark.parametrize(
    ("policy", "after_15", "after_35", "told"),
    [
        pytest.param("Allow", ["00:10"], ["00:10", "00:20", "00:30"], "", id="allow"),
        pytest.param(
            "Forbid",
            ["00:10"],
            ["00:10"],
            "Normal JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is",
            id="forbid",
        ),
        pytest.param("Replace", ["00:10"], ["00:30"], "Normal SuccessfulDelete: Deleted job c-", id="replace"),
    ],
)
async def test_concurrency(world: ApiWorld, policy: str, after_15: list[str], after_35: list[str], told: str) -> None:
    await create(world, manifest(script="sleep 5000", concurrencyPolicy=policy))
    await world.advance(900)
    assert await jobs(world) == after_15
    await world.advance(1200)
    assert await jobs(world) == after_35
    active = (await status(world))["active"]
    assert len(active) == len(after_35)
    assert active[0].keys() == {"kind", "namespace", "name", "uid", "apiVersion", "resourceVersion"}
    assert not told or any(each.startswith(told) for each in await events(world))


async def test_suspended(world: ApiWorld) -> None:
    await create(world, manifest(suspend=True))
    await world.advance(1200)
    assert await jobs(world) == []
    await world.client.patch(CRON_JOBS, "default", "c", {"spec": {"suspend": False}})
    await world.settle()
    assert await jobs(world) == ["00:20"]


async def test_missed_runs(world: ApiWorld) -> None:
    await create(world, manifest("* * * * *", suspend=True))
    await world.advance(7200)
    await world.client.patch(CRON_JOBS, "default", "c", {"spec": {"suspend": False}})
    await world.settle()
    assert await jobs(world) == ["02:00"]
    message = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"
    assert f"Warning TooManyMissedTimes: {message}" in await events(world)


async def test_a_new_schedule_and_zone(world: ApiWorld) -> None:
    await create(world, manifest("0 0 * * *"))
    changed = {"schedule": "30 6 * * *", "timeZone": "Asia/Kolkata"}
    await world.client.patch(CRON_JOBS, "default", "c", {"spec": changed})
    await world.advance(3600)
    assert await jobs(world) == []
    await world.advance(1)
    assert await jobs(world) == ["06:30"]


async def test_a_job_that_went_missing(world: ApiWorld) -> None:
    await create(world, manifest(script="sleep 5000"))
    await world.advance(700)
    [listed] = (await status(world))["active"]
    await world.client.delete(JOBS, "default", listed["name"], propagation="Background")
    await world.advance(60)
    assert "active" not in await status(world)
    assert f"Normal MissingJob: Active job went missing: {listed['name']}" in await events(world)
    assert await jobs(world) == []


async def test_its_jobs_go_with_it(world: ApiWorld) -> None:
    await create(world, manifest(script="sleep 5000"))
    await world.advance(700)
    await world.client.delete(CRON_JOBS, "default", "c", propagation="Background")
    await world.advance(60)
    assert await jobs(world) == []


async def test_a_day_passes_quickly() -> None:
    async with api_world() as world:
        world.run(CONTROLLER)
        await create(world, manifest("0 * * * *", concurrencyPolicy="Forbid"))
        begun = time.perf_counter()
        await world.advance(86_400)
        assert time.perf_counter() - begun < 5
        assert await jobs(world) == ["01:00"]
