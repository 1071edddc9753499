"""Claims and volumes through the API, with fresh and lagging informers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from minikube_py.cluster import Cluster
from minikube_py.controllers import (
    ephemeralvolume,
    garbagecollector,
    persistentvolume,
    persistentvolumeclaimprotection,
    persistentvolumeprotection,
    statefulset,
    volumeexpand,
)
from minikube_py.controllers.persistentvolume.binding import BIND_COMPLETED, BOUND_BY_CONTROLLER
from minikube_py.controllers.persistentvolume.provisioner import SIMULATED
from minikube_py.controllers.persistentvolume.storageclass import SELECTED_NODE
from minikube_py.controllers.volumeexpand import RESIZER
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import (
    PERSISTENT_VOLUME_CLAIMS,
    PERSISTENT_VOLUMES,
    PODS,
    STATEFUL_SETS,
    STORAGE_CLASSES,
)
from tests.controllers.apiworld import LAGS, ApiWorld, add_node, api_world, events, pod
from tests.controllers.volumes import (
    RWO,
    RWX,
    claim,
    claim_is,
    get_claim,
    phases,
    reference,
    storage_class,
    volume,
)

DATA = {"name": "data", "persistentVolumeClaim": {"claimName": "db"}}
NOBODY = "kubernetes.io/no-provisioner"


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    """With the volume controllers, and the class "standard"."""
    async with api_world(request.param) as world:
        await add_node(world)
        world.run(
            ephemeralvolume.CONTROLLER,
            garbagecollector.CONTROLLER,
            persistentvolume.CONTROLLER,
            persistentvolumeclaimprotection.CONTROLLER,
            persistentvolumeprotection.CONTROLLER,
            statefulset.CONTROLLER,
            volumeexpand.CONTROLLER,
        )
        await world.settle()
        yield world


async def make(world: ApiWorld, *objects: Object) -> None:
    resources = {
        "PersistentVolume": PERSISTENT_VOLUMES,
        "PersistentVolumeClaim": PERSISTENT_VOLUME_CLAIMS,
        "StorageClass": STORAGE_CLASSES,
    }
    for obj in objects:
        await world.client.create(resources[obj["kind"]], obj)


async def delete_claim(world: ApiWorld, name: str = "db") -> None:
    await world.client.delete(PERSISTENT_VOLUME_CLAIMS, "default", name)


async def told(world: ApiWorld) -> set[str]:
    await world.settle()
    return {each.removeprefix("Normal ").removeprefix("Warning ") for each in await events(world)}


# Binding


async def test_a_claim_gets_the_smallest_volume_that_suits(world: ApiWorld) -> None:
    await make(world, volume("big", "10Gi"), volume("small", "3Gi"), volume("tiny", "1Gi"))
    await world.settle()
    await make(world, claim(size="2Gi"))
    assert await claim_is(world) == ("Bound", "small")
    assert await phases(world) == {"big": "Available", "small": "Bound", "tiny": "Available"}
    bound = await get_claim(world)
    assert bound["metadata"]["annotations"] == {BIND_COMPLETED: "yes", BOUND_BY_CONTROLLER: "yes"}
    assert bound["status"]["capacity"] == {"storage": "3Gi"} and bound["status"]["accessModes"] == [RWO]
    given = await world.client.get(PERSISTENT_VOLUMES, "", "small")
    assert given["spec"]["claimRef"]["uid"] == bound["metadata"]["uid"]


async def test_a_claim_waits_for_a_volume(world: ApiWorld) -> None:
    await make(world, claim())
    assert await claim_is(world) == ("Pending", "")
    said = "FailedBinding: no persistent volumes available for this claim and no storage class is set"
    assert said in await told(world)
    await make(world, volume())
    assert await claim_is(world) == ("Bound", "disk")


async def test_many_claims_share_out_the_volumes(world: ApiWorld) -> None:
    for number in range(8):
        await make(world, claim(f"c{number}"), volume(f"v{number}"))
    bound = [await claim_is(world, f"c{number}") for number in range(8)]
    assert {phase for phase, _ in bound} == {"Bound"} and len({name for _, name in bound}) == 8
    assert set((await phases(world)).values()) == {"Bound"}
    assert not any("Lost" in each or "Misbound" in each for each in await told(world))


async def test_a_volume_is_kept_for_its_claim(world: ApiWorld) -> None:
    await make(world, volume("kept", claimRef=reference("mine")), claim())
    assert await claim_is(world) == ("Pending", "")
    assert await phases(world) == {"kept": "Available"}
    await make(world, claim("mine"))
    assert await claim_is(world, "mine") == ("Bound", "kept")
    kept = await world.client.get(PERSISTENT_VOLUMES, "", "kept")
    assert "annotations" not in kept["metadata"]


async def test_a_claim_that_names_its_volume_waits_for_it(world: ApiWorld) -> None:
    await make(world, claim(volumeName="disk"))
    assert await claim_is(world) == ("Pending", "disk")
    await make(world, volume())
    assert await claim_is(world) == ("Bound", "disk")
    assert (await get_claim(world))["metadata"]["annotations"] == {BIND_COMPLETED: "yes"}


async def test_a_claim_that_names_a_wrong_volume_is_told(world: ApiWorld) -> None:
    await make(world, volume(), claim("db", "1Gi", RWX, volumeName="disk"))
    assert await claim_is(world) == ("Pending", "disk")
    assert 'VolumeMismatch: Cannot bind to requested volume "disk": incompatible accessMode' in await told(world)


async def test_a_claim_whose_volume_is_gone_is_lost(world: ApiWorld) -> None:
    await make(world, volume(), claim())
    assert await claim_is(world) == ("Bound", "disk")
    await world.client.delete(PERSISTENT_VOLUMES, "", "disk")
    assert await phases(world) == {"disk": "Bound"}
    await world.client.patch(PERSISTENT_VOLUMES, "", "disk", {"metadata": {"finalizers": None}})
    assert await claim_is(world) == ("Lost", "disk")
    said = "ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!"
    assert said in await told(world)
    assert "capacity" not in (await get_claim(world))["status"]


# Reclaiming


@pytest.mark.parametrize(
    ("policy", "path", "left"),
    [
        pytest.param("Retain", "/data", {"disk": "Released"}, id="retain"),
        pytest.param("Delete", "/tmp/data", {}, id="delete"),
        pytest.param("Delete", "/data", {"disk": "Failed"}, id="delete-fails"),
        pytest.param("Recycle", "/data", {"disk": "Available"}, id="recycle"),
    ],
)
async def test_reclaim_policies(world: ApiWorld, policy: str, path: str, left: dict[str, str]) -> None:
    await make(world, volume(persistentVolumeReclaimPolicy=policy, hostPath={"path": path}), claim())
    assert await claim_is(world) == ("Bound", "disk")
    await delete_claim(world)
    assert await phases(world) == left


async def test_a_released_volume_is_nobodys_until_its_claim_ref_is_taken_off(world: ApiWorld) -> None:
    await make(world, volume(), claim())
    await world.settle()
    await delete_claim(world)
    await world.settle()
    await make(world, claim())
    assert await claim_is(world) == ("Pending", "")
    await world.client.patch(PERSISTENT_VOLUMES, "", "disk", {"spec": {"claimRef": None}})
    assert await claim_is(world) == ("Bound", "disk")


async def test_a_failed_deletion_is_told(world: ApiWorld) -> None:
    await make(world, volume(persistentVolumeReclaimPolicy="Delete", nfs={"server": "s", "path": "/"}), claim())
    await world.settle()
    await delete_claim(world)
    assert await phases(world) == {"disk": "Failed"}
    problem = 'error getting deleter volume plugin for volume "disk": no deletable volume plugin matched'
    assert f"VolumeFailedDelete: {problem}" in await told(world)
    assert (await world.client.get(PERSISTENT_VOLUMES, "", "disk"))["status"]["message"] == problem


# Provisioning


async def test_the_standard_class_is_there_and_makes_volumes(world: ApiWorld) -> None:
    await make(world, claim(storageClassName=None))
    phase, name = await claim_is(world)
    made = await get_claim(world)
    assert (phase, name) == ("Bound", f"pvc-{made['metadata']['uid']}")
    assert made["spec"]["storageClassName"] == "standard"
    said = f"ProvisioningSucceeded: Successfully provisioned volume {name} using minikube-py.io/simulated"
    assert said in await told(world)
    await delete_claim(world)
    assert await phases(world) == {}


async def test_no_standard_class_beside_others() -> None:
    async with api_world() as world:
        await make(world, storage_class("mine"))
        world.run(persistentvolume.CONTROLLER)
        await world.settle()
        assert [each["metadata"]["name"] for each in (await world.client.list(STORAGE_CLASSES)).items] == ["mine"]


async def test_a_default_class_that_comes_later_is_taken(world: ApiWorld) -> None:
    await world.client.delete(STORAGE_CLASSES, "", "standard")
    await world.settle()
    await make(world, claim(storageClassName=None))
    assert await claim_is(world) == ("Pending", "")
    notes = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}
    await make(world, storage_class("late", metadata=notes))
    assert (await claim_is(world))[0] == "Bound"
    assert (await get_claim(world))["spec"]["storageClassName"] == "late"


@pytest.mark.parametrize(
    ("provisioner", "more", "said"),
    [
        pytest.param(
            "ebs.csi.aws.com", {}, "ExternalProvisioning: Waiting for a volume to be created either", id="external"
        ),
        pytest.param(NOBODY, {}, f"ProvisioningFailed: no volume plugin matched name: {NOBODY}", id="nobody"),
        pytest.param("", {}, 'ProvisioningFailed: storageclass.storage.k8s.io "x" not found', id="no-class"),
        pytest.param(
            "minikube-py.io/simulated",
            {"selector": {"matchLabels": {"a": "b"}}},
            'ProvisioningFailed: Failed to provision volume with StorageClass "x": claim Selector is not supported',
            id="selector",
        ),
    ],
)
async def test_claims_that_nothing_is_made_for(world: ApiWorld, provisioner: str, more: Any, said: str) -> None:
    if provisioner:
        await make(world, storage_class("x", provisioner=provisioner))
    await make(world, claim(storageClassName="x", **more))
    assert await claim_is(world) == ("Pending", "")
    assert any(each.startswith(said) for each in await told(world))


async def test_a_changed_policy_lets_a_made_volume_go_or_stay(world: ApiWorld) -> None:
    await make(world, claim(storageClassName="standard"))
    _, name = await claim_is(world)
    await world.client.patch(PERSISTENT_VOLUMES, "", name, {"spec": {"persistentVolumeReclaimPolicy": "Retain"}})
    await world.settle()
    await delete_claim(world)
    assert await phases(world) == {name: "Released"}
    await world.client.delete(PERSISTENT_VOLUMES, "", name)
    assert await phases(world) == {}


async def test_a_made_volume_that_is_nobodys_goes_when_it_is_deleted(world: ApiWorld) -> None:
    await make(world, claim(storageClassName="standard"))
    _, name = await claim_is(world)
    await world.client.patch(PERSISTENT_VOLUMES, "", name, {"spec": {"persistentVolumeReclaimPolicy": "Retain"}})
    await delete_claim(world)
    assert await phases(world) == {name: "Released"}
    freed = {"claimRef": None, "persistentVolumeReclaimPolicy": "Delete"}
    await world.client.patch(PERSISTENT_VOLUMES, "", name, {"spec": freed})
    assert await phases(world) == {name: "Available"}
    await world.client.delete(PERSISTENT_VOLUMES, "", name)
    assert await phases(world) == {}


# Waiting for the first consumer


async def test_a_delayed_claim_waits_for_the_scheduler(world: ApiWorld) -> None:
    await make(world, storage_class("later", delayed=True), claim(storageClassName="later"))
    assert await claim_is(world) == ("Pending", "")
    assert "WaitForFirstConsumer: waiting for first consumer to be created before binding" in await told(world)
    await world.client.create(PODS, pod("p", node="", volumes=[DATA]))
    assert "WaitForPodScheduled: waiting for pod p to be scheduled" in await told(world)
    target = {"metadata": {"name": "p"}, "target": {"kind": "Node", "name": "node"}}
    await world.client.create(PODS, target, namespace="default", name="p", subresource="binding")
    assert await claim_is(world) == ("Pending", "")
    chosen = {"metadata": {"annotations": {SELECTED_NODE: "node"}}}
    await world.client.patch(PERSISTENT_VOLUME_CLAIMS, "default", "db", chosen)
    assert (await claim_is(world))[0] == "Bound"


async def test_a_delayed_claim_gets_the_volume_that_is_kept_for_it(world: ApiWorld) -> None:
    await make(world, storage_class("later", delayed=True, provisioner=NOBODY))
    await make(world, volume("far", storageClassName="later"), volume("near", storageClassName="later"))
    await make(world, claim(storageClassName="later"))
    await world.client.create(PODS, pod("p", volumes=[DATA]))
    assert await claim_is(world) == ("Pending", "")
    reference = {"namespace": "default", "name": "db", "uid": (await get_claim(world))["metadata"]["uid"]}
    await world.client.patch(PERSISTENT_VOLUMES, "", "near", {"spec": {"claimRef": reference}})
    assert await claim_is(world) == ("Bound", "near")


# With pods


async def test_a_stateful_sets_claims_are_bound(world: ApiWorld) -> None:
    template = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    }
    made = {
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "replicas": 2,
            "podManagementPolicy": "Parallel",
            "selector": {"matchLabels": {"app": "web"}},
            "template": template,
            "volumeClaimTemplates": [claim("data", storageClassName="standard")],
        },
    }
    made["spec"]["volumeClaimTemplates"][0]["metadata"].pop("namespace")  # type: ignore[index]
    await world.client.create(STATEFUL_SETS, made)
    assert (await claim_is(world, "data-web-0"))[0] == "Bound"
    assert (await claim_is(world, "data-web-1"))[0] == "Bound"
    assert list((await phases(world)).values()) == ["Bound", "Bound"]


SCRATCH = {
    "name": "scratch",
    "ephemeral": {
        "volumeClaimTemplate": {
            "metadata": {"labels": {"of": "p"}},
            "spec": {"accessModes": [RWO], "resources": {"requests": {"storage": "1Gi"}}},
        }
    },
}


async def test_an_ephemeral_volume_lives_with_its_pod(world: ApiWorld) -> None:
    await world.client.create(PODS, pod("p", volumes=[SCRATCH]))
    assert (await claim_is(world, "p-scratch"))[0] == "Bound"
    assert (await get_claim(world, "p-scratch"))["metadata"]["labels"] == {"of": "p"}
    await world.client.delete(PODS, "default", "p", grace_period=0)
    assert await phases(world) == {}
    assert list((await world.client.list(PERSISTENT_VOLUME_CLAIMS)).items) == []


async def test_an_ephemeral_volume_does_not_take_anothers_claim(world: ApiWorld) -> None:
    await make(world, claim("p-scratch"))
    await world.client.create(PODS, pod("p", volumes=[SCRATCH]))
    problem = "PVC default/p-scratch was not created for pod default/p (pod is not owner)"
    assert f"FailedBinding: ephemeral volume scratch: {problem}" in await told(world)
    await delete_claim(world, "p-scratch")
    await world.settle()
    await world.advance(10)
    assert (await claim_is(world, "p-scratch"))[0] == "Bound"


# Growing


async def test_a_claim_grows(world: ApiWorld) -> None:
    await make(world, claim(storageClassName="standard"))
    _, name = await claim_is(world)
    more = {"spec": {"resources": {"requests": {"storage": "3Gi"}}}}
    await world.client.patch(PERSISTENT_VOLUME_CLAIMS, "default", "db", more)
    assert "VolumeResizeSuccessful: ExpandVolume succeeded for volume default/db" in await told(world)
    assert (await world.client.get(PERSISTENT_VOLUMES, "", name))["spec"]["capacity"] == {"storage": "3Gi"}
    claim_now = await get_claim(world)
    assert claim_now["metadata"]["annotations"][RESIZER] == "minikube-py.io/simulated"
    status = claim_now["status"]
    assert status["capacity"] == {"storage": "3Gi"} == status["allocatedResources"]
    assert "conditions" not in status and "allocatedResourceStatuses" not in status


async def test_a_claim_gets_the_attributes_it_asks_for(world: ApiWorld) -> None:
    await make(world, claim(storageClassName="standard", volumeAttributesClassName="gold"))
    _, name = await claim_is(world)
    spec = (await world.client.get(PERSISTENT_VOLUMES, "", name))["spec"]
    assert spec["csi"] == {"driver": "simulated.minikube-py.io", "volumeHandle": name}
    assert spec["volumeAttributesClassName"] == "gold"
    assert (await get_claim(world))["status"]["currentVolumeAttributesClassName"] == "gold"


async def test_a_volume_that_the_server_refuses_is_told(world: ApiWorld) -> None:
    await make(world, storage_class("x", provisioner="a_b.io", metadata={"annotations": {SIMULATED: "true"}}))
    await make(world, claim(storageClassName="x", volumeAttributesClassName="gold"))
    assert await claim_is(world) == ("Pending", "")
    start = "ProvisioningFailed: Error creating provisioned PV object for claim default/db: PersistentVolume "
    assert [each for each in await told(world) if each.startswith(start)]


@pytest.mark.parametrize(
    ("source", "resizer", "said"),
    [
        pytest.param({}, None, "waiting for an external controller to expand this PVC", id="anything"),
        pytest.param(
            {"hostPath": None, "gcePersistentDisk": {"pdName": "d"}},
            "pd.csi.storage.gke.io",
            "CSI migration enabled for kubernetes.io/gce-pd; waiting for external resizer to expand the pvc",
            id="migrated",
        ),
    ],
)
async def test_a_claim_of_an_external_volume_waits_for_its_resizer(
    world: ApiWorld, source: Object, resizer: str | None, said: str
) -> None:
    await make(world, storage_class("x", provisioner="x.io", allowVolumeExpansion=True))
    await make(world, volume(storageClassName="x", **source), claim(storageClassName="x"))
    assert await claim_is(world) == ("Bound", "disk")
    more = {"spec": {"resources": {"requests": {"storage": "3Gi"}}}}
    await world.client.patch(PERSISTENT_VOLUME_CLAIMS, "default", "db", more)
    await world.settle()
    assert f"Normal ExternalExpanding: {said}" in await events(world)
    found = await get_claim(world)
    assert found["status"]["capacity"] == {"storage": "1Gi"}
    assert found["metadata"]["annotations"].get(RESIZER) == resizer


@pytest.mark.parametrize("version", ["1.25", "1.31", "1.37"])
async def test_in_every_version(version: str) -> None:
    async with Cluster(port=None, kubernetes_version=version, clock="virtual", seed=1) as cluster:
        await cluster.settle()
        await cluster.client.create(PERSISTENT_VOLUME_CLAIMS, claim(storageClassName=None))
        await cluster.settle()
        more = {"spec": {"resources": {"requests": {"storage": "3Gi"}}}}
        await cluster.client.patch(PERSISTENT_VOLUME_CLAIMS, "default", "db", more)
        await cluster.settle()
        grown = (await cluster.client.get(PERSISTENT_VOLUME_CLAIMS, "default", "db"))["status"]
        assert (grown["phase"], grown["capacity"]) == ("Bound", {"storage": "3Gi"})
        await cluster.client.delete(PERSISTENT_VOLUME_CLAIMS, "default", "db")
        await cluster.settle()
        assert list((await cluster.client.list(PERSISTENT_VOLUMES)).items) == []
