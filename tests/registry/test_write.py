"""Creates and updates: names, dry runs, versions, unknown fields, patches, managedFields."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.api.registry import creation
from minikube_py.machinery.gvr import Object
from tests.registry.api import (
    APPLY_PATCH,
    DEPLOYMENTS,
    JSON_PATCH,
    MAPS,
    MERGE_PATCH,
    NODES,
    PODS,
    STRATEGIC_PATCH,
    Api,
    Stream,
)

A_POD: Object = {
    "metadata": {"name": "p", "labels": {"a": "1"}},
    "spec": {
        "containers": [{"name": "c", "image": "i:1"}, {"name": "d", "image": "j:1"}],
        "automountServiceAccountToken": False,
    },
}


def a_map(**metadata: Any) -> Object:
    return {"metadata": metadata}


# Names


async def test_generated_names_extend_the_prefix(api: Api) -> None:
    made = [(await api.ask("POST", MAPS, a_map(generateName="m-"))).json for _ in range(20)]
    names = [each["metadata"]["name"] for each in made]
    assert len(set(names)) == 20
    assert all(name.startswith("m-") and len(name) == 7 for name in names)
    long = (await api.ask("POST", MAPS, a_map(generateName="x" * 80))).json["metadata"]["name"]
    assert len(long) == 63


async def test_a_generated_name_that_is_taken_is_drawn_again(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    suffixes = iter(["taken", "taken", "taken", "fresh"])
    monkeypatch.setattr(api.cluster.registry.random, "suffix", lambda length: next(suffixes))
    for expected in ("m-taken", "m-fresh"):
        answer = await api.ask("POST", MAPS, a_map(generateName="m-"))
        assert (answer.status, answer.json["metadata"]["name"]) == (201, expected)


async def test_names_that_are_always_taken_are_given_up(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    monkeypatch.setattr(api.cluster.registry.random, "suffix", lambda length: drawn.append(length) or "taken")
    await api.ask("POST", MAPS, a_map(generateName="m-"))
    answer = await api.ask("POST", MAPS, a_map(generateName="m-"))
    assert (answer.status, answer.json["reason"]) == (409, "AlreadyExists")
    assert len(drawn) == 1 + creation.NAME_ATTEMPTS
    assert answer.json["details"]["retryAfterSeconds"] == 1


async def test_a_name_wins_over_a_prefix(api: Api) -> None:
    for status in (201, 409):
        answer = await api.ask("POST", MAPS, a_map(name="fixed", generateName="m-"))
        assert answer.status == status


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        pytest.param(MAPS, a_map(name="a", namespace="other"), 400, id="another namespace"),
        pytest.param(MAPS, a_map(name="a", namespace="default"), 201, id="the namespace"),
        pytest.param(NODES, a_map(name="a", namespace="default"), 201, id="a namespace too many"),
        pytest.param(MAPS, a_map(), 422, id="no name"),
        pytest.param(MAPS, a_map(name="A"), 422, id="capital"),
        pytest.param(MAPS, {}, 422, id="nothing"),
        pytest.param("/api/v1/namespaces/none/configmaps", a_map(name="a"), 404, id="no namespace"),
    ],
)
async def test_where_things_may_be_created(api: Api, path: str, body: Object, status: int) -> None:
    assert (await api.ask("POST", path, body)).status == status


async def test_what_the_server_alone_says_is_wiped(api: Api) -> None:
    given = {"uid": "mine", "creationTimestamp": "2000-01-01T00:00:00Z", "deletionTimestamp": "2000-01-01T00:00:00Z"}
    made = (await api.ask("POST", MAPS, a_map(name="a", **given, deletionGracePeriodSeconds=5))).json["metadata"]
    assert made["uid"] != "mine"
    assert made["creationTimestamp"] == "2026-01-01T00:00:00Z"
    assert "deletionTimestamp" not in made


async def test_two_of_a_name(api: Api) -> None:
    await api.put("a")
    answer = await api.ask("POST", MAPS, a_map(name="a"))
    assert (answer.status, answer.message) == (409, 'configmaps "a" already exists')
    assert answer.json["details"] == {"name": "a", "kind": "configmaps"}


# Nothing happens


async def watched(api: Api) -> Stream:
    return await api.watch(MAPS, resourceVersion=api.revision)


@pytest.mark.parametrize(
    ("method", "path", "body", "content_type", "status"),
    [
        pytest.param("POST", MAPS, a_map(name="b"), "", 201, id="create"),
        pytest.param("POST", MAPS, a_map(name="a"), "", 409, id="create again"),
        pytest.param("POST", MAPS, a_map(generateName="b-"), "", 201, id="generate"),
        pytest.param("PUT", f"{MAPS}/a", {**a_map(name="a"), "data": {"v": "2"}}, "", 200, id="update"),
        pytest.param("PATCH", f"{MAPS}/a", {"data": {"v": "2"}}, MERGE_PATCH, 200, id="patch"),
        pytest.param("DELETE", f"{MAPS}/a", None, "", 200, id="delete"),
        pytest.param("DELETE", MAPS, None, "", 200, id="delete all"),
        pytest.param("POST", PODS, A_POD, "", 201, id="create a pod"),
        pytest.param(
            "POST",
            "/api/v1/namespaces/default/services",
            {"metadata": {"name": "s"}, "spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30001}]}},
            "",
            201,
            id="create a service",
        ),
    ],
)
async def test_a_dry_run_changes_nothing(
    api: Api, method: str, path: str, body: Any, content_type: str, status: int
) -> None:
    await api.put("a", "1")
    watch, before = await watched(api), api.revision
    for _ in range(2):
        answer = await api.ask(method, path, body, content_type, dryRun="All")
        assert answer.status == status
    assert api.revision == before
    assert await watch.take() == []
    # and it takes nothing: the same can be done in earnest
    assert (await api.ask(method, path, body, content_type)).status == status


async def test_a_dry_run_shows_what_would_be(api: Api) -> None:
    await api.put("a", "1")
    answer = await api.ask("PATCH", f"{MAPS}/a", {"data": {"v": "2"}}, MERGE_PATCH, dryRun="All")
    assert answer.json["data"] == {"v": "2"}
    made = await api.ask("POST", PODS, A_POD, dryRun="All")
    assert made.json["metadata"]["uid"] and made.json["spec"]["restartPolicy"] == "Always"
    assert (await api.get(f"{PODS}/p")).status == 404


@pytest.mark.parametrize("dry_run", ["", "None", "all"])
async def test_other_dry_runs_are_refused(api: Api, dry_run: str) -> None:
    assert (await api.ask("POST", MAPS, a_map(name="a"), dryRun=dry_run)).status == 422


async def test_an_update_that_changes_nothing_is_none(api: Api) -> None:
    made = await api.put("a", "1", labels={"l": "1"})
    watch, before = await watched(api), api.revision
    await api.cluster.advance(5)
    bodies: list[tuple[str, Any, str, dict[str, str]]] = [
        ("PUT", made, "", {}),
        ("PUT", {**made, "metadata": {"name": "a", "labels": {"l": "1"}}}, "", {}),
        ("PATCH", {}, MERGE_PATCH, {}),
        ("PATCH", {"data": {"v": "1"}}, STRATEGIC_PATCH, {}),
        ("PATCH", [], JSON_PATCH, {}),
        ("PATCH", [{"op": "test", "path": "/data/v", "value": "1"}], JSON_PATCH, {}),
    ]
    for method, body, content_type, query in bodies:
        answer = await api.ask(method, f"{MAPS}/a", body, content_type, **query)
        assert (answer.status, answer.json) == (200, made)
    assert api.revision == before
    assert await watch.take() == []


async def test_applying_again_changes_nothing(api: Api) -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"v": "1"}}
    first = await api.ask("PATCH", f"{MAPS}/a", config, APPLY_PATCH, fieldManager="me")
    assert first.status == 201
    await api.cluster.advance(5)
    again = await api.ask("PATCH", f"{MAPS}/a", config, APPLY_PATCH, fieldManager="me")
    assert (again.status, again.json) == (200, first.json)


# Versions


@pytest.mark.parametrize(
    ("version", "status"),
    [
        pytest.param("now", 200, id="current"),
        pytest.param("", 200, id="none"),
        pytest.param("0", 200, id="0"),
        pytest.param("old", 409, id="old"),
        pytest.param("999999", 409, id="future"),
    ],
)
async def test_updates_are_locked_by_version(api: Api, version: str, status: int) -> None:
    old = (await api.put("a", "1"))["metadata"]["resourceVersion"]
    now = (await api.put("a", "2"))["metadata"]["resourceVersion"]
    given = {"old": old, "now": now}.get(version, version)
    put = await api.ask("PUT", f"{MAPS}/a", {**a_map(name="a", resourceVersion=given), "data": {"v": "3"}})
    assert put.status == status
    if status == 409:
        assert put.message == (
            'Operation cannot be fulfilled on configmaps "a": the object has been modified; '
            "please apply your changes to the latest version and try again"
        )
        body = {"metadata": {"resourceVersion": given}, "data": {"v": "3"}}
        assert (await api.ask("PATCH", f"{MAPS}/a", body, MERGE_PATCH)).status == 409


@pytest.mark.parametrize(
    ("uid", "version", "status"),
    [
        pytest.param("right", "right", 200, id="right"),
        pytest.param("wrong", None, 409, id="uid"),
        pytest.param(None, "1", 409, id="version"),
        pytest.param("right", "1", 409, id="one of both"),
    ],
)
async def test_deletes_have_preconditions(api: Api, uid: str | None, version: str | None, status: int) -> None:
    meta = (await api.put("a", "1"))["metadata"]
    conditions = {"uid": meta["uid"] if uid == "right" else uid}
    conditions["resourceVersion"] = meta["resourceVersion"] if version == "right" else version
    body = {"preconditions": {name: value for name, value in conditions.items() if value}}
    answer = await api.ask("DELETE", f"{MAPS}/a", body)
    assert answer.status == status
    assert (await api.get(f"{MAPS}/a")).status == (404 if status == 200 else 200)


async def test_another_uid_is_another_object(api: Api) -> None:
    await api.put("a", "1")
    answer = await api.ask("PUT", f"{MAPS}/a", a_map(name="a", uid="other"))
    assert (answer.status, answer.json["reason"]) == (409, "Conflict")


# Unknown fields


@pytest.mark.parametrize(
    ("validation", "status", "warnings"),
    [
        pytest.param("", 201, ['unknown field \\"metadata.x\\"', 'unknown field \\"y\\"'], id="default"),
        pytest.param("Warn", 201, ['unknown field \\"metadata.x\\"', 'unknown field \\"y\\"'], id="Warn"),
        pytest.param("Ignore", 201, [], id="Ignore"),
        pytest.param("Strict", 400, [], id="Strict"),
        pytest.param("strict", 422, [], id="no such"),
    ],
)
async def test_unknown_fields(api: Api, validation: str, status: int, warnings: list[str]) -> None:
    body = {"metadata": {"name": "a", "x": 1}, "y": {"z": 2}, "data": {"v": "1"}}
    answer = await api.ask("POST", MAPS, body, fieldValidation=validation)
    assert (answer.status, answer.warnings) == (status, warnings)
    if status == 201:
        assert "y" not in answer.json and answer.json["data"] == {"v": "1"}
    elif status == 400:
        assert answer.message.endswith('strict decoding error: unknown field "metadata.x", unknown field "y"')


@pytest.mark.parametrize("validation", ["Ignore", "Warn", "Strict"])
async def test_fields_that_occur_twice(api: Api, validation: str) -> None:
    body = b'{"metadata":{"name":"a","name":"b"},"data":{"v":"1","v":"2"}}'
    answer = await api.ask("POST", MAPS, body, fieldValidation=validation)
    found = 'duplicate field "metadata.name", duplicate field "data.v"'
    if validation == "Strict":
        assert (answer.status, answer.message.partition("error: ")[2]) == (400, found)
    else:
        assert (answer.status, answer.json["metadata"]["name"], answer.json["data"]) == (201, "b", {"v": "2"})
        shown = [each.replace("\\", "") for each in answer.warnings]
        assert shown == ([] if validation == "Ignore" else found.split(", "))


async def test_problems_are_told_in_the_order_of_the_text(api: Api) -> None:
    body = b'{"metadata":{"x":{"a":1,"a":2},"name":"a"},"data":{"v":"1","v":"2"},"y":0}'
    answer = await api.ask("POST", MAPS, body, fieldValidation="Strict")
    found = 'unknown field "metadata.x", duplicate field "data.v", unknown field "y"'
    assert (answer.status, answer.message.partition("error: ")[2]) == (400, found)


# Patches


@pytest.mark.parametrize(
    ("content_type", "patch", "images"),
    [
        pytest.param(
            JSON_PATCH,
            [{"op": "replace", "path": "/spec/containers/1/image", "value": "j:2"}],
            ["i:1", "j:2"],
            id="JSON",
        ),
        pytest.param(
            MERGE_PATCH,
            {"spec": {"containers": [{"name": "c", "image": "i:2"}, {"name": "d", "image": "j:2"}]}},
            ["i:2", "j:2"],
            id="merge",
        ),
        pytest.param(
            STRATEGIC_PATCH, {"spec": {"containers": [{"name": "d", "image": "j:2"}]}}, ["i:1", "j:2"], id="strategic"
        ),
        pytest.param(
            APPLY_PATCH,
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "p"},
                "spec": {"containers": [{"name": "d", "image": "j:2"}]},
            },
            ["i:1", "j:2"],
            id="apply",
        ),
    ],
)
async def test_the_four_patches(api: Api, content_type: str, patch: Any, images: list[str]) -> None:
    await api.ask("POST", PODS, A_POD)
    query = {"fieldManager": "me", "force": "true"} if content_type == APPLY_PATCH else {}
    answer = await api.ask("PATCH", f"{PODS}/p", patch, content_type, **query)
    assert answer.status == 200, answer.message
    assert [container["image"] for container in answer.json["spec"]["containers"]] == images
    missing = await api.ask("PATCH", f"{PODS}/q", patch, content_type, **query)
    assert missing.status == (400 if content_type == APPLY_PATCH else 404)


@pytest.mark.parametrize(
    ("content_type", "patch", "status"),
    [
        pytest.param(JSON_PATCH, [{"op": "test", "path": "/data/v", "value": "other"}], 422, id="failed test"),
        pytest.param(JSON_PATCH, [{"op": "remove", "path": "/data/none"}], 422, id="nothing to remove"),
        pytest.param(JSON_PATCH, {"op": "remove"}, 400, id="no list"),
        pytest.param(MERGE_PATCH, [], 400, id="no map"),
        pytest.param(MERGE_PATCH, {"metadata": {"name": "b"}}, 400, id="another name"),
        pytest.param(MERGE_PATCH, {"metadata": {"namespace": "b"}}, 400, id="another namespace"),
        pytest.param(MERGE_PATCH, {"metadata": {"uid": "b"}}, 422, id="another uid"),
        pytest.param(MERGE_PATCH, {"kind": "Pod"}, 422, id="another kind"),
        pytest.param(STRATEGIC_PATCH, {"data": {"v": 5}}, 422, id="wrong type"),
        pytest.param(APPLY_PATCH, {"data": {"v": "2"}}, 422, id="no field manager"),
        pytest.param("application/xml", {}, 415, id="media type"),
    ],
)
async def test_patches_that_are_refused(api: Api, content_type: str, patch: Any, status: int) -> None:
    before = await api.put("a", "1")
    answer = await api.ask("PATCH", f"{MAPS}/a", patch, content_type)
    assert answer.status == status
    assert (await api.get(f"{MAPS}/a")).json == before


# Who wrote what


def managers(obj: Object) -> list[tuple[str, str, str, str]]:
    """Manager, operation, time of day, subresource."""
    return [
        (each["manager"], each["operation"], each["time"][11:19], each.get("subresource", ""))
        for each in obj["metadata"]["managedFields"]
    ]


async def test_managed_fields_tell_who_wrote_when(api: Api) -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "1"}}
    await api.ask("POST", MAPS, {"metadata": {"name": "a"}, "data": {"v": "1"}}, fieldManager="one")
    await api.cluster.advance(10)
    await api.ask("PATCH", f"{MAPS}/a", config, APPLY_PATCH, fieldManager="two")
    await api.cluster.advance(10)
    await api.ask("PATCH", f"{MAPS}/a", {"data": {"y": "1"}}, MERGE_PATCH)
    await api.cluster.advance(10)
    await api.ask("PATCH", f"{MAPS}/a", {"data": {"v": "1"}}, MERGE_PATCH, fieldManager="one")
    obj = (await api.get(f"{MAPS}/a")).json
    assert managers(obj) == [
        ("two", "Apply", "00:00:10", ""),
        ("one", "Update", "00:00:00", ""),
        ("tests", "Update", "00:00:20", ""),
    ]


async def test_the_status_has_managers_of_its_own(api: Api) -> None:
    await api.ask("POST", NODES, {"metadata": {"name": "n", "labels": {"l": "1"}}})
    await api.cluster.advance(10)
    body = {"status": {"nodeInfo": {"kubeletVersion": "v1"}}}
    await api.ask("PATCH", f"{NODES}/n/status", body, STRATEGIC_PATCH, fieldManager="kubelet")
    obj = (await api.get(f"{NODES}/n")).json
    assert managers(obj)[-1] == ("kubelet", "Update", "00:00:10", "status")


async def test_what_nobody_managed_so_far_is_not_tracked(api: Api) -> None:
    await api.ask("POST", NODES, {"metadata": {"name": "n"}})
    answer = await api.ask("PATCH", f"{NODES}/n", {"metadata": {"labels": {"l": "1"}}}, MERGE_PATCH)
    assert "managedFields" not in answer.json["metadata"]


# Status apart


async def test_spec_and_status_are_written_apart(api: Api) -> None:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": A_POD["spec"]}
    spec = {"replicas": 1, "selector": {"matchLabels": {"a": "b"}}, "template": template}
    body = {"metadata": {"name": "d"}, "spec": spec, "status": {"replicas": 7}}
    made = (await api.ask("POST", DEPLOYMENTS, body)).json
    assert (made["status"], made["metadata"]["generation"]) == ({}, 1)

    changed = {**made, "spec": {**made["spec"], "replicas": 2}, "status": {"replicas": 5}}
    by_status = (await api.ask("PUT", f"{DEPLOYMENTS}/d/status", changed)).json
    assert (by_status["spec"]["replicas"], by_status["status"], by_status["metadata"]["generation"]) == (
        1,
        {"replicas": 5},
        1,
    )
    changed["metadata"] = {**by_status["metadata"]}
    changed["status"] = {"replicas": 9}
    by_spec = (await api.ask("PUT", f"{DEPLOYMENTS}/d", changed)).json
    assert (by_spec["spec"]["replicas"], by_spec["status"], by_spec["metadata"]["generation"]) == (
        2,
        {"replicas": 5},
        2,
    )


async def test_scale_is_a_view_of_the_object(api: Api) -> None:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": A_POD["spec"]}
    spec = {"replicas": 1, "selector": {"matchLabels": {"a": "b"}}, "template": template}
    await api.ask("POST", DEPLOYMENTS, {"metadata": {"name": "d"}, "spec": spec})
    scale = (await api.get(f"{DEPLOYMENTS}/d/scale")).json
    assert (scale["kind"], scale["spec"], scale["status"]["selector"]) == ("Scale", {"replicas": 1}, "a=b")
    scale["spec"]["replicas"] = 4
    written = (await api.ask("PUT", f"{DEPLOYMENTS}/d/scale", scale)).json
    assert written["spec"] == {"replicas": 4}
    assert (await api.get(f"{DEPLOYMENTS}/d")).json["spec"]["replicas"] == 4
    assert (await api.ask("PUT", f"{DEPLOYMENTS}/d/scale", scale)).status == 409


# What can be written at all

FOOS = "/apis/example.com/v1/namespaces/default/foos"


async def serve_foos(api: Api) -> None:
    """A kind of objects that take any fields."""
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": anything}}
    names = {"plural": "foos", "singular": "foo", "kind": "Foo", "listKind": "FooList"}
    spec = {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [version]}
    body = {"metadata": {"name": "foos.example.com"}, "spec": spec}
    answer = await api.ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", body)
    assert answer.status == 201, answer.message
    await api.cluster.settle()


def foo(name: str, spec: str) -> bytes:
    head = f'"apiVersion": "example.com/v1", "kind": "Foo", "metadata": {{"name": "{name}"}}'
    return f'{{{head}, "spec": {spec}}}'.encode()


@pytest.mark.parametrize("depth", [10, 200, 300, 450, 900, 5000])
async def test_what_is_nested_too_deeply_is_never_stored(api: Api, depth: int) -> None:
    await serve_foos(api)
    answer = await api.ask("POST", FOOS, foo("a", '{"x":' * depth + "1" + "}" * depth))
    assert answer.status == (201 if depth <= 200 else 400)
    if depth > 200:
        assert "max depth" in answer.message
    assert len((await api.get(FOOS, pretty="true")).names) == (depth <= 200)


async def test_patches_cannot_nest_deeper(api: Api) -> None:
    await serve_foos(api)
    await api.ask("POST", FOOS, foo("a", '{"x":' * 100 + "1" + "}" * 100))
    copy = [{"op": "copy", "from": "/spec", "path": "/spec" + "/x" * 99}]
    statuses = [(await api.ask("PATCH", f"{FOOS}/a", copy, JSON_PATCH)).status for _ in range(3)]
    assert set(statuses[1:]) == {400}
    assert len((await api.get(FOOS)).names) == 1


async def test_integers_of_any_size_are_stored_as_numbers(api: Api) -> None:
    await serve_foos(api)
    answer = await api.ask("POST", FOOS, foo("a", '{"a": 18446744073709551616, "b": [9223372036854775807]}'))
    assert answer.json["spec"] == {"a": 2.0**64, "b": [2**63 - 1]}
    assert (await api.get(FOOS)).json["items"][0]["spec"] == answer.json["spec"]
