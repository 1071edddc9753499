"""Zero values: what Go writes of a value nobody set."""

from __future__ import annotations

from typing import Any

from minikube_py.api.schema.types import Field, Type

_SCALARS: dict[str, Any] = {
    "string": "",
    "bool": False,
    "float64": 0,
    "duration": "0s",
    "quantity": "0",
    "intorstring": 0,
    "int": 0,
    "int32": 0,
    "int64": 0,
    "uint8": 0,
    "uint32": 0,
    "uint64": 0,
}
"""Zero values of shapes that are not null when empty."""


def zero(type: Type) -> Any:
    """The smallest encoded value: of a struct its fields without omitempty, null of lists and maps. A new tree."""
    if type.shape == "struct":
        return {field.json: zero_field(field) for field in type.fields.values() if not field.omitempty}
    return _SCALARS.get(type.shape)


def zero_field(field: Field) -> Any:
    """What stands in a field without omitempty that nobody set."""
    return None if field.pointer else zero(field.type)
