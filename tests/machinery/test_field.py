from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.machinery import field
from minikube_py.machinery.field import OMITTED, FieldError, Literal, Path
from minikube_py.machinery.gotext import json_text, quote, sorted_map

SPEC = Path("spec")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param(SPEC, "spec", id="root"),
        pytest.param(Path("metadata", "name"), "metadata.name", id="root-of-two"),
        pytest.param(SPEC.child("template", "spec"), "spec.template.spec", id="children"),
        pytest.param(SPEC.child("env").index(0).child("a").key("B"), "spec.env[0].a[B]", id="subscripts"),
        pytest.param(SPEC.key("a.b/c"), "spec[a.b/c]", id="key"),
        pytest.param(Path("rules").index(1), "rules[1]", id="index-of-root"),
    ],
)  # fmt: skip
def test_path_text(path: Path, text: str) -> None:
    assert str(path) == text


def test_a_child_leaves_its_parent_as_it_was() -> None:
    containers = SPEC.child("containers")
    assert str(containers.index(3).child("image")) == "spec.containers[3].image"
    assert str(containers) == "spec.containers"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        pytest.param(field.required(SPEC), "spec: Required value", id="required"),
        pytest.param(field.required(SPEC, "give one"), "spec: Required value: give one", id="required-why"),
        pytest.param(field.invalid(SPEC, 'a"b', "no"), r'spec: Invalid value: "a\"b": no', id="string"),
        pytest.param(field.invalid(SPEC, -1, "no"), "spec: Invalid value: -1: no", id="int"),
        pytest.param(field.invalid(SPEC, True, "no"), "spec: Invalid value: true: no", id="bool"),
        pytest.param(field.invalid(SPEC, None, "no"), "spec: Invalid value: null: no", id="nil"),
        pytest.param(field.invalid(SPEC, 1e6, "no"), "spec: Invalid value: 1e+06: no", id="float"),
        pytest.param(field.invalid(SPEC, [], "no"), "spec: Invalid value: []: no", id="empty-list"),
        pytest.param(field.invalid(SPEC, {"b": "<", "a": [1.0]}, "no"),
                     'spec: Invalid value: {"b":"\\u003c","a":[1]}: no', id="struct-in-its-order"),
        pytest.param(field.invalid(SPEC, Literal("raw"), ""), "spec: Invalid value: raw", id="literal"),
        pytest.param(field.invalid(SPEC, field.as_json("a<b"), ""),
                     'spec: Invalid value: "a\\u003cb"', id="named-string"),
        pytest.param(field.invalid(SPEC, OMITTED, "failed rule"), "spec: Invalid value: failed rule", id="omitted"),
        pytest.param(field.invalid(None, "x", ""), '<nil>: Invalid value: "x"', id="no-path"),
        pytest.param(field.type_invalid(SPEC, "x", "must be integer"),
                     'spec: Invalid value: "x": must be integer', id="type-invalid"),
        pytest.param(field.not_supported(SPEC, "C", ["A", "B"]),
                     'spec: Unsupported value: "C": supported values: "A", "B"', id="not-supported"),
        pytest.param(field.not_supported(SPEC, "C", []), 'spec: Unsupported value: "C"', id="nothing-supported"),
        pytest.param(field.duplicate(SPEC, "a"), 'spec: Duplicate value: "a"', id="duplicate"),
        pytest.param(field.not_found(SPEC, "a"), 'spec: Not found: "a"', id="not-found"),
        pytest.param(field.forbidden(SPEC, "never"), "spec: Forbidden: never", id="forbidden"),
        pytest.param(field.too_long(SPEC, 63), "spec: Too long: may not be more than 63 bytes", id="too-long"),
        pytest.param(field.too_long(SPEC, 1), "spec: Too long: may not be more than 1 byte", id="too-long-one"),
        pytest.param(field.too_long(SPEC, -1), "spec: Too long: value is too long", id="too-long-somehow"),
        pytest.param(field.too_short(SPEC, 2), "spec: Too short: must be at least 2 characters", id="too-short"),
        pytest.param(field.too_many(SPEC, 3, 2), "spec: Too many: 3: must have at most 2 items", id="too-many"),
        pytest.param(field.too_many(SPEC, -1, 1), "spec: Too many: must have at most 1 item", id="too-many-uncounted"),
        pytest.param(field.too_few(SPEC, 0, 1), "spec: Too few: 0: must have at least 1 item", id="too-few"),
        pytest.param(field.internal(SPEC, "oops"), "spec: Internal error: oops", id="internal"),
    ],
)  # fmt: skip
def test_message(error: FieldError, message: str) -> None:
    assert error.message() == message


def test_cause_names_reason_message_and_field() -> None:
    cause = field.invalid(SPEC.child("replicas"), -1, "must be greater than or equal to 0").cause()
    assert cause == {
        "reason": "FieldValueInvalid",
        "message": "Invalid value: -1: must be greater than or equal to 0",
        "field": "spec.replicas",
    }


@pytest.mark.parametrize(
    ("errors", "text"),
    [
        pytest.param([], "", id="none"),
        pytest.param([field.required("a")], "a: Required value", id="one"),
        pytest.param([field.required("a"), field.required("b")], "[a: Required value, b: Required value]", id="two"),
        pytest.param([field.required("a"), field.required("a")], "a: Required value", id="said-once"),
    ],
)
def test_aggregate(errors: list[FieldError], text: str) -> None:
    assert field.aggregate(errors) == text


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        pytest.param("é日", '"é日"', id="printable"),
        pytest.param("\x00\x7f", r'"\x00\x7f"', id="control"),
        pytest.param("\u200b\U000e0001", r'"\u200b\U000e0001"', id="format-characters"),
        pytest.param("\a\b\f\n\r\t\v\\", r'"\a\b\f\n\r\t\v\\"', id="short-escapes"),
    ],
)
def test_quote(text: str, quoted: str) -> None:
    assert quote(text) == quoted


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(1e-5, "0.00001", id="small"),
        pytest.param(1.5e-7, "1.5e-7", id="smaller"),
        pytest.param(1e20, "100000000000000000000", id="large"),
        pytest.param(1e21, "1e+21", id="larger"),
        pytest.param("\u2028&", '"\\u2028\\u0026"', id="escaped-for-html"),
    ],
)
def test_json_text(value: Any, text: str) -> None:
    assert json_text(value) == text


def test_a_map_is_sorted_before_it_is_printed() -> None:
    assert json_text(sorted_map({"b": "2", "a": "1"})) == '{"a":"1","b":"2"}'
    assert sorted_map(None) is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_read_back(value: float) -> None:
    assert float(json_text(value)) == value
