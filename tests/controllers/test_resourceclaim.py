"""Claims of devices: made for pods, held by them, given back; with fresh and lagging informers."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from minikube_py.cluster import Cluster
from minikube_py.controllers.garbagecollector import CONTROLLER as GARBAGE_COLLECTOR
from minikube_py.controllers.resourceclaim import CONTROLLER
from minikube_py.controllers.resourceclaim.generating import (
    CLAIM_NAME,
    claim_from,
    generate_name,
    made_before,
    needs_work,
    statuses,
    to_be_made,
)
from minikube_py.controllers.resourceclaim.pods import FIELD_MANAGER
from minikube_py.controllers.resourceclaim.references import (
    RESOURCE_CLAIM_TEMPLATES,
    RESOURCE_CLAIMS,
    claim_name,
    is_done,
)
from minikube_py.controllers.resourceclaim.reservations import FINALIZER, MOST_CONSUMERS, may_reserve, release
from minikube_py.controllers.resourceclaim.triggers import MOST_GONE, Gone
from minikube_py.machinery import errors
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.meta import finalizers, is_deleting, name, uid
from minikube_py.machinery.random import Random
from minikube_py.machinery.wellknown import PODS
from tests.controllers.apiworld import LAGS, ApiWorld, add_node, api_world, events, pod
from tests.watched_client import WatchedClient

DEVICES = {"devices": {"requests": [{"name": "r", "exactly": {"deviceClassName": "gpu.example.com"}}]}}
GENERATED = {"name": "gpu", "resourceClaimTemplateName": "template"}
SHARED = {"name": "shared", "resourceClaimName": "ours"}
OURS = {"kind": "Pod", "apiVersion": "v1", "name": "p", "uid": "u", "controller": True}
ALLOCATION: Object = {
    "devices": {"results": [{"request": "r", "driver": "gpu.example.com", "pool": "node", "device": "gpu-0"}]}
}


def held(consumers: int = 0, *, allocated: bool = True) -> Object:
    found: Object = {"allocation": ALLOCATION} if allocated else {}
    if consumers:
        found["reservedFor"] = [{"resource": "pods", "name": str(each), "uid": str(each)} for each in range(consumers)]
    return found


def bare_pod(*entries: Object, node: str = "", known: dict[str, str | None] | None = None, **metadata: Any) -> Object:
    told = [{"name": each, **({"resourceClaimName": to} if to else {})} for each, to in (known or {}).items()]
    return {
        "metadata": {"name": "p", "namespace": "default", "uid": "u", **metadata},
        "spec": {"resourceClaims": list(entries), **({"nodeName": node} if node else {})},
        "status": {"resourceClaimStatuses": told} if told else {},
    }


def bare_claim(name: str = "c", *, owner: Object | None = OURS, **status: Any) -> Object:
    owned = {"ownerReferences": [owner]} if owner is not None else {}
    return {"metadata": {"name": name, "namespace": "default", **owned}, "spec": DEVICES, "status": status}


# Deciding


@pytest.mark.parametrize(
    ("entry", "known", "expected"),
    [
        pytest.param(SHARED, {}, "ours", id="the-user's"),
        pytest.param(GENERATED, {}, None, id="not-made-yet"),
        pytest.param(GENERATED, {"gpu": "p-gpu-x"}, "p-gpu-x", id="made"),
        pytest.param(GENERATED, {"gpu": None}, "", id="not-needed"),
        pytest.param(GENERATED, {"other": "p-other-x"}, None, id="another-is-made"),
    ],
)
def test_claim_names(entry: Object, known: dict[str, str | None], expected: str | None) -> None:
    assert claim_name(bare_pod(entry, known=known), entry) == expected


MADE = bare_pod(GENERATED, known={"gpu": "c"})
BOUND = bare_pod(GENERATED, known={"gpu": "c"}, node="node")
SOMEBODY_ELSES = {**OURS, "uid": "another"}


@pytest.mark.parametrize(
    ("user", "claim", "work", "make"),
    [
        pytest.param(bare_pod(GENERATED), None, True, True, id="to-be-made"),
        pytest.param(bare_pod(GENERATED, deletionTimestamp="now"), None, False, True, id="on-its-way-out"),
        pytest.param(bare_pod(GENERATED, known={"gpu": None}), None, False, False, id="not-needed"),
        pytest.param(MADE, None, True, True, id="lost"),
        pytest.param(MADE, bare_claim(), False, False, id="there"),
        pytest.param(MADE, bare_claim(owner=SOMEBODY_ELSES), False, True, id="somebody-else's-of-its-name"),
        pytest.param(MADE, bare_claim(**held()), False, False, id="the-scheduler-reserves"),
        pytest.param(BOUND, bare_claim(), False, False, id="bound-before-allocated"),
        pytest.param(BOUND, bare_claim(**held()), True, False, id="bound-by-hand"),
        pytest.param(BOUND, bare_claim(**held(MOST_CONSUMERS)), False, False, id="no-room-to-reserve"),
        pytest.param(bare_pod(SHARED), None, False, False, id="the-user's-to-make"),
        pytest.param(bare_pod(SHARED, node="node"), bare_claim(owner=None, **held(1)), True, False, id="shared"),
        pytest.param({**BOUND, "status": {"phase": "Failed"}}, bare_claim(**held()), False, True, id="has-ended"),
        pytest.param(bare_pod(), None, False, False, id="no-claims"),
    ],
)
def test_what_a_pod_needs(user: Object, claim: Object | None, work: bool, make: bool) -> None:
    assert needs_work(user, lambda name: claim) == work
    assert bool(to_be_made(user, lambda name: claim)) == make


@pytest.mark.parametrize(
    ("pod_name", "entry", "expected"),
    [
        pytest.param("web-0", "gpu", "web-0-gpu-", id="as-it-is"),
        pytest.param("p" * 51, "gpus", f"{'p' * 51}-gpus-", id="as-long-as-may-be"),
        pytest.param("p" * 60, "q" * 40, f"{'p' * 33}-{'q' * 22}", id="both-are-cut"),
        pytest.param("p" * 253, "gpu", f"{'p' * 55}-", id="nothing-left-of-the-entry"),
    ],
)
def test_generated_names(pod_name: str, entry: str, expected: str) -> None:
    assert generate_name({"metadata": {"name": pod_name}}, {"name": entry}) == expected


def test_a_generated_claim() -> None:
    template = {"spec": {"metadata": {"labels": {"a": "b"}, "annotations": {"c": "d"}}, "spec": DEVICES}}
    made = claim_from(template, bare_pod(GENERATED), GENERATED)
    assert made == {
        "apiVersion": "resource.k8s.io/v1",
        "kind": "ResourceClaim",
        "metadata": {
            "generateName": "p-gpu-",
            "labels": {"a": "b"},
            "annotations": {"c": "d", "resource.kubernetes.io/pod-claim-name": "gpu"},
            "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u", "controller": True}],
        },
        "spec": DEVICES,
    }
    assert made_before(GENERATED, [bare_claim(), made]) is made
    assert made_before({"name": "other"}, [made]) is None


def test_what_is_told_of_claims_keeps_what_was_told() -> None:
    entries = [{"name": each, "resourceClaimTemplateName": "t"} for each in ("a", "b", "c", "d")]
    user = bare_pod(*entries, SHARED, known={"a": "p-a-x", "b": None, "c": "p-c-x"})
    assert statuses(user, {"c": "p-c-y"}) == [
        {"name": "a", "resourceClaimName": "p-a-x"},
        {"name": "b"},
        {"name": "c", "resourceClaimName": "p-c-y"},
    ]


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        pytest.param(bare_pod(node="node"), False, id="runs"),
        pytest.param(bare_pod(node="node", deletionTimestamp="now"), False, id="is-being-stopped"),
        pytest.param(bare_pod(deletionTimestamp="now"), True, id="deleted-before-it-was-bound"),
        pytest.param({**bare_pod(node="node"), "status": {"phase": "Failed"}}, True, id="has-failed"),
    ],
)
def test_is_done(user: Object, expected: bool) -> None:
    assert is_done(user) == expected


@pytest.mark.parametrize(
    ("before", "left", "protected", "deleting", "status", "unprotect"),
    [
        pytest.param(held(2), 2, True, False, None, False, id="all-stay"),
        pytest.param(held(2), 1, True, False, held(1), False, id="one-goes"),
        pytest.param(held(2), 0, True, False, {}, True, id="all-go"),
        pytest.param(held(2), 0, False, False, held(), False, id="all-go-of-one-allocated-in-another-way"),
        pytest.param(held(), 0, True, False, None, False, id="held-by-nobody-yet"),
        pytest.param(held(), 0, True, True, {}, True, id="deleted-while-held-by-nobody"),
        pytest.param(held(1), 1, True, True, None, False, id="deleted-while-held"),
        pytest.param(held(allocated=False), 0, True, True, None, True, id="deleted-and-not-allocated"),
        pytest.param(held(), 0, False, True, None, False, id="deleted-and-not-protected"),
    ],
)
def test_release(
    before: Object, left: int, protected: bool, deleting: bool, status: Object | None, unprotect: bool
) -> None:
    metadata: Object = {"name": "c", "finalizers": ["other", FINALIZER] if protected else ["other"]}
    if deleting:
        metadata["deletionTimestamp"] = "now"
    claim = {"metadata": metadata, "spec": DEVICES, "status": before}
    assert release(claim, (before.get("reservedFor") or [])[:left]) == (status, unprotect)


def test_may_reserve() -> None:
    assert may_reserve(bare_claim(**held(1)), bare_pod())
    assert not may_reserve(bare_claim(**held(1)), {"metadata": {"name": "p", "uid": "0"}})
    assert not may_reserve(bare_claim(), bare_pod())
    assert not may_reserve(bare_claim(**held(MOST_CONSUMERS)), bare_pod())


def test_the_last_pods_that_went_are_remembered() -> None:
    gone = Gone()
    for each in range(MOST_GONE + 1):
        gone.add(str(each))
    assert "0" not in gone and "1" in gone and str(MOST_GONE) in gone


# Acting


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    async with api_world(request.param) as world:
        world.client = WatchedClient(world.client)
        await add_node(world)
        world.run(CONTROLLER, GARBAGE_COLLECTOR)
        await world.settle()
        yield world


def template(name: str = "template") -> Object:
    return {"metadata": {"name": name, "namespace": "default"}, "spec": {"spec": DEVICES}}


def user(name: str = "p", *entries: Object, node: str = "") -> Object:
    return pod(name, node=node, resourceClaims=list(entries) or [GENERATED])


async def claims(world: ApiWorld) -> list[Object]:
    await world.settle()
    return list((await world.client.list(RESOURCE_CLAIMS, "default")).items)


async def told(world: ApiWorld, name: str = "p") -> dict[str, str]:
    status = (await world.client.get(PODS, "default", name)).get("status") or {}
    return {each["name"]: each.get("resourceClaimName", "") for each in status.get("resourceClaimStatuses") or ()}


async def allocate(world: ApiWorld, claim: str, *users: Object) -> None:
    """As a scheduler does."""
    await world.client.patch(RESOURCE_CLAIMS, "default", claim, {"metadata": {"finalizers": [FINALIZER]}})
    consumers = [{"resource": "pods", "name": name(each), "uid": uid(each)} for each in users]
    status = {"allocation": ALLOCATION, "reservedFor": consumers}
    await world.client.patch(RESOURCE_CLAIMS, "default", claim, {"status": status}, subresource="status")


async def end(world: ApiWorld, name: str) -> None:
    await world.client.patch(PODS, "default", name, {"status": {"phase": "Succeeded"}}, subresource="status")


async def test_a_pod_gets_its_claims_from_templates(world: ApiWorld) -> None:
    await world.client.create(RESOURCE_CLAIM_TEMPLATES, template())
    await world.client.create(RESOURCE_CLAIM_TEMPLATES, template("other"))
    made = await world.client.create(PODS, user("p", GENERATED, {**GENERATED, "name": "more"}, SHARED))
    found = await claims(world)
    assert {each["metadata"]["annotations"][CLAIM_NAME]: each["metadata"]["name"] for each in found} == await told(
        world
    )
    assert sorted(await told(world)) == ["gpu", "more"] and len(found) == 2
    for each in found:
        assert each["metadata"]["ownerReferences"][0]["uid"] == uid(made)
        assert each["metadata"]["generateName"] == f"p-{each['metadata']['annotations'][CLAIM_NAME]}-"
    managers = (await world.client.get(PODS, "default", "p"))["metadata"]["managedFields"]
    applied = next(each for each in managers if each["manager"] == FIELD_MANAGER)
    assert (applied["operation"], applied["subresource"]) == ("Apply", "status")


async def test_a_claim_that_is_lost_is_made_again_and_the_other_stays(world: ApiWorld) -> None:
    await world.client.create(RESOURCE_CLAIM_TEMPLATES, template())
    await world.client.create(PODS, user("p", GENERATED, {**GENERATED, "name": "more"}))
    await claims(world)
    before = await told(world)
    await world.client.delete(RESOURCE_CLAIMS, "default", before["gpu"])
    assert {name(each) for each in await claims(world)} == set((await told(world)).values())
    after = await told(world)
    assert after["gpu"] != before["gpu"] and after["more"] == before["more"]


async def test_a_missing_template_is_told_of_and_waited_for(world: ApiWorld, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    await world.client.create(PODS, user())
    assert await claims(world) == []
    message = (
        'PodResourceClaim gpu: resource claim template "template": '
        'resourceclaimtemplate.resource.k8s.io "template" not found'
    )
    assert f"Warning FailedResourceClaimCreation: {message}" in await events(world)
    await world.client.create(RESOURCE_CLAIM_TEMPLATES, template())
    assert len(await claims(world)) == 1
    assert caplog.text == ""


async def test_a_claim_whose_name_could_not_be_told_is_not_made_twice(
    world: ApiWorld, caplog: pytest.LogCaptureFixture
) -> None:
    refused: list[str] = []

    def refuse(verb: str, resource: GroupVersionResource, obj: Object) -> Exception | None:
        if verb != "patch" or resource != PODS or len(refused) == 2:
            return None
        refused.append(name(obj))
        return errors.internal_error("try again")

    assert isinstance(world.client, WatchedClient)
    world.client.reaction = refuse
    await world.client.create(RESOURCE_CLAIM_TEMPLATES, template())
    await world.client.create(PODS, user())
    assert [name(each) for each in await claims(world)] == list((await told(world)).values())
    assert len(refused) == 2


async def test_a_claim_goes_with_its_pod(world: ApiWorld) -> None:
    await world.client.create(RESOURCE_CLAIM_TEMPLATES, template())
    await world.client.create(PODS, user())
    assert len(await claims(world)) == 1
    await world.client.delete(PODS, "default", "p")
    assert await claims(world) == []


async def test_a_generated_claim_goes_when_its_pod_has_ended(world: ApiWorld) -> None:
    await world.client.create(RESOURCE_CLAIM_TEMPLATES, template())
    made = await world.client.create(PODS, user(node="node"))
    (claim,) = await claims(world)
    await allocate(world, name(claim), made)
    assert len(await claims(world)) == 1
    await end(world, "p")
    assert await claims(world) == []
    assert await told(world) == {"gpu": name(claim)}


async def test_a_shared_claim_is_free_again_once_its_last_pod_has_ended(world: ApiWorld) -> None:
    await world.client.create(RESOURCE_CLAIMS, {"metadata": {"name": "ours", "namespace": "default"}, "spec": DEVICES})
    users = [await world.client.create(PODS, user(each, SHARED, node="node")) for each in ("a", "b")]
    await allocate(world, "ours", *users)
    await end(world, "a")
    (claim,) = await claims(world)
    assert [each["name"] for each in claim["status"]["reservedFor"]] == ["b"]
    await world.client.delete(PODS, "default", "b", grace_period=0)
    (claim,) = await claims(world)
    assert not claim.get("status") and finalizers(claim) == []


async def test_a_pod_that_was_bound_by_hand_holds_its_claim(world: ApiWorld) -> None:
    await world.client.create(RESOURCE_CLAIMS, {"metadata": {"name": "ours", "namespace": "default"}, "spec": DEVICES})
    first = await world.client.create(PODS, user("a", SHARED, node="node"))
    await allocate(world, "ours", first)
    second = await world.client.create(PODS, user("b", SHARED, node="node"))
    (claim,) = await claims(world)
    assert claim["status"]["reservedFor"][1] == {"resource": "pods", "name": "b", "uid": uid(second)}
    assert len(claim["status"]["reservedFor"]) == 2


async def test_a_deleted_claim_stays_while_it_is_held(world: ApiWorld) -> None:
    await world.client.create(RESOURCE_CLAIMS, {"metadata": {"name": "ours", "namespace": "default"}, "spec": DEVICES})
    holder = await world.client.create(PODS, user("a", SHARED, node="node"))
    await allocate(world, "ours", holder)
    await world.client.delete(RESOURCE_CLAIMS, "default", "ours")
    assert len(await claims(world)) == 1
    await world.client.delete(PODS, "default", "a", grace_period=0)
    assert await claims(world) == []


async def test_consumers_that_are_unknown_or_replaced(world: ApiWorld) -> None:
    """A pod of the name is not the pod; what is no pod is left alone."""
    await world.client.create(RESOURCE_CLAIMS, {"metadata": {"name": "ours", "namespace": "default"}, "spec": DEVICES})
    here = await world.client.create(PODS, user("a", SHARED, node="node"))
    replaced, unknown = ({"metadata": {"name": each, "uid": f"former-{each}"}} for each in ("a", "never-seen"))
    await allocate(world, "ours", here, replaced, unknown)
    workload = {"apiGroup": "example.com", "resource": "workloads", "name": "w", "uid": "w"}
    claim = await world.client.get(RESOURCE_CLAIMS, "default", "ours")
    status = {"reservedFor": [*claim["status"]["reservedFor"], workload]}
    await world.client.patch(RESOURCE_CLAIMS, "default", "ours", {"status": status}, subresource="status")
    (claim,) = await claims(world)
    assert [each["uid"] for each in claim["status"]["reservedFor"]] == [uid(here), "w"]


async def test_a_claim_for_extended_resources_goes_when_its_pod_has_ended(world: ApiWorld) -> None:
    """The scheduler makes it; the pod's spec does not name it."""
    requested = pod("p")
    resources = {each: {"example.com/gpu": "1"} for each in ("requests", "limits")}
    requested["spec"]["containers"][0]["resources"] = resources
    made = await world.client.create(PODS, requested)
    owner = {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": uid(made), "controller": True}
    metadata = {"name": "extended", "namespace": "default", "ownerReferences": [owner]}
    await world.client.create(RESOURCE_CLAIMS, {"metadata": metadata, "spec": DEVICES})
    mapping = {"containerName": "c", "resourceName": "example.com/gpu", "requestName": "r"}
    status = {"extendedResourceClaimStatus": {"resourceClaimName": "extended", "requestMappings": [mapping]}}
    await world.client.patch(PODS, "default", "p", {"status": status}, subresource="status")
    await allocate(world, "extended", made)
    assert len(await claims(world)) == 1
    await end(world, "p")
    assert await claims(world) == []


class Trouble:
    """Pods and schedulers at their worst, and writes of the controller that conflict."""

    def __init__(self, world: ApiWorld, random: Random) -> None:
        self.world = world
        self.random = random
        self.over = False
        assert isinstance(world.client, WatchedClient)
        world.client.reaction = self.conflict

    def conflict(self, verb: str, resource: GroupVersionResource, obj: Object) -> Exception | None:
        if self.over or verb not in ("update", "patch") or self.random.below(6):
            return None
        return errors.conflict(resource.group_resource, name(obj))

    def one_of(self, found: list[Object]) -> str:
        return name(found[self.random.below(len(found))])

    async def cause(self) -> None:
        client, choice = self.world.client, self.random.below(7)
        there = list((await client.list(PODS, "default")).items)
        made = list((await client.list(RESOURCE_CLAIMS, "default")).items)
        if choice < 3 or not there or not made:
            node = "node" if self.random.below(2) else ""
            await client.create(PODS, user(f"p-{self.random.below(5)}", GENERATED, SHARED, node=node))
        elif choice == 3:
            await client.delete(PODS, "default", self.one_of(there), grace_period=0)
        elif choice == 4:
            await end(self.world, self.one_of(there))
        elif choice == 5:
            await client.delete(RESOURCE_CLAIMS, "default", self.one_of(made))
        else:
            claim = self.one_of(made)
            users = [pod for pod in there if claim in (claim_name(pod, GENERATED), claim_name(pod, SHARED))]
            await allocate(self.world, claim, *users)
        for _ in range(self.random.below(15)):
            await next_turn()


@pytest.mark.parametrize("seed", range(5))
async def test_converges(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever happens meanwhile: a live pod has its claim and no other, and none is held by a pod that is done."""
    async with api_world(12, seed) as world:
        world.client = WatchedClient(world.client)
        await add_node(world)
        await world.client.create(RESOURCE_CLAIM_TEMPLATES, template())
        shared = {"metadata": {"name": "ours", "namespace": "default"}, "spec": DEVICES}
        await world.client.create(RESOURCE_CLAIMS, shared)
        world.run(CONTROLLER, GARBAGE_COLLECTOR)
        trouble = Trouble(world, Random(seed))
        for _ in range(80):
            try:
                await trouble.cause()
            except errors.StatusError as error:
                assert error.code in (404, 409, 422), error
        trouble.over = True
        await world.advance(60)
        every = list((await world.client.list(PODS, "default")).items)
        live = {uid(each): each for each in every if not is_done(each)}
        generated = [each for each in await claims(world) if each["metadata"].get("ownerReferences")]
        assert sorted(each["metadata"]["ownerReferences"][0]["uid"] for each in generated) == sorted(live)
        assert {name(each) for each in generated} == {
            found for each in live.values() if (found := claim_name(each, GENERATED))
        }
        for each in await claims(world):
            status = each.get("status") or {}
            assert {consumer["uid"] for consumer in status.get("reservedFor") or ()} <= set(live)
            assert not is_deleting(each) or status.get("reservedFor")


async def test_where_claims_are_not_served_nothing_waits_for_them() -> None:
    async with Cluster(port=None, kubernetes_version="1.33", clock="virtual", seed=1, nodes=0) as cluster:
        await cluster.settle()
        assert cluster.busy() == [] and cluster.managers[0].informers.next_retry() is None
