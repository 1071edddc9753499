"""Printer columns of custom kinds (apiextensions-apiserver/pkg/registry/customresource/tableconvertor)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from minikube_py.api.jsonpath import compile_column, value_text
from minikube_py.api.jsonpathsteps import JSONPathError
from minikube_py.api.resource import NAME, Cells, Column, Since
from minikube_py.api.schema import gotime
from minikube_py.machinery.gvr import Object

AGE: Object = {
    "name": "Age",
    "type": "date",
    "jsonPath": ".metadata.creationTimestamp",
    "description": (
        "CreationTimestamp is a timestamp representing the server time when this object was created. It is not "
        "guaranteed to be set in happens-before order across separate operations. Clients may not set this value. "
        "It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. "
        "More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"
    ),
}
"""The column of a version that names none."""

Cell = Callable[[Any], Any]
_ABSENT = object()


def table(definitions: Sequence[Object]) -> tuple[tuple[Column, ...], Cells]:
    """The columns of additionalPrinterColumns, after the name, and what fills them. One whose path does not parse
    leaves the name alone, as upstream's does."""
    columns, readers = [NAME], []
    for definition in definitions or (AGE,):
        try:
            readers.append(_cell(definition))
        except JSONPathError:
            columns, readers = [NAME], []
            break
        columns.append(_column(definition))

    def cells(obj: Object) -> list[Any]:
        return [obj["metadata"].get("name", ""), *(read(obj) for read in readers)]

    return tuple(columns), cells


def _column(definition: Object) -> Column:
    path = definition.get("jsonPath", "")
    return Column(
        definition.get("name", ""),
        type=definition.get("type", ""),
        format=definition.get("format", ""),
        priority=definition.get("priority", 0),
        description=definition.get("description") or f"Custom resource definition column (in JSONPath format): {path}",
    )


def _cell(definition: Object) -> Cell:
    find = compile_column(definition.get("jsonPath", ""), _ABSENT)
    convert = _CONVERSIONS.get(definition.get("type", ""), _nothing)

    def read(obj: Any) -> Any:
        value = find(obj)
        return None if value is _ABSENT else convert(value)

    return read


def _nothing(value: Any) -> Any:
    return None


def _integer(value: Any) -> Any:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _number(value: Any) -> Any:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _boolean(value: Any) -> Any:
    return value if isinstance(value, bool) else None


def _date(value: Any) -> Any:
    """The age; "<unknown>" of nothing, "<invalid>" of what is no time."""
    if not isinstance(value, str):
        return None
    if not value or value == "null":
        return Since("")
    try:
        return Since(gotime.time(value) or "")
    except ValueError:
        return "<invalid>"


_CONVERSIONS: dict[str, Cell] = {
    "string": value_text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
}


def _count(name: str, description: str, path: str) -> Object:
    return {"name": name, "type": "integer", "description": description, "jsonPath": path}


SCALE_TABLE = table(
    (
        _count("Desired", "Number of desired replicas", ".spec.replicas"),
        _count("Available", "Number of actual replicas", ".status.replicas"),
        AGE,
    )
)
"""Of a custom kind's Scale."""
