"""Pods with volumes: where they can go, and what is done for their claims before they are bound."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.controllers.ephemeralvolume import CONTROLLER as EPHEMERAL_VOLUMES
from minikube_py.controllers.persistentvolume import CONTROLLER as BINDER
from minikube_py.controllers.scheduler import SCHEDULER, scheduler_descriptor
from minikube_py.controllers.scheduler.handle import CSI_NODES
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, STORAGE_CLASSES
from tests.scheduler.pods import PodWorld, condition, node, pod

ZONE = "topology.kubernetes.io/zone"
PREEMPTION = "preemption: 0/{0} nodes are available: {0} Preemption is not helpful for scheduling."
NO_DEVICES = "no new claims to deallocate, "


def claim(name: str = "data", *, class_name: str = "late", size: str = "1Gi", **spec: Any) -> Object:
    wanted = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, **spec}
    metadata = {"name": name, "namespace": "default"}
    return {"metadata": metadata, "spec": {"storageClassName": class_name, **wanted}}


def volume(name: str, *nodes: str, class_name: str = "late", size: str = "1Gi", **more: Any) -> Object:
    spec: Object = {
        "capacity": {"storage": size},
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": class_name,
        "hostPath": {"path": "/data"},
        **more.pop("spec", {}),
    }
    if nodes:
        expression = {"key": "kubernetes.io/hostname", "operator": "In", "values": list(nodes)}
        spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}}
    return {"metadata": {"name": name, **more}, "spec": spec}


def storage_class(name: str = "late", provisioner: str = "kubernetes.io/no-provisioner", **more: Any) -> Object:
    made = {"metadata": {"name": name}, "provisioner": provisioner, "volumeBindingMode": "WaitForFirstConsumer"}
    return {**made, **more}


def using(*claims: str, name: str = "a", **spec: Any) -> Object:
    volumes = [{"name": each, "persistentVolumeClaim": {"claimName": each}} for each in claims]
    return {**pod(name, volumes=volumes, **spec)}


@pytest.fixture
async def world(request: pytest.FixtureRequest) -> Any:
    """With the controller that binds claims; two nodes; a class of its volumes' makers are people."""
    world = PodWorld(lag=getattr(request, "param", 0))
    await world.begin()
    await world.client.create(STORAGE_CLASSES, storage_class())
    world.run(SCHEDULER, BINDER, EPHEMERAL_VOLUMES)
    await world.nodes(node("node-1", labels={ZONE: "a"}), node("node-2", labels={ZONE: "b"}))
    yield world
    await world.stop()


async def why(world: PodWorld, name: str = "a") -> str:
    return str(condition(await world.get(name), "PodScheduled")["message"])


lagging = pytest.mark.parametrize("world", [pytest.param(0, id="fresh"), pytest.param(3, id="lagging")], indirect=True)


@lagging
async def test_a_free_volume_decides_where_the_pod_goes(world: PodWorld) -> None:
    await world.client.create(PERSISTENT_VOLUMES, volume("v", "node-2"))
    await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim())
    await world.settle()
    await world.create(using("data"))
    await world.settle()
    assert await world.placed() == {"a": "node-2"}
    bound = await world.client.get(PERSISTENT_VOLUME_CLAIMS, "default", "data")
    assert (bound["spec"]["volumeName"], bound["status"]["phase"]) == ("v", "Bound")


@lagging
async def test_two_pods_do_not_get_one_volume(world: PodWorld) -> None:
    for name, where in (("v", "node-1"), ("w", "node-2")):
        await world.client.create(PERSISTENT_VOLUMES, volume(name, where))
    for name in ("x", "y"):
        await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim(name))
    await world.settle()
    await world.create(using("x", name="a"), using("y", name="b"))
    await world.settle()
    assert sorted((await world.placed()).values()) == ["node-1", "node-2"]


