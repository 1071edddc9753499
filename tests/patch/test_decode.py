"""Patches as bytes: Go's syntax errors, and what field validation hears of."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.api.patch.decode import decode_json_patch, decode_merge_patch, decode_strategic_patch
from minikube_py.api.patch.syntax import load, load_strict, syntax_error
from minikube_py.machinery.errors import StatusError


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "unexpected end of JSON input", id="empty"),
        pytest.param('{"a":', "unexpected end of JSON input", id="cut-off"),
        pytest.param('"a', "unexpected end of JSON input", id="cut-off-string"),
        pytest.param("tru", "unexpected end of JSON input", id="cut-off-literal"),
        pytest.param("-", "unexpected end of JSON input", id="cut-off-number"),
        pytest.param("{data: 1}", "invalid character 'd' looking for beginning of object key string", id="bare-key"),
        pytest.param("{'a'}", r"invalid character '\'' looking for beginning of object key string", id="single-quote"),
        pytest.param('{"a":1,}', "invalid character '}' looking for beginning of object key string", id="comma-brace"),
        pytest.param("[1,]", "invalid character ']' looking for beginning of value", id="comma-bracket"),
        pytest.param('{"a":é}', "invalid character 'Ã' looking for beginning of value", id="a-byte-of-utf-8"),
        pytest.param('{"a" 1}', "invalid character '1' after object key", id="no-colon"),
        pytest.param('{"a":1 "b"}', "invalid character '\"' after object key:value pair", id="no-comma"),
        pytest.param("[1 2]", "invalid character '2' after array element", id="no-comma-in-list"),
        pytest.param("01", "invalid character '1' after top-level value", id="leading-zero"),
        pytest.param("1.x", "invalid character 'x' after decimal point in numeric literal", id="no-fraction"),
        pytest.param("1e+x", "invalid character 'x' in exponent of numeric literal", id="no-exponent"),
        pytest.param("-x", "invalid character 'x' in numeric literal", id="minus"),
        pytest.param('"\\x"', "invalid character 'x' in string escape code", id="escape"),
        pytest.param('"\\u12g"', r"invalid character 'g' in \u hexadecimal character escape", id="hexadecimal"),
        pytest.param('"a\nb"', r"invalid character '\n' in string literal", id="control-character"),
        pytest.param("nulx", "invalid character 'x' in literal null (expecting 'l')", id="literal"),
        pytest.param("[NaN]", "invalid character 'N' looking for beginning of value", id="not-a-number"),
    ],
)
def test_syntax_errors(text: str, message: str) -> None:
    assert syntax_error(text) == message
    with pytest.raises(ValueError) as raised:
        load(text.encode())
    assert str(raised.value) == message


texts = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
).map(json.dumps)


@given(texts)
def test_json_has_no_syntax_error(text: str) -> None:
    assert syntax_error(text) == ""
    assert load_strict(text.encode())[1] == []


@given(texts, st.integers(0, 60), st.sampled_from(["", ",", "]", "}", '"', "0", "e", "\\", "x"]))
def test_an_error_is_found_where_json_is_broken(text: str, at: int, put: str) -> None:
    broken = text[:at] + put + text[at + 1 :]
    try:
        json.loads(broken, parse_constant=lambda constant: 1 / 0)
    except (ValueError, ZeroDivisionError):
        assert syntax_error(broken) != ""
    else:
        assert syntax_error(broken) == ""


def test_what_is_no_unicode_is_replaced() -> None:
    assert load(b'["\xff", "\\ud800", "\\ud83d\\ude00"]') == ["\ufffd", "\ufffd", "\U0001f600"]


def test_duplicates_are_reported_in_reading_order() -> None:
    tree, problems = load_strict(b'{"a":{"x":1},"b":[{"c":1,"c":{"d":1,"d":2}}],"a":3}')
    assert tree == {"a": 3, "b": [{"c": {"d": 2}}]}
    assert problems == ['duplicate field "b[0].c"', 'duplicate field "b[0].c.d"', 'duplicate field "a"']


def test_json_patch_problems() -> None:
    body = b'[{"op":"add","path":"/a","value":{"x":1,"x":2},"note":""}]'
    assert decode_json_patch(body).problems == [
        'json patch duplicate field "[0].value.x"',
        'json patch unknown field "[0].note"',
    ]
    assert decode_json_patch(body, strict=False).problems == []


@pytest.mark.parametrize(
    ("decode", "body", "message"),
    [
        pytest.param(
            decode_json_patch, b"{}", "json: cannot unmarshal object into Go value of type jsonpatch.Patch", id="json"
        ),
        pytest.param(
            decode_json_patch, b"[1]", "json: cannot unmarshal number into Go value of type jsonpatch.Operation",
            id="json-item",
        ),
        pytest.param(decode_merge_patch, b"{", "Invalid JSON Patch", id="merge"),
        pytest.param(decode_strategic_patch, b"{", "unexpected end of JSON input", id="strategic"),
        pytest.param(
            decode_strategic_patch, b"[]",
            "json: cannot unmarshal array into Go value of type map[string]interface {}", id="strategic-list",
        ),
    ],
)  # fmt: skip
def test_without_field_validation(decode: Any, body: bytes, message: str) -> None:
    with pytest.raises(StatusError) as raised:
        decode(body, strict=False)
    assert (raised.value.code, str(raised.value)) == (400, message)
