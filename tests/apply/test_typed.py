"""Atoms: comparing, merging, removing and validating values by their types."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.api.apply.typed import compile_type
from tests.apply.shapes import INT, ITEM, SPEC, STRING, array, mapping, struct

NAMED = 'k:{"name":"a"}'


@pytest.mark.parametrize(
    ("old", "new", "changed", "removed"),
    [
        pytest.param({"replicas": 1}, {"replicas": 2}, {"f:replicas": {}}, {}, id="scalar"),
        pytest.param({}, {"replicas": 1}, {"f:replicas": {}}, {}, id="added"),
        pytest.param({"replicas": 1}, {}, {}, {"f:replicas": {}}, id="removed"),
        pytest.param(
            {},
            {"strategy": {"type": "x"}},
            {"f:strategy": {".": {}, "f:type": {}}},
            {},
            id="an added struct is a member itself",
        ),
        pytest.param(
            {"strategy": {}}, {"strategy": {"type": "x"}}, {"f:strategy": {"f:type": {}}}, {}, id="a filled one is not"
        ),
        pytest.param({"items": None}, {"items": []}, {"f:items": {}}, {}, id="null to empty"),
        pytest.param({"selector": {"a": "1"}}, {"selector": {"a": "2"}}, {"f:selector": {}}, {}, id="atomic map"),
        pytest.param(
            {"tags": ["a", "b"]},
            {"tags": ["b", "c"]},
            {"f:tags": {'v:"c"': {}}},
            {"f:tags": {'v:"a"': {}}},
            id="set",
        ),
        pytest.param({"tags": ["a", "b"]}, {"tags": ["b", "a"]}, {}, {}, id="the order of a set is nobody's"),
        pytest.param(
            {"items": [{"name": "a", "image": "1"}]},
            {"items": [{"name": "a", "image": "2"}]},
            {"f:items": {NAMED: {"f:image": {}}}},
            {},
            id="list map",
        ),
        pytest.param(
            {"items": []},
            {"items": [{"name": "a"}]},
            {"f:items": {NAMED: {".": {}, "f:name": {}}}},
            {},
            id="list map item added",
        ),
        pytest.param(
            {"items": [{"name": "a", "ports": [{"port": 1}]}]},
            {"items": [{"name": "a", "ports": [{"port": 1, "protocol": "TCP"}]}]},
            {"f:items": {NAMED: {"f:ports": {'k:{"port":1,"protocol":"TCP"}': {"f:protocol": {}}}}}},
            {},
            id="a key left out is its default",
        ),
        pytest.param(
            {"items": [{"name": "a"}]},
            {"items": [{"name": "a"}, {"name": "a", "image": "x"}]},
            {"f:items": {NAMED: {}}},
            {"f:items": {NAMED: {".": {}, "f:name": {}}}},
            id="new duplicates",
        ),
        pytest.param(
            {"items": [{"name": "a"}, {"name": "a", "image": "x"}]},
            {"items": [{"name": "a"}]},
            {"f:items": {NAMED: {".": {}, "f:name": {}}}},
            {"f:items": {NAMED: {}}},
            id="no duplicates any more",
        ),
        pytest.param(
            {"items": [{"name": "a"}, {"name": "a", "image": "x"}]},
            {"items": [{"name": "a"}, {"name": "a", "image": "y"}]},
            {"f:items": {NAMED: {}}},
            {},
            id="other duplicates",
        ),
        pytest.param(
            {"raw": {"a": {"b": 1}}},
            {"raw": {"a": {"b": 2, "c": [1]}}},
            {"f:raw": {"f:a": {"f:b": {}, "f:c": {}}}},
            {},
            id="raw maps are granular",
        ),
        pytest.param(
            {"raw": {"a": {"b": 1}}},
            {"raw": {"a": 5}},
            {"f:raw": {"f:a": {}}},
            {"f:raw": {"f:a": {"f:b": {}}}},
            id="raw map to scalar",
        ),
        pytest.param(
            {"raw": {"a": [1]}},
            {"raw": {"a": {"b": 1}}},
            {"f:raw": {"f:a": {".": {}, "f:b": {}}}},
            {},
            id="raw list to map",
        ),
        pytest.param({"extension": {"a": 1}}, {"extension": {"a": 2}}, {"f:extension": {}}, {}, id="extension"),
    ],
)
def test_compare(old: Any, new: Any, changed: Any, removed: Any) -> None:
    into_changed: dict[str, Any] = {}
    into_removed: dict[str, Any] = {}
    if old != new:
        compile_type(SPEC).compare(old, new, "here", into_changed, into_removed)
    assert into_changed.get("here", {}) == changed
    assert into_removed.get("here", {}) == removed


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        pytest.param({"replicas": None}, {"f:replicas": {}}, id="null"),
        pytest.param({"limits": {}}, {"f:limits": {}}, id="empty map"),
        pytest.param({"tags": []}, None, id="an empty list is not owned"),
        pytest.param({"tags": ["a"]}, {"f:tags": {'v:"a"': {}}}, id="set"),
        pytest.param({"limits": {"cpu": "1"}}, {"f:limits": {"f:cpu": {}}}, id="map"),
        pytest.param({"selector": {"a": "b"}}, {"f:selector": {}}, id="atomic map"),
        pytest.param({"rule": {"a": "b"}}, {"f:rule": {}}, id="atomic struct"),
        pytest.param({"strategy": {"type": "x"}}, {"f:strategy": {"f:type": {}}}, id="struct"),
        pytest.param({"items": [{"name": "a"}]}, {"f:items": {NAMED: {".": {}, "f:name": {}}}}, id="list map"),
        pytest.param({"raw": {"a": {"b": [1]}}}, {"f:raw": {"f:a": {".": {}, "f:b": {}}}}, id="raw"),
    ],
)
def test_field_set(value: Any, fields: Any) -> None:
    assert compile_type(SPEC).field_set(value) == fields


@pytest.mark.parametrize(
    ("old", "new", "merged"),
    [
        pytest.param({"replicas": 1, "paused": True}, {"replicas": 2}, {"replicas": 2, "paused": True}, id="struct"),
        pytest.param({"strategy": {"type": "x"}}, {"strategy": None}, {"strategy": {"type": "x"}}, id="null map"),
        pytest.param({"replicas": 1}, {"replicas": None}, {"replicas": None}, id="null scalar"),
        pytest.param({"selector": {"a": "1"}}, {"selector": {"b": "2"}}, {"selector": {"b": "2"}}, id="atomic map"),
        pytest.param(
            {"items": [{"name": "a", "image": "1"}]},
            {"items": [{"name": "b"}, {"name": "a", "args": ["x"]}]},
            {"items": [{"name": "b"}, {"name": "a", "image": "1", "args": ["x"]}]},
            id="list map",
        ),
        pytest.param(
            {"raw": {"a": 1, "b": {"c": 1}}},
            {"raw": {"b": {"d": 2}}},
            {"raw": {"a": 1, "b": {"c": 1, "d": 2}}},
            id="raw",
        ),
        pytest.param({"raw": {"a": {"b": 1}}}, {"raw": {"a": 5}}, {"raw": {"a": 5}}, id="raw map to scalar"),
    ],
)
def test_merge(old: Any, new: Any, merged: Any) -> None:
    before = repr(old)
    assert compile_type(SPEC).merge(old, new) == merged
    assert repr(old) == before


@pytest.mark.parametrize(
    ("old", "new", "merged"),
    [
        pytest.param("abc", "abc", "abc", id="same"),
        pytest.param("abc", "", "abc", id="nothing new"),
        pytest.param("", "ab", "ab", id="nothing old"),
        pytest.param("abc", "cx", "abcx", id="shared, then new"),
        pytest.param("abc", "cxa", "bcxa", id="reordered"),
        pytest.param("abcd", "dcba", "dcba", id="reversed"),
        pytest.param("ab", "xa", "xab", id="new before shared"),
        pytest.param("ab", "xb", "axb", id="old stays before new"),
        pytest.param("aab", "b", "aab", id="old duplicates stay"),
        pytest.param("aab", "ab", "ab", id="new replaces old duplicates"),
    ],
)
def test_merged_lists_keep_an_order(old: str, new: str, merged: str) -> None:
    atom = compile_type(array(STRING, "set"))
    assert "".join(atom.merge(list(old), list(new))) == merged


@pytest.mark.parametrize(
    ("value", "fields", "left"),
    [
        pytest.param({"replicas": 1, "paused": True}, {"f:replicas": {}}, {"paused": True}, id="field"),
        pytest.param({"replicas": 1}, {"f:replicas": {}}, None, id="last field"),
        pytest.param(
            {"strategy": {"type": "x"}}, {"f:strategy": {"f:type": {}}}, {"strategy": {}}, id="emptied struct"
        ),
        pytest.param({"tags": ["a"]}, {"f:tags": {'v:"a"': {}}}, {"tags": []}, id="emptied set"),
        pytest.param({"tags": ["a", "b"]}, {"f:tags": {'v:"a"': {}}}, {"tags": ["b"]}, id="set"),
        pytest.param(
            {"items": [{"name": "a", "image": "x"}, {"name": "b"}]},
            {"f:items": {NAMED: {"f:image": {}}}},
            {"items": [{"name": "a"}, {"name": "b"}]},
            id="in a list item",
        ),
        pytest.param(
            {"selector": {"a": "b"}}, {"f:selector": {"f:a": {}}}, {"selector": {}}, id="within an atomic map"
        ),
    ],
)
def test_remove(value: Any, fields: Any, left: Any) -> None:
    assert compile_type(SPEC).remove(value, fields) == left


@pytest.mark.parametrize(
    ("value", "errors"),
    [
        pytest.param({"replicaz": 1}, [".spec.replicaz: field not declared in schema"], id="unknown field"),
        pytest.param({"replicas": "x"}, [".spec.replicas: expected numeric (int or float), got string"], id="numeric"),
        pytest.param({"paused": {}}, [".spec.paused: expected boolean, got &{map[]}"], id="boolean"),
        pytest.param(
            {"selector": {"a": 5}},
            [".spec.selector.a: expected string, got &value.valueUnstructured{Value:5}"],
            id="string",
        ),
        pytest.param({"limits": {"cpu": [1]}}, [".spec.limits.cpu: expected any scalar, got &{[1]}"], id="scalar"),
        pytest.param({"items": "x"}, [".spec.items: expected list, got &{x}"], id="list"),
        pytest.param({"strategy": ["a"]}, [".spec.strategy: expected map, got &{[a]}"], id="map"),
        pytest.param({"tags": ["a", "a"]}, ['.spec.tags: duplicate entries for key [="a"]'], id="duplicate in set"),
        pytest.param(
            {"items": [{"name": "a"}, {"name": "a"}]},
            ['.spec.items: duplicate entries for key [name="a"]'],
            id="duplicate in list map",
        ),
        pytest.param(
            {"items": [{"image": "x"}]},
            [
                '.spec.items: element 0: associative list with keys has an element that omits all key fields ["name"] '
                "(and doesn't have default values for any key fields)"
            ],
            id="no key",
        ),
        pytest.param(
            {"items": [None]},
            [".spec.items: element 0: associative list with keys may not have a null element"],
            id="null item",
        ),
        pytest.param(
            {"tags": [{}]},
            [".spec.tags: element 0: associative list without keys has an element that's a map type"],
            id="map in a set",
        ),
        pytest.param(
            {"items": [{"name": "a", "args": [1, "x"]}]},
            ['.spec.items[name="a"].args[0]: expected string, got &value.valueUnstructured{Value:1}'],
            id="in an atomic list",
        ),
        pytest.param({"rule": {"c": "x"}}, [".spec.rule.c: field not declared in schema"], id="in an atomic struct"),
        pytest.param({"raw": {"any": [{"thing": 1}]}, "extension": [1]}, [], id="raw"),
        pytest.param({"replicas": None, "items": None, "selector": None}, [], id="nulls"),
    ],
)
def test_validate(value: Any, errors: list[str]) -> None:
    found: list[str] = []
    compile_type(SPEC).validate(value, ".spec", found)
    assert found == errors


@pytest.mark.parametrize(
    ("type", "fields", "reconciled"),
    [
        pytest.param(mapping(STRING, "atomic"), {"f:a": {}}, {}, id="map became atomic"),
        pytest.param(struct({"a": STRING}, map_type="atomic"), {".": {}, "f:a": {}}, {}, id="struct became atomic"),
        pytest.param(array(ITEM), {NAMED: {".": {}, "f:image": {}}}, {}, id="list became atomic"),
        pytest.param(array(ITEM, "map", ("name",)), {NAMED: {"f:image": {}}}, {NAMED: {"f:image": {}}}, id="granular"),
        pytest.param(
            struct({"m": mapping(INT, "atomic"), "n": INT}),
            {"f:m": {"f:x": {}}, "f:n": {}},
            {"f:m": {}, "f:n": {}},
            id="below",
        ),
    ],
)
def test_reconcile(type: Any, fields: Any, reconciled: Any) -> None:
    assert compile_type(type).reconcile(fields) == reconciled
    assert compile_type(type).reconcile(reconciled) is reconciled or not reconciled
