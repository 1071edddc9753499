"""The canonical form of objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minikube_py.api.schema.decode import DecodeError, decode, null_empties
from minikube_py.api.schema.diagnosis import diagnose
from minikube_py.api.schema.schema import Schema
from minikube_py.api.schema.types import Field, Type
from minikube_py.machinery.gvr import GroupVersionKind

SCHEMA = Schema("1.36")
OBJECTS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "objects.json").read_text())
"""Objects as kube-apiserver 1.36 writes them."""


def type_of(name: str) -> Type:
    found = SCHEMA.definition(name if name.startswith("io.") else f"io.k8s.api.{name}")
    assert found is not None
    return found


@pytest.mark.parametrize("obj", [pytest.param(obj, id=f"{obj['apiVersion']}-{obj['kind']}") for obj in OBJECTS])
def test_what_the_server_writes_is_canonical(obj: dict[str, Any]) -> None:
    type = SCHEMA.type_for(GroupVersionKind.of(obj))
    assert type is not None
    decoded = decode(type, obj)
    assert json.dumps(decoded.object) == json.dumps(obj)
    assert decoded.unknown == []


META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
PROPS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"
T = "2024-01-02T03:04:05Z"


@pytest.mark.parametrize(
    ("name", "tree", "expected"),
    [
        pytest.param(
            META,
            {"labels": {"b": "1", "a": "2"}, "name": "n"},
            {"name": "n", "labels": {"a": "2", "b": "1"}},
            id="order",
        ),
        pytest.param(META, {"name": "", "generation": 0, "labels": {}, "finalizers": []}, {}, id="empty is omitted"),
        pytest.param(META, {"name": None, "labels": None, "creationTimestamp": None}, {}, id="null is omitted"),
        pytest.param(
            META,
            {"labels": {"a": None}, "finalizers": [None]},
            {"labels": {"a": ""}, "finalizers": [""]},
            id="null elements",
        ),
        pytest.param(META, {"deletionGracePeriodSeconds": 0}, {"deletionGracePeriodSeconds": 0}, id="pointer to zero"),
        pytest.param(
            META, {"creationTimestamp": "2024-01-02T05:04:05.9+02:00"}, {"creationTimestamp": T}, id="time in UTC"
        ),
        pytest.param(META, {"creationTimestamp": "0001-01-01T00:00:00Z"}, {}, id="zero time"),
        pytest.param(
            "core.v1.ConfigMap", {"data": {"k": ""}}, {"metadata": {}, "data": {"k": ""}}, id="empty value of a map"
        ),
        pytest.param(
            "core.v1.ConfigMap",
            {"metadata": {}, "immutable": False},
            {"metadata": {}, "immutable": False},
            id="pointer to false",
        ),
        pytest.param(
            "core.v1.PodSpec",
            {"containers": [], "hostNetwork": False, "nodeName": ""},
            {"containers": None},
            id="empty list that stays is null",
        ),
        pytest.param(
            "core.v1.PodSpec",
            {"containers": [{"name": "a"}], "securityContext": {}},
            {"containers": [{"name": "a", "resources": {}}], "securityContext": {}},
            id="structs that are there",
        ),
        pytest.param("core.v1.PodList", {"items": []}, {"metadata": {}, "items": []}, id="lists keep their items"),
        pytest.param("core.v1.PodList", {}, {"metadata": {}, "items": None}, id="items nobody set"),
        pytest.param(
            "core.v1.ResourceRequirements",
            {"limits": {"memory": "1024Mi", "cpu": 0.5}},
            {"limits": {"cpu": "500m", "memory": "1Gi"}},
            id="quantities",
        ),
        pytest.param(
            "core.v1.ResourceRequirements",
            {"limits": {"cpu": None, "x": " 1000m "}},
            {"limits": {"cpu": "0", "x": "1"}},
            id="null and padded quantity",
        ),
        pytest.param(
            "core.v1.Secret",
            {"data": {"k": "YQ==", "n": None, "e": ""}},
            {"metadata": {}, "data": {"e": "", "k": "YQ==", "n": ""}},
            id="bytes",
        ),
        pytest.param(
            "core.v1.Secret",
            {"data": {"k": "YR\n==", "l": [97, None]}},
            {"metadata": {}, "data": {"k": "YQ==", "l": "YQA="}},
            id="bytes rewritten",
        ),
        pytest.param(
            "core.v1.ContainerPort", {"containerPort": 80, "hostPort": 0}, {"containerPort": 80}, id="zero number"
        ),
        pytest.param("core.v1.HTTPGetAction", {"port": "http"}, {"port": "http"}, id="name of a port"),
        pytest.param("core.v1.HTTPGetAction", {"port": None}, {"port": 0}, id="port nobody set"),
        pytest.param(
            "core.v1.ContainerState", {"running": {}}, {"running": {"startedAt": None}}, id="time that stays is null"
        ),
        pytest.param(
            "coordination.v1.LeaseSpec",
            {"renewTime": "2024-01-02T03:04:05.5000009+01:00"},
            None,
            id="microtime wants six digits",
        ),
        pytest.param(
            "coordination.v1.LeaseSpec",
            {"renewTime": "2024-01-02T03:04:05.500000+01:00"},
            {"renewTime": "2024-01-02T02:04:05.500000Z"},
            id="microtime in UTC",
        ),
        pytest.param(
            "apps.v1.ControllerRevision",
            {"data": {"b": 1, "a": None}, "revision": 1},
            {"metadata": {}, "data": {"b": 1, "a": None}, "revision": 1},
            id="raw",
        ),
        pytest.param(
            "apps.v1.ControllerRevision", {}, {"metadata": {}, "data": None, "revision": 0}, id="raw nobody set"
        ),
        pytest.param(
            PROPS,
            {"type": "object", "additionalProperties": {"type": "string", "nope": 1}},
            {"type": "object", "additionalProperties": {"type": "string"}},
            id="schema or bool: schema",
        ),
        pytest.param(
            PROPS,
            {"additionalProperties": False, "items": [{}, None]},
            {"items": [{}, {}], "additionalProperties": False},
            id="schema or bool: bool",
        ),
        pytest.param(
            PROPS,
            {"default": 0, "enum": [None, 1.5], "minimum": 1.0},
            {"default": 0, "minimum": 1, "enum": [None, 1.5]},
            id="JSON and floats",
        ),
        pytest.param(
            PROPS,
            {"dependencies": {"a": ["b"], "c": {"type": "x"}}},
            {"dependencies": {"a": ["b"], "c": {"type": "x"}}},
            id="schema or strings",
        ),
        pytest.param(
            "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionStatus",
            {"conditions": []},
            None,
            id="stored as JSON keeps empty lists",
        ),
    ],
)
def test_canonical_forms(name: str, tree: Any, expected: Any) -> None:
    if expected is None and "renewTime" in tree:
        with pytest.raises(DecodeError):
            decode(type_of(name), tree)
        return
    if expected is None:
        assert decode(type_of(name), tree).object["conditions"] == []
        return
    decoded = decode(type_of(name), tree)
    null_empties(type_of(name), decoded.object)
    assert json.dumps(decoded.object) == json.dumps(expected)


def test_an_empty_list_stays_until_it_is_stored() -> None:
    decoded = decode(type_of("core.v1.PodSpec"), {"containers": []})
    assert decoded.empties
    assert decoded.object["containers"] == []
    assert not decode(type_of("core.v1.PodSpec"), {"containers": [{"name": "c"}]}).empties


def test_the_result_shares_nothing_with_the_input() -> None:
    tree: Any = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "command": ["x"]}]}}
    decoded = decode(type_of("core.v1.Pod"), tree).object
    tree["metadata"]["labels"]["a"] = "changed"
    tree["spec"]["containers"][0]["command"].append("y")
    assert decoded["metadata"]["labels"] == {"a": "b"}
    assert decoded["spec"]["containers"][0]["command"] == ["x"]


def test_structs_may_keep_what_they_do_not_know() -> None:
    string = Type("string", go="string")
    open_struct = Type("struct", fields={"a": Field("a", string)}, preserve_unknown=True)
    assert decode(open_struct, {"x": {"y": None}, "a": "1"}).object == {"a": "1", "x": {"y": None}}


def test_null_may_be_a_value() -> None:
    nullable = Type("string", go="string", nullable=True)
    struct = Type("struct", fields={"a": Field("a", nullable), "b": Field("b", Type("list", elem=nullable))})
    assert decode(struct, {"a": None, "b": [None, "x"]}).object == {"a": None, "b": [None, "x"]}


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**33), 2**33),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "a", "1", "YQ==", T, "2024-01-02T03:04:05.000001Z", "100m", "1s"]),
    st.just([]),
    st.just({}),
)
FITTING: dict[str, st.SearchStrategy[Any]] = {
    "string": st.sampled_from(["", "a", "b"]),
    "bool": st.booleans(),
    "float64": st.sampled_from([0, 1, 1.0, 2.5]),
    "bytes": st.sampled_from(["", "YQ==", "YWI="]),
    "time": st.just(T),
    "microtime": st.just("2024-01-02T03:04:05.000001Z"),
    "duration": st.sampled_from(["0", "90s"]),
    "quantity": st.sampled_from(["1", "100m", "1024", 3, 0.5]),
    "intorstring": st.sampled_from([0, 80, "http", "25%"]),
    "raw": st.none(),
}


def trees(type: Type, depth: int, noise: bool) -> st.SearchStrategy[Any]:
    """Values of the type; with noise some of another."""
    if depth == 0:
        fitting: st.SearchStrategy[Any] = st.none()
    elif type.shape == "struct":
        keys = {json: trees(field.type, depth - 1, noise) for json, field in type.fields.items()}
        if noise:
            keys["unheardOf"] = st.just(1)
        names = sorted(keys)
        fitting = st.lists(st.sampled_from(names or [""]), max_size=3, unique=True).flatmap(
            lambda chosen: st.fixed_dictionaries({name: keys[name] for name in chosen if name})
        )
    elif type.shape == "list" and type.elem:
        fitting = st.lists(trees(type.elem, depth - 1, noise), max_size=2)
    elif type.shape == "map" and type.elem:
        fitting = st.dictionaries(st.sampled_from("abc"), trees(type.elem, depth - 1, noise), max_size=2)
    else:
        fitting = FITTING.get(type.shape, st.integers(0, 255))
    return fitting if not noise else st.one_of(fitting, fitting, SCALARS)


KINDS = st.sampled_from(["core.v1.Pod", "apps.v1.Deployment", "core.v1.Secret", "core.v1.Event", PROPS, "rbac.v1.Role"])


@settings(max_examples=80, deadline=None)
@given(KINDS.flatmap(lambda name: st.tuples(st.just(name), trees(type_of(name), 5, noise=False))))
def test_decoding_is_idempotent(case: tuple[str, Any]) -> None:
    type, tree = type_of(case[0]), case[1]
    once = decode(type, tree)
    assert once.unknown == []
    assert json.dumps(decode(type, once.object).object) == json.dumps(once.object)


@settings(max_examples=120, deadline=None)
@given(KINDS.flatmap(lambda name: st.tuples(st.just(name), trees(type_of(name), 4, noise=True))))
def test_decoding_fails_where_the_diagnosis_finds_an_error(case: tuple[str, Any]) -> None:
    type, tree = type_of(case[0]), case[1]
    diagnosis = diagnose(type, tree)
    if diagnosis.error:
        with pytest.raises(DecodeError) as caught:
            decode(type, tree)
        assert str(caught.value) == diagnosis.error
    else:
        assert decode(type, tree).unknown == [strict.path for strict in diagnosis.strict]
