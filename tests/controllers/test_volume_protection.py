"""The protection of claims, volumes and attributes classes: who holds whom back, with fresh and lagging informers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from minikube_py.cluster import Cluster
from minikube_py.controllers import (
    persistentvolumeclaimprotection,
    persistentvolumeprotection,
    volumeattributesclassprotection,
)
from minikube_py.controllers.persistentvolumeclaimprotection import may_release, uses
from minikube_py.controllers.runtime.podclaims import claim_names
from minikube_py.controllers.runtime.protection import concerns, is_deletion_candidate, needs_finalizer
from minikube_py.controllers.volumeattributesclassprotection import VOLUME_ATTRIBUTES_CLASSES, classes_of
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.wellknown import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS
from tests.controllers.apiworld import LAGS, ApiWorld, add_node, api_world, pod

DATA = {"name": "data", "persistentVolumeClaim": {"claimName": "db"}}
TEMPLATE = {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
SCRATCH = {"name": "scratch", "ephemeral": {"volumeClaimTemplate": TEMPLATE}}


def claim(name: str = "db", **spec: Any) -> Object:
    return {"metadata": {"name": name, "namespace": "default"}, "spec": {**TEMPLATE["spec"], **spec}}


def volume(name: str = "disk", **spec: Any) -> Object:
    body = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/d"}, **spec}
    return {"metadata": {"name": name}, "spec": body}


@pytest.mark.parametrize(
    ("finalizers", "deleting", "candidate", "needs"),
    [
        pytest.param([], False, False, True, id="unprotected"),
        pytest.param(["f"], False, False, False, id="protected"),
        pytest.param(["f"], True, True, False, id="waiting"),
        pytest.param(["other"], True, False, False, id="waiting-for-another"),
    ],
)
def test_what_is_to_be_done(finalizers: list[str], deleting: bool, candidate: bool, needs: bool) -> None:
    metadata = {"finalizers": finalizers, **({"deletionTimestamp": "now"} if deleting else {})}
    obj = {"metadata": metadata}
    assert is_deletion_candidate(obj, "f") == candidate and needs_finalizer(obj, "f") == needs
    assert concerns(obj, "f") == (candidate or needs)


@pytest.mark.parametrize(
    ("volumes", "name", "node", "owned", "shut_down", "used"),
    [
        pytest.param([DATA], "db", "node", False, False, True, id="by-name"),
        pytest.param([DATA], "db", "node", False, True, True, id="by-name-until-gone"),
        pytest.param([DATA], "db", "", False, False, False, id="not-scheduled"),
        pytest.param([DATA], "other", "node", False, False, False, id="another"),
        pytest.param([SCRATCH], "p-scratch", "node", True, False, True, id="ephemeral"),
        pytest.param([SCRATCH], "p-scratch", "node", False, False, False, id="ephemeral-of-somebody-else"),
        pytest.param([SCRATCH], "p-scratch", "node", True, True, False, id="ephemeral-shut-down"),
        pytest.param([], "db", "node", False, False, False, id="no-volumes"),
    ],
)
def test_uses(volumes: list[Object], name: str, node: str, owned: bool, shut_down: bool, used: bool) -> None:
    user = pod("p", node=node, volumes=volumes)
    user["metadata"]["uid"] = "u"
    if shut_down:
        user["metadata"] |= {"deletionTimestamp": "now", "deletionGracePeriodSeconds": 0}
    held = claim(name)
    if owned:
        held["metadata"]["ownerReferences"] = [{"kind": "Pod", "name": "p", "uid": "u", "controller": True}]
    assert uses(user, held) == used


def test_claim_names() -> None:
    assert claim_names(pod("p", volumes=[DATA, {"name": "e", "emptyDir": {}}, SCRATCH])) == ["db", "p-scratch"]


@pytest.mark.parametrize(
    ("old", "new", "matters"),
    [
        pytest.param({"node": "n"}, {"node": "n"}, False, id="running"),
        pytest.param({"node": "n"}, None, True, id="gone"),
        pytest.param({"node": ""}, {"node": ""}, True, id="unscheduled"),
        pytest.param({"node": "n", "uid": "1"}, {"node": "n", "uid": "2"}, True, id="another-of-its-name"),
    ],
)
def test_may_release(old: Any, new: Any, matters: bool) -> None:
    def made(fields: Any) -> Object | None:
        return fields and {"metadata": {"uid": fields.get("uid")}, "spec": {"nodeName": fields["node"]}}

    assert may_release(made(old), made(new)) == matters


def test_classes_of() -> None:
    status = {"currentVolumeAttributesClassName": "a", "modifyVolumeStatus": {"targetVolumeAttributesClassName": "b"}}
    assert classes_of({"spec": {"volumeAttributesClassName": "b"}, "status": status}) == ["b", "a"]
    assert classes_of({"spec": {}}) == []


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    async with api_world(request.param) as world:
        await add_node(world)
        world.run(
            persistentvolumeclaimprotection.CONTROLLER,
            persistentvolumeprotection.CONTROLLER,
            volumeattributesclassprotection.CONTROLLER,
        )
        await world.settle()
        yield world


async def exists(world: ApiWorld, resource: GroupVersionResource, name: str, namespace: str = "") -> bool:
    await world.settle()
    try:
        await world.client.get(resource, namespace, name)
    except StatusError as error:
        assert is_not_found(error)
        return False
    return True


async def test_a_deleted_claim_goes_at_once_if_nobody_uses_it(world: ApiWorld) -> None:
    made = await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim())
    assert made["metadata"]["finalizers"] == [persistentvolumeclaimprotection.FINALIZER]
    await world.client.create(PODS, pod("waits", node="", volumes=[DATA]))
    await world.client.delete(PERSISTENT_VOLUME_CLAIMS, "default", "db")
    assert not await exists(world, PERSISTENT_VOLUME_CLAIMS, "db", "default")


async def test_a_deleted_claim_stays_until_its_pod_is_gone(world: ApiWorld) -> None:
    await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim())
    # Not settled in between: a lagging cache does not show the pod when the deletion comes.
    await world.client.create(PODS, pod("p", volumes=[DATA]))
    await world.client.delete(PERSISTENT_VOLUME_CLAIMS, "default", "db")
    assert await exists(world, PERSISTENT_VOLUME_CLAIMS, "db", "default")
    await world.client.patch(PODS, "default", "p", {"status": {"phase": "Succeeded"}}, subresource="status")
    assert await exists(world, PERSISTENT_VOLUME_CLAIMS, "db", "default")
    await world.client.delete(PODS, "default", "p", grace_period=0)
    assert not await exists(world, PERSISTENT_VOLUME_CLAIMS, "db", "default")


async def test_a_finalizer_that_is_taken_off_comes_back(world: ApiWorld) -> None:
    await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim())
    await world.client.patch(PERSISTENT_VOLUME_CLAIMS, "default", "db", {"metadata": {"finalizers": None}})
    await world.settle()
    found = await world.client.get(PERSISTENT_VOLUME_CLAIMS, "default", "db")
    assert found["metadata"]["finalizers"] == [persistentvolumeclaimprotection.FINALIZER]


async def test_a_deleted_volume_stays_while_it_is_bound(world: ApiWorld) -> None:
    await world.client.create(PERSISTENT_VOLUMES, volume())
    await world.client.patch(PERSISTENT_VOLUMES, "", "disk", {"status": {"phase": "Bound"}}, subresource="status")
    await world.client.delete(PERSISTENT_VOLUMES, "", "disk")
    assert await exists(world, PERSISTENT_VOLUMES, "disk")
    await world.client.patch(PERSISTENT_VOLUMES, "", "disk", {"status": {"phase": "Released"}}, subresource="status")
    assert not await exists(world, PERSISTENT_VOLUMES, "disk")


async def test_a_deleted_attributes_class_stays_while_it_is_named(world: ApiWorld) -> None:
    fast = {"metadata": {"name": "fast"}, "driverName": "d.io", "parameters": {"iops": "9"}}
    await world.client.create(VOLUME_ATTRIBUTES_CLASSES, fast)
    await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim(volumeAttributesClassName="fast"))
    await world.settle()
    await world.client.delete(VOLUME_ATTRIBUTES_CLASSES, "", "fast")
    assert await exists(world, VOLUME_ATTRIBUTES_CLASSES, "fast")
    await world.client.delete(PERSISTENT_VOLUME_CLAIMS, "default", "db")
    assert not await exists(world, VOLUME_ATTRIBUTES_CLASSES, "fast")


async def test_where_attributes_classes_are_not_served_nothing_waits_for_them() -> None:
    async with Cluster(port=None, kubernetes_version="1.30", clock="virtual", seed=1, nodes=0) as cluster:
        await cluster.settle()
        assert cluster.busy() == [] and cluster.managers[0].informers.next_retry() is None
