"""Jobs through the API, with nodes that run their pods."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from minikube_py.controllers.job import CONTROLLER
from minikube_py.controllers.job.survey import TRACKING
from minikube_py.machinery import errors
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.meta import name
from minikube_py.machinery.random import Random
from minikube_py.machinery.wellknown import JOBS, PODS
from tests.controllers.apiworld import LAGS, ApiWorld, api_world, events, run_pod
from tests.controllers.jobs import conditions, counters, create, get, job_descriptors, job_world, manifest, pods
from tests.watched_client import WatchedClient


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    async with job_world(request.param) as world:
        yield world


def about_jobs(told: list[str]) -> list[str]:
    """Without pods' names and what others tell."""
    reasons = ("SuccessfulCreate", "SuccessfulDelete", "Completed", "Suspended", "Resumed")
    return [each.split(" ", 1)[1].split("-")[0] for each in told if each.split()[1].rstrip(":") in reasons]


async def test_a_job_completes(world: ApiWorld) -> None:
    await create(world, manifest("exit 0"))
    status = (await get(world))["status"]
    now = "2026-01-01T00:00:00Z"
    why = {"reason": "CompletionsReached", "message": "Reached expected number of succeeded pods"}
    why |= {"lastProbeTime": now, "lastTransitionTime": now}
    assert status == {
        "conditions": [{"type": type, "status": "True", **why} for type in ("SuccessCriteriaMet", "Complete")],
        "startTime": "2026-01-01T00:00:00Z",
        "completionTime": "2026-01-01T00:00:00Z",
        "succeeded": 1,
        "ready": 0,
        "terminating": 0,
        "uncountedTerminatedPods": {},
    }
    [pod] = await pods(world)
    assert "finalizers" not in pod["metadata"]
    assert pod["metadata"]["name"].startswith("j-")
    assert about_jobs(await events(world)) == ["SuccessfulCreate: Created pod: j", "Completed: Job completed"]


async def test_a_running_job(world: ApiWorld) -> None:
    await create(world, manifest("sleep 60", parallelism=2, completions=3))
    assert await counters(world) == {"active": 2, "ready": 2}
    assert all(pod["metadata"]["finalizers"] == [TRACKING] for pod in await pods(world))
    await world.advance(60)
    assert await counters(world) == {"active": 1, "ready": 1, "succeeded": 2}
    await world.advance(60)
    assert await counters(world) == {"succeeded": 3}
    assert (await get(world))["status"]["completionTime"] == "2026-01-01T00:02:00Z"


async def test_failures_back_off(world: ApiWorld) -> None:
    await create(world, manifest("exit 1", backoffLimit=2))
    seen = []
    for _ in range(4):
        seen.append((world.clock.now() - 1_767_225_600, len(await pods(world)), await counters(world)))
        await world.advance(10)
    assert [count for _, count, _ in seen] == [1, 2, 2, 3]
    assert await counters(world) == {"failed": 3}
    assert await conditions(world) == ["FailureTarget BackoffLimitExceeded", "Failed BackoffLimitExceeded"]
    told = await events(world)
    assert "Warning BackoffLimitExceeded: Job has reached the specified backoff limit" in told
    assert not any(pod["metadata"].get("finalizers") for pod in await pods(world))


async def test_the_deadline_ends_it(world: ApiWorld) -> None:
    await create(world, manifest("sleep 100", activeDeadlineSeconds=30))
    await world.advance(29)
    assert await counters(world) == {"active": 1, "ready": 1}
    await world.advance(1)
    assert await counters(world) == {"failed": 1}
    assert await conditions(world) == ["FailureTarget DeadlineExceeded", "Failed DeadlineExceeded"]
    assert await pods(world) == []


