"""How containers end, and what becomes of them and of their pods then."""

from __future__ import annotations

import pytest

from minikube_py.controllers.kubelet.behaviour import Behaviour
from minikube_py.machinery.gvr import Object
from tests.kubelet.lives import Living, behaving, conditions, states
from tests.scheduler.pods import container, pod


def restarts(status: Object) -> list[int]:
    return [each["restartCount"] for each in status["containerStatuses"]]


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        pytest.param({"oom_after": "5s"}, {"exitCode": 137, "reason": "OOMKilled"}, id="out-of-memory"),
        pytest.param({"run": "5s"}, {"exitCode": 0, "reason": "Completed"}, id="completed"),
        pytest.param({"run": "5s", "exit_code": "2"}, {"exitCode": 2, "reason": "Error"}, id="error"),
        pytest.param(
            {"run": "5", "exit_code": "128", "exit_reason": "ContainerCannotRun", "exit_message": "no such file"},
            {"exitCode": 128, "reason": "ContainerCannotRun", "message": "no such file"},
            id="as-it-says",
        ),
    ],
)
def test_exits(annotations: dict[str, str], expected: Object) -> None:
    life = Living(pod(restartPolicy="Never"))
    life.annotate(**annotations)
    life.at(0)
    assert life.wait == 5
    ended = life.at(5)["containerStatuses"][0]["state"]["terminated"]
    assert expected.items() <= ended.items()


def test_back_off_begins_anew_after_ten_minutes_of_running_well() -> None:
    life = Living(pod(), behaving(web=Behaviour(run=601, exit_code=1)))
    life.at(0)
    assert restarts(life.at(601)) == [1]
    assert restarts(life.at(1202)) == [2]
    life = Living(pod(), behaving(web=Behaviour(run=600, exit_code=1)))
    life.at(0), life.at(600)
    assert states(life.at(1200)) == {"web": "waiting CrashLoopBackOff"}


