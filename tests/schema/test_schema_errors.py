"""What is said of trees that do not fit."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from minikube_py.api.schema.decode import DecodeError, decode
from minikube_py.api.schema.diagnosis import strict_errors
from minikube_py.api.schema.duplicates import duplicates
from minikube_py.api.schema.schema import Schema
from minikube_py.api.schema.types import Type

SCHEMA = Schema("1.36")
CANNOT = "json: cannot unmarshal "
QUANTITIES = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
SECONDS = 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'
CRD = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition"


def type_of(name: str) -> Type:
    found = SCHEMA.definition(name if name.startswith("io.") else f"io.k8s.api.{name}")
    assert found is not None
    return found


def pod(**container: Any) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": "c"}, container]}}


def props(**schema: Any) -> dict[str, Any]:
    return {"spec": {"versions": [{"schema": {"openAPIV3Schema": schema}}]}}


@pytest.mark.parametrize(
    ("name", "tree", "message"),
    [
        pytest.param(
            "apps.v1.Deployment",
            {"spec": {"replicas": "3"}},
            "string into Go struct field DeploymentSpec.spec.replicas of type int32",
            id="string for a number",
        ),
        pytest.param(
            "apps.v1.Deployment",
            {"spec": {"replicas": 1.5}},
            "number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
            id="fraction",
        ),
        pytest.param(
            "apps.v1.Deployment",
            {"spec": {"replicas": 2.0}},
            "number 2.0 into Go struct field DeploymentSpec.spec.replicas of type int32",
            id="float without a fraction",
        ),
        pytest.param(
            "apps.v1.Deployment",
            {"spec": {"replicas": True}},
            "bool into Go struct field DeploymentSpec.spec.replicas of type int32",
            id="bool for a number",
        ),
        pytest.param(
            "core.v1.Pod",
            pod(ports=[{"containerPort": 99999999999}]),
            "number 99999999999 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
            id="overflow",
        ),
        pytest.param(
            "core.v1.Pod",
            {"spec": {"containers": {}}},
            "object into Go struct field PodSpec.spec.containers of type []v1.Container",
            id="object for a list",
        ),
        pytest.param(
            "core.v1.Pod",
            {"metadata": {"labels": []}},
            "array into Go struct field ObjectMeta.metadata.labels of type map[string]string",
            id="array for a map",
        ),
        pytest.param(
            "core.v1.Pod",
            {"metadata": {"labels": {"a": 1}}},
            "number into Go struct field ObjectMeta.metadata.labels of type string",
            id="number in a map of strings",
        ),
        pytest.param(
            "core.v1.Pod",
            {"spec": {"hostNetwork": "true"}},
            "string into Go struct field PodSpec.spec.hostNetwork of type bool",
            id="string for a bool",
        ),
        pytest.param(
            "core.v1.Pod",
            {"spec": "x"},
            "string into Go struct field Pod.spec of type v1.PodSpec",
            id="string for a struct",
        ),
        pytest.param(
            "core.v1.Pod",
            {"spec": {"volumes": [{"hostPath": 1}]}},
            "number into Go struct field Volume.spec.volumes.VolumeSource.hostPath of type v1.HostPathVolumeSource",
            id="inside an inlined struct",
        ),
        pytest.param(
            "core.v1.Pod",
            pod(command=[1]),
            "number into Go struct field Container.spec.containers.command of type string",
            id="element",
        ),
        pytest.param(
            "core.v1.Pod",
            pod(imagePullPolicy=1),
            "number into Go struct field Container.spec.containers.imagePullPolicy of type v1.PullPolicy",
            id="named string",
        ),
        pytest.param(
            "core.v1.Pod",
            {"metadata": {"creationTimestamp": 5}},
            "number into Go struct field ObjectMeta.metadata.creationTimestamp of type string",
            id="number for a time",
        ),
        pytest.param(
            "core.v1.Pod",
            pod(livenessProbe={"httpGet": {"port": 1.5}}),
            "number 1.5 into Go struct field HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.httpGet.port"
            " of type int32",
            id="int or string",
        ),
        pytest.param(
            "core.v1.Pod",
            pod(livenessProbe={"httpGet": {"port": {}}}),
            "object into Go struct field HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.httpGet.port"
            " of type int32",
            id="object for int or string",
        ),
        pytest.param(
            "core.v1.Secret",
            {"data": {"a": 1}},
            "number into Go struct field Secret.data of type []uint8",
            id="number for bytes",
        ),
        pytest.param(
            "core.v1.Secret",
            {"data": {"a": ["x"]}},
            "string into Go struct field Secret.data of type uint8",
            id="string among octets",
        ),
        pytest.param("core.v1.Pod", [], "array into Go value of type v1.Pod", id="the whole"),
        pytest.param(
            "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
            {"labels": 5},
            "number into Go struct field ObjectMeta.labels of type map[string]string",
            id="metadata alone",
        ),
        pytest.param(
            CRD,
            props(additionalProperties={"type": 5}),
            "number into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema.additionalProperties"
            " of type string",
            id="inside a union",
        ),
    ],
)
def test_type_mismatches(name: str, tree: Any, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(type_of(name), tree)
    assert str(caught.value) == CANNOT + message


@pytest.mark.parametrize(
    ("name", "tree", "message"),
    [
        pytest.param("core.v1.Pod", pod(resources={"limits": {"cpu": "lots"}}), QUANTITIES, id="quantity"),
        pytest.param("core.v1.Pod", pod(resources={"limits": {"cpu": ""}}), QUANTITIES, id="empty quantity"),
        pytest.param("core.v1.Pod", pod(resources={"limits": {"cpu": True}}), QUANTITIES, id="bool for a quantity"),
        pytest.param("core.v1.Pod", {"metadata": {"creationTimestamp": "x"}}, SECONDS, id="time"),
        pytest.param("core.v1.Secret", {"data": {"k": "***"}}, "illegal base64 data at input byte 0", id="base64"),
        pytest.param(CRD, props(additionalProperties=1), "boolean or JSON schema expected", id="schema or bool"),
        pytest.param(
            "core.v1.Pod",
            {"spec": {"nodeName": 1, "hostname": 2}},
            CANNOT + "number into Go struct field PodSpec.spec.nodeName of type string",
            id="the first",
        ),
        pytest.param(
            "core.v1.Pod",
            {"spec": {"nodeName": 1}, "metadata": {"creationTimestamp": "x"}},
            SECONDS,
            id="values that read themselves come first",
        ),
    ],
)
def test_other_errors(name: str, tree: Any, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(type_of(name), tree)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("tree", "paths"),
    [
        pytest.param({"metadata": {"labelz": {}}, "extra": 1}, ["metadata.labelz", "extra"], id="in order"),
        pytest.param(
            pod(imagepullpolicy="x", ports=[{"hostport": 1}]),
            ["spec.containers[1].imagepullpolicy", "spec.containers[1].ports[0].hostport"],
            id="in lists",
        ),
        pytest.param(
            {"Kind": "Pod", "spec": {"Containers": [], "x": None}},
            ["Kind", "spec.Containers", "spec.x"],
            id="case matters",
        ),
        pytest.param({"metadata": {"managedFields": [{"fieldsV1": {"x": 1}}]}}, [], id="not in raw values"),
        pytest.param({f"a{i}": 1 for i in range(120)}, [f"a{i}" for i in range(100)], id="a hundred at most"),
    ],
)
def test_unknown_fields(tree: Any, paths: list[str]) -> None:
    decoded = decode(type_of("core.v1.Pod"), tree)
    assert decoded.unknown == paths
    assert decode(type_of("core.v1.Pod"), decoded.object).unknown == []


def test_unknown_fields_follow_the_version() -> None:
    tree: Any = {"spec": {"resources": {}}}
    old = Schema("1.29").definition("io.k8s.api.core.v1.Pod")
    assert old is not None
    assert decode(old, tree).unknown == ["spec.resources"]
    assert decode(type_of("core.v1.Pod"), tree).unknown == []


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        pytest.param(b'{"data":{"k":"one","k":"two"},"data":{"k":"three"}}', ["data.k", "data"], id="nested first"),
        pytest.param(b'{"a":[{"b":1,"b":2}],"a":1}', ["a[0].b", "a"], id="in lists"),
        pytest.param(b'{"a":1,"a":2,"a":3}', ["a"], id="once"),
        pytest.param(b'{"a": 1, "b": {"a": 1}}\n', [], id="none"),
    ],
)
def test_duplicates(text: bytes, paths: list[str]) -> None:
    assert duplicates(text) == paths
    assert duplicates(text, orjson.loads(text)) == paths


def test_strict_errors_stand_in_the_order_of_the_text() -> None:
    text = '{"spec":{"x":1,"nodeName":"a","nodeName":"b","x":2},"metadata":{"labels":{"a":"1","a":"2"}},"y":0}'
    assert [str(error) for error in strict_errors(type_of("core.v1.Pod"), text)] == [
        'unknown field "spec.x"',
        'duplicate field "spec.nodeName"',
        'duplicate field "metadata.labels.a"',
        'unknown field "y"',
    ]
