"""JSON Patch: the server's own semantics as tables, and the RFC's where package jsonpatch agrees with them."""

from __future__ import annotations

import copy
from typing import Any

import jsonpatch as judge
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.api.patch.jsonpatch import MAX_OPERATIONS, apply_json_patch
from minikube_py.machinery.errors import StatusError


def config_map() -> dict[str, Any]:
    return {
        "data": {"k": "v", "gone": None, "a/b": "slash", "m~n": "tilde"},
        "metadata": {"finalizers": ["a", "b", "c"], "labels": {"app": "x"}},
        "spec": {"n": 1, "list": [[1, 2], {"k": "v"}]},
    }


def op(kind: str, path: str, *value: Any, **more: Any) -> dict[str, Any]:
    return {"op": kind, "path": path, **({"value": value[0]} if value else {}), **more}


@pytest.mark.parametrize(
    ("operation", "path", "expected"),
    [
        pytest.param(op("add", "/data/new", 1), ["data", "new"], 1, id="add-key"),
        pytest.param(op("add", "/data/k", 1), ["data", "k"], 1, id="add-replaces-key"),
        pytest.param(op("add", "/data/k"), ["data", "k"], None, id="add-without-value-is-null"),
        pytest.param(op("add", "data/k", 1), ["k"], 1, id="first-part-without-slash-is-ignored"),
        pytest.param(op("add", "/data/a~1b", 1), ["data", "a/b"], 1, id="escaped-slash"),
        pytest.param(op("add", "/data/m~0n", 1), ["data", "m~n"], 1, id="escaped-tilde"),
        pytest.param(op("add", "/data/x~01", 1), ["data", "x~1"], 1, id="escaped-tilde-then-one"),
        pytest.param(op("add", "/", 1), [""], 1, id="the-empty-key"),
        pytest.param(op("add", "/metadata/finalizers/-", "d"), ["metadata", "finalizers"], [*"abcd"], id="append"),
        pytest.param(op("add", "/metadata/finalizers/0", "d"), ["metadata", "finalizers"], [*"dabc"], id="insert"),
        pytest.param(op("add", "/metadata/finalizers/3", "d"), ["metadata", "finalizers"], [*"abcd"], id="insert-end"),
        pytest.param(
            op("add", "/metadata/finalizers/-1", "d"), ["metadata", "finalizers"], [*"abcd"], id="insert-minus-one"
        ),
        pytest.param(
            op("add", "/metadata/finalizers/-4", "d"), ["metadata", "finalizers"], [*"dabc"], id="insert-minus-all"
        ),
        pytest.param(op("add", "/spec/list/0/1", 9), ["spec", "list"], [[1, 9, 2], {"k": "v"}], id="list-in-list"),
        pytest.param(op("add", "/spec/list/-1/k", 9), ["spec", "list"], [[1, 2], {"k": 9}], id="through-minus-one"),
        pytest.param(op("remove", "/data/gone"), ["data", "k"], "v", id="remove-null"),
        pytest.param(op("remove", "/metadata/finalizers/1"), ["metadata", "finalizers"], ["a", "c"], id="remove-index"),
        pytest.param(
            op("remove", "/metadata/finalizers/-1"), ["metadata", "finalizers"], ["a", "b"], id="remove-minus-one"
        ),
        pytest.param(op("replace", "/data/nope", "x"), ["data", "nope"], "x", id="replace-adds-missing-key"),
        pytest.param(op("replace", "/metadata/finalizers/+1", 0), ["metadata", "finalizers", 1], 0, id="plus-sign"),
        pytest.param(op("move", "/data/x", **{"from": "/data/k"}), ["data", "x"], "v", id="move"),
        pytest.param(
            op("move", "/metadata/finalizers/0", **{"from": "/metadata/finalizers/2"}),
            ["metadata", "finalizers"],
            [*"cab"],
            id="move-in-list",
        ),
        pytest.param(op("copy", "/data/x", **{"from": "/data/k"}), ["data", "x"], "v", id="copy"),
        pytest.param(op("copy", "/data/x", **{"from": "/data/nope"}), ["data", "x"], None, id="copy-missing-is-null"),
        pytest.param(op("test", "/data/k", "v"), ["data", "k"], "v", id="test"),
        pytest.param(op("test", "/data/nope", None), ["data", "k"], "v", id="test-missing-is-null"),
        pytest.param(op("test", "/data/gone"), ["data", "k"], "v", id="test-null-without-value"),
        pytest.param(op("replace", "", {"a": 1}), ["a"], 1, id="replace-all"),
    ],
)
def test_applies(operation: dict[str, Any], path: list[Any], expected: Any) -> None:
    document, pristine = config_map(), config_map()
    patched = apply_json_patch(document, [operation])
    for step in path:
        patched = patched[step]
    assert patched == expected
    assert document == pristine


