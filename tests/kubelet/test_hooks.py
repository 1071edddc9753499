"""Lifecycle hooks in pods' lives."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.controllers.kubelet.behaviour import Behaviour
from minikube_py.controllers.kubelet.hooks import THROUGH, Expected, NoHookRunner, expected
from minikube_py.machinery.errors import conflict
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.wellknown import PODS
from tests.kubelet.lives import Living, RunsHooks, behaving, conditions, states
from tests.kubelet.test_kubelet import run
from tests.scheduler.pods import PodWorld, container, pod

COMMAND: Object = {"exec": {"command": ["drain"]}}
INVALID = "Cannot run handler: invalid handler: &LifecycleHandler{Exec:nil,HTTPGet:nil,TCPSocket:"


def hooking(name: str, hook: str, handler: Object = COMMAND, **more: Any) -> Object:
    return container(name, lifecycle={hook: handler}, **more)


def sleep(seconds: int) -> Object:
    return {"sleep": {"seconds": seconds}}


@pytest.mark.parametrize(
    ("handler", "known"),
    [
        pytest.param(None, None, id="none"),
        pytest.param(sleep(5), Expected(5), id="sleep"),
        pytest.param(sleep(0), THROUGH, id="sleep-0"),
        pytest.param(COMMAND, Expected(None), id="command"),
        pytest.param({"httpGet": {"port": 80}}, Expected(None), id="request"),
        pytest.param(
            {"tcpSocket": {"port": 80}},
            Expected(error=f"{INVALID}&TCPSocketAction{{Port:{{0 80 }},Host:,}},Sleep:nil,}}"),
            id="tcp",
        ),
        pytest.param(
            {"tcpSocket": {"port": "web", "host": "h"}},
            Expected(error=f"{INVALID}&TCPSocketAction{{Port:{{1 0 web}},Host:h,}},Sleep:nil,}}"),
            id="tcp-by-name",
        ),
    ],
)
def test_what_is_known_beforehand(handler: Object | None, known: Expected | None) -> None:
    made = container(lifecycle={"preStop": handler} if handler else {})
    assert expected(made, "preStop", RunsHooks()) == known


def test_what_cannot_be_run_goes_well() -> None:
    assert expected(hooking("web", "preStop"), "preStop", NoHookRunner()) == THROUGH


# postStart


def test_a_container_runs_once_its_hook_is_through() -> None:
    life = Living(pod(containers=[hooking("web", "postStart", sleep(4))]))
    status = life.at(0)
    assert (states(status), status["phase"], life.wait) == ({"web": "waiting ContainerCreating"}, "Pending", 4)
    assert conditions(status)["Ready"] == "False ContainersNotReady"
    assert life.told("Started") == ["Started: Container started"]
    [status] = life.at(4)["containerStatuses"]
    assert status["state"]["running"]["startedAt"] == "2026-01-01T00:00:00Z" and status["ready"]
    assert life.told() == []


def test_a_hook_that_is_run_takes_as_long_as_it_takes() -> None:
    life = Living(pod(containers=[hooking("web", "postStart")]))
    assert states(life.at(0)) == {"web": "waiting ContainerCreating"} and life.wait is None
    assert states(life.at(100)) == {"web": "waiting ContainerCreating"}
    life.comes()
    assert states(life.at(101)) == {"web": "running ready"}
    assert life.told("FailedPostStartHook", "Killing") == []


def test_a_container_runs_while_its_hook_does() -> None:
    behaviours = behaving(web=Behaviour(ready=6, run=10))
    life = Living(pod(restartPolicy="Never", containers=[hooking("web", "postStart", sleep(4))]), behaviours)
    life.at(0)
    assert states(life.at(4)) == {"web": "running"} and life.wait == 2
    assert states(life.at(6)) == {"web": "running ready"} and life.wait == 4
    assert states(life.at(10)) == {"web": "terminated 0"}


def test_containers_start_one_after_the_other() -> None:
    proxy = hooking("proxy", "postStart", restartPolicy="Always")
    made = pod(initContainers=[proxy], containers=[hooking("a", "postStart", sleep(3)), container("b")])
    life = Living(made)
    waiting = {"a": "waiting PodInitializing", "b": "waiting PodInitializing"}
    assert states(life.at(0)) == {"proxy": "waiting PodInitializing", **waiting}
    life.comes()
    assert states(life.at(2)) == {"proxy": "running ready", **waiting} and life.wait == 3
    assert states(life.at(5)) == {"proxy": "running ready", "a": "running ready", "b": "running ready"}


def test_nothing_is_probed_before_the_hook_is_through() -> None:
    probe = {"exec": {"command": ["true"]}}
    life = Living(pod(containers=[hooking("web", "postStart", sleep(4), readinessProbe=probe)]))
    life.at(0)
    assert states(life.at(3)) == {"web": "waiting ContainerCreating"}
    assert states(life.at(4)) == {"web": "running ready"}


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        pytest.param(COMMAND, "it went wrong", id="run"),
        pytest.param({"tcpSocket": {"port": 80}}, "", id="tcp"),
    ],
)
def test_a_failed_hook_ends_its_container(handler: Object, error: str) -> None:
    life = Living(pod(containers=[hooking("web", "postStart", handler)]))
    life.at(0)
    if error:
        life.comes(error)
    status = life.at(0)
    [found] = status["containerStatuses"]
    assert found["state"]["waiting"]["reason"] == "PostStartHookError"
    assert found["state"]["waiting"]["message"].startswith(error or INVALID)
    assert (found["lastState"]["terminated"]["exitCode"], found["restartCount"], life.wait) == (0, 0, 1)
    assert life.told("FailedPostStartHook", "Killing") == [
        "FailedPostStartHook: PostStartHook failed",
        "Killing: FailedPostStartHook",
    ]


def test_it_is_tried_again_and_backs_off() -> None:
    life = Living(pod(containers=[hooking("web", "postStart")]))
    life.at(0), life.comes("no")
    assert states(life.at(0)) == {"web": "waiting PostStartHookError"}
    assert states(life.at(1)) == {"web": "waiting PostStartHookError"} and life.wait is None  # it runs again
    life.comes("no")
    status = life.at(2)
    assert states(status) == {"web": "waiting PostStartHookError"}
    assert status["containerStatuses"][0]["restartCount"] == 1
    assert states(life.at(3)) == {"web": "waiting CrashLoopBackOff"} and life.wait == 10
    assert states(life.at(13)) == {"web": "waiting CrashLoopBackOff"}
    life.comes()
    status = life.at(14)
    assert (states(status), status["containerStatuses"][0]["restartCount"]) == ({"web": "running ready"}, 2)


def test_what_is_not_restarted_stays_ended() -> None:
    life = Living(pod(restartPolicy="Never", containers=[hooking("web", "postStart")]))
    life.at(0), life.comes("no")
    status = life.at(1)
    assert (states(status), status["phase"]) == ({"web": "terminated 143"}, "Failed")


def test_one_that_is_killed_has_its_grace_and_its_pre_stop_hook() -> None:
    made = container("web", lifecycle={"postStart": COMMAND, "preStop": sleep(3)})
    spec = pod(containers=[made, container("other")], terminationGracePeriodSeconds=10)
    life = Living(spec, behaving(web=Behaviour(stop=60)))
    life.at(0), life.comes("no")
    waiting = {"web": "waiting ContainerCreating", "other": "waiting ContainerCreating"}
    assert states(life.at(0)) == waiting and life.wait == 3
    assert states(life.at(3)) == waiting and life.wait == 7
    status = life.at(10)
    assert states(status) == {"web": "waiting PostStartHookError", "other": "running ready"}
    assert status["containerStatuses"][0]["lastState"]["terminated"]["exitCode"] == 137


def test_deletion_gives_a_hook_up() -> None:
    life = Living(pod(containers=[hooking("web", "postStart")]), behaving(web=Behaviour(stop=5)))
    life.at(0), life.told()
    life.delete()
    assert states(life.at(1)) == {"web": "running"} and (life.wait, life.calls) == (5, [])
    assert life.told() == [
        "FailedPostStartHook: PostStartHook failed",
        "Killing: FailedPostStartHook",
        "Killing: Stopping container web",
    ]
    life.at(6)
    assert life.gone


def test_who_ends_meanwhile_is_seen_to_once_the_hook_is_through() -> None:
    life = Living(pod(containers=[hooking("web", "postStart", sleep(9))]), behaving(web=Behaviour(run=0, exit_code=2)))
    assert states(life.at(0)) == {"web": "waiting ContainerCreating"} and life.wait == 9
    [status] = life.at(9)["containerStatuses"]
    assert (status["state"]["terminated"]["exitCode"], status["restartCount"]) == (2, 0)
    assert len(life.told("Started")) == 2 and life.wait == 9  # it is held up anew


# preStop


def ends(life: Living, now: float) -> tuple[float, dict[str, str]]:
    """After how many seconds the pod is gone, and its containers then."""
    begun, status = now, life.at(now)
    while not life.gone:
        assert life.wait is not None
        now += life.wait
        status = life.at(now)
    return now - begun, states(status)


@pytest.mark.parametrize(
    ("handler", "stop", "grace", "after", "code"),
    [
        pytest.param(sleep(5), 0, 30, 5, 0, id="sleep"),
        pytest.param(sleep(5), 10, 30, 15, 0, id="and-then-it-stops"),
        pytest.param(sleep(5), 60, 30, 30, 137, id="within-one-grace"),
        pytest.param(sleep(60), 1, 30, 31, 0, id="two-seconds-are-left-for-it"),
        pytest.param(sleep(60), 9, 30, 32, 137, id="but-no-more"),
        pytest.param(COMMAND, 0, 30, 30, 0, id="one-that-never-ends"),
        pytest.param({"tcpSocket": {"port": 80}}, 3, 30, 3, 0, id="tcp"),
        pytest.param(sleep(60), 0, 0, 1, 0, id="a-pod-has-a-second"),
        pytest.param(sleep(60), 9, 0, 3, 137, id="and-two-to-stop"),
    ],
)
def test_pre_stop_hooks(handler: Object, stop: float, grace: int, after: float, code: int) -> None:
    life = Living(pod(containers=[hooking("web", "preStop", handler)]), behaving(web=Behaviour(stop=stop)))
    life.at(0)
    life.delete(grace)
    assert ends(life, 1) == (after, {"web": f"terminated {code}"})


@pytest.mark.parametrize("error", [pytest.param("", id="well"), pytest.param("no", id="failed")])
def test_a_stop_goes_on_however_its_hook_ends(error: str) -> None:
    life = Living(pod(containers=[hooking("web", "preStop")]), behaving(web=Behaviour(stop=60)))
    life.at(0), life.told()
    life.delete()
    life.at(1)
    life.comes(error)
    life.at(5.5)
    assert life.wait == 26  # of the hook, whole seconds count
    assert life.told() == [
        "Killing: Stopping container web",
        *(["FailedPreStopHook: PreStopHook failed"] if error else []),
    ]


def test_a_command_ends_with_its_container() -> None:
    life = Living(pod(containers=[hooking("web", "preStop")]))
    life.at(0)
    life.delete()
    life.at(1)
    assert life.told("FailedPreStopHook") == []
    life.at(31)
    assert life.gone and life.told("FailedPreStopHook") == ["FailedPreStopHook: PreStopHook failed"]


def test_a_container_without_grace_has_no_hook() -> None:
    probe = {"exec": {"command": ["true"]}, "failureThreshold": 1}
    made = hooking("web", "preStop", livenessProbe=probe)
    spec = pod(containers=[made], terminationGracePeriodSeconds=0)
    life = Living(spec, behaving(web=Behaviour(stop=9, unhealthy_after=5)))
    life.at(0), life.at(10)
    assert (life.calls, life.wait) == ([], 2)
    status = life.at(12)
    assert status["containerStatuses"][0]["restartCount"] == 1


def test_who_is_replaced_has_its_hook() -> None:
    made = hooking("web", "preStop", sleep(4))
    life = Living(pod(containers=[made]))
    life.at(0), life.told()
    life.change(containers=[{**made, "image": "other:2"}])
    assert states(life.at(1)) == {"web": "running ready"} and life.wait == 4
    status = life.at(5)
    assert (states(status), status["containerStatuses"][0]["restartCount"]) == ({"web": "running ready"}, 1)
    assert status["containerStatuses"][0]["image"] == "docker.io/library/other:2"
    assert life.told("Killing") == ["Killing: Container web definition changed, will be restarted"]


# Whole pods


@pytest.mark.parametrize(
    ("hooks", "stop", "expected"),
    [
        pytest.param({"side": 4}, 9, [(9, "web"), (9, "side")], id="at-once-beside-the-others"),
        pytest.param({"side": 12}, 5, [(5, "web"), (12, "side")], id="longer-than-the-others"),
        pytest.param({"web": 6, "side": 2}, 1, [(7, "web"), (7, "side")], id="theirs-is-waited-for"),
        pytest.param({"side": 40}, 60, [(30, "web"), (30, "side")], id="nobody-waits-without-grace"),
    ],
)
def test_sidecars_hooks(hooks: dict[str, int], stop: float, expected: list[tuple[float, str]]) -> None:
    """Each runs its hook at once; a sidecar then waits for its turn, for what is left of its grace."""
    made = {
        name: hooking(name, "preStop", sleep(hooks[name]), **more) if name in hooks else container(name, **more)
        for name, more in (("side", {"restartPolicy": "Always"}), ("web", {}))
    }
    life = Living(pod(initContainers=[made["side"]], containers=[made["web"]]), behaving(web=Behaviour(stop=stop)))
    life.at(0)
    life.delete(30)
    now, found = 1.0, []
    before = states(life.at(now))
    while not life.gone:
        assert life.wait is not None
        now += life.wait
        after = states(life.at(now))
        found += [(now - 1, name) for name in ("web", "side") if before[name] != after[name]]
        before = after
    assert found == expected


def test_a_sidecar_waits_for_the_next_one_alone() -> None:
    """Of which the end means that those after it have ended, unless it was not running."""
    first, second, third = (container(name, restartPolicy="Always") for name in ("first", "second", "third"))
    life = Living(
        pod(initContainers=[first, second, third]),
        behaving(second=Behaviour(run=5, exit_code=1), third=Behaviour(stop=7)),
    )
    life.at(0), life.at(5)
    assert states(life.at(10))["second"] == "waiting CrashLoopBackOff"
    life.delete(30)
    assert states(life.at(11))["first"] == "terminated 0"
    assert states(life.at(11))["third"] == "running ready"


# With a kubelet


async def test_a_kubelet_without_a_shell_runs_hooks_all_the_same(world: PodWorld) -> None:
    """And what a hook came to is not lost where the pod's status cannot be written at once."""
    refusals: list[Exception] = []

    def refuse_once(verb: str, resource: GroupVersionResource, obj: Object) -> Exception | None:
        if resource != PODS or refusals:
            return None
        refusals.append(conflict(PODS.group_resource, "a"))
        return refusals[0]

    run(world)
    await world.settle()
    hooks = {
        "postStart": {"exec": {"command": ["sleep", "5"]}},
        "preStop": {"exec": {"command": ["sh", "-c", "sleep 3; exit 1"]}},
    }
    await world.create(pod(containers=[container("web", lifecycle=hooks)]))
    await world.advance(4)
    assert states((await world.get())["status"]) == {"web": "waiting ContainerCreating"}
    world.client.reaction = refuse_once
    await world.advance(1)
    assert refusals
    await world.advance(1)
    assert states((await world.get())["status"]) == {"web": "running ready"}
    await world.client.delete(PODS, "default", "a")
    await world.advance(2)
    assert states((await world.get())["status"]) == {"web": "running ready"}
    await world.advance(1)
    assert (await world.client.list(PODS)).items == []
    assert [each for each in await world.events() if "Hook" in each] == ["a FailedPreStopHook: PreStopHook failed"]
