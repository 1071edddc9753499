"""The compiler: Go field table and OpenAPI structure to Types.

Go says in which order fields stand, what is a pointer, what is omitted when empty, and how protobuf numbers it;
OpenAPI says which fields a version has, what is required, and how lists and maps merge. Where Go's table lacks a
type (kinds that later versions removed), OpenAPI alone decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minikube_py.api.schema.facts import GoRow, OpenAPIDefinition, go_name, go_struct, openapi_name
from minikube_py.api.schema.types import Field, Type

_APIEXTENSIONS = "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/"
_META = "k8s.io/apimachinery/pkg/apis/meta/v1."

LEAVES = {
    f"{_META}Time": "time",
    f"{_META}MicroTime": "microtime",
    f"{_META}Duration": "duration",
    f"{_META}FieldsV1": "raw",
    "k8s.io/apimachinery/pkg/api/resource.Quantity": "quantity",
    "k8s.io/apimachinery/pkg/util/intstr.IntOrString": "intorstring",
    "k8s.io/apimachinery/pkg/runtime.RawExtension": "raw",
    "runtime.Object": "raw",
    "interface {}": "raw",
} | {
    f"{_APIEXTENSIONS}{version}.{name}": "raw"
    for version in ("v1", "v1beta1")
    for name in ("JSON", "JSONSchemaPropsOrArray", "JSONSchemaPropsOrBool", "JSONSchemaPropsOrStringArray")
}
"""Go structs that write their own JSON."""

_BASIC = {
    "bool": "bool",
    "int": "int",
    "int32": "int32",
    "int64": "int64",
    "uint8": "uint8",
    "uint32": "uint32",
    "uint64": "uint64",
    "float64": "float64",
    "time.Duration": "int64",
    "intstr.Type": "int64",
}

_FORMATS = {"byte": "bytes", "date-time": "time", "int-or-string": "intorstring", "int32": "int32", "double": "float64"}
_PLAIN = {"string": "string", "boolean": "bool", "integer": "int64", "number": "float64"}

OMITZERO_SINCE = 34
"""The minor version from which on metadata.creationTimestamp is left out when it is not set."""


class Compiler:
    """Compiles the definitions of one version. `raw` gives an OpenAPI definition by name."""

    def __init__(self, raw: Callable[[str], OpenAPIDefinition | None], minor: int) -> None:
        self._raw = raw
        self._minor = minor
        self._types: dict[str, Type] = {}

    def definition(self, name: str) -> Type | None:
        """The type of "io.k8s.api.core.v1.PodSpec"; None if neither table has it."""
        known = self._types.get(name)
        if known is not None:
            return known
        go = go_name(name)
        rows, raw = go_struct(go), self._raw(name)
        if rows is None and raw is None:
            return None
        compiled = self._types[name] = self._struct(name, go, rows, raw)
        return compiled

    def _struct(self, name: str, go: str, rows: tuple[GoRow, ...] | None, raw: OpenAPIDefinition | None) -> Type:
        short = go.rpartition("/")[2]
        if go in LEAVES:
            package, _, union = name.rpartition(".JSONSchemaPropsOr")
            # what unions of the apiextensions group hold besides a bool or a list
            elem = self.definition(f"{package}.JSONSchemaProps") if union else None
            return Type(LEAVES[go], go=short, name=name, elem=elem)
        if rows is None and raw is not None and "properties" not in raw and raw.get("type") != "object":
            return self._plain(raw, short)
        return Type(
            "struct",
            go=short,
            name=name,
            load=lambda: self._fields(rows or (), raw),
            map_type=(raw or {}).get("x-kubernetes-map-type", "granular"),
        )

    # -- fields --------------------------------------------------------------------------------------------------

    def _fields(self, rows: tuple[GoRow, ...], raw: OpenAPIDefinition | None) -> dict[str, Field]:
        properties: dict[str, Any] = (raw or {}).get("properties", {})
        required = frozenset((raw or {}).get("required", ()))
        fields: dict[str, Field] = {}
        for row, around in self._flat(rows, ()):
            if raw is not None and row.json not in properties:
                continue
            fields[row.json] = self._go_field(row, around, properties.get(row.json), row.json in required)
        for json, prop in properties.items():
            if json not in fields:
                fields[json] = self._openapi_field(json, prop, json in required)
        return fields

    def _flat(self, rows: tuple[GoRow, ...], around: tuple[GoRow, ...]) -> list[tuple[GoRow, tuple[GoRow, ...]]]:
        """The rows with inlined structs replaced by theirs, each with the inlined structs around it."""
        flat: list[tuple[GoRow, tuple[GoRow, ...]]] = []
        for row in rows:
            if "i" in row.flags:
                flat += self._flat(go_struct(row.type.lstrip("*")) or (), (*around, row))
            elif row.json not in ("", "-"):
                flat.append((row, around))
        return flat

    def _go_field(self, row: GoRow, around: tuple[GoRow, ...], prop: Any, required: bool) -> Field:
        pointer = row.type.startswith("*")
        type = self._go_type(row.type.removeprefix("*"), prop or {})
        value_struct = not pointer and type.shape in _STRUCTS
        omitzero = "z" in row.flags and self._minor >= OMITZERO_SINCE
        strategies, merge_key = row.patch_strategy, row.patch_merge_key
        if prop is not None:
            strategies = prop.get("x-kubernetes-patch-strategy", "")
            merge_key = prop.get("x-kubernetes-patch-merge-key", "")
        return Field(
            row.json,
            type,
            go_name=row.go,
            pointer=pointer,
            # Go's omitempty never leaves out a struct that is not a pointer; omitzero does.
            omitempty=omitzero or ("o" in row.flags and not value_struct),
            required=required,
            number=row.number,
            wire=row.wire,
            embedded=tuple(struct.number for struct in around if struct.number),
            inlined=tuple(struct.go for struct in around),
            patch_strategies=frozenset(strategies.split(",")) if strategies else frozenset(),
            patch_merge_key=merge_key,
            default=(prop or {}).get("default"),
        )

    def _openapi_field(self, json: str, prop: Any, required: bool) -> Field:
        """A field that Go's table lacks: what is required is taken as always written, other numbers as pointers."""
        type = self._openapi_type(prop)
        strategies = prop.get("x-kubernetes-patch-strategy", "")
        return Field(
            json,
            type,
            go_name=json[:1].upper() + json[1:],
            pointer=not required and type.shape not in ("string", "list", "map", "bytes"),
            omitempty=not required,
            required=required,
            patch_strategies=frozenset(strategies.split(",")) if strategies else frozenset(),
            patch_merge_key=prop.get("x-kubernetes-patch-merge-key", ""),
            default=prop.get("default"),
        )

    # -- types ---------------------------------------------------------------------------------------------------

    def _go_type(self, text: str, prop: Any) -> Type:
        """The type of a Go type expression that is no pointer; `prop` is what OpenAPI says of the same value."""
        if text == "[]uint8":
            return Type("bytes", go=text)
        if text.startswith("[]"):
            elem = text[2:]
            return self._list(self._go_type(elem.removeprefix("*"), prop.get("items", {})), elem.startswith("*"), prop)
        if text.startswith("map["):
            key, _, elem = text[4:].partition("]")
            inner = self._go_type(elem.removeprefix("*"), prop.get("additionalProperties", {}))
            return self._map(inner, elem.startswith("*"), prop, key)
        name, _, underlying = text.partition(":")  # "v1.ResourceList:map[v1.ResourceName]..."
        if underlying:
            type = self._go_type(underlying, prop)
            type.go = name
            return type
        if "/" in text:
            return self._named(openapi_name(text), prop)
        return Type(LEAVES.get(text) or _BASIC.get(text, "string"), go=text)

    def _openapi_type(self, prop: Any) -> Type:
        ref = prop.get("$ref")
        if ref:
            return self._named(ref.rpartition("/")[2], prop)
        kind = prop.get("type")
        if kind == "array":
            return self._list(self._openapi_type(prop["items"]), False, prop)
        if kind == "object" and "additionalProperties" in prop:
            return self._map(self._openapi_type(prop["additionalProperties"]), False, prop, "string")
        return self._plain(prop, "")

    def _plain(self, prop: Any, go: str) -> Type:
        """A type of OpenAPI's own, without a reference."""
        shape = _FORMATS.get(prop.get("format", "")) or _PLAIN.get(prop.get("type", ""), "raw")
        return Type(shape, go=go or {"bytes": "[]uint8"}.get(shape, shape))

    def _list(self, elem: Type, elem_pointer: bool, prop: Any) -> Type:
        list_type, keys = _list_relationship(prop)
        return Type(
            "list",
            go=f"[]{'*' * elem_pointer}{elem.go}",
            elem=elem,
            elem_pointer=elem_pointer,
            list_type=list_type,
            map_keys=keys,
        )

    def _map(self, elem: Type, elem_pointer: bool, prop: Any, key: str) -> Type:
        return Type(
            "map",
            go=f"map[{key}]{'*' * elem_pointer}{elem.go}",
            elem=elem,
            elem_pointer=elem_pointer,
            map_type=prop.get("x-kubernetes-map-type", "granular"),
        )

    def _named(self, name: str, prop: Any) -> Type:
        type = self.definition(name) or Type("raw", go=name.rpartition(".")[2], name=name)
        map_type = prop.get("x-kubernetes-map-type", type.map_type)
        if map_type == type.map_type:
            return type
        return Type(type.shape, go=type.go, name=type.name, load=lambda: type.fields, map_type=map_type)


_STRUCTS = frozenset(("struct", "time", "microtime", "duration", "quantity", "intorstring", "raw"))
"""Shapes that are structs in Go."""


def _list_relationship(prop: Any) -> tuple[str, tuple[str, ...]]:
    """How a list merges: its list type, or what its patch strategy implies (kube-openapi pkg/schemaconv/smd.go)."""
    list_type = prop.get("x-kubernetes-list-type")
    if list_type:
        return list_type, tuple(prop.get("x-kubernetes-list-map-keys", ()))
    if "merge" in prop.get("x-kubernetes-patch-strategy", "").split(","):
        key = prop.get("x-kubernetes-patch-merge-key")
        return ("map", (key,)) if key else ("set", ())
    return "atomic", ()