async def test_indexes(world: ApiWorld) -> None:
    spec = {"completionMode": "Indexed", "completions": 5, "parallelism": 2}
    await create(world, manifest("sleep 10", **spec))
    first, second = sorted(await pods(world), key=lambda pod: pod["metadata"]["name"])
    assert [pod["spec"]["hostname"] for pod in (first, second)] == ["j-0", "j-1"]
    index = "batch.kubernetes.io/job-completion-index"
    assert first["metadata"]["labels"][index] == first["metadata"]["annotations"][index] == "0"
    source = {"fieldRef": {"apiVersion": "v1", "fieldPath": f"metadata.labels['{index}']"}}
    assert first["spec"]["containers"][0]["env"] == [{"name": "JOB_COMPLETION_INDEX", "valueFrom": source}]
    await world.advance(10)
    assert await counters(world) == {"active": 2, "ready": 2, "succeeded": 2, "completedIndexes": "0,1"}
    await world.advance(20)
    assert await counters(world) == {"succeeded": 5, "completedIndexes": "0-4"}
    assert await conditions(world) == ["SuccessCriteriaMet CompletionsReached", "Complete CompletionsReached"]


async def test_limits_per_index(world: ApiWorld) -> None:
    spec = {"completionMode": "Indexed", "completions": 2, "parallelism": 2, "backoffLimitPerIndex": 1}
    await create(world, manifest("exit 1", **spec))
    assert await counters(world) == {}
    assert len(await pods(world)) == 2
    await world.advance(10)
    assert await counters(world) == {"failed": 4, "failedIndexes": "0,1"}
    assert await conditions(world) == ["FailureTarget FailedIndexes", "Failed FailedIndexes"]
    count = "batch.kubernetes.io/job-index-failure-count"
    assert sorted(pod["metadata"]["annotations"][count] for pod in await pods(world)) == ["0", "0", "1", "1"]


async def test_success_policy(world: ApiWorld) -> None:
    policy = {"rules": [{"succeededIndexes": "0"}]}
    made = manifest("sleep 10", completionMode="Indexed", completions=3, parallelism=1, successPolicy=policy)
    await create(world, made)
    await world.advance(10)
    assert await counters(world) == {"succeeded": 1, "completedIndexes": "0"}
    assert await conditions(world) == ["SuccessCriteriaMet SuccessPolicy", "Complete SuccessPolicy"]
    assert (await get(world))["status"]["conditions"][0]["message"] == "Matched rules at index 0"
    [pod] = await pods(world)
    assert pod["status"]["phase"] == "Succeeded"


async def test_failure_policy(world: ApiWorld) -> None:
    rules = [
        {"action": "Ignore", "onExitCodes": {"operator": "In", "values": [3]}},
        {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [42]}},
    ]
    await create(world, manifest("exit 3", backoffLimit=0, podFailurePolicy={"rules": rules}))
    await world.advance(15)
    assert len(await pods(world)) == 2
    assert (await conditions(world), await counters(world)) == ([], {})
    fatal = manifest("exit 42", podFailurePolicy={"rules": rules})
    await create(world, {**fatal, "metadata": {"name": "k", "namespace": "default"}})
    assert await conditions(world, "k") == ["FailureTarget PodFailurePolicy", "Failed PodFailurePolicy"]
    message = (await get(world, "k"))["status"]["conditions"][0]["message"]
    assert message.endswith("failed with exit code 42 matching FailJob rule at index 1")


async def test_an_ignored_failure_is_backed_off_from_even_if_the_status_stays() -> None:
    """A cache that is behind may have had the pod left out of the status before, as here by hand."""
    async with api_world() as world:
        world.run(CONTROLLER)
        rules = [{"action": "Ignore", "onExitCodes": {"operator": "In", "values": [3]}}]
        await create(world, manifest("exit 3", podFailurePolicy={"rules": rules}))
        [pod] = await pods(world)
        await world.client.patch(JOBS, "default", "j", {"status": {"active": None, "ready": 0}}, subresource="status")
        ended = {"exitCode": 3, "finishedAt": rfc3339(world.clock.now())}
        containers = [{"name": "c", "state": {"terminated": ended}}]
        await run_pod(world, name(pod), ready=False, phase="Failed", containerStatuses=containers)
        await world.advance(9)
        assert len(await pods(world)) == 1
        await world.advance(1)
        assert len(await pods(world)) == 2


