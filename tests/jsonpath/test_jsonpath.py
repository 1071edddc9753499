"""JSONPath templates and columns, after client-go's semantics."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.api.jsonpath import JSONPathError, compile_column, compile_template

NODES = {
    "kind": "List",
    "items": [
        {
            "kind": "None",
            "metadata": {"name": "a", "labels": {"kubernetes.io/hostname": "a", "pool": "x"}},
            "status": {
                "capacity": {"cpu": "4"},
                "ready": True,
                "addresses": [{"type": "Legacy", "address": "10.0.0.1"}, {"type": "Internal", "address": "10.0.0.2"}],
                "conditions": [{"type": "Ready", "status": "True", "count": 3}, {"type": "Disk", "status": "False"}],
            },
        },
        {"kind": "None", "metadata": {"name": "b"}, "status": {"capacity": {"cpu": "8"}, "load": 1.5, "gone": None}},
    ],
}
NUMBERS = [2, 6, 3, 7]


@pytest.mark.parametrize(
    ("template", "data", "expected"),
    [
        pytest.param("plain", NODES, "plain", id="plain"),
        pytest.param("hello {.kind}!", NODES, "hello List!", id="text-around"),
        pytest.param("{ .kind }{'\\n'}", NODES, "List\n", id="quoted-escape"),
        pytest.param('{"{"}', None, "{", id="quoted-brace"),
        pytest.param('{"\\x41\\u00e9\\101"}', None, "AéA", id="quoted-codes"),
        pytest.param("{$.kind}", NODES, "List", id="root"),
        pytest.param("{.items[0].metadata.name}", NODES, "a", id="index"),
        pytest.param("{.items[-1].metadata.name}", NODES, "b", id="index-from-the-end"),
        pytest.param("{.items[*].metadata.name}", NODES, "a b", id="all"),
        pytest.param("{.items[0].status.capacity.*}", NODES, "4", id="any-field"),
        pytest.param(r"{.items[0].metadata.labels.kubernetes\.io/hostname}", NODES, "a", id="escaped-dot"),
        pytest.param("{.items[0]['kind']}", NODES, "None", id="bracket-key"),
        pytest.param(r"{.items[0].metadata.labels['kubernetes\.io/hostname']}", NODES, "a", id="bracket-escape"),
        pytest.param("{.items[*]['metadata.name', 'status.capacity']}", NODES, 'a b {"cpu":"4"} {"cpu":"8"}', id="u"),
        pytest.param("{[1,3]}", NUMBERS, "6 7", id="union-of-indices"),
        pytest.param("{[0:2]}", NUMBERS, "2 6", id="slice"),
        pytest.param("{[:2]}", NUMBERS, "2 6", id="slice-from-the-start"),
        pytest.param("{[-2:]}", NUMBERS, "3 7", id="slice-to-the-end"),
        pytest.param("{[::2]}", NUMBERS, "2 3", id="slice-by-steps"),
        pytest.param("{[1::2]}", NUMBERS, "6 7", id="slice-by-steps-from"),
        pytest.param("{[2:2]}", NUMBERS, "", id="empty-slice"),
        pytest.param("{[*]}", [], "", id="all-of-nothing"),
        pytest.param("{[?(@<5)]}", NUMBERS, "2 3", id="less"),
        pytest.param("{[?(@>=6)]}", NUMBERS, "6 7", id="greater-or-equal"),
        pytest.param("{[?(@!=6)]}", NUMBERS, "2 3 7", id="not-equal"),
        pytest.param('{.items[0].status.conditions[?(@.type=="Ready")].status}', NODES, "True", id="equal"),
        pytest.param("{.items[0].status.conditions[?(@.type=='Ready')].count}", NODES, "3", id="equal-single-quotes"),
        pytest.param("{.items[0].status.conditions[?(@.count)].type}", NODES, "Ready", id="exists"),
        pytest.param("{.items[?(@..ready==true)].metadata.name}", NODES, "a", id="equal-at-any-depth"),
        pytest.param("{..cpu}", NODES, "4 8", id="at-any-depth"),
        pytest.param("{...cpu}", NODES, "4 8", id="at-any-depth-dotted"),
        pytest.param("{range .items[*]}{.metadata.name}, {end}{.kind}", NODES, "a, b, List", id="range"),
        pytest.param("{range .items[*]}{range .status.addresses[*]}{.address};{end}/{end}", NODES,
                     "10.0.0.1;10.0.0.2;//", id="range-in-range"),
        pytest.param("{range .none[*]}{.x}-{end}.", NODES, ".", id="empty-range"),
        pytest.param("{range .items[*]}{.kind} ", NODES, "None None ", id="range-without-end"),
        pytest.param("{.items[1].status.load} {.items[1].status.gone} {.items[0].status.ready}", NODES, "1.5 null true",
                     id="scalars"),
        pytest.param("{.items[1].status}", NODES, '{"capacity":{"cpu":"8"},"gone":null,"load":1.5}', id="json"),
        pytest.param("{.nope.deeper}", NODES, "", id="missing"),
        pytest.param("{.kind.deeper}", NODES, "", id="field-of-a-string"),
    ],
)  # fmt: skip
def test_templates(template: str, data: Any, expected: str) -> None:
    assert compile_template(template, allow_missing_keys=True).text(data) == expected


@pytest.mark.parametrize(
    ("template", "data", "message"),
    [
        pytest.param("{.hello}", NODES, "hello is not found", id="missing"),
        pytest.param("{hello}", NODES, "unrecognized identifier hello", id="identifier"),
        pytest.param("{.kind[0]}", NODES, "string is not array or slice", id="index-of-a-string"),
        pytest.param("{[5]}", NUMBERS, "array index out of bounds: index 5, length 4", id="index"),
        pytest.param("{[-5]}", NUMBERS, "array index out of bounds: index -1, length 4", id="negative-index"),
        pytest.param("{[0:9]}", NUMBERS, "array index out of bounds: index 8, length 4", id="end"),
        pytest.param("{[3:1]}", NUMBERS, "starting index 3 is greater than ending index 1", id="backwards"),
        pytest.param("{[::-1]}", NUMBERS, "step must be > 0", id="step"),
        pytest.param("{[?(@<>5)]}", NUMBERS, "unrecognized filter operator <>", id="operator"),
        pytest.param('{[?(@=="x")]}', NUMBERS, "incompatible types for comparison", id="types"),
        pytest.param("{[?(@>1.5)]}", NUMBERS, "incompatible types for comparison", id="int-and-float"),
        pytest.param("{[?(@.*==1)]}", [{"a": 1, "b": 2}], "can only compare one element at a time", id="many"),
        pytest.param("{.kind[?(@.x)]}", NODES, "List is not array or slice and cannot be filtered", id="filter-string"),
        pytest.param("{range .items[*]}{end}{end}", NODES, "not in range, nothing to end", id="redundant-end"),
        pytest.param("{.a", NODES, "unclosed action", id="unclosed"),
        pytest.param("{.a[0}", NODES, "unterminated array", id="unclosed-array"),
        pytest.param("{.a[x]}", NODES, "invalid array index x", id="bad-index"),
        pytest.param("{.a[?(@.b}", NODES, "unterminated filter", id="unclosed-filter"),
        pytest.param("{.a[?(@.b)}", NODES, "unclosed array expect ]", id="unclosed-filter-array"),
        pytest.param('{"a}', NODES, "unterminated quoted string", id="unclosed-string"),
        pytest.param("{....x}", NODES, "invalid multiple recursive descent", id="too-many-dots"),
        pytest.param("{*}", NODES, "unrecognized character in action: U+002A '*'", id="character"),
        pytest.param("{1.2.3}", NODES, "cannot parse number 1.2.3", id="number"),
    ],
)
def test_errors(template: str, data: Any, message: str) -> None:
    with pytest.raises(JSONPathError) as raised:
        compile_template(template).text(data)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(".spec.size", 3, id="field"),
        pytest.param(".spec.nope", None, id="missing"),
        pytest.param(".spec.size.more", None, id="field-of-a-number"),
        pytest.param(".spec.list[0]", "x", id="first"),
        pytest.param(".spec.list[*]", "x", id="first-of-many"),
        pytest.param(".spec.list[7]", None, id="out-of-range"),
        pytest.param('.status.conditions[?(@.type=="Ready")].status', "True", id="condition"),
        pytest.param('.status.conditions[?(@.type=="Gone")].status', None, id="no-such-condition"),
        pytest.param(r".metadata.labels.a\.b", "c", id="escaped"),
        pytest.param(".spec", {"size": 3, "list": ["x", "y"]}, id="a-map"),
    ],
)
def test_columns(path: str, expected: Any) -> None:
    data = {
        "metadata": {"labels": {"a.b": "c"}},
        "spec": {"size": 3, "list": ["x", "y"]},
        "status": {"conditions": [{"type": "Ready", "status": "True"}]},
    }
    assert compile_column(path)(data) == expected


def test_null_is_not_absent() -> None:
    column = compile_column(".a", absent="-")
    assert column({"a": None}) is None
    assert column({}) == "-"


@given(st.text(".[]*?@(){}'\"\\ab1:,<= -", max_size=15))
def test_any_text_parses_or_is_refused(text: str) -> None:
    try:
        compile_template(text, allow_missing_keys=True).text(NODES)
    except JSONPathError as error:
        assert str(error)


@given(st.lists(st.integers(), max_size=6), st.integers(0, 6), st.integers(0, 6), st.integers(1, 3))
def test_slices_are_slices(numbers: list[int], first: int, end: int, step: int) -> None:
    path = compile_template(f"{{[{first}:{end}:{step}]}}")
    if first == end:
        assert path.find(numbers) == [[]]
    elif first < end <= len(numbers):
        assert path.find(numbers) == [numbers[first:end:step]]
    else:
        with pytest.raises(JSONPathError):
            path.find(numbers)
