"""Bodies of all kinds and of none: a Status says what is wrong, and nothing ever ends in a trace."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minikube_py.api.context import ADMIN
from minikube_py.api.reply import Request
from minikube_py.cluster import Cluster
from tests.server.conftest import MAPS
from tests.server.http11 import Connection

JSON, YAML, PROTOBUF = "application/json", "application/yaml", "application/vnd.kubernetes.protobuf"
SYNTAX = "couldn't get version/kind; json parse error: "


def deep(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def named(name: str, rest: bytes) -> bytes:
    return b'{"metadata":{"name":"%b"},%b}' % (name.encode(), rest)


BROKEN = [
    pytest.param(JSON, b"", "unexpected end of JSON input (<empty>)", id="nothing"),
    pytest.param(JSON, b'{"a":', 'unexpected end of JSON input ({"a":)', id="half"),
    pytest.param(JSON, b"{} x", "invalid character 'x' after top-level value", id="more behind it"),
    pytest.param(JSON, b"[]", "json: cannot unmarshal array into Go value of type struct", id="list"),
    pytest.param(JSON, b'"x"', "json: cannot unmarshal string into Go value of type struct", id="text"),
    pytest.param(JSON, b'{"a":NaN}', "invalid character 'N' looking for beginning of value", id="NaN"),
    pytest.param(JSON, named("a\x00", b'"a":1'), r"invalid character '\x00' in string literal", id="NUL"),
    pytest.param(JSON, b"\xef\xbb\xbf{}", "looking for beginning of value (efbbbf7b7d)", id="byte order mark"),
    pytest.param(JSON, "{}".encode("utf-16"), "looking for beginning of value", id="UTF-16"),
    pytest.param(JSON, named("a", b'"x":' + deep(10_001)), "exceeded max depth", id="deep list"),
    pytest.param(JSON, b'{"a":' * 20_000 + b"1" + b"}" * 20_000, "exceeded max depth", id="deep map"),
    pytest.param(JSON, b"[" * 1_000_000, "exceeded max depth", id="deep and open"),
    pytest.param(JSON, b'{"metadata":{"generation":%b}}' % (b"9" * 400), "cannot unmarshal number 9999", id="wide"),
    pytest.param(JSON, b'{"metadata":{"generation":%b}}' % (b"9" * 5000), "cannot unmarshal number", id="very wide"),
    pytest.param(JSON, b'{"metadata":{"generation":1e999}}', "cannot unmarshal number", id="infinite"),
    pytest.param(JSON, b'{"kind":5}', "cannot unmarshal number into Go struct field .kind of type string", id="kind"),
    pytest.param(JSON, b"\x1f\x8b\x08", r"invalid character '\x1f' looking for beginning of value", id="gzip"),
    pytest.param(YAML, b"a:\n\tb: 1", "yaml: line 2: found character that cannot start any token", id="YAML tab"),
    pytest.param(YAML, b'a: "\x00"', "yaml: control characters are not allowed", id="YAML NUL"),
    pytest.param(YAML, b"a: \xff", "yaml: invalid leading UTF-8 octet", id="YAML bytes"),
    pytest.param(YAML, b"a: " + deep(100_000), "yaml: exceeded max depth", id="YAML deep"),
    pytest.param(YAML, b"a: &a [*a]", "yaml: found unconstructable recursive node", id="YAML in itself"),
    pytest.param(YAML, b"a: !!bool x", "yaml: cannot decode !!str `x` as a !!bool", id="YAML bool"),
    pytest.param(YAML, b"a: !!int x", "yaml: cannot decode !!str `x` as a !!int", id="YAML int"),
    pytest.param(YAML, b"a: !!float x", "yaml: cannot decode !!str `x` as a !!float", id="YAML float"),
    pytest.param(YAML, b'a: !!binary "x"', "yaml: !!binary value contains invalid base64 data", id="YAML binary"),
    pytest.param(YAML, b"metadata: {generation: 0x%b}" % (b"f" * 5000), "cannot unmarshal string", id="YAML wide"),
    pytest.param(YAML, b"!foo bar", "cannot unmarshal string", id="YAML text"),
    pytest.param(PROTOBUF, b"", "empty data", id="protobuf nothing"),
    pytest.param(PROTOBUF, b"garbage", "provided data does not appear to be a protobuf message", id="protobuf JSON"),
    pytest.param(PROTOBUF, b"k8s\x00\xff\xff\xff\xff", "unexpected EOF", id="protobuf half"),
]


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(("media_type", "body", "message"), BROKEN)
async def test_what_cannot_be_read_is_a_bad_request(
    http: Connection, method: str, media_type: str, body: bytes, message: str
) -> None:
    path = MAPS if method == "POST" else f"{MAPS}/a"
    answer = await http.request(method, path, body, {"Content-Type": media_type})
    assert (answer.status, answer.json["reason"], answer.json["code"]) == (400, "BadRequest", 400)
    assert message in answer.message


@pytest.mark.parametrize(
    ("media_type", "body", "data"),
    [
        pytest.param(JSON, named("a", b'"data":{"k":"\xff"}'), "\ufffd", id="no UTF-8"),
        pytest.param(JSON, named("a", rb'"data":{"k":"\ud800"}'), "\ufffd", id="half a surrogate pair"),
        pytest.param(JSON, named("a", rb'"data":{"k":"\u0000"}'), "\x00", id="escaped NUL"),
        pytest.param(JSON, named("a", b'"data":{"k":"1"},"x":' + b"9" * 5000), "1", id="long number left out"),
        pytest.param(JSON, named("a", b'"data":{"k":"1"},"x":' + deep(900)), "1", id="deep and left out"),
        pytest.param(YAML, b"metadata: {name: a}\ndata: {k: !!binary aGVsbG8=}", "hello", id="YAML binary"),
        pytest.param(YAML, b"metadata: {name: a}\ndata: {k: !mine 5}", "5", id="YAML tag"),
        pytest.param(YAML, b"metadata: {name: a}\ndata: {k: 2020-01-01}", "2020-01-01", id="YAML date"),
        pytest.param(YAML, b"metadata: {name: a}\ndata: {k: 0x_}", "0x_", id="YAML no number"),
        pytest.param(YAML, b"metadata: {name: a}\ndata: {k: 1:30}\n---\n{", "1:30", id="YAML first document"),
    ],
)
async def test_odd_bodies_that_are_taken(http: Connection, media_type: str, body: bytes, data: str) -> None:
    answer = await http.request("POST", MAPS, body, {"Content-Type": media_type})
    assert (answer.status, answer.json["data"]) == (201, {"k": data})


@pytest.mark.parametrize("media_type", [JSON, YAML])
async def test_null_is_an_empty_object(http: Connection, media_type: str) -> None:
    answer = await http.request("POST", MAPS, b"null", {"Content-Type": media_type})
    assert answer.message == 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required'


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "a;b;;=;", ";"])
async def test_other_media_types_are_refused(http: Connection, media_type: str) -> None:
    answer = await http.request("POST", MAPS, b"{}", {"Content-Type": media_type})
    assert (answer.status, answer.json["reason"]) == (415, "UnsupportedMediaType")


async def test_a_patch_quotes_numbers_of_any_size(http: Connection) -> None:
    await http.request("POST", MAPS, {"metadata": {"name": "a"}})
    headers = {"Content-Type": "application/merge-patch+json"}
    answer = await http.request("PATCH", f"{MAPS}/a", b'{"data":{"k":18446744073709551616}}', headers)
    assert answer.status == 422
    assert r"\"data\":{\"k\":18446744073709551616}" in answer.message


@pytest.mark.parametrize("metadata", ["0", "[]", "true", "[a]"])
async def test_applied_metadata_may_be_anything(http: Connection, metadata: str) -> None:
    body = f"{{apiVersion: v1, kind: ConfigMap, metadata: {metadata}}}".encode()
    headers = {"Content-Type": "application/apply-patch+yaml"}
    answer = await http.request("PATCH", f"{MAPS}/a?fieldManager=me", body, headers)
    assert answer.status >= 400
    assert "Error" not in answer.message


# Anything at all

ODD = [None, True, False, 0, -1, 1.5, 2**63, 2**64, 1e308, "", "a", "1", "\x00", "x" * 300]
SCALARS = st.sampled_from(ODD)
KEYS = st.sampled_from(["metadata", "spec", "kind", "name", "labels", "finalizers", "data", "replicas", "$patch", "op"])
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=8
)
STEPS = st.lists(st.integers(0, 7), max_size=6)

POD = {
    "kind": "Pod",
    "apiVersion": "v1",
    "metadata": {"name": "x", "labels": {"a": "b"}, "ownerReferences": [{"name": "o", "uid": "u", "kind": "K"}]},
    "spec": {"containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 1}], "env": [{"name": "E"}]}]},
}
DEPLOYMENT = {
    "kind": "Deployment",
    "apiVersion": "apps/v1",
    "metadata": {"name": "x"},
    "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": POD},
}
SERVICE = {"metadata": {"name": "x"}, "spec": {"ports": [{"port": 80, "nodePort": 30001}], "type": "NodePort"}}
OBJECTS = st.sampled_from(
    [
        ("/api/v1/namespaces/default/pods", POD),
        ("/apis/apps/v1/namespaces/default/deployments", DEPLOYMENT),
        ("/api/v1/namespaces/default/services", SERVICE),
        (MAPS, {"metadata": {"name": "x"}, "data": {"a": "b"}, "binaryData": {"c": "aGk="}}),
    ]
)
WAYS = st.sampled_from(
    [
        ("POST", JSON),
        ("PUT", JSON),
        ("PUT", YAML),
        ("DELETE", JSON),
        ("PATCH", "application/merge-patch+json"),
        ("PATCH", "application/strategic-merge-patch+json"),
        ("PATCH", "application/apply-patch+yaml"),
        ("PATCH", "application/json-patch+json"),
    ]
)


def changed(tree: Any, steps: list[int], put: Any) -> Any:
    """The tree with something else in one place."""
    if not steps or not tree or not isinstance(tree, dict | list):
        return put
    if isinstance(tree, list):
        at = steps[0] % len(tree)
        return [*tree[:at], changed(tree[at], steps[1:], put), *tree[at + 1 :]]
    key = list(tree)[steps[0] % len(tree)]
    return {**tree, key: changed(tree[key], steps[1:], put)}


async def test_nothing_ends_in_a_trace(cluster: Cluster, caplog: pytest.LogCaptureFixture) -> None:
    server = cluster.server
    assert server is not None
    asked: list[Request] = []

    @settings(max_examples=300, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(of=OBJECTS, way=WAYS, steps=STEPS, put=TREES, cut=st.sampled_from([0, 0, 0, 1, 9]))
    def gather(of: tuple[str, Any], way: tuple[str, str], steps: list[int], put: Any, cut: int) -> None:
        body = json.dumps(changed(of[1], steps, put)).encode()
        path = of[0] if way[0] == "POST" else f"{of[0]}/x"
        query = {"fieldManager": "me"} if "apply" in way[1] else {}
        asked.append(Request(way[0], path, query, {"Content-Type": way[1]}, body[: len(body) - cut], ADMIN))

    gather()
    with caplog.at_level(logging.ERROR):
        for request in asked:
            reply = await server.answer(request)
            assert reply.status < 600
            assert not caplog.records, request
    cluster.store.verify()