@pytest.mark.parametrize(
    ("operations", "cause"),
    [
        pytest.param([op("test", "/data/k", "other")], "testing value /data/k failed: test failed", id="test-fails"),
        pytest.param([op("test", "/spec/n", True)], "testing value /spec/n failed: test failed", id="one-is-not-true"),
        pytest.param([op("test", "/spec/n", 1.0)], "testing value /spec/n failed: test failed", id="int-is-not-float"),
        pytest.param([op("test", "", {})], "testing value  failed: test failed", id="test-all"),
        pytest.param(
            [op("remove", "/data/nope")], "Unable to remove nonexistent key: nope: missing value", id="remove-missing"
        ),
        pytest.param(
            [op("remove", "/nothing/here")],
            'remove operation does not apply: doc is missing path: "/nothing/here"',
            id="missing-parent",
        ),
        pytest.param(
            [op("add", "/data/gone/x", 1)],
            'add operation does not apply: doc is missing path: "/data/gone/x"',
            id="null-parent",
        ),
        pytest.param(
            [op("add", "/data/k/x", 1)], 'add operation does not apply: doc is missing path: "/data/k/x"', id="scalar"
        ),
        pytest.param([op("add", "", {})], 'add operation does not apply: doc is missing path: ""', id="add-all"),
        pytest.param(
            [op("add", "/metadata/finalizers/7", "d")],
            "Unable to access invalid index: 7: invalid index referenced",
            id="index-out-of-range",
        ),
        pytest.param(
            [op("remove", "/metadata/finalizers/-4")],
            "Unable to access invalid index: -4: invalid index referenced",
            id="negative-index-out-of-range",
        ),
        pytest.param(
            [op("add", "/metadata/finalizers/first", "d")],
            'strconv.Atoi: parsing "first": invalid syntax',
            id="index-not-a-number",
        ),
        pytest.param(
            [op("move", "/data/x", **{"from": "/data/nope"})],
            "Unable to remove nonexistent key: nope: missing value",
            id="move-from-missing",
        ),
        pytest.param([op("move", "/data/x")], "operation missing from field: missing value", id="no-from"),
        pytest.param([{"op": "add"}], "operation missing path field: missing value", id="no-path"),
        pytest.param([op("replace", "", 5)], "replace operation value must be object or array", id="replace-all-by-5"),
        pytest.param([op("invent", "/data/k")], "Unexpected kind: invent", id="unknown-operation"),
        pytest.param([{"path": "/data/k"}], "Unexpected kind: unknown", id="no-operation"),
        pytest.param([None], "Unexpected kind: unknown", id="null-operation"),
        pytest.param([op("add", "/data/k", 1), op("test", "/data/k", 2)], "testing value /data/k failed: test failed",
                     id="second-fails"),
    ],
)  # fmt: skip
def test_does_not_apply(operations: list[Any], cause: str) -> None:
    document, pristine = config_map(), config_map()
    with pytest.raises(StatusError) as raised:
        apply_json_patch(document, operations)
    assert (raised.value.code, raised.value.reason, raised.value.details) == (422, "Invalid", {})
    assert str(raised.value) == "the server rejected our request due to an error in our request"
    assert str(raised.value.__cause__) == cause
    assert document == pristine


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(
            b'{"op":"add"}',
            "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
            id="not-a-list",
        ),
        pytest.param(
            b'["x"]',
            "error decoding patch: json: cannot unmarshal string into Go value of type handlers.jsonPatchOp",
            id="not-an-operation",
        ),
        pytest.param(
            b'[{"op":"add","path":5}]',
            "error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.path of type string",
            id="path-is-a-number",
        ),
        pytest.param(b"[{", "error decoding patch: unexpected end of JSON input", id="not-json"),
        pytest.param(b"", "error decoding patch: unexpected end of JSON input", id="empty"),
    ],
)
def test_undecodable(body: bytes, message: str) -> None:
    with pytest.raises(StatusError) as raised:
        apply_json_patch({}, body)
    assert (raised.value.code, raised.value.reason, str(raised.value)) == (400, "BadRequest", message)


