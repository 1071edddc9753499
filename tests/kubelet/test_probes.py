"""Containers that are probed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from minikube_py.controllers.kubelet import Kubelets
from minikube_py.controllers.kubelet.behaviour import NEVER, Behaviour
from minikube_py.controllers.kubelet.memory import Kind
from minikube_py.controllers.kubelet.prober import Foreseen, Outcome, Prober, failure, timed_out
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import PODS
from tests.kubelet.lives import Living, behaving, conditions, states
from tests.kubelet.test_kubelet import run, writes
from tests.scheduler.pods import PodWorld, container, pod

HTTP = {"httpGet": {"path": "/healthz", "port": 8080}}
UNHEALTHY = "HTTP probe failed with statuscode: 503"


def probed(kind: str, **more: Any) -> Object:
    fields = {"periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3, **more}
    return container(**{f"{kind}Probe": {**HTTP, **fields}})


def living(kind: str, behaviour: Behaviour | None = None, spec: Object | None = None, **more: Any) -> Living:
    behaviours = behaving(web=behaviour) if behaviour is not None else behaving()
    return Living(pod(containers=[probed(kind, **more)], **(spec or {})), behaviours)


@pytest.mark.parametrize(
    ("more", "behaviour", "history"),
    [
        pytest.param({}, None, [(0, "running ready", None)], id="well-is-asked-once"),
        pytest.param(
            {"initialDelaySeconds": 5}, None, [(0, "running", 5), (5, "running ready", None)], id="initial-delay"
        ),
        pytest.param(
            {"successThreshold": 3},
            None,
            [(0, "running", 10), (10, "running", 10), (20, "running ready", None)],
            id="success-threshold",
        ),
        pytest.param(
            {},
            Behaviour(ready=12),
            [(0, "running", 10), (10, "running", 10), (20, "running ready", None)],
            id="ready-with-the-next-probe-after-it-is",
        ),
        pytest.param(
            {"failureThreshold": 2},
            Behaviour(unready_after=25),
            [(0, "running ready", 30), (30, "running ready", 10), (40, "running", 10)],
            id="unready-after-as-many-failures",
        ),
        pytest.param({}, Behaviour(ready=NEVER), [(0, "running", 10), (10, "running", 10)], id="never"),
    ],
)
def test_readiness(more: Object, behaviour: Behaviour | None, history: list[tuple[float, str, float | None]]) -> None:
    life = living("readiness", behaviour, **more)
    found = [(when, states(life.at(when))["web"], life.wait) for when, _, _ in history]
    assert found == history


def test_unready_containers_are_told_of() -> None:
    life = living("readiness", Behaviour(unready_after=5), failureThreshold=1)
    life.at(0)
    status = life.at(10)
    assert conditions(status)["Ready"] == "False ContainersNotReady"
    assert life.told("Unhealthy") == [f"Unhealthy: Readiness probe failed: {UNHEALTHY}"]


def test_readiness_without_a_probe_is_as_it_was() -> None:
    life = Living(pod(), behaving(web=Behaviour(ready=3)))
    assert (states(life.at(0))["web"], life.wait) == ("running", 3)
    assert (states(life.at(3))["web"], life.wait) == ("running ready", None)


def test_nothing_else_is_probed_before_the_startup_probe_succeeds() -> None:
    made = probed("startup", failureThreshold=30)
    made["readinessProbe"] = {**HTTP, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
    life = Living(pod(containers=[made]), behaving(web=Behaviour(started=15)))
    first = life.at(0)["containerStatuses"][0]
    assert (first["started"], first["ready"], life.wait) == (False, False, 10)
    life.at(10)
    started = life.at(20)["containerStatuses"][0]
    assert (started["started"], started["ready"], life.wait) == (True, True, None)
    assert life.told("Unhealthy") == [f"Unhealthy: Startup probe failed: {UNHEALTHY}"] * 2


def test_a_failed_startup_probe_restarts() -> None:
    life = living("startup", Behaviour(started=NEVER), failureThreshold=2)
    life.at(0)
    status = life.at(10)
    assert status["containerStatuses"][0]["restartCount"] == 1
    assert life.told("Killing") == ["Killing: Container web failed startup probe, will be restarted"]


def test_a_failed_liveness_probe_restarts() -> None:
    life = living("liveness", Behaviour(unhealthy_after=25, stop=4))
    assert (states(life.at(0))["web"], life.wait) == ("running ready", 30)
    life.at(30), life.at(40)
    assert (states(life.at(50))["web"], life.wait) == ("running ready", 4)
    assert life.told("Unhealthy", "Killing") == [
        *[f"Unhealthy: Liveness probe failed: {UNHEALTHY}"] * 3,
        "Killing: Container web failed liveness probe, will be restarted",
    ]
    [again] = life.at(54)["containerStatuses"]
    assert (again["restartCount"], again["lastState"]["terminated"]["exitCode"]) == (1, 0)
    assert life.told("Created", "Started") == ["Created: Container created", "Started: Container started"]
    assert life.wait == 30  # it is well again, for as long as the first time


@pytest.mark.parametrize(
    ("pod_grace", "own", "killed"),
    [
        pytest.param(30, None, 30, id="the-pods-grace"),
        pytest.param(30, 10, 10, id="the-probes-own"),
        pytest.param(1, None, 2, id="at-least-two-seconds"),
    ],
)
def test_grace_of_a_failed_liveness_probe(pod_grace: int, own: int | None, killed: float) -> None:
    more = {} if own is None else {"terminationGracePeriodSeconds": own}
    behaviour = Behaviour(unhealthy_after=0, stop=60)
    spec = {"terminationGracePeriodSeconds": pod_grace}
    life = living("liveness", behaviour, spec, failureThreshold=1, **more)
    life.at(0)
    assert life.wait == killed
    [again] = life.at(killed)["containerStatuses"]
    assert (again["restartCount"], again["lastState"]["terminated"]["exitCode"]) == (1, 137)


def test_how_long_it_runs_counts_anew_once_it_is_restarted() -> None:
    life = living("liveness", Behaviour(run=30, unhealthy_after=15), failureThreshold=1)
    life.at(0)
    assert life.at(20)["containerStatuses"][0]["restartCount"] == 1
    [status] = life.at(30)["containerStatuses"]
    assert (status["restartCount"], life.wait) == (1, 10)


def test_what_is_not_to_be_restarted_ends_when_it_is_not_alive() -> None:
    life = living("liveness", Behaviour(unhealthy_after=0), {"restartPolicy": "Never"}, failureThreshold=1)
    status = life.at(0)
    assert (status["phase"], states(status)) == ("Failed", {"web": "terminated 143"})
    assert life.told("Killing") == ["Killing: Container web failed liveness probe"]


def test_restarts_for_probes_back_off_in_the_end() -> None:
    life = living("liveness", Behaviour(unhealthy_after=0), failureThreshold=1, periodSeconds=1)
    assert states(life.at(0))["web"] == "waiting CrashLoopBackOff"
    assert life.wait == 10
    assert life.told("BackOff") == ["BackOff: Back-off restarting failed container web in pod a_default(u)"]


def test_a_sidecar_holds_others_back_until_its_startup_probe_succeeds() -> None:
    side = {**probed("startup", failureThreshold=9), "name": "side", "restartPolicy": "Always"}
    life = Living(pod(initContainers=[side]), behaving(side=Behaviour(started=12)))
    status = life.at(0)
    assert (status["phase"], states(status)) == ("Pending", {"side": "running", "web": "waiting PodInitializing"})
    life.at(10)
    status = life.at(20)
    assert (status["phase"], states(status)) == ("Running", {"side": "running ready", "web": "running ready"})


def test_a_stopping_pod_is_asked_for_readiness_alone() -> None:
    made = probed("liveness", failureThreshold=1)
    life = Living(pod(containers=[made]), behaving(web=Behaviour(unhealthy_after=5, stop=20)))
    life.at(0)
    life.delete()
    life.at(1)
    status = life.at(15)
    assert states(status)["web"] == "running ready"
    assert not life.told("Unhealthy")


NAMED = pod(containers=[container(ports=[{"name": "web", "containerPort": 8080}])])
NAMED["status"] = {"podIP": "10.244.0.2"}


@pytest.mark.parametrize(
    ("probe", "failed", "late"),
    [
        pytest.param(
            {"httpGet": {"path": "/up", "port": "web"}, "timeoutSeconds": 2},
            UNHEALTHY,
            'Get "http://10.244.0.2:8080/up": context deadline exceeded '
            "(Client.Timeout exceeded while awaiting headers)",
            id="http",
        ),
        pytest.param(
            {"tcpSocket": {"port": 80}},
            "dial tcp 10.244.0.2:80: connect: connection refused",
            "dial tcp 10.244.0.2:80: i/o timeout",
            id="tcp",
        ),
        pytest.param(
            {"grpc": {"port": 80}},
            'service unhealthy (responded with "NOT_SERVING")',
            "timeout: health rpc did not complete within 1s",
            id="grpc",
        ),
        pytest.param(
            {"exec": {"command": ["cat", "/up"]}},
            "",
            'command timed out: "cat /up" timed out after 1s',
            id="exec",
        ),
    ],
)
def test_what_failures_say(probe: Object, failed: str, late: str) -> None:
    assert (failure(NAMED, probe), timed_out(NAMED, probe)) == (failed, late)


# Containers that answer for themselves


class Asked(Prober):
    """The container "web" answers as it is told to; others as their behaviour says."""

    def __init__(self, world: PodWorld) -> None:
        self.world = world
        self.answer: Outcome | None = Outcome(True)
        self.asked: list[str] = []
        self.others = Foreseen(behaving())

    def foresee(self, pod: Object, container: Object, kind: Kind, probe: Object, age: float) -> Outcome | None:
        return None if container["name"] == "web" else self.others.foresee(pod, container, kind, probe, age)

    async def probe(self, pod: Object, container: Object, kind: Kind, probe: Object) -> Outcome:
        self.asked.append(f"{kind} {pod['status']['podIP']} {self.world.clock.now() - 1_767_225_600.0:g}")
        await asyncio.sleep(0)
        if self.answer is None:
            await self.world.clock.sleep(3600)
        assert self.answer is not None
        return self.answer


@pytest.fixture
async def asked(world: PodWorld) -> Asked:
    run(world)
    assert world.manager is not None
    [kubelets] = [each for each in world.manager.runnables if isinstance(each, Kubelets)]
    asked = Asked(world)
    kubelets.hosts["node-1"].prober = asked
    await world.settle()
    return asked


async def ready(world: PodWorld) -> bool:
    await world.settle()
    return bool((await world.get())["status"]["containerStatuses"][0]["ready"])


async def test_a_container_answers_for_itself(world: PodWorld, asked: Asked) -> None:
    asked.answer = Outcome(True, lasts=0)
    await world.create(pod(containers=[probed("readiness", failureThreshold=1)]))
    await world.advance(1)
    assert await ready(world)
    asked.answer = Outcome(False, "not now", lasts=0)
    await world.advance(10)
    assert not await ready(world)
    assert asked.asked == ["readiness 10.244.0.2 0", "readiness 10.244.0.2 10"]
    assert "a Unhealthy: Readiness probe failed: not now" in await world.events()


async def test_an_answer_that_lasts_is_asked_for_once(world: PodWorld, asked: Asked) -> None:
    await world.create(pod(containers=[probed("readiness"), container("other")]))
    await world.advance(1)
    assert await ready(world)
    world.client.calls.clear()
    await world.advance(3600)
    assert len(asked.asked) == 1 and writes(world) == []


async def test_who_does_not_answer_is_given_up(world: PodWorld, asked: Asked) -> None:
    asked.answer = None
    await world.create(pod(containers=[probed("liveness", failureThreshold=2, timeoutSeconds=3)]))
    await world.advance(16)
    assert asked.asked == [f"liveness 10.244.0.2 {when}" for when in (0, 10, 13)]
    [status] = (await world.get())["status"]["containerStatuses"]
    assert status["restartCount"] == 1
    unhealthy = [each for each in await world.events() if "Unhealthy" in each]  # the second time as a count
    assert unhealthy == [
        'a Unhealthy: Liveness probe failed: Get "http://10.244.0.2:8080/healthz": context deadline exceeded '
        "(Client.Timeout exceeded while awaiting headers)"
    ]


async def test_answers_of_the_dead_are_not_heard(world: PodWorld, asked: Asked) -> None:
    asked.answer = None
    await world.create(pod(containers=[probed("liveness", timeoutSeconds=30)]))
    await world.advance(1)
    await world.client.delete(PODS, "default", "a")
    await world.advance(60)
    assert not [each for each in await world.events() if "Unhealthy" in each]