@lagging
async def test_a_volume_is_made_for_the_node_that_is_chosen(world: PodWorld) -> None:
    await world.client.create(STORAGE_CLASSES, storage_class("made", "minikube-py.io/simulated"))
    await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim(class_name="made"))
    await world.create(using("data", nodeSelector={ZONE: "b"}))
    await world.settle()
    assert await world.placed() == {"a": "node-2"}
    made = await world.client.get(PERSISTENT_VOLUME_CLAIMS, "default", "data")
    assert made["metadata"]["annotations"]["volume.kubernetes.io/selected-node"] == "node-2"
    assert made["status"]["phase"] == "Bound"


async def test_topologies_of_the_class(world: PodWorld) -> None:
    topologies = [{"matchLabelExpressions": [{"key": ZONE, "values": ["b"]}]}]
    made = storage_class("made", "minikube-py.io/simulated", allowedTopologies=topologies)
    await world.client.create(STORAGE_CLASSES, made)
    await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim(class_name="made"))
    await world.create(using("data"))
    await world.settle()
    assert await world.placed() == {"a": "node-2"}


async def test_no_volume_then_one(world: PodWorld) -> None:
    await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim())
    await world.create(using("data"))
    await world.settle()
    expected = "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind. "
    assert await why(world) == expected + NO_DEVICES + PREEMPTION.format(2)
    await world.client.create(PERSISTENT_VOLUMES, volume("v", "node-1"))
    await world.settle()
    assert await world.placed() == {"a": "node-1"}


async def test_a_claim_that_comes_later(world: PodWorld) -> None:
    await world.client.create(PERSISTENT_VOLUMES, volume("v"))
    await world.create(using("data"))
    await world.settle()
    assert await why(world) == ('0/2 nodes are available: persistentvolumeclaim "data" not found. not found')
    await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim())
    await world.settle()
    assert (await world.placed())["a"]


async def test_a_claim_that_is_to_be_bound_at_once(world: PodWorld) -> None:
    await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim(class_name="other"))
    await world.create(using("data"))
    await world.settle()
    assert await why(world) == ("0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found")
    await world.client.create(PERSISTENT_VOLUMES, volume("v", "node-2", class_name="other"))
    await world.settle()
    assert await world.placed() == {"a": "node-2"}


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        pytest.param("1.36", "node(s) didn't match PersistentVolume's node affinity", id="now"),
        pytest.param("1.33", "node(s) had volume node affinity conflict", id="before"),
    ],
)
async def test_a_bound_volume_of_another_node(version: str, reason: str) -> None:
    world = PodWorld()
    await world.begin()
    world.run(scheduler_descriptor(version=version), BINDER)
    await world.nodes(node("node-1"), node("node-2"))
    await world.client.create(PERSISTENT_VOLUMES, volume("v", "node-1", class_name="now"))
    await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim(class_name="now"))
    await world.settle()
    await world.create(using("data", nodeSelector={"kubernetes.io/hostname": "node-2"}))
    await world.settle()
    devices = NO_DEVICES if version == "1.36" else ""
    reasons = sorted([f"1 {reason}", "1 node(s) didn't match Pod's node affinity/selector"])
    assert await why(world) == f"0/2 nodes are available: {', '.join(reasons)}. {devices}" + PREEMPTION.format(2)
    await world.stop()


async def test_zones_of_bound_volumes(world: PodWorld) -> None:
    await world.client.create(PERSISTENT_VOLUMES, volume("v", class_name="now", labels={ZONE: "b__c"}))
    await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim(class_name="now"))
    await world.settle()
    await world.create(using("data"))
    await world.settle()
    assert await world.placed() == {"a": "node-2"}
    await world.client.patch(NODES, "", "node-2", {"spec": {"unschedulable": True}})
    await world.create(using("data", name="b"))
    await world.settle()
    assert await why(world, "b") == (
        "0/2 nodes are available: 1 node(s) had no available volume zone, 1 node(s) were unschedulable. "
        + NO_DEVICES
        + PREEMPTION.format(2)
    )