async def test_suspend_and_resume(world: ApiWorld) -> None:
    await create(world, manifest("sleep 10", suspend=True, activeDeadlineSeconds=20))
    assert await conditions(world) == ["Suspended JobSuspended"]
    assert await pods(world) == []
    await world.advance(60)
    await world.client.patch(JOBS, "default", "j", {"spec": {"suspend": False}})
    await world.settle()
    assert await conditions(world) == ["!Suspended JobResumed"]
    assert (await get(world))["status"]["startTime"] == "2026-01-01T00:01:00Z"
    assert await counters(world) == {"active": 1, "ready": 1}
    await world.client.patch(JOBS, "default", "j", {"spec": {"suspend": True}})
    await world.settle()
    assert await pods(world) == []
    assert await counters(world) == {}
    assert "startTime" not in (await get(world))["status"]
    await world.client.patch(JOBS, "default", "j", {"spec": {"suspend": False}})
    await world.advance(10)
    assert (await conditions(world))[1:] == ["SuccessCriteriaMet CompletionsReached", "Complete CompletionsReached"]
    assert sorted(set(about_jobs(await events(world)))) == [
        "Completed: Job completed",
        "Resumed: Job resumed",
        "SuccessfulCreate: Created pod: j",
        "SuccessfulDelete: Deleted pod: j",
        "Suspended: Job suspended",
    ]


async def test_parallelism_is_changed(world: ApiWorld) -> None:
    await create(world, manifest("sleep 100", parallelism=4, completions=9))
    await world.client.patch(JOBS, "default", "j", {"spec": {"parallelism": 1}})
    await world.settle()
    assert await counters(world) == {"active": 1, "ready": 1}
    await world.client.patch(JOBS, "default", "j", {"spec": {"parallelism": 3}})
    await world.settle()
    assert await counters(world) == {"active": 3, "ready": 3}


async def test_a_deleted_pod_is_replaced_and_counted(world: ApiWorld) -> None:
    await create(world, manifest("sleep 100"))
    [first] = await pods(world)
    await world.client.delete(PODS, "default", first["metadata"]["name"])
    await world.advance(30)
    [second] = await pods(world)
    assert second["metadata"]["uid"] != first["metadata"]["uid"]
    assert await counters(world) == {"active": 1, "ready": 1, "failed": 1}


async def test_restarts_in_place_count(world: ApiWorld) -> None:
    await create(world, manifest("exit 1", backoffLimit=2, restart="OnFailure"))
    await world.advance(60)
    assert await conditions(world) == ["FailureTarget BackoffLimitExceeded", "Failed BackoffLimitExceeded"]
    assert await pods(world) == []


async def test_a_deleted_job_takes_its_pods_along(world: ApiWorld) -> None:
    await create(world, manifest("sleep 100", parallelism=3))
    await world.client.delete(JOBS, "default", "j", propagation="Background")
    await world.advance(60)
    assert await pods(world) == []


async def test_orphans_lose_the_finalizer(world: ApiWorld) -> None:
    await create(world, manifest("sleep 100", parallelism=2, completions=2))
    await world.client.delete(JOBS, "default", "j", propagation="Orphan")
    await world.settle()
    left = await pods(world)
    assert len(left) == 2
    assert not any(pod["metadata"].get("finalizers") or pod["metadata"].get("ownerReferences") for pod in left)


async def test_pods_are_adopted(world: ApiWorld) -> None:
    labels = {"app": "j"}
    template = {"metadata": {"labels": labels}, **manifest("sleep 100")["spec"]["template"]}
    pod: Object = {"metadata": {"name": "p", "namespace": "default", "labels": labels}, "spec": template["spec"]}
    await world.client.create(PODS, pod)
    made = manifest("sleep 100", manualSelector=True, selector={"matchLabels": labels}, template=template)
    await create(world, made)
    [adopted] = await pods(world)
    assert adopted["metadata"]["finalizers"] == [TRACKING]
    assert adopted["metadata"]["ownerReferences"][0]["name"] == "j"
    await world.advance(100)
    assert await counters(world) == {"succeeded": 1}


async def test_jobs_of_other_controllers_are_left_alone(world: ApiWorld) -> None:
    await create(world, manifest(managedBy="example.com/mine"))
    assert (await get(world))["status"] == {}
    assert await pods(world) == []


