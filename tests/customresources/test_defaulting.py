"""Defaults of a schema."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given

from minikube_py.api.customresources.defaulting import apply_defaults
from minikube_py.api.customresources.structural import Structural
from minikube_py.machinery.gvr import Object
from tests.customresources.definitions import object_of
from tests.customresources.schemas import schemas, values

SIZE = {"type": "integer", "default": 3}


@pytest.mark.parametrize(
    ("schema", "value", "defaulted"),
    [
        pytest.param(object_of(size=SIZE), {}, {"size": 3}, id="absent"),
        pytest.param(object_of(size=SIZE), {"size": 0}, {"size": 0}, id="zero-is-something"),
        pytest.param(object_of(size=SIZE), {"size": None}, {"size": 3}, id="null"),
        pytest.param(object_of(size={**SIZE, "nullable": True}), {"size": None}, {"size": None}, id="nullable"),
        pytest.param(object_of(spec=object_of(size=SIZE)), {}, {}, id="no-object-to-put-it-in"),
        pytest.param(
            object_of(spec={**object_of(size=SIZE), "default": {}}), {}, {"spec": {"size": 3}}, id="default-in-default"
        ),
        pytest.param(
            {"type": "array", "items": object_of(size=SIZE)}, [{}, {"size": 1}], [{"size": 3}, {"size": 1}], id="items"
        ),
        pytest.param({"type": "array", "items": SIZE}, [None, 1], [3, 1], id="null-items"),
        pytest.param(
            {"type": "object", "additionalProperties": object_of(size=SIZE)}, {"k": {}}, {"k": {"size": 3}}, id="map"
        ),
        pytest.param(object_of(on={"type": "boolean", "default": False}), {}, {"on": False}, id="false"),
    ],
)
def test_defaults(schema: Object, value: Any, defaulted: Any) -> None:
    apply_defaults(value, Structural(schema))
    assert value == defaulted


def test_defaults_are_not_shared() -> None:
    schema = Structural(object_of(tags={"type": "array", "items": {"type": "string"}, "default": ["a"]}))
    first: Object = {}
    apply_defaults(first, schema)
    first["tags"].append("b")
    second: Object = {}
    apply_defaults(second, schema)
    assert second == {"tags": ["a"]}


@given(schemas(), values())
def test_defaulting_is_idempotent(schema: Object, value: Any) -> None:
    structural = Structural(object_of(spec=schema))
    tree = {"spec": value}
    apply_defaults(tree, structural)
    once = copy.deepcopy(tree)
    apply_defaults(tree, structural)
    assert tree == once
