"""What answers look like: media types, tables, metadata alone, indentation; and what has no answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from minikube_py.cluster import Cluster
from tests.server.conftest import CONFIG_MAPS, MAPS
from tests.server.http11 import Connection

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
METADATA = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
METADATA_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"


@pytest.fixture
async def a_map(cluster: Cluster) -> dict[str, Any]:
    obj = {"metadata": {"name": "a", "namespace": "default", "labels": {"l": "1"}}, "data": {"k": "v", "n": "w"}}
    return await cluster.client.create(CONFIG_MAPS, obj)


@pytest.mark.parametrize(
    ("query", "agent", "indented"),
    [
        pytest.param("", "kubectl/v1.36", False, id="kubectl"),
        pytest.param("", "curl/8.0", True, id="curl"),
        pytest.param("", "Mozilla/5.0", True, id="browser"),
        pytest.param("?pretty=true", "kubectl/v1.36", True, id="asked for"),
        pytest.param("?pretty", "kubectl/v1.36", False, id="asked for without a value"),
        pytest.param("?pretty=false", "curl/8.0", False, id="asked against"),
    ],
)
async def test_people_get_indented_json(
    http: Connection, a_map: dict[str, Any], query: str, agent: str, indented: bool
) -> None:
    for path in (f"{MAPS}/a", f"{MAPS}/missing", "/apis"):
        answer = await http.request("GET", path + query, headers={"User-Agent": agent})
        assert (b'{\n  "kind"' in answer.body) is indented
        assert isinstance(answer.json, dict)


async def test_yaml(http: Connection, a_map: dict[str, Any]) -> None:
    answer = await http.request("GET", f"{MAPS}/a", headers={"Accept": "application/yaml"})
    assert answer.headers["content-type"] == "application/yaml"
    assert yaml.safe_load(answer.body)["data"] == {"k": "v", "n": "w"}
    missing = await http.request("GET", f"{MAPS}/missing", headers={"Accept": "application/yaml"})
    assert yaml.safe_load(missing.body)["reason"] == "NotFound"


async def test_a_table_of_one_and_of_all(http: Connection, a_map: dict[str, Any]) -> None:
    for path in (MAPS, f"{MAPS}/a"):
        answer = await http.request("GET", path, headers={"Accept": TABLE})
        table = answer.json
        assert (table["kind"], table["apiVersion"]) == ("Table", "meta.k8s.io/v1")
        assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Data", "Age"]
        (row,) = table["rows"]
        assert row["cells"] == ["a", 2, "0s"]
        assert row["object"]["kind"] == "PartialObjectMetadata"
        assert row["object"]["metadata"]["labels"] == {"l": "1"}


async def test_the_ages_of_a_table_grow(cluster: Cluster, http: Connection, a_map: dict[str, Any]) -> None:
    for seconds, age in ((0, "0s"), (59, "59s"), (61, "2m"), (86400, "24h"), (86400 * 3, "4d")):
        await cluster.advance(seconds)
        answer = await http.request("GET", MAPS, headers={"Accept": TABLE})
        assert answer.json["rows"][0]["cells"][2] == age


@pytest.mark.parametrize(
    ("include", "kind"),
    [("None", None), ("Metadata", "PartialObjectMetadata"), ("Object", "ConfigMap"), ("", "PartialObjectMetadata")],
)
async def test_what_comes_with_a_row(http: Connection, a_map: dict[str, Any], include: str, kind: str | None) -> None:
    answer = await http.request("GET", f"{MAPS}?includeObject={include}", headers={"Accept": TABLE})
    obj = answer.json["rows"][0]["object"]
    assert (obj["kind"] if obj else None) == kind


async def test_a_table_watch_tells_its_columns_once(http: Connection, a_map: dict[str, Any]) -> None:
    http.start("GET", f"{MAPS}?watch=1&resourceVersion=0", headers={"Accept": TABLE})
    await http.head()
    other = await Connection.open(http.writer.get_extra_info("peername")[1])
    type, table = await http.event()
    assert (type, len(table["columnDefinitions"]), table["rows"][0]["cells"][0]) == ("ADDED", 3, "a")
    await other.request("DELETE", f"{MAPS}/a")
    type, table = await http.event()
    assert (type, table["columnDefinitions"], table["rows"][0]["cells"][0]) == ("DELETED", None, "a")
    other.close()


async def test_metadata_alone(http: Connection, a_map: dict[str, Any]) -> None:
    one = (await http.request("GET", f"{MAPS}/a", headers={"Accept": METADATA})).json
    assert one == {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": a_map["metadata"]}
    listed = (await http.request("GET", MAPS, headers={"Accept": METADATA_LIST})).json
    assert (listed["kind"], listed["items"]) == ("PartialObjectMetadataList", [one])


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        pytest.param(MAPS, METADATA, id="one of a list"),
        pytest.param(f"{MAPS}/a", METADATA_LIST, id="list of one"),
        pytest.param(f"{MAPS}/a", "text/html", id="HTML"),
        pytest.param(f"{MAPS}/a", "application/json;as=Table;v=v9;g=meta.k8s.io", id="unknown version"),
    ],
)
async def test_forms_that_do_not_fit_are_not_acceptable(
    http: Connection, a_map: dict[str, Any], path: str, accept: str
) -> None:
    answer = await http.request("GET", path, headers={"Accept": accept})
    assert (answer.status, answer.json["reason"]) == (406, "NotAcceptable")


async def test_a_review_is_no_table(http: Connection) -> None:
    review = {"spec": {"nonResourceAttributes": {"path": "/", "verb": "get"}}}
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    answer = await http.request("POST", path, review, {"Accept": TABLE})
    assert (answer.status, answer.json["reason"]) == (406, "NotAcceptable")
    assert (await http.request("POST", path, review, {"Accept": f"{TABLE},application/json"})).status == 201


async def test_the_first_acceptable_form_counts(http: Connection, a_map: dict[str, Any]) -> None:
    answer = await http.request("GET", MAPS, headers={"Accept": f"text/html, {TABLE}, application/json"})
    assert answer.json["kind"] == "Table"


async def test_writes_answer_in_the_form_asked_for(http: Connection) -> None:
    body = {"metadata": {"name": "b"}, "data": {"k": "v"}}
    table = await http.request("POST", MAPS, body, {"Accept": TABLE})
    assert (table.status, table.json["rows"][0]["cells"][:2]) == (201, ["b", 1])
    answer = await http.request("PUT", f"{MAPS}/b", {"metadata": {"name": "b"}}, {"Accept": METADATA})
    assert (answer.json["kind"], answer.json["metadata"]["name"]) == ("PartialObjectMetadata", "b")


# What has no answer


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "/nothing", 404, id="no path"),
        pytest.param("GET", "/apis/nothing.example/v1/things", 404, id="no group"),
        pytest.param("GET", "/api/v2/pods", 404, id="no version"),
        pytest.param("GET", "/api/v1/things", 404, id="no resource"),
        pytest.param("GET", f"{MAPS}/a/status", 404, id="no subresource"),
        pytest.param("GET", f"{MAPS}/a/b/c", 404, id="too deep"),
        pytest.param("GET", "/api/v1/namespaces/default/nodes", 404, id="a node in a namespace"),
        pytest.param("GET", "/api/v1/configmaps/a", 404, id="a config map in none"),
        pytest.param("GET", f"{MAPS}/missing", 404, id="no such object"),
        pytest.param("GET", "//api//v1", 404, id="empty parts"),
        pytest.param("GET", "/healthz/nothing", 404, id="no such check"),
        pytest.param("POST", f"{MAPS}/a", 405, id="POST of one"),
        pytest.param("PUT", MAPS, 405, id="PUT of all"),
        pytest.param("PATCH", MAPS, 405, id="PATCH of all"),
        pytest.param("POST", "/api/v1/configmaps", 405, id="POST over all namespaces"),
        pytest.param("DELETE", "/api/v1/namespaces", 405, id="DELETE of all namespaces"),
        pytest.param("POST", "/version", 405, id="POST of the version"),
        pytest.param("OPTIONS", f"{MAPS}/a", 405, id="OPTIONS"),
        pytest.param("HEAD", f"{MAPS}/a", 405, id="HEAD"),
    ],
)
async def test_what_is_not_there(http: Connection, a_map: dict[str, Any], method: str, path: str, status: int) -> None:
    answer = await http.request(method, path)
    assert answer.status == status
    if method == "HEAD":
        assert answer.body == b""
    elif answer.headers["content-type"].startswith("text/plain"):
        assert answer.body == b"404 page not found\n"
    else:
        assert (answer.json["kind"], answer.json["code"]) == ("Status", status)
    assert (await http.request("GET", "/healthz")).body == b"ok"


async def test_health_is_told_check_by_check(http: Connection) -> None:
    lines = (await http.request("GET", "/readyz?verbose&exclude=informer-sync")).body.decode().splitlines()
    assert lines[:3] == ["[+]ping ok", "[+]log ok", "[+]informer-sync excluded: ok"]
    assert "[+]poststarthook/rbac/bootstrap-roles ok" in lines and lines[-1] == "readyz check passed"
    assert (await http.request("GET", "/livez/poststarthook/rbac/bootstrap-roles")).body == b"ok"


async def test_a_first_line_may_be_long(http: Connection) -> None:
    answer = await http.request("GET", f"{MAPS}?fieldManager={'x' * 100_000}")
    assert answer.status == 200


async def test_a_head_has_no_body(http: Connection) -> None:
    for path in ("/healthz", "/apis"):
        assert (await http.request("HEAD", path)).status == 200
    assert (await http.request("GET", "/healthz")).body == b"ok"


@pytest.mark.parametrize(
    "request_line",
    [
        pytest.param(b"GET", id="no path"),
        pytest.param(b"G\x00T / HTTP/1.1", id="NUL"),
        pytest.param(b"GET / HTTP/9.9", id="version"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01", id="TLS"),
    ],
)
async def test_what_is_no_http_is_refused(http: Connection, request_line: bytes) -> None:
    http.send(request_line + b"\r\nHost: localhost\r\n\r\n")
    answer = await http.reader.read(200)
    assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4")) or answer == b""
    assert b"Traceback" not in answer


@pytest.mark.parametrize(
    "path", ["/api/v1/namespaces/%ff/configmaps", "/%00", "/api/v1/namespaces/a%2Fb/configmaps", "/?%ff=%00"]
)
async def test_odd_escapes_in_paths(http: Connection, path: str) -> None:
    answer = await http.request("GET", path)
    assert answer.status in (200, 404)


async def test_too_old_a_watch_is_told_in_the_stream(cluster: Cluster, http: Connection) -> None:
    http.start("GET", f"{MAPS}?watch=1&resourceVersion=1")
    assert (await http.head()).status == 200
    type, status = await http.event()
    assert (type, status["code"], status["reason"]) == ("ERROR", 410, "Expired")
    assert await http.chunk() == b""


async def test_every_listed_path_answers(http: Connection) -> None:
    for path in (await http.request("GET", "/")).json["paths"]:
        assert (await http.request("GET", path)).status == 200, path


async def test_discovery_names_what_is_served(cluster: Cluster, http: Connection) -> None:
    for resource in cluster.registry.catalog:
        prefix = f"/apis/{resource.group}/{resource.version}" if resource.group else f"/api/{resource.version}"
        rows = (await http.request("GET", prefix)).json["resources"]
        assert resource.plural in [row["name"] for row in rows]
    aggregated = await http.request(
        "GET", "/apis", headers={"Accept": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"}
    )
    again = await http.request(
        "GET",
        "/apis",
        headers={
            "Accept": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
            "If-None-Match": aggregated.headers["etag"],
        },
    )
    assert (aggregated.status, again.status) == (200, 304)
    assert json.loads(aggregated.body)["kind"] == "APIGroupDiscoveryList"
