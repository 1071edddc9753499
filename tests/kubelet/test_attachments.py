"""Volumes that have to be attached before a pod can start: lives as tables, and with the attach-detach controller."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.controllers.attachdetach import CONTROLLER
from minikube_py.controllers.attachdetach.attacher import TAKES
from minikube_py.controllers.attachdetach.volumes import CSI_DRIVERS, MANAGED, VOLUME_ATTACHMENTS
from minikube_py.controllers.kubelet import KUBELET
from minikube_py.controllers.kubelet.kubelet import Kubelets
from minikube_py.controllers.scheduler import SCHEDULER
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import uid
from minikube_py.machinery.wellknown import NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS
from tests.kubelet.lives import Living, states
from tests.scheduler.pods import PodWorld, pod

DRIVER = "disk.example.com"
VOLUME = f"kubernetes.io/csi/{DRIVER}^vol"
CLAIM = {"metadata": {"name": "disk", "uid": "u"}, "spec": {"volumeName": "pv"}, "status": {"phase": "Bound"}}
CSI = {"driver": DRIVER, "volumeHandle": "vol"}
DISK = [{"name": "v", "persistentVolumeClaim": {"claimName": "disk"}}]


def node(*, attached: bool = False, used: bool = False, managed: bool = True) -> Object:
    annotations = {MANAGED: "true"} if managed else {}
    status: Object = {"volumesAttached": [{"name": VOLUME, "devicePath": ""}]} if attached else {}
    if used:
        status["volumesInUse"] = [VOLUME]
    return {"metadata": {"name": "node-1", "annotations": annotations}, "status": status}


def objects(node: Object, source: Object, driver: Object | None = None) -> dict[tuple[str, str], Object | None]:
    volume = {"metadata": {"name": "pv"}, "spec": {"claimRef": {"uid": "u"}, **source}}
    return {
        ("persistentvolumeclaims", "disk"): CLAIM,
        ("persistentvolumes", "pv"): volume,
        ("csidrivers", DRIVER): driver,
        ("nodes", "node-1"): node,
    }


@pytest.mark.parametrize(
    ("given", "starts"),
    [
        pytest.param(objects(node(), {"csi": CSI}), False, id="neither"),
        pytest.param(objects(node(attached=True), {"csi": CSI}), False, id="not-said-to-be-in-use"),
        pytest.param(objects(node(used=True), {"csi": CSI}), False, id="not-attached"),
        pytest.param(objects(node(attached=True, used=True), {"csi": CSI}), True, id="both"),
        pytest.param(objects(node(managed=False), {"csi": CSI}), True, id="attached-by-the-kubelet"),
        pytest.param(objects(node(), {"hostPath": {"path": "/"}}), True, id="not-attachable"),
        pytest.param(objects(node(), {"csi": CSI}, {"spec": {"attachRequired": False}}), True, id="not-required"),
        pytest.param(objects(node(), {"csi": CSI}, {"spec": {"attachRequired": True}}), False, id="required"),
    ],
)
def test_starting(given: dict[tuple[str, str], Object | None], *, starts: bool) -> None:
    life = Living(pod(volumes=DISK))
    life.objects = given
    assert states(life.at(0)) == {"web": "running ready" if starts else "waiting ContainerCreating"}
    if not starts:
        life.at(600)
        assert life.told() == []  # the controller tells of it


async def claim_volume(world: PodWorld) -> None:
    spec: Object = {"accessModes": ["ReadWriteOnce"]}
    claim = {**spec, "resources": {"requests": {"storage": "1Gi"}}, "volumeName": "pv", "storageClassName": ""}
    where = {"name": "disk", "namespace": "default"}
    made = await world.client.create(PERSISTENT_VOLUME_CLAIMS, {"metadata": where, "spec": claim})
    bound = {"status": {"phase": "Bound"}}
    await world.client.patch(PERSISTENT_VOLUME_CLAIMS, "default", "disk", bound, subresource="status")
    spec |= {"capacity": {"storage": "1Gi"}, "csi": CSI, "claimRef": {**where, "uid": uid(made)}}
    await world.client.create(PERSISTENT_VOLUMES, {"metadata": {"name": "pv"}, "spec": spec})


async def told(world: PodWorld, node: str = "node-1") -> tuple[list[str], list[str]]:
    """What a node says is in use, and attached."""
    status: dict[str, Any] = (await world.client.get(NODES, "", node))["status"]
    return status.get("volumesInUse") or [], [each["name"] for each in status.get("volumesAttached") or ()]


async def phase(world: PodWorld, name: str = "a") -> str:
    await world.settle()
    found: str = (await world.get(name))["status"]["phase"]
    return found


async def test_a_volume_is_in_use_as_long_as_a_pod_uses_it(world: PodWorld) -> None:
    world.run(CONTROLLER, KUBELET)
    await world.settle()
    await claim_volume(world)
    await world.create(pod(nodeName="node-1", volumes=DISK), pod("b", nodeName="node-1", volumes=DISK))
    assert await phase(world) == await phase(world, "b") == "Running"
    assert await told(world) == ([VOLUME], [VOLUME])
    await world.client.delete(PODS, "default", "a")
    await world.advance(60)
    assert await told(world) == ([VOLUME], [VOLUME])
    await world.client.delete(PODS, "default", "b")
    await world.advance(60)
    assert await told(world) == ([], [])
    assert (await world.client.list(VOLUME_ATTACHMENTS)).items == []


async def test_a_pod_waits_for_a_slow_attacher(world: PodWorld) -> None:
    driver = {"metadata": {"name": DRIVER, "annotations": {TAKES: "20s"}}, "spec": {}}
    await world.client.create(CSI_DRIVERS, driver)
    world.run(CONTROLLER, KUBELET)
    await world.settle()
    await claim_volume(world)
    await world.create(pod(nodeName="node-1", volumes=DISK))
    await world.advance(15)
    assert await phase(world) == "Pending" and await told(world) == ([VOLUME], [])
    await world.advance(6)
    assert await phase(world) == "Running"


async def test_nobody_attaches(world: PodWorld) -> None:
    world.run(KUBELET)
    await world.settle()
    await claim_volume(world)
    await world.create(pod(nodeName="node-1", volumes=DISK))
    await world.advance(300)
    assert await phase(world) == "Pending" and await told(world) == ([VOLUME], [])
    attached = {"status": {"volumesAttached": [{"name": VOLUME, "devicePath": ""}]}}
    await world.client.patch(NODES, "", "node-1", attached, subresource="status")
    assert await phase(world) == "Running"


async def test_a_pod_moves_once_its_volume_does(world: PodWorld) -> None:
    world.run(CONTROLLER, KUBELET, SCHEDULER)
    await world.settle()
    await claim_volume(world)
    await world.create(pod(nodeName="node-1", volumes=DISK))
    await world.settle()
    await world.create(pod("b", nodeName="node-2", volumes=DISK))
    assert await phase(world, "b") == "Pending"
    await world.client.delete(PODS, "default", "a")
    await world.advance(60)
    assert await phase(world, "b") == "Running"
    assert await told(world) == ([], []) and await told(world, "node-2") == ([VOLUME], [VOLUME])


async def test_a_silent_kubelet_says_nothing_of_pods_that_are_gone(world: PodWorld) -> None:
    manager = world.run(CONTROLLER, KUBELET)
    await world.settle()
    [kubelets] = [each for each in manager.runnables if isinstance(each, Kubelets)]
    await claim_volume(world)
    await world.create(pod(nodeName="node-1", volumes=DISK))
    await world.settle()
    kubelets.stop_node("node-1")
    await world.client.delete(PODS, "default", "a", grace_period=0)
    await world.settle()
    assert await told(world) == ([VOLUME], [VOLUME])
    kubelets.start_node("node-1")
    await world.settle()
    assert await told(world) == ([], [])
