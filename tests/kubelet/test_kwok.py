"""Pods and nodes that live by KWOK's Stages."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from minikube_py.controllers.kubelet import kubelet_descriptor
from minikube_py.controllers.scheduler import SCHEDULER
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import LEASES, NODES, PODS
from tests.kubelet.test_given_nodes import fake
from tests.kubelet.test_kubelet import exists
from tests.kubelet.test_kwok_stages import expression, stage
from tests.scheduler.pods import PodWorld, pod


def at(phase: str, *, deleted: bool = False, **labels: str) -> Object:
    found = expression(".status.phase", "In", phase)
    operator = "Exists" if deleted else "DoesNotExist"
    found["matchExpressions"] += expression(".metadata.deletionTimestamp", operator)["matchExpressions"]
    return {**found, **({"matchLabels": labels} if labels else {})}


def goes_to(phase: str, seconds: float = 0, **more: Any) -> Object:
    template = f"""
      phase: {phase}
      startTime: {{{{ Now | Quote }}}}
      podIP: {{{{ PodIPWith .spec.nodeName false .metadata.uid "" "" | Quote }}}}
    """
    return {
        "delay": {"durationMilliseconds": int(seconds * 1000)},
        "next": {"statusTemplate": dedent(template), **more},
    }


RUNS = stage("runs", selector=at("Pending"), **goes_to("Running", 2, event={"reason": "Made", "message": "by a stage"}))
ENDS = stage("ends", selector=at("Running"), **goes_to("Succeeded", 10))


async def begun(world: PodWorld, *stages: Object, nodes: int = 1) -> None:
    world.run(kubelet_descriptor(nodes, stages=stages), SCHEDULER)
    await world.settle()


async def phase(world: PodWorld, name: str = "a") -> str:
    return str((await world.get(name))["status"]["phase"])


async def test_a_pod_goes_from_stage_to_stage(world: PodWorld) -> None:
    await begun(world, RUNS, ENDS)
    await world.create(pod())
    await world.advance(1)
    assert await phase(world) == "Pending"
    await world.advance(1)
    running = (await world.get())["status"]
    assert (running["phase"], running["podIP"]) == ("Running", "10.244.0.2")
    assert "a Made: by a stage" in await world.events()
    await world.advance(10)
    assert await phase(world) == "Succeeded"
    assert "containerStatuses" not in (await world.get())["status"]


async def test_a_pod_that_no_stage_is_about_lives_as_ever(world: PodWorld) -> None:
    await begun(world, stage("other", selector=at("Pending", app="other"), **goes_to("Failed")))
    await world.create(pod(), pod("b", metadata={"labels": {"app": "other"}}))
    await world.settle()
    assert (await phase(world), await phase(world, "b")) == ("Running", "Failed")
    assert (await world.get())["status"]["containerStatuses"][0]["ready"]


async def test_what_a_stage_told_is_not_told_otherwise(world: PodWorld) -> None:
    broken = stage("broken", selector=at("Running", app="broken"), **goes_to("Failed", 5))
    await begun(world, broken)
    await world.create(pod(metadata={"labels": {"app": "broken"}}))
    await world.settle()
    assert (await world.get())["status"]["containerStatuses"][0]["ready"]
    await world.advance(5)
    assert await phase(world) == "Failed"
    await world.client.patch(PODS, "default", "a", {"metadata": {"labels": {"new": "label"}}})
    await world.advance(60)
    assert await phase(world) == "Failed"


async def test_a_scripted_pod_goes_when_it_is_deleted(world: PodWorld) -> None:
    await begun(world, RUNS)
    await world.create(pod())
    await world.advance(2)
    await world.client.delete(PODS, "default", "a")
    await world.settle()
    assert not await exists(world)


async def test_a_stage_may_be_about_deletion(world: PodWorld) -> None:
    slow = {"delay": {"durationMilliseconds": 5000}, "next": {"delete": True, "finalizers": {"empty": True}}}
    await begun(world, stage("slow", selector=at("Running", deleted=True), **slow))
    await world.create(pod(metadata={"finalizers": ["example.com/hold"]}))
    await world.settle()
    await world.client.delete(PODS, "default", "a")
    await world.advance(4)
    assert await phase(world) == "Running"
    await world.advance(1)
    assert not await exists(world)


async def test_stages_that_tell_no_status_go_along(world: PodWorld) -> None:
    marks = {"patches": [{"root": "metadata", "template": 'annotations: {marked: "{{ .metadata.name }}"}'}]}
    unmarked = expression(".metadata.annotations.marked", "DoesNotExist")
    await begun(world, stage("marks", selector=unmarked, delay={"durationMilliseconds": 3000}, next=marks))
    await world.create(pod(metadata={"annotations": {"minikube-py/run": "5s"}}, restartPolicy="Never"))
    await world.advance(3)
    found = await world.get()
    assert (found["metadata"]["annotations"]["marked"], found["status"]["phase"]) == ("a", "Running")
    await world.advance(2)
    assert await phase(world) == "Succeeded"


async def test_a_template_that_makes_no_sense_changes_nothing(
    world: PodWorld, caplog: pytest.LogCaptureFixture
) -> None:
    await begun(world, stage("odd", selector=at("Pending"), next={"statusTemplate": "phase: {{ .spec.nodeName.x }}"}))
    await world.create(pod())
    await world.advance(10)
    assert await phase(world) == "Pending"
    assert "stage odd: Pod a: can't evaluate field x in type str" in caplog.text


async def test_stages_that_never_rest_are_slowed_down(world: PodWorld) -> None:
    counted = '{{ add 1 (index (or .metadata.annotations dict) "n") | toString | quote }}'
    busy = {"patches": [{"root": "metadata", "template": f"annotations: {{n: {counted}}}"}]}
    await begun(world, stage("busy", selector={}, next=busy))
    await world.create(pod())
    await world.settle()
    assert int((await world.get())["metadata"]["annotations"]["n"]) >= 100


async def test_a_node_lives_by_stages(world: PodWorld) -> None:
    ready = """
      conditions:
      {{ range NodeConditions }}
      - {type: {{ .type }}, status: {{ .status | Quote }}, reason: {{ .reason }}, lastHeartbeatTime: {{ Now | Quote }}}
      {{ end }}
      addresses: [{type: InternalIP, address: {{ NodeIP | Quote }}}]
      allocatable: {cpu: 1k, pods: 1M}
      capacity: {cpu: 1k, pods: 1M}
      phase: Running
    """
    first = expression(".status.phase", "DoesNotExist")
    beats = expression(".status.phase", "In", "Running")
    on_nodes = {"resourceRef": {"kind": "Node"}}
    await begun(
        world,
        stage("ready", selector=first, next={"statusTemplate": dedent(ready)}, **on_nodes),
        stage(
            "beats",
            selector=beats,
            delay={"durationMilliseconds": 20000},
            next={"statusTemplate": dedent(ready)},
            **on_nodes,
        ),
        nodes=0,
    )
    await world.client.create(NODES, fake())
    await world.create(pod(requests={"cpu": "900"}))
    await world.settle()
    [node] = (await world.client.list(NODES)).items
    assert node["status"]["capacity"] == {"cpu": "1k", "pods": "1M"}
    assert await phase(world) == "Running"
    await world.advance(45)
    [node] = (await world.client.list(NODES)).items
    beaten = {each["lastHeartbeatTime"] for each in node["status"]["conditions"]}
    assert beaten == {"2026-01-01T00:00:40Z"} and node["status"]["capacity"] == {"cpu": "1k", "pods": "1M"}
    lease = await world.client.get(LEASES, "kube-node-lease", "fake")
    assert lease["spec"]["renewTime"] == "2026-01-01T00:00:40.000000Z"


async def test_a_stage_may_apply_other_objects(world: PodWorld) -> None:
    lease = """
      apiVersion: coordination.k8s.io/v1
      kind: Lease
      metadata: {name: "of-{{ .metadata.name }}", namespace: default}
      spec: {holderIdentity: {{ .spec.nodeName }}}
    """
    await begun(world, stage("applies", selector=at("Running"), steps=[{"apply": {"template": dedent(lease)}}]))
    await world.create(pod())
    await world.settle()
    assert (await world.client.get(LEASES, "default", "of-a"))["spec"]["holderIdentity"] == "node-1"
