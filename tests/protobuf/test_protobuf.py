"""Protobuf bodies: bytes that generated Go writes, upstream's errors, and that nothing is lost both ways."""

from __future__ import annotations

import contextlib
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import orjson
import pytest
from google.protobuf.empty_pb2 import Empty
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.api import protobuf
from minikube_py.api.protobuf import ProtobufError
from minikube_py.api.protobuf.leaves import fields
from minikube_py.api.schema.decode import decode as canonical
from minikube_py.api.schema.schema import Schema
from minikube_py.machinery.gvr import GroupVersionKind, Object

SCHEMA = Schema("1.37")
OBJECTS: list[Object] = orjson.loads((Path(__file__).parents[1] / "schema" / "objects.json").read_bytes())

CONFIG_MAP = (
    b'k8s\x00\n\x0f\n\x02v1\x12\tConfigMap\x12$\n\x12\n\x02cm\x12\x00\x1a\x00"\x00*\x002\x008\x00B\x00'
    b'\x12\x06\n\x01a\x12\x011\x12\x06\n\x01b\x12\x012\x1a\x00"\x00'
)

# what kubectl create deployment dep --image=example.com/a:1 --port=80 --replicas=2 -n namespace sends
DEPLOYMENT = b64decode(
    "azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50EscBCigKA2RlcBIAGgluYW1lc3BhY2UiACoAMgA4AEIAWgoKA2FwcBIDZGVwEowBCAISDAoK"
    "CgNhcHASA2RlcBpyChwKABIAGgAiACoAMgA4AEIAWgoKA2FwcBIDZGVwElISNAoBYRIPZXhhbXBsZS5jb20vYToxKgAyCgoAEAAYUCIAKgBC"
    "AGoAcgCAAQCIAQCQAQCiAQAaADIAQgBKAFIAWABgAGgAggEAigEAmgEAwgEAIgIKACgAOAAaDAgAEAAYACAAKAA4ABoAIgA="
)


def _canonical(obj: Object) -> Object:
    kind = GroupVersionKind.of(obj)
    type = SCHEMA.type_for(kind)
    assert type is not None
    return {**canonical(type, obj).object, "kind": kind.kind, "apiVersion": kind.api_version}


def _raw(body: bytes) -> bytes:
    """An object's own message."""
    return bytes(fields(body, 4, len(body))[2])


@pytest.mark.parametrize("body", [pytest.param(CONFIG_MAP, id="configmap"), pytest.param(DEPLOYMENT, id="deployment")])
def test_bytes_of_go_clients_come_back(body: bytes) -> None:
    assert protobuf.encode(protobuf.decode(body, SCHEMA), SCHEMA) == body


def test_kubectls_deployment_reads_as_its_json() -> None:
    labels = {"app": "dep"}
    container = {"name": "a", "image": "example.com/a:1", "ports": [{"containerPort": 80}], "resources": {}}
    assert _canonical(protobuf.decode(DEPLOYMENT, SCHEMA)) == {
        "kind": "Deployment",
        "apiVersion": "apps/v1",
        "metadata": {"name": "dep", "namespace": "namespace", "labels": labels},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
            "strategy": {},
        },
        "status": {},
    }


@pytest.mark.parametrize("obj", [pytest.param(obj, id=obj["kind"]) for obj in OBJECTS])
def test_recorded_objects_come_back(obj: Object) -> None:
    expected = _canonical(obj)
    body = protobuf.encode(expected, SCHEMA)
    if obj["kind"] == "StatefulSet":  # the kind of a claim template is not on the wire
        for template in expected["spec"]["volumeClaimTemplates"]:
            del template["kind"], template["apiVersion"]
    assert _canonical(protobuf.decode(body, SCHEMA)) == expected
    assert protobuf.encode(expected, SCHEMA) == body
    Empty.FromString(body[4:])
    Empty.FromString(_raw(body))