RULES = [{"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}}]
NOT_RULES = [{"action": "Restart", "exitCodes": {"operator": "NotIn", "values": [1, 2]}}]


@pytest.mark.parametrize(
    ("policy", "more", "code", "restarted"),
    [
        pytest.param("Never", {"restartPolicy": "Never", "restartPolicyRules": RULES}, 42, True, id="rule"),
        pytest.param("Never", {"restartPolicy": "Never", "restartPolicyRules": RULES}, 1, False, id="no-rule"),
        pytest.param("Never", {"restartPolicy": "Never", "restartPolicyRules": NOT_RULES}, 3, True, id="not-in"),
        pytest.param("Never", {"restartPolicy": "Never", "restartPolicyRules": NOT_RULES}, 2, False, id="in"),
        pytest.param("Never", {"restartPolicy": "OnFailure"}, 1, True, id="its-own-policy"),
        pytest.param("Always", {"restartPolicy": "Never"}, 1, False, id="its-own-policy-goes-first"),
        pytest.param("OnFailure", {}, 0, False, id="the-pods-policy"),
    ],
)
def test_who_is_restarted(policy: str, more: Object, code: int, restarted: bool) -> None:
    life = Living(pod(restartPolicy=policy, containers=[container(**more)]), behaving(web=Behaviour(1, 0, 5, code)))
    life.at(0), life.at(1)
    status = life.at(6)
    assert restarts(status) == [int(restarted)]
    assert status["phase"] == ("Pending" if restarted else "Failed" if code else "Succeeded") or restarted


def test_one_that_restarts_all_restarts_all() -> None:
    rules = [{"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [42]}}]
    source = container("source", restartPolicy="Never", restartPolicyRules=rules)
    made = pod(restartPolicy="Never", initContainers=[container("first")], containers=[source, container("other")])
    life = Living(made, behaving(source=Behaviour(run=5, exit_code=42), first=Behaviour(run=1)))
    life.at(0), life.at(1)
    status = life.at(6)
    assert states(status) == {
        "first": "running",
        "source": "waiting RestartingAllContainers",
        "other": "waiting RestartingAllContainers",
    }
    status = life.at(7)
    assert states(status) == {"first": "terminated 0 ready", "source": "running ready", "other": "running ready"}
    assert restarts(status) == [1, 1] and status["initContainerStatuses"][0]["restartCount"] == 1
    last = [each["lastState"]["terminated"]["exitCode"] for each in status["containerStatuses"]]
    assert last == [42, 137]


def test_failed_init_containers_are_run_again() -> None:
    life = Living(pod(initContainers=[container("first")]), behaving(first=Behaviour(run=1, exit_code=1)))
    life.at(0)
    status = life.at(1)
    assert (status["phase"], status["initContainerStatuses"][0]["restartCount"]) == ("Pending", 1)
    status = life.at(2)
    assert states(status) == {"first": "waiting CrashLoopBackOff", "web": "waiting PodInitializing"}
    assert (status["phase"], life.wait) == ("Pending", 10)


# Whole pods


def stops(life: Living, now: float) -> list[tuple[float, str]]:
    """When which container stopped, from `now` on until the pod is gone."""
    begun, found = now, []
    before = states(life.at(now))
    life.delete(30)
    for _ in range(20):
        after = states(life.at(now))
        ended = [name for name, state in after.items() if state.startswith("term") and before[name] != state]
        found += [(now - begun, f"{name} {after[name].split()[1]}") for name in ended]
        before = after
        if life.gone:
            return found
        assert life.wait is not None
        now += life.wait
    raise AssertionError(found)


SIDECARS = [container(name, restartPolicy="Always") for name in ("first", "second")]


@pytest.mark.parametrize(
    ("by_container", "expected"),
    [
        pytest.param({}, [(0, "first 0"), (0, "second 0"), (0, "web 0")], id="at-once"),
        pytest.param(
            {"web": Behaviour(stop=5), "second": Behaviour(stop=3), "first": Behaviour(stop=2)},
            [(5, "web 0"), (8, "second 0"), (10, "first 0")],
            id="in-reverse-order",
        ),
        pytest.param(
            {"web": Behaviour(stop=60), "second": Behaviour(stop=1), "first": Behaviour(stop=9)},
            [(30, "web 137"), (31, "second 0"), (32, "first 137")],
            id="within-the-grace-of-all",
        ),
    ],
)
def test_sidecars_stop_after_those_they_serve(
    by_container: dict[str, Behaviour], expected: list[tuple[float, str]]
) -> None:
    life = Living(pod(initContainers=SIDECARS), behaving(**by_container))
    life.at(0)
    assert stops(life, 10) == expected
    assert life.told("Killing") == [f"Killing: Stopping container {name}" for name in ("first", "second", "web")]


def test_sidecars_of_finished_pods_get_their_grace() -> None:
    made = pod(restartPolicy="Never", initContainers=[container("side", restartPolicy="Always")])
    life = Living(made, behaving(web=Behaviour(run=5), side=Behaviour(stop=3)))
    life.at(0)
    status = life.at(5)
    assert (status["phase"], states(status), life.wait) == (
        "Running",
        {"side": "running ready", "web": "terminated 0"},
        3,
    )
    assert life.at(8)["phase"] == "Succeeded"
    assert life.told("Killing") == ["Killing: Stopping container side"]


def test_a_shorter_grace_holds_from_when_it_is_given() -> None:
    life = Living(pod(), behaving(web=Behaviour(stop=60)))
    life.at(0)
    life.delete(30)
    life.at(1)
    assert life.wait == 30
    life.delete(5)
    life.at(2)
    assert life.wait == 4


def test_a_deadline_leaves_time_to_stop() -> None:
    made = pod(activeDeadlineSeconds=30, terminationGracePeriodSeconds=10, restartPolicy="Never")
    life = Living(made, behaving(web=Behaviour(stop=60)))
    life.at(0)
    status = life.at(30)
    assert (status["phase"], life.wait, "reason" in status) == ("Running", 10, False)
    status = life.at(40)
    assert (status["phase"], status["reason"], states(status)) == (
        "Failed",
        "DeadlineExceeded",
        {"web": "terminated 137"},
    )


def test_a_deadline_comes_before_containers_have_started() -> None:
    life = Living(pod(activeDeadlineSeconds=30), behaving(web=Behaviour(start=60)))
    life.at(0)
    status = life.at(30)
    assert (status["phase"], status["reason"], life.wait) == ("Failed", "DeadlineExceeded", None)


def test_eviction() -> None:
    life = Living(pod(), behaving(web=Behaviour(stop=60)))
    life.at(0)
    life.annotate(evicted="memory")
    assert life.at(5)["phase"] == "Running" and life.wait == 2
    status = life.at(7)
    assert (status["phase"], status["reason"]) == ("Failed", "Evicted")
    assert status["message"] == "The node was low on resource: memory. "
    assert conditions(status)["DisruptionTarget"] == "True TerminationByKubelet"
    assert life.told("Evicted", "Killing") == [
        "Evicted: The node was low on resource: memory.",
        "Killing: Stopping container web",
    ]
    assert life.at(60) == status and life.wait is None


def test_ephemeral_containers_do_not_wait_for_init_containers() -> None:
    life = Living(pod(initContainers=[container("first")]), behaving(first=Behaviour(run=60)))
    life.at(0)
    life.change(ephemeralContainers=[container("debug")])
    assert states(life.at(1))["debug"] == "running"
