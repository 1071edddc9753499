"""Validation against a schema, in kube-openapi's words."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.api.customresources.values import Validator, same
from minikube_py.machinery.gvr import Object
from tests.customresources.definitions import object_of

STRING, INTEGER = {"type": "string"}, {"type": "integer"}


def errors(schema: Object, value: Any) -> list[str]:
    return [str(error) for error in Validator(object_of(a=schema), 36).errors({"a": value})]


@pytest.mark.parametrize(
    ("schema", "value", "messages"),
    [
        pytest.param(STRING, "x", [], id="string"),
        pytest.param(
            STRING, 1, ['a: Invalid value: "integer": a in body must be of type string: "integer"'], id="type"
        ),
        pytest.param(STRING, None, ['a: Invalid value: "null": a in body must be of type string: "null"'], id="null"),
        pytest.param({**STRING, "nullable": True}, None, [], id="nullable"),
        pytest.param({"type": "number"}, 1, [], id="integers-are-numbers"),
        pytest.param(
            INTEGER, 1.5, ['a: Invalid value: "number": a in body must be of type integer: "number"'], id="fraction"
        ),
        pytest.param(
            {"x-kubernetes-int-or-string": True},
            True,
            ['a: Invalid value: "boolean": a in body must be of type integer,string: "boolean"'],
            id="int-or-string",
        ),
        pytest.param(
            {**STRING, "enum": ["x", "y"]}, "z", ['a: Unsupported value: "z": supported values: "x", "y"'], id="enum"
        ),
        pytest.param(
            {**INTEGER, "enum": [1]}, 2, ['a: Unsupported value: 2: supported values: "1"'], id="enum-of-numbers"
        ),
        pytest.param({**STRING, "maxLength": 2}, "abc", ["a: Too long: may not be more than 2 bytes"], id="long"),
        pytest.param(
            {**STRING, "minLength": 2},
            "ä",
            ['a: Invalid value: "ä": a in body should be at least 2 chars long'],
            id="short",
        ),
        pytest.param(
            {**STRING, "pattern": "^x$"},
            "x\n",
            ["a: Invalid value: \"x\\n\": a in body should match '^x$'"],
            id="pattern",
        ),
        pytest.param(
            {**INTEGER, "maximum": 3},
            4,
            ["a: Invalid value: 4: a in body should be less than or equal to 3"],
            id="maximum",
        ),
        pytest.param(
            {**INTEGER, "minimum": 3, "exclusiveMinimum": True},
            3,
            ["a: Invalid value: 3: a in body should be greater than 3"],
            id="exclusive-minimum",
        ),
        pytest.param(
            {**INTEGER, "multipleOf": 3}, 4, ["a: Invalid value: 4: a in body should be a multiple of 3"], id="multiple"
        ),
        pytest.param({"type": "number", "multipleOf": 0.1}, 0.3, [], id="multiple-of-a-fraction"),
        pytest.param(
            {**INTEGER, "format": "int32"},
            2**31,
            ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in a'],
            id="int32",
        ),
        pytest.param({**STRING, "format": "nonsense"}, "x", [], id="unknown-format"),
        pytest.param(
            {**STRING, "format": "date"},
            "x",
            ['a: Invalid value: "x": a in body must be of type date: "x"'],
            id="format",
        ),
        pytest.param(
            {"type": "array", "items": STRING, "maxItems": 1},
            ["x", 1],
            [
                'a[1]: Invalid value: "integer": a[1] in body must be of type string: "integer"',
                "a: Too many: 2: must have at most 1 item",
            ],
            id="items",
        ),
        pytest.param(
            {"type": "array", "items": STRING, "minItems": 1},
            [],
            ["a: Invalid value: 0: a in body should have at least 1 items"],
            id="few-items",
        ),
        pytest.param(
            {**object_of(b=STRING), "required": ["b", "c"]}, {"b": ""}, ["a.c: Required value"], id="required"
        ),
        pytest.param(
            {"type": "object", "additionalProperties": STRING, "minProperties": 2},
            {"k": 1},
            [
                "a: Invalid value: 1: a in body should have at least 2 properties",
                'a.k: Invalid value: "integer": a.k in body must be of type string: "integer"',
            ],
            id="map",
        ),
        pytest.param(
            {**INTEGER, "not": {"enum": [5]}},
            5,
            ['<nil>: Invalid value: "": "a" must not validate the schema (not)'],
            id="not",
        ),
        pytest.param(
            {**INTEGER, "oneOf": [{"minimum": 1}, {"minimum": 2}]},
            3,
            ['<nil>: Invalid value: "": "a" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
            id="one-of-two",
        ),
        pytest.param(
            {**INTEGER, "oneOf": [{"minimum": 5}, {"minimum": 6}]},
            3,
            [
                '<nil>: Invalid value: "": "a" must validate one and only one schema (oneOf). Found none valid',
                "a: Invalid value: 3: a in body should be greater than or equal to 5",
            ],
            id="one-of-none",
        ),
        pytest.param(
            {**object_of(x=STRING, y=STRING), "anyOf": [{"required": ["x"]}, {"required": ["y"]}]},
            {},
            ['<nil>: Invalid value: "": "a" must validate at least one schema (anyOf)', "a.x: Required value"],
            id="any-of",
        ),
        pytest.param(
            {**INTEGER, "allOf": [{"minimum": 5}, {"maximum": 9}]},
            3,
            [
                "a: Invalid value: 3: a in body should be greater than or equal to 5",
                '<nil>: Invalid value: "": "a" must validate all the schemas (allOf)',
            ],
            id="all-of",
        ),
    ],
)
def test_errors(schema: Object, value: Any, messages: list[str]) -> None:
    assert errors(schema, value) == messages


def test_errors_name_what_they_are_below() -> None:
    found = Validator(object_of(a=STRING), 36).errors({"a": 1}, "status")
    assert [error.field for error in found] == ["status.a"]


def test_names_of_formats_depend_on_the_version() -> None:
    schema = object_of(a={**STRING, "format": "k8s-short-name"})
    assert len(Validator(schema, 36).errors({"a": "A"})) == 1
    assert Validator(schema, 33).errors({"a": "A"}) == []


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        pytest.param(1, 1.0, True, id="numbers"),
        pytest.param(True, 1, False, id="true-is-not-one"),
        pytest.param({"a": [True]}, {"a": [1]}, False, id="deep"),
        pytest.param(None, None, True, id="null"),
    ],
)
def test_equality(left: Any, right: Any, equal: bool) -> None:
    assert same(left, right) is equal
