"""Pods that are given other resources while they run."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.client.protocol import STRATEGIC_MERGE_PATCH
from minikube_py.cluster import Cluster
from minikube_py.controllers.kubelet.admission import Admission
from minikube_py.controllers.scheduler.podinfo import PodInfos
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import PODS
from tests.kubelet.lives import Living, states
from tests.kubelet.test_kubelet import run
from tests.scheduler.pods import PodWorld, container, node, pod

MIB = 2**20
PENDING, IN_PROGRESS = "PodResizePending", "PodResizeInProgress"


def asks(cpu: str = "1", *, name: str = "web", limits: dict[str, str] | None = None, **more: Any) -> Object:
    resources: Object = {"requests": {"cpu": cpu}, **({"limits": limits} if limits else {})}
    return container(name, resources=resources, **more)


class Resized(Living):
    """On a node of 4 CPUs and 1 GiB, of which others take `used`."""

    def __init__(self, *containers: Object, used: str = "0", version: str = "1.36", **annotations: str) -> None:
        super().__init__(pod(containers=list(containers)), version=version)
        self.host.admission = Admission(node("node-1", cpu="4", memory="1Gi"), PodInfos())
        self.other = pod("other", requests={"cpu": used})
        self.other["metadata"]["uid"] = "other"
        self.host.admission.take(self.other)
        self.annotate(**annotations)
        self.host.admission.take(self.pod)
        self.at(0)
        self.events.clear()

    def ask(self, *containers: Object) -> None:
        metadata = {**self.pod["metadata"], "generation": self.pod["metadata"]["generation"] + 1}
        self.pod = {**self.pod, "metadata": metadata}
        self.change(containers=list(containers))

    @property
    def actual(self) -> Object:
        found: Object = self.pod["status"]["containerStatuses"][0]["resources"]["requests"]
        return found

    def condition(self, type: str) -> tuple[str, str, int] | None:
        """Reason, message and generation."""
        for each in self.pod["status"]["conditions"]:
            if each["type"] == type:
                assert each["status"] == "True" and each["lastProbeTime"]
                return each.get("reason", ""), each.get("message", ""), each.get("observedGeneration", 0)
        return None


@pytest.mark.parametrize(
    ("version", "asked", "pending", "events"),
    [
        pytest.param("1.36", asks("2"), None, ["ResizeStarted", "ResizeCompleted"], id="it fits"),
        pytest.param("1.33", asks("2"), None, [], id="without events"),
        pytest.param(
            "1.36",
            asks("3"),
            ("Deferred", "Node didn't have enough resource: cpu, requested: 3000, used: 2000, capacity: 4000", 2),
            ["ResizeDeferred"],
            id="no room",
        ),
        pytest.param(
            "1.35",
            asks("8"),
            ("Infeasible", "Node didn't have enough capacity: cpu, requested: 8000, capacity: 4000", 2),
            ["ResizeInfeasible"],
            id="never",
        ),
        pytest.param(
            "1.33",
            asks("8"),
            ("Infeasible", "Node didn't have enough capacity: cpu, requested: 8000, capacity: 4000", 0),
            [],
            id="never, without generations",
        ),
        pytest.param(
            "1.34",
            container(requests={"cpu": "8", "memory": "2Gi"}),
            ("Infeasible", "Node didn't have enough capacity: memory, requested: 2147483648, capacity: 1073741824", 2),
            ["ResizeInfeasible"],
            id="memory first",
        ),
        pytest.param(
            "1.36",
            asks("8"),
            ("Deferred", "Node didn't have enough resource: cpu, requested: 8000, used: 2000, capacity: 4000", 2),
            ["ResizeDeferred"],
            id="never, as the API has refused since",
        ),
        pytest.param("1.32", asks("8"), None, [], id="before containers could be resized"),
    ],
)
def test_is_answered(version: str, asked: Object, pending: tuple[str, str, int] | None, events: list[str]) -> None:
    living = Resized(asks(), used="2", version=version)
    living.ask(asked)
    living.at(1)
    assert living.condition(PENDING) == pending and living.condition(IN_PROGRESS) is None
    assert [each.partition(":")[0] for each in living.told()] == events
    if version != "1.32":
        assert living.actual == ({"cpu": "1"} if pending else asked["resources"]["requests"])
    living.at(2)
    assert living.told() == [] and living.condition(PENDING) == pending


def test_takes_its_time() -> None:
    living = Resized(asks(), resize="5s")
    living.ask(asks("2"))
    status = living.at(1)
    assert living.condition(IN_PROGRESS) == ("", "", 2) and living.wait == 5
    assert living.told() == [
        'ResizeStarted: Pod resize started: {"containers":[{"name":"web","resources":{"requests":{"cpu":"2"}}}],'
        '"generation":2}'
    ]
    assert (living.actual, status["containerStatuses"][0]["allocatedResources"]) == ({"cpu": "1"}, {"cpu": "2"})
    assert (status["resources"], status["allocatedResources"]) == ({"requests": {"cpu": "1"}}, {"cpu": "2"})
    status = living.at(6)
    assert living.condition(IN_PROGRESS) is None and living.wait is None
    assert (living.actual, status["resources"]) == ({"cpu": "2"}, {"requests": {"cpu": "2"}})
    assert living.told()[0].startswith("ResizeCompleted: Pod resize completed: ")


def test_more_is_asked_for_meanwhile() -> None:
    living = Resized(asks(), used="1", resize="5s")
    living.ask(asks("2"))
    living.at(1)
    living.ask(asks("4"))
    living.at(2)
    assert living.condition(IN_PROGRESS) == ("", "", 2)
    assert (living.condition(PENDING) or ())[0] == "Deferred"
    status = living.at(6)
    assert living.condition(IN_PROGRESS) is None and living.actual == {"cpu": "2"}
    assert status["resources"] == {"requests": {"cpu": "2"}}
    assert living.told("ResizeCompleted")[0].endswith('"generation":2}')
    assert living.host.admission is not None
    living.host.admission.release("other")
    living.at(7)
    living.at(12)
    assert living.condition(PENDING) is None and living.actual == {"cpu": "4"}


def test_what_was_asked_for_is_taken_back() -> None:
    living = Resized(asks(), used="2")
    living.ask(asks("3"))
    living.at(1)
    living.ask(asks())
    living.at(2)
    assert living.condition(PENDING) is None and living.actual == {"cpu": "1"}
    assert living.told() and not living.told("ResizeStarted")


@pytest.mark.parametrize(
    ("policy", "restarts"),
    [
        pytest.param([], 0, id="by default"),
        pytest.param([{"resourceName": "cpu", "restartPolicy": "NotRequired"}], 0, id="in place"),
        pytest.param([{"resourceName": "cpu", "restartPolicy": "RestartContainer"}], 1, id="by a restart"),
        pytest.param([{"resourceName": "memory", "restartPolicy": "RestartContainer"}], 0, id="for something else"),
    ],
)
def test_by_policy(policy: list[Object], restarts: int) -> None:
    living = Resized(asks(resizePolicy=policy))
    living.ask(asks("2", resizePolicy=policy))
    [status] = living.at(1)["containerStatuses"]
    assert (status["restartCount"], status["resources"]) == (restarts, {"requests": {"cpu": "2"}})
    told = living.told("Killing", "ResizeCompleted")
    killing = ["Killing: Container web resize requires restart"] if restarts else []
    assert told[:-1] == killing and told[-1].startswith("ResizeCompleted")


def test_a_limit_below_what_is_used() -> None:
    living = Resized(asks(limits={"memory": "100Mi"}), memory="50Mi")
    living.ask(asks(limits={"memory": "40Mi"}))
    [status] = living.at(1)["containerStatuses"]
    why = f'attempting to set container "web" memory limit ({40 * MIB}) below current usage ({50 * MIB})'
    assert living.condition(IN_PROGRESS) == ("Error", f"cannot decrease memory limits: {why}", 2)
    assert status["resources"]["limits"] == {"memory": "100Mi"}
    assert [each.partition(":")[0] for each in living.told()] == ["ResizeStarted", "ResizeError"]
    living.at(2)
    assert living.told() == [] and living.wait is None
    living.annotate(memory="30Mi")
    [status] = living.at(3)["containerStatuses"]
    assert living.condition(IN_PROGRESS) is None and status["resources"]["limits"] == {"memory": "40Mi"}


def test_a_container_that_backs_off_starts_with_what_it_was_granted() -> None:
    living = Resized(asks(), used="2", exit_code="1")
    assert states(living.pod["status"]) == {"web": "waiting CrashLoopBackOff"}
    living.ask(asks("3"))
    [status] = living.at(10)["containerStatuses"]
    assert status["restartCount"] == 2 and status["resources"] == {"requests": {"cpu": "1"}}
    assert living.host.admission is not None
    living.host.admission.release("other")
    [status] = living.at(11)["containerStatuses"]
    assert status["resources"] == status["resources"] == {"requests": {"cpu": "3"}}


def test_the_most_important_come_first() -> None:
    admission = Admission(node("node-1", cpu="4"), PodInfos())
    for name, qos, more in (("a", "Burstable", {}), ("b", "Burstable", {"priority": 5}), ("c", "Guaranteed", {})):
        asked = {**pod(name, requests={"cpu": "5"}, **more), "status": {"qosClass": qos}}
        asked["metadata"]["uid"] = name
        assert admission.resize(asked) is not None
    assert [each.name for each in admission.deferred()] == ["b", "c", "a"]
    admission.settle("b")
    assert [each.name for each in admission.deferred()] == ["c", "a"]


async def test_room_that_another_pod_gives_up(world: PodWorld) -> None:
    run(world)
    await world.settle()
    await world.create(
        pod(nodeName="node-1", requests={"cpu": "8"}), pod("b", nodeName="node-1", requests={"cpu": "8"})
    )
    await world.settle()

    async def resize(name: str, cpu: str) -> None:
        asked = {"spec": {"containers": [container(requests={"cpu": cpu})]}}
        await world.client.patch(PODS, "default", name, asked, subresource="resize")
        await world.settle()

    await resize("a", "30")
    assert PENDING in [each["type"] for each in (await world.get())["status"]["conditions"]]
    await resize("b", "1")
    status = (await world.get())["status"]
    assert status["containerStatuses"][0]["resources"] == {"requests": {"cpu": "30"}}
    assert PENDING not in [each["type"] for each in status["conditions"]]


@pytest.mark.parametrize("version", ["1.35", "1.36"])
async def test_who_refuses_what_never_fits(version: str) -> None:
    """Kubelets did, until the API came to know their nodes."""
    async with Cluster(port=None, clock="virtual", nodes=1, kubernetes_version=version) as cluster:
        await cluster.client.create(PODS, pod(requests={"cpu": "1"}))
        await cluster.settle()
        asked = {"spec": {"containers": [{"name": "web", "resources": {"requests": {"cpu": "2k"}}}]}}
        resize = cluster.client.patch(
            PODS, "default", "a", asked, patch_type=STRATEGIC_MERGE_PATCH, subresource="resize"
        )
        if version == "1.36":
            with pytest.raises(StatusError, match="node didn't have enough allocatable resources: cpu"):
                await resize
            return
        await resize
        await cluster.settle()
        conditions = (await cluster.client.get(PODS, "default", "a"))["status"]["conditions"]
        assert [each["reason"] for each in conditions if each["type"] == PENDING] == ["Infeasible"]
