"""Field sets: the algebra, and FieldsV1 both ways."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.api.apply import fieldset
from minikube_py.api.apply.fieldset import FieldSet
from minikube_py.api.apply.pathelement import InvalidPathElement, canonical, key_element, text, value_element

ELEMENTS = st.sampled_from(["f:a", "f:b", "f:spec", 'k:{"name":"x"}', 'k:{"port":80,"protocol":"TCP"}', 'v:"x"', "v:3"])
PATHS = st.lists(ELEMENTS, min_size=1, max_size=4).map(tuple)
SETS = st.lists(PATHS, max_size=8)


def members(fields: FieldSet) -> set[tuple[str, ...]]:
    return set(fieldset.paths(fields))


@given(SETS)
def test_a_set_has_what_it_was_made_of(paths: list[tuple[str, ...]]) -> None:
    fields = fieldset.of(*paths)
    assert members(fields) == set(paths)
    assert all(fieldset.has(fields, path) for path in paths)


@given(SETS, SETS)
def test_operations_are_those_of_sets_of_paths(a: list[tuple[str, ...]], b: list[tuple[str, ...]]) -> None:
    left, right = fieldset.of(*a), fieldset.of(*b)
    assert members(fieldset.union(left, right)) == set(a) | set(b)
    assert members(fieldset.intersection(left, right)) == set(a) & set(b)
    assert members(fieldset.difference(left, right)) == set(a) - set(b)


@given(SETS, SETS)
def test_recursive_difference_takes_what_is_below_too(a: list[tuple[str, ...]], b: list[tuple[str, ...]]) -> None:
    left = {path for path in a if not any(path[: len(taken)] == taken for taken in b)}
    assert members(fieldset.recursive_difference(fieldset.of(*a), fieldset.of(*b))) == left


@given(SETS, SETS)
def test_equal_sets_are_equal_trees(a: list[tuple[str, ...]], b: list[tuple[str, ...]]) -> None:
    assert (fieldset.of(*a) == fieldset.of(*b)) == (set(a) == set(b))
    union = fieldset.union(fieldset.of(*a), fieldset.of(*b))
    assert fieldset.difference(union, fieldset.of(*b)) == fieldset.of(*(set(a) - set(b)))


@given(SETS)
def test_round_trip(paths: list[tuple[str, ...]]) -> None:
    fields = fieldset.of(*paths)
    assert fieldset.parse(fields) == fields
    assert fieldset.ordered(fields) == fields
    once = fieldset.ordered(fields)
    assert fieldset.ordered(once) is once


@given(SETS, SETS)
def test_what_changes_nothing_returns_its_argument(a: list[tuple[str, ...]], b: list[tuple[str, ...]]) -> None:
    union = fieldset.union(fieldset.of(*a), fieldset.of(*b))
    assert fieldset.union(union, fieldset.of(*b)) is union
    rest = fieldset.difference(union, fieldset.of(*b))
    assert fieldset.difference(rest, fieldset.of(*b)) is rest


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        pytest.param(None, {}, id="nothing"),
        pytest.param({".": {}}, {}, id="the root is nobody's"),
        pytest.param({"f:a": {".": {}}}, {"f:a": {}}, id="a lone dot is a leaf"),
        pytest.param(
            {'k:{"protocol":"TCP", "port":80}': {}}, {'k:{"port":80,"protocol":"TCP"}': {}}, id="keys are sorted"
        ),
        pytest.param({"x:later": {"f:a": {}}, "f:b": {}}, {"f:b": {}}, id="unknown kinds are dropped"),
        pytest.param({"f:a": {"x:later": {}}}, {"f:a": {}}, id="their parents stay"),
        pytest.param({"i:01": {}}, {"i:1": {}}, id="index"),
    ],
)
def test_parse(tree: Any, expected: FieldSet) -> None:
    assert fieldset.parse(tree) == expected


@pytest.mark.parametrize(
    "tree",
    [
        pytest.param([], id="list"),
        pytest.param({"f": {}}, id="too short"),
        pytest.param({"field": {}}, id="no colon"),
        pytest.param({"f:a": 1}, id="node that is no map"),
        pytest.param({"k:{": {}}, id="broken key"),
        pytest.param({"v:{": {}}, id="broken value"),
        pytest.param({"i:x": {}}, id="broken index"),
        pytest.param({'k:"x"': {}}, id="key that is no map"),
    ],
)
def test_parse_refuses(tree: Any) -> None:
    with pytest.raises(InvalidPathElement):
        fieldset.parse(tree)


def test_paths_come_members_first_in_the_order_of_elements() -> None:
    fields = fieldset.of(
        ("f:b",),
        ("f:a", "f:z"),
        ("f:a", 'k:{"port":443}'),
        ("f:a", 'k:{"port":80}'),
        ("f:a", 'v:"x"'),
        ("f:a", "i:10"),
        ("f:a", "i:9"),
        ("f:c",),
    )
    assert [fieldset.path_text(path) for path in fieldset.paths(fields)] == [
        ".b", ".c", ".a.z", ".a[port=80]", ".a[port=443]", '.a[="x"]', ".a[9]", ".a[10]",
    ]  # fmt: skip
    assert list(fieldset.ordered(fields)["f:a"]) == [
        "f:z", 'k:{"port":80}', 'k:{"port":443}', 'v:"x"', "i:9", "i:10",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("element", "spelt", "shown"),
    [
        pytest.param(key_element([("name", "a b")]), 'k:{"name":"a b"}', '[name="a b"]', id="key"),
        pytest.param(
            key_element([("port", 80), ("protocol", "TCP")]),
            'k:{"port":80,"protocol":"TCP"}',
            '[port=80,protocol="TCP"]',
            id="two keys",
        ),
        pytest.param(value_element("a<b"), 'v:"a\\u003cb"', '[="a<b"]', id="html"),
        pytest.param(value_element(True), "v:true", "[=true]", id="bool"),
        pytest.param(value_element(1.5), "v:1.5", "[=1.5]", id="float"),
        pytest.param("f:a.b/c", "f:a.b/c", ".a.b/c", id="field"),
    ],
)
def test_path_elements(element: str, spelt: str, shown: str) -> None:
    assert element == spelt
    assert canonical(spelt) == spelt
    assert text(element) == shown
