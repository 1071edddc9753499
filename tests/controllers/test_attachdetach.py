"""CSI volumes and the nodes they are attached to: plans as tables, and behaviour through the API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from minikube_py.controllers.attachdetach import CONTROLLER
from minikube_py.controllers.attachdetach.attacher import TAKES, takes
from minikube_py.controllers.attachdetach.plan import plan, refusal
from minikube_py.controllers.attachdetach.volumes import (
    CSI_DRIVERS,
    MANAGED,
    VOLUME_ATTACHMENTS,
    allows_many,
    attachment_name,
    keeps_attached,
    needs_attaching,
    unique_name,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS
from tests.controllers.apiworld import LAGS, ApiWorld, api_world, events, pod

DRIVER = "disk.example.com"


def volume(name: str = "disk", *modes: str, **source: Any) -> Object:
    spec = {
        "capacity": {"storage": "1Gi"},
        "accessModes": list(modes) or ["ReadWriteOnce"],
        "claimRef": {"namespace": "default", "name": name},
        "csi": {"driver": DRIVER, "volumeHandle": f"vol-{name}", **source},
    }
    return {"metadata": {"name": name}, "spec": spec}


def user(name: str, node: str = "one", claim: str = "disk", **spec: Any) -> Object:
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}]
    return pod(name, node=node, volumes=volumes, **spec)


@pytest.mark.parametrize(
    ("wanted", "attached", "in_use", "many", "expected"),
    [
        pytest.param([], [], [], False, ([], [], []), id="nothing"),
        pytest.param(["one"], [], [], False, (["one"], [], []), id="attach"),
        pytest.param(["one"], ["one"], [], False, ([], [], []), id="attached"),
        pytest.param([], ["one"], [], False, ([], ["one"], []), id="detach"),
        pytest.param([], ["one"], ["one"], False, ([], [], []), id="still-mounted"),
        pytest.param(["one", "two"], [], [], False, (["one"], [], ["two"]), id="one-of-two"),
        pytest.param(["one", "two"], ["two"], [], False, ([], [], ["one"]), id="the-other-of-two"),
        pytest.param(["one", "two"], ["two"], [], True, (["one"], [], []), id="many"),
        pytest.param(["two"], ["one"], [], False, ([], ["one"], ["two"]), id="moves"),
        pytest.param(["two"], ["one"], [], True, (["two"], ["one"], []), id="many-moves"),
    ],
)
def test_plan(wanted: list[str], attached: list[str], in_use: list[str], many: bool, expected: Any) -> None:
    assert tuple(plan(wanted, attached, in_use, many)) == expected


ALREADY = 'Multi-Attach error for volume "disk" Volume is already'
NOBODY = f"{ALREADY} exclusively attached to one node and can't be attached to another"
USED = f"{ALREADY} used by"


def elsewhere(name: str) -> Object:
    made = user(name, "two")
    return {**made, "metadata": {**made["metadata"], "namespace": "other"}}


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param([], NOBODY, id="nobody"),
        pytest.param([user("a", "two"), user("b", "two")], f"{USED} pod(s) a, b", id="here"),
        pytest.param([elsewhere("c")], f"{USED} 1 pod(s) in different namespaces", id="elsewhere"),
        pytest.param(
            [user("a", "two"), elsewhere("c")], f"{USED} pod(s) a and 1 pod(s) in different namespaces", id="both"
        ),
    ],
)
def test_refusal(others: list[Object], expected: str) -> None:
    assert refusal(user("web"), "disk", {"one": [user("mine")], "two": others}) == expected


def test_names() -> None:
    assert unique_name(volume()) == "kubernetes.io/csi/disk.example.com^vol-disk"
    # sha256 of "vol-diskdisk.example.comone"
    assert attachment_name(volume(), "one").startswith("csi-") and len(attachment_name(volume(), "one")) == 68


@pytest.mark.parametrize(
    ("given", "driver", "expected"),
    [
        pytest.param(volume(), None, True, id="no-driver-object"),
        pytest.param(volume(), {"spec": {"attachRequired": True}}, True, id="required"),
        pytest.param(volume(), {"spec": {"attachRequired": False}}, False, id="not-required"),
        pytest.param({"spec": {"hostPath": {"path": "/"}}}, None, False, id="not-csi"),
    ],
)
def test_needs_attaching(given: Object, driver: Object | None, expected: bool) -> None:
    assert needs_attaching(given, driver) is expected


@pytest.mark.parametrize(
    ("modes", "expected"),
    [
        pytest.param(["ReadWriteOnce"], False, id="once"),
        pytest.param(["ReadWriteOncePod"], False, id="one-pod"),
        pytest.param(["ReadWriteOnce", "ReadOnlyMany"], True, id="read-by-many"),
        pytest.param(["ReadWriteMany"], True, id="many"),
        pytest.param([], True, id="nobody-knows"),
    ],
)
def test_allows_many(modes: list[str], expected: bool) -> None:
    assert allows_many({"spec": {"accessModes": modes}}) is expected


RUNNING = {"containerStatuses": [{"state": {"running": {}}}]}
STOPPED = {"containerStatuses": [{"state": {"terminated": {}}}, {"state": {"waiting": {}}}]}


@pytest.mark.parametrize(
    ("node", "deleted", "status", "expected"),
    [
        pytest.param("one", False, {}, True, id="scheduled"),
        pytest.param("", False, {}, False, id="not-scheduled"),
        pytest.param("one", False, {"phase": "Succeeded"}, False, id="finished"),
        pytest.param("one", True, RUNNING, True, id="stopping"),
        pytest.param("one", True, STOPPED, False, id="stopped"),
        pytest.param("one", True, {}, False, id="never-ran"),
        pytest.param("one", False, STOPPED, True, id="crashed"),
    ],
)
def test_keeps_attached(node: str, deleted: bool, status: Object, expected: bool) -> None:
    given = {**user("web", node), "status": status}
    if deleted:
        given["metadata"]["deletionTimestamp"] = "now"
    assert keeps_attached(given) is expected


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    async with api_world(request.param) as world:
        for name in ("one", "two"):
            await world.client.create(NODES, {"metadata": {"name": name, "annotations": {MANAGED: "true"}}})
        world.run(CONTROLLER)
        await world.settle()
        yield world


async def new_volume(world: ApiWorld, name: str = "disk", *modes: str, **source: Any) -> None:
    """Bound to a claim of the name."""
    made = volume(name, *modes, **source)
    await world.client.create(PERSISTENT_VOLUMES, made)
    spec = {
        "accessModes": made["spec"]["accessModes"],
        "resources": {"requests": {"storage": "1Gi"}},
        "volumeName": name,
        "storageClassName": "",
    }
    await world.client.create(
        PERSISTENT_VOLUME_CLAIMS, {"metadata": {"name": name, "namespace": "default"}, "spec": spec}
    )
    status = {"status": {"phase": "Bound"}}
    await world.client.patch(PERSISTENT_VOLUME_CLAIMS, "default", name, status, subresource="status")


async def attached(world: ApiWorld) -> dict[str, list[str]]:
    """By node, as its status says; all attachments agree."""
    await world.settle()
    found = {}
    for node in (await world.client.list(NODES)).items:
        volumes = (node.get("status") or {}).get("volumesAttached") or []
        found[node["metadata"]["name"]] = [each["name"].rpartition("^")[2] for each in volumes]
    attachments = (await world.client.list(VOLUME_ATTACHMENTS)).items
    assert all(each["status"] == {"attached": True} for each in attachments)
    assert len(attachments) == sum(map(len, found.values()))
    return {node: volumes for node, volumes in found.items() if volumes}


async def test_a_volume_is_attached_as_long_as_a_pod_uses_it(world: ApiWorld) -> None:
    await new_volume(world)
    await world.client.create(PODS, user("a"))
    await world.client.create(PODS, user("b"))
    assert await attached(world) == {"one": ["vol-disk"]}
    (made,) = (await world.client.list(VOLUME_ATTACHMENTS)).items
    assert made["metadata"]["name"] == attachment_name(volume(), "one")
    source = {"persistentVolumeName": "disk"}
    assert made["spec"] == {"attacher": DRIVER, "nodeName": "one", "source": source}
    succeeded = 'Normal SuccessfulAttachVolume: AttachVolume.Attach succeeded for volume "disk" '
    assert set(await events(world)) == {succeeded}
    await world.client.delete(PODS, "default", "a", grace_period=0)
    assert await attached(world) == {"one": ["vol-disk"]}
    await world.client.patch(PODS, "default", "b", {"status": {"phase": "Failed"}}, subresource="status")
    assert await attached(world) == {}


async def test_a_claim_that_is_bound_later(world: ApiWorld) -> None:
    await world.client.create(PODS, user("a"))
    assert await attached(world) == {}
    await new_volume(world)
    assert await attached(world) == {"one": ["vol-disk"]}


async def test_a_second_node_must_wait(world: ApiWorld) -> None:
    await new_volume(world)
    await world.client.create(PODS, user("a"))
    await world.settle()
    await world.client.create(PODS, user("b", "two"))
    assert await attached(world) == {"one": ["vol-disk"]}
    await world.client.patch(PODS, "default", "b", {"metadata": {"labels": {"x": "y"}}})
    assert await attached(world) == {"one": ["vol-disk"]}
    refused = [each for each in await events(world) if "FailedAttachVolume" in each]
    assert refused == [f"Warning FailedAttachVolume: {USED} pod(s) a"]
    await world.client.delete(PODS, "default", "a", grace_period=0)
    assert await attached(world) == {"two": ["vol-disk"]}


async def test_many_nodes(world: ApiWorld) -> None:
    await new_volume(world, "share", "ReadWriteMany")
    await world.client.create(PODS, user("a", claim="share"))
    await world.client.create(PODS, user("b", "two", claim="share"))
    assert await attached(world) == {"one": ["vol-share"], "two": ["vol-share"]}


async def test_a_driver_that_needs_none(world: ApiWorld) -> None:
    await new_volume(world)
    await world.client.create(CSI_DRIVERS, {"metadata": {"name": DRIVER}, "spec": {"attachRequired": False}})
    await world.settle()
    await world.client.create(PODS, user("a"))
    assert await attached(world) == {}
    await world.client.delete(CSI_DRIVERS, "", DRIVER)
    assert await attached(world) == {"one": ["vol-disk"]}


async def test_what_a_kubelet_has_mounted_stays(world: ApiWorld) -> None:
    await new_volume(world)
    await world.client.create(PODS, user("a"))
    await world.settle()
    mounted = {"status": {"volumesInUse": [unique_name(volume())]}}
    await world.client.patch(NODES, "", "one", mounted, subresource="status")
    await world.client.delete(PODS, "default", "a", grace_period=0)
    assert await attached(world) == {"one": ["vol-disk"]}
    taint = {"key": "node.kubernetes.io/out-of-service", "effect": "NoExecute"}
    await world.client.patch(NODES, "", "one", {"spec": {"taints": [taint]}})
    assert await attached(world) == {}


async def mounted_and_gone(world: ApiWorld, ready: str) -> None:
    """One node says that it has the volume in use, whose pod is gone."""
    await new_volume(world)
    await world.client.create(PODS, user("a"))
    await world.settle()
    status = {
        "volumesInUse": [unique_name(volume())],
        "conditions": [{"type": "Ready", "status": ready, "reason": "Told"}],
    }
    await world.client.patch(NODES, "", "one", {"status": status}, subresource="status")
    await world.client.delete(PODS, "default", "a", grace_period=0)
    await world.settle()


async def test_a_node_that_does_not_answer_keeps_it_for_six_minutes(world: ApiWorld) -> None:
    await mounted_and_gone(world, "Unknown")
    await world.advance(359)
    assert await attached(world) == {"one": ["vol-disk"]}
    await world.advance(2)
    assert await attached(world) == {}


async def test_a_node_that_answers_keeps_it_until_it_does_not(world: ApiWorld) -> None:
    await mounted_and_gone(world, "True")
    await world.advance(400)
    assert await attached(world) == {"one": ["vol-disk"]}
    conditions = {"conditions": [{"type": "Ready", "status": "Unknown", "reason": "Told"}]}
    await world.client.patch(NODES, "", "one", {"status": conditions}, subresource="status")
    assert await attached(world) == {}


async def test_a_deleted_node_keeps_what_it_had_mounted(world: ApiWorld) -> None:
    await mounted_and_gone(world, "True")
    await world.client.delete(NODES, "", "one")
    await world.advance(359)
    assert len((await world.client.list(VOLUME_ATTACHMENTS)).items) == 1
    await world.advance(2)
    assert await attached(world) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(None, 0, id="not-said"),
        pytest.param("10s", 10, id="seconds"),
        pytest.param("never", None, id="never"),
        pytest.param("soon", 0, id="unreadable"),
    ],
)
def test_how_long_an_attacher_takes(text: str | None, expected: float | None) -> None:
    said = {TAKES: text} if text is not None else {}
    assert takes({"metadata": {"annotations": said}}) == expected


async def new_driver(world: ApiWorld, attach: str) -> None:
    await world.client.create(CSI_DRIVERS, {"metadata": {"name": DRIVER, "annotations": {TAKES: attach}}, "spec": {}})
    await world.settle()


async def test_an_attacher_that_takes_its_time(world: ApiWorld) -> None:
    await new_driver(world, "10s")
    await new_volume(world)
    await world.client.create(PODS, user("a"))
    await world.advance(8)
    (made,) = (await world.client.list(VOLUME_ATTACHMENTS)).items
    assert made["status"] == {"attached": False}
    await world.advance(2)
    assert await attached(world) == {"one": ["vol-disk"]}


async def test_an_attacher_that_never_comes(world: ApiWorld) -> None:
    await new_driver(world, "never")
    await new_volume(world)
    await world.client.create(PODS, user("a"))
    await world.advance(119)
    assert await events(world) == []
    await world.advance(2)
    waited = "timed out waiting for external-attacher of disk.example.com CSI driver to attach volume vol-disk"
    failed = f'Warning FailedAttachVolume: AttachVolume.Attach failed for volume "disk" : {waited}'
    assert await events(world) == [failed]
    await world.client.patch(CSI_DRIVERS, "", DRIVER, {"metadata": {"annotations": {TAKES: "0"}}})
    assert await attached(world) == {"one": ["vol-disk"]}


async def test_a_node_that_goes_or_does_it_itself(world: ApiWorld) -> None:
    await new_volume(world)
    await world.client.create(PODS, user("a"))
    assert await attached(world) == {"one": ["vol-disk"]}
    await world.client.patch(NODES, "", "one", {"metadata": {"annotations": {MANAGED: None}}})
    assert await attached(world) == {}
    await world.client.patch(NODES, "", "one", {"metadata": {"annotations": {MANAGED: "true"}}})
    assert await attached(world) == {"one": ["vol-disk"]}
    await world.client.delete(NODES, "", "one")
    assert await attached(world) == {}


async def test_an_attacher_that_fails(world: ApiWorld) -> None:
    await new_volume(world)
    await world.client.create(PODS, user("a"))
    await world.settle()
    (made,) = (await world.client.list(VOLUME_ATTACHMENTS)).items
    failed = {"status": {"attached": False, "attachError": {"message": "no such disk"}}}
    name = made["metadata"]["name"]
    await world.client.patch(VOLUME_ATTACHMENTS, "", name, failed, subresource="status")
    await world.settle()
    assert (await events(world))[-1] == (
        'Warning FailedAttachVolume: AttachVolume.Attach failed for volume "disk" : no such disk'
    )
    assert (await world.client.get(NODES, "", "one"))["status"].get("volumesAttached") is None


@pytest.mark.parametrize("source", ["disk", "nowhere"])
async def test_what_people_attach_is_theirs(world: ApiWorld, source: str) -> None:
    await new_volume(world)
    spec = {"attacher": "x", "nodeName": "one", "source": {"persistentVolumeName": source}}
    await world.client.create(VOLUME_ATTACHMENTS, {"metadata": {"name": "mine"}, "spec": spec})
    await world.settle()
    await world.client.create(PODS, user("web"))
    await world.settle()
    await world.client.delete(PODS, "default", "web")
    await world.settle()
    [left] = (await world.client.list(VOLUME_ATTACHMENTS)).items
    assert left["metadata"]["name"] == "mine" and left["status"]["attached"] is (source == "disk")
    assert "volumesAttached" not in (await world.client.get(NODES, "", "one"))["status"]
