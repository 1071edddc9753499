"""Pods that their node does not take."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.controllers.kubelet.admission import Admission, Refusal
from minikube_py.controllers.scheduler.podinfo import PodInfos
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import NODES, PODS
from tests.kubelet.test_kubelet import run
from tests.scheduler.pods import PodWorld, container, node, pod


def placed(name: str, **more: Any) -> Object:
    made = pod(name, **more)
    made["metadata"]["uid"] = name
    return made


def ports(*numbers: int) -> Object:
    return container(ports=[{"containerPort": 80, "hostPort": number} for number in numbers])


NO_EXECUTE = {"key": "example.com/bad", "effect": "NoExecute"}


@pytest.mark.parametrize(
    ("on", "there", "wanted", "expected"),
    [
        pytest.param({}, [], {"requests": {"cpu": "4"}}, None, id="fits"),
        pytest.param(
            {},
            [{"requests": {"cpu": "3500m"}}],
            {"requests": {"cpu": "1"}},
            ("OutOfcpu", "Node didn't have enough resource: cpu, requested: 1000, used: 3500, capacity: 4000"),
            id="cpu",
        ),
        pytest.param(
            {"memory": "1Gi"},
            [],
            {"requests": {"memory": "2Gi"}},
            (
                "OutOfmemory",
                "Node didn't have enough resource: memory, requested: 2147483648, used: 0, capacity: 1073741824",
            ),
            id="memory",
        ),
        pytest.param(
            {"pods": "2"},
            [{}, {}],
            {},
            ("OutOfpods", "Node didn't have enough resource: pods, requested: 1, used: 2, capacity: 2"),
            id="pods",
        ),
        pytest.param(
            {"scalars": {"example.com/gpu": "1"}},
            [{"requests": {"example.com/gpu": "1"}}],
            {"requests": {"example.com/gpu": "1"}},
            (
                "OutOfexample.com/gpu",
                "Node didn't have enough resource: example.com/gpu, requested: 1, used: 1, capacity: 1",
            ),
            id="extended",
        ),
        pytest.param({}, [], {"requests": {"example.com/gpu": "1"}}, None, id="extended-of-no-node"),
        pytest.param(
            {"labels": {"disk": "hdd"}},
            [],
            {"nodeSelector": {"disk": "ssd"}},
            ("NodeAffinity", "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"),
            id="selector",
        ),
        pytest.param(
            {},
            [{"containers": [ports(80)]}],
            {"containers": [ports(80)]},
            ("NodePorts", "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"),
            id="ports",
        ),
        pytest.param({}, [{"containers": [ports(80)]}], {"containers": [ports(81)]}, None, id="other-ports"),
        pytest.param(
            {"taints": [NO_EXECUTE]},
            [],
            {},
            (
                "TaintToleration",
                "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate",
            ),
            id="taint",
        ),
        pytest.param(
            {"taints": [{**NO_EXECUTE, "effect": "NoSchedule"}]}, [], {}, None, id="taints-that-do-not-matter-here"
        ),
        pytest.param(
            {},
            [],
            {"os": {"name": "windows"}},
            ("PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS"),
            id="os",
        ),
    ],
)
def test_who_is_refused(
    on: dict[str, Any], there: list[Object], wanted: Object, expected: tuple[str, str] | None
) -> None:
    admission = Admission(node("node-1", **on), PodInfos())
    for number, each in enumerate(there):
        admission.take(placed(f"there-{number}", **each))
    assert admission.refusal(placed("new", **wanted)) == (Refusal(*expected) if expected else None)


async def test_a_refused_pod_fails(world: PodWorld) -> None:
    run(world)
    await world.settle()
    await world.create(pod(nodeName="node-1", requests={"cpu": "33"}))
    await world.settle()
    status = (await world.get())["status"]
    told = "Node didn't have enough resource: cpu, requested: 33000, used: 0, capacity: 32000"
    assert (status["phase"], status["reason"], status["message"]) == (
        "Failed",
        "OutOfcpu",
        f"Pod was rejected: {told}",
    )
    assert "containerStatuses" not in status and status["startTime"] == "2026-01-01T00:00:00Z"
    assert await world.events() == [f"a OutOfcpu: {told}"]
    await world.client.delete(PODS, "default", "a")
    await world.settle()
    assert not (await world.client.list(PODS)).items


async def test_room_is_free_again_once_pods_have_ended(world: PodWorld) -> None:
    run(world)
    await world.settle()
    short = {"metadata": {"annotations": {"minikube-py/run": "5s"}}, "restartPolicy": "Never"}
    await world.create(pod("first", nodeName="node-1", requests={"cpu": "20"}, **short))
    await world.settle()
    await world.create(pod("second", nodeName="node-1", requests={"cpu": "20"}))
    await world.advance(5)
    await world.create(pod("third", nodeName="node-1", requests={"cpu": "20"}))
    await world.settle()
    phases = {each["metadata"]["name"]: each["status"]["phase"] for each in (await world.client.list(PODS)).items}
    assert phases == {"first": "Succeeded", "second": "Failed", "third": "Running"}


async def test_labels_that_were_just_put_count(world: PodWorld) -> None:
    run(world)
    await world.settle()
    await world.client.patch(NODES, "", "node-1", {"metadata": {"labels": {"disk": "ssd"}}})
    await world.create(pod(nodeName="node-1", nodeSelector={"disk": "ssd"}))
    await world.settle()
    assert (await world.get())["status"]["phase"] == "Running"


async def test_a_resize_waits_for_room(world: PodWorld) -> None:
    run(world)
    await world.settle()
    await world.create(
        pod(nodeName="node-1", requests={"cpu": "8"}), pod("b", nodeName="node-1", requests={"cpu": "8"})
    )
    await world.settle()
    asked = {"spec": {"containers": [container(requests={"cpu": "30"})]}}
    await world.client.patch(PODS, "default", "a", asked, subresource="resize")
    await world.settle()
    status = (await world.get())["status"]
    pending = next(each for each in status["conditions"] if each["type"] == "PodResizePending")
    why = "Node didn't have enough resource: cpu, requested: 30000, used: 8000, capacity: 32000"
    assert (pending["status"], pending["reason"], pending["message"]) == ("True", "Deferred", why)
    assert status["containerStatuses"][0]["resources"] == {"requests": {"cpu": "8"}}
    [told] = [each for each in await world.events() if "ResizeDeferred" in each]
    assert told.startswith('a ResizeDeferred: Pod resize Deferred: {"containers":[{"name":"web","resources":')
    await world.client.delete(PODS, "default", "b")
    await world.settle()
    status = (await world.get())["status"]
    assert status["containerStatuses"][0]["resources"] == {"requests": {"cpu": "30"}}
    assert "PodResizePending" not in [each["type"] for each in status["conditions"]]
