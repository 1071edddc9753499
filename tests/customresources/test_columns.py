"""Printer columns: what a cell shows of a value, by the column's type."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.api.customresources.columns import table
from minikube_py.api.resource import Since


def cell(type: str, path: str, obj: Any) -> Any:
    _, cells = table([{"name": "X", "type": type, "jsonPath": path}])
    return cells({"metadata": {"name": "a"}, **obj})[1]


@pytest.mark.parametrize(
    ("type", "path", "spec", "shown"),
    [
        pytest.param("string", ".spec.v", "x", "x", id="string"),
        pytest.param("string", ".spec.v", 5, "5", id="number-as-string"),
        pytest.param("string", ".spec.v", ["a", {"c": 1, "b": 2}], '["a",{"b":2,"c":1}]', id="list-as-string"),
        pytest.param("string", ".spec.nope", 5, None, id="absent"),
        pytest.param("string", ".spec.v[*].n", [{"n": "p"}, {"n": "q"}], "p", id="the-first-of-several"),
        pytest.param("string", '.spec.v[?(@.t=="y")].s', [{"t": "x", "s": 1}, {"t": "y", "s": 2}], "2", id="filter"),
        pytest.param("integer", ".spec.v", 5, 5, id="integer"),
        pytest.param("integer", ".spec.v", 5.7, 5, id="fraction-as-integer"),
        pytest.param("integer", ".spec.v", "5", None, id="string-as-integer"),
        pytest.param("integer", ".spec.v", True, None, id="boolean-as-integer"),
        pytest.param("number", ".spec.v", 0.5, 0.5, id="number"),
        pytest.param("boolean", ".spec.v", False, False, id="boolean"),
        pytest.param("boolean", ".spec.v", 0, None, id="number-as-boolean"),
        pytest.param("date", ".spec.v", "2024-01-02T03:04:05Z", Since("2024-01-02T03:04:05Z"), id="date"),
        pytest.param("date", ".spec.v", "yesterday", "<invalid>", id="no-date"),
        pytest.param("date", ".spec.v", 5, None, id="number-as-date"),
    ],
)
def test_cells(type: str, path: str, spec: Any, shown: Any) -> None:
    assert cell(type, path, {"spec": {"v": spec}}) == shown


def test_without_columns_there_is_the_age() -> None:
    columns, cells = table(())
    assert [column.name for column in columns] == ["Name", "Age"]
    assert cells({"metadata": {"name": "a", "creationTimestamp": "2024-01-02T03:04:05Z"}}) == [
        "a",
        Since("2024-01-02T03:04:05Z"),
    ]


def test_a_path_that_does_not_parse_leaves_the_name_alone() -> None:
    columns, cells = table([{"name": "X", "type": "string", "jsonPath": ".spec[*"}])
    assert [column.name for column in columns] == ["Name"]
    assert cells({"metadata": {"name": "a"}}) == ["a"]


def test_descriptions() -> None:
    columns, _ = table(
        [
            {"name": "X", "type": "string", "jsonPath": ".spec.x"},
            {"name": "Y", "type": "string", "jsonPath": ".spec.y", "description": "the y", "priority": 1},
        ]
    )
    assert columns[1].description == "Custom resource definition column (in JSONPath format): .spec.x"
    assert (columns[2].description, columns[2].priority) == ("the y", 1)
