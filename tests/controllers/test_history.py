"""ControllerRevisions: their data, names and order. Cases after upstream's controller_history_test.go and the recorded
revisions of stateful_set_compatibility_test.go."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minikube_py.controllers.runtime.history import (
    RevisionControl,
    new_revision,
    ordered,
    restored,
    revision_hash,
    revision_name,
    snapshot,
)
from minikube_py.machinery.errors import conflict
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import CONTROLLER_REVISIONS, STATEFUL_SET
from tests.controllers.apiworld import ApiWorld, api_world
from tests.watched_client import WatchedClient

LAW = settings(derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
"""No matter how busy the machine is."""

POD_SPEC = {
    "containers": [
        {
            "image": "test",
            "imagePullPolicy": "Always",
            "name": "test",
            "resources": {},
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
        }
    ],
    "dnsPolicy": "ClusterFirst",
    "restartPolicy": "Always",
    "schedulerName": "default-scheduler",
    "securityContext": {},
    "terminationGracePeriodSeconds": 30,
}


def stateful_set(name: str = "test", *, image: str = "test", **metadata: Any) -> Object:
    template = {"metadata": {"annotations": {"test": "value"}, "labels": {"app": "foo"}}, "spec": POD_SPEC}
    if image != "test":
        template["spec"] = {**POD_SPEC, "containers": [{"name": "test", "image": image}]}
    return {
        "metadata": {"name": name, "namespace": "default", "uid": f"uid of {name}", **metadata},
        "spec": {"template": template},
    }


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        pytest.param({}, "776999688b", id="as a server of 1.34 made it"),
        pytest.param({"creationTimestamp": None}, "c77f6d978", id="as a server of 1.33 made it"),
    ],
)
def test_hashes_are_those_of_real_servers(metadata: Object, expected: str) -> None:
    owner = stateful_set()
    template = owner["spec"]["template"]
    owner["spec"]["template"] = {**template, "metadata": {**template["metadata"], **metadata}}
    assert revision_hash(snapshot(owner), 0) == expected


def test_a_collision_changes_the_hash() -> None:
    data = snapshot(stateful_set())
    assert len({revision_hash(data, count) for count in (None, 0, 1, 2)}) == 4


@LAW
@given(st.text())
def test_hash_is_for_any_text(text: str) -> None:
    hash = revision_hash(snapshot(stateful_set(image=text or "x")), 0)
    assert hash and hash == revision_hash(snapshot(stateful_set(image=text or "x")), 0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("web", "web-abc", id="short"),
        pytest.param("a" * 223, "a" * 223 + "-abc", id="just short enough"),
        pytest.param("a" * 230, "a" * 223 + "-abc", id="cut"),
    ],
)
def test_name(name: str, expected: str) -> None:
    assert revision_name(name, "abc") == expected


def test_new_revision() -> None:
    owner = stateful_set(annotations={"kubernetes.io/change-cause": "why not"})
    made = new_revision(owner, STATEFUL_SET, 3, 0, "controller.kubernetes.io/hash")
    hash = made["metadata"]["labels"]["controller.kubernetes.io/hash"]
    assert made["metadata"]["name"] == f"test-{hash}"
    assert made["metadata"]["labels"] == {"app": "foo", "controller.kubernetes.io/hash": hash}
    assert made["metadata"]["annotations"] == {"kubernetes.io/change-cause": "why not"}
    assert made["metadata"]["ownerReferences"][0]["uid"] == "uid of test"
    assert (made["revision"], made["data"]) == (3, snapshot(owner))


def test_restoring_brings_back_the_template_alone() -> None:
    old, new = stateful_set(image="old"), stateful_set(image="new")
    new["spec"]["replicas"] = 7
    back = restored(new, {"data": snapshot(old)})
    assert back["spec"] == {"template": old["spec"]["template"], "replicas": 7}
    assert restored(new, {"data": {}}) is new


def test_order() -> None:
    def revision(name: str, number: int, created: str) -> Object:
        return {"metadata": {"name": name, "creationTimestamp": created}, "revision": number}

    early, late = "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"
    expected = [revision("z", 1, late), revision("b", 2, early), revision("c", 2, early), revision("a", 2, late)]
    assert ordered(reversed(expected)) == expected


async def stored(world: ApiWorld, owner: Object, number: int = 1, collisions: int = 0) -> Object | None:
    return await RevisionControl(world.client).create(
        new_revision(owner, STATEFUL_SET, number, collisions, "controller.kubernetes.io/hash")
    )


async def test_creating_again_finds_what_is_there() -> None:
    async with api_world() as world:
        first = await stored(world, stateful_set())
        assert first is not None and await stored(world, stateful_set()) == first


async def test_another_of_that_name_is_told() -> None:
    async with api_world() as world:
        made = new_revision(stateful_set(), STATEFUL_SET, 1, 0, "hash")
        await world.client.create(CONTROLLER_REVISIONS, {**made, "data": {"other": True}})
        assert await RevisionControl(world.client).create(made) is None


async def test_numbers_are_changed_over_conflicts() -> None:
    async with api_world() as world:
        made = await stored(world, stateful_set())
        assert made is not None
        client = WatchedClient(world.client)
        failures = [conflict(CONTROLLER_REVISIONS.group_resource, made["metadata"]["name"])] * 2
        client.reaction = lambda verb, resource, obj: failures.pop() if failures else None
        renumbered = await RevisionControl(client).renumber(made, 5)
        assert renumbered["revision"] == 5
        assert await RevisionControl(client).renumber(made, 5) == renumbered  # although its copy is an old one


async def test_deleting_twice_is_fine() -> None:
    async with api_world() as world:
        made = await stored(world, stateful_set())
        assert made is not None
        for _ in range(2):
            await RevisionControl(world.client).delete(made)