async def test_a_failed_creation() -> None:
    def refuse(verb: str, resource: GroupVersionResource, obj: Object) -> Exception | None:
        if (verb, resource) == ("create", PODS):
            return errors.forbidden(PODS.group_resource, "j-", "no more room")
        return None

    async with api_world(1) as world:
        watched = WatchedClient(world.client)
        watched.reaction = refuse
        world.client = watched
        await world.begin("kube-node-lease")
        world.run(*job_descriptors(), selection="*,-garbage-collector-controller")
        await create(world, manifest(parallelism=3, completions=3))
        assert await counters(world) == {}
        refused = [each for each in await events(world) if "FailedCreate" in each]
        assert refused[0] == 'Warning FailedCreate: Error creating: pods "j-" is forbidden: no more room'
        watched.reaction = None
        await world.advance(60)
        assert await counters(world) == {"succeeded": 3}


@pytest.mark.parametrize("seed", range(4))
async def test_counts_are_right_whatever_conflicts(seed: int) -> None:
    """Each index succeeds once, each failure is counted once."""
    random = Random(seed)

    def conflict(verb: str, resource: GroupVersionResource, obj: Object) -> Exception | None:
        if verb not in ("update", "patch") or resource not in (JOBS, PODS) or random.below(6):
            return None
        return errors.conflict(resource.group_resource, obj["metadata"]["name"])

    async with api_world(seed) as world:
        watched = WatchedClient(world.client)
        watched.reaction = conflict
        world.client = watched
        await world.begin("kube-node-lease")
        world.run(*job_descriptors(), selection="*,-garbage-collector-controller")
        spec = {"completionMode": "Indexed", "completions": 9, "parallelism": 4, "backoffLimitPerIndex": 0}
        await create(world, manifest("sleep 7", **spec))
        await create(world, {**manifest("exit 1", backoffLimit=3), "metadata": {"name": "k", "namespace": "default"}})
        await world.advance(200)
        assert await counters(world) == {"succeeded": 9, "completedIndexes": "0-8"}
        assert await counters(world, "k") == {"failed": 4}
        assert len(await pods(world)) == 13
        assert not any(pod["metadata"].get("finalizers") for pod in await pods(world))


SLOW = {"minikube-py/stop": "10s"}


async def delete_pod(world: ApiWorld) -> str:
    [pod] = await pods(world)
    await world.client.delete(PODS, "default", pod["metadata"]["name"])
    await world.settle()
    return str(pod["metadata"]["uid"])


async def test_a_terminating_pod_is_replaced_at_once(world: ApiWorld) -> None:
    await create(world, manifest("sleep 100", annotations=SLOW))
    await delete_pod(world)
    assert await counters(world) == {"terminating": 1, "failed": 1}
    await world.advance(9)
    assert await counters(world) == {"terminating": 1, "failed": 1}
    await world.advance(31)
    assert await counters(world) == {"active": 1, "ready": 1, "failed": 1}


async def test_a_terminating_pod_is_replaced_once_it_has_failed(world: ApiWorld) -> None:
    await create(world, manifest("sleep 100", annotations=SLOW, podReplacementPolicy="Failed"))
    await delete_pod(world)
    assert await counters(world) == {"terminating": 1}
    await world.advance(9)
    assert await counters(world) == {"terminating": 1}
    await world.advance(31)
    assert await counters(world) == {"active": 1, "ready": 1, "failed": 1}


async def test_a_job_ends_once_its_pods_have(world: ApiWorld) -> None:
    await create(world, manifest("sleep 100", annotations=SLOW, activeDeadlineSeconds=20))
    await world.advance(20)
    assert await conditions(world) == ["FailureTarget DeadlineExceeded"]
    assert await counters(world) == {"terminating": 1, "failed": 1}
    await world.advance(10)
    assert await conditions(world) == ["FailureTarget DeadlineExceeded", "Failed DeadlineExceeded"]
    assert await counters(world) == {"failed": 1}


async def test_evicted_pods_may_be_ignored(world: ApiWorld) -> None:
    rule = {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}
    await create(world, manifest("sleep 100", backoffLimit=0, podFailurePolicy={"rules": [rule]}))
    [pod] = await pods(world)
    name = pod["metadata"]["name"]
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": "default"}}
    await world.client.create(PODS, eviction, namespace="default", name=name, subresource="eviction")
    await world.advance(30)
    assert await counters(world) == {"active": 1, "ready": 1}
    assert await conditions(world) == []
