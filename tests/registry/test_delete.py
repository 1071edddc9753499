"""Deletes: grace, finalizers, propagation, collections."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.machinery.gvr import Object
from tests.registry.api import JSON_PATCH, MAPS, MERGE_PATCH, PODS, Api

NOON = "2026-01-01T00:00:00Z"


async def make_pod(api: Api, node: str = "n", grace: int | None = None, **metadata: Any) -> Object:
    spec: Object = {"containers": [{"name": "c", "image": "i"}]}
    if node:
        spec["nodeName"] = node
    if grace is not None:
        spec["terminationGracePeriodSeconds"] = grace
    answer = await api.ask("POST", PODS, {"metadata": {"name": "p", **metadata}, "spec": spec})
    assert answer.status == 201, answer.message
    return dict(answer.json)


def deletion(obj: Object) -> tuple[str, int | None]:
    """Time of day and grace."""
    return obj["metadata"]["deletionTimestamp"][11:19], obj["metadata"].get("deletionGracePeriodSeconds")


# Grace


@pytest.mark.parametrize(
    ("node", "own", "asked", "left"),
    [
        pytest.param("n", None, None, ("00:00:30", 30), id="default"),
        pytest.param("n", 5, None, ("00:00:05", 5), id="its own"),
        pytest.param("n", 5, 60, ("00:01:00", 60), id="asked for"),
        pytest.param("n", 5, 0, None, id="none"),
        pytest.param("n", 5, -7, ("00:00:01", 1), id="negative"),
        pytest.param("n", 0, None, None, id="none of its own"),
        pytest.param("", None, None, None, id="not yet on a node"),
    ],
)
async def test_pods_are_given_grace(
    api: Api, node: str, own: int | None, asked: int | None, left: tuple[str, int] | None
) -> None:
    await make_pod(api, node, own)
    answer = await api.ask("DELETE", f"{PODS}/p", {} if asked is None else {"gracePeriodSeconds": asked})
    assert answer.status == 200
    found = await api.get(f"{PODS}/p")
    assert (deletion(found.json) if left else found.status) == (left or 404)


async def test_grace_is_shortened_but_never_lengthened(api: Api) -> None:
    await make_pod(api, grace=30)
    steps = [
        (0, None, ("00:00:30", 30)),
        (5, 60, ("00:00:30", 30)),
        (0, None, ("00:00:30", 30)),
        (0, 20, ("00:00:20", 20)),
        (10, 3, ("00:00:15", 1)),  # that was over already: the pod has one more second
    ]
    for wait, asked, left in steps:
        await api.cluster.advance(wait)
        await api.ask("DELETE", f"{PODS}/p", {} if asked is None else {"gracePeriodSeconds": asked})
        assert deletion((await api.get(f"{PODS}/p")).json) == left
    gone = await api.ask("DELETE", f"{PODS}/p", {"gracePeriodSeconds": 0})
    assert (gone.json["kind"], gone.json["metadata"]["name"]) == ("Pod", "p")
    assert (await api.get(f"{PODS}/p")).status == 404


async def test_a_repeated_delete_writes_nothing(api: Api) -> None:
    await make_pod(api, grace=30)
    await api.ask("DELETE", f"{PODS}/p")
    before = api.revision
    for _ in range(3):
        assert (await api.ask("DELETE", f"{PODS}/p")).status == 200
    assert api.revision == before


async def test_a_finalizer_outlasts_the_grace(api: Api) -> None:
    await make_pod(api, finalizers=["example.com/wait"])
    await api.ask("DELETE", f"{PODS}/p", {"gracePeriodSeconds": 0})
    pod = (await api.get(f"{PODS}/p")).json
    assert deletion(pod) == ("00:00:00", 0)
    await api.ask("PATCH", f"{PODS}/p", {"metadata": {"finalizers": None}}, MERGE_PATCH)
    assert (await api.get(f"{PODS}/p")).status == 404


async def test_grace_outlasts_the_finalizers(api: Api) -> None:
    await make_pod(api, finalizers=["example.com/wait"])
    await api.ask("DELETE", f"{PODS}/p")
    await api.ask("PATCH", f"{PODS}/p", {"metadata": {"finalizers": None}}, MERGE_PATCH)
    assert deletion((await api.get(f"{PODS}/p")).json) == ("00:00:30", 30)


# Finalizers


async def test_the_last_finalizer_gone_the_object_goes(api: Api) -> None:
    watch = await api.watch(MAPS)
    await api.put("a", "1", finalizers=["example.com/one", "example.com/two"])
    answer = await api.ask("DELETE", f"{MAPS}/a")
    assert (answer.status, answer.json["metadata"]["deletionTimestamp"]) == (200, NOON)
    assert answer.json["metadata"]["deletionGracePeriodSeconds"] == 0
    before = api.revision
    await api.cluster.advance(5)
    await api.ask("DELETE", f"{MAPS}/a")
    assert api.revision == before
    await api.ask("PATCH", f"{MAPS}/a", [{"op": "remove", "path": "/metadata/finalizers/0"}], JSON_PATCH)
    assert await watch.take() == ["ADDED a=1", "MODIFIED a=1", "MODIFIED a=1"]
    last = await api.ask("PATCH", f"{MAPS}/a", [{"op": "remove", "path": "/metadata/finalizers/0"}], JSON_PATCH)
    assert last.status == 200
    assert "finalizers" not in last.json["metadata"]
    assert (await watch.take())[-1] == "DELETED a=1"
    assert (await api.get(f"{MAPS}/a")).status == 404


@pytest.mark.parametrize(
    ("metadata", "status"),
    [
        pytest.param({"finalizers": ["example.com/one", "example.com/new"]}, 422, id="one more"),
        pytest.param({"finalizers": ["example.com/new"]}, 422, id="another"),
        pytest.param({"labels": {"l": "1"}}, 200, id="label"),
        pytest.param({"deletionTimestamp": None}, 200, id="taking it back is ignored"),
    ],
)
async def test_what_is_being_deleted_gets_no_new_finalizers(api: Api, metadata: Object, status: int) -> None:
    await api.put("a", "1", finalizers=["example.com/one"])
    await api.ask("DELETE", f"{MAPS}/a")
    answer = await api.ask("PATCH", f"{MAPS}/a", {"metadata": metadata}, MERGE_PATCH)
    assert answer.status == status
    assert "deletionTimestamp" in (await api.get(f"{MAPS}/a")).json["metadata"]


async def test_what_is_being_deleted_blocks_its_name(api: Api) -> None:
    await api.put("a", "1", finalizers=["example.com/one"])
    await api.ask("DELETE", f"{MAPS}/a")
    answer = await api.ask("POST", MAPS, {"metadata": {"name": "a"}})
    assert (answer.status, answer.message) == (409, 'object is being deleted: configmaps "a" already exists')


# Propagation


@pytest.mark.parametrize(
    ("options", "finalizers"),
    [
        pytest.param({}, None, id="default"),
        pytest.param({"propagationPolicy": "Background"}, None, id="background"),
        pytest.param({"propagationPolicy": "Foreground"}, ["foregroundDeletion"], id="foreground"),
        pytest.param({"propagationPolicy": "Orphan"}, ["orphan"], id="orphan"),
        pytest.param({"orphanDependents": True}, ["orphan"], id="old orphan"),
        pytest.param({"orphanDependents": False}, None, id="old background"),
    ],
)
async def test_propagation_is_asked_of_the_garbage_collector_by_finalizers(
    api: Api, options: Object, finalizers: list[str] | None
) -> None:
    await api.put("a", "1")
    answer = await api.ask("DELETE", f"{MAPS}/a", options)
    found = await api.get(f"{MAPS}/a")
    assert answer.status == 200
    assert found.json.get("metadata", {}).get("finalizers") == finalizers
    assert found.status == (200 if finalizers else 404)


@pytest.mark.parametrize(
    ("first", "then", "finalizers"),
    [
        pytest.param("Foreground", "Orphan", ["orphan"], id="orphan after all"),
        pytest.param("Orphan", "Foreground", ["foregroundDeletion"], id="foreground after all"),
        pytest.param("Foreground", "Background", None, id="background after all"),
        pytest.param("Foreground", "", ["foregroundDeletion"], id="nothing said"),
    ],
)
async def test_propagation_may_change_while_it_lasts(
    api: Api, first: str, then: str, finalizers: list[str] | None
) -> None:
    await api.put("a", "1")
    await api.ask("DELETE", f"{MAPS}/a", {"propagationPolicy": first})
    await api.ask("DELETE", f"{MAPS}/a", {"propagationPolicy": then} if then else {})
    found = (await api.get(f"{MAPS}/a")).json
    assert found.get("metadata", {}).get("finalizers") == finalizers


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"propagationPolicy": "Sideways"}, 422, id="policy"),
        pytest.param({"propagationPolicy": "Orphan", "orphanDependents": True}, 422, id="both"),
        pytest.param({"gracePeriodSeconds": "x"}, 400, id="grace"),
        pytest.param({"dryRun": ["Some"]}, 422, id="dry run"),
        pytest.param({"kind": "Pod", "apiVersion": "v1"}, 400, id="kind"),
        pytest.param([], 400, id="list"),
    ],
)
async def test_options_that_are_refused(api: Api, body: Any, status: int) -> None:
    await api.put("a", "1")
    assert (await api.ask("DELETE", f"{MAPS}/a", body)).status == status
    assert (await api.get(f"{MAPS}/a")).status == 200


async def test_options_may_stand_in_the_query(api: Api) -> None:
    await api.put("a", "1")
    await api.ask("DELETE", f"{MAPS}/a", propagationPolicy="Orphan")
    assert (await api.get(f"{MAPS}/a")).json["metadata"]["finalizers"] == ["orphan"]
    await make_pod(api)
    await api.ask("DELETE", f"{PODS}/p", gracePeriodSeconds=7)
    assert deletion((await api.get(f"{PODS}/p")).json) == ("00:00:07", 7)


# Collections


async def test_a_collection_is_deleted_by_selector(api: Api) -> None:
    for name, color in (("a", "red"), ("b", "blue"), ("c", "red")):
        await api.put(name, labels={"color": color})
    answer = await api.ask("DELETE", MAPS, labelSelector="color=red")
    assert (answer.status, answer.json["kind"], answer.names) == (200, "ConfigMapList", ["a", "c"])
    assert (await api.get(MAPS)).names == ["b"]


async def test_a_collection_takes_the_options_of_a_delete(api: Api) -> None:
    for name in "ab":
        await api.put(name)
    await api.ask("DELETE", MAPS, dryRun="All")
    assert (await api.get(MAPS)).names == ["a", "b"]
    await api.ask("DELETE", MAPS, {"propagationPolicy": "Foreground"})
    for item in (await api.get(MAPS)).json["items"]:
        assert item["metadata"]["finalizers"] == ["foregroundDeletion"]


async def test_what_is_not_there_cannot_be_deleted(api: Api) -> None:
    answer = await api.ask("DELETE", f"{MAPS}/a")
    assert (answer.status, answer.message) == (404, 'configmaps "a" not found')
    assert (await api.ask("DELETE", MAPS)).json["items"] == []
