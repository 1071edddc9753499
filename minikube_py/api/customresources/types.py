"""A structural schema as a Type: what server-side apply and the registry need to know of a custom kind.

Custom objects are read by decoding.Decoder; the Type below the root tells list and map types alone.
Upstream: kube-openapi's schemaconv on the definition that apiextensions-apiserver builds for apply.
"""

from __future__ import annotations

from minikube_py.api.customresources.decoding import Decoder
from minikube_py.api.customresources.structural import META, Structural
from minikube_py.api.schema.types import Field, Type

_SCALARS = {"string": "string", "boolean": "bool", "integer": "int64", "number": "float64"}


def root_type(schema: Structural, metadata: Type, decoder: Decoder) -> Type:
    """The type of the objects of a version."""
    root = _object(schema, metadata, embedded=True)
    root.read = decoder.decode
    return root


def _type(schema: Structural, metadata: Type) -> Type:
    if schema.int_or_string:
        return Type("intorstring", go="intstr.IntOrString")
    if schema.type == "object":
        if schema.additional is not None and not schema.properties:
            elem = _type(schema.additional, metadata)
            return Type("map", go="map[string]interface {}", elem=elem, elem_pointer=True, map_type=_map_type(schema))
        return _object(schema, metadata, schema.embedded)
    if schema.type == "array":
        elem = _type(schema.items, metadata) if schema.items is not None else Type("raw")
        return Type(
            "list",
            go="[]interface {}",
            elem=elem,
            elem_pointer=True,
            list_type=schema.list_type or "atomic",
            map_keys=schema.list_map_keys,
        )
    return Type(_SCALARS.get(schema.type, "raw"), nullable=schema.nullable)


def _object(schema: Structural, metadata: Type, embedded: bool) -> Type:
    def load() -> dict[str, Field]:
        fields = {
            name: Field(name, _type(each, metadata), pointer=True, default=each.default)
            for name, each in schema.properties.items()
            if not (embedded and name in META)
        }
        if embedded:
            fields |= {name: Field(name, Type("string")) for name in ("apiVersion", "kind")}
            fields["metadata"] = Field("metadata", metadata)
        return fields

    return Type(
        "struct",
        go="map[string]interface {}",
        load=load,
        map_type=_map_type(schema),
        preserve_unknown=schema.preserve or schema.open,
        nullable=schema.nullable,
    )


def _map_type(schema: Structural) -> str:
    return schema.map_type or "granular"