@pytest.mark.parametrize(
    ("tree", "raw"),
    [
        pytest.param(
            {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404},
            b'\n\x06\n\x00\x12\x00\x1a\x00\x12\x07Failure\x1a\x00"\x000\x94\x03',
            id="status",
        ),
        pytest.param(
            {
                "kind": "Lease",
                "apiVersion": "coordination.k8s.io/v1",
                "spec": {"renewTime": "2026-01-01T00:00:00.000001Z"},
            },
            b'\n\x10\n\x00\x12\x00\x1a\x00"\x00*\x002\x008\x00B\x00\x12\x0b"\t\x08\x80\xf2\xd6\xca\x06\x10\xe8\x07',
            id="microtime",
        ),
        pytest.param(
            {
                "kind": "PodDisruptionBudget",
                "apiVersion": "policy/v1",
                "spec": {"minAvailable": "50%", "maxUnavailable": 1},
            },
            b'\n\x10\n\x00\x12\x00\x1a\x00"\x00*\x002\x008\x00B\x00\x12\x13\n\t\x08\x01\x10\x00\x1a\x0350%'
            b"\x1a\x06\x08\x00\x10\x01\x1a\x00\x1a\n\x08\x00\x18\x00 \x00(\x000\x00",
            id="int or string",
        ),
        pytest.param(
            {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "v1", "resources": [{"verbs": ["get"]}]},
            b'\n\x02v1\x12\x15\n\x00\x10\x00\x1a\x00"\x05\n\x03get2\x00B\x00J\x00R\x00',
            id="verbs are a message",
        ),
        pytest.param(
            {
                "kind": "ConfigMapList",
                "apiVersion": "v1",
                "metadata": {"resourceVersion": "7"},
                "items": [{"kind": "X"}],
            },
            b'\n\x07\n\x00\x12\x017\x1a\x00\x12\x12\n\x10\n\x00\x12\x00\x1a\x00"\x00*\x002\x008\x00B\x00',
            id="list",
        ),
        pytest.param(
            {
                "kind": "PartialObjectMetadata",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": {"name": "n", "generation": -1},
            },
            b'\n\x1a\n\x01n\x12\x00\x1a\x00"\x00*\x002\x008\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01B\x00',
            id="partial object metadata",
        ),
    ],
)
def test_messages_of_generated_go(tree: Object, raw: bytes) -> None:
    body = protobuf.encode(tree, SCHEMA)
    assert _raw(body) == raw
    back = protobuf.decode(body, SCHEMA)
    assert protobuf.encode(back, SCHEMA) == body
    assert (back["kind"], back["apiVersion"]) == (tree["kind"], tree["apiVersion"])


def test_discovery_of_the_legacy_group_has_no_version() -> None:
    body = protobuf.encode({"kind": "APIVersions", "versions": ["v1"]}, SCHEMA)
    assert body == b'k8s\x00\n\x0f\n\x00\x12\x0bAPIVersions\x12\x04\n\x02v1\x1a\x00"\x00'
    expected = GroupVersionKind("", "v1", "APIVersions")
    assert protobuf.decode(body, SCHEMA, expected)["versions"] == ["v1"]


def test_inlined_structs_are_messages_of_their_own() -> None:
    volumes: list[Any] = [{"name": "v", "configMap": {"name": "c"}}, {"name": "e", "emptyDir": {}}]
    pod = {"kind": "Pod", "apiVersion": "v1", "metadata": {}, "spec": {"volumes": volumes, "containers": []}}
    body = protobuf.encode(pod, SCHEMA)
    assert b"\n\r\n\x01v\x12\x08\x9a\x01\x05\n\x03\n\x01c\n\t\n\x01e\x12\x04\x12\x02\n\x00" in body
    assert _canonical(protobuf.decode(body, SCHEMA))["spec"]["volumes"] == volumes


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(b"", "empty data", id="nothing"),
        pytest.param(b"k8s\x00", "empty body", id="prefix alone"),
        pytest.param(
            b"{}",
            "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]",
            id="json",
        ),
        pytest.param(CONFIG_MAP[:40], "unexpected EOF", id="cut in the envelope"),
        pytest.param(b"k8s\x00" + b"\xff" * 11, "proto: integer overflow", id="endless varint"),
        pytest.param(
            b"k8s\x00\x0c", "proto: Unknown: wiretype end group for non-group", id="end group in the envelope"
        ),
        pytest.param(b"k8s\x00\x00", "proto: Unknown: illegal tag 0 (wire type 0)", id="tag 0 in the envelope"),
        pytest.param(b"k8s\x00\x08\x01", "proto: wrong wireType = 0 for field TypeMeta", id="number for a message"),
    ],
)
def test_unreadable_bodies(body: bytes, message: str) -> None:
    with pytest.raises(ProtobufError) as error:
        protobuf.decode(body, SCHEMA)
    assert str(error.value) == message
    assert error.value.kind is None


