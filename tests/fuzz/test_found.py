"""What fuzzing has found, each as it was."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.fuzz.world import world

TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
JSON = {"Content-Type": "application/json"}
MERGE = {"Content-Type": "application/merge-patch+json"}


async def test_bookmarks_of_every_kind_as_tables() -> None:
    async with world() as each:
        for resource in list(each.cluster.registry.catalog):
            if "watch" in resource.verbs:
                path = f"/{'apis' if resource.group else 'api'}/{resource.api_version}/{resource.plural}"
                query = {
                    "watch": "1",
                    "allowWatchBookmarks": "true",
                    "sendInitialEvents": "true",
                    "resourceVersionMatch": "NotOlderThan",
                }
                reply = await each.ask("GET", path, query, TABLE, None)
                assert b"initial-events-end" in each.streamed, path
                assert reply.status == 200


@pytest.mark.parametrize(
    ("plural", "kind"), [("deployments", "Deployment"), ("replicasets", "ReplicaSet"), ("statefulsets", "StatefulSet")]
)
async def test_counters_below_zero(plural: str, kind: str) -> None:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    spec: dict[str, Any] = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
    body = {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "x"}, "spec": spec}
    path = f"/apis/apps/v1/namespaces/default/{plural}"
    json = {"Content-Type": "application/json"}
    async with world() as each:
        assert (await each.ask("POST", path, {}, json, body)).status == 201
        reply = await each.ask("PATCH", f"{path}/x/status", {}, MERGE, {"status": {"replicas": -1}})
        assert reply.status == 422


async def test_apply_in_another_version_than_before() -> None:
    """What a manager has owned is converted without the rest: an autoscaler without a spec."""
    path = "/apis/autoscaling/{}/namespaces/default/horizontalpodautoscalers"
    full = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}, "maxReplicas": 3}
    apply = {"Content-Type": "application/apply-patch+yaml"}
    async with world() as each:

        async def send(method: str, version: str, spec: dict[str, Any], headers: dict[str, str]) -> int:
            kind = {"apiVersion": f"autoscaling/{version}", "kind": "HorizontalPodAutoscaler"}
            where = path.format(version) + ("" if method == "POST" else "/b")
            body = {**kind, "metadata": {"name": "b"}, "spec": spec}
            force = {} if method == "POST" else {"force": "true"}
            return (await each.ask(method, where, {"fieldManager": "m"} | force, headers, body)).status

        assert await send("POST", "v1", full, {"Content-Type": "application/json"}) == 201
        assert await send("PATCH", "v2", {"minReplicas": 2}, apply) == 200
        assert await send("PATCH", "v2", {}, apply) == 200
        assert await send("PATCH", "v1", {"targetCPUUtilizationPercentage": 55}, apply) == 200


@pytest.mark.parametrize(
    ("unknown", "warned"),
    [
        pytest.param(["plain"], ['299 - "unknown field \\"plain\\""'], id="plain"),
        pytest.param(["a\u0092b"], ['299 - "unknown field \\"a\\\\u0092b\\""'], id="control-character"),
        pytest.param(["a\r\nB: c"], ['299 - "unknown field \\"a\\\\r\\\\nB: c\\""'], id="line-break"),
    ],
)
async def test_unknown_fields_of_any_character(unknown: list[str], warned: list[str]) -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}} | dict.fromkeys(unknown, 1)
    async with world() as each:
        reply = await each.ask("POST", "/api/v1/namespaces/default/configmaps", {}, JSON, body)
        assert reply.status == 201
        assert [value for key, value in reply.headers if key == "Warning"] == warned


async def test_warnings_that_no_header_can_hold() -> None:
    """A strategic merge patch names its unknown fields unescaped."""
    path = "/api/v1/namespaces/default/configmaps"
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}
    strategic = {"Content-Type": "application/strategic-merge-patch+json"}
    async with world() as each:
        assert (await each.ask("POST", path, {}, JSON, body)).status == 201
        reply = await each.ask("PATCH", f"{path}/x", {}, strategic, {"a\u0092b": 1, "a\r\nB: c": 1, "plain": 1})
        assert reply.status == 200
        assert [value for key, value in reply.headers if key == "Warning"] == ['299 - "unknown field \\"plain\\""']


async def test_more_warnings_than_headers_hold() -> None:
    unknown = {f"{number:03}{'x' * 400}": 1 for number in range(100)}
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, **unknown}
    async with world() as each:
        reply = await each.ask("POST", "/api/v1/namespaces/default/configmaps", {}, JSON, body)
        warned = [value for key, value in reply.headers if key == "Warning"]
        assert len(warned) == 16
        assert warned[0] == '299 - "unknown field \\"000' + "x" * 238 + '"'


@pytest.mark.parametrize(
    ("replicas", "status", "message"),
    [
        pytest.param(2.0, 201, "", id="whole"),
        pytest.param(
            2.5,
            500,
            "failed to convert new object (default/x; apps/v1, Kind=Deployment) to proper version: "
            "unable to convert unstructured object to apps/v1, Kind=Deployment: cannot convert float64 to int32",
            id="fraction",
        ),
    ],
)
async def test_applied_numbers_of_another_type(replicas: float, status: int, message: str) -> None:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"a": "b"}}, "template": template}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x", "namespace": "default"}}
    path = "/apis/apps/v1/namespaces/default/deployments/x"
    apply = {"Content-Type": "application/apply-patch+yaml"}
    async with world() as each:
        reply = await each.ask("PATCH", path, {"fieldManager": "m"}, apply, {**body, "spec": spec})
        assert reply.status == status
        assert orjson.loads(reply.body).get("message", "") == message
