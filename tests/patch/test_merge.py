"""JSON Merge Patch: RFC 7386's own examples, what upstream's library does beside them, and the laws."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.api.patch.merge import apply_merge_patch
from minikube_py.machinery.errors import StatusError


@pytest.mark.parametrize(
    ("document", "patch", "expected"),
    [
        pytest.param({"a": "b"}, {"a": "c"}, {"a": "c"}, id="replace"),
        pytest.param({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}, id="add"),
        pytest.param({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}, id="null-deletes"),
        pytest.param({"a": "b"}, {"x": None}, {"a": "b"}, id="null-of-missing"),
        pytest.param({"a": ["b"]}, {"a": "c"}, {"a": "c"}, id="list-to-scalar"),
        pytest.param({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}, id="scalar-to-list"),
        pytest.param({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}, id="nested"),
        pytest.param({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}, id="lists-are-replaced"),
        pytest.param({"e": None}, {"a": 1}, {"e": None, "a": 1}, id="nulls-of-the-document-stay"),
        pytest.param({"a": "x"}, {"a": {"b": {"c": None}}}, {"a": {"b": {}}}, id="nulls-go-from-what-is-new"),
        pytest.param({"a": None}, {"a": {"b": None, "c": 1}}, {"a": {"c": 1}}, id="null-is-as-missing"),
        pytest.param({}, {"a": [None, {"b": None}]}, {"a": [None, {}]}, id="items-keep-null-but-not-its-keys"),
        pytest.param({"a": {}}, {"a": [{"b": None}]}, {"a": [{"b": None}]}, id="a-list-for-an-object-is-as-it-is"),
        pytest.param({"a": 1}, [{"b": None}], [{}], id="a-list-takes-the-place"),
        pytest.param([1], {"a": None, "b": 1}, {"b": 1}, id="an-object-takes-a-lists-place"),
        pytest.param({"a": 1}, b'{"a": null, "b": 2}', {"b": 2}, id="bytes"),
    ],
)
def test_merges(document: Any, patch: Any, expected: Any) -> None:
    before = copy.deepcopy((document, patch))
    assert apply_merge_patch(document, patch) == expected
    assert (document, patch) == before


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        pytest.param(None, "Invalid JSON Patch", id="null"),
        pytest.param("text", "Invalid JSON Patch", id="scalar"),
        pytest.param(b"null", "Invalid JSON Patch", id="null-bytes"),
        pytest.param(
            b'[{"a":1}]',
            "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
            id="list-bytes",
        ),
        pytest.param(
            b'"text"',
            "error decoding patch: json: cannot unmarshal string into Go value of type map[string]interface {}",
            id="string-bytes",
        ),
        pytest.param(
            b"{data: {k: v}}",
            "error decoding patch: invalid character 'd' looking for beginning of object key string",
            id="not-json",
        ),
        pytest.param(b"", "error decoding patch: unexpected end of JSON input", id="empty"),
    ],
)
def test_refused(patch: Any, message: str) -> None:
    with pytest.raises(StatusError) as raised:
        apply_merge_patch({}, patch)
    assert (raised.value.code, raised.value.reason, str(raised.value)) == (400, "BadRequest", message)


def test_unchanged_parts_are_shared() -> None:
    document = {"metadata": {"labels": {"a": "b"}, "annotations": {}}, "spec": {"x": {}}}
    merged = apply_merge_patch(document, {"metadata": {"labels": {"c": "d"}}})
    assert merged["spec"] is document["spec"]
    assert merged["metadata"]["annotations"] is document["metadata"]["annotations"]


keys = st.sampled_from("abcd")
trees = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.text("xy", max_size=1),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(keys, trees, max_size=4)


def holds_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(item is None or holds_null(item) for item in value.values())
    return isinstance(value, list) and any(map(holds_null, value))


@given(documents)
def test_the_empty_patch_changes_nothing(document: Any) -> None:
    assert apply_merge_patch(document, {}) == document


@given(documents, documents)
def test_twice_is_once(document: Any, patch: Any) -> None:
    once = apply_merge_patch(document, patch)
    assert apply_merge_patch(once, patch) == apply_merge_patch(apply_merge_patch(once, patch), patch)
    if not holds_null(patch):
        assert apply_merge_patch(once, patch) == once


@given(documents, documents)
def test_inputs_are_left_alone(document: Any, patch: Any) -> None:
    before = copy.deepcopy((document, patch))
    apply_merge_patch(document, patch)
    assert (document, patch) == before


@given(documents.filter(lambda document: not holds_null(document)), documents)
def test_no_null_comes_in_with_a_new_object(document: Any, patch: Any) -> None:
    assert not holds_null(apply_merge_patch({}, patch))
    assert apply_merge_patch({}, document) == document
