"""What holds of caches and rankings, whatever happens."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from minikube_py.controllers.scheduler.cache import Cache
from minikube_py.controllers.scheduler.profiles import DEFAULT
from minikube_py.controllers.scheduler.ranking import Ranking
from tests.scheduler.pods import container, node, pod, pod_info

PORT = [{"hostPort": 80, "protocol": "TCP"}]
PODS = [
    pod(requests={"cpu": "1", "memory": "1Gi"}),
    pod(requests={"cpu": "2", "example.com/gpu": "1"}),
    pod(containers=[container(ports=PORT)]),
    pod(tolerations=[{"operator": "Exists"}], priority=7),
]
TAINT = {"key": "k", "effect": "NoSchedule"}
AVOID = {"key": "k", "effect": "PreferNoSchedule"}
NAMES = st.sampled_from(["n0", "n1", "n2"])
SHAPES: list[Any] = [
    {},
    {"cpu": "2"},
    {"taints": [TAINT]},
    {"taints": [AVOID]},
    {"unschedulable": True},
    {"scalars": {"example.com/gpu": "2"}},
]

STEPS = st.one_of(
    st.tuples(st.just("node"), NAMES, st.integers(0, len(SHAPES) - 1)),
    st.tuples(st.just("no node"), NAMES, st.just(0)),
    st.tuples(st.just("pod"), NAMES, st.integers(0, 19)),
    st.tuples(st.just("no pod"), NAMES, st.integers(0, 19)),
    st.tuples(st.just("schedule"), NAMES, st.integers(0, 19)),
)


def take(cache: Cache, rankings: list[Ranking], step: tuple[str, str, int]) -> None:
    kind, name, number = step
    uid = str(number)
    info = pod_info(PODS[number % len(PODS)], uid)
    if kind == "node":
        cache.set_node(node(name, **SHAPES[number]))
    elif kind == "no node":
        cache.remove_node(name)
    elif kind == "pod":
        cache.add_pod(info, name)
    elif kind == "no pod":
        cache.remove_pod(uid)
    elif not cache.node_of(uid):
        ranking = rankings[number % len(PODS)]
        ranking.refresh(cache)
        best = ranking.best()
        if best is not None:
            cache.assume(info, best)


@given(st.lists(STEPS, max_size=40))
@settings(deadline=None, max_examples=60)
def test_a_ranking_that_follows_is_as_good_as_a_new_one(steps: list[tuple[str, str, int]]) -> None:
    cache = Cache()
    following = [Ranking(DEFAULT, pod_info(each)) for each in PODS]
    for step in steps:
        take(cache, following, step)
        for ranking, each_pod in zip(following, PODS, strict=True):
            fresh = Ranking(DEFAULT, pod_info(each_pod))
            for each in (ranking, fresh):
                each.refresh(cache)
            assert ranking.best() is fresh.best()
            assert ranking.explain(cache.known) == fresh.explain(cache.known)
            assert sorted(ranking.resolvable()) == sorted(fresh.resolvable())


@given(st.lists(STEPS, max_size=40))
@settings(deadline=None, max_examples=60)
def test_nodes_carry_what_their_pods_request(steps: list[tuple[str, str, int]]) -> None:
    cache = Cache()
    following = [Ranking(DEFAULT, pod_info(each)) for each in PODS]
    for step in steps:
        take(cache, following, step)
    assert cache.known == sum(each.known for each in cache.nodes.values())
    for each in cache.nodes.values():
        assert each.known or each.pods
        assert each.requested_cpu == sum(pod.pod_class.requests.cpu for pod in each.pods.values())
        assert each.scored_memory == sum(pod.pod_class.requests.scored_memory for pod in each.pods.values())
        assert each.requested_scalars.get("example.com/gpu", 0) == sum(
            dict(pod.pod_class.requests.scalars).get("example.com/gpu", 0) for pod in each.pods.values()
        )
        assert len(each.ports) == sum(len(pod.pod_class.ports) for pod in each.pods.values())


@given(st.lists(STEPS, max_size=40))
@settings(deadline=None, max_examples=60)
def test_the_scheduler_never_overcommits(steps: list[tuple[str, str, int]]) -> None:
    cache = Cache()
    following = [Ranking(DEFAULT, pod_info(each)) for each in PODS]
    for name in ("n0", "n1", "n2"):
        cache.set_node(node(name))
    for step in steps:
        if step[0] in ("schedule", "no pod"):
            take(cache, following, step)
    for each in cache.nodes.values():
        assert each.requested_cpu <= each.cpu and each.requested_memory <= each.memory
        assert len(set(each.ports)) == len(each.ports)
