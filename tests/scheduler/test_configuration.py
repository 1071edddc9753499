"""KubeSchedulerConfiguration: which plugins a scheduler has, with which weights and arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from minikube_py.cluster import Cluster
from minikube_py.controllers.scheduler import scheduler_descriptor
from minikube_py.controllers.scheduler.configuration import read_configuration
from minikube_py.controllers.scheduler.framework import Profile
from minikube_py.controllers.scheduler.preemption import Limits
from minikube_py.controllers.scheduler.queue import Backoff
from minikube_py.machinery.wellknown import PODS
from minikube_py.options import InvalidOption, Options
from tests.scheduler.pods import PodWorld, node, pod

TYPE = {"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration"}


def read(**fields: Any) -> dict[str, Profile]:
    return {each.scheduler_name: each for each in read_configuration({**TYPE, **fields}).profiles}


def profile(**fields: Any) -> Profile:
    return read(profiles=[{"schedulerName": "mine", **fields}])["mine"]


def weights(profile: Profile) -> dict[str, int]:
    return {each.name: each.weight for each in profile.plugins if each.score is not None or each.score_all is not None}


DEFAULT_WEIGHTS = {
    "TaintToleration": 3,
    "NodeAffinity": 2,
    "NodeResourcesFit": 1,
    "PodTopologySpread": 2,
    "InterPodAffinity": 2,
    "NodeResourcesBalancedAllocation": 1,
    "ImageLocality": 1,
}


def test_the_defaults() -> None:
    found = read()
    assert set(found) == {"default-scheduler", "round-robin-scheduler"}
    assert weights(found["default-scheduler"]) == DEFAULT_WEIGHTS
    assert weights(found["round-robin-scheduler"]) == {}
    assert set(read(profiles=[{"schedulerName": "mine"}])) == {"mine", "default-scheduler", "round-robin-scheduler"}


@pytest.mark.parametrize(
    ("plugins", "expected"),
    [
        pytest.param({}, DEFAULT_WEIGHTS, id="none"),
        pytest.param(
            {"score": {"enabled": [{"name": "ImageLocality", "weight": 5}]}},
            {**DEFAULT_WEIGHTS, "ImageLocality": 5},
            id="another-weight",
        ),
        pytest.param(
            {"score": {"disabled": [{"name": "*"}], "enabled": [{"name": "NodeResourcesFit"}]}},
            {"NodeResourcesFit": 1},
            id="one-alone",
        ),
        pytest.param(
            {"multiPoint": {"disabled": [{"name": "PodTopologySpread"}], "enabled": [{"name": "TaintToleration"}]}},
            {name: number for name, number in DEFAULT_WEIGHTS.items() if name != "PodTopologySpread"}
            | {"TaintToleration": 1},
            id="everywhere",
        ),
    ],
)
def test_weights(plugins: Any, expected: dict[str, int]) -> None:
    assert weights(profile(plugins=plugins)) == expected


def test_points_are_told_apart() -> None:
    plugins = {"filter": {"disabled": [{"name": "NodeResourcesFit"}]}, "postFilter": {"disabled": [{"name": "*"}]}}
    found = profile(plugins=plugins)
    resources = found.plugin("NodeResourcesFit")
    assert resources is not None and resources.filter is None and resources.score is not None
    assert not any(each.preempts for each in found.plugins)


def test_arguments() -> None:
    config = [{"name": "DefaultPreemption", "args": {"minCandidateNodesAbsolute": 5}}]
    preemption = profile(pluginConfig=config).plugin("DefaultPreemption")
    assert preemption is not None and preemption.arguments == Limits(10, 5)
    assert read_configuration({**TYPE, "podInitialBackoffSeconds": 2}).backoff == Backoff(2, 10)


def config(name: str, **args: Any) -> dict[str, Any]:
    return {"profiles": [{"pluginConfig": [{"name": name, "args": args}]}]}


ARGS = "profiles[0].pluginConfig[0].args"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(
            {"kind": "Pod"}, 'kind: Unsupported value: "Pod": supported values: "KubeSchedulerConfiguration"', id="kind"
        ),
        pytest.param({"profile": []}, "profile: Forbidden: unknown field", id="unknown-field"),
        pytest.param(
            {"profiles": [{"schedulerName": "a"}, {}]}, "profiles[1].schedulerName: Required value", id="no-name"
        ),
        pytest.param(
            {"profiles": [{"schedulerName": "a"}, {"schedulerName": "a"}]},
            'profiles[1].schedulerName: Duplicate value: "profiles[0].schedulerName"',
            id="the-same-name",
        ),
        pytest.param(
            {"profiles": [{"plugins": {"score": {"enabled": [{"name": "Magic"}]}}}]},
            'profiles[0].plugins.score.enabled[0].name: Invalid value: "Magic": plugin does not exist',
            id="no-such-plugin",
        ),
        pytest.param(
            {"extenders": [{"urlPrefix": "http://a", "prioritizeVerb": "p"}]},
            "extenders[0].weight: Invalid value: 0: must have a positive weight applied to it",
            id="extender-weight",
        ),
        pytest.param(
            {"extenders": [{"bindVerb": "b"}, {"bindVerb": "b"}]},
            'extenders: Invalid value: "found 2 extenders implementing bind": only one extender can implement bind',
            id="extender-binders",
        ),
        pytest.param(
            {"extenders": [{"managedResources": [{"name": "cpu"}]}]},
            'extenders[0].managedResources[0].name: Invalid value: "cpu": is an invalid extended resource name',
            id="extender-native-resource",
        ),
        pytest.param(
            {"extenders": [{"managedResources": [{"name": "example.com/a"}]}] * 2},
            'extenders[1].managedResources[0].name: Invalid value: "example.com/a": '
            "duplicate extender managed resource name",
            id="extender-resource-twice",
        ),
        pytest.param(
            {"extenders": [{"httpTimeout": "soon"}]},
            'extenders[0].httpTimeout: Invalid value: "soon": time: invalid duration "soon"',
            id="extender-timeout",
        ),
        pytest.param(
            {"podInitialBackoffSeconds": 20},
            "podMaxBackoffSeconds: Invalid value: 10: must be greater than or equal to PodInitialBackoffSeconds",
            id="backoff",
        ),
        pytest.param(
            config("NodeResourcesFit", scoringStrategy={"type": "Best"}),
            f'{ARGS}.scoringStrategy.type: Unsupported value: "Best": supported values: "LeastAllocated", '
            '"MostAllocated", "RequestedToCapacityRatio"',
            id="strategy",
        ),
        pytest.param(
            config("NodeResourcesFit", scoringStrategy={"type": "RequestedToCapacityRatio"}),
            f"{ARGS}.scoringStrategy.requestedToCapacityRatio: Required value: must be specified when type is "
            "RequestedToCapacityRatio",
            id="no-shape",
        ),
        pytest.param(
            config("InterPodAffinity", hardPodAffinityWeight=101),
            f"{ARGS}.hardPodAffinityWeight: Invalid value: 101: not in valid range [0, 100]",
            id="hard-weight",
        ),
        pytest.param(
            config(
                "PodTopologySpread", defaultConstraints=[{"maxSkew": 1, "topologyKey": "zone"}], defaultingType="List"
            ),
            f"{ARGS}.defaultConstraints[0].whenUnsatisfiable: Required value: can not be empty",
            id="constraint",
        ),
        pytest.param(
            config("DefaultPreemption", minCandidateNodesPercentage=0, minCandidateNodesAbsolute=0),
            f"[{ARGS}.minCandidateNodesPercentage: Invalid value: 0: cannot be zero at the same time as "
            f"minCandidateNodesAbsolute, {ARGS}.minCandidateNodesAbsolute: Invalid value: 0: cannot be zero at the "
            "same time as minCandidateNodesPercentage]",
            id="no-candidates",
        ),
    ],
)
def test_refusals(given: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValueError) as raised:
        read_configuration({**TYPE, **given})
    assert str(raised.value) == expected


def test_the_option_takes_an_object_or_a_file(tmp_path: Path) -> None:
    assert Options.of({"scheduler_config": TYPE}).scheduler_config == TYPE
    file = tmp_path / "scheduler.yaml"
    file.write_text("apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n")
    assert Options.of({"scheduler_config": str(file)}).scheduler_config == TYPE
    for given, problem in (
        (tmp_path / "absent", f"scheduler_config: cannot read {tmp_path}/absent: No such file or directory"),
        ({}, 'scheduler_config: [apiVersion: Unsupported value: ""'),
    ):
        with pytest.raises(InvalidOption) as raised:
            Options.of({"scheduler_config": given})
        assert problem in str(raised.value)


async def test_a_profile_that_packs() -> None:
    packing = {
        "schedulerName": "packing",
        "plugins": {"score": {"disabled": [{"name": "*"}], "enabled": [{"name": "NodeResourcesFit"}]}},
        "pluginConfig": [{"name": "NodeResourcesFit", "args": {"scoringStrategy": {"type": "MostAllocated"}}}],
    }
    world = PodWorld()
    await world.begin()
    world.run(scheduler_descriptor(read_configuration({**TYPE, "profiles": [packing]}).profiles))
    await world.nodes(*(node(f"node-{number}", pods="3") for number in (1, 2, 3)))
    for number in range(4):
        await world.create(pod(f"p{number}", requests={"cpu": "100m", "memory": "1Gi"}, schedulerName="packing"))
    await world.settle()
    assert list((await world.placed()).values()) == ["node-1", "node-1", "node-1", "node-2"]
    assert {each.actor for each in world.ring.recent} == {"packing"}
    await world.stop()


async def test_a_cluster_with_a_scheduler_of_the_users() -> None:
    filters = {"disabled": [{"name": "NodeResourcesFit"}]}
    wanted = {**TYPE, "profiles": [{"schedulerName": "careless", "plugins": {"filter": filters}}]}
    async with Cluster(port=None, nodes=1, scheduler_config=wanted) as cluster:
        for name in ("careless", "default-scheduler"):
            await cluster.client.create(PODS, pod(name, schedulerName=name, requests={"cpu": "900"}))
        await cluster.settle()
        pods = (await cluster.client.list(PODS)).items
    placed = {each["metadata"]["name"]: each["spec"].get("nodeName") for each in pods}
    assert placed == {"careless": "node-1", "default-scheduler": None}
