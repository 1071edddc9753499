"""What holds however pods and nodes come and go: rankings that are kept are as good as new ones, and no placement
breaks a rule."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from minikube_py.controllers.scheduler.profiles import DEFAULT
from minikube_py.controllers.scheduler.rankings import Rankings
from minikube_py.machinery.gvr import Object
from tests.scheduler.board import Board
from tests.scheduler.pods import node, pod, pod_info

ZONE, HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
SERVICE = {"metadata": {"name": "web", "namespace": "default"}, "spec": {"selector": {"app": "web"}}}
MAX_SKEW = 1


def selecting(app: str, key: str, **more: Any) -> Object:
    return {"labelSelector": {"matchLabels": {"app": app}}, "topologyKey": key, **more}


def kind(app: str, **spec: Any) -> Object:
    return pod(requests={"cpu": "500m"}, metadata={"labels": {"app": app}}, **spec)


SPREAD = [selecting("spread", ZONE, maxSkew=MAX_SKEW, whenUnsatisfiable="DoNotSchedule")]
ALONE = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [selecting("alone", HOST)]}}
SHY = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [selecting("web", HOST)]}}
NEAR = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [selecting("near", ZONE)]}}
LIKES = {
    "podAffinity": {
        "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 5, "podAffinityTerm": selecting("web", ZONE)}]
    }
}
KINDS = [
    kind("plain"),
    kind("web"),
    kind("spread", topologySpreadConstraints=SPREAD),
    kind("alone", affinity=ALONE),
    kind("shy", affinity=SHY),
    kind("near", affinity=NEAR),
    kind("fond", affinity=LIKES),
]
NODES = {"a1": "a", "a2": "a", "b1": "b", "c1": "c"}
SHAPES: list[Any] = [
    {},
    {"cpu": "1"},
    {"taints": [{"key": "k", "effect": "NoSchedule"}]},
    {"taints": [{"key": "k", "effect": "PreferNoSchedule"}]},
    {"unschedulable": True},
]

KIND, NAME, UID = st.integers(0, len(KINDS) - 1), st.sampled_from(list(NODES)), st.integers(0, 11)
STEPS = st.one_of(
    st.tuples(st.just("node"), NAME, st.integers(0, len(SHAPES) - 1), KIND),
    st.tuples(st.just("no node"), NAME, st.just(0), KIND),
    st.tuples(st.just("pod"), NAME, UID, KIND),
    st.tuples(st.just("no pod"), NAME, UID, KIND),
    st.tuples(st.just("schedule"), NAME, UID, KIND),
    st.tuples(st.just("move"), NAME, st.just(0), KIND),
)


def zoned(name: str, zone: str, **shape: Any) -> Object:
    return node(name, labels={ZONE: zone}, **{"cpu": "4", **shape})


class Run:
    def __init__(self, *, nodes: bool) -> None:
        self.board = Board([zoned(*each) for each in NODES.items()] if nodes else [], services=[SERVICE])
        self.cache = self.board.cache
        self.rankings = Rankings({DEFAULT.scheduler_name: DEFAULT}, self.board.handle)

    def take(self, step: tuple[str, str, int, int]) -> None:
        what, name, number, which = step
        info = pod_info(KINDS[which], str(number))
        match what:
            case "node":
                self.cache.set_node(zoned(name, NODES[name], **SHAPES[number]))
            case "move":
                self.cache.set_node(zoned(name, "c"))
            case "no node":
                self.cache.remove_node(name)
            case "pod":
                self.cache.add_pod(info, name)
            case "no pod":
                self.cache.remove_pod(info.uid)
            case _ if not self.cache.node_of(info.uid):
                best = self.rankings.of(DEFAULT.scheduler_name, info).best()
                if best is not None:
                    self.cache.assume(info, best)

    def where(self, which: int) -> list[str]:
        """The nodes of a kind's pods."""
        app = KINDS[which]["metadata"]["labels"]["app"]
        pods = [(each.name, pod) for each in self.cache.nodes.values() for pod in each.pods.values()]
        return [name for name, pod in pods if pod.family.labels["app"] == app]


@given(st.lists(STEPS, max_size=30))
@settings(deadline=None, max_examples=60)
def test_rankings_that_follow_are_as_good_as_new_ones(steps: list[tuple[str, str, int, int]]) -> None:
    run = Run(nodes=False)
    for step in steps:
        run.take(step)
        for each in KINDS:
            kept, fresh = run.rankings.of(DEFAULT.scheduler_name, pod_info(each)), run.board.ranking(each)
            assert kept.best() is fresh.best()
            assert kept.explain(run.cache.known) == fresh.explain(run.cache.known)
            assert sorted(kept.resolvable()) == sorted(fresh.resolvable())


@given(st.lists(KIND, max_size=40))
@settings(deadline=None, max_examples=60)
def test_no_placement_breaks_a_rule(kinds: list[int]) -> None:
    run = Run(nodes=True)
    for number, which in enumerate(kinds):
        run.take(("schedule", "", number, which))
    for each in run.cache.nodes.values():
        assert each.requested_cpu <= each.cpu
    zones = Counter(dict.fromkeys(NODES.values(), 0))
    zones.update(NODES[name] for name in run.where(2))
    assert max(zones.values()) - min(zones.values()) <= MAX_SKEW
    assert max(Counter(run.where(3)).values(), default=0) <= 1
    assert not set(run.where(4)) & set(run.where(1))
    assert len({NODES[name] for name in run.where(5)}) <= 1
