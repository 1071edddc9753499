"""Merged trees on their way into Go types, over the real Deployment and Secret."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.api.patch.conversion import ConversionError, converted
from minikube_py.api.schema.decode import decode
from minikube_py.api.schema.schema import Schema
from minikube_py.machinery.gvr import GroupVersionKind

SCHEMA = Schema()
DEPLOYMENT = SCHEMA.type_for(GroupVersionKind("apps", "v1", "Deployment"))
SECRET = SCHEMA.type_for(GroupVersionKind("", "v1", "Secret"))


def pod(**spec: Any) -> dict[str, Any]:
    return {"spec": {"template": {"spec": spec}}}


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        pytest.param({"spec": {"replicas": "many"}}, "unrecognized type: int32", id="string-for-int"),
        pytest.param({"spec": {"replicas": True}}, "unrecognized type: int32", id="bool-for-int"),
        pytest.param({"spec": {"replicas": 1.5}}, "cannot convert float64 to int32", id="fraction-for-int"),
        pytest.param({"spec": {"replicas": {}}}, "unrecognized type: int32", id="map-for-int"),
        pytest.param({"spec": {"paused": 1}}, "unrecognized type: bool", id="int-for-bool"),
        pytest.param({"metadata": {"name": 5}}, "cannot convert int64 to string", id="int-for-string"),
        pytest.param({"metadata": {"name": 1.5}}, "unrecognized type: string", id="float-for-string"),
        pytest.param({"metadata": {"labels": {"a": 5}}}, "cannot convert int64 to string", id="int-in-map"),
        pytest.param({"metadata": {"labels": ["a"]}}, "cannot restore map from slice", id="list-for-map"),
        pytest.param({"metadata": "x"}, "cannot restore struct from: string", id="string-for-struct"),
        pytest.param({"spec": {"template": ["a"]}}, "cannot restore struct from: slice", id="list-for-struct"),
        pytest.param(pod(containers={"name": "one"}), "cannot restore slice from map", id="map-for-list"),
        pytest.param(pod(containers=["x"]), "cannot restore struct from: string", id="string-for-item"),
        pytest.param({"metadata": {"creationTimestamp": 5}},
                     "json: cannot unmarshal number into Go value of type string", id="int-for-time"),
    ],
)  # fmt: skip
def test_refused(tree: Any, message: str) -> None:
    with pytest.raises(ConversionError) as raised:
        converted(DEPLOYMENT, tree)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param("***", "error decoding from json: illegal base64 data at input byte 0", id="no-base64"),
        pytest.param(5, "cannot restore slice from int64", id="int"),
    ],
)
def test_bytes(value: Any, message: str) -> None:
    with pytest.raises(ConversionError) as raised:
        converted(SECRET, {"data": {"k": value}})
    assert str(raised.value) == message


def test_numbers_convert() -> None:
    tree = {"spec": {"replicas": 3.0, "minReadySeconds": 2**32 + 7, "progressDeadlineSeconds": 2**31}}
    assert converted(DEPLOYMENT, tree) == {
        "spec": {"replicas": 3, "minReadySeconds": 7, "progressDeadlineSeconds": -(2**31)}
    }
    assert tree["spec"]["replicas"] == 3.0


def test_what_converts_decodes() -> None:
    tree = {"spec": {"strategy": {"rollingUpdate": {"maxSurge": 1.0}}, "unknown": 1, "selector": None}}
    spec = decode(DEPLOYMENT, converted(DEPLOYMENT, tree)).object["spec"]
    assert spec["strategy"] == {"rollingUpdate": {"maxSurge": 1}}
