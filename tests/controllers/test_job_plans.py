"""What Jobs decide, from values alone."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.controllers.job import conditions, tracking
from minikube_py.controllers.job.backoff import Record
from minikube_py.controllers.job.podplan import Create, Delete, Wait, plan
from minikube_py.controllers.job.survey import Survey
from minikube_py.controllers.job.template import generate_name
from minikube_py.controllers.job.verdict import completed, verdict
from minikube_py.controllers.runtime.features import Features
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.gvr import Object
from tests.controllers.jobs import NOW, indexed, job, on_exit, pod, survey

# Verdicts


def decided(type: str, reason: str = "R") -> Object:
    return {"conditions": [{"type": type, "status": "True", "reason": reason, "message": "m"}]}


POLICY = {"rules": [on_exit("FailJob", "In", 42)]}


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        pytest.param(survey(job()), None, id="goes on"),
        pytest.param(survey(job(decided("FailureTarget"))), "Failed R", id="decided to fail"),
        pytest.param(survey(job(decided("SuccessCriteriaMet"))), "SuccessCriteriaMet R", id="decided to succeed"),
        pytest.param(survey(job({"failed": 6})), None, id="at the limit"),
        pytest.param(
            survey(job({"failed": 6}), pod("a", "Failed")), "FailureTarget BackoffLimitExceeded", id="past the limit"
        ),
        pytest.param(survey(job({"failed": 6}), pod("a", "Failed", tracked=False)), None, id="counted before"),
        pytest.param(survey(job({"failed": 6}), pod("a", "Failed"), released=("a",)), None, id="just counted"),
        pytest.param(
            survey(job({"failed": 6, "uncountedTerminatedPods": {"failed": ["a"]}}), pod("a", "Failed")),
            "FailureTarget BackoffLimitExceeded",
            id="being counted",
        ),
        pytest.param(
            survey(job(backoffLimit=0), pod("a", deleting=True)),
            "FailureTarget BackoffLimitExceeded",
            id="a deleted pod counts",
        ),
        pytest.param(
            survey(job(backoffLimit=0, podReplacementPolicy="Failed"), pod("a", deleting=True)),
            None,
            id="but not where only failed ones are replaced",
        ),
        pytest.param(
            survey(job(podFailurePolicy=POLICY), pod("a", "Failed", code=42)),
            "FailureTarget PodFailurePolicy",
            id="failure policy",
        ),
        pytest.param(
            survey(job({"startTime": rfc3339(NOW - 5)}, activeDeadlineSeconds=5)),
            "FailureTarget DeadlineExceeded",
            id="deadline",
        ),
        pytest.param(survey(job({"startTime": rfc3339(NOW - 4)}, activeDeadlineSeconds=5)), None, id="before deadline"),
        pytest.param(
            survey(job({"startTime": rfc3339(NOW - 9)}, activeDeadlineSeconds=5, suspend=True)),
            None,
            id="suspended has no deadline",
        ),
        pytest.param(
            survey(indexed(backoffLimitPerIndex=0, maxFailedIndexes=0, backoffLimit=9), pod("a", "Failed", index=1)),
            "FailureTarget MaxFailedIndexesExceeded",
            id="too many failed indexes",
        ),
        pytest.param(
            survey(indexed({"completedIndexes": "0,2"}, backoffLimitPerIndex=0), pod("a", "Failed", index=1)),
            "FailureTarget FailedIndexes",
            id="all others are done",
        ),
        pytest.param(
            survey(indexed({"completedIndexes": "0,2"}, backoffLimitPerIndex=1), pod("a", "Failed", index=1)),
            None,
            id="an index may fail once",
        ),
        pytest.param(
            survey(indexed(successPolicy={"rules": [{"succeededCount": 1}]}), pod("a", "Succeeded", index=1)),
            "SuccessCriteriaMet SuccessPolicy",
            id="success policy",
        ),
    ],
)
def test_verdict(what: Survey, expected: str | None) -> None:
    condition = verdict(what)
    assert (f"{condition['type']} {condition['reason']}" if condition else None) == expected


def restarting(count: int) -> Survey:
    made = pod("a", containerStatuses=[{"name": "c", "restartCount": count, "state": {}}])
    template = {"spec": {"containers": [], "restartPolicy": "OnFailure"}}
    return survey(job(template=template, backoffLimit=2), made)


@pytest.mark.parametrize(("count", "ends"), [pytest.param(1, False, id="one"), pytest.param(2, True, id="two")])
def test_restarts_count(count: int, ends: bool) -> None:
    assert (verdict(restarting(count)) is not None) == ends


@pytest.mark.parametrize(
    ("what", "active", "expected"),
    [
        pytest.param(job(), 0, False, id="nothing yet"),
        pytest.param(job({"succeeded": 1}), 0, True, id="all"),
        pytest.param(job({"succeeded": 1}), 1, False, id="one still runs"),
        pytest.param(job({"succeeded": 1}, completions=None, parallelism=3), 0, True, id="work queue"),
        pytest.param(job({"succeeded": 2}, completions=3), 0, False, id="not enough"),
        pytest.param(job(completions=0), 0, True, id="none are wanted"),
    ],
)
def test_completed(what: Object, active: int, expected: bool) -> None:
    assert (completed(survey(what), active) is not None) == expected


def test_older_versions_announce_no_end() -> None:
    features = Features(interim_conditions=False)
    failed = Survey(job({"failed": 7}), (), (), Record(), NOW, features)
    done = completed(Survey(job({"succeeded": 1}), (), (), Record(), NOW, features), 0)
    status: Object = {"terminating": 1}
    final, announced = tracking.announce(status, verdict(failed), NOW)
    assert final is not None
    assert (final["type"], final["reason"], announced) == ("Failed", "BackoffLimitExceeded", False)
    assert tracking.announce(status, done, NOW) == (conditions.new("Complete", "", "", NOW), False)
    assert not tracking.finish({**status}, done, NOW)
    assert tracking.finish({**status}, done, NOW, patient=False)


# Pods


def names(pods: list[Object]) -> list[str]:
    return [each["metadata"]["name"] for each in pods]


READY: Any = {"conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": rfc3339(NOW - 60)}]}


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        pytest.param(survey(job()), Create(1, []), id="one"),
        pytest.param(survey(job(parallelism=5, completions=3)), Create(3, []), id="no more than completions"),
        pytest.param(survey(job({"succeeded": 2}, parallelism=5, completions=3)), Create(1, []), id="the rest"),
        pytest.param(survey(job(parallelism=2, completions=None)), Create(2, []), id="work queue"),
        pytest.param(survey(job({"succeeded": 1}, parallelism=2, completions=None)), None, id="work queue ends"),
        pytest.param(survey(job(), pod("a")), None, id="enough"),
        pytest.param(survey(job(parallelism=0)), None, id="paused"),
        pytest.param(survey(job(), pod("a", "Failed", ended=3)), Wait(7), id="back-off"),
        pytest.param(survey(job(), record=Record(2, NOW - 5)), Wait(15), id="back-off of before"),
        pytest.param(survey(job(), pod("a", deleting=True, tracked=False)), Create(1, []), id="replace at once"),
        pytest.param(
            survey(job(podReplacementPolicy="Failed"), pod("a", deleting=True)), None, id="replace once it has failed"
        ),
        pytest.param(survey(indexed()), Create(3, [0, 1, 2]), id="indexes"),
        pytest.param(survey(indexed({"completedIndexes": "1"}), pod("a", index=0)), Create(1, [2]), id="open indexes"),
        pytest.param(
            survey(
                indexed({"failedIndexes": "0"}, backoffLimitPerIndex=1, backoffLimit=9, completions=4, parallelism=4),
                pod("a", "Failed", index=1, ended=5),
            ),
            Create(2, [2, 3]),
            id="an index waits, others do not",
        ),
        pytest.param(
            survey(
                indexed({"completedIndexes": "0,2"}, backoffLimitPerIndex=3, backoffLimit=9),
                pod("a", "Failed", index=1, ended=5, failures=1),
            ),
            Wait(15),
            id="all that is left waits",
        ),
    ],
)
def test_plan(what: Survey, expected: object) -> None:
    assert plan(what) == expected


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        pytest.param(survey(job(suspend=True), pod("a"), pod("b")), ["a", "b"], id="suspended"),
        pytest.param(survey(job(suspend=True)), [], id="suspended with none"),
        pytest.param(survey(job(), pod("a", **READY), pod("b"), pod("c", "Pending")), ["c", "b"], id="least advanced"),
        pytest.param(survey(indexed(), pod("a", index=0), pod("b", index=7), pod("c")), ["c", "b"], id="bad indexes"),
        pytest.param(
            survey(indexed(), pod("a", index=0, **READY), pod("b", index=0), pod("c", index=1)), ["b"], id="twice"
        ),
    ],
)
def test_deletions(what: Survey, expected: list[str]) -> None:
    chosen = plan(what)
    assert isinstance(chosen, Delete)
    assert names(chosen.pods) == expected


def test_generated_names_keep_the_index() -> None:
    assert generate_name("j", 12) == "j-12-"
    assert generate_name("x" * 70, 3) == "x" * 55 + "-3-"


# Counting


def count(what: Survey, finished: Object | None = None) -> tuple[Object, list[str]]:
    status: Object = {"uncountedTerminatedPods": {}, **what.status}
    counted = tracking.count(what, status, finished)
    return status, names(counted.done)


FAILING = {"type": "FailureTarget"}


@pytest.mark.parametrize(
    ("what", "finished", "uncounted", "done"),
    [
        pytest.param(survey(job(), pod("a")), None, {}, [], id="running"),
        pytest.param(survey(job(), pod("a", "Succeeded")), None, {"succeeded": ["a"]}, ["a"], id="succeeded"),
        pytest.param(survey(job(), pod("a", "Failed")), None, {"failed": ["a"]}, ["a"], id="failed"),
        pytest.param(survey(job(), pod("a", "Failed", tracked=False)), None, {}, [], id="counted before"),
        pytest.param(survey(job(), pod("a")), FAILING, {"failed": ["a"]}, ["a"], id="running as the job fails"),
        pytest.param(survey(job(), pod("a")), {"type": "SuccessCriteriaMet"}, {}, ["a"], id="as it succeeds"),
        pytest.param(
            survey(job(podFailurePolicy={"rules": [on_exit("Ignore", "In", 1)]}), pod("a", "Failed")),
            None,
            {},
            ["a"],
            id="ignored",
        ),
    ],
)
def test_count(what: Survey, finished: Object | None, uncounted: Object, done: list[str]) -> None:
    status, released = count(what, finished)
    assert (status["uncountedTerminatedPods"], released) == (uncounted, done)


def test_count_indexes() -> None:
    pods = [pod("a", "Succeeded", index=2), pod("b", "Succeeded", index=0), pod("c", "Failed", index=1, failures=0)]
    status, done = count(survey(indexed(backoffLimitPerIndex=0, backoffLimit=9), *pods))
    assert status["completedIndexes"] == "0,2"
    assert status["failedIndexes"] == "1"
    assert status["succeeded"] == 2
    assert status["uncountedTerminatedPods"] == {"failed": ["c"]}
    assert done == ["b", "c", "a"]


def test_a_failed_pod_of_an_index_stays_until_it_is_replaced() -> None:
    failed = pod("a", "Failed", index=0, failures=0)
    limited = indexed(backoffLimitPerIndex=1, backoffLimit=9)
    assert count(survey(limited, failed))[1] == []
    assert count(survey(limited, failed, pod("b", index=0, failures=1)))[1] == ["a"]


def test_no_more_are_counted_at_once_than_fit() -> None:
    pods = [pod(f"p{number}", "Succeeded") for number in range(tracking.MOST + 20)]
    what = survey(job(completions=1000), *pods)
    counted = tracking.count(what, {"uncountedTerminatedPods": {}}, None)
    assert (len(counted.done), counted.full) == (tracking.MOST, True)


def test_released_pods_become_numbers() -> None:
    status: Object = {"succeeded": 1, "uncountedTerminatedPods": {"succeeded": ["a", "b"], "failed": ["c"]}}
    assert tracking.count_released(status, {"b"})
    assert status == {"succeeded": 2, "failed": 1, "uncountedTerminatedPods": {"succeeded": ["b"]}}
    assert not tracking.count_released(status, {"b"})