def _config_map(raw: bytes) -> bytes:
    return b"k8s\x00\n\x0f\n\x02v1\x12\tConfigMap\x12" + bytes((len(raw),)) + raw


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        pytest.param(b"\n\x05\n", "unexpected EOF", id="cut short"),
        pytest.param(b"\n\x03\n\x05a", "unexpected EOF", id="a string longer than its message"),
        pytest.param(b"\n", "unexpected EOF", id="no length"),
        pytest.param(b"\x08\x01", "proto: wrong wireType = 0 for field ObjectMeta", id="wrong wire type"),
        pytest.param(b"\x0c", "proto: ConfigMap: wiretype end group for non-group", id="end group"),
        pytest.param(b"\x00", "proto: ConfigMap: illegal tag 0 (wire type 0)", id="tag 0"),
        pytest.param(
            b"\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
            "proto: negative length found during unmarshaling",
            id="length",
        ),
        pytest.param(b"\xa7\x06", "proto: illegal wireType 7", id="wire type 7"),
    ],
)
def test_unreadable_objects(raw: bytes, message: str) -> None:
    with pytest.raises(ProtobufError) as error:
        protobuf.decode(_config_map(raw), SCHEMA)
    assert str(error.value) == message
    assert error.value.kind == GroupVersionKind("", "v1", "ConfigMap")


def test_unknown_fields_are_skipped() -> None:
    unknown = (
        b"\xa0\x06\x01" + b"\xa1\x06" + bytes(8) + b"\xa2\x06\x01x" + b"\xa3\x06\x08\x01\xa4\x06" + b"\xa5\x06abcd"
    )
    assert protobuf.decode(_config_map(unknown + b"\x12\x06\n\x01a\x12\x01b"), SCHEMA)["data"] == {"a": "b"}


def test_unknown_kinds_have_no_content() -> None:
    body = b"k8s\x00\n\x12\n\x0bexample/v1\x00\x12\x03Foo\x12\x02\n\x00"
    assert set(protobuf.decode(body, SCHEMA)) == {"kind", "apiVersion"}


def test_what_the_envelope_lacks_is_the_expected_kinds() -> None:
    body = b"k8s\x00\n\x00\x12\x08\x12\x06\n\x01a\x12\x01b"
    expected = GroupVersionKind("", "v1", "ConfigMap")
    assert protobuf.decode(body, SCHEMA, expected) == {"kind": "ConfigMap", "apiVersion": "v1", "data": {"a": "b"}}


@pytest.mark.parametrize(
    "tree",
    [
        pytest.param({"kind": "Foo", "apiVersion": "example.com/v1"}, id="custom resource"),
        pytest.param({"kind": "Table", "apiVersion": "meta.k8s.io/v1"}, id="table"),
    ],
)
def test_what_has_no_protobuf_form(tree: Object) -> None:
    with pytest.raises(ProtobufError, match="does not implement the protobuf marshalling interface"):
        protobuf.encode(tree, SCHEMA)


def test_watch_frames() -> None:
    obj = protobuf.decode(CONFIG_MAP, SCHEMA)
    size = len(CONFIG_MAP)
    event = b"\n\x05ADDED\x12" + bytes((size + 2,)) + b"\n" + bytes((size,)) + CONFIG_MAP
    assert protobuf.watch_frame("ADDED", obj, SCHEMA) == len(event).to_bytes(4, "big") + event


@given(st.dictionaries(st.text(max_size=200), st.text(max_size=200)), st.dictionaries(st.text(), st.binary()))
def test_any_map_comes_back(data: dict[str, str], binary: dict[str, bytes]) -> None:
    tree = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {}, "data": data}
    tree["binaryData"] = {key: b64encode(value).decode() for key, value in binary.items()}
    back = protobuf.decode(protobuf.encode(tree, SCHEMA), SCHEMA)
    assert back.get("data", {}) == data
    assert back.get("binaryData", {}) == tree["binaryData"]


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**31), 2**31 - 1))
def test_any_number_comes_back(generation: int, replicas: int) -> None:
    meta, spec = {"generation": generation}, {"replicas": replicas}
    tree = {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": meta, "spec": spec}
    back = protobuf.decode(protobuf.encode(tree, SCHEMA), SCHEMA)
    assert (back["metadata"]["generation"], back["spec"]["replicas"]) == (generation, replicas)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    body = protobuf.encode({"kind": "Pod", "apiVersion": "v1"}, SCHEMA)[:15] + b"\x12" + bytes((len(raw),)) + raw
    with contextlib.suppress(ProtobufError):
        protobuf.decode(body, SCHEMA)
