"""Who has to go for whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pytest

from minikube_py.controllers.kubelet import Behaviour, kubelet_descriptor
from minikube_py.controllers.scheduler import SCHEDULER
from minikube_py.controllers.scheduler.cache import Cache
from minikube_py.controllers.scheduler.handle import Handle
from minikube_py.controllers.scheduler.podinfo import PodInfo
from minikube_py.controllers.scheduler.preemption import Budgets, Limits, barred, search, select
from minikube_py.controllers.scheduler.profiles import DEFAULT
from minikube_py.controllers.scheduler.ranking import Ranking
from minikube_py.controllers.scheduler.rankings import survey
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import PODS
from tests.kubelet.lives import behaving
from tests.scheduler.board import Surroundings
from tests.scheduler.pods import PodWorld, condition, node, pod, pod_info


def cache(*nodes: tuple[Object, dict[str, Object]]) -> Cache:
    """Of nodes with their pods by uid."""
    made = Cache()
    for each, pods in nodes:
        made.set_node(each)
        for uid, running in pods.items():
            named = {**running, "metadata": {**running["metadata"], "name": uid}}
            made.add_pod(pod_info(named), each["metadata"]["name"])
    return made


def using(cpu: str, priority: int = 0, **spec: object) -> Object:
    return pod(requests={"cpu": cpu}, priority=priority, **spec)


def decide(
    wanted: Object, world: Cache, budgets: Sequence[Object] = (), started: dict[str, float] | None = None
) -> tuple[str, tuple[str, ...], str]:
    """Pods that `started` does not name have all started at 0."""
    info = pod_info(wanted, "preemptor")
    ranking = Ranking(DEFAULT, info, survey(DEFAULT, info, cast(Handle, Surroundings(world, (), (), {}))))
    ranking.refresh(world)
    assert not ranking.fits

    def begun(each: PodInfo) -> float:
        return (started or {}).get(each.uid, 0.0)

    found = barred(info) or select(search(info, ranking, world, Budgets(budgets), begun), world.known, begun)
    return (found.node.name if found.node is not None else ""), tuple(each.uid for each in found.victims), found.message


@pytest.mark.parametrize(
    ("wanted", "world", "expected"),
    [
        pytest.param(
            using("2", 5),
            cache((node("n", cpu="4"), {"a": using("1"), "b": using("1"), "c": using("2", 9)})),
            ("n", ("a", "b"), ""),
            id="only-lower-ones",
        ),
        pytest.param(
            using("1", 5),
            cache((node("n", cpu="4"), {"a": using("2", 1), "b": using("2", 2)})),
            ("n", ("a",), ""),
            id="the-important-are-let-back",
        ),
        pytest.param(
            using("1", 5),
            cache((node("n", cpu="3"), {"old": using("1"), "mid": using("1"), "new": using("1")})),
            ("n", ("new",), ""),
            id="the-older-are-let-back",
        ),
        pytest.param(
            using("1", 5),
            cache((node("n", cpu="1"), {"a": using("1", 3)}), (node("m", cpu="1"), {"b": using("1", 2)})),
            ("m", ("b",), ""),
            id="where-the-least-important-is",
        ),
        pytest.param(
            using("2", 5),
            cache((node("n", cpu="2"), {"a": using("1"), "b": using("1")}), (node("m", cpu="2"), {"c": using("2")})),
            ("m", ("c",), ""),
            id="where-there-are-fewer",
        ),
        pytest.param(
            using("2", 5),
            cache((node("n", cpu="2"), {"a": using("1", 5)}), (node("m", cpu="1"), {})),
            (
                "",
                (),
                "preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, "
                "1 Preemption is not helpful for scheduling.",
            ),
            id="nobody-is-lower",
        ),
        pytest.param(
            using("2", 5),
            cache((node("n", cpu="2"), {"a": using("1", 9), "b": using("1")})),
            ("", (), "preemption: 0/1 nodes are available: 1 Insufficient cpu."),
            id="too-few-are-lower",
        ),
        pytest.param(
            using("2", 5, preemptionPolicy="Never"),
            cache((node("n", cpu="2"), {"a": using("1")})),
            ("", (), "preemption: not eligible due to preemptionPolicy=Never."),
            id="never",
        ),
    ],
)
def test_victims(wanted: Object, world: Cache, expected: tuple[str, tuple[str, ...], str]) -> None:
    assert decide(wanted, world) == expected


def budget(app: str, allowed: int, **status: Object) -> Object:
    spec = {"selector": {"matchLabels": {"app": app}}}
    metadata = {"name": app, "namespace": "default"}
    return {"metadata": metadata, "spec": spec, "status": {"disruptionsAllowed": allowed, **status}}


def labelled(app: str, cpu: str = "1", priority: int = 0) -> Object:
    return using(cpu, priority, metadata={"labels": {"app": app}})


GUARDED = budget("guarded", 0)


@pytest.mark.parametrize(
    ("world", "budgets", "expected"),
    [
        pytest.param(
            cache((node("n", cpu="2"), {"a": labelled("guarded"), "b": labelled("free", priority=1)})),
            [GUARDED],
            ("n", ("b",), ""),
            id="the-guarded-are-let-back-before-the-important",
        ),
        pytest.param(
            cache(
                (node("n", cpu="1"), {"a": labelled("guarded")}), (node("m", cpu="1"), {"b": labelled("free", "1", 3)})
            ),
            [GUARDED],
            ("m", ("b",), ""),
            id="where-nobody-is-guarded",
        ),
        pytest.param(
            cache((node("n", cpu="1"), {"a": labelled("guarded")})), [GUARDED], ("n", ("a",), ""), id="if-need-be"
        ),
        pytest.param(
            cache(
                (node("n", cpu="1"), {"a": labelled("guarded")}), (node("m", cpu="1"), {"b": labelled("free", "1", 3)})
            ),
            [budget("guarded", 1)],
            ("n", ("a",), ""),
            id="as-many-as-the-budget-allows",
        ),
        pytest.param(
            cache(
                (node("n", cpu="1"), {"a": labelled("guarded")}), (node("m", cpu="1"), {"b": labelled("free", "1", 3)})
            ),
            [budget("guarded", 0, disruptedPods={"a": "2026-01-01T00:00:00Z"})],
            ("n", ("a",), ""),
            id="granted-already",
        ),
        pytest.param(
            cache(
                (node("n", cpu="1"), {"a": labelled("guarded")}), (node("m", cpu="1"), {"b": labelled("free", "1", 3)})
            ),
            [{**GUARDED, "spec": {"selector": {}}}],
            ("n", ("a",), ""),
            id="an-empty-selector-selects-nothing",
        ),
    ],
)
def test_budgets(world: Cache, budgets: list[Object], expected: tuple[str, tuple[str, ...], str]) -> None:
    assert decide(using("1", 5), world, budgets) == expected


def test_who_started_last_goes() -> None:
    started = {"a": 3.0, "b": 1.0, "c": 2.0}
    one = cache((node("n", cpu="3"), dict.fromkeys(started, using("1"))))
    assert decide(using("1", 5), one, started=started) == ("n", ("a",), "")
    three = cache(*((node(f"n-{each}", cpu="1"), {each: using("1")}) for each in started))
    assert decide(using("1", 5), three, started=started) == ("n-a", ("a",), "")


def test_affinity_is_tried_without_the_victims() -> None:
    """A pod that wants to be alone drives away the one beside it."""
    alone = {"labelSelector": {"matchLabels": {"app": "web"}}, "topologyKey": "kubernetes.io/hostname"}
    affinity = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [alone]}}
    world = cache((node("n"), {"a": labelled("web"), "b": labelled("other")}))
    assert decide(using("1", 5, affinity=affinity), world) == ("n", ("a",), "")


def test_limits() -> None:
    assert [Limits().of(nodes) for nodes in (5, 200, 3000)] == [5, 100, 300]


async def test_preemption_makes_room() -> None:
    world = PodWorld()
    await world.begin()
    slow = behaving(web=Behaviour(stop=5))
    world.run(kubelet_descriptor(1, "1.36", slow), SCHEDULER)
    await world.settle()
    await world.create(using("30") | {"metadata": {"name": "low", "namespace": "default"}})
    await world.settle()
    await world.create(using("20", 100) | {"metadata": {"name": "high", "namespace": "default"}})
    await world.settle()
    low, high = await world.get("low"), await world.get("high")
    told = condition(low, "DisruptionTarget")
    assert (told["reason"], told["message"]) == (
        "PreemptionByScheduler",
        "default-scheduler: preempting to accommodate a higher priority pod",
    )
    assert low["metadata"]["deletionTimestamp"]
    assert high["status"]["nominatedNodeName"] == "node-1"
    assert condition(high, "PodScheduled")["message"] == "0/1 nodes are available: 1 Insufficient cpu."
    assert f"low Preempted: Preempted by pod {high['metadata']['uid']} on node node-1" in await world.events()
    await world.advance(5)
    assert await world.placed() == {"high": "node-1"}
    assert [each["status"]["phase"] for each in (await world.client.list(PODS)).items] == ["Running"]
    await world.stop()


async def test_room_is_kept_for_who_made_it() -> None:
    world = PodWorld()
    await world.begin()
    slow = behaving(web=Behaviour(stop=30))
    world.run(kubelet_descriptor(1, "1.36", slow), SCHEDULER)
    await world.settle()
    await world.create(using("30") | {"metadata": {"name": "low", "namespace": "default"}})
    await world.settle()
    await world.create(using("20", 100) | {"metadata": {"name": "high", "namespace": "default"}})
    await world.settle()
    # When the victim is gone, there will be twelve cores beside those of the pod that made it go.
    await world.create(using("2", 5) | {"metadata": {"name": "small", "namespace": "default"}})
    await world.create(using("13", 5) | {"metadata": {"name": "big", "namespace": "default"}})
    await world.settle()
    assert await world.placed() == {"low": "node-1", "high": "", "small": "", "big": ""}
    await world.advance(31)
    assert await world.placed() == {"high": "node-1", "small": "node-1", "big": ""}
    await world.stop()


async def test_a_less_important_nomination_gives_way() -> None:
    world = PodWorld()
    await world.begin()
    slow = behaving(web=Behaviour(stop=30))
    world.run(kubelet_descriptor(1, "1.36", slow), SCHEDULER)
    await world.settle()
    for name, priority in (("low", 0), ("middle", 50), ("high", 100)):
        await world.create(using("20", priority) | {"metadata": {"name": name, "namespace": "default"}})
        await world.settle()
    assert (await world.get("middle"))["status"].get("nominatedNodeName") is None
    assert (await world.get("high"))["status"]["nominatedNodeName"] == "node-1"
    await world.advance(31)
    assert await world.placed() == {"high": "node-1", "middle": ""}
    await world.stop()