async def test_a_claim_for_one_pod(world: PodWorld) -> None:
    only = {"accessModes": ["ReadWriteOncePod"]}
    await world.client.create(PERSISTENT_VOLUMES, volume("v", spec=only))
    await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim(**only))
    await world.create(using("data", name="a"))
    await world.settle()
    await world.create(using("data", name="b"))
    await world.settle()
    assert await why(world, "b") == (
        "0/2 nodes are available: 2 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode "
        "already in-use by another pod. "
        "no new claims to deallocate, "
        "preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod."
    )
    await world.client.delete(PODS, "default", "a", grace_period=0)
    await world.settle()
    assert (await world.placed())["b"]


async def test_disks_that_are_not_shared(world: PodWorld) -> None:
    disk = [{"name": "d", "gcePersistentDisk": {"pdName": "disk"}}]
    await world.create(pod("a", volumes=disk))
    await world.settle()
    await world.create(pod("b", volumes=disk))
    await world.create(pod("c", volumes=disk))
    await world.settle()
    assert sorted((await world.placed()).values()) == ["", "node-1", "node-2"]
    assert (await why(world, "c")).startswith("0/2 nodes are available: 2 node(s) had no available disk.")


async def test_as_many_volumes_as_a_node_takes(world: PodWorld) -> None:
    drivers = [{"name": "csi.example.com", "nodeID": "1", "allocatable": {"count": 1}}]
    for name in ("node-1", "node-2"):
        await world.client.create(CSI_NODES, {"metadata": {"name": name}, "spec": {"drivers": drivers}})
    for name in ("x", "y", "z"):
        source = {
            "csi": {"driver": "csi.example.com", "volumeHandle": name},
            "claimRef": {"namespace": "default", "name": name},
        }
        made = volume(name, class_name="now", spec=source)
        del made["spec"]["hostPath"]
        await world.client.create(PERSISTENT_VOLUMES, made)
        await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim(name, class_name="now"))
    await world.settle()
    await world.create(*(using(name, name=name) for name in ("x", "y", "z")))
    await world.settle()
    assert sorted((await world.placed()).values()) == ["", "node-1", "node-2"]
    assert (await why(world, "z")).startswith("0/2 nodes are available: 2 node(s) exceed max volume count.")
    await world.client.delete(PODS, "default", "x", grace_period=0)
    await world.settle()
    assert (await world.placed())["z"]


async def test_ephemeral_volumes(world: PodWorld) -> None:
    await world.client.create(PERSISTENT_VOLUMES, volume("v", "node-2"))
    template = {"spec": claim()["spec"]}
    await world.create(pod("a", volumes=[{"name": "scratch", "ephemeral": {"volumeClaimTemplate": template}}]))
    await world.settle()
    assert await world.placed() == {"a": "node-2"}


async def test_a_volume_that_nobody_makes(world: PodWorld) -> None:
    """The pod waits, and its scheduler is idle; after ten minutes it looks anew."""
    await world.client.create(STORAGE_CLASSES, storage_class("theirs", "example.com/disks"))
    await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim(class_name="theirs"))
    await world.create(using("data"), pod("b"))
    await world.settle()
    assert (await world.placed())["a"] == "" and (await world.placed())["b"] != ""
    assert (await world.get())["status"]["nominatedNodeName"] == "node-1"
    await world.advance(601)
    told = condition(await world.get(), "PodScheduled")
    assert (told["reason"], told["message"]) == (
        "SchedulerError",
        'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded',
    )


async def test_a_pod_that_goes_while_its_volume_is_made(world: PodWorld) -> None:
    await world.client.create(STORAGE_CLASSES, storage_class("theirs", "example.com/disks"))
    await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim(class_name="theirs"))
    await world.create(using("data"))
    await world.settle()
    await world.client.delete(PODS, "default", "a", grace_period=0)
    await world.settle()
    await world.advance(700)
    assert await world.placed() == {}
