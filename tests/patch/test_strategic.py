"""Strategic merge patch over types made by hand after Deployment's."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.api.patch.merge import apply_merge_patch
from minikube_py.api.patch.strategic import apply_strategic_patch, consume_strategic_patch
from minikube_py.api.schema.types import Field, Type
from minikube_py.machinery.errors import StatusError

STRING = Type("string", go="string")
MERGE = frozenset({"merge"})


def struct(go: str, *fields: Field) -> Type:
    return Type("struct", go=go, fields={field.json: field for field in fields})


def list_of(elem: Type) -> Type:
    return Type("list", elem=elem)


def merging(name: str, elem: Type, key: str = "", *more: str) -> Field:
    return Field(name, list_of(elem), patch_strategies=MERGE | set(more), patch_merge_key=key)


ENV = struct("v1.EnvVar", Field("name", STRING), Field("value", STRING))
PORT = struct("v1.ContainerPort", Field("containerPort", Type("int32", go="int32")), Field("name", STRING))
CONTAINER = struct(
    "v1.Container",
    Field("name", STRING),
    Field("image", STRING),
    Field("args", list_of(STRING)),
    merging("env", ENV, "name"),
    merging("ports", PORT, "containerPort"),
)
VOLUME = struct("v1.Volume", Field("name", STRING), Field("emptyDir", struct("v1.E")), Field("secret", struct("v1.S")))
POD = struct(
    "v1.PodSpec",
    merging("containers", CONTAINER, "name"),
    merging("volumes", VOLUME, "name", "retainKeys"),
    Field("matrix", list_of(list_of(STRING)), patch_strategies=MERGE),
)
STRATEGY = struct("apps.DeploymentStrategy", Field("type", STRING), Field("rollingUpdate", struct("apps.Rolling")))
META = struct(
    "v1.ObjectMeta",
    Field("labels", Type("map", elem=STRING)),
    merging("finalizers", STRING),
    Field("nested", Type("map", elem=Type("map", elem=STRING))),
)
TYPE = struct(
    "apps.Deployment",
    Field("metadata", META),
    Field("spec", POD),
    Field("strategy", STRATEGY, patch_strategies=frozenset({"retainKeys"})),
    Field("whole", STRATEGY, patch_strategies=frozenset({"replace"})),
    Field("data", Type("raw", go="runtime.RawExtension")),
)


def containers(*names: str, **images: str) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": name, "image": images.get(name, name)} for name in names]}}


def container_patch(*items: Any, order: tuple[str, ...] | None = None) -> dict[str, Any]:
    items_patch = [{"name": item, "image": item} if isinstance(item, str) else item for item in items]
    order_patch = {} if order is None else {"$setElementOrder/containers": [{"name": name} for name in order]}
    return {"spec": {**order_patch, **({"containers": items_patch} if items else {})}}


def gone(name: str) -> dict[str, Any]:
    return {"name": name, "$patch": "delete"}


def finalizers(*values: str) -> dict[str, Any]:
    return {"metadata": {"finalizers": list(values)}}


@pytest.mark.parametrize(
    ("original", "patch", "expected"),
    [
        pytest.param({"a": 1}, {"a": 2, "b": 3}, {"a": 2, "b": 3}, id="scalars"),
        pytest.param({"a": 1}, {"a": None, "b": None}, {}, id="null-deletes"),
        pytest.param(
            {"metadata": {"labels": {"a": "1", "b": "2"}}},
            {"metadata": {"labels": {"a": None, "c": "3"}}},
            {"metadata": {"labels": {"b": "2", "c": "3"}}},
            id="maps-merge",
        ),
        pytest.param({}, {"metadata": {"labels": {"a": None, "b": "1"}}}, {"metadata": {"labels": {"b": "1"}}},
                     id="nulls-go-from-what-is-new"),
        pytest.param({"a": "x"}, {"a": {"b": None}}, {"a": {}}, id="nulls-go-from-what-changes-kind"),
        pytest.param(
            {"metadata": {"labels": {"a": "1"}}},
            {"metadata": {"labels": {"$patch": "replace", "b": "2"}}},
            {"metadata": {"labels": {"b": "2"}}},
            id="replace-map",
        ),
        pytest.param({"metadata": {"labels": {"a": "1"}}}, {"metadata": {"labels": {"$patch": "delete"}}},
                     {"metadata": {"labels": {}}}, id="delete-map"),
        pytest.param({"a": 1}, {"$patch": "replace", "b": 2}, {"b": 2}, id="replace-all"),
        pytest.param({"metadata": {}}, {"metadata": {"labels": {"$patch": "invent"}}}, {"metadata": {}},
                     id="directive-on-a-missing-map"),
        pytest.param({"whole": {"type": "a"}}, {"whole": {"rollingUpdate": {}}}, {"whole": {"rollingUpdate": {}}},
                     id="replace-strategy"),
        pytest.param(
            {"strategy": {"type": "a", "rollingUpdate": {"x": 1}}},
            {"strategy": {"$retainKeys": ["type"], "type": "b"}},
            {"strategy": {"type": "b"}},
            id="retain-keys",
        ),
        pytest.param(
            {"spec": {"volumes": [{"name": "v", "emptyDir": {}}]}},
            {"spec": {"volumes": [{"$retainKeys": ["name", "secret"], "name": "v", "secret": {}}]}},
            {"spec": {"volumes": [{"name": "v", "secret": {}}]}},
            id="retain-keys-of-an-item",
        ),
        pytest.param({"data": {"a": 1, "b": [1]}}, {"data": {"a": 2}}, {"data": {"a": 2, "b": [1]}}, id="raw-merges"),
    ],
)  # fmt: skip
def test_maps(original: Any, patch: Any, expected: Any) -> None:
    before = copy.deepcopy((original, patch))
    assert apply_strategic_patch(original, patch, TYPE) == expected
    assert (original, patch) == before


@pytest.mark.parametrize(
    ("original", "patch", "expected"),
    [
        pytest.param(containers("one", "two"), container_patch({"name": "two", "image": "new"}),
                     containers("one", "two", two="new"), id="merged-by-key"),
        pytest.param(containers("one", "two"), container_patch("three"), containers("three", "one", "two"),
                     id="added-in-front"),
        pytest.param(containers("one", "two"), container_patch("two", "three"), containers("one", "two", "three"),
                     id="added-after-a-known-one"),
        pytest.param(containers("one", "two"), container_patch(gone("one")), containers("two"), id="deleted"),
        pytest.param(containers("one", "one", "two"), container_patch(gone("one")), containers("two"),
                     id="all-of-a-name-deleted"),
        pytest.param(containers("one"), container_patch(gone("two")), containers("one"), id="deleted-already"),
        pytest.param(containers("one"), container_patch(gone("one")), {"spec": {"containers": []}}, id="last-deleted"),
        pytest.param({"spec": {}}, container_patch("one", gone("two")), containers("one"), id="new-list"),
        pytest.param(containers("one", "two"), container_patch("three", {"$patch": "replace"}), containers("three"),
                     id="replace-list"),
        pytest.param(containers("one", "two"), container_patch("one", order=("two", "one")), containers("two", "one"),
                     id="reordered"),
        pytest.param(containers("one", "two"), container_patch(order=("two", "one")), containers("two", "one"),
                     id="only-reordered"),
        pytest.param(containers("two", "one"), container_patch("zero", order=("zero", "two", "one")),
                     containers("zero", "two", "one"), id="added-in-order"),
        pytest.param(containers("zero", "two", "one"), container_patch(gone("zero"), "one", order=("one",)),
                     containers("two", "one"), id="server-only-keeps-its-place"),
        pytest.param(containers("app", "sidecar"), container_patch("new", gone("app"), order=("new",)),
                     containers("sidecar", "new"), id="what-replaces-a-deleted-one-goes-behind"),
        pytest.param(containers("sidecar", "app"), container_patch("new", gone("app"), order=("new",)),
                     containers("sidecar", "new"), id="in-the-deleted-ones-place"),
        pytest.param({"spec": {}}, container_patch(order=("one",)), {"spec": {}}, id="order-of-nothing"),
        pytest.param({"spec": {}}, container_patch("one", order=("one",)), containers("one"), id="order-of-a-new-list"),
        pytest.param(
            {"spec": {"containers": [{"name": "c", "ports": [{"containerPort": 80, "name": "a"}], "args": ["x"]}]}},
            {"spec": {"containers": [{"name": "c", "ports": [{"containerPort": 80, "name": "b"}], "args": ["y"]}]}},
            {"spec": {"containers": [{"name": "c", "ports": [{"containerPort": 80, "name": "b"}], "args": ["y"]}]}},
            id="nested-lists",
        ),
        pytest.param(
            {"spec": {"containers": [{"name": "c", "ports": [{"containerPort": 1}]}]}},
            {"spec": {"containers": [{"name": "c", "ports": [{"containerPort": True}]}]}},
            {"spec": {"containers": [{"name": "c", "ports": [{"containerPort": True}, {"containerPort": 1}]}]}},
            id="true-is-not-one",
        ),
    ],
)  # fmt: skip
def test_lists_of_maps(original: Any, patch: Any, expected: Any) -> None:
    before = copy.deepcopy((original, patch))
    assert apply_strategic_patch(original, patch, TYPE) == expected
    assert (original, patch) == before


@pytest.mark.parametrize(
    ("original", "patch", "expected"),
    [
        pytest.param("ab", {"finalizers": ["c"]}, "cab", id="added"),
        pytest.param("ab", {"finalizers": ["b"]}, "ab", id="there-already"),
        pytest.param("cab", {"$deleteFromPrimitiveList/finalizers": ["a", "x"]}, "cb", id="deleted"),
        pytest.param(
            "cb",
            {
                "$deleteFromPrimitiveList/finalizers": ["b"],
                "$setElementOrder/finalizers": ["d", "c"],
                "finalizers": ["d"],
            },
            "dc",
            id="deleted-added-and-ordered",
        ),
        pytest.param("abc", {"$setElementOrder/finalizers": ["c", "a"]}, "bca", id="ordered"),
        pytest.param("abc", {"$patch": "delete"}, None, id="owner-deleted"),
    ],
)
def test_lists_of_scalars(original: str, patch: Any, expected: str | None) -> None:
    patched = apply_strategic_patch(finalizers(*original), {"metadata": patch}, TYPE)
    assert patched == ({"metadata": {}} if expected is None else finalizers(*expected))


def test_deleting_from_a_missing_list_is_nothing() -> None:
    assert apply_strategic_patch({"metadata": {}}, {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}}, TYPE) \
        == {"metadata": {}}  # fmt: skip


@pytest.mark.parametrize(
    ("original", "patch", "code", "message"),
    [
        pytest.param(containers("one"), container_patch({"image": "x"}), 500,
                     "map: map[image:x] does not contain declared merge key: name", id="no-merge-key"),
        pytest.param(containers("one"), container_patch({"image": "x", "$patch": "delete"}), 500,
                     "map: map[$patch:delete image:x] does not contain declared merge key: name",
                     id="delete-without-merge-key"),
        pytest.param(containers("one"), container_patch({"name": "one", "$patch": "invent"}), 500,
                     "unknown patch type: invent in map: map[$patch:invent name:one]", id="unknown-list-directive"),
        pytest.param(containers("one"), container_patch({"name": "one", "$patch": "merge"}), 500,
                     "merging lists cannot yet be specified in the patch", id="merge-directive"),
        pytest.param({"metadata": {"labels": {}}}, {"metadata": {"labels": {"$patch": 5}}}, 500,
                     "unknown patch type: %!s(int64=5) in map: map[$patch:5]", id="directive-is-no-string"),
        pytest.param(finalizers("c"), {"metadata": {"$setElementOrder/finalizers": ["c"], "finalizers": ["e"]}}, 500,
                     "The order in patch list:\n[e]\n doesn't match $setElementOrder list:\n[c]\n", id="not-in-order"),
        pytest.param(finalizers("c"), {"metadata": {"$setElementOrder/finalizers": "c"}}, 500,
                     "expected a []interface {}, but received a string", id="order-is-no-list"),
        pytest.param(containers("a"), {"spec": {"$setElementOrder/containers": []}}, 500,
                     None, id="empty-order-is-fine"),
        pytest.param(finalizers("c"), {"metadata": {"$setElementOrder": []}}, 400,
                     "invalid patch format of setElementOrder list", id="order-of-what"),
        pytest.param(finalizers("c"), {"metadata": {"$deleteFromPrimitiveList": ["c"]}}, 400,
                     "invalid patch format of primitive list", id="delete-from-what"),
        pytest.param({"strategy": {}}, {"strategy": {"$retainKeys": ["rollingUpdate"], "type": "b"}}, 400,
                     "invalid patch format of retainKeys", id="retain-keys-lacks-key"),
        pytest.param({"strategy": {}}, {"strategy": {"$retainKeys": "type"}}, 400,
                     "invalid patch format of retainKeys", id="retain-keys-is-no-list"),
        pytest.param(finalizers("c"), {"metadata": {"finalizers": ["a", 1]}}, 500,
                     "list element types are not identical: [[c] [a 1]]", id="mixed-list"),
        pytest.param({"spec": {"matrix": [["a"]]}}, {"spec": {"matrix": [["b"]]}}, 500,
                     "unexpected slice of slice", id="list-of-lists"),
        pytest.param(finalizers("c"), {"metadata": {"finalizers": [["a"]]}}, 500,
                     "list element types are not identical: [[c] [[a]]]", id="list-among-scalars"),
        pytest.param({"metadata": {"finalizers": [["c"]]}}, finalizers("a"), 422,
                     "the server rejected our request due to an error in our request", id="scalar-among-lists"),
        pytest.param(finalizers("c"), {"metadata": {"$setElementOrder/nope": []}}, 500,
                     'unable to find api field in struct ObjectMeta for the json field "nope"', id="unknown-field"),
        pytest.param({"metadata": {"nested": {"a": {"b": "1"}}}}, {"metadata": {"nested": {"a": {"b": "2"}}}}, 500,
                     "merging an object in json but data type is not struct, instead is: map", id="map-of-maps"),
        pytest.param({"data": {"a": {"b": 1}}}, {"data": {"a": {"b": 2}}}, 500,
                     'unable to find api field in struct RawExtension for the json field "a"', id="raw-of-maps"),
        pytest.param({"data": [1]}, {"data": [2]}, 500, "expected slice or array type, but got: struct", id="raw-list"),
    ],
)  # fmt: skip
def test_refused(original: Any, patch: Any, code: int, message: str | None) -> None:
    if message is None:
        assert apply_strategic_patch(original, patch, TYPE) == original
        return
    with pytest.raises(StatusError) as raised:
        apply_strategic_patch(original, patch, TYPE)
    assert (raised.value.code, str(raised.value)) == (code, message)
    assert raised.value.reason == {400: "BadRequest", 422: "Invalid", 500: ""}[code]


def test_what_is_left_of_a_consumed_patch() -> None:
    patch = {
        "strategy": {"$retainKeys": ["type"], "type": "b"},
        "metadata": {"$setElementOrder/finalizers": ["a"], "finalizers": ["a"], "labels": {"$patch": "replace"}},
    }
    consume_strategic_patch({"strategy": {"type": "a"}, "metadata": {"finalizers": ["a"], "labels": {}}}, patch, TYPE)
    assert patch == {"strategy": {"type": "b"}, "metadata": {"labels": {}}}


def test_unchanged_parts_are_shared() -> None:
    document = {**containers("one", "two"), "strategy": {"rollingUpdate": {}}, "metadata": {"labels": {}}}
    patched = apply_strategic_patch(document, container_patch({"name": "two", "image": "new"}), TYPE)
    assert patched["strategy"] is document["strategy"]
    assert patched["metadata"] is document["metadata"]
    assert patched["spec"]["containers"][0] is document["spec"]["containers"][0]


keys = st.sampled_from(["labels", "finalizers", "x"])
trees = st.recursive(
    st.none() | st.integers(0, 3) | st.text("xy", max_size=1),
    lambda inner: st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(keys, trees, max_size=4)


@given(documents, documents)
def test_without_lists_and_types_it_is_merge_patch(document: Any, patch: Any) -> None:
    assert apply_strategic_patch(document, patch, None) == apply_merge_patch(document, patch)


names = st.lists(st.sampled_from("abcdef"), unique=True, max_size=5)


@given(names, names)
def test_merging_unites(original: list[str], added: list[str]) -> None:
    patch = container_patch(*added) if added else {}
    patched = apply_strategic_patch(containers(*original), patch, TYPE)
    merged = [container["name"] for container in patched["spec"]["containers"]]
    assert sorted(merged) == sorted({*original, *added})
    assert [name for name in merged if name in added] == added
    assert [name for name in merged if name not in added] == [name for name in original if name not in added]
    assert apply_strategic_patch(patched, patch, TYPE) == patched


@given(names, names.filter(bool))
def test_an_order_is_kept(original: list[str], wanted: list[str]) -> None:
    """As kubectl apply makes of it: everything wanted, in order, what the server alone has in between."""
    patch = container_patch(*wanted, order=tuple(wanted))
    patched = apply_strategic_patch(containers(*original), patch, TYPE)
    merged = [container["name"] for container in patched["spec"]["containers"]]
    assert [name for name in merged if name in wanted] == wanted
    assert sorted(merged) == sorted({*original, *wanted})
