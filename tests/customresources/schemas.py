"""Structural schemas and JSON values at random, of few names so that they meet."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from minikube_py.machinery.gvr import Object

NAMES = st.sampled_from(["a", "b", "c"])
SCALARS = {"string": "d", "integer": 3, "boolean": True}


@st.composite
def _scalars(draw: st.DrawFn) -> Object:
    kind = draw(st.sampled_from(sorted(SCALARS)))
    schema: Object = {"type": kind}
    if draw(st.booleans()):
        schema["default"] = SCALARS[kind]
    if draw(st.booleans()):
        schema["nullable"] = True
    return schema


def _objects(below: st.SearchStrategy[Object]) -> st.SearchStrategy[Object]:
    properties = st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(NAMES, below, max_size=3)},
        optional={
            "nullable": st.booleans(),
            "x-kubernetes-preserve-unknown-fields": st.just(True),
            "default": st.just({}),
        },
    )
    additional = st.fixed_dictionaries({"type": st.just("object"), "additionalProperties": below})
    items = st.fixed_dictionaries({"type": st.just("array"), "items": below})
    return st.one_of(properties, additional, items)


def schemas() -> st.SearchStrategy[Object]:
    return st.recursive(_scalars(), _objects, max_leaves=8)


def values() -> st.SearchStrategy[Any]:
    leaves = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2) | st.sampled_from(["", "x"])
    return st.recursive(
        leaves, lambda below: st.lists(below, max_size=3) | st.dictionaries(NAMES, below, max_size=3), max_leaves=8
    )
