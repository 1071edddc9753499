"""What strategic merge patch asks of a type: a field's strategy, merge key and what lies beyond it
(apimachinery/pkg/util/strategicpatch/meta.go)."""

from __future__ import annotations

from typing import NamedTuple

from minikube_py.api.schema.types import Field, Type
from minikube_py.machinery.errors import unknown
from minikube_py.machinery.gotext import quote

_KINDS = {"list": "slice", "bytes": "slice", "float64": "float64"}
_STRUCTS = frozenset({"struct", "raw", "time", "microtime", "duration", "quantity", "intorstring"})


class PatchMeta(NamedTuple):
    type: Type | None
    """Of the map's value, or of the list's items; None where nothing is known."""
    strategy: str
    """"merge", "replace" or ""."""
    merge_key: str

    @property
    def kind(self) -> str:
        """Go's reflect.Kind of `type`."""
        return kind(self.type) if self.type is not None else "struct"


UNTYPED = PatchMeta(None, "", "")


def kind(type: Type) -> str:
    """The reflect.Kind of the Go type: "struct", "map", "slice", "int32"."""
    return "struct" if type.shape in _STRUCTS else _KINDS.get(type.shape, type.shape)


def map_meta(type: Type | None, key: str) -> PatchMeta:
    """Of a field that holds an object. Raises StatusError (500) where Go's type has no such field."""
    if type is None:
        return UNTYPED
    field = _field(type, key)
    return PatchMeta(field.type, _strategy(field), field.patch_merge_key)


def list_meta(type: Type | None, key: str) -> PatchMeta:
    """Of a field that holds a list. Raises StatusError (500) where Go's type has no such field or it is no
    list of maps or scalars."""
    if type is None:
        return UNTYPED
    field = _field(type, key)
    items: Type | None = field.type
    if field.type.shape == "list":
        items = field.type.elem
        if items is not None and items.shape == "list":
            raise unknown("unexpected slice of slice")
    elif not field.pointer and field.type.shape != "bytes":
        raise unknown(f"expected slice or array type, but got: {kind(type)}")
    return PatchMeta(items, _strategy(field), field.patch_merge_key)


def _strategy(field: Field) -> str:
    return next((strategy for strategy in field.patch_strategies if strategy != "retainKeys"), "")


def _field(type: Type, key: str) -> Field:
    if kind(type) != "struct":
        raise unknown(f"merging an object in json but data type is not struct, instead is: {kind(type)}")
    fields = type.fields
    field = fields.get(key)
    if field is None:
        folded = key.lower()
        field = next((field for name, field in fields.items() if name.lower() == folded), None)
    if field is None:
        struct = (type.go or type.name).rpartition(".")[2]
        raise unknown(f"unable to find api field in struct {struct} for the json field {quote(key)}")
    return field
