"""Structural schemas: an openAPIV3Schema as pruning, defaulting and metadata coercion walk it.

Upstream: apiextensions-apiserver/pkg/apiserver/schema (structural.go, convert.go).
"""

from __future__ import annotations

from typing import Any

from minikube_py.machinery.gvr import Object

META = ("apiVersion", "kind", "metadata")
"""The fields of an object that its schema need not name."""

PRESERVE = "x-kubernetes-preserve-unknown-fields"
EMBEDDED = "x-kubernetes-embedded-resource"
INT_OR_STRING = "x-kubernetes-int-or-string"
LIST_TYPE = "x-kubernetes-list-type"
LIST_MAP_KEYS = "x-kubernetes-list-map-keys"
MAP_TYPE = "x-kubernetes-map-type"
VALIDATIONS = "x-kubernetes-validations"


class Structural:
    """One node of a schema, compiled from it at once with all below."""

    __slots__ = (
        "additional",
        "default",
        "defaults_below",
        "embedded",
        "int_or_string",
        "items",
        "list_map_keys",
        "list_type",
        "map_type",
        "nullable",
        "open",
        "preserve",
        "properties",
        "rules",
        "schema",
        "type",
    )

    def __init__(self, schema: Object) -> None:
        self.schema = schema
        self.type: str = schema.get("type") or ""
        self.nullable = bool(schema.get("nullable"))
        self.default: Any = schema.get("default")
        """None where there is none."""
        items = schema.get("items")
        self.items = Structural(items) if isinstance(items, dict) else None
        self.properties = {name: Structural(each) for name, each in (schema.get("properties") or {}).items()}
        additional = schema.get("additionalProperties")
        self.additional = Structural(additional) if isinstance(additional, dict) else None
        self.open = additional is not None
        """Whether keys that are no properties are kept; where none may be, validation says so."""
        self.preserve = bool(schema.get(PRESERVE))
        self.embedded = bool(schema.get(EMBEDDED))
        self.int_or_string = bool(schema.get(INT_OR_STRING))
        self.list_type: str = schema.get(LIST_TYPE) or ""
        self.list_map_keys = tuple(schema.get(LIST_MAP_KEYS) or ())
        self.map_type: str = schema.get(MAP_TYPE) or ""
        below = [*self.properties.values(), *(each for each in (self.items, self.additional) if each is not None)]
        self.defaults_below: bool = any(each.default is not None or each.defaults_below for each in below)
        self.rules: bool = bool(schema.get(VALIDATIONS)) or any(each.rules for each in below)
        """Whether there are x-kubernetes-validations, here or below."""

    def of(self, key: str) -> Structural | None:
        """The schema of a field; None where nothing is said of it."""
        return self.properties.get(key) or self.additional


def as_resource(schema: Structural) -> Structural:
    """The schema as that of an object with kind, apiVersion and metadata."""
    if schema.embedded:
        return schema
    return Structural({**schema.schema, EMBEDDED: True})