def test_null_is_no_operations() -> None:
    assert apply_json_patch({"a": 1}, b"null") == {"a": 1}


def test_too_many_operations() -> None:
    with pytest.raises(StatusError) as raised:
        apply_json_patch({}, [op("add", "/a", 1)] * (MAX_OPERATIONS + 1))
    assert raised.value.code == 413
    assert str(raised.value) == (
        "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001"
    )


def test_copies_are_limited() -> None:
    doubling = [op("copy", "/a/-", **{"from": "/a"}) for _ in range(30)]
    with pytest.raises(StatusError) as raised:
        apply_json_patch({"a": ["0123456789"]}, doubling)
    assert raised.value.code == 422


def test_unchanged_parts_are_shared() -> None:
    document = config_map()
    patched = apply_json_patch(document, [op("add", "/metadata/labels/x", "y")])
    assert patched["spec"] is document["spec"]
    assert patched["metadata"]["finalizers"] is document["metadata"]["finalizers"]
    assert patched["metadata"]["labels"] is not document["metadata"]["labels"]


def test_copied_values_do_not_alias() -> None:
    operations = [
        op("add", "/a/x", 1),
        op("copy", "/b", **{"from": "/a"}),
        op("add", "/b/y", 2),
        op("add", "/a/z", 3),
    ]
    assert apply_json_patch({"a": {}}, operations) == {"a": {"x": 1, "z": 3}, "b": {"x": 1, "y": 2}}


def test_patch_values_are_not_changed() -> None:
    operations = [op("add", "/a", {}), op("add", "/a/x", 1), op("add", "/a/x", 2)]
    pristine = copy.deepcopy(operations)
    assert apply_json_patch({}, operations) == {"a": {"x": 2}}
    assert operations == pristine


keys = st.sampled_from(["a", "b", "c/d", "~"])
scalars = st.sampled_from(["s", 2, 3.5, "t"])
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(keys, trees, max_size=4)


def steps(value: Any, prefix: str = "") -> list[str]:
    """Every pointer into a tree, and some that point beside it."""
    found: list[str] = []
    if isinstance(value, dict):
        for key in [*value, "b"]:
            pointer = f"{prefix}/{key.replace('~', '~0').replace('/', '~1')}"
            found += [pointer, *steps(value.get(key), pointer)]
    elif isinstance(value, list):
        for index in range(len(value) + 1):
            pointer = f"{prefix}/{index}"
            found += [pointer, *(steps(value[index], pointer) if index < len(value) else [])]
        found.append(f"{prefix}/-")
    return found


@st.composite
def patched_documents(draw: st.DrawFn) -> tuple[Any, list[dict[str, Any]]]:
    document = draw(documents)
    pointers = st.sampled_from(steps(document) or ["/a"])
    operation = st.one_of(
        st.builds(lambda path, value: op("add", path, value), pointers, trees),
        st.builds(lambda path: op("remove", path), pointers),
        st.builds(lambda path, value: op("test", path, value), pointers, trees),
        st.builds(lambda path, source: op("move", path, **{"from": source}), pointers, pointers),
    )
    return document, draw(st.lists(operation, max_size=4))


@given(patched_documents())
def test_as_the_rfc_says(case: tuple[Any, list[dict[str, Any]]]) -> None:
    document, operations = case
    pristine = copy.deepcopy(case)
    try:
        expected = judge.apply_patch(document, operations)
    except (judge.JsonPatchException, judge.JsonPointerException, KeyError, TypeError, AttributeError):
        expected = None
    try:
        patched = apply_json_patch(document, operations)
    except StatusError:
        patched = None
    assert case == pristine
    if expected is not None:
        assert patched == expected


@given(documents, documents)
def test_a_made_patch_leads_there(document: Any, wanted: Any) -> None:
    assert apply_json_patch(document, judge.make_patch(document, wanted).patch) == wanted
