"""What pruning drops and keeps, and what reading does to nulls, numbers and metadata."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given

from minikube_py.api.customresources.decoding import Decoder
from minikube_py.api.customresources.structural import Structural
from minikube_py.api.schema.decode import DecodeError
from minikube_py.machinery.gvr import Object
from tests.customresources.definitions import metadata_type, object_of
from tests.customresources.schemas import schemas, values

METADATA = metadata_type()
STRING, INTEGER = {"type": "string"}, {"type": "integer"}
PRESERVE = {"x-kubernetes-preserve-unknown-fields": True}
EMBEDDED = {"x-kubernetes-embedded-resource": True}


def decode(schema: Object, spec: Any) -> tuple[Any, list[str]]:
    decoder = Decoder(Structural(object_of(spec=schema)), METADATA)
    decoded = decoder.decode(
        {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": spec}
    )
    return decoded.object.get("spec", "absent"), decoded.unknown


@pytest.mark.parametrize(
    ("schema", "spec", "kept", "unknown"),
    [
        pytest.param(object_of(a=STRING), {"a": "x", "b": 1}, {"a": "x"}, ["spec.b"], id="unknown"),
        pytest.param({"type": "object"}, {"a": 1}, {}, ["spec.a"], id="object-of-nothing"),
        pytest.param(
            {"type": "array", "items": object_of(a=STRING)},
            [{"a": "x"}, {"b": 1}],
            [{"a": "x"}, {}],
            ["spec[1].b"],
            id="in-items",
        ),
        pytest.param(
            {"type": "object", "additionalProperties": object_of(a=STRING)},
            {"k": {"a": "x", "b": 1}},
            {"k": {"a": "x"}},
            ["spec.k.b"],
            id="in-additional",
        ),
        pytest.param(
            {"type": "object", "additionalProperties": True},
            {"k": {"a": 1}, "l": 1},
            {"k": {}, "l": 1},
            ["spec.k.a"],
            id="additional-true-keeps-keys-alone",
        ),
        pytest.param({**object_of(), **PRESERVE}, {"a": {"b": [1]}}, {"a": {"b": [1]}}, [], id="preserved"),
        pytest.param(
            {**object_of(a=object_of(x=STRING)), **PRESERVE},
            {"a": {"x": "1", "y": 2}, "b": 3},
            {"a": {"x": "1"}, "b": 3},
            ["spec.a.y"],
            id="what-is-described-is-pruned-within-what-is-preserved",
        ),
        pytest.param(PRESERVE, [1, {"a": None}, None], [1, {"a": None}, None], [], id="anything"),
        pytest.param(object_of(a=STRING), {"a": None}, {}, [], id="null-is-dropped"),
        pytest.param(object_of(a={**STRING, "nullable": True}), {"a": None}, {"a": None}, [], id="nullable"),
        pytest.param(
            object_of(a={**STRING, "default": "d"}), {"a": None}, {"a": None}, [], id="null-waits-for-its-default"
        ),
        pytest.param({"type": "array", "items": STRING}, [None, "x"], [None, "x"], [], id="null-items-stay"),
        pytest.param(object_of(a={"type": "number"}), {"a": 1.0}, {"a": 1}, [], id="whole-numbers"),
        pytest.param(PRESERVE, [2**63, 1e20], [2.0**63, 1e20], [], id="numbers-beyond-64-bits"),
        pytest.param(object_of(a=STRING), "text", "text", [], id="other-types-are-left-to-validation"),
        pytest.param(
            {**object_of(spec=object_of(x=STRING)), **EMBEDDED},
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "odd": 1}, "spec": {"x": "1"}, "y": 1},
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"x": "1"}},
            ["spec.y", "spec.metadata.odd"],
            id="embedded",
        ),
    ],
)
def test_pruning(schema: Object, spec: Any, kept: Any, unknown: list[str]) -> None:
    assert decode(schema, spec) == (kept, unknown)


def test_keys_come_out_sorted() -> None:
    spec, _ = decode({**object_of(b=STRING, a=STRING), **PRESERVE}, {"z": {"d": 1, "c": 2}, "b": "", "a": ""})
    assert list(spec) == ["a", "b", "z"]
    assert list(spec["z"]) == ["c", "d"]


def test_metadata_is_typed() -> None:
    decoder = Decoder(Structural(object_of()), METADATA)
    decoded = decoder.decode({"metadata": {"name": "a", "labels": {}, "odd": 1}, "odd": 1})
    assert decoded.object["metadata"] == {"name": "a"}
    assert decoded.unknown == ["metadata.odd", "odd"]


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        pytest.param(
            {"metadata": {"labels": 5}},
            "json: cannot unmarshal number into Go struct field ObjectMeta.labels of type map[string]string",
            id="metadata",
        ),
        pytest.param(
            {"template": {"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": 5}}},
            'template.metadata: Invalid value: {"labels":5}: json: cannot unmarshal number into Go struct field '
            "ObjectMeta.labels of type map[string]string",
            id="embedded-metadata",
        ),
        pytest.param(
            {"template": {"kind": 5}}, "template.kind: Invalid value: 5: must be a string", id="embedded-kind"
        ),
    ],
)
def test_what_cannot_be_read(tree: Object, message: str) -> None:
    decoder = Decoder(Structural(object_of(template={"type": "object", **EMBEDDED, **PRESERVE})), METADATA)
    with pytest.raises(DecodeError) as caught:
        decoder.decode(tree)
    assert str(caught.value) == message


@given(schemas(), values())
def test_pruning_is_idempotent_and_leaves_the_input_alone(schema: Object, value: Any) -> None:
    decoder = Decoder(Structural(object_of(spec=schema)), METADATA)
    tree = {"metadata": {"name": "a"}, "spec": value}
    before = copy.deepcopy(tree)
    once = decoder.decode(tree)
    assert tree == before
    again = decoder.decode(once.object)
    assert again.object == once.object
    assert again.unknown == []
