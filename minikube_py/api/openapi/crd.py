"""Custom kinds' definitions: a CRD's openAPIV3Schema as it is published.

Upstream: apiextensions-apiserver/pkg/controller/openapi (builder/builder.go, v2/conversion.go), apiserver/schema.
"""

from __future__ import annotations

from typing import Any

from minikube_py.api.openapi.definitions import GVKS, META, V2, V3, Definitions, Tree
from minikube_py.api.openapi.operations import model_name
from minikube_py.api.resource import Resource

_VALUES = (
    "type",
    "description",
    "title",
    "default",
    "externalDocs",
    "example",
    "format",
    "maximum",
    "minimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "multipleOf",
    "enum",
    "maxProperties",
    "minProperties",
    "required",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
    "x-kubernetes-validations",
)
_FLAGS = (
    "nullable",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "uniqueItems",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-int-or-string",
)
_JUNCTORS = ("allOf", "anyOf", "oneOf")
_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_INT_OR_STRING = [{"type": "integer"}, {"type": "string"}]
_CONVENTIONS = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md"
_EMBEDDED = {
    "apiVersion": (
        "apiVersion defines the versioned schema of this representation of an object. "
        f"More info: {_CONVENTIONS}#resources"
    ),
    "kind": (
        "kind is a string value representing the type of this object. In CamelCase. "
        f"More info: {_CONVENTIONS}#types-kinds"
    ),
}
_METADATA = f"Standard object's metadata. More info: {_CONVENTIONS}#metadata"
_LIST_METADATA = f"Standard list metadata. More info: {_CONVENTIONS}#types-kinds"


def definitions(resource: Resource, built_in: Definitions, *, v2: bool = False) -> dict[str, Tree]:
    """A custom kind's definition and its list's, by name."""
    shown = {GVKS: [resource.gvk._asdict()]}
    if resource.custom and resource.fields:
        shown["x-kubernetes-selectable-fields"] = [{"fieldPath": path} for path in resource.fields]
    list_kind = resource.gvk._replace(kind=resource.list_kind)
    return {
        model_name(resource.gvk): _kind(resource.openapi, built_in, v2) | shown,
        model_name(list_kind): _list(resource, built_in, v2) | shown | {GVKS: [list_kind._asdict()]},
    }


def _kind(schema: Tree | None, built_in: Definitions, v2: bool) -> Tree:
    # Of a kind whose fields are not all known nothing is said: clients would refuse what they do not know.
    if schema is None or (v2 and schema.get(_PRESERVE)):
        return {"type": "object"}
    found = _embedded(_published(schema, v2), v2)
    found["properties"] = found.get("properties", {}) | _type_meta(built_in)
    found["properties"]["metadata"] = _reference(f"{META}.ObjectMeta", _METADATA, v2)
    return found


def _list(resource: Resource, built_in: Definitions, v2: bool) -> Tree:
    items = {
        "description": f"List of {resource.plural}. More info: {_CONVENTIONS}",
        "items": {"$ref": (V2 if v2 else V3) + model_name(resource.gvk)},
        "type": "array",
    }
    metadata = _reference(f"{META}.ListMeta", _LIST_METADATA, v2)
    return {
        "description": f"{resource.list_kind} is a list of {resource.kind}",
        "properties": {**_type_meta(built_in), "items": items, "metadata": metadata},
        "required": ["items"],
        "type": "object",
    }


def _type_meta(built_in: Definitions) -> Tree:
    """apiVersion and kind, described as in every built-in kind."""
    properties = (built_in.v2(f"{META}.Status") or {}).get("properties", {})
    return {name: properties.get(name, {"type": "string"}) for name in ("apiVersion", "kind")}


def _reference(name: str, description: str, v2: bool) -> Tree:
    if v2:
        return {"$ref": V2 + name, "description": description}
    return {"allOf": [{"$ref": V3 + name}], "description": description}


def _published(schema: Tree, v2: bool) -> Tree:
    """A structural schema with what is published of it alone, int-or-string spelled out."""
    found = {key: schema[key] for key in _VALUES if schema.get(key) not in (None, "", [])}
    found |= {key: True for key in _FLAGS if schema.get(key)}
    if "properties" in schema:
        found["properties"] = {name: _published(each, v2) for name, each in schema["properties"].items()}
    if isinstance(schema.get("items"), dict):
        found["items"] = _published(schema["items"], v2)
    additional = schema.get("additionalProperties")
    if additional is not None:
        found["additionalProperties"] = _published(additional, v2) if isinstance(additional, dict) else additional
    if v2:
        _reduce(schema, found)
        return found
    for key in _JUNCTORS:
        if schema.get(key):
            found[key] = [_published(each, v2) for each in schema[key]]
    if schema.get("not"):
        found["not"] = _published(schema["not"], v2)
    if found.get("x-kubernetes-int-or-string"):
        _unfold(found)
    return found


def _unfold(found: Tree) -> None:
    """Say that an int-or-string is an integer or a string, unless it is said (apiserver/schema/unfold.go)."""
    if found.get("anyOf") == _INT_OR_STRING or any(
        each.get("anyOf") == _INT_OR_STRING for each in found.get("allOf", [])
    ):
        return
    if "anyOf" not in found:
        found["anyOf"] = list(_INT_OR_STRING)
    else:
        found["allOf"] = [{"anyOf": list(_INT_OR_STRING)}, *found.get("allOf", [])]


def _reduce(schema: Tree, found: Tree) -> None:
    """Leave out what OpenAPI v2 cannot say (v2/conversion.go)."""
    if found.pop("nullable", False):
        for key in ("type", "items", "properties"):
            found.pop(key, None)
    if found.get(_PRESERVE):
        for key in ("items", "properties"):
            found.pop(key, None)
        if found.get("type") == "object":
            del found["type"]
    if found.get("type") == "array" and "items" not in found:
        del found["type"]
    nullable = {name for name, each in schema.get("properties", {}).items() if each.get("nullable")}
    if nullable and "required" in found:
        found["required"] = [name for name in found["required"] if name not in nullable]
    additional = schema.get("additionalProperties")
    if isinstance(additional, dict) and additional.get("nullable"):
        found.pop("required", None)
    if not found.get("required", True):
        del found["required"]


def _embedded(schema: Tree, v2: bool) -> Tree:
    """The schema with the metadata of embedded resources, all the way down."""
    if "properties" in schema:
        schema["properties"] = {name: _embedded(each, v2) for name, each in schema["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            schema[key] = _embedded(schema[key], v2)
    if not schema.get("x-kubernetes-embedded-resource") or (v2 and schema.get(_PRESERVE)):
        return schema
    properties: dict[str, Any] = {name: {"description": text, "type": "string"} for name, text in _EMBEDDED.items()}
    properties["metadata"] = _reference(f"{META}.ObjectMeta", _METADATA, v2)
    required = schema.get("required", [])
    schema["required"] = [*required, *(name for name in ("kind", "apiVersion") if name not in required)]
    schema["properties"] = schema.get("properties", {}) | properties
    return schema
